#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sim/pic32/stale.h"

static void change_makes_its_lines_stale_in_both_caches(void **state)
{
    struct stale stale;

    (void)state;
    stale_reset(&stale);
    stale_change(&stale, 0x1008, 16);
    for (int cache = 0; cache < STALE_CACHE_COUNT; cache++) {
        assert_false(stale_is(&stale, (enum stale_cache)cache, 0x0FFF));
        assert_true(stale_is(&stale, (enum stale_cache)cache, 0x1000));
        assert_true(stale_is(&stale, (enum stale_cache)cache, 0x101F));
        assert_false(stale_is(&stale, (enum stale_cache)cache, 0x1020));
    }
    assert_true(stale_any(&stale, STALE_DATA, 0, 0x2000));
    assert_false(stale_any(&stale, STALE_DATA, 0x1020, 0x1000));
}

static void line_is_cleared_in_one_cache_only(void **state)
{
    struct stale stale;

    (void)state;
    stale_reset(&stale);
    stale_change(&stale, 0x1000, 32);
    stale_clear(&stale, STALE_DATA, 0x1004);
    assert_false(stale_is(&stale, STALE_DATA, 0x1000));
    assert_true(stale_is(&stale, STALE_DATA, 0x1010));
    assert_true(stale_is(&stale, STALE_CODE, 0x1000));
}

static void invalidation_by_index_needs_every_way_of_the_set(void **state)
{
    struct stale stale;

    (void)state;
    stale_reset(&stale);
    stale_change(&stale, 0x2010, 16);
    stale_change(&stale, 0x5020, 16);
    for (uint32_t way = 0; way < STALE_WAYS; way++) {
        assert_true(stale_is(&stale, STALE_CODE, 0x2010));
        stale_clear_index(&stale, STALE_CODE, 0x80000010 + way * 0x1000);
    }
    assert_false(stale_is(&stale, STALE_CODE, 0x2010));
    assert_true(stale_is(&stale, STALE_CODE, 0x5020));
    assert_true(stale_is(&stale, STALE_DATA, 0x2010));
}

static void change_in_between_makes_the_ways_done_worthless(void **state)
{
    struct stale stale;

    (void)state;
    stale_reset(&stale);
    for (uint32_t way = 0; way < STALE_WAYS; way++) {
        if (way == STALE_WAYS - 1)
            stale_change(&stale, 0x2010, 16);
        stale_clear_index(&stale, STALE_CODE, 0x10 + way * 0x1000);
    }
    assert_true(stale_is(&stale, STALE_CODE, 0x2010));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(change_makes_its_lines_stale_in_both_caches),
        cmocka_unit_test(line_is_cleared_in_one_cache_only),
        cmocka_unit_test(invalidation_by_index_needs_every_way_of_the_set),
        cmocka_unit_test(change_in_between_makes_the_ways_done_worthless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
