#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/point.h"

static void run_without_a_cut_is_0(void **state)
{
    struct point point = {0}, back = {.count = 3};
    char name[POINT_NAME_MAX];

    (void)state;
    point_name(&point, name);
    assert_string_equal(name, "0");
    assert_true(point_parse("0", &back));
    assert_int_equal(back.count, 0);
}

static void name_has_number_and_moment_of_each_cut(void **state)
{
    const struct point point = {3, {{17, POWER_INSIDE}, {3, POWER_AFTER}, {1, POWER_WEAK}}};
    char name[POINT_NAME_MAX];

    (void)state;
    point_name(&point, name);
    assert_string_equal(name, "17t.3a.1w");
}

static void longest_name_fits(void **state)
{
    const struct point point = {
        3, {{UINT32_MAX, POWER_INSIDE}, {UINT32_MAX, POWER_AFTER}, {UINT32_MAX, POWER_WEAK}}};
    char name[POINT_NAME_MAX];

    (void)state;
    point_name(&point, name);
    assert_string_equal(name, "4294967295t.4294967295a.4294967295w");
}

static void name_is_read_back(void **state)
{
    static const uint32_t numbers[] = {1, 9, 10, 255, 65536, UINT32_MAX};
    struct point point = {0}, back;
    char name[POINT_NAME_MAX];

    (void)state;
    for (uint32_t count = 0; count <= SCENARIO_CUTS_MAX; count++)
        for (uint32_t i = 0; i < 6 * 6 * 6; i++) {
            const uint32_t picks[] = {i % 6, i / 6 % 6, i / 36};
            memset(&point, 0, sizeof point);
            point.count = count;
            for (uint32_t j = 0; j < count; j++)
                point.cuts[j] =
                    (struct point_cut){numbers[picks[j]], (enum power_moment)(picks[j] % 3)};
            point_name(&point, name);
            memset(&back, 0xEE, sizeof back);
            assert_true(point_parse(name, &back));
            assert_memory_equal(&back, &point, sizeof point);
        }
}

static void what_is_no_name_is_refused_and_nothing_written(void **state)
{
    static const char *const names[] = {
        "",
        " ",
        "1",
        "t",
        "1x",
        "1T",
        "01t",
        "0t",
        "00",
        "0a",
        "-1t",
        "+1t",
        " 1t",
        "1 t",
        "1t ",
        "1t.",
        ".1t",
        "1t..",
        "1t,2a",
        "1t2a",
        "1tt",
        "0x1t",
        "1.5t",
        "1t.0a",
        "1t.0",
        "0.1t",
        "1t\n",
        "1t.2",
        "1t/2a",
        "4294967296t",
        "99999999999999999999999t",
        "1t.2t.3t.4t",
        "1t.2t.3t.",
        "--1t",
    };
    struct point point, before;

    (void)state;
    memset(&before, 0x5A, sizeof before);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        memcpy(&point, &before, sizeof point);
        if (point_parse(names[i], &point))
            fail_msg("'%s' was taken", names[i]);
        assert_memory_equal(&point, &before, sizeof point);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_without_a_cut_is_0),
        cmocka_unit_test(name_has_number_and_moment_of_each_cut),
        cmocka_unit_test(longest_name_fits),
        cmocka_unit_test(name_is_read_back),
        cmocka_unit_test(what_is_no_name_is_refused_and_nothing_written),
    };

    return cmocka_run_group_tests_name("point", tests, NULL, NULL);
}
