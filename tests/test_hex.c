#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/image/hex.h"

#define END ":00000001FF\n"

static bool read_text(const char *text, struct blocks *ret_blocks, char *ret_error)
{
    return hex_read(text, (uint32_t)strlen(text), ret_blocks, ret_error);
}

static struct blocks read_good(const char *text)
{
    char error[HEX_ERROR_SIZE] = "";
    struct blocks blocks;

    if (!read_text(text, &blocks, error))
        fail_msg("%s", error);
    return blocks;
}

static char *write_text(const struct blocks *blocks)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    hex_write(out, blocks);
    fclose(out);
    return text;
}

static void all_record_types_are_read(void **state)
{
    struct blocks blocks = read_good(":020000041000EA\n"
                                     ":0400000001020304F2\n"
                                     ":0400000510000000E7\n"
                                     ":020000021000EC\n"
                                     ":02001000AABB89\n"
                                     ":0400000300003800C1\n" END);

    (void)state;
    assert_int_equal(blocks.count, 2);
    assert_int_equal(blocks.list[0].address, 0x10010);
    assert_memory_equal(blocks.list[0].bytes, "\xAA\xBB", 2);
    assert_int_equal(blocks.list[1].address, 0x10000000);
    assert_memory_equal(blocks.list[1].bytes, "\x01\x02\x03\x04", 4);
    blocks_free(&blocks);
}

static void line_ends_letters_and_blank_lines_do_not_matter(void **state)
{
    struct blocks blocks = read_good(":020000041000ea\r\n"
                                     "\r\n"
                                     ":02fffe00abcd89\r\n"
                                     ":00000001ff");

    (void)state;
    assert_int_equal(*blocks_at(&blocks, 0x1000FFFF), 0xCD);
    blocks_free(&blocks);
}

static void kernel_addresses_become_physical(void **state)
{
    struct blocks blocks = read_good(":02000004BFC07B\n:01038000AAD2\n" END);

    (void)state;
    assert_int_equal(*blocks_at(&blocks, 0x1FC00380), 0xAA);
    blocks_free(&blocks);
}

static void a_segments_addresses_wrap(void **state)
{
    struct blocks blocks = read_good(":020000021000EC\n:02FFFF00AABB9B\n" END);

    (void)state;
    assert_int_equal(*blocks_at(&blocks, 0x1FFFF), 0xAA);
    assert_int_equal(*blocks_at(&blocks, 0x10000), 0xBB);
    blocks_free(&blocks);
}

static void bad_files_are_refused_with_the_line(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"", "line 0: the end record is missing: the file is cut off"},
        {":0100000055AA\n", "line 1: the end record is missing: the file is cut off"},
        {":0100000055AB\n" END, "line 1: the checksum is AB, and should be AA"},
        {END ":0100000055AA\n", "line 2: more follows the end record"},
        {"\n\n0100000055AA\n" END, "line 3: a record begins with ':'"},
        {":01000000 5AA\n" END, "line 1: column 10: not a hexadecimal digit"},
        {":010000005GAA\n" END, "line 1: column 11: not a hexadecimal digit"},
        {":000000\n" END, "line 1: too short for a record"},
        {":0100000055A\n" END, "line 1: half a byte at the end"},
        {":0200000055A9\n" END, "line 1: it says 2 bytes of data, and has 1"},
        {":0000000055AB\n" END, "line 1: it says 0 bytes of data, and has 1"},
        {":00000006FA\n" END, "line 1: record type 06 is not known"},
        {":0100000110EE\n", "line 1: a record of type 01 has 0 bytes of data"},
        {":03000004100000E9\n" END, "line 1: a record of type 04 has 2 bytes of data"},
        {":020000050000F9\n" END, "line 1: a record of type 05 has 4 bytes of data"},
        {":0100000055AA\n:020000005544"
         "65\n" END,
         "line 2: address 0x00000000 is there already"},
        {":02FFFF0055AA01\n" END, "line 1: the record reaches over the end of its 64 KiB"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char error[HEX_ERROR_SIZE] = "";
        struct blocks blocks;
        assert_false(read_text(cases[i].text, &blocks, error));
        assert_string_equal(error, cases[i].error);
        assert_int_equal(blocks.count, 0);
    }
}

