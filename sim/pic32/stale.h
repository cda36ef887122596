#ifndef SIM_PIC32_STALE_H
#define SIM_PIC32_STALE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Which cache lines may hold what program flash was before it was changed. The caches themselves
 * are not modelled: a line counts as stale from the change until it is invalidated, as it may have
 * been read before. Plain data.
 */
#define STALE_LINE  16u
#define STALE_FLASH 0x100000u
#define STALE_LINES (STALE_FLASH / STALE_LINE)
#define STALE_SETS  256u /* of 4 ways of 4 KB: CP0 Config1 */
#define STALE_WAYS  4u

enum stale_cache { STALE_CODE, STALE_DATA, STALE_CACHE_COUNT };

struct stale {
    uint8_t lines[STALE_CACHE_COUNT][STALE_LINES / 8];
    uint8_t ways_done[STALE_CACHE_COUNT][STALE_SETS]; /* invalidated by index, since a change */
};

/* The caches are empty: after a reset. */
void stale_reset(struct stale *stale);

/* Program flash changed in [offset, offset+size): both caches may be stale there. */
void stale_change(struct stale *stale, uint32_t offset, uint32_t size);

bool stale_is(const struct stale *stale, enum stale_cache cache, uint32_t offset);

/* Whether any line of [offset, offset+size) is stale. */
bool stale_any(const struct stale *stale, enum stale_cache cache, uint32_t offset, uint32_t size);

/* The line at offset is up to date: invalidated by address, or told about once. */
void stale_clear(struct stale *stale, enum stale_cache cache, uint32_t offset);

/* One way of one set was invalidated, as the cache instruction's address names it; when all ways
 * of the set were, none of its lines is stale. */
void stale_clear_index(struct stale *stale, enum stale_cache cache, uint32_t address);

#endif
