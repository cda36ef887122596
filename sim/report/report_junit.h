#ifndef SIM_REPORT_REPORT_JUNIT_H
#define SIM_REPORT_REPORT_JUNIT_H

#include "sim/report/report.h"

/*
 * The report as JUnit XML, for what shows tests in CI: a suite for each theme, a test case for each
 * scenario, and one more for each failing point that is kept.
 */
struct report_junit {
    FILE *suites, *cases; /* of all; of the suite that is open */
    char *suites_text, *cases_text;
    size_t suites_size, cases_size;
    char theme[SCENARIO_NAME_MAX]; /* of the open suite */
    uint32_t tests, failures, errors;
    double seconds;
    uint32_t all_tests, all_failures, all_errors;
};

void report_junit_init(struct report_junit *junit);

void report_junit_scenario(struct report_junit *junit, const struct scenario *scenario,
                           const struct explore_result *result);

/* The whole text; to be freed. Nothing is left to free of junit. */
char *report_junit_end(struct report_junit *junit, const struct report_totals *totals);

#endif
