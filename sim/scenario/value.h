#ifndef SIM_SCENARIO_VALUE_H
#define SIM_SCENARIO_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "sim/scenario/complaint.h"
#include "sim/scenario/guess.h"
#include "sim/scenario/locate.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/vocab.h"

/*
 * Reads the values of a scenario file, all but the objects, and says what is wrong with them.
 *
 * node  where the value stands in the text; LOCATE_NONE for the fallback of a word, which is right
 * to    the struct of the object the word belongs to
 */
struct value_reader {
    struct locate locate;
    struct complaint_list complaints;
    struct scenario scenario;
};

/* Read a value into its field. What is wrong is complained about and leaves the field as it is, but
 * for an image, which is then -1. Objects are not for this. */
void value_read(struct value_reader *reader, const struct vocab_word *word,
                struct json_object *value, uint32_t node, void *to);

/* Elements of a list one by one. */
struct value_elements {
    struct json_object *list;
    size_t index, count; /* index: of the one that is next */
    uint32_t next;
    uint32_t node; /* of the element just read */
};

/* false, and a complaint: it is no list, or shorter than word->min. */
bool value_elements_begin(struct value_reader *reader, const struct vocab_word *word,
                          struct json_object *value, uint32_t node,
                          struct value_elements *ret_elements);
bool value_elements_next(const struct value_reader *reader, struct value_elements *elements,
                         struct json_object **ret_value);

/* How many elements the array of a word has. */
uint32_t value_count(const struct vocab_word *word, void *to);

/* One more element of an array; the caller has seen that it has less than word->max. */
void *value_add_element(const struct vocab_word *word, void *to);

/* Lower case words joined by '-'. */
bool value_is_name(const char *text);

/* Complain about a value, or about its key: a clause; its pointer, or its parent's, goes before. */
void value_complain(struct value_reader *reader, uint32_t node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void value_complain_key(struct value_reader *reader, uint32_t node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "expected ..., not ...", "one too many ...". */
void value_complain_expected(struct value_reader *reader, const struct vocab_word *word,
                             struct json_object *value, uint32_t node);
void value_complain_many(struct value_reader *reader, const struct vocab_word *word, uint32_t node);

/* A value as it stands in the text, cut short, or "an object" or "a list". */
void value_quote(const struct value_reader *reader, uint32_t node,
                 char ret_quote[COMPLAINT_QUOTE_MAX]);

/* "did you mean ...?" when there is a guess. */
void value_hint_guess(struct value_reader *reader, const struct guess *guess);

#endif
