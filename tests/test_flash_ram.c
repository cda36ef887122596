#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hal_posix/flash_ram.h"

#define UNIT      4096u
#define MARKS_MAX 5
#define UNITS     6u /* that random operations touch: few, so that marks meet on them */

static int setup(void **state)
{
    struct flash_ram *ram = malloc(sizeof *ram);
    struct cells cells;

    cells_init_nvm(&cells, true);
    assert_int_equal(flash_ram_init(ram, &cells), OTA_OK);
    *state = ram;
    return 0;
}

static int teardown(void **state)
{
    flash_ram_free(*state);
    free(*state);
    return 0;
}

/* Everything a flash is: bytes, marks, wear and flags lie in one piece. */
static uint32_t content_size(const struct flash_ram *ram)
{
    return cells_unit_count(&ram->cells) * UNIT + cells_side_size(&ram->cells);
}

static uint8_t *snapshot(const struct flash_ram *ram)
{
    uint8_t *copy = malloc(content_size(ram));

    assert_non_null(copy);
    memcpy(copy, ram->memory, content_size(ram));
    return copy;
}

static void assert_is(const struct flash_ram *ram, const uint8_t *snapshot)
{
    assert_memory_equal(ram->memory, snapshot, content_size(ram));
}

static void program(struct flash_ram *ram, uint32_t offset, uint8_t value)
{
    uint8_t data[8];

    memset(data, value, sizeof data);
    assert_int_equal(flash_program(&ram->cells.flash, offset, data, sizeof data), OTA_OK);
}

static void new_one_is_erased_and_unworn(void **state)
{
    struct flash_ram *ram = *state;

    for (uint32_t i = 0; i < ram->cells.flash.size; i++)
        assert_int_equal(ram->cells.bytes[i], 0xFF);
    for (uint32_t i = 0; i < ram->cells.flash.size / 8; i++)
        assert_int_equal(ram->cells.marks[i], 0);
    for (uint32_t i = 0; i < 256; i++) {
        assert_int_equal(ram->cells.units[i].erases, 0);
        assert_int_equal(ram->cells.units[i].flags, 0);
    }
}

static void kept_units_stay_when_the_others_go_back(void **state)
{
    struct flash_ram *ram = *state;
    bool is_kept[300] = {[3] = true, [200] = true};
    uint32_t units[8];

    assert_in_range(cells_unit_count(&ram->cells), 201, 300);
    program(ram, 3 * UNIT, 0x11);
    uint8_t *before = snapshot(ram);
    uint32_t mark = flash_ram_mark(ram);
    for (uint32_t unit = 2; unit < 5; unit++)
        assert_int_equal(flash_erase(&ram->cells.flash, unit * UNIT), OTA_OK);
    flash_ram_rollback_units(ram, is_kept);
    assert_int_equal(ram->cells.bytes[3 * UNIT], 0xFF);
    assert_int_equal(ram->cells.units[2].erases, 0);
    assert_int_equal(ram->cells.units[4].erases, 0);
    assert_int_equal(flash_ram_list_changed(ram, units), 1);
    assert_int_equal(units[0], 3);
    program(ram, 2 * UNIT, 0x22); /* one that went back can change, and go back, again */
    flash_ram_rollback(ram, mark);
    assert_is(ram, before);
    free(before);
}

static void rollback_restores_bytes_marks_wear_and_flags(void **state)
{
    struct flash_ram *ram = *state;
    uint8_t zero[1024] = {0};

    program(ram, 0, 0x55);
    assert_int_equal(flash_erase(&ram->cells.flash, UNIT), OTA_OK);
    cells_tear_erase(&ram->cells, 2 * UNIT, TEAR_WEAK);
    uint8_t *before = snapshot(ram);
    uint32_t mark = flash_ram_mark(ram);
    program(ram, 0, 0x11);
    cells_tear_program(&ram->cells, UNIT, zero, sizeof zero, TEAR_PREFIX);
    program(ram, 2 * UNIT, 0x00); /* takes the weakness away */
    cells_tear_erase(&ram->cells, 3 * UNIT, TEAR_SOME_BITS);
    cells_tear_erase(&ram->cells, 4 * UNIT, TEAR_WEAK);
    assert_int_equal(flash_erase(&ram->cells.flash, 255 * UNIT), OTA_OK);
    flash_ram_rollback(ram, mark);
    assert_is(ram, before);
    assert_int_equal(ram->cells.units[1].erases, 1);
    assert_int_equal(ram->cells.units[2].flags, CELLS_WEAK);
    free(before);
}

static void inner_mark_ends_before_the_outer_one(void **state)
{
    struct flash_ram *ram = *state;
    uint8_t *first = snapshot(ram);
    uint32_t outer = flash_ram_mark(ram);

    program(ram, 0, 0xF0);
    uint8_t *second = snapshot(ram);
    uint32_t inner = flash_ram_mark(ram);
    program(ram, 0, 0x30);
    program(ram, UNIT, 0x30); /* touched in the inner one only */
    flash_ram_rollback(ram, inner);
    assert_is(ram, second);
    program(ram, UNIT, 0x10); /* and now in the outer one */
    program(ram, 0, 0x10);
    flash_ram_rollback(ram, outer);
    assert_is(ram, first);
    free(first);
    free(second);
}

