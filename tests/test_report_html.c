#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/report_html.h"
#include "sim/report/report_page.h"

/* The page of a report with one text in it. */
static char *make_page(const char *text, const char *left)
{
    struct json_object *report = json_object_new_object();
    struct report_html html;

    json_object_object_add(report, "text", json_object_new_string(text));
    report_html_init(&html);
    report_html_scenario(&html, left, left ? strlen(left) : 0);
    report_html_scenario(&html, NULL, 0);
    char *page = report_html_end(&html, report);
    json_object_put(report);
    return page;
}

static void page_has_report_drawings_style_and_script_in_it(void **state)
{
    char *page = make_page("x", "\"map\":1");

    (void)state;
    assert_int_equal(strncmp(page, "<!DOCTYPE html>", 15), 0);
    assert_non_null(strstr(page, "type=\"application/json\">{\"text\":\"x\"}</script>"));
    assert_non_null(strstr(page, "type=\"application/json\">[{\"map\":1},\n{}]</script>"));
    assert_non_null(strstr(page, report_page_style));
    assert_non_null(strstr(page, report_page_script));
    assert_string_equal(page + strlen(page) - 8, "</html>\n");
    free(page);
}

static void text_cannot_end_the_script_that_it_stands_in(void **state)
{
    char *page = make_page("</script><b>", NULL);

    (void)state;
    assert_non_null(strstr(page, "{\"text\":\"\\u003c/script>\\u003cb>\"}"));
    assert_null(strstr(page, "<b>"));
    free(page);
}

static void page_needs_nothing_from_anywhere_else(void **state)
{
    static const char *const outside[] = {"src=", "<link", "@import", "url(", "fetch(", "https:"};
    char *page = make_page("x", NULL);

    (void)state;
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
        if (strstr(page, outside[i]))
            fail_msg("the page has '%s'", outside[i]);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_has_report_drawings_style_and_script_in_it),
        cmocka_unit_test(text_cannot_end_the_script_that_it_stands_in),
        cmocka_unit_test(page_needs_nothing_from_anywhere_else),
    };

    return cmocka_run_group_tests_name("report_html", tests, NULL, NULL);
}
