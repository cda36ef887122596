#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/merge.h"
#include "sim/report/report_json.h"

#define SCENARIOS  20
#define SHARES_MAX 16

static const char *const names[SHARES_MAX] = {"a", "b", "c", "d", "e", "f", "g", "h",
                                              "i", "j", "k", "l", "m", "n", "o", "p"};

static void make_scenario(uint32_t number, struct scenario *scenario)
{
    memset(scenario, 0, sizeof *scenario);
    snprintf(scenario->name, sizeof scenario->name, "scenario-%u", number);
    snprintf(scenario->digest, sizeof scenario->digest, "digest-%u", number);
    strcpy(scenario->theme, "theme");
    strcpy(scenario->file, "theme/file.json");
}

static void make_result(uint32_t number, struct explore_result *result)
{
    *result = (struct explore_result){.points = 1000 + number, .boots = number, .seconds = 0.125};
    if (number != 7)
        return;
    result->verdict = EXPLORE_FAILED;
    result->points_failed = result->failure_count = 1;
    result->failures[0] =
        (struct explore_failure){.point = "17t.3a", .claim = CLAIM_ATOMIC, .text = "a \"mixture\""};
}

/* What 'brownout run --shard share/shares --json' writes. */
static struct json_object *make_report(uint32_t share, uint32_t shares)
{
    struct json_object *report = report_json_new();
    struct report_totals totals = {0};
    struct origin origin;
    struct scenario scenario;
    struct explore_result result;

    origin_init(&origin, "1.0");
    origin.shard = share;
    origin.shards = shares;
    for (uint32_t i = 0; i < SCENARIOS; i++) {
        make_scenario(i, &scenario);
        origin_add(&origin, scenario.name, scenario.digest);
    }
    report_json_origin(report, &origin);
    for (uint32_t i = 0; i < SCENARIOS; i++) {
        make_scenario(i, &scenario);
        if (origin_shard_of(scenario.name, shares) != share)
            continue;
        make_result(i, &result);
        report_add(&totals, &result);
        totals.seconds += result.seconds;
        report_json_scenario(report, &scenario, &result);
        report_json_number(report, &scenario, i);
    }
    report_json_totals(report, &totals);
    return report;
}

static void assert_same_text(struct json_object *a, struct json_object *b)
{
    char *text = strdup(report_json_text(a));

    assert_string_equal(report_json_text(b), text);
    free(text);
}

static void any_number_of_shares_in_any_order_makes_the_whole(void **state)
{
    char error[MERGE_ERROR_MAX];
    struct json_object *whole = make_report(1, 1);

    (void)state;
    for (uint32_t shares = 1; shares <= SHARES_MAX; shares++) {
        struct json_object *reports[SHARES_MAX];
        for (uint32_t i = 0; i < shares; i++)
            reports[i] = make_report(shares - i, shares);
        struct json_object *merged = merge_reports(reports, names, shares, error);
        assert_non_null(merged);
        assert_same_text(merged, whole);
        assert_int_equal(merge_verdict(merged), EXPLORE_FAILED);
        json_object_put(merged);
        for (uint32_t i = 0; i < shares; i++)
            json_object_put(reports[i]);
    }
    json_object_put(whole);
}

static void without_times_there_are_none_in_the_whole(void **state)
{
    char error[MERGE_ERROR_MAX];
    struct json_object *reports[2] = {make_report(1, 2), make_report(2, 2)};
    struct json_object *whole = make_report(1, 1);

    (void)state;
    report_json_drop_times(whole);
    report_json_drop_times(reports[0]);
    report_json_drop_times(reports[1]);
    struct json_object *merged = merge_reports(reports, names, 2, error);
    assert_non_null(merged);
    assert_same_text(merged, whole);
    assert_null(strstr(report_json_text(merged), "seconds"));
    json_object_put(merged);
    json_object_put(whole);
    json_object_put(reports[0]);
    json_object_put(reports[1]);
}

/* Two of two shares, the second of which was changed. */
static void assert_refused(void (*change)(struct json_object *report), const char *expected)
{
    char error[MERGE_ERROR_MAX];
    struct json_object *reports[2] = {make_report(1, 2), make_report(2, 2)};

    change(reports[1]);
    assert_null(merge_reports(reports, names, 2, error));
    assert_string_equal(error, expected);
    json_object_put(reports[0]);
    json_object_put(reports[1]);
}

static struct json_object *first(struct json_object *report)
{
    return json_object_array_get_idx(json_object_object_get(report, "scenarios"), 0);
}

static void set(struct json_object *object, const char *key, int value)
{
    json_object_object_add(object, key, json_object_new_int(value));
}

static void is_share_one(struct json_object *report)
{
    set(json_object_object_get(report, "origin"), "shard", 1);
}

static void is_of_three(struct json_object *report)
{
    set(json_object_object_get(report, "origin"), "shards", 3);
}

static void has_no_origin(struct json_object *report)
{
    json_object_object_del(report, "origin");
}

static void is_another_schema(struct json_object *report)
{
    set(report, "schema_version", 99);
}

static void has_one_less(struct json_object *report)
{
    json_object_array_del_idx(json_object_object_get(report, "scenarios"), 0, 1);
}

static void has_one_twice(struct json_object *report)
{
    json_object_array_add(json_object_object_get(report, "scenarios"),
                          json_object_get(first(report)));
}

static void has_a_large_number(struct json_object *report)
{
    set(first(report), "number", SCENARIOS);
}

static void has_another_file(struct json_object *report)
{
    json_object_object_add(first(report), "digest", json_object_new_string("x"));
}

static void has_no_verdict(struct json_object *report)
{
    json_object_object_del(first(report), "verdict");
}

static void has_an_unknown_verdict(struct json_object *report)
{
    json_object_object_add(first(report), "verdict", json_object_new_string("well"));
}

static void whatever_does_not_fit_is_refused_with_its_reason(void **state)
{
    (void)state;
    assert_refused(is_share_one, "b: share 1/2 once more, after a");
    assert_refused(is_of_three, "b: another number of shares than in a");
    assert_refused(has_no_origin, "b: not a report of 'brownout run --json' of this version");
    assert_refused(is_another_schema, "b: not a report of 'brownout run --json' of this version");
    assert_refused(has_one_less, "a: scenario number 4 is in none of the reports");
    assert_refused(has_one_twice, "b: 'scenario-4' has the number of 'scenario-4'");
    assert_refused(has_a_large_number, "b: 'scenario-4' has number 20, and there are 20 scenarios");
    assert_refused(has_another_file, "a: the scenarios are not those that were named");
    assert_refused(has_no_verdict, "b: a scenario without all that a report says of one");
    assert_refused(has_an_unknown_verdict, "b: a scenario without all that a report says of one");
}

static void missing_share_is_named(void **state)
{
    char error[MERGE_ERROR_MAX];
    struct json_object *report = make_report(2, 2);

    (void)state;
    assert_null(merge_reports(&report, names, 1, error));
    assert_string_equal(error, "a: share 1/2 is missing");
    json_object_put(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_shares_in_any_order_makes_the_whole),
        cmocka_unit_test(without_times_there_are_none_in_the_whole),
        cmocka_unit_test(whatever_does_not_fit_is_refused_with_its_reason),
        cmocka_unit_test(missing_share_is_named),
    };

    return cmocka_run_group_tests_name("merge", tests, NULL, NULL);
}
