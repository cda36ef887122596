#ifndef SIM_SCENARIO_VOCAB_FLASH_H
#define SIM_SCENARIO_VOCAB_FLASH_H

#include <stdio.h>

#include "sim/scenario/vocab.h"

/* The part of the language that is about flashes that do not do what they are told. */
extern const struct vocab_object vocab_flash_fault_object;

/* "reads of the stored file of v2 fail, 3 times". */
void vocab_flash_say(const struct scenario *scenario, const struct scenario_flash_fault *fault,
                     FILE *to);

#endif
