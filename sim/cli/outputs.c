#include "sim/cli/outputs.h"

#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/image/file.h"
#include "sim/report/report_tap.h"

static bool is_stdout(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

bool outputs_has_text(const struct outputs *outputs)
{
    return !outputs->has_tap && !is_stdout(outputs->json_path) && !is_stdout(outputs->junit_path) &&
           !is_stdout(outputs->html_path);
}

bool outputs_check(const struct outputs *outputs)
{
    const char *const paths[] = {outputs->json_path, outputs->junit_path, outputs->html_path};
    uint32_t on_stdout = outputs->has_tap;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        int err = paths[i] ? file_can_write(paths[i]) : 0;
        if (err) {
            cli_error("%s: %s", paths[i], strerror(err));
            return false;
        }
        on_stdout += is_stdout(paths[i]);
    }
    if (on_stdout > 1)
        cli_error("only one of --json, --junit, --html and --tap can be on stdout");
    return on_stdout <= 1;
}

void outputs_begin(struct outputs *outputs, const struct origin *origin, uint32_t scenarios)
{
    outputs->json = report_json_new();
    report_json_origin(outputs->json, origin);
    report_junit_init(&outputs->junit);
    report_html_init(&outputs->html);
    if (outputs->has_tap)
        report_tap_plan(stdout, scenarios);
}

void outputs_left(struct outputs *outputs, const char *text, size_t size)
{
    report_html_scenario(&outputs->html, text, size);
    outputs->left_count++;
}

static void add_to_json(struct json_object *json, const struct scenario *scenario, uint32_t number,
                        const struct explore_result *result, struct json_object *known)
{
    if (known) {
        json_object_array_add(json_object_object_get(json, "scenarios"), json_object_get(known));
        return;
    }
    report_json_scenario(json, scenario, result);
    report_json_number(json, scenario, number);
}

void outputs_scenario(struct outputs *outputs, const struct scenario *scenario, uint32_t number,
                      const struct explore_result *result, struct json_object *known)
{
    outputs->count++;
    if (outputs->left_count < outputs->count) {
        report_html_scenario(&outputs->html, NULL, 0);
        outputs->left_count++;
    }
    add_to_json(outputs->json, scenario, number, result, known);
    report_junit_scenario(&outputs->junit, scenario, result);
    if (!outputs->has_tap)
        return;
    report_tap_scenario(stdout, outputs->count, scenario, result);
    fflush(stdout);
}

static bool write_text(const char *path, const char *text)
{
    int err = path ? file_write(path, text, (uint32_t)strlen(text)) : 0;

    if (err)
        cli_error("%s: %s", is_stdout(path) ? "stdout" : path, strerror(err));
    return err == 0;
}

bool outputs_end(struct outputs *outputs, const struct report_totals *totals)
{
    report_json_totals(outputs->json, totals);
    char *junit = report_junit_end(&outputs->junit, totals);
    char *html = report_html_end(&outputs->html, outputs->json);
    if (outputs->has_no_times)
        report_json_drop_times(outputs->json);
    const char *json = report_json_text(outputs->json);
    bool is_written = write_text(outputs->json_path, json);

    is_written &= write_text(outputs->junit_path, junit);
    is_written &= write_text(outputs->html_path, html);
    free(junit);
    free(html);
    json_object_put(outputs->json);
    return is_written;
}
