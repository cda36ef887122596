#ifndef SIM_REPORT_REPORT_JSON_H
#define SIM_REPORT_REPORT_JSON_H

#include <json-c/json.h>

#include "sim/report/origin.h"
#include "sim/report/report.h"

/*
 * The report for programs: {"schema_version": 1, "totals": {...}, "scenarios": [...]}.
 * Words are added, never changed, within one schema_version.
 */
#define REPORT_JSON_VERSION 1

/* A new report; give it back with json_object_put(). */
struct json_object *report_json_new(void);

void report_json_scenario(struct json_object *report, const struct scenario *scenario,
                          const struct explore_result *result);

/* It has that number, from 0, among all scenarios that were named; the scenario added last. */
void report_json_number(struct json_object *report, const struct scenario *scenario,
                        uint32_t number);

/* Where the report comes from. */
void report_json_origin(struct json_object *report, const struct origin *origin);

/* "passed" and so on. */
const char *report_json_verdict(enum explore_verdict verdict);

/* Leave out what no two runs have the same: all seconds. */
void report_json_drop_times(struct json_object *report);

/* As it is written to a file; it lives as long as the report is left alone. */
const char *report_json_text(struct json_object *report);

void report_json_totals(struct json_object *report, const struct report_totals *totals);

/* The object of the scenario that was added last; NULL: none was. */
struct json_object *report_json_last(const struct json_object *report);

#endif
