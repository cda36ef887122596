#ifndef SIM_REPORT_REPORT_TAP_H
#define SIM_REPORT_REPORT_TAP_H

#include "sim/report/report.h"

/* The report in the Test Anything Protocol, version 13: a test point for each scenario; of one that
 * fails, a YAML block with its failures. */
void report_tap_plan(FILE *out, uint32_t scenarios);

/* number: from 1. */
void report_tap_scenario(FILE *out, uint32_t number, const struct scenario *scenario,
                         const struct explore_result *result);

#endif
