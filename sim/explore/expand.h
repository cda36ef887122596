#ifndef SIM_EXPLORE_EXPAND_H
#define SIM_EXPLORE_EXPAND_H

#include <stdio.h>

#include "sim/explore/graph.h"
#include "sim/explore/run.h"
#include "sim/explore/states.h"

/*
 * Runs the stage of one state, in a child of the crew, and tells what can come of it: the state it
 * goes to by itself, and one for each step that may happen on the way. States that are known
 * already are not told again, only how often they are reached.
 */
enum told_kind {
    TOLD_OPERATION, /* what follows, up to the next one, is what may happen at it */
    TOLD_PAGE,      /* a page that states below refer to by its key */
    TOLD_STATE,     /* one that was not known */
    TOLD_AGAIN,     /* one that was */
    TOLD_TWIN,      /* one that was by its view, to be run all the same; key: its raw one */
    TOLD_SHORTCUT,  /* a stage that others may be like */
    TOLD_STAGE,     /* how the stage went; the last one */
};

/* In the same state the same operation leads to the same states: it is looked at once. */
struct told_operation {
    enum told_kind kind;
    struct key key;  /* of state and operation */
    uint32_t number; /* of the operation; 0: it is a read */
};

/* size bytes of content follow. */
struct told_page {
    enum told_kind kind;
    struct key key;
    uint32_t flags, size;
};

/* unit_count units follow, then a key for each of them whose page is SHELF_NONE. */
struct told_state {
    enum told_kind kind;
    struct key key, view; /* view: all zero, or the key it is known by to deeper states */
    struct key content;   /* of the view */
    struct point_step step;
    enum device_phase phase;
    struct node_place place;
    struct survivor survivor;
    uint32_t unit_count;
};

struct told_again {
    enum told_kind kind;
    struct key key;
    struct point_step step;
    enum device_phase phase;
    struct node_place place;
};

struct told_stage {
    enum told_kind kind;
    struct key next; /* all zero: none */
    bool is_reset, has_started, is_checked;
    struct key nvm_trace;
    bool is_short; /* more might have happened than is kept count of */
    uint32_t ms, operations, boots;
    int running;
    uint64_t points;
    enum judge_claim claim;
    char text[JUDGE_TEXT_MAX];
    uint32_t marks, faults[SCENARIO_STAGES_MAX], fired[SCENARIO_CUTS_MAX];
};

/* Of a stage that others may be like (shortcut.h): what it used of the external flash, and where it
 * ended; as TOLD_STATE, if it goes on. */
struct told_shortcut {
    struct told_state next; /* first, as it has the kind */
    bool has_next;
    struct power_use use;
};

#define EXPAND_READS_MAX 8

struct expand {
    struct run *run;
    struct states *states;
    const struct graph *graph;
    uint32_t steps_max; /* no further from the start */
    bool has_views;     /* any number of cuts */

    FILE *to;
    uint32_t item, node;
    struct key_map told; /* states and operations that this child has told */
    uint32_t operation;  /* number of the one that is_old is about */
    bool is_old;         /* the operation in this state was looked at before */
    struct told_stage stage;
    struct power_use use; /* of the external flash, by the stage */
    uint32_t read_count;  /* weak units that the stage has read, each for the first time */
    struct {
        struct point_step step;
        struct cells *cells;
        uint32_t unit;
    } reads[EXPAND_READS_MAX];
    struct key trace; /* of what the stage does, and where it goes by itself */
    bool is_silent;   /* the second time, to see whether it is the same */
};

/* May the stage of a node be skipped when one like it was run? Where nothing may happen in it, or
 * what may is compared as a view, which does not see what the two differ in. */
bool expand_may_skip(const struct graph *graph, uint32_t node, bool has_views);

/* Run the stage of a node and tell it as the records of item. */
void expand_stage(struct expand *expand, uint32_t item, uint32_t node, FILE *to);

/* choose()'s fork: what run->step leads to. */
void expand_fork(void *context, uint64_t site, uint32_t alternative);

/* The key of a state behind so many cuts. Cuts that a scenario declares apart may differ in where
 * they may happen; so the same state is another one where another of them comes next. Where none
 * does, it is as good as the last. */
struct key expand_cut_key(const struct graph *graph, uint32_t cuts, struct key key);

#endif
