#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/manifest.h"

#define DIGEST "00112233445566778899aabbccddeeff0123456789abcdef0123456789ABCDEF"
#define ENTRY(version)                                                                             \
    "{\"Version\":" version ",\"URL\":\"http://h/v.bin\",\"Digest\":\"" DIGEST "\"}"

static const uint8_t digest[CRYPTO_SHA256_SIZE] = {
    0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF,
    0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF};

/* From a block of exactly that size, so that a sanitizer sees any overrun. */
static enum ota_err parse_bytes(const char *text, size_t size, struct manifest *manifest)
{
    char *copy = malloc(size ? size : 1);

    assert_non_null(copy);
    memcpy(copy, text, size);
    memset(manifest, 0xA5, sizeof *manifest);
    enum ota_err err = manifest_parse(copy, (uint32_t)size, manifest);
    free(copy);
    if (!err)
        assert_true(manifest->count <= MANIFEST_ENTRIES_MAX);
    return err;
}

static enum ota_err parse(const char *text)
{
    struct manifest manifest;

    return parse_bytes(text, strlen(text), &manifest);
}

static void assert_refused(const char *text)
{
    enum ota_err err = parse(text);

    if (err != OTA_ERR_FORMAT)
        fail_msg("%s: %s", text, err_name(err));
}

/* An entry with one value replaced. */
static enum ota_err parse_entry(const char *key, const char *value)
{
    char text[9000];
    const char *version = strcmp(key, "Version") == 0 ? value : "3";
    const char *url = strcmp(key, "URL") == 0 ? value : "\"http://h/v.bin\"";
    const char *hex = strcmp(key, "Digest") == 0 ? value : "\"" DIGEST "\"";
    const char *erase = strcmp(key, "EraseVer") == 0 ? value : "false";

    snprintf(text, sizeof text,
             "{\"ota\":[{\"Version\":%s,\"URL\":%s,\"Digest\":%s,\"EraseVer\":%s}]}", version, url,
             hex, erase);
    return parse(text);
}

static void documented_sample_is_read(void **state)
{
    static const char text[] = "{\n"
                               "    \"ota\": [\n"
                               "        {\n"
                               "            \"Version\": 3,\n"
                               "            \"URL\": \"http://192.168.1.10:8000/v3.bin\",\n"
                               "            \"Digest\": \"" DIGEST "\",\n"
                               "            \"EraseVer\": false\n"
                               "        },\n"
                               "        {\"Version\": 2, \"EraseVer\": true}\n"
                               "    ]\n"
                               "}\n";
    struct manifest manifest;

    (void)state;
    assert_int_equal(parse_bytes(text, sizeof text - 1, &manifest), OTA_OK);
    assert_int_equal(manifest.count, 2);
    assert_int_equal(manifest.entries[0].version, 3);
    assert_string_equal(manifest.entries[0].url, "http://192.168.1.10:8000/v3.bin");
    assert_memory_equal(manifest.entries[0].digest, digest, sizeof digest);
    assert_false(manifest.entries[0].is_erase);
    assert_int_equal(manifest.entries[1].version, 2);
    assert_true(manifest.entries[1].is_erase);
}

static void keys_come_in_any_order_and_case(void **state)
{
    struct manifest manifest;
    static const char text[] = "{\"OTA\":[{\"erasever\":false,\"DIGEST\":\"" DIGEST
                               "\",\"uRl\":\"https://h/a?b=c&d=%20#e\",\"version\":7}]}";

    (void)state;
    assert_int_equal(parse_bytes(text, sizeof text - 1, &manifest), OTA_OK);
    assert_int_equal(manifest.count, 1);
    assert_int_equal(manifest.entries[0].version, 7);
    assert_string_equal(manifest.entries[0].url, "https://h/a?b=c&d=%20#e");
    assert_memory_equal(manifest.entries[0].digest, digest, sizeof digest);
}

static void entries_stay_in_their_order(void **state)
{
    struct manifest manifest;
    static const char text[] = "{\"ota\":[" ENTRY("9") "," ENTRY("1") "," ENTRY("4294967295") "]}";

    (void)state;
    assert_int_equal(parse_bytes(text, sizeof text - 1, &manifest), OTA_OK);
    assert_int_equal(manifest.count, 3);
    assert_int_equal(manifest.entries[0].version, 9);
    assert_int_equal(manifest.entries[1].version, 1);
    assert_int_equal(manifest.entries[2].version, 4294967295u);
}

