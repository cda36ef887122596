#ifndef SIM_EXPLORE_REPLAY_H
#define SIM_EXPLORE_REPLAY_H

#include <stdio.h>

#include "sim/explore/explore.h"
#include "sim/explore/timeline.h"

#define REPLAY_UNITS_MAX 2048

struct replay_wear {
    uint32_t nvm_count, spi_count;
    uint32_t erases[REPLAY_UNITS_MAX]; /* NVM's units first */
};

struct replay_options {
    FILE *out;               /* it is told there: every boot, event and cut; NULL: silently */
    bool is_table;           /* as a table, with every operation */
    uint32_t stop_boot;      /* stop before operation stop_operation of this boot; 0: nowhere */
    uint32_t stop_operation; /* counted since the power came on */
    /* Leave the device as it is before this boot and after it, in keep/before and keep/after. */
    uint32_t keep_boot;
    const char *keep; /* a folder that is there; NULL: nothing is left */
    /* To draw it: what it did, and how often it erased each unit; NULL: nobody does. */
    struct timeline *timeline;
    struct replay_wear *wear;
    const struct chip_boot_file *firmware; /* see struct explore_options */
};

/* Where a cut was, in words that outlive a change of the code. */
struct replay_cut {
    enum device_phase phase;
    enum power_kind kind;
    bool is_spi;
    uint32_t offset;
    uint32_t nth; /* since the power came on, of those of its phase, flash and kind at its offset */
    enum power_moment moment;
};

struct replay {
    struct explore_result result; /* of one run; a failure has the point's name */
    uint32_t boot;                /* the last one: which a failure is in */
    bool is_stopped;
    uint32_t cut_count;
    struct replay_cut cuts[POINT_STEPS_MAX];
};

/* One point again, from power on to its end. A step of the point that never comes up is a failure;
 * a folder that cannot be made is EXPLORE_FAULT. */
void replay_point(const struct scenario *scenario, const struct point *point,
                  const struct replay_options *options, struct replay *ret_replay);

#endif
