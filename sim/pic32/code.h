#ifndef SIM_PIC32_CODE_H
#define SIM_PIC32_CODE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "sim/pic32/op.h"

/*
 * The decoded instructions of each memory that can be executed: one op for each word, decoded when
 * it is first executed and forgotten when its word changes. Program flash has two, as seen through
 * the cache (KSEG0) and past it (KSEG1).
 */
enum code_memory { CODE_RAM, CODE_FLASH, CODE_FLASH_CACHED, CODE_BOOT, CODE_MEMORY_COUNT };

#define CODE_BREAKPOINTS_MAX 64
#define CODE_PAGE            4096u
#define CODE_PAGES_MAX       256u

struct code_view {
    struct op *ops;      /* NULL: nothing can be executed there */
    uint32_t base, size; /* addresses the program uses, and bytes */
    enum code_memory memory;
};

struct code {
    struct op *ops[CODE_MEMORY_COUNT];
    bool is_decoded[CODE_MEMORY_COUNT][CODE_PAGES_MAX]; /* something in this page is */
    uint32_t breakpoints[CODE_BREAKPOINTS_MAX];
    uint32_t breakpoint_count;
};

/* OTA_ERR_FULL: no memory; nothing to free then. */
OTA_MUST_USE enum ota_err code_init(struct code *code);
void code_free(struct code *code);

/* The memory that holds the instruction at this address. */
struct code_view code_find(const struct code *code, uint32_t address);

/* An instruction at this offset is about to be decoded. */
void code_note(struct code *code, enum code_memory memory, uint32_t offset);

/* The words of [offset, offset+size) changed. */
void code_forget_ram(struct code *code, uint32_t offset, uint32_t size);
void code_forget_flash(struct code *code, uint32_t offset, uint32_t size);

/* All of RAM changed; all of everything changed. */
void code_forget_all_ram(struct code *code);
void code_forget_all(struct code *code);

/* Breakpoints of a debugger, the same for KSEG0 and KSEG1; false: too many, or not there. */
bool code_set_breakpoint(struct code *code, uint32_t address);
bool code_clear_breakpoint(struct code *code, uint32_t address);
bool code_has_breakpoint(const struct code *code, uint32_t address);

#endif
