#ifndef SIM_SCENARIO_COMPLAINT_H
#define SIM_SCENARIO_COMPLAINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/scenario/locate.h"

/*
 * All that is wrong with one file, printed in gcc's form in the order of the text, each with its
 * line and a mark below what it is about:
 *
 *   update.json:16:15: error: /cuts/0/during: unknown phase 'instal'; one of: boot install any
 *       { "during": "instal", "at": "every" }
 *                   ^~~~~~~~
 *     hint: did you mean 'install'?
 */
#define COMPLAINT_MAX       50 /* more are only counted */
#define COMPLAINT_QUOTE_MAX 48

struct complaint {
    uint32_t at, end;
    uint32_t note_at; /* LOCATE_NONE: no note */
    char text[640];
    char hint[160];
    char note[64];
};

struct complaint_list {
    const char *path; /* as the user wrote it */
    const char *text;
    uint32_t size;
    uint32_t count; /* all of them */
    uint32_t said;  /* with those that were said before */
    bool is_repeat; /* the last one was */
    struct complaint complaints[COMPLAINT_MAX];
};

/* path and text must stay. text may be NULL: complaints are then about the file, not about a place.
 */
void complaint_init(struct complaint_list *list, const char *path, const char *text, uint32_t size);

/* About the bytes from at up to end; at == end: about a place. What was said of them before is not
 * said again. */
void complaint_add(struct complaint_list *list, uint32_t at, uint32_t end, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* To the complaint just added: what to do about it, or another place it has to do with. */
void complaint_hint(struct complaint_list *list, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void complaint_note(struct complaint_list *list, uint32_t at, const char *text);

/* Is there one about something from at up to end? */
bool complaint_is_within(const struct complaint_list *list, uint32_t at, uint32_t end);

/* In the order of the text. */
void complaint_print(struct complaint_list *list, FILE *to);

/* Text of a stranger for use in a message: short, and without what would confuse a terminal. */
void complaint_quote(const char *text, size_t size, char ret_quote[COMPLAINT_QUOTE_MAX]);

#endif
