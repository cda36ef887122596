#ifndef SIM_SCENARIO_VOCAB_H
#define SIM_SCENARIO_VOCAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

/*
 * The language of scenario files as tables. The loader's checks, the JSON schema and the help come
 * from these and from nothing else; a new word is a new line here.
 */
enum vocab_type {
    VOCAB_NAME,   /* lower case words joined by '-'; into a char[] */
    VOCAB_TEXT,   /* a sentence; into a char[] */
    VOCAB_BOOL,   /* into a bool */
    VOCAB_NUMBER, /* into a uint32_t; or the one choice, which is stored as 0 */
    VOCAB_SIZE,   /* bytes: 65536, "64K" or "0x10000"; into a uint32_t */
    VOCAB_PLACE,  /* in a body: bytes, as a size, or "50%", given to set with VOCAB_PERCENT in it */
    VOCAB_AT,     /* of operations: "every", given to set as 0; a number; or "0x21400", an address,
                     with VOCAB_ADDRESS in it */
    VOCAB_CHOICE, /* one of choices; its index into an enum, or into a bool */
    VOCAB_SET,    /* one or more of choices; as a bit set into a uint32_t */
    VOCAB_IMAGE,  /* the name of an image; its index into an int, -1 when left out */
    VOCAB_IMAGES, /* a list of them; into an int[] with a count */
    VOCAB_IMAGE_SET, /* a list of them; as a bit set into a uint32_t */
    VOCAB_MARK,      /* an event of the log; its number, by set */
    VOCAB_MARKS,     /* a list of marks; into a struct scenario_mark[] with a count */
    VOCAB_FEATURES,  /* a list of features; their indices into an int[] with a count */
    VOCAB_MATRIX,    /* lists of values by JSON pointer; see sim/scenario/matrix.h */
    VOCAB_OBJECT,    /* its words go into the same struct */
    VOCAB_LIST,      /* a list of objects; into an array of structs with a count */
    VOCAB_MAP,       /* objects by name; as VOCAB_LIST, the name goes into the struct's start */
};

/* Marks the value of a VOCAB_PLACE as a percentage. */
#define VOCAB_PERCENT 0x80000000u

/* Marks the value of a VOCAB_AT as an address. */
#define VOCAB_ADDRESS 0x80000000u

/* Bytes enough for all choices of a word, in a list. */
#define VOCAB_LIST_MAX 300

/* The choice that stands for all the others of a VOCAB_SET. */
#define VOCAB_ANY "any"

struct vocab_choice {
    const char *name;
    const char *text;
};

struct vocab_word {
    const char *name;
    const char *text; /* one sentence */
    enum vocab_type type;
    bool is_required;
    const char *fallback;               /* what it is when left out, as JSON; NULL: nothing */
    const char *beside;                 /* the word it needs beside it; NULL: none */
    uint32_t min, max;                  /* of a number; of a text its length; of a list how many */
    const char *noun;                   /* what one of choices is, for "unknown ..." */
    const struct vocab_choice *choices; /* the last has no name */
    const struct vocab_object *object;  /* of VOCAB_OBJECT, VOCAB_LIST, VOCAB_MAP */

    /* Where it goes, within the struct of its object; size 0: nowhere, unless there is set. */
    size_t offset, size; /* of an array: of one element */
    size_t count_offset;
    void (*set)(void *to, uint32_t value);
};

struct vocab_object {
    const char *name;
    const char *text;
    const struct vocab_word *words; /* the last has no name */
    const char *short_word;         /* a string in place of the object is the value of this word */
    const char *either[2];          /* exactly one of these words is there; NULL: no such rule */
};

/* The whole file. */
extern const struct vocab_object vocab_scenario;

/* Each kind of object, the file first; NULL behind the last. */
const struct vocab_object *vocab_object(uint32_t index);

/* The word of an object, or NULL. */
const struct vocab_word *vocab_word(const struct vocab_object *object, const char *name);

/* The marks that can happen, in order; false behind the last. */
bool vocab_mark(uint32_t index, struct scenario_mark *ret_mark);

/* What is expected as value: "a number from 1 to 5", "one of: us other nobody". */
void vocab_expected(const struct vocab_word *word, char *ret_text, size_t size);

/* "boot first-boot install": the choices of a word. */
void vocab_choices(const struct vocab_choice *choices, char *ret_text, size_t size);

#endif
