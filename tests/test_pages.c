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

static uint32_t hold_unit(struct bench *bench, uint32_t unit)
{
    const struct cells *cells = &bench->ram.cells;

    return pages_hold_unit(&bench->pages, cells, unit, flash_keys_of(cells, unit));
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
    pages_restore(&bench->pages, page, cells, 3);
    assert_memory_equal(cells->bytes + 3 * UNIT, before, UNIT);
    assert_memory_equal(cells->marks + 3 * UNIT / 8, marks, sizeof marks);
    assert_int_equal(cells->units[3].flags, CELLS_WEAK);
    flash_ram_rollback(&bench->ram, mark); /* it was told of the change */
    assert_int_equal(cells->bytes[3 * UNIT], 0xFF);
    assert_int_equal(cells->units[3].flags, 0);
}

static void pages_that_are_alike_but_for_a_block_share_the_rest(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->ram.cells;
    const uint8_t zero[8] = {0};

    (void)hold_unit(bench, 3);
    uint64_t before = bench->pages.blocks.bytes;
    assert_int_equal(flash_program(&cells->flash, 3 * UNIT, zero, sizeof zero), OTA_OK);
    (void)hold_unit(bench, 3);
    assert_in_range(bench->pages.blocks.bytes, before + 1, before + 3 * PAGES_BLOCK);
    assert_int_equal(bench->pages.lists.used, 2);
}

static void page_told_as_bytes_is_the_same_page(void **state)
{
    struct bench *bench = *state, other = {0};
    struct cells *cells = &bench->ram.cells;
    uint8_t content[PAGES_SIZE_MAX], again[PAGES_SIZE_MAX];

    assert_int_equal(pages_init(&other.pages), OTA_OK);
    cells_tear_erase(cells, 5 * UNIT, TEAR_WEAK);
    uint32_t page = hold_unit(bench, 5), size = pages_read(&bench->pages, page, content);
    struct key key = flash_keys_of(cells, 5);
    uint32_t told = pages_hold(&other.pages, key, cells->units[5].flags, content, size);
    assert_int_equal(size, UNIT + UNIT / cells->mark_size);
    assert_int_equal(pages_read(&other.pages, told, again), size);
    assert_memory_equal(again, content, size);
    assert_int_equal(pages_at(&other.pages, told)->flags, CELLS_WEAK);
    assert_int_equal(pages_find(&other.pages, key), told);
    assert_int_equal(pages_hold(&other.pages, key, 0, content, size), told);
    pages_free(&other.pages);
}

static void last_page_takes_its_blocks_along(void **state)
{
    struct bench *bench = *state;
    const uint8_t zero[8] = {0};
    uint32_t first = hold_unit(bench, 3);

    assert_int_equal(flash_program(&bench->ram.cells.flash, 3 * UNIT, zero, 8), OTA_OK);
    uint32_t second = hold_unit(bench, 3);
    pages_hold_again(&bench->pages, first);
    pages_drop(&bench->pages, first);
    pages_drop(&bench->pages, second);
    assert_true(bench->pages.blocks.bytes > 0);
    pages_drop(&bench->pages, first);
    assert_int_equal(bench->pages.blocks.bytes, 0);
    assert_int_equal(bench->pages.lists.bytes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(unit_is_restored_with_its_marks_and_flags),
        TEST(pages_that_are_alike_but_for_a_block_share_the_rest),
        TEST(page_told_as_bytes_is_the_same_page),
        TEST(last_page_takes_its_blocks_along),
    };

    return cmocka_run_group_tests_name("pages", tests, NULL, NULL);
}
