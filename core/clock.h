#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

/* The clock seam. */
struct clock;

struct clock_ops {
    /* Milliseconds since some moment before this boot; never goes back while the power is on. */
    uint64_t (*now_ms)(struct clock *clock);
};

struct clock {
    const struct clock_ops *ops;
};

static inline uint64_t clock_now_ms(struct clock *clock)
{
    return clock->ops->now_ms(clock);
}

#endif
