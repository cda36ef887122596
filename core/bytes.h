#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <stdbool.h>
#include <stdint.h>

/* Little-endian loads and stores, and the two range helpers everything needs. */

static inline uint16_t bytes_get16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t bytes_get32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline void bytes_put16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

static inline void bytes_put32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
    at[2] = (uint8_t)(value >> 16);
    at[3] = (uint8_t)(value >> 24);
}

static inline uint32_t bytes_min(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Round up to a multiple of unit, a power of two. */
static inline uint32_t bytes_align(uint32_t value, uint32_t unit)
{
    return (value + unit - 1) & ~(unit - 1);
}

/* Whether size bytes all read as erased flash (0xFF). */
static inline bool bytes_are_erased(const void *data, uint32_t size)
{
    const uint8_t *at = data;
    for (uint32_t i = 0; i < size; i++)
        if (at[i] != 0xFF)
            return false;
    return true;
}

#endif
