#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "sim/device/console_log.h"
#include "tests/scene.h"

static void lines_are_kept_with_their_date(void **state)
{
    char root[] = "/tmp/test_console.XXXXXX", path[80], line[200];

    (void)state;
    assert_non_null(mkdtemp(root));
    for (int i = 0; i < 2; i++) {
        FILE *console = console_log_open(root);
        console_log_print(console, i ? "second" : "first");
        console_log_close(console);
    }
    snprintf(path, sizeof path, "%s/" CONSOLE_LOG_FILE, root);
    FILE *file = fopen(path, "r");
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line + 23, "  first\n");
    assert_non_null(fgets(line, sizeof line, file));
    assert_string_equal(line + 23, "  second\n");
    fclose(file);
    assert_int_equal(truncate(path, CONSOLE_LOG_MAX + 1), 0);
    console_log_close(console_log_open(root));
    file = fopen(path, "r");
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
    scene_remove(root);
}

static void console_that_cannot_be_written_is_silence(void **state)
{
    (void)state;
    FILE *console = console_log_open("/no/such/folder");
    assert_null(console);
    console_log_print(console, "nobody hears");
    console_log_close(console);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_kept_with_their_date),
        cmocka_unit_test(console_that_cannot_be_written_is_silence),
    };

    return cmocka_run_group_tests_name("console_log", tests, NULL, NULL);
}
