#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/mount/times.h"

static void what_was_not_changed_has_the_other_time(void **state)
{
    const struct timespec other = {.tv_sec = 5};
    struct times times;

    (void)state;
    times_init(&times, &other);
    assert_int_equal(times_get(&times, "/a").tv_sec, 5);
    times_free(&times);
}

static void last_time_that_was_set_counts(void **state)
{
    const struct timespec other = {.tv_sec = 5}, seven = {.tv_sec = 7}, nine = {.tv_sec = 9};
    struct times times;

    (void)state;
    times_init(&times, &other);
    times_set(&times, "/a", &seven);
    times_set(&times, "/b", &nine);
    times_set(&times, "/a", &nine);
    times_set(&times, "/b", &seven);
    assert_int_equal(times_get(&times, "/a").tv_sec, 9);
    assert_int_equal(times_get(&times, "/b").tv_sec, 7);
    times_set(&times, "/b", NULL);
    assert_in_range(times_get(&times, "/b").tv_sec, time(NULL) - 5, time(NULL));
    times_free(&times);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_not_changed_has_the_other_time),
        cmocka_unit_test(last_time_that_was_set_counts),
    };

    return cmocka_run_group_tests_name("times", tests, NULL, NULL);
}
