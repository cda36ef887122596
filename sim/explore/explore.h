#ifndef SIM_EXPLORE_EXPLORE_H
#define SIM_EXPLORE_EXPLORE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/explore/judge.h"
#include "sim/explore/point.h"
#include "sim/image/firmware.h"
#include "sim/scenario/scenario.h"

struct crew_slots;
struct graph;
struct states;

/*
 * Runs a scenario. Method: the device is prepared as the scenario has it, without faults. A control
 * run without a cut must pass. Then all states that it can be in are found, breadth first: the
 * stage of each state is run once, and at each of its operations choose() is asked what may happen;
 * what comes of it is a state, known or new. So no prefix is ever run again, what two cuts have in
 * common is run once, and the first failure found has the fewest cuts. When no new state appears,
 * the search is closed: it holds for any number of cuts that the scenario asked for.
 */
#define EXPLORE_FAILURES_MAX 10
#define EXPLORE_LIKE_MAX     3

/* A step of a failing point, and the operation that it came to. */
#define EXPLORE_STEPS_MAX 8
struct explore_step {
    struct point_step step;
    uint32_t boot; /* since the scenario's start, from 1 */
    enum device_phase phase;
    bool is_spi; /* of a cut, this and the rest */
    enum power_kind kind;
    uint32_t offset, size;
};

/* A cause, and the first point that shows it. */
struct explore_failure {
    char point[POINT_NAME_MAX];
    enum judge_claim claim;
    char text[JUDGE_TEXT_MAX];
    enum device_phase phase;                     /* of its last step */
    uint64_t points;                             /* that fail so, this one included */
    char like[EXPLORE_LIKE_MAX][POINT_NAME_MAX]; /* the next ones; empty: no more */
    uint32_t step_count;                         /* of those kept: the first of the point */
    struct explore_step steps[EXPLORE_STEPS_MAX];
    uint32_t boots;      /* to the failure, from the scenario's start; 0: not known */
    bool is_of_firmware; /* its bootloader ran, not the PC's */
    char bootloader[FIRMWARE_PATH_MAX]; /* this file's; "": that of ./dev firmware */
};

enum explore_verdict {
    EXPLORE_PASSED,
    EXPLORE_SHORT, /* nothing has failed, but not all was run */
    EXPLORE_FAILED,
    EXPLORE_FAULT,
};

struct explore_result {
    enum explore_verdict verdict;
    uint64_t points;  /* steps tried: at each operation of each state, all that may happen */
    uint64_t states;  /* they lead to */
    uint64_t skipped; /* of them, whose stage goes as one that was run */
    uint64_t checked; /* whose stage was run twice */
    uint64_t twins; /* of those that a view takes for known ones, run to see that they are alike */
    uint64_t boots;
    uint64_t operations;
    uint32_t depth;  /* steps to the state that is furthest away */
    uint32_t widest; /* states at most that had to be run at a time */
    bool is_any;     /* the scenario asks for any number of cuts ... */
    bool is_closed;  /* ... and the search came to an end */
    bool is_short;   /* the time was up; points of fewer steps than depth were run */
    uint32_t left;   /* is_short: states that were found and not run */
    double seconds;
    uint64_t points_failed;
    uint32_t failure_count; /* of those kept, at most EXPLORE_FAILURES_MAX */
    struct explore_failure failures[EXPLORE_FAILURES_MAX];
    char fault[JUDGE_TEXT_MAX]; /* what the simulator could not do; else empty */
};

struct explore_progress {
    uint64_t points, states;
    uint32_t waiting; /* states still to be run, as far as they are known */
    uint32_t depth;
};

struct explore_options {
    /* Now and then; NULL: nobody looks. */
    void (*progress)(void *context, const struct explore_progress *progress);
    /* A state whose stage has been run, before it is given up; the world may be changed. In the end
     * once more, with NODE_NONE for all of them. NULL: nobody looks. */
    void (*visited)(void *context, const struct graph *graph, struct states *states, uint32_t node);
    bool keeps_cuts; /* the graph is to keep where cuts lead to */
    void *context;
    struct crew_slots *slots; /* processors that other scenarios leave free; NULL: none */
    uint32_t hang_s;          /* of processor time for one stage; 0: for ever */
    uint64_t until_ms;        /* by crew_now_ms(); the search ends then; 0: when it is done */
    bool has_no_memo;         /* real crypto each time */
    const struct chip_boot_file *firmware; /* its bootloader starts the device; NULL: the PC's */
    bool is_isolated;                      /* a process for each stage */
    bool has_no_shortcuts; /* run every stage, also those that go as one that was run */
};

void explore_run(const struct scenario *scenario, const struct explore_options *options,
                 struct explore_result *ret_result);

#endif
