#ifndef HAL_PIC32_CP0_H
#define HAL_PIC32_CP0_H

#include <stdint.h>

/* The processor's own registers, and its address spaces. */

#define CP0_PHYSICAL 0x1FFFFFFFu /* of a KSEG0 or KSEG1 address */
#define CP0_UNCACHED 0xA0000000u /* KSEG1 address of physical 0 */

static inline uint32_t cp0_count(void)
{
    uint32_t value;

    __asm__ volatile("mfc0 %0, $9" : "=r"(value));
    return value;
}

/* Ask for an interrupt when Count gets there; a pending one goes away. */
static inline void cp0_set_compare(uint32_t value)
{
    __asm__ volatile("mtc0 %0, $11\n\tehb" : : "r"(value));
}

/* Returns what cp0_interrupts_restore() needs. */
static inline uint32_t cp0_interrupts_off(void)
{
    uint32_t status;

    __asm__ volatile("di %0\n\tehb" : "=r"(status) : : "memory");
    return status;
}

static inline void cp0_interrupts_restore(uint32_t status)
{
    if (status & 1)
        __asm__ volatile("ei\n\tehb" : : : "memory");
}

static inline const volatile void *cp0_uncached(uint32_t physical)
{
    return (const volatile void *)(CP0_UNCACHED + physical);
}

static inline uint32_t cp0_physical(const volatile void *at)
{
    return (uint32_t)at & CP0_PHYSICAL;
}

#endif
