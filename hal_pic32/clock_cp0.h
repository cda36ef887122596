#ifndef HAL_PIC32_CLOCK_CP0_H
#define HAL_PIC32_CLOCK_CP0_H

#include "core/clock.h"

/* The clock seam on CP0 Count, which wraps: ask at least once in 2^32 / BOARD_COUNT_HZ seconds. */
struct clock_cp0 {
    struct clock clock;
    uint32_t last;
    uint64_t ticks;
};

void clock_cp0_init(struct clock_cp0 *cp0);

#endif
