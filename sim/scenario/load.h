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

/*
 * path    a file of at most 1 MiB; its name without ".json" is the scenario's name, its folder's
 * name the theme errors  takes every error of the file at once
 *
 * ret_scenario is written on success only. Any bytes may stand in the file: they are refused or
 * taken, and nothing else happens.
 */
enum load_result load_scenario(const char *path, FILE *errors, struct scenario *ret_scenario);

/* The same of a text; path is only what it is called in errors, and where name and theme come from.
 */
enum load_result load_text(const char *path, const char *text, size_t size, FILE *errors,
                           struct scenario *ret_scenario);

#endif
