#ifndef SIM_EXPLORE_GRAPH_H
#define SIM_EXPLORE_GRAPH_H

#include "sim/explore/judge.h"
#include "sim/explore/key_map.h"
#include "sim/explore/point.h"
#include "sim/explore/states.h"

/*
 * What is known of a scenario's states: how each was reached first, which is with the fewest steps,
 * and where it goes while the power is on. A state is at the start of one stage of a boot; its
 * stage is run once. So the fate of a device in it is a walk from state to state.
 */
#define NODE_NONE UINT32_MAX

/* The operation that a cut came to. */
struct node_place {
    bool is_spi;
    enum power_kind kind;
    uint32_t offset, size;
};

struct node {
    struct key key;
    struct key content;     /* of its view (key.h), where views are compared */
    struct state *state;    /* until its stage has been run */
    uint32_t parent;        /* NODE_NONE: the scenario's start */
    struct point_step step; /* what happened in the parent's stage; operation 0: it just ended */
    uint32_t first_parent;  /* and on the way that its flashes came, with their wear, */
    struct point_step first_step; /* before a simpler one was found */
    enum device_phase phase;      /* that the step happened in */
    struct node_place place;      /* and where, if it was a cut */
    uint32_t depth;               /* steps since the start */
    uint32_t cuts;                /* of them cuts */
    uint64_t reached;             /* steps that lead here */
    uint32_t twin_of; /* looks like this one, and is run to see whether it is; NODE_NONE */

    /* Of its stage, once it was run. */
    bool is_run;
    bool is_reset; /* it ended with a reset: the next boot begins */
    bool has_started;
    uint32_t next; /* NODE_NONE: it came to rest, or failed */
    uint32_t ms, operations;
    struct key nvm_trace; /* what was written to program flash */
    enum judge_claim claim;
    uint32_t text; /* of the claim */
    int running;   /* image that started last since the power is on; -1: none yet */
    uint32_t like; /* its stage was not run, as that of this node goes the same way; or NODE_NONE */
    uint32_t look_first, look_count; /* operations it was cut at, if the graph keeps them */
};

/* An operation of a stage, and which of graph.kept says where cuts at it lead to. */
struct graph_look {
    uint32_t number; /* since the power came on */
    uint32_t operation;
};

/* A cut at an operation leads to a node. */
struct graph_target {
    enum power_moment moment;
    uint32_t node;
};

struct graph_operation {
    uint32_t first, count; /* in targets */
};

/* What a device comes to that is in a state and keeps its power. */
struct fate {
    enum judge_claim claim; /* CLAIM_NONE: all is well */
    char text[JUDGE_TEXT_MAX];
    uint32_t boots; /* that ended with a reset, before it */
    uint64_t ms;
    uint64_t operations;
    uint32_t end; /* the last state */
};

struct graph {
    const struct scenario *scenario;
    struct node *nodes;
    uint32_t count, capacity;
    struct key_map known;
    struct key_map operations; /* looked at; index of those that are kept, or GRAPH_NOT_KEPT */
    bool keeps;                /* where cuts in states of depth 0 and 1 lead to */
    struct graph_look *looks;
    uint32_t look_count, look_capacity;
    struct graph_operation *kept;
    uint32_t kept_count, kept_capacity;
    struct graph_target *targets;
    uint32_t target_count, target_capacity;
    char (*texts)[JUDGE_TEXT_MAX];
    uint32_t text_count;
};

void graph_free(struct graph *graph);

/* The node with this key, or NODE_NONE. */
uint32_t graph_find(const struct graph *graph, struct key key);

/* A new one, which takes state over. */
uint32_t graph_add(struct graph *graph, struct key key, struct state *state, uint32_t parent,
                   const struct point_step *step);

/* A step of parent's stage leads to a node that is known. Where that way is as short as the one it
 * was found by, and simpler (point_compare()), its point has that name. */
void graph_prefer(struct graph *graph, uint32_t node, uint32_t parent,
                  const struct point_step *step, enum device_phase phase);

/* It is known by this key, too, unless another one is. */
void graph_add_alias(struct graph *graph, struct key key, uint32_t node);

/* An operation in a state: has it been looked at? / It has. Returns whether that is new. */
bool graph_find_operation(const struct graph *graph, struct key key);
bool graph_add_operation(struct graph *graph, struct key key);

/* A state that was taken for another one, run all the same. It is not to be found by its key. */
uint32_t graph_add_twin(struct graph *graph, struct key key, struct state *state, uint32_t parent,
                        const struct point_step *step, uint32_t twin_of);

/* The first twin that did not go on like the other one; or NODE_NONE. ret_count: twins compared. */
uint32_t graph_compare_twins(const struct graph *graph, uint64_t *ret_count);

/* Are the cuts in the stage of this node kept? */
#define GRAPH_NOT_KEPT (UINT32_MAX - 1)
bool graph_keeps(const struct graph *graph, uint32_t node);

/* If they are: its next operation, which was added before. */
void graph_add_look(struct graph *graph, uint32_t node, uint32_t number, struct key key);

/* And where a cut at the last operation that was new leads to. */
void graph_add_target(struct graph *graph, enum power_moment moment, uint32_t target);

/* The operations of a node's stage, whether it was run or is like another one. */
uint32_t graph_looks(const struct graph *graph, uint32_t node, const struct graph_look **ret_looks);

/* Its stage failed. */
void graph_fail(struct graph *graph, uint32_t node, enum judge_claim claim, const char *text);

/* The steps on the way that the state itself has come: wear is of that way only. */
void graph_first_way(const struct graph *graph, uint32_t node, struct point *ret_point);

/* The steps that lead there. */
void graph_point(const struct graph *graph, uint32_t node, struct point *ret_point);

void graph_fate(const struct graph *graph, uint32_t node, struct fate *ret_fate);

#endif
