#ifndef SIM_SCENARIO_VOCAB_DEVICE_H
#define SIM_SCENARIO_VOCAB_DEVICE_H

#include "sim/scenario/vocab.h"

/* The words of the device, and of the network it lives in. */
extern const struct vocab_object vocab_device_object;
extern const struct vocab_object vocab_device_network_object;
extern const struct vocab_object vocab_device_air_object;
extern const struct vocab_object vocab_device_drop_object;

#endif
