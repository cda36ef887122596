#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hal_posix/cells.h"

#define UNIT 4096u

static void give_memory(struct cells *cells)
{
    uint32_t units = cells->flash.size / cells->flash.erase_size;

    cells->bytes = malloc(cells->flash.size);
    cells->units = calloc(1, cells_side_size(cells));
    assert_non_null(cells->bytes);
    assert_non_null(cells->units);
    cells->marks = (uint8_t *)(cells->units + units);
    memset(cells->bytes, 0xFF, cells->flash.size);
}

static int setup_nvm(void **state)
{
    struct cells *cells = malloc(sizeof *cells);

    cells_init_nvm(cells, false);
    give_memory(cells);
    *state = cells;
    return 0;
}

static int setup_nvm_ecc(void **state)
{
    struct cells *cells = malloc(sizeof *cells);

    cells_init_nvm(cells, true);
    give_memory(cells);
    *state = cells;
    return 0;
}

static int setup_spi(void **state)
{
    struct cells *cells = malloc(sizeof *cells);

    cells_init_sst26(cells);
    give_memory(cells);
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

/* Bytes that depend on seed, both bits everywhere. */
static void fill(uint8_t *bytes, uint32_t size, uint32_t seed)
{
    for (uint32_t i = 0; i < size; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

static void assert_all(const uint8_t *bytes, uint32_t size, uint8_t value)
{
    for (uint32_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], value);
}

static void geometry_of_the_internal_flash_is_the_chips(void **state)
{
    const struct cells *cells = *state;
    const struct flash *flash = &cells->flash;

    assert_string_equal(flash->name, "nvm");
    assert_int_equal(flash->size, 1024 * 1024);
    assert_int_equal(flash->erase_size, 4096);
    assert_int_equal(flash->row_size, 1024);
    assert_int_equal(flash->program_size, 8);
    assert_true(flash->write_once);
    assert_int_equal(cells->mark_size, 8);
    assert_false(cells->has_ecc);
    assert_int_equal(cells_side_size(cells), 256 * sizeof(struct cells_unit) + 1024 * 1024 / 8);
}

static void geometry_of_the_external_flash_is_the_sst26s(void **state)
{
    const struct cells *cells = *state;
    const struct flash *flash = &cells->flash;

    assert_string_equal(flash->name, "spi");
    assert_int_equal(flash->size, 4 * 1024 * 1024);
    assert_int_equal(flash->erase_size, 4096);
    assert_int_equal(flash->row_size, 256);
    assert_int_equal(flash->program_size, 1);
    assert_int_equal(flash->erase_max, 100000);
    assert_false(flash->write_once);
    assert_int_equal(cells->mark_size, 256);
    assert_false(cells->has_ecc);
    assert_int_equal(cells_side_size(cells),
                     1024 * sizeof(struct cells_unit) + 4 * 1024 * 1024 / 256);
}

static void program_clears_bits_and_sets_none(void **state)
{
    struct cells *cells = *state;
    uint8_t first[8], second[8];

    fill(first, 8, 1);
    fill(second, 8, 2);
    assert_int_equal(flash_program(&cells->flash, UNIT, first, 8), OTA_OK);
    assert_int_equal(flash_program(&cells->flash, UNIT, second, 8), OTA_OK);
    for (int i = 0; i < 8; i++)
        assert_int_equal(cells->bytes[UNIT + (uint32_t)i], first[i] & second[i]);
    assert_all(cells->bytes, UNIT, 0xFF);
    assert_all(cells->bytes + UNIT + 8, UNIT, 0xFF);
}

static void program_marks_the_words_it_touched(void **state)
{
    struct cells *cells = *state;
    uint8_t data[24];

    memset(data, 0xFF, sizeof data); /* nothing to see in the bytes */
    assert_int_equal(flash_program(&cells->flash, 16, data, sizeof data), OTA_OK);
    for (uint32_t at = 0; at < 16; at++)
        assert_int_equal(cells->marks[at], at >= 2 && at < 5 ? CELLS_PROGRAMMED : 0);
}

static void program_marks_the_pages_it_touched(void **state)
{
    struct cells *cells = *state;
    uint8_t data[2] = {0, 0};

    assert_int_equal(flash_program(&cells->flash, 511, data, 2), OTA_OK);
    for (uint32_t at = 0; at < 16; at++)
        assert_int_equal(cells->marks[at], at == 1 || at == 2 ? CELLS_PROGRAMMED : 0);
}

static void erase_sets_one_unit_and_counts(void **state)
{
    struct cells *cells = *state;

    memset(cells->bytes, 0, 3 * UNIT);
    memset(cells->marks, CELLS_PROGRAMMED | CELLS_TORN, 3 * UNIT / 8);
    cells->units[1].flags = CELLS_WEAK;
    assert_int_equal(flash_erase(&cells->flash, UNIT), OTA_OK);
    assert_all(cells->bytes, UNIT, 0);
    assert_all(cells->bytes + UNIT, UNIT, 0xFF);
    assert_all(cells->bytes + 2 * UNIT, UNIT, 0);
    assert_all(cells->marks + UNIT / 8, UNIT / 8, 0);
    assert_all(cells->marks, UNIT / 8, CELLS_PROGRAMMED | CELLS_TORN);
    assert_all(cells->marks + 2 * UNIT / 8, UNIT / 8, CELLS_PROGRAMMED | CELLS_TORN);
    assert_int_equal(cells->units[1].flags, 0);
    assert_int_equal(cells->units[0].erases, 0);
    assert_int_equal(cells->units[1].erases, 1);
    assert_int_equal(cells->units[2].erases, 0);
}

/* The one torn mark of the row at offset; its index in the row. */
static uint32_t only_torn_word(const struct cells *cells, uint32_t offset, uint32_t size)
{
    uint32_t found = UINT32_MAX;

    for (uint32_t i = 0; i < size / 8; i++) {
        if (!(cells->marks[offset / 8 + i] & CELLS_TORN))
            continue;
        assert_int_equal(found, UINT32_MAX);
        found = i;
    }
    assert_int_not_equal(found, UINT32_MAX);
    return found;
}

static void torn_program_is_a_prefix_and_an_edge(void **state)
{
    struct cells *cells = *state;
    uint8_t data[1024], old[1024];
    bool is_seen[128] = {false};
    uint32_t edges = 0;

    fill(data, sizeof data, 7);
    for (uint32_t seed = 0; seed < 5000; seed++) {
        fill(old, sizeof old, seed);
        memcpy(cells->bytes + UNIT, old, sizeof old);
        memset(cells->marks, 0, 2 * UNIT / 8);
        cells_tear_program(cells, UNIT, data, sizeof data, seed);
        uint32_t edge = only_torn_word(cells, UNIT, sizeof data);
        for (uint32_t i = 0; i < sizeof data; i++) {
            uint8_t is = cells->bytes[UNIT + i];
            if (i / 8 < edge)
                assert_int_equal(is, old[i] & data[i]);
            else if (i / 8 > edge)
                assert_int_equal(is, old[i]);
            assert_int_equal(is & ~old[i], 0);                         /* no bit was set */
            assert_int_equal(is & old[i] & data[i], old[i] & data[i]); /* none but those to clear */
        }
        for (uint32_t i = 0; i < 128; i++)
            assert_int_equal(cells->marks[UNIT / 8 + i] & CELLS_PROGRAMMED,
                             i <= edge ? CELLS_PROGRAMMED : 0);
        edges += !is_seen[edge];
        is_seen[edge] = true;
    }
    assert_int_equal(edges, 128);
    assert_all(cells->bytes, UNIT, 0xFF);
    assert_all(cells->bytes + UNIT + 1024, UNIT, 0xFF);
}

static void torn_double_word_is_left_anywhere_between_old_and_new(void **state)
{
    struct cells *cells = *state;
    const uint8_t zero[8] = {0};
    uint32_t untouched = 0, partly = 0;

    for (uint32_t seed = 0; seed < 5000; seed++) {
        memset(cells->bytes, 0xFF, 8);
        memset(cells->marks, 0, 2);
        cells_tear_program(cells, 0, zero, 8, seed * 2654435761u);
        assert_int_equal(cells->marks[0], CELLS_PROGRAMMED | CELLS_TORN);
        assert_int_equal(cells->marks[1], 0);
        untouched += memcmp(cells->bytes, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8) == 0;
        partly += memcmp(cells->bytes, zero, 8) != 0;
    }
    assert_int_equal(untouched, 0);
    assert_int_equal(partly, 5000);
}

static void torn_page_of_single_bytes_has_an_edge_of_one_byte(void **state)
{
    struct cells *cells = *state;
    uint8_t zero[256] = {0};
    bool is_seen[256] = {false};
    uint32_t edges = 0;

    for (uint32_t seed = 0; seed < 20000; seed++) {
        uint32_t edge = 0;
        memset(cells->bytes, 0xFF, 512);
        cells->marks[0] = cells->marks[1] = 0;
        cells_tear_program(cells, 0, zero, 256, seed);
        while (edge < 256 && cells->bytes[edge] == 0)
            edge++;
        assert_all(cells->bytes + edge + 1, 511 - edge, 0xFF);
        assert_int_equal(cells->marks[0], CELLS_PROGRAMMED | CELLS_TORN);
        assert_int_equal(cells->marks[1], 0);
        if (edge < 256 && cells->bytes[edge] != 0xFF) {
            edges += !is_seen[edge];
            is_seen[edge] = true;
        }
    }
    assert_int_equal(edges, 256);
}

static void same_seed_tears_the_same(void **state)
{
    struct cells *cells = *state;
    uint8_t data[1024], first[1024];
    uint32_t different = 0;

    fill(data, sizeof data, 3);
    for (uint32_t seed = 0; seed < 100; seed++) {
        for (int round = 0; round < 2; round++) {
            memset(cells->bytes, 0xFF, 1024);
            cells_tear_program(cells, 0, data, 1024, seed);
            if (round)
                assert_memory_equal(first, cells->bytes, 1024);
            memcpy(first, cells->bytes, 1024);
        }
        memset(cells->bytes, 0xFF, 1024);
        cells_tear_program(cells, 0, data, 1024, seed + 1);
        different += memcmp(first, cells->bytes, 1024) != 0;
    }
    assert_true(different >= 99);
}

static void torn_erase_sets_some_bits_and_clears_none(void **state)
{
    struct cells *cells = *state;
    uint8_t old[UNIT], first[UNIT];
    uint32_t set = 0;

    fill(old, UNIT, 5);
    for (int round = 0; round < 2; round++) {
        memcpy(cells->bytes + UNIT, old, UNIT);
        cells_tear_erase(cells, UNIT, false, 99);
        if (round)
            assert_memory_equal(first, cells->bytes + UNIT, UNIT);
        memcpy(first, cells->bytes + UNIT, UNIT);
    }
    for (uint32_t i = 0; i < UNIT; i++) {
        assert_int_equal(first[i] & old[i], old[i]);
        set += first[i] != old[i];
    }
    assert_in_range(set, UNIT / 2, UNIT - 1);
    assert_all(cells->marks + UNIT / 8, UNIT / 8, CELLS_PROGRAMMED | CELLS_TORN);
    assert_all(cells->marks, UNIT / 8, 0);
    assert_int_equal(cells->units[1].erases, 2);
    assert_int_equal(cells->units[1].flags, 0);
    assert_all(cells->bytes, UNIT, 0xFF);
    assert_all(cells->bytes + 2 * UNIT, UNIT, 0xFF);
}

static void weak_unit_reads_as_erased_and_does_not_hold_the_first_program(void **state)
{
    struct cells *cells = *state;
    uint8_t data[2048];

    memset(cells->bytes, 0, UNIT);
    memset(cells->marks, CELLS_PROGRAMMED, UNIT / 8);
    cells_tear_erase(cells, 0, true, 1);
    assert_all(cells->bytes, UNIT, 0xFF);
    assert_all(cells->marks, UNIT / 8, 0);
    assert_int_equal(cells->units[0].flags, CELLS_WEAK);
    assert_int_equal(cells->units[0].erases, 1);

    memset(data, 0, sizeof data);
    assert_int_equal(flash_program(&cells->flash, 0, data, sizeof data), OTA_OK);
    assert_all(cells->bytes, 1024, 0x88);        /* the first operation: bits that stay */
    assert_all(cells->bytes + 1024, 1024, 0x00); /* the second holds */
    assert_all(cells->marks, 128, CELLS_PROGRAMMED | CELLS_TORN);
    assert_all(cells->marks + 128, 128, CELLS_PROGRAMMED);
    assert_int_equal(cells->units[0].flags, 0);
}

static void second_erase_makes_a_weak_unit_sound(void **state)
{
    struct cells *cells = *state;
    const uint8_t zero[8] = {0};

    cells_tear_erase(cells, 0, true, 1);
    assert_int_equal(flash_erase(&cells->flash, 0), OTA_OK);
    assert_int_equal(flash_program(&cells->flash, 0, zero, 8), OTA_OK);
    assert_all(cells->bytes, 8, 0);
    assert_int_equal(cells->units[0].erases, 2);
}

static void torn_words_are_unreadable_until_erased_with_ecc(void **state)
{
    struct cells *cells = *state;
    uint8_t data[1024] = {0}, back[1024];

    cells_tear_program(cells, 0, data, 1024, 12);
    uint32_t edge = 8 * only_torn_word(cells, 0, 1024);
    assert_in_range(edge, 8, 1024 - 16); /* so that there is something on both sides */
    assert_int_equal(flash_read(&cells->flash, edge, back, 8), OTA_ERR_ECC);
    assert_int_equal(flash_read(&cells->flash, edge + 7, back, 1), OTA_ERR_ECC);
    assert_int_equal(flash_read(&cells->flash, edge - 1, back, 2), OTA_ERR_ECC);
    assert_int_equal(flash_read(&cells->flash, edge - 8, back, 8), OTA_OK);
    assert_int_equal(flash_read(&cells->flash, edge + 8, back, 8), OTA_OK);
    assert_int_equal(flash_read(&cells->flash, edge, back, 0), OTA_OK);
    assert_int_equal(flash_read(&cells->flash, 0, back, 1024), OTA_ERR_ECC);
    assert_int_equal(flash_erase(&cells->flash, 0), OTA_OK);
    assert_int_equal(flash_read(&cells->flash, 0, back, 1024), OTA_OK);
    assert_all(back, 1024, 0xFF);
}

static void torn_erase_is_unreadable_with_ecc(void **state)
{
    struct cells *cells = *state;
    uint8_t byte;

    cells_tear_erase(cells, UNIT, false, 3);
    assert_int_equal(flash_read(&cells->flash, UNIT - 1, &byte, 1), OTA_OK);
    for (uint32_t at = UNIT; at < 2 * UNIT; at += 8)
        assert_int_equal(flash_read(&cells->flash, at, &byte, 1), OTA_ERR_ECC);
    assert_int_equal(flash_read(&cells->flash, 2 * UNIT, &byte, 1), OTA_OK);
    cells_tear_erase(cells, UNIT, true, 3); /* looks erased, so it can be read */
    assert_int_equal(flash_read(&cells->flash, UNIT, &byte, 1), OTA_OK);
}

static void torn_words_are_readable_without_ecc(void **state)
{
    struct cells *cells = *state;
    uint8_t data[1024] = {0}, back[1024];

    cells_tear_program(cells, 0, data, 1024, 12);
    assert_int_equal(flash_read(&cells->flash, 0, back, 1024), OTA_OK);
    assert_memory_equal(back, cells->bytes, 1024);
}

static void wear_is_that_of_the_busiest_unit(void **state)
{
    struct cells *cells = *state;

    assert_int_equal(cells_wear_max(cells), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(flash_erase(&cells->flash, 255 * UNIT), OTA_OK);
    assert_int_equal(flash_erase(&cells->flash, 0), OTA_OK);
    assert_int_equal(cells_wear_max(cells), 3);
    cells_tear_erase(cells, 255 * UNIT, false, 0);
    cells_tear_erase(cells, 255 * UNIT, true, 0);
    assert_int_equal(cells_wear_max(cells), 5);
}

static struct {
    uint32_t calls, unit;
    uint8_t first_byte;
} noted;

static void note(struct cells *cells, uint32_t unit)
{
    noted.calls++;
    noted.unit = unit;
    noted.first_byte = cells->bytes[unit * UNIT];
}

static void whoever_wants_to_know_is_told_before_each_change(void **state)
{
    struct cells *cells = *state;
    uint8_t zero[2048] = {0};

    memset(&noted, 0, sizeof noted);
    cells->before_change = note;
    assert_int_equal(flash_program(&cells->flash, UNIT, zero, 2048), OTA_OK);
    assert_int_equal(noted.calls, 2);
    assert_int_equal(flash_program(&cells->flash, 3 * UNIT, zero, 8), OTA_OK);
    assert_int_equal(noted.unit, 3);
    assert_int_equal(noted.first_byte, 0xFF);
    assert_int_equal(flash_erase(&cells->flash, 3 * UNIT), OTA_OK);
    assert_int_equal(noted.calls, 4);
    assert_int_equal(noted.first_byte, 0x00);
    cells_tear_program(cells, 5 * UNIT, zero, 8, 0);
    assert_int_equal(noted.unit, 5);
    assert_int_equal(noted.first_byte, 0xFF);
    cells_tear_erase(cells, UNIT, false, 0);
    assert_int_equal(noted.unit, 1);
    assert_int_equal(noted.first_byte, 0x00);
    cells_tear_erase(cells, UNIT, true, 0);
    assert_int_equal(noted.calls, 7);
    assert_int_not_equal(noted.first_byte, 0x00);
}

#define NVM(name) cmocka_unit_test_setup_teardown(name, setup_nvm, teardown)
#define ECC(name) cmocka_unit_test_setup_teardown(name, setup_nvm_ecc, teardown)
#define SPI(name) cmocka_unit_test_setup_teardown(name, setup_spi, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NVM(geometry_of_the_internal_flash_is_the_chips),
        SPI(geometry_of_the_external_flash_is_the_sst26s),
        NVM(program_clears_bits_and_sets_none),
        NVM(program_marks_the_words_it_touched),
        SPI(program_marks_the_pages_it_touched),
        NVM(erase_sets_one_unit_and_counts),
        NVM(torn_program_is_a_prefix_and_an_edge),
        NVM(torn_double_word_is_left_anywhere_between_old_and_new),
        SPI(torn_page_of_single_bytes_has_an_edge_of_one_byte),
        NVM(same_seed_tears_the_same),
        NVM(torn_erase_sets_some_bits_and_clears_none),
        NVM(weak_unit_reads_as_erased_and_does_not_hold_the_first_program),
        NVM(second_erase_makes_a_weak_unit_sound),
        ECC(torn_words_are_unreadable_until_erased_with_ecc),
        ECC(torn_erase_is_unreadable_with_ecc),
        NVM(torn_words_are_readable_without_ecc),
        NVM(wear_is_that_of_the_busiest_unit),
        NVM(whoever_wants_to_know_is_told_before_each_change),
    };

    return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
