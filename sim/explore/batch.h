#ifndef SIM_EXPLORE_BATCH_H
#define SIM_EXPLORE_BATCH_H

#include <stdint.h>

#include "sim/explore/explore.h"

/*
 * Many scenarios on some processors: each in a process of its own, so that one that crashes or
 * hangs is a result like any other. Results come in the order of the scenarios.
 *
 * A firmware hangs that uses the processor for long with no flash operation and no boot: it neither
 * idles nor writes, so no clock of the device ever ends it. That is a failure of the point it
 * happened at, and the end of its scenario.
 */
#define BATCH_HANG_S 60

struct batch_progress {
    uint64_t points; /* of all scenarios so far */
    uint32_t done, count;
    double seconds;
};

struct batch_options {
    uint32_t jobs;         /* 0: as many as processors */
    uint32_t hang_s;       /* of processor time; 0: BATCH_HANG_S */
    bool has_no_shortcuts; /* as explore_options */
    /* A scenario has its result; called in order. */
    void (*finished)(void *context, uint32_t index, const struct explore_result *result);
    /* Some times a second while there is nothing finished; may be NULL. */
    void (*progress)(void *context, const struct batch_progress *progress);
    void *context;
};

/* Returns the worst verdict; what cannot be run has EXPLORE_FAULT. */
enum explore_verdict batch_run(const struct scenario *scenarios, uint32_t count,
                               const struct batch_options *options);

#endif
