#ifndef SIM_EXPLORE_REPLAY_H
#define SIM_EXPLORE_REPLAY_H

#include <stdio.h>

#include "sim/explore/explore.h"

/* One point again, from power on to its end, told on out (NULL: silently): every boot, event and
 * cut; is_verbose: every operation too. A step of the point that never comes up is a failure. */
void replay_point(const struct scenario *scenario, const struct point *point, FILE *out,
                  bool is_verbose, struct explore_result *ret_result);

#endif
