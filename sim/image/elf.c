#include "sim/image/elf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"

/* Offsets and values: System V ABI, chapters 4 and 5. */
#define HEADER_SIZE  52
#define SEGMENT_SIZE 32
#define CLASS_32     1
#define LITTLE       1
#define EXECUTABLE   2
#define MACHINE_MIPS 8
#define SEGMENT_LOAD 1
#define SECTION_SIZE 40
#define SYMBOL_SIZE  16
#define SYMBOL_TABLE 2

static bool fail(char *ret_error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(char *ret_error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(ret_error, ELF_ERROR_SIZE, format, args);
    va_end(args);
    return false;
}

static bool check_header(const uint8_t *bytes, uint32_t size, char *ret_error)
{
    if (size < HEADER_SIZE)
        return fail(ret_error, "the ELF header is cut off");
    if (bytes[4] != CLASS_32 || bytes[5] != LITTLE)
        return fail(ret_error, "an ELF file, but not a 32-bit little-endian one");
    if (bytes_get16(bytes + 18) != MACHINE_MIPS)
        return fail(ret_error, "an ELF file, but not for MIPS");
    if (bytes_get16(bytes + 16) != EXECUTABLE)
        return fail(ret_error, "an ELF file, but not a linked program");
    if (bytes_get16(bytes + 42) != SEGMENT_SIZE)
        return fail(ret_error, "ELF program headers of a size that is not known");
    return true;
}

static bool take_segment(const uint8_t *bytes, uint32_t size, uint32_t number,
                         const uint8_t *segment, struct blocks *blocks, char *ret_error)
{
    uint32_t offset = bytes_get32(segment + 4), address = bytes_get32(segment + 12);
    uint32_t count = bytes_get32(segment + 16), taken;

    if (bytes_get32(segment) != SEGMENT_LOAD || !count)
        return true;
    if (offset > size || count > size - offset)
        return fail(ret_error, "ELF segment %u is cut off", number);
    if (!blocks_is_straight(address, count))
        return fail(ret_error, "ELF segment %u reaches over the end of the address space", number);
    enum ota_err err = blocks_add(blocks, blocks_physical(address), bytes + offset, count, &taken);
    if (err == OTA_ERR_STATE)
        return fail(ret_error, "two ELF segments load to address 0x%08X", taken);
    return !err || fail(ret_error, "out of memory");
}

static bool take_segments(const uint8_t *bytes, uint32_t size, struct blocks *blocks,
                          char *ret_error)
{
    uint32_t at = bytes_get32(bytes + 28), count = bytes_get16(bytes + 44);

    if (at > size || count * SEGMENT_SIZE > size - at)
        return fail(ret_error, "the ELF program headers are cut off");
    for (uint32_t i = 0; i < count; i++)
        if (!take_segment(bytes, size, i, bytes + at + i * SEGMENT_SIZE, blocks, ret_error))
            return false;
    return blocks->count || fail(ret_error, "an ELF file that loads nothing");
}

bool elf_read(const uint8_t *bytes, uint32_t size, struct blocks *ret_blocks,
              char ret_error[ELF_ERROR_SIZE])
{
    blocks_init(ret_blocks);
    if (check_header(bytes, size, ret_error) && take_segments(bytes, size, ret_blocks, ret_error))
        return true;
    blocks_free(ret_blocks);
    return false;
}

/* --- symbols --------------------------------------------------------------------------------- */

/* The bytes of a section; false: there is no such section, or it is cut off. */
static bool find_section(const uint8_t *bytes, uint32_t size, uint32_t number,
                         const uint8_t **ret_section, const uint8_t **ret_bytes, uint32_t *ret_size)
{
    uint32_t at = bytes_get32(bytes + 32), count = bytes_get16(bytes + 48);

    if (number >= count || at > size || count * SECTION_SIZE > size - at)
        return false;
    *ret_section = bytes + at + number * SECTION_SIZE;
    uint32_t offset = bytes_get32(*ret_section + 16);
    *ret_size = bytes_get32(*ret_section + 20);
    *ret_bytes = bytes + offset;
    return offset <= size && *ret_size <= size - offset;
}

static bool has_name(const uint8_t *names, uint32_t size, uint32_t at, const char *name)
{
    uint32_t length = (uint32_t)strlen(name) + 1;

    return at < size && length <= size - at && memcmp(names + at, name, length) == 0;
}

bool elf_find_symbol(const uint8_t *bytes, uint32_t size, const char *name, uint32_t *ret_address)
{
    const uint8_t *section, *table, *names, *names_section;
    uint32_t table_size, names_size;
    char error[ELF_ERROR_SIZE];

    if (size < 4 || memcmp(bytes, "\177ELF", 4) != 0 || !check_header(bytes, size, error))
        return false;
    for (uint32_t i = 0; i < bytes_get16(bytes + 48); i++) {
        if (!find_section(bytes, size, i, &section, &table, &table_size) ||
            bytes_get32(section + 4) != SYMBOL_TABLE ||
            !find_section(bytes, size, bytes_get32(section + 24), &names_section, &names,
                          &names_size))
            continue;
        for (uint32_t at = 0; at + SYMBOL_SIZE <= table_size; at += SYMBOL_SIZE)
            if (has_name(names, names_size, bytes_get32(table + at), name)) {
                *ret_address = bytes_get32(table + at + 4);
                return true;
            }
    }
    return false;
}
