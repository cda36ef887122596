#ifndef SIM_EXPLORE_SHORTCUT_H
#define SIM_EXPLORE_SHORTCUT_H

#include "sim/explore/graph.h"

/*
 * Stages that need not be run, as one like them was: two states that differ only in units of the
 * external flash which the stage never looks at before it erases them do the same, operation for
 * operation, and end in states that differ in what of these units is still there. Exact for states
 * in which nothing more may happen. The free blocks of a download that a cut left behind are the
 * case in point.
 */
#define SHORTCUT_ENTRIES 1024 /* remembered */
#define SHORTCUT_LOOKS   64   /* sets of units looked at, likewise */

struct shortcut_entry {
    uint32_t node;      /* whose stage was run */
    struct state *next; /* where it ended; NULL: it has no next one */
    struct power_use use;
    struct survivor before;
};

struct shortcut {
    struct states *states;
    struct shortcut_entry entries[SHORTCUT_ENTRIES];
    uint32_t entry_count;
    uint64_t looks[SHORTCUT_LOOKS][POWER_USE_WORDS];
    uint32_t look_count;
    struct key_map known; /* entries by what they looked at */
    bool is_full;         /* one more was not remembered */
};

void shortcut_free(struct shortcut *shortcut);

/* The stage of this node was run from state, and ended in next, which is taken over (NULL: none).
 * What is remembered stays, as children of the round may refer to its pages: when it is full, this
 * one is not. */
void shortcut_add(struct shortcut *shortcut, uint32_t node, const struct state *state,
                  const struct power_use *use, struct state *next);

/* When it is full all are forgotten; not while a child may tell of states. */
void shortcut_make_room(struct shortcut *shortcut);

/* One that was run and is like this one's; NULL: none is known. Until the next
 * shortcut_make_room(). */
const struct shortcut_entry *shortcut_find(const struct shortcut *shortcut,
                                           const struct state *state);

/* Where the stage of this state ends, which is like the entry's; the caller's. */
struct state *shortcut_follow(struct shortcut *shortcut, const struct shortcut_entry *entry,
                              const struct state *state);

/* The key of a state that was not run: as states_key(). */
struct key shortcut_key(const struct shortcut *shortcut, const struct state *state);

#endif
