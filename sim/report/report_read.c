#include "sim/report/report_read.h"

#include <string.h>

#include "sim/report/report_json.h"

#define VERDICTS (EXPLORE_FAULT + 1)

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

bool report_read_origin(struct json_object *report, struct origin *ret_origin)
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

/* Which of count names the text under key is. */
static bool get_choice(struct json_object *object, const char *key,
                       const char *(*name_of)(uint32_t), uint32_t count, uint32_t *ret_choice)
{
    char text[64];

    if (!get_text(object, key, sizeof text, text))
        return false;
    for (*ret_choice = 0; *ret_choice < count; ++*ret_choice)
        if (strcmp(text, name_of(*ret_choice)) == 0)
            return true;
    return false;
}

static const char *verdict_name(uint32_t verdict)
{
    return report_json_verdict((enum explore_verdict)verdict);
}

static const char *claim_name(uint32_t claim)
{
    return judge_claim_name((enum judge_claim)claim);
}

static const char *phase_name(uint32_t phase)
{
    return device_phase_name((enum device_phase)phase);
}

static const char *moment_name(uint32_t moment)
{
    return scenario_moment_name((enum power_moment)moment);
}

/* The elements of the list under key; false: there is none, or it has more than max. */
static bool get_list(struct json_object *object, const char *key, uint32_t max,
                     struct json_object **ret_list, uint32_t *ret_count)
{
    if (!json_object_object_get_ex(object, key, ret_list) ||
        !json_object_is_type(*ret_list, json_type_array) ||
        json_object_array_length(*ret_list) > max)
        return false;
    *ret_count = (uint32_t)json_object_array_length(*ret_list);
    return true;
}

static bool read_like(struct json_object *object, struct explore_failure *ret_failure)
{
    struct json_object *list;
    uint32_t count;

    if (!get_list(object, "like", EXPLORE_LIKE_MAX, &list, &count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const char *point = json_object_get_string(json_object_array_get_idx(list, i));
        if (!point || strlen(point) >= POINT_NAME_MAX)
            return false;
        strcpy(ret_failure->like[i], point);
    }
    return true;
}

/* What a cut is besides the operation's number. */
static bool read_cut(struct json_object *object, const char *kind, struct explore_step *ret_step)
{
    char flash[8];
    uint32_t moment;

    if (!get_choice(object, "moment", moment_name, POWER_MOMENT_COUNT, &moment) ||
        !get_text(object, "flash", sizeof flash, flash) ||
        !get_small(object, "offset", &ret_step->offset) ||
        !get_small(object, "size", &ret_step->size))
        return false;
    ret_step->step.moment = (enum power_moment)moment;
    ret_step->is_spi = strcmp(flash, "spi") == 0;
    ret_step->kind = strcmp(kind, "erase") == 0 ? POWER_ERASE : POWER_PROGRAM;
    return true;
}

static bool read_step(struct json_object *object, struct explore_step *ret_step)
{
    char kind[16];
    uint32_t phase;

    if (!get_small(object, "boot", &ret_step->boot) ||
        !get_choice(object, "phase", phase_name, PHASE_COUNT, &phase) ||
        !get_small(object, "operation", &ret_step->step.operation) ||
        !get_text(object, "kind", sizeof kind, kind))
        return false;
    ret_step->phase = (enum device_phase)phase;
    ret_step->step.moment = POINT_READ;
    return strcmp(kind, "read") == 0 || read_cut(object, kind, ret_step);
}

static bool read_steps(struct json_object *object, struct explore_failure *ret_failure)
{
    struct json_object *list;

    if (!get_list(object, "steps", EXPLORE_STEPS_MAX, &list, &ret_failure->step_count))
        return false;
    for (uint32_t i = 0; i < ret_failure->step_count; i++)
        if (!read_step(json_object_array_get_idx(list, i), &ret_failure->steps[i]))
            return false;
    return true;
}

static bool read_failure(struct json_object *object, struct explore_failure *ret_failure)
{
    uint32_t claim, phase;

    if (!get_text(object, "point", sizeof ret_failure->point, ret_failure->point) ||
        !get_choice(object, "claim", claim_name, CLAIM_COUNT, &claim) ||
        !get_text(object, "text", sizeof ret_failure->text, ret_failure->text) ||
        !get_choice(object, "phase", phase_name, PHASE_COUNT, &phase) ||
        !get_count(object, "points", UINT64_MAX, &ret_failure->points) ||
        !get_small(object, "boots", &ret_failure->boots))
        return false;
    ret_failure->is_of_firmware = json_object_object_get_ex(object, "target", NULL);
    if (json_object_object_get_ex(object, "bootloader", NULL) &&
        !get_text(object, "bootloader", sizeof ret_failure->bootloader, ret_failure->bootloader))
        return false;
    ret_failure->claim = (enum judge_claim)claim;
    ret_failure->phase = (enum device_phase)phase;
    return read_like(object, ret_failure) && read_steps(object, ret_failure);
}

static bool read_failures(struct json_object *object, struct explore_result *result)
{
    struct json_object *list;

    if (!get_list(object, "failures", EXPLORE_FAILURES_MAX, &list, &result->failure_count))
        return false;
    for (uint32_t i = 0; i < result->failure_count; i++)
        if (!read_failure(json_object_array_get_idx(list, i), &result->failures[i]))
            return false;
    return true;
}

bool report_read(struct json_object *object, struct explore_result *ret_result)
{
    struct json_object *seconds, *closed;
    uint32_t verdict;

    memset(ret_result, 0, sizeof *ret_result);
    if (!get_choice(object, "verdict", verdict_name, VERDICTS, &verdict) ||
        !get_count(object, "points", UINT64_MAX, &ret_result->points) ||
        !get_count(object, "points_failed", UINT64_MAX, &ret_result->points_failed) ||
        !get_count(object, "boots", UINT64_MAX, &ret_result->boots) ||
        !get_count(object, "operations", UINT64_MAX, &ret_result->operations) ||
        !get_count(object, "checked", UINT64_MAX, &ret_result->checked) ||
        !get_count(object, "states", UINT64_MAX, &ret_result->states) ||
        !get_count(object, "skipped", UINT64_MAX, &ret_result->skipped) ||
        !get_small(object, "depth", &ret_result->depth) || !read_failures(object, ret_result))
        return false;
    ret_result->verdict = (enum explore_verdict)verdict;
    ret_result->is_short = get_small(object, "left", &ret_result->left);
    ret_result->is_any = json_object_object_get_ex(object, "closed", &closed);
    ret_result->is_closed = ret_result->is_any && json_object_get_boolean(closed);
    if (json_object_object_get_ex(object, "seconds", &seconds))
        ret_result->seconds = json_object_get_double(seconds);
    return get_text(object, "fault", sizeof ret_result->fault, ret_result->fault) ||
           ret_result->verdict != EXPLORE_FAULT;
}
