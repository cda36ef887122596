#ifndef SIM_REPORT_REPORT_JSON_H
#define SIM_REPORT_REPORT_JSON_H

#include <json-c/json.h>

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

void report_json_totals(struct json_object *report, const struct report_totals *totals);

/* The object of the scenario that was added last; NULL: none was. */
struct json_object *report_json_last(const struct json_object *report);

#endif
