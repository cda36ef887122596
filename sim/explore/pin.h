#ifndef SIM_EXPLORE_PIN_H
#define SIM_EXPLORE_PIN_H

#include <json-c/json.h>

#include "sim/explore/replay.h"

#define PIN_REASON_SIZE 5000 /* holds any path and the reason */

/*
 * A failing point as a scenario of its own that stays true when the code changes: in place of
 * numbers of operations its cuts have phase, flash, kind and address of the operation, and which
 * one of those it is in its power session. A row becomes a scenario without a matrix. What its
 * scenario shows and must sometimes do is not said again, as it is about the whole sweep.
 */

/* "update-1-0-17t-3a" of update[1,0]:17t.3a; what would be too long has a checksum at its end. */
void pin_name(const struct scenario *scenario, const struct point *point,
              char ret_name[SCENARIO_NAME_MAX]);

/* The text of the scenario, made from the file that it was loaded from; NULL: ret_reason says why
 * it cannot be. Give back with json_object_put(). */
struct json_object *pin_scenario(const struct scenario *scenario, const struct point *point,
                                 const struct replay *replay, char ret_reason[PIN_REASON_SIZE]);

#endif
