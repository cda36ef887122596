#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/report_json.h"

static const struct scenario scenario = {
    .name = "install-cut", .theme = "powerloss", .file = "scenarios/install-cut.json"};

/* The whole report, to the letter: whoever reads it relies on every key. */
static void assert_report(struct json_object *report, const char *expected)
{
    assert_string_equal(json_object_to_json_string_ext(report, JSON_C_TO_STRING_PLAIN |
                                                                   JSON_C_TO_STRING_NOSLASHESCAPE),
                        expected);
    json_object_put(report);
}

static void empty_report_has_version_totals_and_scenarios(void **state)
{
    (void)state;
    assert_report(report_json_new(), "{\"schema_version\":1,\"totals\":{},\"scenarios\":[]}");
}

static void totals_have_exactly_these_keys(void **state)
{
    const struct report_totals totals = {.scenarios = 3,
                                         .passed = 2,
                                         .failed = 1,
                                         .points = 4000000000000,
                                         .checked = 5,
                                         .boots = 6,
                                         .operations = 7,
                                         .seconds = 0.1234};
    struct json_object *report = report_json_new();

    (void)state;
    report_json_totals(report, &totals);
    assert_report(report, "{\"schema_version\":1,\"totals\":{\"scenarios\":3,\"passed\":2,"
                          "\"failed\":1,\"short\":0,\"points\":4000000000000,\"boots\":6,"
                          "\"operations\":7,\"checked\":5,"
                          "\"seconds\":0.123},\"scenarios\":[]}");
}

static void passed_scenario_has_exactly_these_keys(void **state)
{
    const struct explore_result result = {
        .points = 12, .checked = 1, .boots = 34, .operations = 56, .seconds = 7.8999};
    struct json_object *report = report_json_new();

    (void)state;
    report_json_scenario(report, &scenario, &result);
    assert_report(report,
                  "{\"schema_version\":1,\"totals\":{},\"scenarios\":[{\"name\":\"install-cut\","
                  "\"theme\":\"powerloss\",\"verdict\":\"passed\",\"points\":12,"
                  "\"points_failed\":0,\"boots\":34,\"operations\":56,\"checked\":1,\"states\":0,"
                  "\"depth\":0,\"seconds\":7.900,"
                  "\"failures\":[]}]}");
}

static void failure_has_id_claim_text_and_replay(void **state)
{
    const struct explore_result result = {
        .verdict = EXPLORE_FAILED,
        .points = 2,
        .points_failed = 2,
        .failure_count = 2,
        .failures = {{"17t", CLAIM_ATOMIC, "a \"mixture\""}, {"0", CLAIM_CONTROL, "no"}},
    };
    struct json_object *report = report_json_new();

    (void)state;
    report_json_scenario(report, &scenario, &result);
    assert_report(
        report,
        "{\"schema_version\":1,\"totals\":{},\"scenarios\":[{\"name\":\"install-cut\","
        "\"theme\":\"powerloss\",\"verdict\":\"failed\",\"points\":2,\"points_failed\":2,"
        "\"boots\":0,\"operations\":0,\"checked\":0,\"states\":0,\"depth\":0,"
        "\"seconds\":0.000,\"failures\":["
        "{\"id\":\"install-cut:17t\",\"claim\":\"atomic (I2)\",\"text\":\"a \\\"mixture\\\"\","
        "\"replay\":\"brownout replay scenarios/install-cut.json:17t\"},"
        "{\"id\":\"install-cut:0\",\"claim\":\"the control run passes\",\"text\":\"no\","
        "\"replay\":\"brownout replay scenarios/install-cut.json:0\"}]}]}");
}

static void fault_has_its_reason(void **state)
{
    const struct explore_result result = {.verdict = EXPLORE_FAULT, .fault = "it crashed"};
    struct json_object *report = report_json_new();

    (void)state;
    report_json_scenario(report, &scenario, &result);
    assert_report(
        report,
        "{\"schema_version\":1,\"totals\":{},\"scenarios\":[{\"name\":\"install-cut\","
        "\"theme\":\"powerloss\",\"verdict\":\"fault\",\"points\":0,"
        "\"points_failed\":0,\"boots\":0,\"operations\":0,\"checked\":0,\"states\":0,\"depth\":0,"
        "\"seconds\":0.000,"
        "\"fault\":\"it crashed\",\"failures\":[]}]}");
}

static void row_has_its_numbers_and_its_setting(void **state)
{
    const struct explore_result result = {0};
    struct scenario row = {.name = "cut[1,0]",
                           .row = "[1,0]",
                           .setting = "/device/ecc true, /device/trials 1",
                           .theme = "update"};
    struct json_object *report = report_json_new();

    (void)state;
    report_json_scenario(report, &row, &result);
    assert_report(report, "{\"schema_version\":1,\"totals\":{},\"scenarios\":[{"
                          "\"name\":\"cut[1,0]\",\"theme\":\"update\",\"row\":\"[1,0]\","
                          "\"setting\":\"/device/ecc true, /device/trials 1\","
                          "\"verdict\":\"passed\",\"points\":0,\"points_failed\":0,"
                          "\"boots\":0,\"operations\":0,\"checked\":0,\"states\":0,\"depth\":0,"
                          "\"seconds\":0.000,"
                          "\"failures\":[]}]}");
}

static void scenarios_stand_in_their_order(void **state)
{
    const struct explore_result result = {0};
    struct scenario other = scenario;
    struct json_object *report = report_json_new();

    (void)state;
    strcpy(other.name, "another");
    report_json_scenario(report, &scenario, &result);
    report_json_scenario(report, &other, &result);
    struct json_object *list = json_object_object_get(report, "scenarios");
    assert_int_equal(json_object_array_length(list), 2);
    struct json_object *second = json_object_array_get_idx(list, 1);
    assert_string_equal(json_object_get_string(json_object_object_get(second, "name")), "another");
    json_object_put(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_report_has_version_totals_and_scenarios),
        cmocka_unit_test(totals_have_exactly_these_keys),
        cmocka_unit_test(passed_scenario_has_exactly_these_keys),
        cmocka_unit_test(failure_has_id_claim_text_and_replay),
        cmocka_unit_test(fault_has_its_reason),
        cmocka_unit_test(row_has_its_numbers_and_its_setting),
        cmocka_unit_test(scenarios_stand_in_their_order),
    };

    return cmocka_run_group_tests_name("report_json", tests, NULL, NULL);
}
