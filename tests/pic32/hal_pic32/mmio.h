#ifndef HAL_PIC32_MMIO_H
#define HAL_PIC32_MMIO_H

#include <stdint.h>

/* In place of hal_pic32/mmio.h where a driver is tested on a PC: the test is the chip. */
#define MMIO_CLR 4u
#define MMIO_SET 8u

uint32_t mmio_get(uint32_t address);
void mmio_put(uint32_t address, uint32_t value);

static inline void mmio_put16(uint32_t address, uint16_t value)
{
    mmio_put(address, value);
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
