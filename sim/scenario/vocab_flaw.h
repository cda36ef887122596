#ifndef SIM_SCENARIO_VOCAB_FLAW_H
#define SIM_SCENARIO_VOCAB_FLAW_H

#include "sim/image/flaw.h"
#include "sim/scenario/vocab.h"

/* The words for sim/image/flaw.h, in its order. */
extern const struct vocab_choice vocab_flaw_choices[FLAW_COUNT + 1];

#endif
