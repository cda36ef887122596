#ifndef SIM_SCENARIO_RULES_H
#define SIM_SCENARIO_RULES_H

#include "sim/scenario/complaint.h"
#include "sim/scenario/locate.h"
#include "sim/scenario/scenario.h"

/*
 * What a scenario cannot mean although each of its words is right: an image nothing brings to the
 * device, a claim that contradicts another, a mark that no cut can reach. A scenario that cannot
 * fail, or cannot pass, is an error of the file.
 *
 * Rules about a part that has a complaint already are left out, so one mistake is said once.
 */
void rules_check(const struct scenario *scenario, const struct locate *locate,
                 struct complaint_list *complaints);

#endif
