#ifndef SIM_SCENARIO_LOCATE_H
#define SIM_SCENARIO_LOCATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Where things stand in a JSON text, and whether it is JSON at all. json-c keeps no positions and
 * lets single quotes, NaN and keys that stand twice pass; this reads by RFC 8259, to the letter,
 * and is a little stricter: UTF-8 without a byte order mark, no NUL, no half surrogate pairs, at
 * most LOCATE_DEPTH_MAX deep. Offsets are in bytes from the start of the text.
 */
#define LOCATE_DEPTH_MAX 16
#define LOCATE_SIZE_MAX  (1024u * 1024)
#define LOCATE_NONE      UINT32_MAX

/* A value; the one of a member has a key. Nodes are in the order of the text, 0 is the root. */
struct locate_node {
    uint32_t key_at, key_end; /* with its quotes; both 0: no key */
    uint32_t value_at, value_end;
    uint32_t parent, first, next; /* nodes; LOCATE_NONE: no such */
    uint32_t twin;                /* an earlier member of the object with the same key */
};

struct locate {
    const char *text;
    uint32_t size;
    struct locate_node *nodes;
    uint32_t count, room;
};

/* Why a text is not JSON. */
struct locate_fault {
    uint32_t at, end;  /* what is wrong; at == end: just a place */
    uint32_t note_at;  /* what it has to do with; LOCATE_NONE: nothing */
    const char *note;  /* "the string begins here"; a literal */
    char message[160]; /* one clause */
    const char *hint;  /* what to do about it, or NULL; a literal */
};

enum locate_result {
    LOCATE_OK,
    LOCATE_SYNTAX, /* see ret_fault */
    LOCATE_NO_MEMORY,
};

/*
 * Read size bytes, at most LOCATE_SIZE_MAX; text need not end in NUL and must stay as long as
 * ret_locate. On success locate_free() gives the memory back; otherwise there is nothing to free.
 */
enum locate_result locate_scan(const char *text, size_t size, struct locate *ret_locate,
                               struct locate_fault *ret_fault);

void locate_free(struct locate *locate);

/* The member of an object (of two with one key the later one, as json-c does) or the index'th
 * element of a list; LOCATE_NONE: there is none. */
uint32_t locate_member(const struct locate *locate, uint32_t node, const char *key);
uint32_t locate_element(const struct locate *locate, uint32_t node, uint32_t index);

/* The value a JSON pointer (RFC 6901) names: "" is the root, "/cuts/0/at". */
uint32_t locate_find(const struct locate *locate, const char *pointer);

/* The JSON pointer of a node, cut short with "..." when it does not fit. */
void locate_pointer(const struct locate *locate, uint32_t node, char *ret_pointer, size_t size);

/* The key of a member, decoded; false, and cut short, when it does not fit. */
bool locate_key(const struct locate *locate, uint32_t node, char *ret_key, size_t size);

/* Line and column, from 1, in bytes. */
void locate_position(const char *text, size_t size, uint32_t at, uint32_t *ret_line,
                     uint32_t *ret_column);

#endif
