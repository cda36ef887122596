#ifndef HAL_PIC32_MMIO_H
#define HAL_PIC32_MMIO_H

#include <stdint.h>

/*
 * Access to the registers of regs.h. Each has three neighbours: what is written to +4 clears, +8
 * sets, +12 inverts bits.
 */
#define MMIO_CLR 4u
#define MMIO_SET 8u

static inline uint32_t mmio_get(uint32_t address)
{
    return *(const volatile uint32_t *)address;
}

static inline void mmio_put(uint32_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

static inline void mmio_put16(uint32_t address, uint16_t value)
{
    *(volatile uint16_t *)address = value;
}

static inline void mmio_clear(uint32_t address, uint32_t bits)
{
    mmio_put(address + MMIO_CLR, bits);
}

static inline void mmio_set(uint32_t address, uint32_t bits)
{
    mmio_put(address + MMIO_SET, bits);
}

#endif
