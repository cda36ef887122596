#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "sim/image/elf.h"

#define SEGMENTS   52u
#define CONTENT    0x100u
#define FILE_SIZE  0x120u
#define SEGMENT(i) (file + SEGMENTS + 32u * (i))

static uint8_t file[FILE_SIZE];

static void put_segment(uint32_t i, uint32_t type, uint32_t offset, uint32_t address, uint32_t size)
{
    bytes_put32(SEGMENT(i), type);
    bytes_put32(SEGMENT(i) + 4, offset);
    bytes_put32(SEGMENT(i) + 8, 0xDEADBEEFu); /* the virtual address is not what is loaded to */
    bytes_put32(SEGMENT(i) + 12, address);
    bytes_put32(SEGMENT(i) + 16, size);
    bytes_put32(SEGMENT(i) + 20, size + 100);
}

/* Two segments that load, one with no bytes, one of another type. */
static int setup(void **state)
{
    (void)state;
    memset(file, 0, sizeof file);
    memcpy(file, "\177ELF\1\1\1", 7);
    bytes_put16(file + 16, 2);
    bytes_put16(file + 18, 8);
    bytes_put32(file + 28, SEGMENTS);
    bytes_put16(file + 42, 32);
    bytes_put16(file + 44, 4);
    put_segment(0, 1, CONTENT, 0x10021000, 8);
    put_segment(1, 1, CONTENT + 8, 0xBFC00000u, 8);
    put_segment(2, 1, 0, 0x80000400u, 0);
    put_segment(3, 7, 0, 0x10021000, 4);
    memcpy(file + CONTENT, "codecodebootboot", 16);
    return 0;
}

static void segments_are_loaded_to_physical_addresses(void **state)
{
    char error[ELF_ERROR_SIZE];
    struct blocks blocks;

    (void)state;
    assert_true(elf_read(file, sizeof file, &blocks, error));
    assert_int_equal(blocks.count, 2);
    assert_int_equal(blocks.list[0].address, 0x10021000);
    assert_int_equal(blocks.list[0].size, 8);
    assert_memory_equal(blocks.list[0].bytes, "codecode", 8);
    assert_int_equal(blocks.list[1].address, 0x1FC00000);
    assert_memory_equal(blocks.list[1].bytes, "bootboot", 8);
    blocks_free(&blocks);
}

static void expect_error(uint32_t size, const char *expected)
{
    char error[ELF_ERROR_SIZE] = "";
    struct blocks blocks;

    assert_false(elf_read(file, size, &blocks, error));
    assert_string_equal(error, expected);
    assert_int_equal(blocks.count, 0);
}

static void what_is_not_for_this_chip_is_refused(void **state)
{
    setup(state);
    file[4] = 2;
    expect_error(FILE_SIZE, "an ELF file, but not a 32-bit little-endian one");
    setup(state);
    file[5] = 2;
    expect_error(FILE_SIZE, "an ELF file, but not a 32-bit little-endian one");
    setup(state);
    file[18] = 40;
    expect_error(FILE_SIZE, "an ELF file, but not for MIPS");
    setup(state);
    file[16] = 1;
    expect_error(FILE_SIZE, "an ELF file, but not a linked program");
    setup(state);
    file[42] = 56;
    expect_error(FILE_SIZE, "ELF program headers of a size that is not known");
}

static void what_is_cut_off_or_contradicts_itself_is_refused(void **state)
{
    setup(state);
    expect_error(51, "the ELF header is cut off");
    expect_error(SEGMENTS + 4 * 32 - 1, "the ELF program headers are cut off");
    expect_error(CONTENT + 15, "ELF segment 1 is cut off");
    bytes_put32(file + 28, 0xFFFFFFF0u);
    expect_error(FILE_SIZE, "the ELF program headers are cut off");
    setup(state);
    bytes_put32(SEGMENT(0) + 4, 0xFFFFFFFCu);
    expect_error(FILE_SIZE, "ELF segment 0 is cut off");
    setup(state);
    put_segment(1, 1, CONTENT, 0xB0021004u, 8);
    expect_error(FILE_SIZE, "two ELF segments load to address 0x10021004");
    setup(state);
    put_segment(1, 1, CONTENT, 0xFFFFFFFCu, 8);
    expect_error(FILE_SIZE, "ELF segment 1 reaches over the end of the address space");
    setup(state);
    put_segment(1, 1, CONTENT, 0x7FFFFFFCu, 8);
    expect_error(FILE_SIZE, "ELF segment 1 reaches over the end of the address space");
    setup(state);
    bytes_put16(file + 44, 0);
    expect_error(FILE_SIZE, "an ELF file that loads nothing");
}

