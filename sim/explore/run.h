#ifndef SIM_EXPLORE_RUN_H
#define SIM_EXPLORE_RUN_H

#include "sim/explore/chip_boot.h"
#include "sim/explore/choose.h"
#include "sim/explore/flash_keys.h"
#include "sim/explore/key_map.h"
#include "sim/explore/point.h"
#include "sim/explore/timeline.h"
#include "sim/explore/trace.h"
#include "sim/explore/world.h"

/*
 * A device that runs under the judge's eyes, with choose() deciding at each operation whether the
 * power goes, and at each first read of a weak unit what it reads as. explore.c runs it stage by
 * stage from states, replay.c from power-on to the end.
 */
/* Who looks on, beside the judge. */
struct run_watch {
    void (*boot)(void *context, uint32_t boot); /* it is about to start */
    void (*operation)(void *context, const struct power_operation *operation);
    void (*cut)(void *context, const struct power_operation *operation, enum power_moment moment);
    void *context;
};

struct run {
    struct world world;
    struct choose choose;

    /* What choose() is asking about, for its fork(): a step that is not the ordinary one. */
    struct point_step step;
    const struct power_operation *operation; /* of a cut */
    struct cells *cells;                     /* of a read */
    uint32_t unit;
    uint32_t cuts;                  /* how many there were before */
    const struct point_step *again; /* a cut in every power session, whatever choose() says */
    uint32_t sessions;              /* that ended with it */

    struct flash_keys *nvm_keys;       /* of the internal flash, or NULL */
    struct key_map installed;          /* images, plus 1, by what program flash holds */
    struct key nvm_trace;              /* what was written to program flash, and in which order */
    uint32_t fired[SCENARIO_CUTS_MAX]; /* moments of each declared cut that came up; bit set */
    struct chip_boot *chip_boot;       /* the firmware's bootloader; NULL: the one of the PC */
    struct trace *trace;               /* tell it there; NULL: silent */
    const struct run_watch *watch;     /* NULL: nobody */
    struct timeline *timeline;         /* note it there; NULL: nobody draws it */
};

/* Make the scenario's world and prepare its device: at time 0, about to be powered on. false: it
 * cannot be done, for this reason, or breaks this claim on the way; nothing to free then. */
bool run_init(struct run *run, const struct scenario *scenario, enum judge_claim *ret_claim,
              char ret_reason[JUDGE_TEXT_MAX]);

/* The same, and the firmware's bootloader is what starts the device from now on; NULL: the PC's. */
bool run_init_with(struct run *run, const struct scenario *scenario,
                   const struct chip_boot_file *firmware, enum judge_claim *ret_claim,
                   char ret_reason[JUDGE_TEXT_MAX]);
void run_free(struct run *run);

/* The cut that comes next after so many; NULL: no more. */
const struct scenario_cut *run_next_cut(const struct scenario *scenario, uint32_t cuts);

/* One stage of the device. Returns whether the run is over: come to rest, failed, or out of budget;
 * a cut does not end it. */
bool run_stage(struct run *run, enum device_end *ret_end);

/* The power comes on again after a cut. Returns whether the run is over: it was cut again and again
 * in more sessions than the scenario grants. */
bool run_next_session(struct run *run);

/* Device time and flash operations count from now on. */
void run_start_budget(struct run *run);

/* Places to put a breakpoint: a boot starts (its number, from 1), an operation of a boot does (its
 * number, since the power came on), the power goes. A claim that fails is judge_claim_failed(). */
void run_boot_starts(const struct run *run, uint32_t boot);
void run_operation_starts(const struct run *run, uint32_t boot, uint32_t number);
void run_power_cut(const struct point_step *step);

#endif
