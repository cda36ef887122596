#ifndef SIM_EXPLORE_POINT_H
#define SIM_EXPLORE_POINT_H

#include <stdbool.h>
#include <stddef.h>

#include "sim/device/power.h"

/*
 * A point: what happened to the device in one run that was not ordinary. Its name replays it:
 * "17t.3a" is a cut inside operation 17 and, in the power session after that, one behind operation
 * 3; the letters are those of enum power_moment. "4097r" is a unit that reads otherwise: in boot 1
 * of its session, unit 1 (POINT_READ). "40a+" is a cut behind operation 40 in every
 * power session, the first one and all after it. "0" is the run without all this.
 */
#define POINT_STEPS_MAX 32
#define POINT_NAME_MAX  (12 * POINT_STEPS_MAX + 1)

/* In place of a moment: a weak unit reads the other way; operation is 4096 times the boot of the
 * power session, and the unit, those of the external flash from 1024 on. */
#define POINT_READ POWER_MOMENT_COUNT

struct point_step {
    uint32_t operation;
    enum power_moment moment;
};

struct point {
    uint32_t count;
    struct point_step steps[POINT_STEPS_MAX];
    bool is_again; /* the one step, a cut, in every power session */
};

/* Name of the question that a step answers, for choose(). */
uint64_t point_site(const struct point_step *step);

void point_name(const struct point *point, char ret_name[POINT_NAME_MAX]);

/* false: not a name of a point. */
bool point_parse(const char *name, struct point *ret_point);

/* Simpler ones first: fewer cuts, then fewer steps, then earlier operations, then simpler moments
 * (after, inside, and so on up to weak). <0, 0, >0. */
int point_compare(const struct point *a, const struct point *b);

#endif
