#ifndef HAL_PIC32_CP0_H
#define HAL_PIC32_CP0_H

#include <stdint.h>

/* In place of hal_pic32/cp0.h where a driver is tested on a PC: the test is the processor. */
uint32_t cp0_count(void);
uint32_t cp0_interrupts_off(void);
void cp0_interrupts_restore(uint32_t status);
const volatile void *cp0_uncached(uint32_t physical);
uint32_t cp0_physical(const volatile void *at);

#endif
