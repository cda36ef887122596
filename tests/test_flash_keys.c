#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/flash_keys.h"

#define UNIT 4096u

struct bench {
    struct flash_ram ram;
    struct flash_keys keys;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct cells cells;

    cells_init_nvm(&cells, false);
    assert_int_equal(flash_ram_init(&bench->ram, &cells), OTA_OK);
    assert_int_equal(flash_keys_init(&bench->keys, &bench->ram), OTA_OK);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    flash_keys_free(&bench->keys);
    flash_ram_free(&bench->ram);
    free(bench);
    return 0;
}

static struct key sum_from_nothing(const struct flash_ram *ram)
{
    struct key sum = {0, 0};

    for (uint32_t unit = 0; unit < cells_unit_count(&ram->cells); unit++)
        sum = key_add(sum, flash_keys_of(&ram->cells, unit));
    return sum;
}

static void assert_differs(struct bench *bench, struct key before)
{
    assert_false(key_equals(flash_keys_sum(&bench->keys), before));
}

static void each_thing_that_can_be_seen_changes_the_key(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->ram.cells;
    struct key first = flash_keys_sum(&bench->keys);
    uint8_t ones[8];

    memset(ones, 0xFF, sizeof ones);
    for (int what = 0; what < 5; what++) {
        uint32_t mark = flash_ram_mark(&bench->ram);
        if (what == 0)
            assert_int_equal(flash_program(&cells->flash, 0, "content", 8), OTA_OK);
        if (what == 1) /* a mark, and no byte */
            assert_int_equal(flash_program(&cells->flash, 8, ones, 8), OTA_OK);
        if (what == 2)
            cells_tear_erase(cells, 5 * UNIT, TEAR_WEAK);
        if (what == 3)
            cells_tear_erase(cells, 5 * UNIT, TEAR_NOTHING);
        if (what == 4)
            cells_tear_program(cells, 16, ones, 8, TEAR_PREFIX);
        assert_differs(bench, first);
        flash_ram_rollback(&bench->ram, mark);
        assert_true(key_equals(flash_keys_sum(&bench->keys), first));
    }
}

static void wear_changes_nothing(void **state)
{
    struct bench *bench = *state;
    struct key first = flash_keys_sum(&bench->keys);

    assert_int_equal(flash_erase(&bench->ram.cells.flash, 0), OTA_OK);
    assert_true(key_equals(flash_keys_sum(&bench->keys), first));
}

/* Does the mark make another flash of it? */
static bool counts(struct cells *cells, uint8_t mark)
{
    cells->marks[3] = 0;
    struct key without = flash_keys_of(cells, 0);
    cells->marks[3] = mark;
    bool is_other = !key_equals(flash_keys_of(cells, 0), without);
    cells->marks[3] = 0;
    return is_other;
}

/* Where a word may be programmed twice nobody asks whether it was, and without ECC nobody is told
 * that it is torn. */
static void marks_count_where_they_can_be_seen(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->ram.cells;

    assert_true(cells->flash.write_once);
    assert_true(counts(cells, CELLS_PROGRAMMED));
    assert_false(counts(cells, CELLS_TORN));
    cells->has_ecc = true;
    assert_true(counts(cells, CELLS_PROGRAMMED));
    assert_true(counts(cells, CELLS_TORN));
    cells->flash.write_once = cells->has_ecc = false;
    assert_false(counts(cells, CELLS_PROGRAMMED));
    assert_false(counts(cells, CELLS_TORN));
}

/* A sum knows no order, so a unit's key says which unit it is. */
static void contents_that_change_places_are_another_flash(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->ram.cells;
    struct key keys[2];

    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(flash_erase(&cells->flash, 0), OTA_OK);
        assert_int_equal(flash_erase(&cells->flash, UNIT), OTA_OK);
        assert_int_equal(flash_program(&cells->flash, i * UNIT, "first---", 8), OTA_OK);
        assert_int_equal(flash_program(&cells->flash, (1 - i) * UNIT, "second--", 8), OTA_OK);
        keys[i] = flash_keys_sum(&bench->keys);
    }
    assert_false(key_equals(keys[0], keys[1]));
}

/* A page is found by its key, flags and all: so each ghost of each unit has a key of its own, also
 * where two units held the same. */
static void ghosts_of_different_units_have_different_keys(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->ram.cells;
    struct key keys[2 * 256];

    for (uint32_t unit = 0; unit < 256; unit++)
        for (uint32_t ghost = 0; ghost < 2; ghost++) {
            cells->units[256 + ghost].flags = CELLS_GHOST | unit << CELLS_GHOST_OF;
            keys[2 * unit + ghost] = flash_keys_of(cells, 256 + ghost);
        }
    for (uint32_t i = 0; i < 512; i++)
        for (uint32_t j = 0; j < i; j++)
            assert_false(key_equals(keys[i], keys[j]));
}

static void sum_is_kept_up_to_date_over_any_life(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->ram.cells;
    uint32_t seed = 3, marks[8], depth = 0;
    uint8_t data[64];

    for (int step = 0; step < 2000; step++) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t unit = (seed >> 8) % 6 * UNIT, what = (seed >> 16) % 8;
        memset(data, (int)(seed >> 24), sizeof data);
        if (what == 0 && depth < 8)
            marks[depth++] = flash_ram_mark(&bench->ram);
        else if (what == 1 && depth)
            flash_ram_rollback(&bench->ram, marks[--depth]);
        else if (what < 4)
            cells_tear_erase(cells, unit, (enum cells_tear)(TEAR_SOME_BITS + (seed >> 20) % 5));
        else if (what == 4)
            cells_start(cells);
        else if (what == 5)
            assert_int_equal(flash_read(&cells->flash, unit, data, 1), OTA_OK);
        else
            assert_int_equal(flash_program(&cells->flash, unit + 64, data, 64), OTA_OK);
        if (step % 7 == 0)
            assert_true(key_equals(flash_keys_sum(&bench->keys), sum_from_nothing(&bench->ram)));
    }
    while (depth)
        flash_ram_rollback(&bench->ram, marks[--depth]);
    assert_true(key_equals(flash_keys_sum(&bench->keys), sum_from_nothing(&bench->ram)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_thing_that_can_be_seen_changes_the_key),
        TEST(wear_changes_nothing),
        TEST(marks_count_where_they_can_be_seen),
        TEST(contents_that_change_places_are_another_flash),
        TEST(ghosts_of_different_units_have_different_keys),
        TEST(sum_is_kept_up_to_date_over_any_life),
    };

    return cmocka_run_group_tests_name("flash_keys", tests, NULL, NULL);
}
