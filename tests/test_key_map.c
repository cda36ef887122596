#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/key_map.h"

static struct key numbered(uint32_t number)
{
    return key_of(&number, sizeof number, 7);
}

static void empty_map_knows_nothing(void **state)
{
    struct key_map map = {0};

    (void)state;
    assert_int_equal(key_map_find(&map, numbered(1)), KEY_MAP_NONE);
    key_map_clear(&map);
    key_map_free(&map);
    key_map_free(&map);
}

static void each_key_keeps_its_value_while_the_map_grows(void **state)
{
    struct key_map map = {0};

    (void)state;
    for (uint32_t i = 0; i < 20000; i++) {
        assert_int_equal(key_map_find(&map, numbered(i)), KEY_MAP_NONE);
        key_map_add(&map, numbered(i), 3 * i);
    }
    assert_int_equal(map.count, 20000);
    for (uint32_t i = 0; i < 20000; i++)
        assert_int_equal(key_map_find(&map, numbered(i)), 3 * i);
    assert_int_equal(key_map_find(&map, numbered(20000)), KEY_MAP_NONE);
    key_map_free(&map);
}

/* Keys that want the same place, and that differ in one half only. */
static void keys_that_collide_are_told_apart(void **state)
{
    struct key_map map = {0};

    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        key_map_add(&map, (struct key){i, 5}, (uint32_t)i);
        key_map_add(&map, (struct key){5, (i + 1) << 32 | 5}, (uint32_t)(1000 + i));
    }
    for (uint64_t i = 0; i < 100; i++) {
        assert_int_equal(key_map_find(&map, (struct key){i, 5}), i);
        assert_int_equal(key_map_find(&map, (struct key){5, (i + 1) << 32 | 5}), 1000 + i);
    }
    assert_int_equal(key_map_find(&map, (struct key){100, 5}), KEY_MAP_NONE);
    key_map_free(&map);
}

static void value_can_be_counted_up_where_it_is(void **state)
{
    struct key_map map = {0};

    (void)state;
    for (uint32_t i = 0; i < 3000; i++)
        ++*key_map_at(&map, numbered(i % 1000));
    assert_int_equal(map.count, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(key_map_find(&map, numbered(i)), 3);
    assert_int_equal(*key_map_at(&map, numbered(1000)), 0);
    key_map_free(&map);
}

static void cleared_map_is_empty_and_of_use(void **state)
{
    struct key_map map = {0};

    (void)state;
    for (uint32_t i = 0; i < 1000; i++)
        key_map_add(&map, numbered(i), i);
    uint32_t capacity = map.capacity;
    key_map_clear(&map);
    assert_int_equal(map.count, 0);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(key_map_find(&map, numbered(i)), KEY_MAP_NONE);
    for (uint32_t i = 0; i < 1000; i++)
        key_map_add(&map, numbered(i), i + 1);
    assert_int_equal(map.capacity, capacity);
    assert_int_equal(key_map_find(&map, numbered(999)), 1000);
    key_map_free(&map);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_map_knows_nothing),
        cmocka_unit_test(each_key_keeps_its_value_while_the_map_grows),
        cmocka_unit_test(keys_that_collide_are_told_apart),
        cmocka_unit_test(value_can_be_counted_up_where_it_is),
        cmocka_unit_test(cleared_map_is_empty_and_of_use),
    };

    return cmocka_run_group_tests_name("key_map", tests, NULL, NULL);
}
