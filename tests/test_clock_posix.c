#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "hal_posix/clock_posix.h"

static uint64_t host_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void time_is_the_hosts_monotonic_clock(void **state)
{
    struct clock clock;

    (void)state;
    clock_posix_init(&clock);
    for (int i = 0; i < 1000; i++) {
        uint64_t before = host_ms();
        uint64_t now = clock_now_ms(&clock);
        assert_in_range(now, before, host_ms());
    }
}

static void time_passes_in_milliseconds(void **state)
{
    struct clock clock;

    (void)state;
    clock_posix_init(&clock);
    uint64_t before = clock_now_ms(&clock);
    usleep(30000);
    assert_in_range(clock_now_ms(&clock) - before, 29, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_is_the_hosts_monotonic_clock),
        cmocka_unit_test(time_passes_in_milliseconds),
    };

    return cmocka_run_group_tests_name("clock_posix", tests, NULL, NULL);
}