static void unit_is_copied_once_for_each_mark(void **state)
{
    struct flash_ram *ram = *state;

    program(ram, 0, 0xFE);
    assert_int_equal(ram->count, 0); /* nobody goes back */
    uint32_t outer = flash_ram_mark(ram);
    program(ram, 0, 0xFC);
    program(ram, 8, 0xFC);
    program(ram, UNIT, 0xFC);
    assert_int_equal(flash_ram_changed(ram, outer), 2);
    uint32_t inner = flash_ram_mark(ram);
    program(ram, 0, 0xF8);
    program(ram, 0, 0xF0);
    assert_int_equal(flash_ram_changed(ram, inner), 1);
    assert_int_equal(flash_ram_changed(ram, outer), 3);
    flash_ram_rollback(ram, inner);
    assert_int_equal(flash_ram_changed(ram, outer), 2);
    flash_ram_rollback(ram, outer);
    assert_int_equal(ram->count, 0);
    program(ram, 0, 0x00);
    assert_int_equal(ram->count, 0);
}

static void empty_mark_changes_nothing(void **state)
{
    struct flash_ram *ram = *state;

    program(ram, 0, 0x42);
    uint8_t *before = snapshot(ram);
    for (int i = 0; i < 3; i++)
        flash_ram_rollback(ram, flash_ram_mark(ram));
    assert_is(ram, before);
    free(before);
}

static void copy_is_the_other_ones_content(void **state)
{
    struct flash_ram *ram = *state, other;
    struct cells cells;

    cells_init_nvm(&cells, true);
    assert_int_equal(flash_ram_init(&other, &cells), OTA_OK);
    program(ram, 77 * 8, 0x42);
    cells_tear_erase(&ram->cells, 9 * UNIT, TEAR_WEAK);
    flash_ram_copy_from(&other, ram);
    assert_is(&other, ram->memory);
    program(&other, 0, 0x00); /* two flashes, not one */
    assert_int_equal(ram->cells.bytes[0], 0xFF);
    uint32_t mark = flash_ram_mark(&other);
    program(&other, 8, 0x00);
    flash_ram_rollback(&other, mark);
    assert_int_equal(other.cells.bytes[8], 0xFF);
    flash_ram_free(&other);
}

static void free_can_be_called_twice(void **state)
{
    struct flash_ram ram;
    struct cells cells;

    (void)state;
    cells_init_sst26(&cells);
    assert_int_equal(flash_ram_init(&ram, &cells), OTA_OK);
    flash_ram_free(&ram);
    flash_ram_free(&ram);
}

static uint32_t random_below(uint32_t *seed, uint32_t bound)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % bound;
}

static void change_at_random(struct flash_ram *ram, uint32_t *seed)
{
    uint32_t unit = random_below(seed, UNITS) * UNIT, row = random_below(seed, 4) * 1024;
    uint8_t data[1024];

    memset(data, (int)random_below(seed, 256), sizeof data);
    switch (random_below(seed, 6)) {
    case 0:
        assert_int_equal(flash_erase(&ram->cells.flash, unit), OTA_OK);
        break;
    case 1:
        cells_tear_erase(&ram->cells, unit,
                         (enum cells_tear)(TEAR_SOME_BITS + random_below(seed, 5)));
        break;
    case 2:
        cells_tear_program(&ram->cells, unit + row, data, 1024,
                           (enum cells_tear)random_below(seed, 5));
        break;
    case 3: {
        uint32_t weak = unit / UNIT;
        if ((ram->cells.units[weak].flags & (CELLS_WEAK | CELLS_SETTLED)) == CELLS_WEAK)
            assert_int_equal(flash_read(&ram->cells.flash, unit, data, 1), OTA_OK);
        else
            cells_start(&ram->cells);
        break;
    }
    default: /* over the end of a unit, too */
        assert_int_equal(flash_program(&ram->cells.flash, unit + row + 512, data, 1024), OTA_OK);
        break;
    }
}

static uint32_t count_noted(const struct flash_ram *ram)
{
    uint32_t count = 0;

    for (uint32_t unit = 0; unit < cells_unit_count(&ram->cells); unit++)
        count += ram->is_noted[unit];
    assert_int_equal(count, ram->noted_count);
    return count;
}

static void forget_noted(struct flash_ram *ram)
{
    memset(ram->is_noted, 0, cells_unit_count(&ram->cells) * sizeof *ram->is_noted);
    ram->noted_count = 0;
}

