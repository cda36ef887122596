#include "sim/pic32/code.h"

#include <stdlib.h>
#include <string.h>

struct place {
    uint32_t physical, size;
};

static const struct place places[CODE_MEMORY_COUNT] = {
    [CODE_RAM] = {0x00000000, 0x50000},
    [CODE_FLASH] = {0x10000000, 0x100000},
    [CODE_FLASH_CACHED] = {0x10000000, 0x100000},
    [CODE_BOOT] = {0x1FC00000, 0x10000},
};

/* One op before the first, so that there is something before it; the one behind the last is OP_END.
 */
static size_t op_count(int memory)
{
    return places[memory].size / 4 + 2;
}

static void put_ends(struct code *code)
{
    for (int i = 0; i < CODE_MEMORY_COUNT; i++)
        code->ops[i][op_count(i) - 1].code = OP_END;
}

enum ota_err code_init(struct code *code)
{
    memset(code, 0, sizeof *code);
    for (int i = 0; i < CODE_MEMORY_COUNT; i++) {
        code->ops[i] = calloc(op_count(i), sizeof *code->ops[i]);
        if (!code->ops[i]) {
            code_free(code);
            return OTA_ERR_FULL;
        }
    }
    put_ends(code);
    return OTA_OK;
}

void code_free(struct code *code)
{
    for (int i = 0; i < CODE_MEMORY_COUNT; i++)
        free(code->ops[i]);
    memset(code, 0, sizeof *code);
}

struct code_view code_find(const struct code *code, uint32_t address)
{
    uint32_t physical = address & 0x1FFFFFFF;
    bool is_cached = address >> 29 == 4;

    for (int i = 0; i < CODE_MEMORY_COUNT; i++) {
        if (i == (is_cached ? CODE_FLASH : CODE_FLASH_CACHED) || address >> 30 != 2)
            continue;
        if (physical - places[i].physical < places[i].size)
            return (struct code_view){.ops = code->ops[i] + 1,
                                      .base = (address & 0xE0000000) + places[i].physical,
                                      .size = places[i].size,
                                      .memory = (enum code_memory)i};
    }
    return (struct code_view){0};
}

void code_note(struct code *code, enum code_memory memory, uint32_t offset)
{
    code->is_decoded[memory][offset / CODE_PAGE] = true;
}

static void forget(struct code *code, enum code_memory memory, uint32_t offset, uint32_t size)
{
    struct op *ops = code->ops[memory] + 1;
    uint32_t end = offset + size;

    for (uint32_t at = offset & ~3u, next; at < end; at = next) {
        next = (at / CODE_PAGE + 1) * CODE_PAGE;
        if (code->is_decoded[memory][at / CODE_PAGE])
            memset(ops + at / 4, 0, ((next < end ? next : end) - at + 3) / 4 * sizeof *ops);
    }
}

void code_forget_ram(struct code *code, uint32_t offset, uint32_t size)
{
    forget(code, CODE_RAM, offset, size);
}

void code_forget_flash(struct code *code, uint32_t offset, uint32_t size)
{
    forget(code, CODE_FLASH, offset, size);
    forget(code, CODE_FLASH_CACHED, offset, size);
}

static void forget_memory(struct code *code, enum code_memory memory)
{
    forget(code, memory, 0, places[memory].size);
    memset(code->is_decoded[memory], 0, sizeof code->is_decoded[memory]);
}

void code_forget_all_ram(struct code *code)
{
    forget_memory(code, CODE_RAM);
}

void code_forget_all(struct code *code)
{
    for (int i = 0; i < CODE_MEMORY_COUNT; i++)
        forget_memory(code, (enum code_memory)i);
}

static void forget_at(struct code *code, uint32_t address)
{
    for (uint32_t segment = 0x80000000; segment; segment = segment == 0x80000000 ? 0xA0000000 : 0) {
        struct code_view view = code_find(code, (address & 0x1FFFFFFF) | segment);
        if (view.ops)
            forget(code, view.memory, ((address & 0x1FFFFFFF) | segment) - view.base, 4);
    }
}

bool code_has_breakpoint(const struct code *code, uint32_t address)
{
    for (uint32_t i = 0; i < code->breakpoint_count; i++)
        if (((code->breakpoints[i] ^ address) & 0x1FFFFFFF) == 0)
            return true;
    return false;
}

bool code_set_breakpoint(struct code *code, uint32_t address)
{
    if (code_has_breakpoint(code, address))
        return true;
    if (code->breakpoint_count == CODE_BREAKPOINTS_MAX || !code_find(code, address).ops)
        return false;
    code->breakpoints[code->breakpoint_count++] = address;
    forget_at(code, address);
    return true;
}

bool code_clear_breakpoint(struct code *code, uint32_t address)
{
    for (uint32_t i = 0; i < code->breakpoint_count; i++)
        if (((code->breakpoints[i] ^ address) & 0x1FFFFFFF) == 0) {
            code->breakpoints[i] = code->breakpoints[--code->breakpoint_count];
            forget_at(code, address);
            return true;
        }
    return false;
}