static void unknown_keys_are_passed_over(void **state)
{
    static const char *const values[] = {"1",
                                         "null",
                                         "true",
                                         "-1.5e9",
                                         "\"text\"",
                                         "\"a\\\"b\\\\\\u00e4\"",
                                         "[]",
                                         "{}",
                                         "[[1,[2,{\"Version\":9}]],{}]",
                                         "{\"URL\":\"x\",\"ota\":[1,2],\"Digest\":{\"a\":[]}}"};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        char text[1024];
        struct manifest manifest;
        int size = snprintf(text, sizeof text,
                            "{\"x\":%s,\"ota\":[{\"first\":%s,\"Version\":3,\"URL\":\"http://h/\","
                            "\"mid\":%s,\"Digest\":\"" DIGEST "\",\"last\":%s}],\"y\":%s}",
                            values[i], values[i], values[i], values[i], values[i]);
        assert_int_equal(parse_bytes(text, (size_t)size, &manifest), OTA_OK);
        assert_int_equal(manifest.count, 1);
        assert_int_equal(manifest.entries[0].version, 3);
        assert_string_equal(manifest.entries[0].url, "http://h/");
    }
}

static void unknown_key_with_an_empty_text_is_passed_over(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"note\":\"\",\"ota\":[" ENTRY("3") "]}"), OTA_OK);
    assert_int_equal(parse("{\"ota\":[" ENTRY("3") "],\"note\":\"\"}"), OTA_OK);
    assert_int_equal(parse("{\"ota\":[{\"Signature\":\"\",\"Version\":3,\"EraseVer\":true}]}"),
                     OTA_OK);
    assert_int_equal(parse("{\"ota\":[{\"Version\":3,\"EraseVer\":true,\"Signature\":\"\"}]}"),
                     OTA_OK);
    assert_int_equal(parse("{\"a\":[\"\",\"\"],\"\":\"\",\"ota\":[]}"), OTA_OK);
}

static void empty_list_is_a_manifest(void **state)
{
    struct manifest manifest;

    (void)state;
    assert_int_equal(parse_bytes("{\"ota\":[]}", 10, &manifest), OTA_OK);
    assert_int_equal(manifest.count, 0);
}

