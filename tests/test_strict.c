#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/strict.h"

/* Scans exactly these bytes. */
static enum locate_result scan(const char *text, size_t size, struct locate_fault *ret_fault)
{
    char *copy = malloc(size ? size : 1);
    struct locate locate;

    assert_non_null(copy);
    memcpy(copy, text, size);
    enum locate_result result = strict_scan(copy, size, &locate, ret_fault);
    if (result == LOCATE_OK)
        locate_free(&locate);
    free(copy);
    return result;
}

static void take(const char *text)
{
    struct locate_fault fault;

    if (scan(text, strlen(text), &fault) != LOCATE_OK)
        fail_msg("%s: %s", text, fault.message);
}

/* ret_fault may be NULL. */
static void refuse(const char *text, uint32_t at, uint32_t end, const char *message)
{
    struct locate_fault fault;

    if (scan(text, strlen(text), &fault) != LOCATE_SYNTAX)
        fail_msg("taken: %s", text);
    if (fault.at != at || fault.end != end || strcmp(fault.message, message) != 0)
        fail_msg("%s: got %u..%u '%s'", text, fault.at, fault.end, fault.message);
}

static void hints(const char *text, const char *hint)
{
    struct locate_fault fault;

    assert_int_equal(scan(text, strlen(text), &fault), LOCATE_SYNTAX);
    assert_non_null(fault.hint);
    assert_string_equal(fault.hint, hint);
}

static void everything_of_rfc_8259_is_taken(void **state)
{
    (void)state;
    take("{}");
    take(" \t\r\n[] \n");
    take("\"\"");
    take("0");
    take("-0");
    take("[1, -1, 10, 0.5, -0.25, 1e5, 1E+5, 12.5e-10, true, false, null]");
    take("{\"a\": {\"b\": [[], {}]}, \"\": 0}");
    take("\"\\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u00e9 \\uD83D\\uDE00\"");
    take("\"\x7F \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80\"");
}

static void what_json_c_lets_pass_is_refused(void **state)
{
    (void)state;
    refuse("{'a': 1}", 1, 2, "a key in double quotes is expected, not a single quote");
    refuse("['a']", 1, 2, "a value is expected, not a single quote");
    refuse("[NaN]", 1, 4, "'NaN' is not a JSON value");
    refuse("[Infinity]", 1, 9, "'Infinity' is not a JSON value");
    refuse("[-Infinity]", 1, 10, "'-Infinity' is not a JSON value");
    refuse("[\"a\tb\"]", 3, 4, "a control character (0x09) inside a string");
    hints("['a']", "JSON has double quotes only");
    hints("[NaN]", "JSON has no NaN and no infinity");
    hints("[-Infinity]", "JSON has no NaN and no infinity");
    hints("[\"\t\"]", "a tab is written \\t");
    hints("[\"\x01\"]", "it is written \\uXXXX");
}

static void numbers_are_decimal_and_whole_words(void **state)
{
    (void)state;
    refuse("[01]", 1, 3, "a number does not begin with a zero: '01'");
    refuse("[-01]", 1, 4, "a number does not begin with a zero: '-01'");
    refuse("[0x10]", 1, 5, "JSON has no hexadecimal numbers: '0x10'");
    refuse("[1.]", 1, 3, "'1.' is not a number");
    refuse("[1.e5]", 1, 5, "'1.e5' is not a number");
    refuse("[1e]", 1, 3, "'1e' is not a number");
    refuse("[12K]", 1, 4, "'12K' is not a number");
    refuse("[1.2.3]", 1, 6, "'1.2.3' is not a number");
    refuse("[.5]", 1, 3, "a value is expected, not '.5'");
    refuse("[+5]", 1, 3, "a value is expected, not '+5'");
    refuse("[-]", 1, 2, "'-' is not a JSON value");
    refuse("-", 0, 1, "'-' is not a JSON value");
    hints("[0x10]", "where an address or size is expected, write it as a string");
}

