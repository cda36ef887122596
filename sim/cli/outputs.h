#ifndef SIM_CLI_OUTPUTS_H
#define SIM_CLI_OUTPUTS_H

#include <stdbool.h>

#include "sim/report/report_html.h"
#include "sim/report/report_json.h"
#include "sim/report/report_junit.h"

/* The reports of 'brownout run' beside the text: files, each of which may be "-", which is stdout,
 * and TAP on stdout. One of them on stdout stands there instead of the text. */
struct outputs {
    const char *json_path, *junit_path, *html_path; /* NULL: not wanted */
    bool has_tap;
    bool has_no_times; /* of the JSON report */

    uint32_t count, left_count; /* scenarios so far; in the HTML report */
    struct json_object *json;
    struct report_junit junit;
    struct report_html html;
};

/* Now, not when all has been run for nothing: can all be written? Else one error. */
bool outputs_check(const struct outputs *outputs);

/* Is stdout free for the text? */
bool outputs_has_text(const struct outputs *outputs);

void outputs_begin(struct outputs *outputs, const struct origin *origin, uint32_t scenarios);

/* What the next scenario left to be drawn. */
void outputs_left(struct outputs *outputs, const char *text, size_t size);

/* number: of the scenario among all that were named; known: what an earlier run's report has of it,
 * or NULL. */
void outputs_scenario(struct outputs *outputs, const struct scenario *scenario, uint32_t number,
                      const struct explore_result *result, struct json_object *known);

/* Write all; false: one of them cannot be written, and there was one error for each. */
bool outputs_end(struct outputs *outputs, const struct report_totals *totals);

#endif
