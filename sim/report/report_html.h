#ifndef SIM_REPORT_REPORT_HTML_H
#define SIM_REPORT_REPORT_HTML_H

#include <json-c/json.h>

#include "sim/report/report.h"

/*
 * The report as one HTML file that needs nothing else: the JSON report, what each scenario left to
 * be drawn (report_map.h, report_runs.h), and a script that draws it.
 */
struct report_html {
    FILE *drawn;
    char *drawn_text;
    size_t drawn_size;
    bool is_empty;
};

void report_html_init(struct report_html *html);

/* What the next scenario has left: a JSON object's members, such as "\"map\":{...}". NULL: nothing.
 * Once for each scenario of the JSON report, in its order. */
void report_html_scenario(struct report_html *html, const char *left, size_t size);

/* The whole text; to be freed. Nothing is left to free of html. */
char *report_html_end(struct report_html *html, struct json_object *report);

#endif
