#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "sim/device/panel.h"

static void keys_come_one_by_one_and_stay_until_taken(void **state)
{
    struct panel panel;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    panel_open(&panel, ends[0]);
    assert_int_equal(panel_look(&panel, 0), PANEL_NONE);
    assert_int_equal(write(ends[1], "\n?rp", 4), 4);
    assert_int_equal(panel_look(&panel, 0), PANEL_RESET);
    assert_int_equal(panel_look(&panel, 0), PANEL_RESET);
    panel_take(&panel);
    assert_int_equal(panel_look(&panel, 0), PANEL_PLUG);
    panel_take(&panel);
    assert_int_equal(panel_look(&panel, 1), PANEL_NONE);
    close(ends[1]);
    assert_int_equal(panel_look(&panel, 0), PANEL_QUIT);
    panel_close(&panel);
    close(ends[0]);
}

/* Each key that help tells of is one. */
static void help_tells_all_keys(void **state)
{
    char *text, *line, *rest;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    int count = 0, ends[2];

    (void)state;
    panel_help(out);
    fclose(out);
    assert_int_equal(pipe(ends), 0);
    for (rest = text; (line = strsep(&rest, "\n")) && *line; count++) {
        struct panel panel;
        panel_open(&panel, ends[0]);
        assert_int_equal(write(ends[1], line + strspn(line, " "), 1), 1);
        assert_int_equal(panel_look(&panel, 0), PANEL_RESET + count);
    }
    assert_int_equal(count, PANEL_QUIT);
    close(ends[0]);
    close(ends[1]);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_come_one_by_one_and_stay_until_taken),
        cmocka_unit_test(help_tells_all_keys),
    };

    return cmocka_run_group_tests_name("panel", tests, NULL, NULL);
}