/* Whoever keeps something by unit looks at these again, and at no other. */
static void units_that_may_have_changed_are_noted_once(void **state)
{
    struct flash_ram *ram = *state, other;
    struct cells cells;

    assert_int_equal(count_noted(ram), cells_unit_count(&ram->cells)); /* all is news */
    forget_noted(ram);
    program(ram, 0, 0xFE);
    program(ram, 8, 0xFE);
    program(ram, 7 * UNIT, 0xFE);
    assert_int_equal(count_noted(ram), 2);
    assert_true(ram->is_noted[0] && ram->is_noted[7]);
    uint32_t mark = flash_ram_mark(ram);
    program(ram, 9 * UNIT, 0xFE);
    forget_noted(ram);
    flash_ram_rollback(ram, mark); /* back is a change, too */
    assert_int_equal(count_noted(ram), 1);
    assert_true(ram->is_noted[9]);
    forget_noted(ram);
    cells_init_nvm(&cells, true);
    assert_int_equal(flash_ram_init(&other, &cells), OTA_OK);
    flash_ram_copy_from(ram, &other);
    assert_int_equal(count_noted(ram), cells_unit_count(&ram->cells));
    flash_ram_free(&other);
}

/* However many marks have copied a unit. */
static void changed_units_are_listed_once_from_the_oldest_mark_on(void **state)
{
    struct flash_ram *ram = *state;
    uint32_t units[258];

    program(ram, 3 * UNIT, 0x42); /* before any mark */
    uint32_t outer = flash_ram_mark(ram);
    assert_int_equal(flash_ram_list_changed(ram, units), 0);
    program(ram, 0, 0xFE);
    program(ram, 8, 0xFE);
    uint32_t inner = flash_ram_mark(ram);
    program(ram, 0, 0xFC);
    program(ram, 5 * UNIT, 0xFC);
    assert_int_equal(flash_ram_list_changed(ram, units), 2);
    assert_int_equal(units[0], 0);
    assert_int_equal(units[1], 5);
    flash_ram_rollback(ram, inner);
    assert_int_equal(flash_ram_list_changed(ram, units), 1);
    flash_ram_rollback(ram, outer);
    assert_int_equal(flash_ram_list_changed(ram, units), 0);
}

static void ghosts_go_back_in_time_too(void **state)
{
    struct flash_ram *ram = *state;
    uint8_t byte;

    assert_int_equal(ram->cells.ghosts, CELLS_GHOSTS);
    program(ram, 0, 0x42);
    uint8_t *sound = snapshot(ram);
    uint32_t outer = flash_ram_mark(ram);
    cells_tear_erase(&ram->cells, 0, TEAR_WEAK);
    assert_int_equal(ram->cells.units[256].flags, CELLS_GHOST);
    uint8_t *weak = snapshot(ram);
    uint32_t inner = flash_ram_mark(ram);
    cells_settle(&ram->cells, 0, true);
    assert_int_equal(flash_read(&ram->cells.flash, 0, &byte, 1), OTA_OK);
    assert_int_equal(byte, 0x42);
    flash_ram_rollback(ram, inner);
    assert_is(ram, weak);
    flash_ram_rollback(ram, outer);
    assert_is(ram, sound);
    free(sound);
    free(weak);
}

static void any_life_is_undone_exactly(void **state)
{
    struct flash_ram *ram = *state;
    uint8_t *snapshots[MARKS_MAX];
    uint32_t marks[MARKS_MAX], depth = 0, seed = 20260411, deepest = 0;

    for (int step = 0; step < 4000; step++) {
        uint32_t what = random_below(&seed, 8);
        if (what == 0 && depth < MARKS_MAX) {
            snapshots[depth] = snapshot(ram);
            marks[depth++] = flash_ram_mark(ram);
            deepest = depth > deepest ? depth : deepest;
        } else if (what == 1 && depth) {
            flash_ram_rollback(ram, marks[--depth]);
            assert_is(ram, snapshots[depth]);
            free(snapshots[depth]);
        } else {
            change_at_random(ram, &seed);
        }
    }
    while (depth) {
        flash_ram_rollback(ram, marks[--depth]);
        assert_is(ram, snapshots[depth]);
        free(snapshots[depth]);
    }
    assert_int_equal(deepest, MARKS_MAX);
    assert_int_equal(ram->count, 0);
    assert_int_equal(ram->marks, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new_one_is_erased_and_unworn),
        TEST(rollback_restores_bytes_marks_wear_and_flags),
        TEST(kept_units_stay_when_the_others_go_back),
        TEST(inner_mark_ends_before_the_outer_one),
        TEST(unit_is_copied_once_for_each_mark),
        TEST(empty_mark_changes_nothing),
        TEST(copy_is_the_other_ones_content),
        cmocka_unit_test(free_can_be_called_twice),
        TEST(units_that_may_have_changed_are_noted_once),
        TEST(changed_units_are_listed_once_from_the_oldest_mark_on),
        TEST(ghosts_go_back_in_time_too),
        TEST(any_life_is_undone_exactly),
    };

    return cmocka_run_group_tests_name("flash_ram", tests, NULL, NULL);
}
