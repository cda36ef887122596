#include "hal_posix/clock_posix.h"

#include <time.h>

static uint64_t clock_posix_now_ms(struct clock *clock)
{
    struct timespec now;

    (void)clock;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static const struct clock_ops ops = {.now_ms = clock_posix_now_ms};

void clock_posix_init(struct clock *clock)
{
    clock->ops = &ops;
}