static void what_is_no_manifest_is_refused(void **state)
{
    static const char *const texts[] = {"",
                                        " ",
                                        "[]",
                                        "{}",
                                        "null",
                                        "3",
                                        "\"ota\"",
                                        "{\"ota\"}",
                                        "{\"ota\":}",
                                        "{\"ota\":null}",
                                        "{\"ota\":{}}",
                                        "{\"ota\":\"[]\"}",
                                        "{\"ota\":3}",
                                        "{\"ota\":[3]}",
                                        "{\"ota\":[[]]}",
                                        "{\"ota\":[\"a\"]}",
                                        "{\"ota\":[null]}",
                                        "{\"ota\":[{}]}",
                                        "{\"other\":[]}",
                                        "[{\"ota\":[]}]",
                                        "{\"ota\":[],\"ota\":[]}",
                                        "{\"ota\":[],\"OTA\":[]}",
                                        "{\"ota\":[}",
                                        "{\"ota\":[]",
                                        "\"ota\":[]}",
                                        "{ota:[]}",
                                        "{'ota':[]}",
                                        "<html></html>",
                                        "{\"ota\":[]]",
                                        "{\"ota\":(1)}",
                                        "\xEF\xBB\xBF{\"ota\":[]}"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_refused(texts[i]);
}

static void wrong_versions_are_refused(void **state)
{
    static const char *const values[] = {"0",
                                         "-1",
                                         "-0",
                                         "3.5",
                                         "3.0",
                                         "1e99",
                                         "3e0",
                                         "\"3\"",
                                         "4294967296",
                                         "99999999999",
                                         "18446744073709551619",
                                         "03",
                                         "00",
                                         "+3",
                                         "0x3",
                                         "null",
                                         "true",
                                         "[3]",
                                         "{}",
                                         "\"\"",
                                         "3x"};

    (void)state;
    assert_int_equal(parse_entry("Version", "3"), OTA_OK);
    assert_int_equal(parse_entry("Version", "4294967295"), OTA_OK);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_int_equal(parse_entry("Version", values[i]), OTA_ERR_FORMAT);
}

static void wrong_digests_are_refused(void **state)
{
    static const char *const values[] = {
        "\"00112233445566778899aabbccddeeff0123456789abcdef0123456789ABCDE\"",
        "\"00112233445566778899aabbccddeeff0123456789abcdef0123456789ABCDEF0\"",
        "\"00112233445566778899aabbccddeeff0123456789abcdef0123456789ABCDEg\"",
        "\"0x112233445566778899aabbccddeeff0123456789abcdef0123456789ABCDEF\"",
        "\" 0112233445566778899aabbccddeeff0123456789abcdef0123456789ABCDEF\"",
        "\"\\u0030112233445566778899aabbccddeeff0123456789abcdef0123456789AB\"",
        "\"\"",
        "3",
        "null",
        "[]",
        "{}",
        "true"};

    (void)state;
    assert_int_equal(
        parse_entry("Digest",
                    "\"00112233445566778899AABBCCDDEEFF0123456789ABCDEF0123456789ABCDEF\""),
        OTA_OK);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_int_equal(parse_entry("Digest", values[i]), OTA_ERR_FORMAT);
}

static void wrong_urls_are_refused(void **state)
{
    static const char *const values[] = {
        "\"\"",           "3",         "null",         "[]",           "{}",        "true",
        "\"http://h/ \"", "\"a\\nb\"", "\"a\\u0041\"", "\"a\\tb\"",    "\"a\x7F\"", "\"a\xC3\xA4\"",
        "\"a\x01\"",      "\"a\nb\"",  "\"a\\b\"",     "\"a\\u0000b\""};

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_int_equal(parse_entry("URL", values[i]), OTA_ERR_FORMAT);
}

static void escaped_slash_in_a_url_is_a_slash(void **state)
{
    struct manifest manifest;
    static const char text[] = "{\"ota\":[{\"Version\":3,\"URL\":\"http:\\/\\/h\\/v.bin\","
                               "\"Digest\":\"" DIGEST "\"}]}";

    (void)state;
    assert_int_equal(parse_bytes(text, sizeof text - 1, &manifest), OTA_OK);
    assert_string_equal(manifest.entries[0].url, "http://h/v.bin");
}

static enum ota_err parse_url_of_size(uint32_t size)
{
    char value[8000];

    memset(value, 'a', sizeof value);
    value[0] = '"';
    value[size + 1] = '"';
    value[size + 2] = '\0';
    return parse_entry("URL", value);
}

static void url_longer_than_there_is_room_for_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse_url_of_size(MANIFEST_URL_MAX - 1), OTA_OK);
    assert_int_equal(parse_url_of_size(MANIFEST_URL_MAX), OTA_ERR_LIMIT);
    assert_int_equal(parse_url_of_size(5000), OTA_ERR_LIMIT);
}

static void erase_is_true_or_false_and_nothing_else(void **state)
{
    static const char *const values[] = {"1",      "0",  "null",  "\"true\"", "\"\"",
                                         "[true]", "{}", "truee", "tru",      "fals"};

    (void)state;
    assert_int_equal(parse_entry("EraseVer", "true"), OTA_OK);
    assert_int_equal(parse_entry("EraseVer", "false"), OTA_OK);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        assert_int_equal(parse_entry("EraseVer", values[i]), OTA_ERR_FORMAT);
}

static void missing_fields_are_refused(void **state)
{
    (void)state;
    assert_refused("{\"ota\":[{\"URL\":\"http://h/\",\"Digest\":\"" DIGEST "\"}]}");
    assert_refused("{\"ota\":[{\"Version\":3,\"Digest\":\"" DIGEST "\"}]}");
    assert_refused("{\"ota\":[{\"Version\":3,\"URL\":\"http://h/\"}]}");
    assert_refused("{\"ota\":[{\"Version\":3}]}");
    assert_refused("{\"ota\":[{\"Version\":3,\"EraseVer\":false}]}");
    assert_refused("{\"ota\":[{\"EraseVer\":true}]}");
    assert_int_equal(parse("{\"ota\":[{\"EraseVer\":true,\"Version\":3}]}"), OTA_OK);
}

