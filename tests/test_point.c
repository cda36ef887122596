#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
    const struct point point = {.count = 3,
                                .steps = {{17, POWER_INSIDE}, {3, POWER_AFTER}, {1, POWER_WEAK}}};
    char name[POINT_NAME_MAX];

    (void)state;
    point_name(&point, name);
    assert_string_equal(name, "17t.3a.1w");
}

static void longest_name_fits(void **state)
{
    struct point point = {.count = POINT_STEPS_MAX}, back;
    char name[POINT_NAME_MAX];

    (void)state;
    for (uint32_t i = 0; i < POINT_STEPS_MAX; i++)
        point.steps[i] = (struct point_step){UINT32_MAX - i, POWER_AFTER};
    point_name(&point, name);
    assert_int_equal(strlen(name), 12 * POINT_STEPS_MAX - 1);
    assert_true(point_parse(name, &back));
    assert_memory_equal(&back, &point, sizeof point);
}

static void name_is_read_back(void **state)
{
    static const uint32_t numbers[] = {1, 9, 10, 255, 65536, UINT32_MAX};
    struct point point = {0}, back;
    char name[POINT_NAME_MAX];

    (void)state;
    for (uint32_t count = 0; count <= 3; count++)
        for (uint32_t i = 0; i < 6 * 6 * 6; i++) {
            const uint32_t picks[] = {i % 6, i / 6 % 6, i / 36};
            memset(&point, 0, sizeof point);
            point.count = count;
            for (uint32_t j = 0; j < count; j++)
                point.steps[j] =
                    (struct point_step){numbers[picks[j]], (enum power_moment)((i + j) % 11)};
            point_name(&point, name);
            memset(&back, 0xEE, sizeof back);
            assert_true(point_parse(name, &back));
            assert_memory_equal(&back, &point, sizeof point);
        }
}

static void what_is_no_name_is_refused_and_nothing_written(void **state)
{
    static const char *const names[] = {
        "",          " ",           "1",
        "t",         "1b",          "1A",
        "1R",        "1T",          "01t",
        "0t",        "00",          "0a",
        "-1t",       "+1t",         " 1t",
        "1 t",       "1t ",         "1t.",
        ".1t",       "1t..",        "1t,2a",
        "1t2a",      "1tt",         "0x1t",
        "1.5t",      "1t.0a",       "1t.0",
        "0.1t",      "1t\n",        "1t.2",
        "1t/2a",     "4294967296t", "99999999999999999999999t",
        "1t.2t.3t.", "--1t",
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

static void each_moment_has_a_letter_and_a_read_too(void **state)
{
    static const char letters[] = "tsomxnlhwar";
    struct point point, back;
    char name[POINT_NAME_MAX], expected[4];

    (void)state;
    for (int moment = 0; moment <= POINT_READ; moment++) {
        memset(&point, 0, sizeof point);
        point.count = 1;
        point.steps[0] = (struct point_step){5, (enum power_moment)moment};
        point_name(&point, name);
        snprintf(expected, sizeof expected, "5%c", letters[moment]);
        assert_string_equal(name, expected);
        memset(&back, 0, sizeof back);
        assert_true(point_parse(name, &back));
        assert_memory_equal(&back, &point, sizeof point);
    }
}

static void cut_in_every_session_has_a_name(void **state)
{
    static const char *const wrong[] = {"+", "0+", "40+", "40a++", "40a+.3a", "4097r+", "4a.5a+"};
    struct point point;
    char name[POINT_NAME_MAX];

    (void)state;
    assert_true(point_parse("40a+", &point));
    assert_true(point.is_again);
    assert_int_equal(point.count, 1);
    point_name(&point, name);
    assert_string_equal(name, "40a+");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(point_parse(wrong[i], &point));
}

static void more_steps_than_there_is_room_for_are_refused(void **state)
{
    char name[4 * POINT_STEPS_MAX] = "";
    struct point point;

    (void)state;
    for (int i = 0; i < POINT_STEPS_MAX; i++)
        strcat(name, i ? ".1t" : "1t");
    assert_true(point_parse(name, &point));
    strcat(name, ".1t");
    assert_false(point_parse(name, &point));
}

static void each_step_asks_a_question_of_its_own(void **state)
{
    const struct point_step steps[] = {
        {1, POWER_INSIDE},   {1, POWER_AFTER},         {2, POWER_INSIDE},     {1, POINT_READ},
        {256, POWER_INSIDE}, {UINT32_MAX, POINT_READ}, {1u << 24, POWER_WEAK}};

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        for (size_t j = 0; j < sizeof steps / sizeof steps[0]; j++)
            assert_int_equal(point_site(&steps[i]) == point_site(&steps[j]), i == j);
}

/* Fewest cuts, then fewest steps, then earliest, then simplest. */
static void simplest_point_comes_first(void **state)
{
    static const char *const names[] = {"0",      "1a",    "1t",    "1s",       "1h",
                                        "1w",     "2t",    "10a",   "2w.4097r", "1a.9t",
                                        "1t.10t", "2a.1t", "2t.1a", "2t.1t",    "1a.1a.1a"};
    const int count = sizeof names / sizeof names[0];
    struct point a, b;

    (void)state;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++) {
            assert_true(point_parse(names[i], &a));
            assert_true(point_parse(names[j], &b));
            int by = point_compare(&a, &b);
            assert_int_equal((by > 0) - (by < 0), (i > j) - (i < j));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run_without_a_cut_is_0),
        cmocka_unit_test(name_has_number_and_moment_of_each_cut),
        cmocka_unit_test(longest_name_fits),
        cmocka_unit_test(name_is_read_back),
        cmocka_unit_test(each_moment_has_a_letter_and_a_read_too),
        cmocka_unit_test(cut_in_every_session_has_a_name),
        cmocka_unit_test(more_steps_than_there_is_room_for_are_refused),
        cmocka_unit_test(each_step_asks_a_question_of_its_own),
        cmocka_unit_test(simplest_point_comes_first),
        cmocka_unit_test(what_is_no_name_is_refused_and_nothing_written),
    };

    return cmocka_run_group_tests_name("point", tests, NULL, NULL);
}
