#ifndef SIM_REPORT_REPORT_TEXT_H
#define SIM_REPORT_REPORT_TEXT_H

#include <stdbool.h>

#include "sim/report/report.h"

/* The report for people: a line for each scenario, the failures below it, a summary. */

/* has_colour: mark verdicts with terminal colours. */
void report_text_scenario(FILE *out, bool has_colour, const struct scenario *scenario,
                          const struct explore_result *result);

void report_text_totals(FILE *out, bool has_colour, const struct report_totals *totals,
                        uint32_t jobs);

#endif
