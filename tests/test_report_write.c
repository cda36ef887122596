#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/report/report_write.h"

static void assert_writes(void (*write)(FILE *to, const char *text), const char *text,
                          const char *expected)
{
    char *written = NULL;
    size_t size;
    FILE *out = report_write_open(&written, &size);

    write(out, text);
    fclose(out);
    assert_string_equal(written, expected);
    free(written);
}

static void json_text_is_quoted_and_cannot_end_a_script(void **state)
{
    (void)state;
    assert_writes(report_write_text, "a \"b\" \\ c", "\"a \\\"b\\\" \\\\ c\"");
    assert_writes(report_write_text, "</script>\n\x7F", "\"\\u003c/script>\\u000a\\u007f\"");
    assert_writes(report_write_text, "", "\"\"");
    assert_writes(report_write_text, "gr\xC3\xBC", "\"gr\xC3\xBC\"");
}

static void xml_text_has_no_markup_of_its_own(void **state)
{
    (void)state;
    assert_writes(report_write_xml, "a < b & \"c\" > d", "a &lt; b &amp; &quot;c&quot; &gt; d");
    assert_writes(report_write_xml, "x\ny\tz", "x&#10;y&#9;z");
}

static void what_xml_cannot_hold_is_a_question_mark(void **state)
{
    (void)state;
    assert_writes(report_write_xml, "a\x01z", "a?z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_text_is_quoted_and_cannot_end_a_script),
        cmocka_unit_test(xml_text_has_no_markup_of_its_own),
        cmocka_unit_test(what_xml_cannot_hold_is_a_question_mark),
    };

    return cmocka_run_group_tests_name("report_write", tests, NULL, NULL);
}