static void a_record_of_255_bytes_is_read_and_one_byte_more_refused(void **state)
{
    char text[600], error[HEX_ERROR_SIZE];
    struct blocks blocks;
    int at = sprintf(text, ":FF000000");

    (void)state;
    for (int i = 0; i < 255; i++)
        at += sprintf(text + at, "00");
    strcpy(text + at, "01\n" END);
    blocks = read_good(text);
    assert_int_equal(blocks.list[0].size, 255);
    blocks_free(&blocks);
    strcpy(text + at, "0001\n" END);
    assert_false(read_text(text, &blocks, error));
    assert_string_equal(error, "line 1: too long for a record");
}

static void what_is_written_is_what_the_format_says(void **state)
{
    uint8_t bytes[20];
    struct blocks blocks;
    uint32_t taken;

    (void)state;
    for (uint8_t i = 0; i < sizeof bytes; i++)
        bytes[i] = i;
    blocks_init(&blocks);
    assert_int_equal(blocks_add(&blocks, 0x1000FFFC, bytes, sizeof bytes, &taken), OTA_OK);
    char *text = write_text(&blocks);
    assert_string_equal(text, ":020000041000EA\n"
                              ":04FFFC0000010203FB\n"
                              ":020000041001E9\n"
                              ":100000000405060708090A0B0C0D0E0F1011121338\n" END);
    free(text);
    blocks_free(&blocks);
}

static void random_contents_survive_writing_and_reading(void **state)
{
    uint8_t bytes[5000];
    char error[HEX_ERROR_SIZE];
    uint32_t taken;

    (void)state;
    srand(11);
    for (int round = 0; round < 30; round++) {
        struct blocks blocks, read;
        blocks_init(&blocks);
        for (int i = 0; i < 10; i++) {
            uint32_t address = 0x1000F000u + (uint32_t)rand() % 0x40000u;
            for (size_t k = 0; k < sizeof bytes; k++)
                bytes[k] = (uint8_t)rand();
            err_ignore(
                blocks_add(&blocks, address, bytes, (uint32_t)rand() % sizeof bytes, &taken));
        }
        char *text = write_text(&blocks);
        assert_true(read_text(text, &read, error));
        assert_int_equal(read.count, blocks.count);
        for (uint32_t i = 0; i < read.count; i++) {
            assert_int_equal(read.list[i].address, blocks.list[i].address);
            assert_int_equal(read.list[i].size, blocks.list[i].size);
            assert_memory_equal(read.list[i].bytes, blocks.list[i].bytes, read.list[i].size);
        }
        free(text);
        blocks_free(&read);
        blocks_free(&blocks);
    }
}

/* Each change of one character is refused, or is one in the letter case of a digit. */
static void no_damaged_character_is_overlooked(void **state)
{
    char text[] = ":020000041000EA\n:0410000001020304E2\n" END;
    char error[HEX_ERROR_SIZE];
    struct blocks blocks;

    (void)state;
    for (size_t i = 0; text[i]; i++) {
        char right = text[i];
        if (right == '\n')
            continue;
        for (int c = '!'; c < 127; c++) {
            text[i] = (char)c;
            bool is_same = c == right || (c | 0x20) == (right | 0x20);
            bool is_read = read_text(text, &blocks, error);
            assert_int_equal(is_read, is_same && (right != ':' || c == ':'));
            if (is_read)
                blocks_free(&blocks);
        }
        text[i] = right;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_record_types_are_read),
        cmocka_unit_test(line_ends_letters_and_blank_lines_do_not_matter),
        cmocka_unit_test(kernel_addresses_become_physical),
        cmocka_unit_test(a_segments_addresses_wrap),
        cmocka_unit_test(bad_files_are_refused_with_the_line),
        cmocka_unit_test(a_record_of_255_bytes_is_read_and_one_byte_more_refused),
        cmocka_unit_test(what_is_written_is_what_the_format_says),
        cmocka_unit_test(random_contents_survive_writing_and_reading),
        cmocka_unit_test(no_damaged_character_is_overlooked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
