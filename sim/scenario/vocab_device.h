#ifndef SIM_SCENARIO_VOCAB_DEVICE_H
#define SIM_SCENARIO_VOCAB_DEVICE_H

#include "sim/scenario/vocab.h"

/* The words of the device, of the damage done to it, and of the network it lives in. */
extern const struct vocab_object vocab_device_object;
extern const struct vocab_object vocab_device_damage_object;
extern const struct vocab_object vocab_device_network_object;
extern const struct vocab_object vocab_device_air_object;
extern const struct vocab_object vocab_device_drop_object;

/* "flip", "program": a kind of damage. */
const char *vocab_device_how(enum damage_how how);

/* "version", "word": a field of boot control. */
const char *vocab_device_field(enum damage_field field);

#endif
