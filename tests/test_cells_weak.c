#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hal_posix/cells.h"

/* Weak units whose other reading is remembered, as in RAM. */

#define UNIT 4096u

static void give_memory(struct cells *cells)
{
    uint32_t units = cells_unit_count(cells);

    cells->bytes = malloc((size_t)units * UNIT);
    cells->units = calloc(1, cells_side_size(cells));
    assert_non_null(cells->bytes);
    assert_non_null(cells->units);
    cells->marks = (uint8_t *)(cells->units + units);
    memset(cells->bytes, 0xFF, (size_t)units * UNIT);
}

static void nobody_notes(struct cells *cells, uint32_t unit)
{
    assert_in_range(unit, 0, cells_unit_count(cells) - 1);
}

/* What a weak unit reads as otherwise: yes or no, and how often it was asked about which. */
static struct {
    bool answer;
    uint32_t calls, unit;
} asked;

static bool reads_otherwise(void *context, struct cells *cells, uint32_t unit)
{
    assert_ptr_equal(context, &asked);
    assert_in_range(unit, 0, cells->flash.size / UNIT - 1);
    asked.calls++;
    asked.unit = unit;
    return asked.answer;
}

static int setup(void **state)
{
    struct cells *cells = malloc(sizeof *cells);

    cells_init_nvm(cells, false);
    cells->ghosts = CELLS_GHOSTS;
    give_memory(cells);
    cells->before_change = nobody_notes;
    cells->reads_otherwise = reads_otherwise;
    cells->context = &asked;
    memset(&asked, 0, sizeof asked);
    *state = cells;
    return 0;
}

static int teardown(void **state)
{
    struct cells *cells = *state;

    free(cells->bytes);
    free(cells->units);
    free(cells);
    return 0;
}

static void assert_all(const uint8_t *bytes, uint32_t size, uint8_t value)
{
    for (uint32_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], value);
}

#define GHOST(number) (256u + (number))

static uint8_t read_byte(struct cells *cells, uint32_t unit)
{
    uint8_t byte = 0x77;

    assert_int_equal(flash_read(&cells->flash, unit * UNIT + 100, &byte, 1), OTA_OK);
    return byte;
}

/* The unit is full of this and then weak. */
static void make_weak(struct cells *cells, uint32_t unit, uint8_t content)
{
    memset(cells->bytes + (size_t)unit * UNIT, content, UNIT);
    cells_tear_erase(cells, unit * UNIT, TEAR_WEAK);
}

static void assert_no_ghost(const struct cells *cells, uint32_t number)
{
    assert_all(cells->bytes + (size_t)GHOST(number) * UNIT, UNIT, 0xFF);
    assert_int_equal(cells->units[GHOST(number)].flags, 0);
}

static void weak_erase_keeps_what_was_there_as_a_ghost(void **state)
{
    struct cells *cells = *state;

    make_weak(cells, 5, 0x42);
    assert_all(cells->bytes + 5 * UNIT, UNIT, 0xFF);
    assert_all(cells->bytes + (size_t)GHOST(0) * UNIT, UNIT, 0x42);
    assert_int_equal(cells->units[GHOST(0)].flags, CELLS_GHOST | 5 << CELLS_GHOST_OF);
    assert_int_equal(cells->units[5].flags, CELLS_WEAK);
    assert_no_ghost(cells, 1);
}

static void weak_unit_that_was_erased_before_has_no_other_reading(void **state)
{
    struct cells *cells = *state;

    make_weak(cells, 5, 0xFF);
    assert_no_ghost(cells, 0);
    assert_int_equal(read_byte(cells, 5), 0xFF);
    assert_int_equal(asked.calls, 0);
    assert_int_equal(cells->units[5].flags, CELLS_WEAK);
}

static void first_read_of_a_boot_settles_what_a_weak_unit_reads_as(void **state)
{
    struct cells *cells = *state;

    make_weak(cells, 5, 0x42);
    assert_int_equal(read_byte(cells, 4), 0xFF); /* another one */
    assert_int_equal(asked.calls, 0);
    asked.answer = true;
    assert_int_equal(read_byte(cells, 5), 0x42);
    asked.answer = false;
    assert_int_equal(read_byte(cells, 5), 0x42); /* and stays so */
    assert_int_equal(asked.calls, 1);
    assert_int_equal(asked.unit, 5);
    cells_start(cells);
    assert_int_equal(read_byte(cells, 5), 0xFF);
    asked.answer = true;
    assert_int_equal(read_byte(cells, 5), 0xFF);
    assert_int_equal(asked.calls, 2);
    cells_start(cells);
    assert_int_equal(read_byte(cells, 5), 0x42); /* it may come back at any boot */
    assert_int_equal(asked.calls, 3);
}

/* In the middle of a long read, at its edges, and not beyond them. */
static void read_settles_each_weak_unit_it_touches(void **state)
{
    struct cells *cells = *state;
    uint8_t back[3 * UNIT];

    make_weak(cells, 5, 0x42);
    make_weak(cells, 7, 0x24);
    assert_int_equal(flash_read(&cells->flash, 6 * UNIT, back, UNIT), OTA_OK);
    assert_int_equal(flash_read(&cells->flash, 5 * UNIT, back, 0), OTA_OK);
    assert_int_equal(asked.calls, 0);
    asked.answer = true;
    assert_int_equal(flash_read(&cells->flash, 6 * UNIT - 1, back, UNIT + 2), OTA_OK);
    assert_int_equal(asked.calls, 2);
    assert_int_equal(back[0], 0x42);
    assert_all(back + 1, UNIT, 0xFF);
    assert_int_equal(back[UNIT + 1], 0x24);
}

