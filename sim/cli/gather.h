#ifndef SIM_CLI_GATHER_H
#define SIM_CLI_GATHER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/report/origin.h"
#include "sim/scenario/scenario.h"

/* The scenarios a command line names: files, folders with everything below, or nothing, which is
 * the folder scenarios/. "update.json[1,0]" is one row of the file's matrix. */
struct gather {
    struct scenario *scenarios;
    uint32_t count, room;
    uint32_t *numbers; /* of each, from 0, in the whole; after gather_shard() */
};

/* false: something is wrong with one of them; all errors are on stderr. Sorted by path, and the
 * rows of a file by number. Each name stands once: a second file of the same name is an error. */
bool gather_scenarios(char **paths, int count, struct gather *ret_gather);
void gather_free(struct gather *gather);

/* Number all, and keep the share origin->shard of origin->shards; origin gets to know the whole.
 * false: no memory. */
bool gather_shard(struct gather *gather, struct origin *origin);

#endif
