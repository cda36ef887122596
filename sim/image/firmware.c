#include "sim/image/firmware.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "sim/image/elf.h"
#include "sim/image/hex.h"
#include "sim/image/inspect.h"

_Static_assert(HEX_ERROR_SIZE <= FIRMWARE_ERROR_SIZE, "an error of hex_read() fits");
_Static_assert(ELF_ERROR_SIZE <= FIRMWARE_ERROR_SIZE, "an error of elf_read() fits");

#define WORD_SIZE 4u

struct range {
    uint32_t from, to;
};

static bool fail(char *ret_error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(char *ret_error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(ret_error, FIRMWARE_ERROR_SIZE, format, args);
    va_end(args);
    return false;
}

bool firmware_is(const uint8_t *bytes, uint32_t size)
{
    return inspect_is_elf(bytes, size) || inspect_is_intel_hex(bytes, size);
}

bool firmware_read(const uint8_t *bytes, uint32_t size, struct blocks *ret_blocks,
                   char ret_error[FIRMWARE_ERROR_SIZE])
{
    if (inspect_is_elf(bytes, size))
        return elf_read(bytes, size, ret_blocks, ret_error);
    return hex_read((const char *)bytes, size, ret_blocks, ret_error);
}

/* Whether no byte lies outside the ranges, which are sorted; ret_address: the first that does. */
static bool is_within(const struct blocks *blocks, const struct range *ranges, uint32_t count,
                      uint32_t *ret_address)
{
    uint32_t from = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (blocks_first(blocks, from, ranges[i].from, ret_address))
            return false;
        from = ranges[i].to;
    }
    return !blocks_first(blocks, from, (uint64_t)UINT32_MAX + 1, ret_address);
}

/* The end of the last byte in the range. */
static uint32_t end_within(const struct blocks *blocks, struct range range)
{
    uint32_t end = range.from;

    for (uint32_t i = 0; i < blocks->count && blocks->list[i].address < range.to; i++) {
        uint64_t to = (uint64_t)blocks->list[i].address + blocks->list[i].size;
        if (to > end)
            end = to < range.to ? (uint32_t)to : range.to;
    }
    return end;
}

bool firmware_code(const struct blocks *blocks, const struct layout *layout, uint8_t **ret_code,
                   uint32_t *ret_size, char ret_error[FIRMWARE_ERROR_SIZE])
{
    struct range code = {FIRMWARE_FLASH + layout->app_offset,
                         FIRMWARE_FLASH + layout->app_offset + layout->app_size};
    const struct range ranges[] = {
        {FIRMWARE_FLASH + layout->bootctl_offset, code.to},
        {FIRMWARE_CONFIG, FIRMWARE_CONFIG + FIRMWARE_CONFIG_SIZE},
    };
    uint32_t address;

    if (!is_within(blocks, ranges, 2, &address))
        return fail(ret_error, "it has a byte at 0x%08X, where no application may be", address);
    if (!blocks_at(blocks, code.from))
        return fail(ret_error, "it has nothing at 0x%08X, where an application is entered",
                    code.from);
    uint32_t size = end_within(blocks, code) - code.from;
    uint8_t *bytes = malloc(size);
    if (!bytes)
        return fail(ret_error, "out of memory");
    blocks_copy(blocks, code.from, bytes, size);
    *ret_code = bytes;
    *ret_size = size;
    return true;
}

bool firmware_is_bootloader(const struct blocks *blocks, const struct layout *layout,
                            char ret_error[FIRMWARE_ERROR_SIZE])
{
    const struct range ranges[] = {
        {FIRMWARE_FLASH, FIRMWARE_FLASH + layout->product_offset},
        {FIRMWARE_BOOT, FIRMWARE_BOOT + FIRMWARE_BOOT_SIZE},
        {FIRMWARE_CONFIG, FIRMWARE_CONFIG + FIRMWARE_CONFIG_SIZE},
    };
    uint32_t address;

    if (!is_within(blocks, ranges, 3, &address))
        return fail(ret_error, "it has a byte at 0x%08X, where no bootloader may be", address);
    return blocks_at(blocks, FIRMWARE_BOOT) ||
           fail(ret_error, "it has nothing at 0x%08X, where the processor starts", FIRMWARE_BOOT);
}

static bool is_config(uint32_t address)
{
    return address >= FIRMWARE_CONFIG && address - FIRMWARE_CONFIG < FIRMWARE_CONFIG_SIZE;
}

static uint32_t word_at(const struct blocks *blocks, uint32_t address)
{
    uint8_t word[WORD_SIZE];

    blocks_copy(blocks, address, word, sizeof word);
    return bytes_get32(word);
}

static void describe(const struct blocks *blocks, const struct blocks *extra, uint32_t address,
                     struct firmware_conflict *ret_conflict)
{
    ret_conflict->is_config = is_config(address);
    if (ret_conflict->is_config) {
        ret_conflict->address = address & ~(WORD_SIZE - 1);
        ret_conflict->first = word_at(blocks, ret_conflict->address);
        ret_conflict->second = word_at(extra, ret_conflict->address);
    } else {
        ret_conflict->address = address;
        ret_conflict->first = *blocks_at(blocks, address);
        ret_conflict->second = *blocks_at(extra, address);
    }
}

/* Is there an address in this block at which the two cannot be united? */
static bool find_conflict(const struct blocks *blocks, const struct block *block,
                          uint32_t *ret_address)
{
    uint32_t address = block->address;
    uint64_t end = (uint64_t)block->address + block->size;

    while (blocks_first(blocks, address, end, &address)) {
        if (!is_config(address) ||
            *blocks_at(blocks, address) != block->bytes[address - block->address]) {
            *ret_address = address;
            return true;
        }
        address++;
    }
    return false;
}

/* What is there already is the same: add the parts around it. */
static enum ota_err add_rest(struct blocks *blocks, const struct block *block)
{
    uint32_t taken;
    enum ota_err err = OTA_OK;

    for (uint32_t i = 0; i < block->size && !err; i++)
        if (!blocks_at(blocks, block->address + i))
            err = blocks_add(blocks, block->address + i, block->bytes + i, 1, &taken);
    return err;
}

enum ota_err firmware_unify(struct blocks *blocks, const struct blocks *extra,
                            struct firmware_conflict *ret_conflict)
{
    uint32_t address;
    enum ota_err err = OTA_OK;

    for (uint32_t i = 0; i < extra->count; i++) {
        if (find_conflict(blocks, &extra->list[i], &address)) {
            describe(blocks, extra, address, ret_conflict);
            return OTA_ERR_STATE;
        }
    }
    for (uint32_t i = 0; i < extra->count && !err; i++) {
        const struct block *block = &extra->list[i];
        err = blocks_add(blocks, block->address, block->bytes, block->size, &address);
        if (err == OTA_ERR_STATE)
            err = add_rest(blocks, block);
    }
    return err;
}
