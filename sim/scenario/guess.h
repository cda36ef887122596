#ifndef SIM_SCENARIO_GUESS_H
#define SIM_SCENARIO_GUESS_H

#include <stdint.h>

/*
 * Did you mean ...? Begin with {.word = what was written}, offer each candidate; best is then the
 * one so near that it must have been meant, or NULL. Near: at most a third of its letters are
 * wrong, missing, too many or swapped with a neighbour; case, '_' and '-' cost nothing.
 */
struct guess {
    const char *word;
    const char *best;
    uint32_t distance; /* of best */
};

void guess_offer(struct guess *guess, const char *candidate);

#endif
