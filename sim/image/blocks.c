#include "sim/image/blocks.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY_MIN 64
#define KSEG0        0x80000000u
#define KSEG2        0xC0000000u
#define PHYSICAL     0x1FFFFFFFu

void blocks_init(struct blocks *blocks)
{
    *blocks = (struct blocks){0};
}

void blocks_free(struct blocks *blocks)
{
    for (uint32_t i = 0; i < blocks->count; i++)
        free(blocks->list[i].bytes);
    free(blocks->list);
    blocks_init(blocks);
}

uint32_t blocks_physical(uint32_t address)
{
    return address >= KSEG0 && address < KSEG2 ? address & PHYSICAL : address;
}

static uint32_t space_of(uint32_t address)
{
    static const uint8_t spaces[] = {0, 0, 0, 0, 1, 2, 3, 3}; /* of 512 MB each */

    return spaces[address >> 29];
}

bool blocks_is_straight(uint32_t address, uint32_t size)
{
    uint32_t before_end = size ? size - 1 : 0;

    return before_end <= UINT32_MAX - address &&
           space_of(address + before_end) == space_of(address);
}

static uint64_t end_of(const struct block *block)
{
    return (uint64_t)block->address + block->size;
}

/* Index of the first block that ends behind address. */
static uint32_t find(const struct blocks *blocks, uint32_t address)
{
    uint32_t low = 0, high = blocks->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (end_of(&blocks->list[middle]) > address)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool blocks_first(const struct blocks *blocks, uint32_t from, uint64_t to, uint32_t *ret_address)
{
    uint32_t at = find(blocks, from);

    if (from >= to || at == blocks->count || blocks->list[at].address >= to)
        return false;
    *ret_address = blocks->list[at].address > from ? blocks->list[at].address : from;
    return true;
}

static bool reserve(struct block *block, uint64_t size)
{
    uint64_t capacity = block->capacity < CAPACITY_MIN ? CAPACITY_MIN : block->capacity;

    if (size <= block->capacity)
        return true;
    while (capacity < size)
        capacity *= 2;
    uint8_t *bytes = capacity > UINT32_MAX ? NULL : realloc(block->bytes, (size_t)capacity);
    if (!bytes)
        return false;
    block->bytes = bytes;
    block->capacity = (uint32_t)capacity;
    return true;
}

static bool insert(struct blocks *blocks, uint32_t at, struct block block)
{
    struct block *list = realloc(blocks->list, (blocks->count + (size_t)1) * sizeof *list);

    if (!list)
        return false;
    memmove(list + at + 1, list + at, (blocks->count - at) * sizeof *list);
    list[at] = block;
    blocks->list = list;
    blocks->count++;
    return true;
}

static void drop(struct blocks *blocks, uint32_t at)
{
    free(blocks->list[at].bytes);
    memmove(blocks->list + at, blocks->list + at + 1,
            (blocks->count - at - 1) * sizeof *blocks->list);
    blocks->count--;
}

static bool append(struct block *block, const void *bytes, uint32_t size)
{
    if (!reserve(block, (uint64_t)block->size + size))
        return false;
    memcpy(block->bytes + block->size, bytes, size);
    block->size += size;
    return true;
}

/* Two blocks that have come to touch become one; out of memory, they stay two. */
static void join_next(struct blocks *blocks, uint32_t at)
{
    struct block *block = &blocks->list[at];

    if (at + 1 < blocks->count && end_of(block) == block[1].address &&
        append(block, block[1].bytes, block[1].size))
        drop(blocks, at + 1);
}

enum ota_err blocks_add(struct blocks *blocks, uint32_t address, const void *bytes, uint32_t size,
                        uint32_t *ret_taken)
{
    uint32_t at = find(blocks, address);
    struct block fresh = {.address = address};

    if (!size)
        return OTA_OK;
    if (blocks_first(blocks, address, (uint64_t)address + size, ret_taken))
        return OTA_ERR_STATE;
    if (at && end_of(&blocks->list[at - 1]) == address) {
        if (!append(&blocks->list[--at], bytes, size))
            return OTA_ERR_FULL;
    } else if (!append(&fresh, bytes, size) || !insert(blocks, at, fresh)) {
        free(fresh.bytes);
        return OTA_ERR_FULL;
    }
    join_next(blocks, at);
    return OTA_OK;
}

uint8_t *blocks_at(const struct blocks *blocks, uint32_t address)
{
    uint32_t at = find(blocks, address);

    if (at == blocks->count || blocks->list[at].address > address)
        return NULL;
    return blocks->list[at].bytes + (address - blocks->list[at].address);
}

/* Make no block reach over address. */
static bool split_at(struct blocks *blocks, uint32_t address)
{
    uint32_t at = find(blocks, address);
    struct block *block = blocks->list + at;

    if (at == blocks->count || block->address >= address)
        return true;

    uint32_t kept = address - block->address, size = block->size - kept;
    struct block tail = {.address = address};
    if (!append(&tail, block->bytes + kept, size) || !insert(blocks, at + 1, tail)) {
        free(tail.bytes);
        return false;
    }
    blocks->list[at].size = kept;
    return true;
}

enum ota_err blocks_remove(struct blocks *blocks, uint32_t from, uint64_t to)
{
    if (!split_at(blocks, from) || (to <= UINT32_MAX && !split_at(blocks, (uint32_t)to)))
        return OTA_ERR_FULL;
    for (uint32_t at = find(blocks, from); at < blocks->count && blocks->list[at].address < to;)
        drop(blocks, at);
    return OTA_OK;
}

void blocks_copy(const struct blocks *blocks, uint32_t from, uint8_t *ret_bytes, uint32_t size)
{
    uint64_t to = (uint64_t)from + size;

    memset(ret_bytes, 0xFF, size);
    for (uint32_t at = find(blocks, from); at < blocks->count; at++) {
        const struct block *block = &blocks->list[at];
        if (block->address >= to)
            break;
        uint32_t skip = block->address < from ? from - block->address : 0;
        uint32_t place = block->address + skip - from;
        uint64_t left = end_of(block) < to ? end_of(block) : to;
        memcpy(ret_bytes + place, block->bytes + skip, (size_t)(left - block->address - skip));
    }
}
