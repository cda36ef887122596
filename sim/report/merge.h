#ifndef SIM_REPORT_MERGE_H
#define SIM_REPORT_MERGE_H

#include <json-c/json.h>

#include "sim/explore/explore.h"

/*
 * The reports of all shares of one whole, put together to the report that one run of all scenarios
 * writes: the same bytes but for times, which are summed, as they are time of machines.
 *
 * Strict: reports that do not belong together, a share that is missing or there twice, a scenario
 * that is missing, there twice, in another share than its own or made of another file, give no
 * report but one error, which begins with the name of a report.
 */
#define MERGE_ERROR_MAX 4400

/* count reports, at least one, with what they are called in errors. NULL: error. */
struct json_object *merge_reports(struct json_object *const *reports, const char *const *names,
                                  uint32_t count, char ret_error[MERGE_ERROR_MAX]);

/* The worst verdict in a report that merge_reports() has made. */
enum explore_verdict merge_verdict(struct json_object *report);

#endif
