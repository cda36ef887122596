#ifndef SIM_SCENARIO_VOCAB_CUT_H
#define SIM_SCENARIO_VOCAB_CUT_H

#include "sim/scenario/vocab.h"

/* The words of a cut of the power: where, during what, and how far the operation is then. */
extern const struct vocab_object vocab_cut_object;

/* The phases of a device, by enum device_phase, and "any". */
extern const struct vocab_choice vocab_cut_phases[];

#endif
