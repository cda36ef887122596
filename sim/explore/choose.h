#ifndef SIM_EXPLORE_CHOOSE_H
#define SIM_EXPLORE_CHOOSE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The one primitive of exploration: at a site, one of bound alternatives happens; 0 is the ordinary
 * one. What drives it decides what a run is: a sweep, a random test, a replay, a fuzzer's input.
 */
enum choose_driver {
    CHOOSE_ORDINARY, /* always 0 */
    CHOOSE_EVERY,    /* fork() for each other alternative, then 0 */
    CHOOSE_RANDOM,   /* by seed: 0, but once in odds */
    CHOOSE_REPLAY,   /* what the list says for this power session; 0 elsewhere */
    CHOOSE_BYTES,    /* what a fuzzer's bytes say; 0 when they are used up */
};

/* A choice that is not the ordinary one. */
struct choose_step {
    uint64_t site;
    uint32_t alternative;
    bool is_cut;  /* the last one of its power session */
    bool is_used; /* it came up */
};

#define CHOOSE_STEPS_MAX 32

struct choose {
    enum choose_driver driver;
    /* CHOOSE_EVERY: live through alternative in a copy of the world, and come back. */
    void (*fork)(void *context, uint64_t site, uint32_t alternative);
    void *context;
    uint64_t seed;
    uint32_t odds;
    struct choose_step steps[CHOOSE_STEPS_MAX]; /* CHOOSE_REPLAY */
    uint32_t step_count, step_next;
    const uint8_t *bytes; /* CHOOSE_BYTES */
    uint32_t byte_count;
};

/* Returns 0 .. bound-1. site: a number that names this question within the present power session,
 * the same in every run that came here the same way. */
uint32_t choose(struct choose *choose, uint64_t site, uint32_t bound);

/* The world was cut: what comes behind the cut in a replay's list is for the next power session. */
void choose_next_session(struct choose *choose);

/* Has every step of a replay's list come up? */
bool choose_is_used_up(const struct choose *choose);

#endif
