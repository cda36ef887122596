#ifndef SIM_EXPLORE_KEY_H
#define SIM_EXPLORE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* 128 bits that stand for a content. That two contents share one is not expected in the life of a
 * machine: among 10^9 of them, the odds are 1 in 10^20. */
struct key {
    uint64_t low, high;
};

static inline struct key key_of(const void *data, size_t size, uint64_t seed)
{
    XXH128_hash_t hash = XXH3_128bits_withSeed(data, size, seed);

    return (struct key){hash.low64, hash.high64};
}

static inline bool key_equals(struct key a, struct key b)
{
    return a.low == b.low && a.high == b.high;
}

/* Of a set of keys in any order: add one, take one away. */
static inline struct key key_add(struct key sum, struct key key)
{
    return (struct key){sum.low + key.low, sum.high + key.high};
}

static inline struct key key_subtract(struct key sum, struct key key)
{
    return (struct key){sum.low - key.low, sum.high - key.high};
}

#endif