static void words_of_other_languages_are_told(void **state)
{
    (void)state;
    refuse("[True]", 1, 5, "'True' is not a JSON value");
    refuse("[truee]", 1, 6, "'truee' is not a JSON value");
    refuse("[every]", 1, 6, "'every' is not a JSON value");
    refuse("{a: 1}", 1, 2, "a key in double quotes is expected, not 'a'");
    hints("[True]", "JSON writes true, false and null");
    hints("[every]", "a word is written in double quotes");
    hints("{a: 1}", "keys are written in double quotes");
}

static void comments_are_refused_with_a_way_out(void **state)
{
    (void)state;
    refuse("{ // x\n}", 2, 3, "JSON has no comments");
    refuse("[1, /* x */ 2]", 4, 5, "JSON has no comments");
    refuse("# x\n{}", 0, 1, "JSON has no comments");
    refuse("{} // x", 3, 4, "JSON has no comments");
    hints("# x", "say it in a \"why\", which every object may have");
}

static void commas_and_colons_stand_where_they_belong(void **state)
{
    (void)state;
    refuse("[1, 2,]", 5, 6, "a comma with nothing behind it");
    refuse("{\"a\": 1, }", 7, 8, "a comma with nothing behind it");
    refuse("[,]", 1, 2, "a value is expected, not ','");
    refuse("[1 2]", 3, 4, "',' or ']' is expected, not '2'");
    refuse("{\"a\": 1\n \"b\": 2}", 9, 10, "',' or '}' is expected, not '\"'");
    refuse("{\"a\" 1}", 5, 6, "':' behind the key is expected, not '1'");
    refuse("{\"a\"= 1}", 4, 5, "':' behind the key is expected, not '='");
    refuse("[1}", 2, 3, "',' or ']' is expected, not '}'");
    refuse("{1: 2}", 1, 2, "a key in double quotes is expected, not '1'");
    refuse("{} {}", 3, 4, "the end of the file is expected, not '{'");
    refuse("[\xC3\xA9]", 1, 3, "a value is expected, not '\xC3\xA9'");
}

static void a_file_that_ends_too_soon_says_what_is_open(void **state)
{
    struct locate_fault fault;

    (void)state;
    refuse("", 0, 0, "the file is empty");
    refuse(" \n\t", 0, 0, "the file is empty");
    refuse("{", 1, 1, "the file ends, but '}' is missing");
    refuse("[1, 2\n\n", 5, 5, "the file ends, but ']' is missing");
    refuse("{\"a\": [1]", 9, 9, "the file ends, but '}' is missing");
    refuse("{\"a\"", 4, 4, "the file ends here, but ':' behind the key is expected");
    refuse("{\"a\":\n", 5, 5, "the file ends here, but a value is expected");
    refuse("[1,", 3, 3, "the file ends here, but a value is expected");
    refuse("[\"abc", 5, 5, "the file ends inside a string");
    refuse("[\"abc\\", 6, 6, "the file ends inside a string");
    assert_int_equal(scan("{\"a\": [1, ", 10, &fault), LOCATE_SYNTAX);
    assert_int_equal(scan("{\"a\": [1 ", 9, &fault), LOCATE_SYNTAX);
    assert_int_equal(fault.note_at, 6);
    assert_string_equal(fault.note, "the list begins here");
    assert_int_equal(scan("{\"a\": 1 ", 8, &fault), LOCATE_SYNTAX);
    assert_int_equal(fault.note_at, 0);
    assert_string_equal(fault.note, "the object begins here");
    assert_int_equal(scan("[\"a", 3, &fault), LOCATE_SYNTAX);
    assert_int_equal(fault.note_at, 1);
    assert_string_equal(fault.note, "the string begins here");
}

