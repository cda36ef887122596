#ifndef SIM_REPORT_REPORT_H
#define SIM_REPORT_REPORT_H

#include <stdio.h>

#include "sim/explore/explore.h"

/* Sums over a run of scenarios. */
struct report_totals {
    uint32_t scenarios, passed, failed; /* failed: also those that could not be run */
    uint32_t cut_short;                 /* neither: not all was run */
    uint32_t any, closed; /* scenarios that ask for any number of cuts; of them closed */
    uint64_t points, states, skipped, checked, boots, operations;
    double seconds; /* of the clock on the wall, from first to last */
};

void report_add(struct report_totals *totals, const struct explore_result *result);

/* "brownout replay FILE:POINT", or "brownout replay 'FILE[1,0]:POINT'" of a row: the command that
 * shows this failure again. */
void report_replay_command(const struct scenario *scenario, const struct explore_failure *failure,
                           char *ret_text, size_t size);

/* "boot 2  install  op 17  program nvm 0x01C400 +1024  power cut inside", in columns. */
void report_step(const struct explore_step *step, char *ret_text, size_t size);

/* "closed: 812 states, any number of cuts (up to ...)", or why it is not; of a result that is_any.
 */
void report_statement(const struct explore_result *result, char *ret_text, size_t size);

#endif
