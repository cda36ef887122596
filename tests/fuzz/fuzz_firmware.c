/*
 * A HEX or ELF file of an application: what is taken of it is in order and apart, what can be
 * written is read again as the same, and no code comes from outside its area.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/image/firmware.h"
#include "sim/image/hex.h"
#include "tests/fuzz/fuzz.h"

#define WRITTEN_MAX 100000 /* bytes; what is larger is not written out each time */

static uint64_t check_order(const struct blocks *blocks)
{
    uint64_t total = 0, end = 0;

    for (uint32_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->list[i];
        FUZZ_CHECK(block->size > 0 && (i == 0 || block->address > end));
        end = (uint64_t)block->address + block->size;
        FUZZ_CHECK(end <= (uint64_t)UINT32_MAX + 1);
        total += block->size;
    }
    return total;
}

static void check_same(const struct blocks *a, const struct blocks *b)
{
    FUZZ_CHECK(a->count == b->count);
    for (uint32_t i = 0; i < a->count; i++)
        FUZZ_CHECK(a->list[i].address == b->list[i].address && a->list[i].size == b->list[i].size &&
                   memcmp(a->list[i].bytes, b->list[i].bytes, a->list[i].size) == 0);
}

static void check_written(const struct blocks *blocks)
{
    char error[HEX_ERROR_SIZE];
    struct blocks again;
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    FUZZ_CHECK(out);
    hex_write(out, blocks);
    FUZZ_CHECK(fclose(out) == 0);
    FUZZ_CHECK(hex_read(text, (uint32_t)size, &again, error));
    check_same(blocks, &again);
    blocks_free(&again);
    free(text);
}

static void check_code(const struct blocks *blocks)
{
    char error[FIRMWARE_ERROR_SIZE] = "";
    uint8_t *code;
    uint32_t size;

    if (!firmware_code(blocks, &layout_mzw1, &code, &size, error)) {
        FUZZ_CHECK(error[0]);
        return;
    }
    FUZZ_CHECK(size && size <= layout_mzw1.app_size);
    FUZZ_CHECK(code[0] == *blocks_at(blocks, FIRMWARE_FLASH + layout_mzw1.app_offset));
    free(code);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char error[FIRMWARE_ERROR_SIZE] = "";
    struct blocks blocks;

    if (!firmware_read(data, (uint32_t)size, &blocks, error)) {
        FUZZ_CHECK(error[0] && blocks.count == 0);
        return 0;
    }
    if (check_order(&blocks) <= WRITTEN_MAX)
        check_written(&blocks);
    check_code(&blocks);
    blocks_free(&blocks);
    return 0;
}
