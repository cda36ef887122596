#ifndef SIM_SCENARIO_VOCAB_WORDS_H
#define SIM_SCENARIO_VOCAB_WORDS_H

#include <stdbool.h>
#include <stdio.h>

/* Print the words of an object in columns with what each means; NULL: of all objects; "mark": the
 * marks. false: there is no such object. */
bool vocab_words(const char *object, FILE *to);

/* The name of the index'th object that vocab_words() knows; NULL behind the last. */
const char *vocab_words_object(unsigned index);

#endif
