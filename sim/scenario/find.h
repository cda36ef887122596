#ifndef SIM_SCENARIO_FIND_H
#define SIM_SCENARIO_FIND_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The scenario files of files and folders, each once, sorted by path. */
struct find_list {
    char **paths;
    uint32_t count, room;
};

/*
 * A file is taken as it is named; of a folder all files *.json below it, at most FIND_DEPTH_MAX
 * deep, links to folders not followed. Hidden ones and schema.json are passed over everywhere.
 *
 * false: a path does not exist or cannot be read, or a folder has no scenarios; all such errors are
 * printed, and ret_list is what was found all the same. find_free() it in any case.
 */
#define FIND_DEPTH_MAX 16
bool find_scenarios(char *const *paths, int count, FILE *errors, struct find_list *ret_list);

void find_free(struct find_list *list);

#endif
