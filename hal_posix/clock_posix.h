#ifndef HAL_POSIX_CLOCK_POSIX_H
#define HAL_POSIX_CLOCK_POSIX_H

#include "core/clock.h"

/* The host's monotonic clock behind the clock seam. */
void clock_posix_init(struct clock *clock);

#endif
