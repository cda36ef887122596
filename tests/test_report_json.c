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
                          "\"failed\":1,\"short\":0,\"points\":4000000000000,\"states\":0,"
                          "\"skipped\":0,\"checked\":5,"
                          "\"any\":0,\"closed\":0,\"boots\":6,\"operations\":7,"
                          "\"seconds\":0.123},\"scenarios\":[]}");
}

static void passed_scenario_has_exactly_these_keys(void **state)
{
    const struct explore_result result = {
        .points = 12, .checked = 1, .boots = 34, .operations = 56, .seconds = 7.8999};
    struct json_object *report = report_json_new();

    (void)state;
    report_json_scenario(report, &scenario, &result);
    assert_report(
        report,
        "{\"schema_version\":1,\"totals\":{},\"scenarios\":[{\"name\":\"install-cut\","
        "\"theme\":\"powerloss\","
        "\"file\":\"scenarios/install-cut.json\",\"why\":\"\",\"verdict\":\"passed\",\"points\":12,"
        "\"points_failed\":0,"
        "\"states\":0,\"skipped\":0,\"checked\":1,\"depth\":0,"
        "\"boots\":34,\"operations\":56,\"seconds\":7.900,"
        "\"failures\":[]}]}");
}

static void failure_has_id_claim_text_and_replay(void **state)
{
    const struct explore_result result = {
        .verdict = EXPLORE_FAILED,
        .points = 2,
        .points_failed = 2,
        .failure_count = 2,
        .failures =
            {{.point = "17t",
              .claim = CLAIM_ATOMIC,
              .text = "a \"mixture\"",
              .phase = PHASE_INSTALL,
              .points = 2,
              .like = {"18t"},
              .step_count = 2,
              .steps = {{{17, POWER_INSIDE}, 2, PHASE_INSTALL, true, POWER_ERASE, 8192, 4096},
                        {{4097, POINT_READ}, 3, PHASE_BOOT, false, POWER_PROGRAM, 0, 0}},
              .boots = 3},
             {.point = "0", .claim = CLAIM_CONTROL, .text = "no"}},
    };
    struct json_object *report = report_json_new();

    (void)state;
    report_json_scenario(report, &scenario, &result);
    assert_report(
        report,
        "{\"schema_version\":1,\"totals\":{},\"scenarios\":[{\"name\":\"install-cut\","
        "\"theme\":\"powerloss\","
        "\"file\":\"scenarios/"
        "install-cut.json\",\"why\":\"\",\"verdict\":\"failed\",\"points\":2,\"points_failed\":2,"
        "\"states\":0,\"skipped\":0,\"checked\":0,\"depth\":0,"
        ""
        "\"boots\":0,\"operations\":0,\"seconds\":0.000,\"failures\":["
        "{\"id\":\"install-cut:17t\",\"point\":\"17t\","
        "\"claim\":\"atomic (I2)\",\"text\":\"a \\\"mixture\\\"\","
        "\"replay\":\"brownout replay "
        "scenarios/"
        "install-cut.json:17t\",\"phase\":\"install\",\"points\":2,\"boots\":3,\"like\":[\"18t\"],"
        "\"steps\":[{\"boot\":2,\"phase\":\"install\",\"operation\":17,\"kind\":\"erase\","
        "\"moment\":\"inside\","
        "\"flash\":\"spi\",\"offset\":8192,\"size\":4096},{\"boot\":3,\"phase\":\"boot\","
        "\"operation\":4097,"
        "\"kind\":\"read\"}]},"
        "{\"id\":\"install-cut:0\",\"point\":\"0\","
        "\"claim\":\"the control run passes\",\"text\":\"no\","
        "\"replay\":\"brownout replay "
        "scenarios/"
        "install-cut.json:0\",\"phase\":\"boot\",\"points\":0,\"boots\":0,\"like\":[],\"steps\":[]}"
        "]}]}");
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
        "\"theme\":\"powerloss\","
        "\"file\":\"scenarios/install-cut.json\",\"why\":\"\",\"verdict\":\"fault\",\"points\":0,"
        "\"points_failed\":0,"
        "\"states\":0,\"skipped\":0,\"checked\":0,\"depth\":0,"
        "\"boots\":0,\"operations\":0,\"seconds\":0.000,"
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
    assert_report(
        report,
        "{\"schema_version\":1,\"totals\":{},\"scenarios\":[{"
        "\"name\":\"cut[1,0]\",\"theme\":\"update\","
        "\"file\":\"\",\"why\":\"\",\"row\":\"[1,0]\","
        "\"setting\":\"/device/ecc true, /device/trials 1\","
        "\"verdict\":\"passed\",\"points\":0,\"points_failed\":0,\"states\":0,\"skipped\":0,"
        "\"checked\":0,\"depth\":0,"
        "\"boots\":0,\"operations\":0,\"seconds\":0.000,"
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
