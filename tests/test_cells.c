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
    uint32_t units = cells_unit_count(cells);

    cells->bytes = malloc((size_t)units * UNIT);
    cells->units = calloc(1, cells_side_size(cells));
    assert_non_null(cells->bytes);
    assert_non_null(cells->units);
    cells->marks = (uint8_t *)(cells->units + units);
    memset(cells->bytes, 0xFF, (size_t)units * UNIT);
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
    for (uint32_t at = 0; at < cells->flash.size; at += 1024) {
        fill(old, sizeof old, at);
        memcpy(cells->bytes + at, old, sizeof old);
        cells_tear_program(cells, at, data, sizeof data, TEAR_PREFIX);
        uint32_t edge = only_torn_word(cells, at, sizeof data);
        for (uint32_t i = 0; i < sizeof data; i++) {
            uint8_t is = cells->bytes[at + i];
            if (i / 8 < edge)
                assert_int_equal(is, old[i] & data[i]);
            else if (i / 8 > edge)
                assert_int_equal(is, old[i]);
            assert_int_equal(is & ~old[i], 0);                         /* no bit was set */
            assert_int_equal(is & old[i] & data[i], old[i] & data[i]); /* none but those to clear */
        }
        for (uint32_t i = 0; i < 128; i++)
            assert_int_equal(cells->marks[at / 8 + i] & CELLS_PROGRAMMED,
                             i <= edge ? CELLS_PROGRAMMED : 0);
        edges += !is_seen[edge];
        is_seen[edge] = true;
    }
    assert_int_equal(edges, 128);
}

static void program_torn_to_a_suffix_has_an_edge_and_what_is_behind(void **state)
{
    struct cells *cells = *state;
    uint8_t data[1024], old[1024];

    fill(data, sizeof data, 7);
    for (uint32_t at = 0; at < cells->flash.size; at += 1024) {
        fill(old, sizeof old, at);
        memcpy(cells->bytes + at, old, sizeof old);
        cells_tear_program(cells, at, data, sizeof data, TEAR_SUFFIX);
        uint32_t edge = only_torn_word(cells, at, sizeof data);
        for (uint32_t i = 0; i < sizeof data; i++) {
            uint8_t is = cells->bytes[at + i];
            if (i / 8 < edge)
                assert_int_equal(is, old[i]);
            else if (i / 8 > edge)
                assert_int_equal(is, old[i] & data[i]);
            assert_int_equal(is & ~old[i], 0);
            assert_int_equal(is & old[i] & data[i], old[i] & data[i]);
        }
        for (uint32_t i = 0; i < 128; i++)
            assert_int_equal(cells->marks[at / 8 + i] & CELLS_PROGRAMMED,
                             i >= edge ? CELLS_PROGRAMMED : 0);
    }
}

static void torn_double_word_is_left_anywhere_between_old_and_new(void **state)
{
    struct cells *cells = *state;
    const uint8_t zero[8] = {0};
    uint32_t untouched = 0, partly = 0;

    for (uint32_t at = 0; at < 5000 * 8; at += 8) {
        cells_tear_program(cells, at, zero, 8, TEAR_PREFIX);
        assert_int_equal(cells->marks[at / 8], CELLS_PROGRAMMED | CELLS_TORN);
        assert_int_equal(cells->marks[at / 8 + 1], 0);
        untouched += memcmp(cells->bytes + at, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8) == 0;
        partly += memcmp(cells->bytes + at, zero, 8) != 0;
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

    for (uint32_t at = 0; at < cells->flash.size; at += 256) {
        const uint8_t *bytes = cells->bytes + at;
        uint32_t edge = 0;
        cells_tear_program(cells, at, zero, 256, TEAR_PREFIX);
        while (edge < 256 && bytes[edge] == 0)
            edge++;
        if (edge < 255)
            assert_all(bytes + edge + 1, 255 - edge, 0xFF);
        assert_int_equal(cells->marks[at / 256], CELLS_PROGRAMMED | CELLS_TORN);
        if (edge < 256 && bytes[edge] != 0xFF) {
            edges += !is_seen[edge];
            is_seen[edge] = true;
        }
    }
    assert_int_equal(edges, 256);
}

/* Bits that should have gone and are still there; none but those to clear has gone. */
static uint32_t count_left(const uint8_t *bytes, const uint8_t *old, const uint8_t *data,
                           uint32_t size)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < size; i++) {
        assert_int_equal(bytes[i] & ~old[i], 0);
        assert_int_equal(bytes[i] & old[i] & data[i], old[i] & data[i]);
        left += (uint32_t)__builtin_popcount(bytes[i] & ~data[i] & 0xFF);
    }
    return left;
}

/* A word is torn exactly where it is not what it should be. */
static void assert_torn_where_wrong(const struct cells *cells, uint32_t offset, const uint8_t *old,
                                    const uint8_t *data, uint32_t size)
{
    for (uint32_t i = 0; i < size; i += 8) {
        bool is_wrong = count_left(cells->bytes + offset + i, old + i, data + i, 8) != 0;
        assert_int_equal(cells->marks[(offset + i) / 8],
                         CELLS_PROGRAMMED | (is_wrong ? CELLS_TORN : 0));
    }
}

