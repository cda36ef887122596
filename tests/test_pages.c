#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hal_posix/flash_ram.h"
#include "sim/explore/flash_keys.h"
#include "sim/explore/pages.h"

#define UNIT 4096u

struct bench {
    struct pages pages;
    struct flash_ram ram;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct cells cells;

    cells_init_nvm(&cells, false);
    assert_int_equal(flash_ram_init(&bench->ram, &cells), OTA_OK);
    assert_int_equal(pages_init(&bench->pages), OTA_OK);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    pages_free(&bench->pages);
    flash_ram_free(&bench->ram);
    free(bench);
    return 0;
}

static struct key numbered(uint32_t number)
{
    return key_of(&number, sizeof number, 7);
}

static uint32_t hold(struct bench *bench, uint32_t number)
{
    return pages_hold(&bench->pages, numbered(number), 0, (const uint8_t *)&number, 4);
}

static uint32_t count_pages(const struct pages *pages)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < pages->used; i++)
        count += pages->pages[i] != NULL;
    return count;
}

static uint32_t hold_unit(struct bench *bench, uint32_t unit)
{
    const struct cells *cells = &bench->ram.cells;

    return pages_hold_unit(&bench->pages, cells, unit, flash_keys_of(cells, unit));
}

static void same_content_is_kept_once(void **state)
{
    struct bench *bench = *state;
    uint32_t first = hold(bench, 1), other = hold(bench, 2);

    assert_int_not_equal(first, other);
    assert_int_equal(hold(bench, 1), first);
    pages_hold_again(&bench->pages, first);
    assert_int_equal(pages_find(&bench->pages, numbered(1)), first);
    assert_int_equal(bench->pages.pages[first]->count, 4);
    assert_int_equal(bench->pages.pages[other]->count, 1);
    assert_int_equal(count_pages(&bench->pages), 2);
    assert_int_equal(pages_find(&bench->pages, numbered(3)), PAGES_NONE);
}

static void whoever_was_last_frees_it(void **state)
{
    struct bench *bench = *state;
    uint32_t page = hold(bench, 1);

    pages_hold_again(&bench->pages, page);
    pages_drop(&bench->pages, page);
    assert_int_equal(count_pages(&bench->pages), 1);
    assert_true(bench->pages.bytes > 0);
    pages_drop(&bench->pages, page);
    assert_int_equal(count_pages(&bench->pages), 0);
    assert_int_equal(bench->pages.bytes, 0);
    assert_int_equal(pages_find(&bench->pages, numbered(1)), PAGES_NONE);
    assert_int_equal(hold(bench, 2), page); /* the number is of use again */
}

static void counts_come_back_to_zero_after_any_life(void **state)
{
    static uint32_t held[20000];
    struct bench *bench = *state;
    uint32_t count = 0, seed = 5;

    for (int step = 0; step < 100000; step++) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t what = seed >> 16;
        if (count < 20000 && (what % 5 > 1 || !count)) {
            held[count++] = hold(bench, what % 6000);
        } else {
            uint32_t at = what % count;
            pages_drop(&bench->pages, held[at]);
            held[at] = held[--count];
        }
    }
    assert_in_range(bench->pages.capacity, 2048, UINT32_MAX); /* it grew on the way */
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number;
        memcpy(&number, bench->pages.pages[held[i]]->content, 4);
        assert_int_equal(pages_find(&bench->pages, numbered(number)), held[i]);
        pages_drop(&bench->pages, held[i]);
    }
    while (count)
        pages_drop(&bench->pages, held[--count]);
    assert_int_equal(count_pages(&bench->pages), 0);
    assert_int_equal(bench->pages.bytes, 0);
    assert_int_equal(bench->pages.free_count, bench->pages.used);
}

static void unit_is_restored_with_its_marks_and_flags(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->ram.cells;
    uint8_t before[UNIT], marks[UNIT / 8];

    memset(before, 0x42, sizeof before);
    assert_int_equal(flash_program(&cells->flash, 3 * UNIT, before, UNIT / 2), OTA_OK);
    cells_tear_program(cells, 3 * UNIT + UNIT / 2, before, 1024, TEAR_PREFIX);
    cells->units[3].flags = CELLS_WEAK;
    memcpy(before, cells->bytes + 3 * UNIT, UNIT);
    memcpy(marks, cells->marks + 3 * UNIT / 8, sizeof marks);
    uint32_t page = hold_unit(bench, 3);
    assert_int_equal(hold_unit(bench, 3), page);
    assert_int_equal(flash_erase(&cells->flash, 3 * UNIT), OTA_OK);
    assert_int_not_equal(hold_unit(bench, 3), page);

    uint32_t mark = flash_ram_mark(&bench->ram);
    pages_restore(bench->pages.pages[page], cells, 3);
    assert_memory_equal(cells->bytes + 3 * UNIT, before, UNIT);
    assert_memory_equal(cells->marks + 3 * UNIT / 8, marks, sizeof marks);
    assert_int_equal(cells->units[3].flags, CELLS_WEAK);
    flash_ram_rollback(&bench->ram, mark); /* it was told of the change */
    assert_int_equal(cells->bytes[3 * UNIT], 0xFF);
    assert_int_equal(cells->units[3].flags, 0);
}

static void pages_made_after_the_mark_are_new(void **state)
{
    struct bench *bench = *state;
    uint32_t old = hold(bench, 1);

    pages_mark(&bench->pages);
    uint32_t again = hold(bench, 1), fresh = hold(bench, 2);
    assert_int_equal(again, old);
    assert_false(bench->pages.pages[old]->is_new);
    assert_true(bench->pages.pages[fresh]->is_new);
    assert_false(bench->pages.pages[fresh]->is_told);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(same_content_is_kept_once),
        TEST(whoever_was_last_frees_it),
        TEST(counts_come_back_to_zero_after_any_life),
        TEST(unit_is_restored_with_its_marks_and_flags),
        TEST(pages_made_after_the_mark_are_new),
    };

    return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