static void erase_flag_does_not_stick_to_the_next_entry(void **state)
{
    struct manifest manifest;
    static const char text[] =
        "{\"ota\":[{\"Version\":1,\"EraseVer\":true}," ENTRY("2") ",{\"Version\":3,"
                                                                  "\"EraseVer\":true}]}";

    (void)state;
    assert_int_equal(parse_bytes(text, sizeof text - 1, &manifest), OTA_OK);
    assert_true(manifest.entries[0].is_erase);
    assert_false(manifest.entries[1].is_erase);
    assert_true(manifest.entries[2].is_erase);
    assert_refused("{\"ota\":[{\"Version\":1,\"EraseVer\":true},{\"Version\":2}]}");
}

static void anything_twice_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"ota\":[" ENTRY("3") "," ENTRY("3") "]}");
    assert_refused("{\"ota\":[" ENTRY("3") ",{\"Version\":3,\"EraseVer\":true}]}");
    assert_refused("{\"ota\":[{\"Version\":3,\"version\":4,\"EraseVer\":true}]}");
    assert_refused("{\"ota\":[{\"Version\":3,\"EraseVer\":true,\"EraseVer\":true}]}");
    assert_refused("{\"ota\":[{\"Version\":3,\"URL\":\"a\",\"URL\":\"a\",\"EraseVer\":true}]}");
    assert_refused("{\"ota\":[{\"Version\":3,\"Digest\":\"" DIGEST "\",\"URL\":\"a\","
                   "\"DIGEST\":\"" DIGEST "\"}]}");
}

static void more_entries_than_there_is_room_for_are_refused(void **state)
{
    char text[4096];
    struct manifest manifest;

    (void)state;
    for (int count = MANIFEST_ENTRIES_MAX; count <= MANIFEST_ENTRIES_MAX + 1; count++) {
        int used = snprintf(text, sizeof text, "{\"ota\":[");
        for (int i = 1; i <= count; i++)
            used += snprintf(text + used, sizeof text - (size_t)used, "%s" ENTRY("%d"),
                             i > 1 ? "," : "", i);
        used += snprintf(text + used, sizeof text - (size_t)used, "]}");
        enum ota_err err = parse_bytes(text, (size_t)used, &manifest);
        assert_int_equal(err, count == MANIFEST_ENTRIES_MAX ? OTA_OK : OTA_ERR_LIMIT);
        if (!err)
            assert_int_equal(manifest.entries[15].version, 16);
    }
}

static void deep_nesting_is_refused(void **state)
{
    static char text[8192];
    static const char brackets[] = "[{";

    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        memset(text, brackets[kind], 1000);
        text[1000] = '\0';
        assert_int_not_equal(parse(text), OTA_OK);
    }
    int used = snprintf(text, sizeof text, "{\"x\":");
    memset(text + used, '[', 1000);
    memset(text + used + 1000, ']', 1000);
    snprintf(text + used + 2000, 64, ",\"ota\":[]}");
    assert_int_equal(parse(text), OTA_ERR_LIMIT);
}

static void text_larger_than_the_limit_is_refused(void **state)
{
    static char text[MANIFEST_TEXT_MAX + 1];
    struct manifest manifest;

    (void)state;
    memset(text, ' ', sizeof text);
    memcpy(text, "{\"ota\":[]", 9);
    text[MANIFEST_TEXT_MAX - 1] = '}';
    assert_int_equal(parse_bytes(text, MANIFEST_TEXT_MAX, &manifest), OTA_OK);
    text[MANIFEST_TEXT_MAX - 1] = ' ';
    text[MANIFEST_TEXT_MAX] = '}';
    assert_int_equal(parse_bytes(text, MANIFEST_TEXT_MAX + 1, &manifest), OTA_ERR_LIMIT);
}

