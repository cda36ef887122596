#ifndef SIM_EXPLORE_EXPLORE_H
#define SIM_EXPLORE_EXPLORE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/explore/judge.h"
#include "sim/explore/point.h"
#include "sim/scenario/scenario.h"

/*
 * Runs a scenario. Method: the device is prepared as the scenario has it, without faults. A control
 * run without a cut must pass. Then one forward run asks choose() at each operation; for every
 * other alternative the world is marked, the power goes, the device is run to its end and judged,
 * and the world is rolled back. One point in EXPLORE_CHECK_EVERY is lived through a second time and
 * must leave the same trace.
 */
#define EXPLORE_FAILURES_MAX 10
#define EXPLORE_CHECK_EVERY  20

struct explore_failure {
    char point[POINT_NAME_MAX];
    enum judge_claim claim;
    char text[JUDGE_TEXT_MAX];
};

enum explore_verdict { EXPLORE_PASSED, EXPLORE_FAILED, EXPLORE_FAULT };

struct explore_result {
    enum explore_verdict verdict;
    uint64_t points;  /* runs with a cut */
    uint64_t checked; /* of them lived through twice */
    uint64_t boots;
    uint64_t operations;
    double seconds;
    uint64_t points_failed;
    uint32_t failure_count; /* of those kept, at most EXPLORE_FAILURES_MAX */
    struct explore_failure failures[EXPLORE_FAILURES_MAX];
    char fault[JUDGE_TEXT_MAX]; /* EXPLORE_FAULT: what the simulator could not do */
};

struct explore_options {
    /* Now and then, with the points done so far; NULL: nobody looks. */
    void (*progress)(void *context, const struct scenario *scenario, uint64_t points);
    void *context;
};

void explore_run(const struct scenario *scenario, const struct explore_options *options,
                 struct explore_result *ret_result);

/*
 * One point again, told on out: every boot, event and cut; is_verbose: every operation too.
 */
void explore_replay(const struct scenario *scenario, const struct point *point, FILE *out,
                    bool is_verbose, struct explore_result *ret_result);

/* Places to put a breakpoint: the power goes, a claim has failed. */
void explore_power_cut(const struct point *point);
void explore_claim_failed(const char *claim, const char *text);

#endif
