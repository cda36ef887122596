#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/image/firmware.h"

static struct blocks blocks, extra;
static char error[FIRMWARE_ERROR_SIZE];

static int setup(void **state)
{
    (void)state;
    blocks_init(&blocks);
    blocks_init(&extra);
    error[0] = '\0';
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    blocks_free(&blocks);
    blocks_free(&extra);
    return 0;
}

static void put(struct blocks *to, uint32_t address, const void *bytes, uint32_t size)
{
    uint32_t taken;

    assert_int_equal(blocks_add(to, address, bytes, size, &taken), OTA_OK);
}

static void both_kinds_of_file_are_known(void **state)
{
    static const char hex[] = ":020000041002E8\n:01100000AA45\n:00000001FF\n";

    (void)state;
    assert_true(firmware_is((const uint8_t *)hex, sizeof hex - 1));
    assert_true(firmware_is((const uint8_t *)"\177ELF", 4));
    assert_false(firmware_is((const uint8_t *)"\0\0\0\0", 4));
    assert_true(firmware_read((const uint8_t *)hex, sizeof hex - 1, &blocks, error));
    assert_int_equal(*blocks_at(&blocks, 0x10021000), 0xAA);
    blocks_free(&blocks);
    assert_false(firmware_read((const uint8_t *)"\177ELF", 4, &blocks, error));
    assert_string_equal(error, "the ELF header is cut off");
}

static void code_is_from_the_entry_to_its_last_byte(void **state)
{
    uint8_t *code;
    uint32_t size;

    (void)state;
    put(&blocks, 0x10021000, "ab", 2);
    put(&blocks, 0x10021005, "c", 1);
    put(&blocks, 0x1FC55F98, "conf", 4);
    assert_true(firmware_code(&blocks, &layout_mzw1, &code, &size, error));
    assert_int_equal(size, 6);
    assert_memory_equal(code,
                        "ab\xFF\xFF\xFF"
                        "c",
                        6);
    free(code);
}

static void a_linked_boot_control_page_is_left_out(void **state)
{
    uint8_t page[0x1004], *code;
    uint32_t size;

    (void)state;
    memset(page, 0x77, sizeof page);
    put(&blocks, 0x10020000, page, sizeof page);
    assert_true(firmware_code(&blocks, &layout_mzw1, &code, &size, error));
    assert_int_equal(size, 4);
    free(code);
}

static void an_application_elsewhere_is_refused(void **state)
{
    uint8_t *code;
    uint32_t size;

    (void)state;
    put(&blocks, 0x10021004, "ab", 2);
    assert_false(firmware_code(&blocks, &layout_mzw1, &code, &size, error));
    assert_string_equal(error, "it has nothing at 0x10021000, where an application is entered");
    put(&blocks, 0x10021000, "abcd", 4);
    put(&blocks, 0x1001FFFF, "x", 1);
    assert_false(firmware_code(&blocks, &layout_mzw1, &code, &size, error));
    assert_string_equal(error, "it has a byte at 0x1001FFFF, where no application may be");
    assert_int_equal(blocks_remove(&blocks, 0x1001FFFF, 0x10020000), OTA_OK);
    put(&blocks, 0x100FF000, "x", 1);
    assert_false(firmware_code(&blocks, &layout_mzw1, &code, &size, error));
    assert_string_equal(error, "it has a byte at 0x100FF000, where no application may be");
    assert_int_equal(blocks_remove(&blocks, 0x100FF000, 0x100FF001), OTA_OK);
    put(&blocks, 0x1FC00000, "x", 1);
    assert_false(firmware_code(&blocks, &layout_mzw1, &code, &size, error));
    assert_string_equal(error, "it has a byte at 0x1FC00000, where no application may be");
}

