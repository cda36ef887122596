#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/explore/shield.h"

static int status_of(void (*child)(void))
{
    const struct rlimit none = {0, 0};
    int status;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGSEGV, SIG_DFL);
        signal(SIGINT, SIG_DFL);
        child();
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void use_processor(double seconds)
{
    clock_t end = clock() + (clock_t)(seconds * CLOCKS_PER_SEC);

    while (clock() < end)
        ;
}

static void hang(void)
{
    shield_raise(1);
    for (;;)
        use_processor(1);
}

static void wait_long(void)
{
    shield_raise(1);
    usleep(1500000);
}

static void work_without_shield(void)
{
    shield_raise(1);
    use_processor(0.5);
    shield_raise(0);
    use_processor(1);
}

static void crash(void)
{
    raise(SIGSEGV);
}

static void leave(void)
{
    _exit(7);
}

static void interrupt(void)
{
    raise(SIGINT);
}

static void only_processor_time_makes_a_hang(void **state)
{
    char reason[SHIELD_REASON_MAX];
    int status = status_of(hang);

    (void)state;
    assert_true(WIFSIGNALED(status));
    shield_reason(status, 1, reason);
    assert_string_equal(reason, "the firmware hangs: no end in 1 s of processor time");
    assert_int_equal(status_of(wait_long), 0);
    assert_int_equal(status_of(work_without_shield), 0);
}

static void every_end_has_its_words(void **state)
{
    char reason[SHIELD_REASON_MAX];

    (void)state;
    shield_reason(status_of(crash), 1, reason);
    assert_string_equal(reason, "the firmware crashed: Segmentation fault");
    shield_reason(status_of(leave), 1, reason);
    assert_string_equal(reason, "the firmware ended the process: 7");
    assert_false(shield_was_stopped(status_of(crash)));
    assert_false(shield_was_stopped(status_of(leave)));
    assert_true(shield_was_stopped(status_of(interrupt)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_processor_time_makes_a_hang),
        cmocka_unit_test(every_end_has_its_words),
    };

    return cmocka_run_group_tests_name("shield", tests, NULL, NULL);
}
