#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/locate.h"

static struct locate scan(const char *text)
{
    struct locate_fault fault;
    struct locate locate;

    if (locate_scan(text, strlen(text), &locate, &fault) != LOCATE_OK)
        fail_msg("%s: %s", text, fault.message);
    return locate;
}

/* The text of the value that a pointer names; "" when there is none. */
static void assert_value(const struct locate *locate, const char *pointer, const char *expected)
{
    uint32_t node = locate_find(locate, pointer);
    size_t length = strlen(expected);

    if (node == LOCATE_NONE) {
        assert_string_equal(expected, "");
        return;
    }
    const struct locate_node *place = &locate->nodes[node];
    assert_int_equal(place->value_end - place->value_at, length);
    assert_memory_equal(locate->text + place->value_at, expected, length);
}

static void values_are_found_by_pointer(void **state)
{
    struct locate locate =
        scan("{ \"a\": [10, {\"b\": \"x\"}, []], \"\": 1, \"a/b\": 2, \"m~n\": 3,\n"
             "  \"\\u0061b\": 4, \"caf\xC3\xA9\": 5 }");

    (void)state;
    assert_int_equal(locate_find(&locate, ""), 0);
    assert_value(&locate, "/a", "[10, {\"b\": \"x\"}, []]");
    assert_value(&locate, "/a/0", "10");
    assert_value(&locate, "/a/1/b", "\"x\"");
    assert_value(&locate, "/a/2", "[]");
    assert_value(&locate, "/", "1");
    assert_value(&locate, "/a~1b", "2");
    assert_value(&locate, "/m~0n", "3");
    assert_value(&locate, "/ab", "4");
    assert_value(&locate, "/caf\xC3\xA9", "5");
    assert_value(&locate, "/a/3", "");
    assert_value(&locate, "/a/x", "");
    assert_value(&locate, "/a/-1", "");
    assert_value(&locate, "/a/0/0", "");
    assert_value(&locate, "/b", "");
    assert_value(&locate, "a", "");
    assert_value(&locate, "/a/99999999999999999999", "");
    locate_free(&locate);
}

static void line_and_column_count_from_one(void **state)
{
    const char *text = "{\n  \"key\": 7\n}\n";
    struct locate locate = scan(text);
    const struct locate_node *place = &locate.nodes[locate_find(&locate, "/key")];
    uint32_t line, column;

    (void)state;
    locate_position(text, strlen(text), place->key_at, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 3);
    locate_position(text, strlen(text), place->value_at, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 10);
    locate_position(text, strlen(text), 0, &line, &column);
    assert_int_equal(line, 1);
    assert_int_equal(column, 1);
    locate_position(text, strlen(text), (uint32_t)strlen(text), &line, &column);
    assert_int_equal(line, 4);
    assert_int_equal(column, 1);
    locate_free(&locate);
}

static void keys_that_stand_twice_are_found(void **state)
{
    struct locate locate =
        scan("{\"a\": 1, \"b\": {\"a\": 2, \"\\u0061\": 3}, \"a\": 4, \"a\": 5}");
    uint32_t twins = 0;

    (void)state;
    for (uint32_t i = 0; i < locate.count; i++)
        twins += locate.nodes[i].twin != LOCATE_NONE;
    assert_int_equal(twins, 3);
    const struct locate_node *last = &locate.nodes[locate_find(&locate, "/a")];
    assert_int_equal(locate.text[last->value_at], '5');
    assert_int_equal(locate.text[locate.nodes[last->twin].value_at], '4');
    assert_value(&locate, "/b/a", "3");
    locate_free(&locate);
}

static void many_keys_are_no_problem(void **state)
{
    const uint32_t count = 80000;
    char *text = malloc(12 * count + 16), *at = text;

    (void)state;
    assert_non_null(text);
    *at++ = '{';
    for (uint32_t i = 0; i < count; i++)
        at += sprintf(at, "\"%u\":0,", i % (count - 1));
    strcpy(at - 1, "}");
    struct locate locate = scan(text);
    assert_int_equal(locate.count, count + 1);
    assert_int_equal(locate.nodes[count].twin, 1);
    locate_free(&locate);
    free(text);
}

static void a_node_says_its_pointer(void **state)
{
    static const char *const pointers[] = {"", "/a", "/a/1/b", "/a~1b", "/m~0n", "/"};
    struct locate locate = scan("{\"a\": [0, {\"b\": 1}], \"a/b\": 2, \"m~n\": 3, \"\": 4}");
    char pointer[64];

    (void)state;
    for (size_t i = 0; i < sizeof pointers / sizeof pointers[0]; i++) {
        locate_pointer(&locate, locate_find(&locate, pointers[i]), pointer, sizeof pointer);
        assert_string_equal(pointer, pointers[i]);
    }
    locate_pointer(&locate, locate_find(&locate, "/a/1/b"), pointer, 6);
    assert_string_equal(pointer, "/a...");
    locate_free(&locate);
}

static void a_key_is_decoded_and_cut_short(void **state)
{
    struct locate locate = scan("{\"a\\n\\u00e9\\uD83D\\uDE00\": 1, \"\": 2}");
    char key[16];

    (void)state;
    assert_true(locate_key(&locate, 1, key, sizeof key));
    assert_string_equal(key, "a\n\xC3\xA9\xF0\x9F\x98\x80");
    assert_false(locate_key(&locate, 1, key, 8));
    assert_string_equal(key, "a\n\xC3\xA9");
    assert_true(locate_key(&locate, 1, key, 9));
    assert_true(locate_key(&locate, 2, key, sizeof key));
    assert_string_equal(key, "");
    assert_false(locate_key(&locate, 0, key, sizeof key));
    locate_free(&locate);
}

static void members_and_elements_are_told_apart(void **state)
{
    struct locate locate = scan("{\"a\": [1], \"b\": 2}");

    (void)state;
    assert_int_equal(locate_element(&locate, 0, 0), LOCATE_NONE);
    assert_int_equal(locate_member(&locate, locate_find(&locate, "/a"), "a"), LOCATE_NONE);
    assert_int_equal(locate_element(&locate, locate_find(&locate, "/b"), 0), LOCATE_NONE);
    assert_int_equal(locate_element(&locate, locate_find(&locate, "/a"), 0),
                     locate_find(&locate, "/a/0"));
    locate_free(&locate);
}

static void a_fault_leaves_nothing_to_free(void **state)
{
    struct locate_fault fault;
    struct locate locate;

    (void)state;
    assert_int_equal(locate_scan("[1, 2", 5, &locate, &fault), LOCATE_SYNTAX);
    assert_int_equal(fault.at, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_found_by_pointer),
        cmocka_unit_test(line_and_column_count_from_one),
        cmocka_unit_test(keys_that_stand_twice_are_found),
        cmocka_unit_test(many_keys_are_no_problem),
        cmocka_unit_test(a_node_says_its_pointer),
        cmocka_unit_test(a_key_is_decoded_and_cut_short),
        cmocka_unit_test(members_and_elements_are_told_apart),
        cmocka_unit_test(a_fault_leaves_nothing_to_free),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
