#include "hal_pic32/clock_cp0.h"

#include "hal_pic32/board.h"
#include "hal_pic32/cp0.h"

static uint64_t now_ms(struct clock *clock)
{
    struct clock_cp0 *cp0 = (struct clock_cp0 *)(void *)clock;
    uint32_t count = cp0_count();

    cp0->ticks += count - cp0->last;
    cp0->last = count;
    return cp0->ticks / (BOARD_COUNT_HZ / 1000);
}

static const struct clock_ops ops = {.now_ms = now_ms};

void clock_cp0_init(struct clock_cp0 *cp0)
{
    *cp0 = (struct clock_cp0){.clock = {.ops = &ops}, .last = cp0_count()};
}