static void torn_program_does_one_bit_or_all_but_one_or_some(void **state)
{
    struct cells *cells = *state;
    uint8_t data[1024], old[1024];

    fill(data, sizeof data, 7);
    for (uint32_t at = 0; at < 100 * 1024; at += 1024) {
        fill(old, sizeof old, at);
        uint32_t all = count_left(old, old, data, sizeof data);
        for (enum cells_tear tear = TEAR_ONE_BIT; tear <= TEAR_SOME_BITS; tear++) {
            memcpy(cells->bytes + at, old, sizeof old);
            memset(cells->marks + at / 8, 0, sizeof data / 8);
            cells_tear_program(cells, at, data, sizeof data, tear);
            uint32_t left = count_left(cells->bytes + at, old, data, sizeof data);
            if (tear == TEAR_ONE_BIT)
                assert_int_equal(left, all - 1);
            else if (tear == TEAR_MOST_BITS)
                assert_int_equal(left, 1);
            else
                assert_in_range(left, all / 3, 2 * all / 3);
            assert_torn_where_wrong(cells, at, old, data, sizeof data);
        }
    }
}

/* Which bit it is depends on the place, so over many places it is any. */
static void the_one_bit_is_not_always_the_same(void **state)
{
    struct cells *cells = *state;
    const uint8_t zero[8] = {0};
    bool is_seen[64] = {false};
    uint32_t bits = 0;

    for (uint32_t at = 0; at < 2000 * 8; at += 8) {
        uint64_t word;
        cells_tear_program(cells, at, zero, 8, TEAR_ONE_BIT);
        memcpy(&word, cells->bytes + at, 8);
        assert_int_equal(__builtin_popcountll(word), 63);
        uint32_t bit = (uint32_t)__builtin_ctzll(~word);
        bits += !is_seen[bit];
        is_seen[bit] = true;
    }
    assert_int_equal(bits, 64);
}

static void program_with_nothing_to_clear_is_never_torn_into_bits(void **state)
{
    struct cells *cells = *state;
    uint8_t ones[64];

    memset(ones, 0xFF, sizeof ones);
    for (enum cells_tear tear = TEAR_ONE_BIT; tear <= TEAR_SOME_BITS; tear++) {
        cells_tear_program(cells, 0, ones, sizeof ones, tear);
        assert_all(cells->bytes, UNIT, 0xFF);
        assert_all(cells->marks, 8, CELLS_PROGRAMMED);
        assert_all(cells->marks + 8, 8, 0);
    }
}

/* Two ways that lead to the same cut lead to one state: nothing but the cut itself counts. */
static void same_cut_leaves_the_same_and_another_place_something_else(void **state)
{
    struct cells *cells = *state;
    uint8_t data[1024], first[1024];

    fill(data, sizeof data, 3);
    for (enum cells_tear tear = TEAR_PREFIX; tear <= TEAR_SOME_BITS; tear++) {
        uint32_t different = 0;
        memset(cells->bytes, 0xFF, 102 * 1024);
        for (uint32_t at = 0; at < 100 * 1024; at += 1024) {
            cells_tear_program(cells, at, data, 1024, tear);
            memcpy(first, cells->bytes + at, 1024);
            memset(cells->bytes + at, 0xFF, 1024);
            cells_tear_program(cells, at, data, 1024, tear);
            assert_memory_equal(first, cells->bytes + at, 1024);
            cells_tear_program(cells, at + 1024, data, 1024, tear);
            different += memcmp(first, cells->bytes + at + 1024, 1024) != 0;
            memset(cells->bytes + at + 1024, 0xFF, 1024);
        }
        assert_in_range(different, 95, 100);
    }
}

