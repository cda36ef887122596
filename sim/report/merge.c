#include "sim/report/merge.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/report_json.h"
#include "sim/report/report_read.h"

struct merge {
    struct json_object *const *reports;
    const char *const *names;
    uint32_t count;
    struct origin origin;     /* of the whole */
    uint32_t *places;         /* of each share: its report, from 1; 0: not there yet */
    struct json_object **all; /* of each number: its scenario */
    char *error;
};

__attribute__((format(printf, 3, 4))) static bool fail(struct merge *merge, const char *name,
                                                       const char *format, ...)
{
    va_list args;
    int length = snprintf(merge->error, MERGE_ERROR_MAX, "%s: ", name);

    va_start(args, format);
    vsnprintf(merge->error + length, (size_t)(MERGE_ERROR_MAX - length), format, args);
    va_end(args);
    return false;
}

static const char *text_of(struct json_object *object, const char *key)
{
    struct json_object *value = json_object_object_get(object, key);

    return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* --- do they belong together? ---------------------------------------------------------------- */

static bool add_share(struct merge *merge, uint32_t index)
{
    const char *name = merge->names[index], *what;
    struct origin origin;

    if (!report_read_origin(merge->reports[index], &origin))
        return fail(merge, name, "not a report of 'brownout run --json' of this version");
    if (!index)
        merge->origin = origin;
    if (!origin_is_alike(&origin, &merge->origin, &what))
        return fail(merge, name, "another %s than in %s", what, merge->names[0]);
    if (!index) {
        merge->places = calloc(origin.shards + 1, sizeof *merge->places);
        merge->all = calloc((size_t)origin.scenarios + 1, sizeof(struct json_object *));
        if (!merge->places || !merge->all)
            return fail(merge, name, "out of memory");
    }
    if (merge->places[origin.shard])
        return fail(merge, name, "share %u/%u once more, after %s", origin.shard, origin.shards,
                    merge->names[merge->places[origin.shard] - 1]);
    merge->places[origin.shard] = index + 1;
    return true;
}

static bool add_shares(struct merge *merge)
{
    for (uint32_t i = 0; i < merge->count; i++)
        if (!add_share(merge, i))
            return false;
    for (uint32_t i = 1; i <= merge->origin.shards; i++)
        if (!merge->places[i])
            return fail(merge, merge->names[0], "share %u/%u is missing", i, merge->origin.shards);
    return true;
}

/* --- scenarios ------------------------------------------------------------------------------- */

static bool add_scenario(struct merge *merge, const char *file, uint32_t share,
                         struct json_object *object)
{
    const char *name = text_of(object, "name");
    struct json_object *number = json_object_object_get(object, "number");
    struct explore_result result;

    if (!name || !text_of(object, "digest") || !json_object_is_type(number, json_type_int) ||
        !report_read(object, &result))
        return fail(merge, file, "a scenario without all that a report says of one");
    uint64_t at = json_object_get_uint64(number);
    if (at >= merge->origin.scenarios)
        return fail(merge, file, "'%s' has number %llu, and there are %u scenarios", name,
                    (unsigned long long)at, merge->origin.scenarios);
    if (origin_shard_of(name, merge->origin.shards) != share)
        return fail(merge, file, "'%s' is none of share %u/%u", name, share, merge->origin.shards);
    if (merge->all[at])
        return fail(merge, file, "'%s' has the number of '%s'", name,
                    text_of(merge->all[at], "name"));
    merge->all[at] = object;
    return true;
}

static bool add_scenarios(struct merge *merge, uint32_t share)
{
    const char *file = merge->names[merge->places[share] - 1];
    struct json_object *list =
        json_object_object_get(merge->reports[merge->places[share] - 1], "scenarios");

    if (!json_object_is_type(list, json_type_array))
        return fail(merge, file, "there is no list of scenarios");
    for (size_t i = 0; i < json_object_array_length(list); i++)
        if (!add_scenario(merge, file, share, json_object_array_get_idx(list, i)))
            return false;
    return true;
}

/* Each is there once, and all of them are what was named. */
static bool check_whole(struct merge *merge)
{
    struct origin whole = {0};

    for (uint32_t i = 0; i < merge->origin.scenarios; i++) {
        if (!merge->all[i])
            return fail(merge, merge->names[0], "scenario number %u is in none of the reports", i);
        origin_add(&whole, text_of(merge->all[i], "name"), text_of(merge->all[i], "digest"));
    }
    if (strcmp(whole.digest, merge->origin.digest) != 0)
        return fail(merge, merge->names[0], "the scenarios are not those that were named");
    return true;
}

/* --- the whole ------------------------------------------------------------------------------- */

/* Seconds are only there when all reports have them. */
static void take_times(const struct merge *merge, struct report_totals *totals,
                       struct json_object *report)
{
    bool has_times = true;

    for (uint32_t i = 0; i < merge->count; i++) {
        struct json_object *seconds, *of = json_object_object_get(merge->reports[i], "totals");
        has_times &= json_object_object_get_ex(of, "seconds", &seconds);
        if (has_times)
            totals->seconds += json_object_get_double(seconds);
    }
    report_json_totals(report, totals);
    if (!has_times)
        report_json_drop_times(report);
}

static struct json_object *make_whole(const struct merge *merge)
{
    struct json_object *report = report_json_new();
    struct json_object *list = json_object_object_get(report, "scenarios");
    struct report_totals totals = {0};
    struct origin origin = merge->origin;
    struct explore_result result;

    origin.shard = origin.shards = 1;
    report_json_origin(report, &origin);
    for (uint32_t i = 0; i < merge->origin.scenarios; i++) {
        if (report_read(merge->all[i], &result))
            report_add(&totals, &result);
        json_object_array_add(list, json_object_get(merge->all[i]));
    }
    take_times(merge, &totals, report);
    return report;
}

struct json_object *merge_reports(struct json_object *const *reports, const char *const *names,
                                  uint32_t count, char ret_error[MERGE_ERROR_MAX])
{
    struct merge merge = {.reports = reports, .names = names, .count = count, .error = ret_error};
    struct json_object *whole = NULL;
    bool is_fine = add_shares(&merge);

    for (uint32_t i = 1; is_fine && i <= merge.origin.shards; i++)
        is_fine = add_scenarios(&merge, i);
    if (is_fine && check_whole(&merge))
        whole = make_whole(&merge);
    free(merge.places);
    free(merge.all);
    return whole;
}

enum explore_verdict merge_verdict(struct json_object *report)
{
    struct json_object *list = json_object_object_get(report, "scenarios");
    enum explore_verdict verdict = EXPLORE_PASSED;
    struct explore_result result;

    for (size_t i = 0; i < json_object_array_length(list); i++)
        if (report_read(json_object_array_get_idx(list, i), &result) && result.verdict > verdict)
            verdict = result.verdict;
    return verdict;
}