/* Whatever stands in the headers, nothing outside the file is read (the sanitizers look). */
static void no_header_byte_leads_out_of_the_file(void **state)
{
    char error[ELF_ERROR_SIZE];
    struct blocks blocks;

    for (uint32_t i = 0; i < CONTENT; i++) {
        for (int value = 0; value < 256; value += 17) {
            setup(state);
            file[i] = (uint8_t)value;
            if (elf_read(file, sizeof file, &blocks, error))
                blocks_free(&blocks);
        }
    }
}

/* Three sections: none, a symbol table of two, and its names. */
#define SECTIONS 120u
#define SYMBOLS  32u

static uint8_t with_symbols[FILE_SIZE + SECTIONS + SYMBOLS + 16];

static void put_symbols(void)
{
    uint8_t *sections = with_symbols + FILE_SIZE, *symbols = sections + SECTIONS;

    memset(with_symbols, 0, sizeof with_symbols);
    memcpy(with_symbols, file, FILE_SIZE);
    bytes_put32(with_symbols + 32, FILE_SIZE);
    bytes_put16(with_symbols + 48, 3);
    bytes_put32(sections + 40 + 4, 2);
    bytes_put32(sections + 40 + 16, FILE_SIZE + SECTIONS);
    bytes_put32(sections + 40 + 20, SYMBOLS);
    bytes_put32(sections + 40 + 24, 2);
    bytes_put32(sections + 80 + 16, FILE_SIZE + SECTIONS + SYMBOLS);
    bytes_put32(sections + 80 + 20, 16);
    bytes_put32(symbols, 1);
    bytes_put32(symbols + 4, 0x9D001000);
    bytes_put32(symbols + 16, 6);
    bytes_put32(symbols + 20, 0x9D002000);
    memcpy(symbols + SYMBOLS, "\0main\0verify", 13);
}

static void symbols_are_found_by_name(void **state)
{
    uint32_t address = 0;

    (void)state;
    put_symbols();
    assert_true(elf_find_symbol(with_symbols, sizeof with_symbols, "main", &address));
    assert_int_equal(address, 0x9D001000);
    assert_true(elf_find_symbol(with_symbols, sizeof with_symbols, "verify", &address));
    assert_int_equal(address, 0x9D002000);
    assert_false(elf_find_symbol(with_symbols, sizeof with_symbols, "verif", &address));
    assert_false(elf_find_symbol(with_symbols, sizeof with_symbols, "erify2", &address));
}

static void tables_that_are_cut_off_have_no_symbols(void **state)
{
    uint32_t address;

    (void)state;
    put_symbols();
    for (uint32_t size = 0; size < sizeof with_symbols - 4; size++)
        assert_false(elf_find_symbol(with_symbols, size, "verify", &address));
    bytes_put32(with_symbols + FILE_SIZE + 40 + 24, 9); /* names in a section that is not there */
    assert_false(elf_find_symbol(with_symbols, sizeof with_symbols, "main", &address));
    assert_false(elf_find_symbol((const uint8_t *)":00000001FF", 11, "main", &address));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(symbols_are_found_by_name, setup),
        cmocka_unit_test_setup(tables_that_are_cut_off_have_no_symbols, setup),
        cmocka_unit_test_setup(segments_are_loaded_to_physical_addresses, setup),
        cmocka_unit_test(what_is_not_for_this_chip_is_refused),
        cmocka_unit_test(what_is_cut_off_or_contradicts_itself_is_refused),
        cmocka_unit_test(no_header_byte_leads_out_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
