#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/vocab_schema.h"

#include <json-c/json.h>

#include "sim/image/file.h"
#include "sim/scenario/vocab.h"

static struct json_object *parse(void)
{
    char *text = vocab_schema();
    struct json_object *schema;

    assert_non_null(text);
    assert_int_equal(text[strlen(text) - 1], '\n');
    schema = json_tokener_parse(text);
    assert_non_null(schema);
    free(text);
    return schema;
}

static struct json_object *get(struct json_object *object, const char *path)
{
    struct json_object *value;

    if (json_pointer_get(object, path, &value))
        fail_msg("no %s", path);
    return value;
}

static struct json_object *schema_of(struct json_object *root, uint32_t index)
{
    char path[64];

    snprintf(path, sizeof path, "/definitions/%s", vocab_object(index)->name);
    return index ? get(root, path) : root;
}

static void the_schema_is_draft_07(void **state)
{
    struct json_object *root = parse();

    (void)state;
    assert_string_equal(json_object_get_string(get(root, "/$schema")),
                        "http://json-schema.org/draft-07/schema#");
    json_object_put(root);
}

static void every_word_is_in_the_schema_and_no_other(void **state)
{
    struct json_object *root = parse();

    (void)state;
    for (uint32_t i = 0; vocab_object(i); i++) {
        struct json_object *properties = get(schema_of(root, i), "/properties"), *value;
        int count = 0;
        for (const struct vocab_word *word = vocab_object(i)->words; word->name; word++, count++) {
            assert_true(json_object_object_get_ex(properties, word->name, &value));
            assert_string_equal(json_object_get_string(get(value, "/description")), word->text);
            assert_int_equal(json_object_object_get_ex(value, "default", NULL),
                             word->fallback != NULL);
        }
        assert_int_equal(json_object_object_length(properties), count);
        assert_false(json_object_get_boolean(get(schema_of(root, i), "/additionalProperties")));
    }
    json_object_put(root);
}

static void choices_limits_and_rules_are_in_the_schema(void **state)
{
    struct json_object *root = parse();

    (void)state;
    assert_string_equal(
        json_object_get_string(get(root, "/definitions/image/properties/app/enum/2")), "hang");
    assert_int_equal(
        json_object_get_int(get(root, "/definitions/device/properties/trials/maximum")), 10);
    assert_int_equal(
        json_object_get_int64(get(root, "/definitions/image/properties/version/maximum")),
        4294967295);
    assert_string_equal(
        json_object_get_string(get(root, "/definitions/offer/dependencies/version/0")), "image");
    assert_string_equal(
        json_object_get_string(get(root, "/definitions/eventually/oneOf/1/required/0")), "stuck");
    assert_string_equal(json_object_get_string(get(root, "/required/0")), "name");
    assert_int_equal(
        json_object_array_length(get(root, "/definitions/request/properties/when/enum")),
        LOG_EVENT_COUNT);
    assert_int_equal(
        json_object_array_length(get(root, "/properties/sometimes/items/anyOf/0/enum")),
        LOG_EVENT_COUNT + 1 + 6 + 6);
    const char *reasons =
        json_object_get_string(get(root, "/properties/never/items/anyOf/1/pattern"));
    assert_non_null(strstr(reasons, "|ota.refused|"));
    assert_non_null(strstr(reasons, "|failed-before|"));
    assert_null(strstr(reasons, "ota.offer"));
    assert_int_equal(json_object_get_int(get(root, "/properties/cuts/maxItems")),
                     SCENARIO_CUTS_MAX);
    json_object_put(root);
}

static void every_reference_is_defined(void **state)
{
    struct json_object *root = parse(), *value;
    char *text = vocab_schema();

    (void)state;
    for (const char *at = text; (at = strstr(at, "\"#/")); at++) {
        char path[128];
        snprintf(path, sizeof path, "%.*s", (int)strcspn(at + 2, "\""), at + 2);
        if (json_pointer_get(root, path, &value))
            fail_msg("no %s", path);
    }
    free(text);
    json_object_put(root);
}

static void the_schema_that_is_checked_in_is_this_one(void **state)
{
    char *text = vocab_schema();
    uint8_t *bytes;
    uint32_t size;

    (void)state;
    assert_int_equal(file_read(SCENARIO_DIR "/schema.json", 1 << 20, &bytes, &size), 0);
    if (size != strlen(text) || memcmp(bytes, text, size) != 0)
        fail_msg("scenarios/schema.json is old: brownout schema > scenarios/schema.json");
    free(bytes);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schema_is_draft_07),
        cmocka_unit_test(every_word_is_in_the_schema_and_no_other),
        cmocka_unit_test(choices_limits_and_rules_are_in_the_schema),
        cmocka_unit_test(every_reference_is_defined),
        cmocka_unit_test(the_schema_that_is_checked_in_is_this_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