static void torn_erase_sets_some_bits_and_clears_none(void **state)
{
    struct cells *cells = *state;
    uint8_t old[UNIT], first[UNIT];
    uint32_t set = 0;

    fill(old, UNIT, 5);
    for (int round = 0; round < 2; round++) {
        memcpy(cells->bytes + UNIT, old, UNIT);
        cells_tear_erase(cells, UNIT, TEAR_SOME_BITS);
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

/* Nothing of it shows, but another erase must come first. */
static void torn_erase_that_shows_nothing_or_a_half(void **state)
{
    static const struct {
        enum cells_tear tear;
        uint32_t erased_from, erased_to;
    } cases[] = {
        {TEAR_NOTHING, 0, 0}, {TEAR_LOW_HALF, 0, UNIT / 2}, {TEAR_HIGH_HALF, UNIT / 2, UNIT}};
    struct cells *cells = *state;
    uint8_t old[UNIT];

    fill(old, UNIT, 5);
    for (uint32_t i = 0; i < 3; i++) {
        memcpy(cells->bytes + UNIT, old, UNIT);
        memset(cells->marks + UNIT / 8, 0, UNIT / 8);
        cells_tear_erase(cells, UNIT, cases[i].tear);
        for (uint32_t at = 0; at < UNIT; at++) {
            bool is_erased = at >= cases[i].erased_from && at < cases[i].erased_to;
            assert_int_equal(cells->bytes[UNIT + at], is_erased ? 0xFF : old[at]);
        }
        assert_all(cells->marks + UNIT / 8, UNIT / 8, CELLS_PROGRAMMED);
        assert_all(cells->marks, UNIT / 8, 0);
        assert_all(cells->marks + 2 * UNIT / 8, UNIT / 8, 0);
        assert_int_equal(cells->units[1].flags, 0);
        assert_int_equal(cells->units[1].erases, i + 1);
        assert_all(cells->bytes, UNIT, 0xFF);
        assert_all(cells->bytes + 2 * UNIT, UNIT, 0xFF);
    }
}

static void weak_unit_reads_as_erased_and_does_not_hold_the_first_program(void **state)
{
    struct cells *cells = *state;
    uint8_t data[2048];

    memset(cells->bytes, 0, UNIT);
    memset(cells->marks, CELLS_PROGRAMMED, UNIT / 8);
    cells_tear_erase(cells, 0, TEAR_WEAK);
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

    cells_tear_erase(cells, 0, TEAR_WEAK);
    assert_int_equal(flash_erase(&cells->flash, 0), OTA_OK);
    assert_int_equal(flash_program(&cells->flash, 0, zero, 8), OTA_OK);
    assert_all(cells->bytes, 8, 0);
    assert_int_equal(cells->units[0].erases, 2);
}

static void torn_words_are_unreadable_until_erased_with_ecc(void **state)
{
    struct cells *cells = *state;
    uint8_t data[1024] = {0}, back[1024];

    cells_tear_program(cells, 0, data, 1024, TEAR_PREFIX);
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

    cells_tear_erase(cells, UNIT, TEAR_SOME_BITS);
    assert_int_equal(flash_read(&cells->flash, UNIT - 1, &byte, 1), OTA_OK);
    for (uint32_t at = UNIT; at < 2 * UNIT; at += 8)
        assert_int_equal(flash_read(&cells->flash, at, &byte, 1), OTA_ERR_ECC);
    assert_int_equal(flash_read(&cells->flash, 2 * UNIT, &byte, 1), OTA_OK);
    cells_tear_erase(cells, UNIT, TEAR_WEAK); /* looks erased, so it can be read */
    assert_int_equal(flash_read(&cells->flash, UNIT, &byte, 1), OTA_OK);
}

static void torn_words_are_readable_without_ecc(void **state)
{
    struct cells *cells = *state;
    uint8_t data[1024] = {0}, back[1024];

    cells_tear_program(cells, 0, data, 1024, TEAR_PREFIX);
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
    cells_tear_erase(cells, 255 * UNIT, TEAR_NOTHING);
    cells_tear_erase(cells, 255 * UNIT, TEAR_WEAK);
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
    cells_tear_program(cells, 5 * UNIT, zero, 8, TEAR_PREFIX);
    assert_int_equal(noted.unit, 5);
    assert_int_equal(noted.first_byte, 0xFF);
    cells_tear_erase(cells, UNIT, TEAR_SOME_BITS);
    assert_int_equal(noted.unit, 1);
    assert_int_equal(noted.first_byte, 0x00);
    cells_tear_erase(cells, UNIT, TEAR_WEAK);
    assert_int_equal(noted.calls, 8);
    assert_int_not_equal(noted.first_byte, 0x00);
}

static uint32_t touched[4], touch_count;

static void note_touch(struct cells *cells, uint32_t unit)
{
    (void)cells;
    touched[touch_count++ % 4] = unit;
}

static void touch_tells_each_unit(void **state)
{
    struct cells *cells = *state;

    cells_touch(cells, 0, 1);
    cells->before_change = note_touch;
    cells_touch(cells, UNIT - 1, UNIT + 2);
    assert_int_equal(touch_count, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(touched[i], i);
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
        NVM(program_torn_to_a_suffix_has_an_edge_and_what_is_behind),
        NVM(torn_program_does_one_bit_or_all_but_one_or_some),
        NVM(the_one_bit_is_not_always_the_same),
        NVM(program_with_nothing_to_clear_is_never_torn_into_bits),
        NVM(same_cut_leaves_the_same_and_another_place_something_else),
        NVM(torn_erase_that_shows_nothing_or_a_half),
        NVM(torn_erase_sets_some_bits_and_clears_none),
        NVM(weak_unit_reads_as_erased_and_does_not_hold_the_first_program),
        NVM(second_erase_makes_a_weak_unit_sound),
        ECC(torn_words_are_unreadable_until_erased_with_ecc),
        ECC(torn_erase_is_unreadable_with_ecc),
        NVM(torn_words_are_readable_without_ecc),
        NVM(wear_is_that_of_the_busiest_unit),
        NVM(whoever_wants_to_know_is_told_before_each_change),
        NVM(touch_tells_each_unit),
    };

    return cmocka_run_group_tests_name("cells", tests, NULL, NULL);
}