static void where_nobody_answers_a_weak_unit_reads_as_erased(void **state)
{
    struct cells *cells = *state;

    cells->reads_otherwise = NULL;
    make_weak(cells, 5, 0x42);
    assert_int_equal(read_byte(cells, 5), 0xFF);
    cells_start(cells);
    assert_int_equal(read_byte(cells, 5), 0xFF);
}

/* Whatever it read as, between two boots it looks the same: else one state would be two. */
static void start_gives_a_weak_unit_back_its_one_look(void **state)
{
    struct cells *cells = *state;
    uint32_t size = cells_unit_count(cells) * UNIT;
    uint8_t *before = malloc(size);

    make_weak(cells, 5, 0x42);
    make_weak(cells, 9, 0x24);
    memcpy(before, cells->bytes, size);
    cells_settle(cells, 5, true);
    cells_settle(cells, 9, false);
    assert_int_equal(cells->units[5].flags, CELLS_WEAK | CELLS_SETTLED);
    cells_start(cells);
    assert_memory_equal(cells->bytes, before, size);
    assert_int_equal(cells->units[5].flags, CELLS_WEAK);
    assert_int_equal(cells->units[9].flags, CELLS_WEAK);
    cells_start(cells);
    assert_memory_equal(cells->bytes, before, size);
    free(before);
}

static void erase_and_program_lay_the_ghost(void **state)
{
    struct cells *cells = *state;
    const uint8_t zero[8] = {0};

    for (int reading = 0; reading < 2; reading++) {
        make_weak(cells, 5, 0x42);
        cells_settle(cells, 5, reading);
        assert_int_equal(flash_erase(&cells->flash, 5 * UNIT), OTA_OK);
        assert_no_ghost(cells, 0);
        assert_int_equal(cells->units[5].flags, 0);
        make_weak(cells, 6, 0x42);
        cells_settle(cells, 6, false);
        assert_int_equal(flash_program(&cells->flash, 6 * UNIT, zero, 8), OTA_OK);
        assert_no_ghost(cells, 0);
        assert_int_equal(cells->units[6].flags, 0);
        asked.answer = true;
        assert_int_equal(read_byte(cells, 5), 0xFF);
        assert_int_equal(read_byte(cells, 6), 0xFF);
        assert_int_equal(asked.calls, 0);
        assert_int_equal(flash_erase(&cells->flash, 6 * UNIT), OTA_OK);
    }
}

static void other_torn_erase_of_a_weak_unit_lays_the_ghost_too(void **state)
{
    struct cells *cells = *state;

    for (enum cells_tear tear = TEAR_SOME_BITS; tear < TEAR_WEAK; tear++) {
        make_weak(cells, 5, 0x42);
        cells_tear_erase(cells, 5 * UNIT, tear);
        assert_no_ghost(cells, 0);
        assert_int_equal(cells->units[5].flags, 0);
    }
}

/* The second weak erase of a unit remembers what it read as in between. */
static void weak_unit_that_is_weakly_erased_again_keeps_one_ghost(void **state)
{
    struct cells *cells = *state;

    make_weak(cells, 5, 0x42);
    cells_settle(cells, 5, true);
    cells_tear_erase(cells, 5 * UNIT, TEAR_WEAK);
    assert_all(cells->bytes + 5 * UNIT, UNIT, 0xFF);
    assert_all(cells->bytes + (size_t)GHOST(0) * UNIT, UNIT, 0x42);
    assert_no_ghost(cells, 1);
    cells_start(cells);
    cells_settle(cells, 5, false); /* reads as erased; the old content is still in there */
    cells_tear_erase(cells, 5 * UNIT, TEAR_WEAK);
    assert_all(cells->bytes + (size_t)GHOST(0) * UNIT, UNIT, 0x42);
    assert_int_equal(cells->units[5].flags, CELLS_WEAK);
}

static void there_are_two_ghosts_and_the_last_makes_room(void **state)
{
    struct cells *cells = *state;

    make_weak(cells, 5, 0x05);
    make_weak(cells, 6, 0x06);
    make_weak(cells, 7, 0x07);
    assert_int_equal(cells->units[GHOST(0)].flags, CELLS_GHOST | 5 << CELLS_GHOST_OF);
    assert_int_equal(cells->units[GHOST(1)].flags, CELLS_GHOST | 7 << CELLS_GHOST_OF);
    asked.answer = true;
    assert_int_equal(read_byte(cells, 5), 0x05);
    assert_int_equal(read_byte(cells, 6), 0xFF); /* forgotten: it reads as erased */
    assert_int_equal(read_byte(cells, 7), 0x07);
    assert_int_equal(asked.calls, 2);
    assert_int_equal(cells->units[6].flags, CELLS_WEAK); /* but is as weak */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(weak_erase_keeps_what_was_there_as_a_ghost),
        TEST(weak_unit_that_was_erased_before_has_no_other_reading),
        TEST(first_read_of_a_boot_settles_what_a_weak_unit_reads_as),
        TEST(read_settles_each_weak_unit_it_touches),
        TEST(where_nobody_answers_a_weak_unit_reads_as_erased),
        TEST(start_gives_a_weak_unit_back_its_one_look),
        TEST(erase_and_program_lay_the_ghost),
        TEST(other_torn_erase_of_a_weak_unit_lays_the_ghost_too),
        TEST(weak_unit_that_is_weakly_erased_again_keeps_one_ghost),
        TEST(there_are_two_ghosts_and_the_last_makes_room),
    };

    return cmocka_run_group_tests_name("cells_weak", tests, NULL, NULL);
}