static void a_bootloader_stays_in_its_area(void **state)
{
    (void)state;
    put(&blocks, 0x10000000, "ab", 2);
    assert_false(firmware_is_bootloader(&blocks, &layout_mzw1, error));
    assert_string_equal(error, "it has nothing at 0x1FC00000, where the processor starts");
    put(&blocks, 0x1FC00000, "ab", 2);
    put(&blocks, 0x1FC55F88, "ab", 2);
    put(&blocks, 0x1001EFFF, "x", 1);
    assert_true(firmware_is_bootloader(&blocks, &layout_mzw1, error));
    put(&blocks, 0x1001F000, "x", 1); /* the product record's */
    assert_false(firmware_is_bootloader(&blocks, &layout_mzw1, error));
    assert_string_equal(error, "it has a byte at 0x1001F000, where no bootloader may be");
}

static void files_apart_are_united(void **state)
{
    struct firmware_conflict conflict;

    (void)state;
    put(&blocks, 100, "ab", 2);
    put(&extra, 102, "cd", 2);
    put(&extra, 200, "x", 1);
    assert_int_equal(firmware_unify(&blocks, &extra, &conflict), OTA_OK);
    assert_int_equal(blocks.count, 2);
    assert_memory_equal(blocks.list[0].bytes, "abcd", 4);
}

static void an_overlap_names_the_address_and_both_bytes(void **state)
{
    struct firmware_conflict conflict;

    (void)state;
    put(&blocks, 100, "abcd", 4);
    put(&extra, 98, "wxyz", 4);
    assert_int_equal(firmware_unify(&blocks, &extra, &conflict), OTA_ERR_STATE);
    assert_int_equal(conflict.address, 100);
    assert_int_equal(conflict.first, 'a');
    assert_int_equal(conflict.second, 'y');
    assert_false(conflict.is_config);
    assert_null(blocks_at(&blocks, 98));
}

static void an_overlap_is_refused_also_where_the_bytes_are_the_same(void **state)
{
    struct firmware_conflict conflict;

    (void)state;
    put(&blocks, 100, "abcd", 4);
    put(&extra, 103, "d", 1);
    assert_int_equal(firmware_unify(&blocks, &extra, &conflict), OTA_ERR_STATE);
    assert_int_equal(conflict.address, 103);
}

static void equal_configuration_words_may_be_in_both(void **state)
{
    struct firmware_conflict conflict;

    (void)state;
    put(&blocks, 0x1FC55F98, "\x09\x00\x80\x20", 4);
    put(&extra, 0x1FC55F94, "\x3B\x5C\x00\x00\x09\x00\x80\x20\x09\x00\x00\x00", 12);
    assert_int_equal(firmware_unify(&blocks, &extra, &conflict), OTA_OK);
    assert_int_equal(blocks.count, 1);
    assert_int_equal(blocks.list[0].size, 12);
    assert_memory_equal(blocks.list[0].bytes, extra.list[0].bytes, 12);
}

static void differing_configuration_words_are_named_with_both_values(void **state)
{
    struct firmware_conflict conflict;

    (void)state;
    put(&blocks, 0x1FC55F98, "\x09\x00\x80\x20", 4);
    put(&extra, 0x1FC55F98, "\x09\x00\x81\x20", 4);
    assert_int_equal(firmware_unify(&blocks, &extra, &conflict), OTA_ERR_STATE);
    assert_true(conflict.is_config);
    assert_int_equal(conflict.address, 0x1FC55F98);
    assert_int_equal(conflict.first, 0x20800009);
    assert_int_equal(conflict.second, 0x20810009);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(both_kinds_of_file_are_known),
        TEST(code_is_from_the_entry_to_its_last_byte),
        TEST(a_linked_boot_control_page_is_left_out),
        TEST(an_application_elsewhere_is_refused),
        TEST(a_bootloader_stays_in_its_area),
        TEST(files_apart_are_united),
        TEST(an_overlap_names_the_address_and_both_bytes),
        TEST(an_overlap_is_refused_also_where_the_bytes_are_the_same),
        TEST(equal_configuration_words_may_be_in_both),
        TEST(differing_configuration_words_are_named_with_both_values),
    };
#undef TEST
    return cmocka_run_group_tests(tests, NULL, NULL);
}
