#ifndef SIM_REPORT_COUNTS_H
#define SIM_REPORT_COUNTS_H

#include <stdbool.h>
#include <stdio.h>

#include "sim/explore/explore.h"

/*
 * Points and operations of scenarios as they were recorded: {"update[0,0]": {"points": 1251,
 * "operations": 57700}, ...}, a line each. A change of the code that makes the device write more or
 * less shows as a difference, though every verdict still passes. Of a scenario that does not pass
 * nothing is compared or recorded: its search ended early.
 */
struct counts {
    struct json_object *recorded, *now; /* now: those of this run */
};

#define COUNTS_REASON_SIZE 5000 /* holds any path and the reason */

/* Read what was recorded; is_new: a file that is not there is an empty record. false: it is not
 * there, or not such a file; nothing to free then. */
bool counts_open(struct counts *counts, const char *path, bool is_new,
                 char ret_reason[COUNTS_REASON_SIZE]);
void counts_close(struct counts *counts);

void counts_add(struct counts *counts, const char *name, const struct explore_result *result);

/* Say on out what differs from the record; returns how many scenarios do, new ones included. */
uint32_t counts_compare(const struct counts *counts, FILE *out);

/* Record what this run had, and keep what is recorded of others. Returns 0 or an errno value. */
int counts_write(const struct counts *counts, const char *path);

#endif
