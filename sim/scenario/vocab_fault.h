#ifndef SIM_SCENARIO_VOCAB_FAULT_H
#define SIM_SCENARIO_VOCAB_FAULT_H

#include "sim/scenario/vocab.h"

/* The part of the language that is about the server's faults. */
extern const struct vocab_object vocab_fault_object;

/* The words that only some faults have; NULL behind the last. */
const char *vocab_fault_word(uint32_t index);

/* May a fault of this kind have that word; must it? */
bool vocab_fault_takes(enum fault_kind kind, const char *word);
bool vocab_fault_needs(enum fault_kind kind, const char *word);

/* Does it change answers to requests for a part only? */
bool vocab_fault_is_of_parts(enum fault_kind kind);

/* "stall", and "truncate reset-after" of those that take a word. */
const char *vocab_fault_name(enum fault_kind kind);
void vocab_fault_takers(const char *word, char *ret_text, size_t size);

#endif
