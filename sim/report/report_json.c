#include "sim/report/report_json.h"

#include <string.h>

static const char *const verdict_names[] = {"passed", "short", "failed", "fault"};

const char *report_json_verdict(enum explore_verdict verdict)
{
    return verdict_names[verdict];
}

static void put_text(struct json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, json_object_new_string(text));
}

static void put_count(struct json_object *object, const char *key, uint64_t count)
{
    json_object_object_add(object, key, json_object_new_uint64(count));
}

static void put_seconds(struct json_object *object, double seconds)
{
    char text[32];

    snprintf(text, sizeof text, "%.3f", seconds);
    json_object_object_add(object, "seconds", json_object_new_double_s(seconds, text));
}

struct json_object *report_json_new(void)
{
    struct json_object *report = json_object_new_object();

    put_count(report, "schema_version", REPORT_JSON_VERSION);
    json_object_object_add(report, "totals", json_object_new_object());
    json_object_object_add(report, "scenarios", json_object_new_array());
    return report;
}

static struct json_object *like_array(const struct explore_failure *failure)
{
    struct json_object *array = json_object_new_array();

    for (uint32_t i = 0; i < EXPLORE_LIKE_MAX && failure->like[i][0]; i++)
        json_object_array_add(array, json_object_new_string(failure->like[i]));
    return array;
}

static struct json_object *step_object(const struct explore_step *step)
{
    struct json_object *object = json_object_new_object();

    put_count(object, "boot", step->boot);
    put_text(object, "phase", device_phase_name(step->phase));
    put_count(object, "operation", step->step.operation);
    if (step->step.moment == POINT_READ) {
        put_text(object, "kind", "read");
        return object;
    }
    put_text(object, "kind", step->kind == POWER_ERASE ? "erase" : "program");
    put_text(object, "moment", scenario_moment_name(step->step.moment));
    put_text(object, "flash", step->is_spi ? "spi" : "nvm");
    put_count(object, "offset", step->offset);
    put_count(object, "size", step->size);
    return object;
}

static struct json_object *steps_array(const struct explore_failure *failure)
{
    struct json_object *array = json_object_new_array();

    for (uint32_t i = 0; i < failure->step_count; i++)
        json_object_array_add(array, step_object(&failure->steps[i]));
    return array;
}

static struct json_object *failure_object(const struct scenario *scenario,
                                          const struct explore_failure *failure)
{
    struct json_object *object = json_object_new_object();
    char text[4200];

    snprintf(text, sizeof text, "%s:%s", scenario->name, failure->point);
    put_text(object, "id", text);
    put_text(object, "point", failure->point);
    put_text(object, "claim", judge_claim_name(failure->claim));
    put_text(object, "text", failure->text);
    report_replay_command(scenario, failure, text, sizeof text);
    put_text(object, "replay", text);
    if (failure->is_of_firmware)
        put_text(object, "target", "pic32");
    if (failure->bootloader[0])
        put_text(object, "bootloader", failure->bootloader);
    put_text(object, "phase", device_phase_name(failure->phase));
    put_count(object, "points", failure->points);
    put_count(object, "boots", failure->boots);
    json_object_object_add(object, "like", like_array(failure));
    json_object_object_add(object, "steps", steps_array(failure));
    return object;
}

void report_json_scenario(struct json_object *report, const struct scenario *scenario,
                          const struct explore_result *result)
{
    struct json_object *object = json_object_new_object();
    struct json_object *failures = json_object_new_array();

    put_text(object, "name", scenario->name);
    put_text(object, "theme", scenario->theme);
    put_text(object, "file", scenario->file);
    put_text(object, "why", scenario->why);
    if (scenario->row[0]) {
        put_text(object, "row", scenario->row);
        put_text(object, "setting", scenario->setting);
    }
    put_text(object, "verdict", report_json_verdict(result->verdict));
    put_count(object, "points", result->points);
    put_count(object, "points_failed", result->points_failed);
    put_count(object, "states", result->states);
    put_count(object, "skipped", result->skipped);
    put_count(object, "checked", result->checked);
    put_count(object, "depth", result->depth);
    if (result->is_any)
        json_object_object_add(object, "closed", json_object_new_boolean(result->is_closed));
    put_count(object, "boots", result->boots);
    put_count(object, "operations", result->operations);
    if (result->is_short)
        put_count(object, "left", result->left);
    put_seconds(object, result->seconds);
    if (result->fault[0])
        put_text(object, "fault", result->fault);
    for (uint32_t i = 0; i < result->failure_count; i++)
        json_object_array_add(failures, failure_object(scenario, &result->failures[i]));
    json_object_object_add(object, "failures", failures);
    json_object_array_add(json_object_object_get(report, "scenarios"), object);
}

struct json_object *report_json_last(const struct json_object *report)
{
    const struct json_object *scenarios = json_object_object_get(report, "scenarios");
    size_t count = json_object_array_length(scenarios);

    return count ? json_object_array_get_idx(scenarios, count - 1) : NULL;
}

void report_json_totals(struct json_object *report, const struct report_totals *totals)
{
    struct json_object *object = json_object_object_get(report, "totals");

    put_count(object, "scenarios", totals->scenarios);
    put_count(object, "passed", totals->passed);
    put_count(object, "failed", totals->failed);
    put_count(object, "short", totals->cut_short);
    put_count(object, "points", totals->points);
    put_count(object, "states", totals->states);
    put_count(object, "skipped", totals->skipped);
    put_count(object, "checked", totals->checked);
    put_count(object, "any", totals->any);
    put_count(object, "closed", totals->closed);
    put_count(object, "boots", totals->boots);
    put_count(object, "operations", totals->operations);
    put_seconds(object, totals->seconds);
}

void report_json_number(struct json_object *report, const struct scenario *scenario,
                        uint32_t number)
{
    struct json_object *list = json_object_object_get(report, "scenarios");
    struct json_object *last = json_object_array_get_idx(list, json_object_array_length(list) - 1);

    put_count(last, "number", number);
    put_text(last, "digest", scenario->digest);
}

void report_json_drop_times(struct json_object *report)
{
    struct json_object *list = json_object_object_get(report, "scenarios");

    json_object_object_del(json_object_object_get(report, "totals"), "seconds");
    for (size_t i = 0; i < json_object_array_length(list); i++)
        json_object_object_del(json_object_array_get_idx(list, i), "seconds");
}

const char *report_json_text(struct json_object *report)
{
    return json_object_to_json_string_ext(report,
                                          JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
}

void report_json_origin(struct json_object *report, const struct origin *origin)
{
    struct json_object *object = json_object_new_object();

    put_text(object, "version", origin->version);
    put_text(object, "build", origin->build);
    put_count(object, "scenarios", origin->scenarios);
    put_text(object, "digest", origin->digest);
    put_count(object, "shard", origin->shard);
    put_count(object, "shards", origin->shards);
    json_object_object_add(report, "origin", object);
}