static void strings_are_checked_to_the_byte(void **state)
{
    (void)state;
    refuse("[\"abc\n\", 1]", 1, 5, "this string does not end on its line");
    refuse("[\"a\\x\"]", 3, 4, "a backslash is followed by one of \" \\ / b f n r t u");
    refuse("[\"\\u12g4\"]", 2, 4, "\\u needs four hex digits");
    refuse("[\"\\u12", 2, 4, "\\u needs four hex digits");
    refuse("[\"\\u0000\"]", 2, 8, "a NUL has no place in a text");
    refuse("[\"\\uD83D\"]", 2, 8, "this is half a character: a surrogate without its pair");
    refuse("[\"\\uD83D\\u0041\"]", 2, 8, "this is half a character: a surrogate without its pair");
    refuse("[\"\\uDE00\"]", 2, 8, "this is half a character: a surrogate without its pair");
    hints("[\"\\x\"]", "a backslash itself is written \\\\");
    hints("[\"abc\n", "is the closing '\"' missing? A line break is written \\n");
}

static void only_utf8_is_taken(void **state)
{
    struct locate_fault fault;

    (void)state;
    refuse("[\"\xE9\"]", 2, 3, "not UTF-8: the byte 0xE9");
    refuse("[\"\xC0\x80\"]", 2, 3, "not UTF-8: the byte 0xC0");
    refuse("[\"\xE0\x80\x80\"]", 2, 3, "not UTF-8: the byte 0xE0");
    refuse("[\"\xED\xA0\x80\"]", 2, 3, "not UTF-8: the byte 0xED");
    refuse("[\"\xF4\x90\x80\x80\"]", 2, 3, "not UTF-8: the byte 0xF4");
    refuse("[\"\xF0\x8F\xBF\xBF\"]", 2, 3, "not UTF-8: the byte 0xF0");
    refuse("[\"\xE2\x82", 2, 3, "not UTF-8: the byte 0xE2");
    refuse("\xEF\xBB\xBF{}", 0, 0, "the file begins with a byte order mark");
    refuse("\xFF\xFE{", 0, 0, "not UTF-8: this looks like UTF-16");
    assert_int_equal(scan("[1\0]", 4, &fault), LOCATE_SYNTAX);
    assert_int_equal(fault.at, 2);
    assert_string_equal(fault.message, "a NUL byte: this is not a text file");
}

static void nesting_has_a_limit(void **state)
{
    char text[2 * LOCATE_DEPTH_MAX + 3];

    (void)state;
    memset(text, '[', LOCATE_DEPTH_MAX);
    memset(text + LOCATE_DEPTH_MAX, ']', LOCATE_DEPTH_MAX);
    text[2 * LOCATE_DEPTH_MAX] = '\0';
    take(text);
    memset(text, '[', LOCATE_DEPTH_MAX + 1);
    memset(text + LOCATE_DEPTH_MAX + 1, ']', LOCATE_DEPTH_MAX + 1);
    text[2 * LOCATE_DEPTH_MAX + 2] = '\0';
    refuse(text, LOCATE_DEPTH_MAX, LOCATE_DEPTH_MAX + 1, "nested deeper than 16 levels");
}

static void characters_are_decoded(void **state)
{
    static const uint32_t expected[] = {'a',  '"',  '\\', '/',  '\b',   '\f',    '\n',
                                        '\r', '\t', 0xE9, 0xE9, 0x20AC, 0x1F600, 0x1F600};
    const char *at = "a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"
                     "\\uD83D\\uDE00";

    (void)state;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
        assert_int_equal(strict_character(&at), expected[i]);
    assert_string_equal(at, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_of_rfc_8259_is_taken),
        cmocka_unit_test(what_json_c_lets_pass_is_refused),
        cmocka_unit_test(numbers_are_decimal_and_whole_words),
        cmocka_unit_test(words_of_other_languages_are_told),
        cmocka_unit_test(comments_are_refused_with_a_way_out),
        cmocka_unit_test(commas_and_colons_stand_where_they_belong),
        cmocka_unit_test(a_file_that_ends_too_soon_says_what_is_open),
        cmocka_unit_test(strings_are_checked_to_the_byte),
        cmocka_unit_test(only_utf8_is_taken),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(characters_are_decoded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
