#include "sim/image/elf.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/bytes.h"

/* Offsets and values: System V ABI, chapters 4 and 5. */
#define HEADER_SIZE  52
#define SEGMENT_SIZE 32
#define CLASS_32     1
#define LITTLE       1
#define EXECUTABLE   2
#define MACHINE_MIPS 8
#define SEGMENT_LOAD 1

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
