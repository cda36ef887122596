#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/timeline.h"

static const struct timeline_operation erase = {PHASE_INSTALL, false, POWER_ERASE, 0x21000, 4096};

static void marks_stand_behind_the_operations_before_them(void **state)
{
    const struct point_step step = {1, POWER_WEAK};
    struct timeline timeline = {0};

    (void)state;
    timeline_boot(&timeline, 5);
    timeline_operation(&timeline, &erase);
    timeline_cut(&timeline, &step);
    timeline_text(&timeline, 7, "boot: hello");
    assert_int_equal(timeline.operation_count, 1);
    assert_int_equal(timeline.operations[0].offset, 0x21000);
    assert_int_equal(timeline.mark_count, 3);
    assert_int_equal(timeline.marks[0].kind, TIMELINE_BOOT);
    assert_int_equal(timeline.marks[0].at, 0);
    assert_int_equal(timeline.marks[0].ms, 5);
    assert_int_equal(timeline.marks[1].kind, TIMELINE_CUT);
    assert_int_equal(timeline.marks[1].at, 1);
    assert_int_equal(timeline.marks[1].step.moment, POWER_WEAK);
    assert_int_equal(timeline.marks[2].ms, 7);
    assert_string_equal(timeline.marks[2].text, "boot: hello");
    timeline_free(&timeline);
}

static void long_run_is_kept_whole(void **state)
{
    struct timeline timeline = {0};

    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        struct timeline_operation operation = erase;
        operation.offset = i;
        timeline_operation(&timeline, &operation);
        timeline_boot(&timeline, i);
    }
    assert_int_equal(timeline.operation_count, 1000);
    assert_int_equal(timeline.operations[999].offset, 999);
    assert_int_equal(timeline.marks[999].ms, 999);
    timeline_free(&timeline);
    assert_null(timeline.operations);
}

static void nothing_is_noted_where_nobody_draws(void **state)
{
    const struct point_step step = {1, POWER_AFTER};

    (void)state;
    timeline_boot(NULL, 0);
    timeline_text(NULL, 0, "x");
    timeline_operation(NULL, &erase);
    timeline_cut(NULL, &step);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_stand_behind_the_operations_before_them),
        cmocka_unit_test(long_run_is_kept_whole),
        cmocka_unit_test(nothing_is_noted_where_nobody_draws),
    };

    return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
