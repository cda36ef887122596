#ifndef SIM_EXPLORE_BATCH_H
#define SIM_EXPLORE_BATCH_H

#include <stdint.h>
#include <stdio.h>

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
    uint64_t points, states; /* of all scenarios so far */
    uint32_t waiting;        /* states still to be run, of those that run now */
    uint32_t depth;          /* of them, the greatest */
    uint32_t done, count;
    double seconds;
};

struct batch_options {
    uint32_t jobs;   /* 0: as many as processors */
    uint32_t hang_s; /* of processor time; 0: BATCH_HANG_S */
    /* A scenario has its result; called in order. */
    void (*finished)(void *context, uint32_t index, const struct explore_result *result);
    /* Some times a second while there is nothing finished; may be NULL. */
    void (*progress)(void *context, const struct batch_progress *progress);
    /* For a report that wants more than the result; each may be NULL. In the scenario's process,
     * when all has been searched, and when it has its result: leave something in a file. What was
     * left arrives here just before the result; nothing does from a run that crashed. */
    void (*seen)(void *context, uint32_t index, const struct graph *graph, FILE *to);
    void (*ran)(void *context, uint32_t index, const struct explore_result *result, FILE *to);
    void (*left)(void *context, uint32_t index, const char *text, size_t size);
    void *context;
};

/* Returns the worst verdict; what cannot be run has EXPLORE_FAULT. */
enum explore_verdict batch_run(const struct scenario *scenarios, uint32_t count,
                               const struct batch_options *options);

#endif
