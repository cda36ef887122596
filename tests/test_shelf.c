#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/shelf.h"

static int setup(void **state)
{
    struct shelf *shelf = calloc(1, sizeof *shelf);

    assert_int_equal(shelf_init(shelf), OTA_OK);
    *state = shelf;
    return 0;
}

static int teardown(void **state)
{
    shelf_free(*state);
    free(*state);
    return 0;
}

static struct key numbered(uint32_t number)
{
    return key_of(&number, sizeof number, 7);
}

static uint32_t hold(struct shelf *shelf, uint32_t number)
{
    uint32_t held = shelf_find(shelf, numbered(number));

    return held == SHELF_NONE ? shelf_add(shelf, numbered(number), number + 1, &number, 4) : held;
}

static uint32_t count_items(const struct shelf *shelf)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < shelf->used; i++)
        count += shelf->items[i] != NULL;
    return count;
}

static void same_content_is_kept_once(void **state)
{
    struct shelf *shelf = *state;
    uint32_t first = hold(shelf, 1), other = hold(shelf, 2);

    assert_int_not_equal(first, other);
    assert_int_equal(hold(shelf, 1), first);
    shelf_hold_again(shelf, first);
    assert_int_equal(shelf_find(shelf, numbered(1)), first);
    assert_int_equal(shelf->items[first]->count, 4);
    assert_int_equal(shelf->items[other]->count, 1);
    assert_int_equal(shelf->items[other]->flags, 3);
    assert_int_equal(count_items(shelf), 2);
    assert_int_equal(shelf_find(shelf, numbered(3)), SHELF_NONE);
}

static void whoever_was_last_frees_it(void **state)
{
    struct shelf *shelf = *state;
    uint32_t item = hold(shelf, 1);

    shelf_hold_again(shelf, item);
    assert_false(shelf_is_last(shelf, item));
    shelf_drop(shelf, item);
    assert_true(shelf_is_last(shelf, item));
    assert_int_equal(count_items(shelf), 1);
    assert_true(shelf->bytes > 0);
    shelf_drop(shelf, item);
    assert_int_equal(count_items(shelf), 0);
    assert_int_equal(shelf->bytes, 0);
    assert_int_equal(shelf_find(shelf, numbered(1)), SHELF_NONE);
    assert_int_equal(hold(shelf, 2), item); /* the number is of use again */
}

static void counts_come_back_to_zero_after_any_life(void **state)
{
    static uint32_t held[20000];
    struct shelf *shelf = *state;
    uint32_t count = 0, seed = 5;

    for (int step = 0; step < 100000; step++) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t what = seed >> 16;
        if (count < 20000 && (what % 5 > 1 || !count)) {
            held[count++] = hold(shelf, what % 6000);
        } else {
            uint32_t at = what % count;
            shelf_drop(shelf, held[at]);
            held[at] = held[--count];
        }
    }
    assert_in_range(shelf->capacity, 2048, UINT32_MAX); /* it grew on the way */
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number;
        memcpy(&number, shelf->items[held[i]]->content, 4);
        assert_int_equal(shelf_find(shelf, numbered(number)), held[i]);
        shelf_drop(shelf, held[i]);
    }
    while (count)
        shelf_drop(shelf, held[--count]);
    assert_int_equal(count_items(shelf), 0);
    assert_int_equal(shelf->bytes, 0);
    assert_int_equal(shelf->free_count, shelf->used);
}

static void items_made_after_the_mark_are_new(void **state)
{
    struct shelf *shelf = *state;
    uint32_t old = hold(shelf, 1);

    shelf_mark(shelf);
    uint32_t again = hold(shelf, 1), fresh = hold(shelf, 2);
    assert_int_equal(again, old);
    assert_false(shelf->items[old]->is_new);
    assert_true(shelf->items[fresh]->is_new);
    assert_false(shelf->items[fresh]->is_told);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(same_content_is_kept_once),
        TEST(whoever_was_last_frees_it),
        TEST(counts_come_back_to_zero_after_any_life),
        TEST(items_made_after_the_mark_are_new),
    };

    return cmocka_run_group_tests_name("shelf", tests, NULL, NULL);
}
