#ifndef SIM_SCENARIO_FEATURES_H
#define SIM_SCENARIO_FEATURES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/scenario/scenario.h"

/*
 * What the OTA service and the bootloader are documented to do, each with where that is written. A
 * scenario says with "shows" what it proves, and docs/FEATURES.md says by which scenarios each
 * feature is proved.
 */
struct feature {
    const char *id;     /* lower case words joined by '-' */
    const char *text;   /* one sentence */
    const char *source; /* "intro" and "usage": pages on the original; DESIGN: docs/DESIGN.md */
    const char *mark;   /* who shows it has this in "sometimes": it happened; NULL: no such rule */
};

/* The features in the order of the table; NULL behind the last. */
const struct feature *features_get(uint32_t index);

/*
 * Print a Markdown table of features and the scenarios that show them, with links relative to
 * docs/; rows of one file are one scenario. Returns how many features no scenario shows.
 */
uint32_t features_print(const struct scenario *scenarios, uint32_t count, FILE *to);

#endif
