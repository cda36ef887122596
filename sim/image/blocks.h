#ifndef SIM_IMAGE_BLOCKS_H
#define SIM_IMAGE_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/*
 * Bytes by address, with gaps: what a HEX or ELF file says of a chip's memory. The addresses are
 * physical; blocks_physical() makes them so. Blocks are sorted and neither touch nor overlap.
 */
struct block {
    uint32_t address, size, capacity;
    uint8_t *bytes;
};

struct blocks {
    struct block *list;
    uint32_t count;
};

void blocks_init(struct blocks *blocks);
void blocks_free(struct blocks *blocks);

/* A KSEG0 or KSEG1 address as the physical one behind it; others as they are. */
uint32_t blocks_physical(uint32_t address);

/* Whether the physical addresses of size bytes from address on follow each other: they do not reach
 * over the end of KSEG0, KSEG1, the space below or the whole. */
bool blocks_is_straight(uint32_t address, uint32_t size);

/*
 * Put bytes where none are. address + size must not be above 2^32.
 * OTA_ERR_STATE: *ret_taken, the first such address, has a byte already; OTA_ERR_FULL: out of
 * memory. Nothing has changed then.
 */
OTA_MUST_USE enum ota_err blocks_add(struct blocks *blocks, uint32_t address, const void *bytes,
                                     uint32_t size, uint32_t *ret_taken);

/* The byte at address; NULL: none. It may be changed. */
uint8_t *blocks_at(const struct blocks *blocks, uint32_t address);

/* The first address from from on, below to, that has a byte; false: none has. */
bool blocks_first(const struct blocks *blocks, uint32_t from, uint64_t to, uint32_t *ret_address);

/* Take out what lies in [from, to). OTA_ERR_FULL: out of memory; nothing has changed. */
OTA_MUST_USE enum ota_err blocks_remove(struct blocks *blocks, uint32_t from, uint64_t to);

/* [from, from + size) with 0xFF in the gaps. */
void blocks_copy(const struct blocks *blocks, uint32_t from, uint8_t *ret_bytes, uint32_t size);

#endif
