/* The console of the device says what the console of the simulator says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/err.h"
#include "hal_pic32/log_uart.h"
#include "hal_pic32/uart.h"
#include "hal_posix/log_text.h"

static char said[512];

void uart_put(char c)
{
    size_t size = strlen(said);

    assert_true(size + 1 < sizeof said);
    said[size] = c;
}

void uart_text(const char *text)
{
    while (*text)
        uart_put(*text++);
}

void uart_number(uint32_t value)
{
    char text[16];

    snprintf(text, sizeof text, "%u", value);
    uart_text(text);
}

void uart_hex(uint32_t value)
{
    char text[16];

    snprintf(text, sizeof text, "0x%X", value);
    uart_text(text);
}

static void expect_same(enum log_event event, uint32_t a, uint32_t b, uint32_t c)
{
    const uint32_t args[] = {a, b, c};
    char expected[512];
    struct log log;

    memset(said, 0, sizeof said);
    log_uart_init(&log);
    log_event(&log, event, a, b, c);
    log_text_format(event, args, expected, sizeof expected - 2);
    strcat(expected, "\r\n");
    assert_string_equal(said, expected);
}

static void every_event_is_said_as_by_the_simulator(void **state)
{
    (void)state;
    for (int event = 0; event < LOG_EVENT_COUNT; event++) {
        for (uint32_t value = 0; value < 30; value++)
            expect_same((enum log_event)event, value, value + 1, value + 2);
        expect_same((enum log_event)event, UINT32_MAX, 1000000, UINT32_MAX);
    }
}

static void what_a_newer_core_would_say_is_a_question_mark(void **state)
{
    (void)state;
    expect_same(LOG_BOOT_START, 99, 0, 0);
    assert_non_null(strchr(said, '?'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_said_as_by_the_simulator),
        cmocka_unit_test(what_a_newer_core_would_say_is_a_question_mark),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
