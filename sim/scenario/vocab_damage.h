#ifndef SIM_SCENARIO_VOCAB_DAMAGE_H
#define SIM_SCENARIO_VOCAB_DAMAGE_H

#include <stdio.h>

#include "sim/scenario/vocab.h"

/* The words of the damage that is done to a device. */
extern const struct vocab_object vocab_damage_object;

/* "flip", "program": a kind of damage. */
const char *vocab_damage_how(enum damage_how how);

/* "version", "word": a field of boot control. */
const char *vocab_damage_field(enum damage_field field);

/* "the stored file of v2 has one bit flipped". */
void vocab_damage_say(const struct scenario *scenario, const struct scenario_damage *damage,
                      FILE *to);

#endif
