#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/scenario.h"

static void marks_of_the_log_go_there_and_back(void **state)
{
    struct scenario_mark mark = {.kind = MARK_LOG}, back;
    char name[64];

    (void)state;
    for (int event = 0; event < LOG_EVENT_COUNT; event++) {
        mark.event = (enum log_event)event;
        scenario_mark_name(&mark, name);
        assert_true(scenario_mark_parse(name, &back));
        assert_int_equal(back.kind, MARK_LOG);
        assert_int_equal(back.event, event);
    }
}

static void marks_of_cuts_go_there_and_back(void **state)
{
    struct scenario_mark mark = {.kind = MARK_CUT}, back;
    char name[64];

    (void)state;
    for (int kind = POWER_PROGRAM; kind <= POWER_ERASE; kind++) {
        for (int moment = 0; moment < POWER_MOMENT_COUNT; moment++) {
            mark.cut_kind = (enum power_kind)kind;
            mark.cut_moment = (enum power_moment)moment;
            scenario_mark_name(&mark, name);
            bool is_known = power_has_moment(mark.cut_kind, mark.cut_moment);
            assert_int_equal(scenario_mark_parse(name, &back), is_known);
            if (!is_known)
                continue;
            assert_int_equal(back.kind, MARK_CUT);
            assert_int_equal(back.cut_kind, kind);
            assert_int_equal(back.cut_moment, moment);
        }
    }
}

static void mark_of_a_weak_read_goes_there_and_back(void **state)
{
    struct scenario_mark mark = {.kind = MARK_READ}, back;
    char name[64];

    (void)state;
    scenario_mark_name(&mark, name);
    assert_string_equal(name, "cut.erase.reads-otherwise");
    assert_true(scenario_mark_parse(name, &back));
    assert_int_equal(back.kind, MARK_READ);
}

static void marks_are_named_in_kebab_case(void **state)
{
    struct scenario_mark mark = {.kind = MARK_LOG, .event = LOG_BOOT_BAD_FLASH};
    char name[64];

    (void)state;
    scenario_mark_name(&mark, name);
    assert_string_equal(name, "boot.bad-flash");
    mark =
        (struct scenario_mark){.kind = MARK_CUT, .cut_kind = POWER_ERASE, .cut_moment = POWER_WEAK};
    scenario_mark_name(&mark, name);
    assert_string_equal(name, "cut.erase.weak");
}

static void a_mark_may_name_a_reason(void **state)
{
    const uint32_t by_key[3] = {2, OTA_ERR_KEY, 0}, late[3] = {OTA_ERR_TIMEOUT, 5, 0};
    struct scenario_mark mark = {.event = LOG_OTA_REFUSED, .reason = OTA_ERR_KEY};
    char name[64];

    (void)state;
    scenario_mark_name(&mark, name);
    assert_string_equal(name, "ota.refused:key");
    assert_true(scenario_mark_is(&mark, LOG_OTA_REFUSED, by_key));
    assert_false(scenario_mark_is(&mark, LOG_OTA_CHECK, by_key));
    mark.reason = OTA_ERR_FAILED_BEFORE;
    scenario_mark_name(&mark, name);
    assert_string_equal(name, "ota.refused:failed-before");
    assert_false(scenario_mark_is(&mark, LOG_OTA_REFUSED, by_key));
    mark = (struct scenario_mark){.event = LOG_OTA_CHECK_FAILED, .reason = OTA_ERR_TIMEOUT};
    assert_true(scenario_mark_is(&mark, LOG_OTA_CHECK_FAILED, late));
    mark.reason = OTA_OK;
    assert_true(scenario_mark_is(&mark, LOG_OTA_CHECK_FAILED, by_key));
    mark.kind = MARK_CUT;
    assert_false(scenario_mark_is(&mark, LOG_OTA_CHECK_FAILED, late));
}

static void what_is_no_mark_is_refused(void **state)
{
    static const char *const names[] = {"",           "boot",           "boot.",
                                        "Boot.trial", "boot.trial ",    "cut",
                                        "cut.erase",  "cut.erase.Weak", "boot.bad.flash"};
    struct scenario_mark mark;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_false(scenario_mark_parse(names[i], &mark));
}

static void images_are_found_by_name(void **state)
{
    struct scenario scenario;

    (void)state;
    scenario_init(&scenario);
    assert_int_equal(scenario_find_image(&scenario, "v1"), -1);
    scenario.image_count = 2;
    strcpy(scenario.images[0].name, "v1");
    strcpy(scenario.images[1].name, "v2");
    assert_int_equal(scenario_find_image(&scenario, "v2"), 1);
    assert_int_equal(scenario_find_image(&scenario, "v3"), -1);
}

static void a_new_scenario_claims_nothing(void **state)
{
    struct scenario scenario;

    (void)state;
    scenario_init(&scenario);
    assert_int_equal(scenario.factory, -1);
    assert_int_equal(scenario.eventually_runs, -1);
    assert_int_equal(scenario.image_count, 0);
    assert_int_equal(scenario.always_runs, 0);
    assert_string_equal(scenario.name, "");
    assert_true(scenario.within_boots > 0 && scenario.images_max > 0 && scenario.trials_max > 0);
}

static void some_damage_is_of_one_target_only(void **state)
{
    (void)state;
    assert_int_equal(scenario_damage_target(DAMAGE_FILL), DAMAGE_DATABASE);
    assert_int_equal(scenario_damage_target(DAMAGE_SET), DAMAGE_BOOT_CONTROL);
    assert_int_equal(scenario_damage_target(DAMAGE_PROGRAM), DAMAGE_PROGRAM_FLASH);
    assert_int_equal(scenario_damage_target(DAMAGE_ADD), DAMAGE_IMAGE);
    assert_int_equal(scenario_damage_target(DAMAGE_FLIP), DAMAGE_TARGET_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(some_damage_is_of_one_target_only),
        cmocka_unit_test(marks_of_the_log_go_there_and_back),
        cmocka_unit_test(marks_of_cuts_go_there_and_back),
        cmocka_unit_test(mark_of_a_weak_read_goes_there_and_back),
        cmocka_unit_test(marks_are_named_in_kebab_case),
        cmocka_unit_test(a_mark_may_name_a_reason),
        cmocka_unit_test(what_is_no_mark_is_refused),
        cmocka_unit_test(images_are_found_by_name),
        cmocka_unit_test(a_new_scenario_claims_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
