#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/complaint.h"

static struct complaint_list list;

static void expect(const char *expected)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    assert_non_null(to);
    complaint_print(&list, to);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
}

static void begin(const char *text)
{
    complaint_init(&list, "a.json", text, (uint32_t)strlen(text));
}

static void a_complaint_shows_its_line_and_marks_the_place(void **state)
{
    (void)state;
    begin("{\n  \"at\": \"evry\"\n}\n");
    complaint_add(&list, 10, 16, "unknown word '%s'", "evry");
    complaint_hint(&list, "did you mean '%s'?", "every");
    expect("a.json:2:9: error: unknown word 'evry'\n"
           "      \"at\": \"evry\"\n"
           "            ^~~~~~\n"
           "  hint: did you mean 'every'?\n");
}

static void complaints_come_in_the_order_of_the_text(void **state)
{
    (void)state;
    begin("ab\ncd");
    complaint_add(&list, 4, 4, "third");
    complaint_add(&list, 0, 0, "first");
    complaint_add(&list, 1, 5, "second");
    expect("a.json:1:1: error: first\n    ab\n    ^\n"
           "a.json:1:2: error: second\n    ab\n     ^\n"
           "a.json:2:2: error: third\n    cd\n     ^\n");
}

static void a_note_shows_the_other_place(void **state)
{
    (void)state;
    begin("{\"a\": 1,\n \"a\": 2}");
    complaint_add(&list, 10, 13, "twice");
    complaint_note(&list, 1, "first here");
    expect("a.json:2:2: error: twice\n     \"a\": 2}\n     ^~~\n"
           "a.json:1:2: note: first here\n    {\"a\": 1,\n     ^\n");
}

static void tabs_and_wide_characters_keep_the_mark_in_place(void **state)
{
    (void)state;
    begin("\t\"caf\xC3\xA9\" x\r\n");
    complaint_add(&list, 9, 10, "here");
    expect("a.json:1:10: error: here\n    \t\"caf\xC3\xA9\" x\n    \t       ^\n");
}

static void what_confuses_a_terminal_is_not_printed(void **state)
{
    char quote[COMPLAINT_QUOTE_MAX];

    (void)state;
    begin("\x1B[31m \xFF \xC2\x9B \x7F");
    complaint_add(&list, 0, 0, "x");
    expect("a.json:1:1: error: x\n    ?[31m ? ?? ?\n    ^\n");
    complaint_quote("a\nb\x1B\xC3\xA9\xFF", 7, quote);
    assert_string_equal(quote, "a?b?\xC3\xA9?");
}

static void a_long_line_is_shown_in_part(void **state)
{
    char text[401], expected[1000];

    (void)state;
    memset(text, 'a', 400);
    text[400] = '\0';
    text[200] = 'X';
    begin(text);
    complaint_add(&list, 200, 201, "here");
    snprintf(expected, sizeof expected,
             "a.json:1:201: error: here\n    ...%.60sX%.39s...\n    %63s^\n", text, text, "");
    expect(expected);
    begin(text);
    complaint_add(&list, 5, 300, "here");
    snprintf(expected, sizeof expected, "a.json:1:6: error: here\n    %.100s...\n         ^", text);
    memset(expected + strlen(expected), '~', 94);
    expected[strlen("a.json:1:6: error: here\n") + 108 + 10 + 94] = '\0';
    strcat(expected, "\n");
    expect(expected);
}

static void a_long_quote_is_cut_between_characters(void **state)
{
    char text[101], quote[COMPLAINT_QUOTE_MAX];

    (void)state;
    for (int i = 0; i < 100; i += 2)
        memcpy(text + i, "\xC3\xA9", 3);
    complaint_quote(text, 100, quote);
    assert_true(strlen(quote) < COMPLAINT_QUOTE_MAX);
    assert_memory_equal(quote, text, strlen(quote) - 3);
    assert_int_equal((strlen(quote) - 3) % 2, 0);
    assert_string_equal(quote + strlen(quote) - 3, "...");
}

static void too_many_are_counted(void **state)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    (void)state;
    begin("x");
    for (int i = 0; i < COMPLAINT_MAX + 7; i++) {
        complaint_add(&list, 0, 1, "number %d", i);
        complaint_hint(&list, "hint %d", i);
        complaint_note(&list, 0, "note");
    }
    complaint_print(&list, to);
    fclose(to);
    assert_int_equal(list.count, COMPLAINT_MAX + 7);
    assert_non_null(strstr(text, "hint 49"));
    assert_null(strstr(text, "hint 50"));
    assert_non_null(strstr(text, "\na.json: 7 more errors\n"));
    free(text);
}

static void what_was_said_is_not_said_again(void **state)
{
    (void)state;
    begin("ab");
    complaint_add(&list, 0, 1, "first");
    complaint_hint(&list, "hint of the first");
    complaint_add(&list, 1, 2, "first");
    complaint_add(&list, 0, 1, "first");
    complaint_hint(&list, "hint of a repeat");
    complaint_note(&list, 1, "note of a repeat");
    assert_int_equal(list.count, 2);
    assert_int_equal(list.said, 3);
    expect("a.json:1:1: error: first\n    ab\n    ^\n  hint: hint of the first\n"
           "a.json:1:2: error: first\n    ab\n     ^\n");
}

static void a_file_without_text_has_no_places(void **state)
{
    (void)state;
    complaint_init(&list, "a.json", NULL, 0);
    complaint_add(&list, 0, 0, "No such file or directory");
    expect("a.json: error: No such file or directory\n");
}

static void one_can_ask_what_is_complained_about(void **state)
{
    (void)state;
    begin("0123456789");
    assert_false(complaint_is_within(&list, 0, 10));
    complaint_add(&list, 5, 6, "x");
    assert_true(complaint_is_within(&list, 5, 6));
    assert_true(complaint_is_within(&list, 0, 10));
    assert_false(complaint_is_within(&list, 0, 5));
    assert_false(complaint_is_within(&list, 6, 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_complaint_shows_its_line_and_marks_the_place),
        cmocka_unit_test(complaints_come_in_the_order_of_the_text),
        cmocka_unit_test(a_note_shows_the_other_place),
        cmocka_unit_test(tabs_and_wide_characters_keep_the_mark_in_place),
        cmocka_unit_test(what_confuses_a_terminal_is_not_printed),
        cmocka_unit_test(a_long_line_is_shown_in_part),
        cmocka_unit_test(a_long_quote_is_cut_between_characters),
        cmocka_unit_test(too_many_are_counted),
        cmocka_unit_test(what_was_said_is_not_said_again),
        cmocka_unit_test(a_file_without_text_has_no_places),
        cmocka_unit_test(one_can_ask_what_is_complained_about),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
