#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/trace.h"

struct bench {
    struct trace trace;
    struct device device;
    struct power_operation operation;
    struct power power;
    char *text;
    size_t size;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    bench->trace.out = open_memstream(&bench->text, &bench->size);
    bench->device.boots = 2;
    bench->device.now_ms = 12400;
    bench->device.phase = PHASE_INSTALL;
    bench->power.flash.name = "nvm";
    bench->operation = (struct power_operation){17, POWER_PROGRAM, &bench->power, 0x1C400, 1024, 0};
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    fclose(bench->trace.out);
    free(bench->text);
    free(bench);
    return 0;
}

static const char *text_of(struct bench *bench)
{
    fflush(bench->trace.out);
    return bench->text;
}

static const char head[] =
    "boot         s     op  flash  what     address    size  phase       note\n";

static void table_is_aligned(void **state)
{
    struct bench *bench = *state;
    static const char rows[] =
        "   2    12.400     17  nvm    program  0x01C400   1024  install\n"
        "   2    12.400     18  nvm    erase    0x01C400   1024  install     POWER CUT after it\n"
        "   2    12.400                                          install     -- cut --\n";

    bench->trace.is_table = true;
    trace_begin(&bench->trace);
    trace_operation(&bench->trace, &bench->device, &bench->operation);
    assert_string_equal(text_of(bench), head); /* what comes of it is not known yet */
    bench->operation.number = 18;
    bench->operation.kind = POWER_ERASE;
    trace_operation(&bench->trace, &bench->device, &bench->operation);
    trace_cut(&bench->trace, &bench->device, &bench->operation, POWER_AFTER);
    trace_say(&bench->trace, &bench->device, "-- %s --", "cut");
    trace_flush(&bench->trace);
    assert_string_equal(text_of(bench) + strlen(head), rows);
    assert_int_equal(strstr(rows, "POWER") - strstr(rows, "   2    12.400     18"),
                     strstr(head, "note") - head);
}

static void story_has_the_operation_of_a_cut_only(void **state)
{
    struct bench *bench = *state;

    trace_begin(&bench->trace);
    trace_operation(&bench->trace, &bench->device, &bench->operation);
    trace_say(&bench->trace, &bench->device, "boot: candidate version %u", 2);
    bench->operation.number = 18;
    trace_operation(&bench->trace, &bench->device, &bench->operation);
    trace_cut(&bench->trace, &bench->device, &bench->operation, POWER_WEAK);
    trace_flush(&bench->trace);
    assert_string_equal(text_of(bench),
                        "boot         s\n"
                        "   2    12.400  boot: candidate version 2\n"
                        "   2    12.400    op 18    nvm program 0x01C400  1024  install\n"
                        "   2    12.400    POWER CUT inside it: it is weak, and reads as done or "
                        "not\n");
}

/* For the debugger, and as a table also where a story is told or nothing is. */
static void last_lines_are_kept(void **state)
{
    struct bench *bench = *state;
    FILE *out = bench->trace.out;

    bench->trace.out = NULL;
    for (uint32_t i = 1; i <= TRACE_LINES + 3; i++) {
        bench->operation.number = i;
        trace_operation(&bench->trace, &bench->device, &bench->operation);
    }
    bench->trace.out = out;
    assert_string_equal(text_of(bench), "");
    assert_int_equal(bench->trace.count, TRACE_LINES + 3);
    assert_string_equal(bench->trace.lines[2],
                        "   2    12.400     67  nvm    program  0x01C400   1024  install");
    assert_non_null(strstr(bench->trace.lines[3], "      4  nvm"));
}

static void long_note_is_cut_short(void **state)
{
    struct bench *bench = *state;
    char text[400];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    trace_operation(&bench->trace, &bench->device, &bench->operation);
    trace_mark(&bench->trace, &bench->device, &bench->operation, text);
    assert_int_equal(strlen(bench->trace.lines[0]), TRACE_LINE_MAX - 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(table_is_aligned),
        TEST(story_has_the_operation_of_a_cut_only),
        TEST(last_lines_are_kept),
        TEST(long_note_is_cut_short),
    };

    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
