#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/image/blocks.h"

#define SPAN 300u

static enum ota_err add(struct blocks *blocks, uint32_t address, const char *text)
{
    uint32_t taken;

    return blocks_add(blocks, address, text, (uint32_t)strlen(text), &taken);
}

static void touching_bytes_become_one_block(void **state)
{
    struct blocks blocks;

    (void)state;
    blocks_init(&blocks);
    assert_int_equal(add(&blocks, 108, "ij"), OTA_OK);
    assert_int_equal(add(&blocks, 100, "abcd"), OTA_OK);
    assert_int_equal(blocks.count, 2);
    assert_int_equal(add(&blocks, 104, "efgh"), OTA_OK);
    assert_int_equal(blocks.count, 1);
    assert_int_equal(blocks.list[0].address, 100);
    assert_int_equal(blocks.list[0].size, 10);
    assert_memory_equal(blocks.list[0].bytes, "abcdefghij", 10);
    blocks_free(&blocks);
    assert_int_equal(blocks.count, 0);
}

static void a_taken_address_is_named_and_nothing_changes(void **state)
{
    static const struct {
        uint32_t address, size, taken;
    } cases[] = {{98, 3, 100},  {100, 1, 100}, {103, 1, 103}, {103, 9, 103},
                 {90, 50, 100}, {104, 7, 110}, {110, 1, 110}};
    struct blocks blocks;
    char bytes[64] = {0};

    (void)state;
    blocks_init(&blocks);
    assert_int_equal(add(&blocks, 100, "abcd"), OTA_OK);
    assert_int_equal(add(&blocks, 110, "x"), OTA_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t taken = 0;
        assert_int_equal(blocks_add(&blocks, cases[i].address, bytes, cases[i].size, &taken),
                         OTA_ERR_STATE);
        assert_int_equal(taken, cases[i].taken);
    }
    assert_int_equal(blocks.count, 2);
    assert_memory_equal(blocks.list[0].bytes, "abcd", 4);
    blocks_free(&blocks);
}

static void the_last_address_there_is_can_be_used(void **state)
{
    struct blocks blocks;

    (void)state;
    blocks_init(&blocks);
    assert_int_equal(add(&blocks, UINT32_MAX - 1, "ab"), OTA_OK);
    assert_int_equal(*blocks_at(&blocks, UINT32_MAX), 'b');
    assert_null(blocks_at(&blocks, 0));
    assert_int_equal(add(&blocks, UINT32_MAX, "x"), OTA_ERR_STATE);
    blocks_free(&blocks);
}

static void kernel_addresses_are_those_of_the_memory_behind(void **state)
{
    (void)state;
    assert_int_equal(blocks_physical(0x9002100Cu), 0x1002100C);
    assert_int_equal(blocks_physical(0xBFC00000u), 0x1FC00000);
    assert_int_equal(blocks_physical(0x10021000u), 0x10021000);
    assert_int_equal(blocks_physical(0xC0000000u), 0xC0000000u);
    assert_int_equal(blocks_physical(0x7FFFFFFFu), 0x7FFFFFFF);
}

static void a_range_over_the_end_of_an_address_space_is_not_straight(void **state)
{
    static const struct {
        uint32_t address, size;
        bool is_straight;
    } cases[] = {
        {0x10000000, 0x100000, true}, {0x9FFFFFF0, 16, true},  {0x9FFFFFF0, 17, false},
        {0xBFFFFFF0, 16, true},       {0xBFFFFFF0, 17, false}, {0x7FFFFFF0, 16, true},
        {0x7FFFFFF0, 17, false},      {0xFFFFFFF0, 16, true},  {0xFFFFFFF0, 17, false},
        {0xFFFFFFFF, 0, true},        {0, UINT32_MAX, false},  {0, 0x80000000, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(blocks_is_straight(cases[i].address, cases[i].size), cases[i].is_straight);
}

/* A plain array and a map of what is there, against blocks, over random pieces. */
static void random_pieces_are_as_in_an_array(void **state)
{
    uint8_t model[SPAN], copy[SPAN], piece[40];
    bool is_there[SPAN];
    uint32_t taken;

    (void)state;
    srand(7);
    for (int round = 0; round < 200; round++) {
        struct blocks blocks;
        blocks_init(&blocks);
        memset(model, 0xFF, sizeof model);
        memset(is_there, 0, sizeof is_there);
        for (int step = 0; step < 40; step++) {
            uint32_t at = (uint32_t)rand() % SPAN, size = (uint32_t)rand() % sizeof piece;
            if (size > SPAN - at)
                size = SPAN - at;
            uint32_t first = at;
            while (first < at + size && !is_there[first])
                first++;
            if (rand() % 4 == 0) {
                assert_int_equal(blocks_remove(&blocks, at, at + size), OTA_OK);
                memset(model + at, 0xFF, size);
                memset(is_there + at, 0, size);
                continue;
            }
            memset(piece, rand(), sizeof piece);
            enum ota_err err = blocks_add(&blocks, at, piece, size, &taken);
            assert_int_equal(err, first < at + size ? OTA_ERR_STATE : OTA_OK);
            if (err) {
                assert_int_equal(taken, first);
                continue;
            }
            memcpy(model + at, piece, size);
            memset(is_there + at, 1, size);
        }
        blocks_copy(&blocks, 0, copy, SPAN);
        assert_memory_equal(copy, model, SPAN);
        for (uint32_t i = 0; i < SPAN; i++)
            assert_int_equal(blocks_at(&blocks, i) != NULL, is_there[i]);
        for (uint32_t i = 1; i < blocks.count; i++)
            assert_true(blocks.list[i - 1].address + blocks.list[i - 1].size <=
                        blocks.list[i].address);
        blocks_free(&blocks);
    }
}

static void the_first_byte_of_a_range_is_found(void **state)
{
    struct blocks blocks;
    uint32_t at = 0;

    (void)state;
    blocks_init(&blocks);
    assert_false(blocks_first(&blocks, 0, (uint64_t)UINT32_MAX + 1, &at));
    assert_int_equal(add(&blocks, 100, "abcd"), OTA_OK);
    assert_false(blocks_first(&blocks, 0, 100, &at));
    assert_true(blocks_first(&blocks, 0, 101, &at));
    assert_int_equal(at, 100);
    assert_true(blocks_first(&blocks, 102, 200, &at));
    assert_int_equal(at, 102);
    assert_false(blocks_first(&blocks, 104, UINT64_MAX, &at));
    assert_false(blocks_first(&blocks, 102, 102, &at));
    blocks_free(&blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(touching_bytes_become_one_block),
        cmocka_unit_test(a_taken_address_is_named_and_nothing_changes),
        cmocka_unit_test(the_last_address_there_is_can_be_used),
        cmocka_unit_test(kernel_addresses_are_those_of_the_memory_behind),
        cmocka_unit_test(a_range_over_the_end_of_an_address_space_is_not_straight),
        cmocka_unit_test(random_pieces_are_as_in_an_array),
        cmocka_unit_test(the_first_byte_of_a_range_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
