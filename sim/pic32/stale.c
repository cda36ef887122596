#include "sim/pic32/stale.h"

#include <string.h>

void stale_reset(struct stale *stale)
{
    memset(stale, 0, sizeof *stale);
}

void stale_change(struct stale *stale, uint32_t offset, uint32_t size)
{
    for (uint32_t line = offset / STALE_LINE; line <= (offset + size - 1) / STALE_LINE; line++)
        for (int cache = 0; cache < STALE_CACHE_COUNT; cache++) {
            stale->lines[cache][line / 8] |= (uint8_t)(1u << line % 8);
            stale->ways_done[cache][line % STALE_SETS] = 0;
        }
}

bool stale_is(const struct stale *stale, enum stale_cache cache, uint32_t offset)
{
    uint32_t line = offset / STALE_LINE;

    return stale->lines[cache][line / 8] >> line % 8 & 1;
}

bool stale_any(const struct stale *stale, enum stale_cache cache, uint32_t offset, uint32_t size)
{
    for (uint32_t at = offset; at < offset + size; at += STALE_LINE)
        if (stale_is(stale, cache, at))
            return true;
    return false;
}

void stale_clear(struct stale *stale, enum stale_cache cache, uint32_t offset)
{
    uint32_t line = offset / STALE_LINE;

    stale->lines[cache][line / 8] &= (uint8_t) ~(1u << line % 8);
}

void stale_clear_index(struct stale *stale, enum stale_cache cache, uint32_t address)
{
    uint32_t set = address / STALE_LINE % STALE_SETS;
    uint32_t way = address / (STALE_LINE * STALE_SETS) % STALE_WAYS;

    stale->ways_done[cache][set] |= (uint8_t)(1u << way);
    if (stale->ways_done[cache][set] != (1u << STALE_WAYS) - 1)
        return;
    for (uint32_t line = set; line < STALE_LINES; line += STALE_SETS)
        stale_clear(stale, cache, line * STALE_LINE);
    stale->ways_done[cache][set] = 0;
}
