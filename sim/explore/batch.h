#ifndef SIM_EXPLORE_BATCH_H
#define SIM_EXPLORE_BATCH_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/explore/explore.h"

/*
 * Many scenarios on some processors: each in a process of its own, and when there are more
 * processors than scenarios left, they help those that still run (sim/explore/crew.h). Results come
 * in the order of the scenarios.
 *
 * A stage that crashes or hangs fails its point, and the search goes on. In the run without a cut,
 * and while the device is prepared, that is the failure of point 0, and the end of its scenario.
 */
struct batch_progress {
    uint64_t points, states; /* of all scenarios so far */
    uint32_t waiting;        /* states still to be run, of those that run now */
    uint32_t depth;          /* of them, the greatest */
    uint32_t done, count;
    double seconds;
};

struct batch_options {
    uint32_t jobs;     /* 0: as many as processors */
    uint32_t hang_s;   /* of processor time; 0: SHIELD_HANG_S */
    uint32_t budget_s; /* each scenario gets a fair share of what is left; 0: no limit */
    bool has_no_memo, is_isolated, has_no_shortcuts; /* see struct explore_options */
    const struct chip_boot_file *firmware;           /* likewise */
    /* Set by a signal handler: what runs is ended. NULL: nobody does. */
    const volatile sig_atomic_t *stop;
    /* Is there a result already, so that the scenario need not be run? May be NULL. */
    bool (*known)(void *context, uint32_t index, struct explore_result *ret_result);
    /* A scenario that was run has its result; called at once. May be NULL. */
    void (*ended)(void *context, uint32_t index, const struct explore_result *result);
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

/* Returns the worst verdict. What cannot be run has EXPLORE_FAULT; EXPLORE_SHORT has what was
 * stopped, or not begun before the budget was used up. */
enum explore_verdict batch_run(const struct scenario *scenarios, uint32_t count,
                               const struct batch_options *options);

#endif
