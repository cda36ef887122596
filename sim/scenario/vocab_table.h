#ifndef SIM_SCENARIO_VOCAB_TABLE_H
#define SIM_SCENARIO_VOCAB_TABLE_H

#include <stddef.h>

#include "sim/scenario/vocab.h"

/* For writing the tables of sim/scenario/vocab.h; for nothing else. */
#define FIELD(type, member)                                                                        \
    .offset = offsetof(struct type, member), .size = sizeof(((struct type *)0)->member)
#define ARRAY(type, member, count)                                                                 \
    .offset = offsetof(struct type, member), .size = sizeof(((struct type *)0)->member[0]),        \
    .count_offset = offsetof(struct type, count)

/* Every object may say why it is there. */
#define WHY                                                                                        \
    {                                                                                              \
        .name = "why", .text = "What this is for; for people.", .type = VOCAB_TEXT, .min = 1,      \
        .max = SCENARIO_TEXT_MAX - 1                                                               \
    }

#define UINT32_WORD_MAX 4294967295u

#endif