static void trailing_garbage_is_refused(void **state)
{
    static const char *const tails[] = {"3", "{}", "[]", "\"a\"", "null", "x",
                                        "}", "]",  ",",  ":",     ",,",   "{\"ota\":[]}"};
    struct manifest manifest;
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        snprintf(text, sizeof text, "{\"ota\":[]}%s", tails[i]);
        assert_refused(text);
        snprintf(text, sizeof text, "{\"ota\":[]}\n%s\n", tails[i]);
        assert_refused(text);
    }
    assert_int_equal(parse("{\"ota\":[]} \r\n\t"), OTA_OK);
    assert_int_equal(parse_bytes("{\"ota\":[]}\0x", 12, &manifest), OTA_ERR_FORMAT);
}

static const char valid[] = "{\"ota\": [" ENTRY("12") ", {\"Version\": 3, \"EraseVer\": true, "
                                                      "\"x\": [1, {\"y\": \"\\u00e4\"}]}]}";

static void manifest_cut_at_any_byte_is_refused(void **state)
{
    struct manifest manifest;

    (void)state;
    assert_int_equal(parse_bytes(valid, sizeof valid - 1, &manifest), OTA_OK);
    for (size_t size = 0; size < sizeof valid - 1; size++)
        assert_int_equal(parse_bytes(valid, size, &manifest), OTA_ERR_FORMAT);
}

/* What is accepted is well-formed in itself, whatever was done to the text. */
static void assert_sane(const struct manifest *manifest)
{
    for (uint32_t i = 0; i < manifest->count; i++) {
        const struct manifest_entry *entry = &manifest->entries[i];
        assert_int_not_equal(entry->version, 0);
        assert_true(strnlen(entry->url, MANIFEST_URL_MAX) < MANIFEST_URL_MAX);
        assert_true(entry->is_erase || entry->url[0]);
        for (uint32_t j = 0; j < i; j++)
            assert_int_not_equal(entry->version, manifest->entries[j].version);
    }
}

static void spoiled_text_never_does_harm(void **state)
{
    static const char pieces[] = "{}[]\",:\\u0123456789eE+-.truefalsn \n\0\x01\xFF";
    char text[sizeof valid];
    struct manifest manifest;
    uint32_t seed = 1;

    (void)state;
    for (int round = 0; round < 50000; round++) {
        memcpy(text, valid, sizeof valid);
        size_t size = sizeof valid - 1;
        for (uint32_t i = 0; i < 1 + (uint32_t)round % 4; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[(seed >> 8) % size] = pieces[(seed >> 20) % (sizeof pieces - 1)];
        }
        seed = seed * 1664525u + 1013904223u;
        if (seed >> 30 == 0)
            size = (seed >> 8) % size;
        if (parse_bytes(text, size, &manifest) == OTA_OK)
            assert_sane(&manifest);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documented_sample_is_read),
        cmocka_unit_test(keys_come_in_any_order_and_case),
        cmocka_unit_test(entries_stay_in_their_order),
        cmocka_unit_test(unknown_keys_are_passed_over),
        cmocka_unit_test(unknown_key_with_an_empty_text_is_passed_over),
        cmocka_unit_test(empty_list_is_a_manifest),
        cmocka_unit_test(what_is_no_manifest_is_refused),
        cmocka_unit_test(wrong_versions_are_refused),
        cmocka_unit_test(wrong_digests_are_refused),
        cmocka_unit_test(wrong_urls_are_refused),
        cmocka_unit_test(escaped_slash_in_a_url_is_a_slash),
        cmocka_unit_test(url_longer_than_there_is_room_for_is_refused),
        cmocka_unit_test(erase_is_true_or_false_and_nothing_else),
        cmocka_unit_test(missing_fields_are_refused),
        cmocka_unit_test(erase_flag_does_not_stick_to_the_next_entry),
        cmocka_unit_test(anything_twice_is_refused),
        cmocka_unit_test(more_entries_than_there_is_room_for_are_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(text_larger_than_the_limit_is_refused),
        cmocka_unit_test(trailing_garbage_is_refused),
        cmocka_unit_test(manifest_cut_at_any_byte_is_refused),
        cmocka_unit_test(spoiled_text_never_does_harm),
    };

    return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
