#ifndef TESTS_CANARY_CANARY_H
#define TESTS_CANARY_CANARY_H

#include "sim/explore/judge.h"

/*
 * A canary: one function of the firmware, written as somebody could have written it by mistake. The
 * linker puts it in place of the product's (--wrap, see tests/meson.build); tests/test_canary.c
 * shows that its scenario passes while it sleeps and fails, for the stated reason, when it is
 * awake.
 */
struct canary {
    void (*make)(struct scenario *scenario);
    bool is_sweep;          /* the run without a cut passes: it takes the sweep to find it */
    enum judge_claim claim; /* that must fail; of the control run: inside its text */
    const char *text;
};

extern const struct canary canary;
extern bool canary_is_awake;

#endif
