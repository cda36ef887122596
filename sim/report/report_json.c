#include "sim/report/report_json.h"

#include <string.h>

static const char *const verdict_names[] = {"passed", "short", "failed", "fault"};

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
    put_text(object, "verdict", verdict_names[result->verdict]);
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
    if (result->verdict == EXPLORE_FAULT)
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

/* --- reading --------------------------------------------------------------------------------- */

static bool get_text(struct json_object *object, const char *key, size_t size, char *ret_text)
{
    struct json_object *value;

    if (!json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_string) ||
        (size_t)json_object_get_string_len(value) >= size)
        return false;
    memcpy(ret_text, json_object_get_string(value), (size_t)json_object_get_string_len(value) + 1);
    return true;
}

static bool get_count(struct json_object *object, const char *key, uint64_t max,
                      uint64_t *ret_count)
{
    struct json_object *value;

    if (!json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
        return false;
    *ret_count = json_object_get_uint64(value);
    return *ret_count <= max;
}

static bool get_small(struct json_object *object, const char *key, uint32_t *ret_count)
{
    uint64_t count;

    if (!get_count(object, key, UINT32_MAX, &count))
        return false;
    *ret_count = (uint32_t)count;
    return true;
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

bool report_json_read_origin(struct json_object *report, struct origin *ret_origin)
{
    struct json_object *object;
    uint64_t version;

    memset(ret_origin, 0, sizeof *ret_origin);
    return json_object_is_type(report, json_type_object) &&
           get_count(report, "schema_version", REPORT_JSON_VERSION, &version) &&
           version == REPORT_JSON_VERSION && json_object_object_get_ex(report, "origin", &object) &&
           json_object_is_type(object, json_type_object) &&
           get_text(object, "version", sizeof ret_origin->version, ret_origin->version) &&
           get_text(object, "build", sizeof ret_origin->build, ret_origin->build) &&
           get_small(object, "scenarios", &ret_origin->scenarios) &&
           get_text(object, "digest", sizeof ret_origin->digest, ret_origin->digest) &&
           get_small(object, "shard", &ret_origin->shard) &&
           get_small(object, "shards", &ret_origin->shards) && ret_origin->shard >= 1 &&
           ret_origin->shard <= ret_origin->shards;
}

static bool read_verdict(struct json_object *object, enum explore_verdict *ret_verdict)
{
    char text[16];

    if (!get_text(object, "verdict", sizeof text, text))
        return false;
    for (uint32_t i = 0; i < sizeof verdict_names / sizeof verdict_names[0]; i++)
        if (strcmp(text, verdict_names[i]) == 0) {
            *ret_verdict = (enum explore_verdict)i;
            return true;
        }
    return false;
}

static bool read_failure(struct json_object *object, struct explore_failure *ret_failure)
{
    char claim[64], id[SCENARIO_ID_MAX + 1 + POINT_NAME_MAX];

    if (!get_text(object, "claim", sizeof claim, claim) ||
        !get_text(object, "text", sizeof ret_failure->text, ret_failure->text) ||
        !get_text(object, "id", sizeof id, id) || !strrchr(id, ':'))
        return false;
    snprintf(ret_failure->point, sizeof ret_failure->point, "%.*s", POINT_NAME_MAX - 1,
             strrchr(id, ':') + 1);
    for (uint32_t i = 0; i < CLAIM_COUNT; i++)
        if (strcmp(judge_claim_name((enum judge_claim)i), claim) == 0) {
            ret_failure->claim = (enum judge_claim)i;
            return true;
        }
    return false;
}

static bool read_failures(struct json_object *object, struct explore_result *result)
{
    struct json_object *list;

    if (!json_object_object_get_ex(object, "failures", &list) ||
        !json_object_is_type(list, json_type_array) ||
        json_object_array_length(list) > EXPLORE_FAILURES_MAX)
        return false;
    result->failure_count = (uint32_t)json_object_array_length(list);
    for (uint32_t i = 0; i < result->failure_count; i++)
        if (!read_failure(json_object_array_get_idx(list, i), &result->failures[i]))
            return false;
    return true;
}

bool report_json_read(struct json_object *object, struct explore_result *ret_result)
{
    struct json_object *seconds, *closed;

    memset(ret_result, 0, sizeof *ret_result);
    if (!read_verdict(object, &ret_result->verdict) ||
        !get_count(object, "points", UINT64_MAX, &ret_result->points) ||
        !get_count(object, "points_failed", UINT64_MAX, &ret_result->points_failed) ||
        !get_count(object, "boots", UINT64_MAX, &ret_result->boots) ||
        !get_count(object, "operations", UINT64_MAX, &ret_result->operations) ||
        !get_count(object, "checked", UINT64_MAX, &ret_result->checked) ||
        !get_count(object, "states", UINT64_MAX, &ret_result->states) ||
        !get_count(object, "skipped", UINT64_MAX, &ret_result->skipped) ||
        !get_small(object, "depth", &ret_result->depth) || !read_failures(object, ret_result))
        return false;
    ret_result->is_any = json_object_object_get_ex(object, "closed", &closed);
    ret_result->is_closed = ret_result->is_any && json_object_get_boolean(closed);
    if (json_object_object_get_ex(object, "seconds", &seconds))
        ret_result->seconds = json_object_get_double(seconds);
    return ret_result->verdict != EXPLORE_FAULT ||
           get_text(object, "fault", sizeof ret_result->fault, ret_result->fault);
}
