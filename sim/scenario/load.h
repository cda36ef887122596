#ifndef SIM_SCENARIO_LOAD_H
#define SIM_SCENARIO_LOAD_H

#include <stddef.h>
#include <stdio.h>

#include "sim/scenario/scenario.h"

/* Scenario files: JSON in the words of sim/scenario/vocab.c, checked also for what cannot be meant
 * (sim/scenario/rules.c). */
enum load_result {
    LOAD_OK,
    LOAD_REFUSED,   /* all that is wrong was printed, see sim/scenario/complaint.h */
    LOAD_NO_MEMORY, /* printed too */
};

/* The scenarios of a file: one, or with a matrix (sim/scenario/matrix.h) one for each row. */
struct load_rows {
    struct scenario *scenarios;
    uint32_t count;
};

/*
 * path    a file of at most 1 MiB; its name without ".json" is the scenario's name, its folder's
 *         name the theme
 * errors  takes every error of the file at once
 *
 * ret_rows is written on success only; load_free() it then. Any bytes may stand in the file: they
 * are refused or taken, and nothing else happens.
 */
enum load_result load_file(const char *path, FILE *errors, struct load_rows *ret_rows);

/* The same of a text; path is only what it is called in errors, and where name and theme come from.
 */
enum load_result load_text(const char *path, const char *text, size_t size, FILE *errors,
                           struct load_rows *ret_rows);

void load_free(struct load_rows *rows);

#endif
