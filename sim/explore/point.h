#ifndef SIM_EXPLORE_POINT_H
#define SIM_EXPLORE_POINT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/device/power.h"
#include "sim/scenario/scenario.h"

/*
 * A point: where the power went in one run. Its name replays it: "17t.3a" is a cut inside operation
 * 17 and, in the power session after that, one behind operation 3; t inside, w inside an erase that
 * looks done, a after. "0" is the run without a cut.
 */
struct point_cut {
    uint32_t operation;
    enum power_moment moment;
};

struct point {
    uint32_t count;
    struct point_cut cuts[SCENARIO_CUTS_MAX];
};

#define POINT_NAME_MAX 48

void point_name(const struct point *point, char ret_name[POINT_NAME_MAX]);

/* false: not a name of a point. */
bool point_parse(const char *name, struct point *ret_point);

#endif
