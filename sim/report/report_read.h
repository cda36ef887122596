#ifndef SIM_REPORT_REPORT_READ_H
#define SIM_REPORT_REPORT_READ_H

#include <json-c/json.h>

#include "sim/report/origin.h"
#include "sim/report/report.h"

/* What report_json.h wrote, read again. */

/* Where the report comes from. false: it does not say, or not as it should. */
bool report_read_origin(struct json_object *report, struct origin *ret_origin);

/* The result that a scenario's object was made of, all that the object tells. false: it is not such
 * an object. */
bool report_read(struct json_object *object, struct explore_result *ret_result);

#endif
