#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <json-c/json.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/image/manifest_json.h"
#include "sim/image/pack.h"
#include "tests/golden_file.h"

static char directory[] = "/tmp/test_manifest.XXXXXX";

static const char *in_directory(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static struct manifest_json_entry make_entry(uint32_t version, const char *name)
{
    struct manifest_json_entry entry = {.version = version};

    snprintf(entry.name, sizeof entry.name, "%s", name);
    memset(entry.digest, (int)version, sizeof entry.digest);
    return entry;
}

static void the_documented_text_comes_out(void **state)
{
    struct manifest_json_entry entries[] = {
        make_entry(10, "v10.bin"), {.version = 3, .is_erase = true}, make_entry(9, "v9.bin")};
    char *text;

    (void)state;
    assert_int_equal(manifest_json_text(entries, 3, "http://host:8000/ota", &text), OTA_OK);
    assert_string_equal(text,
                        "{\n"
                        "  \"ota\": [\n"
                        "    {\n"
                        "      \"Version\": 3,\n"
                        "      \"EraseVer\": true\n"
                        "    },\n"
                        "    {\n"
                        "      \"Version\": 9,\n"
                        "      \"URL\": \"http://host:8000/ota/v9.bin\",\n"
                        "      \"Digest\": "
                        "\"0909090909090909090909090909090909090909090909090909090909090909\",\n"
                        "      \"EraseVer\": false\n"
                        "    },\n"
                        "    {\n"
                        "      \"Version\": 10,\n"
                        "      \"URL\": \"http://host:8000/ota/v10.bin\",\n"
                        "      \"Digest\": "
                        "\"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\",\n"
                        "      \"EraseVer\": false\n"
                        "    }\n"
                        "  ]\n"
                        "}\n");
    free(text);
}

static void assert_url(const char *base, const char *name, const char *expected)
{
    struct manifest_json_entry entry = make_entry(1, name);
    char *text;

    assert_int_equal(manifest_json_text(&entry, 1, base, &text), OTA_OK);
    struct json_object *root = json_tokener_parse(text);
    assert_non_null(root);
    struct json_object *first = json_object_array_get_idx(json_object_object_get(root, "ota"), 0);
    assert_string_equal(json_object_get_string(json_object_object_get(first, "URL")), expected);
    json_object_put(root);
    free(text);
}

static void urls_are_joined_and_encoded(void **state)
{
    (void)state;
    assert_url("http://h", "a.bin", "http://h/a.bin");
    assert_url("http://h/", "a.bin", "http://h/a.bin");
    assert_url("HTTPS://h:8443/x/y", "A-Z_0~9.bin", "HTTPS://h:8443/x/y/A-Z_0~9.bin");
    assert_url("http://h", "a b%.bin", "http://h/a%20b%25.bin");
    assert_url("http://h", "\xC3\xA4?#&+\"\n.bin", "http://h/%C3%A4%3F%23%26%2B%22%0A.bin");
}

static void bad_bases_and_versions_are_refused(void **state)
{
    static const char *const bases[] = {
        "",           "host",          "ftp://h",        "http://",
        "http:///x",  "http://h/?a=1", "http://h/#f",    "http://h /",
        "http://h\n", "http://h\"",    "http://\xC3\xA4"};
    struct manifest_json_entry twice[] = {make_entry(2, "b.bin"), make_entry(3, "c.bin"),
                                          make_entry(2, "a.bin")};
    struct manifest_json_entry zero = make_entry(0, "a.bin");
    char *text;

    (void)state;
    for (size_t i = 0; i < sizeof bases / sizeof *bases; i++)
        assert_int_equal(manifest_json_text(twice, 2, bases[i], &text), OTA_ERR_FORMAT);
    assert_int_equal(manifest_json_text(twice, 1, NULL, &text), OTA_ERR_FORMAT);
    assert_int_equal(manifest_json_text(twice, 3, "http://h", &text), OTA_ERR_VERSION);
    assert_int_equal(manifest_json_text(&zero, 1, "http://h", &text), OTA_ERR_VERSION);
    twice[1].is_erase = true; /* to offer and to erase it makes no sense */
    assert_int_equal(manifest_json_text(twice, 3, "http://h", &text), OTA_ERR_VERSION);
}

static void nothing_to_offer_is_a_manifest_too(void **state)
{
    struct manifest_json_entry erase = {.version = UINT32_MAX, .is_erase = true};
    char *text;

    (void)state;
    assert_int_equal(manifest_json_text(NULL, 0, "http://h", &text), OTA_OK);
    struct json_object *root = json_tokener_parse(text);
    assert_int_equal(json_object_array_length(json_object_object_get(root, "ota")), 0);
    json_object_put(root);
    free(text);
    assert_int_equal(manifest_json_text(&erase, 1, NULL, &text), OTA_OK);
    assert_non_null(strstr(text, "\"Version\": 4294967295,"));
    free(text);
}

static void write_image(const char *name, uint32_t version)
{
    struct pack_options options = {.version = version};
    uint8_t *image;
    uint32_t size;

    assert_int_equal(pack_unsigned(&options, name, (uint32_t)strlen(name), &image, &size), OTA_OK);
    assert_int_equal(file_write(in_directory(name), image, size), 0);
    free(image);
}

static void files_are_described(void **state)
{
    struct manifest_json_entry entry;
    struct golden_file golden = golden_file_read("p256_full.bin");
    uint8_t digest[CRYPTO_SHA256_SIZE];

    (void)state;
    assert_int_equal(file_write(in_directory("full.bin"), golden.bytes, golden.size), 0);
    assert_null(manifest_json_read(in_directory("full.bin"), &entry));
    assert_int_equal(entry.version, 7);
    assert_false(entry.is_erase);
    assert_string_equal(entry.name, "full.bin");
    SHA256(golden.bytes, golden.size, digest);
    assert_memory_equal(entry.digest, digest, sizeof digest);

    golden.bytes[0x1100] ^= 1;
    assert_int_equal(file_write(in_directory("full.bin"), golden.bytes, golden.size), 0);
    assert_string_equal(manifest_json_read(in_directory("full.bin"), &entry),
                        "content does not match its hash");
    assert_string_equal(manifest_json_read(in_directory("none.bin"), &entry),
                        "No such file or directory");
    assert_string_equal(manifest_json_read(directory, &entry), "not a regular file");
    write_image("zero.bin", 0);
    assert_non_null(strstr(manifest_json_read(in_directory("zero.bin"), &entry), "version is 0"));
    unlink(in_directory("full.bin"));
    unlink(in_directory("zero.bin"));
    free(golden.bytes);
}

static void collect(void *context, const char *name, const char *reason)
{
    char *log = context;
    size_t size = strlen(log);

    snprintf(log + size, 1024 - size, "%s: %s\n", name, reason);
}

static void a_directory_is_scanned(void **state)
{
    static const char *const files[] = {"a.bin",    "b.bin",    "c.bin",    "dup.bin",
                                        "note.txt", "text.bin", ".hid.bin", ".bin"};
    char log[1024] = "";
    char *text;

    (void)state;
    write_image("a.bin", 12);
    write_image("b.bin", 3);
    write_image("c.bin", 5);
    write_image("dup.bin", 5);
    write_image("note.txt", 6);
    write_image(".hid.bin", 7);
    write_image(".bin", 8);
    assert_int_equal(file_write(in_directory("text.bin"), "hello", 5), 0);
    assert_int_equal(mkdir(in_directory("sub.bin"), 0700), 0);
    assert_int_equal(manifest_json_directory(directory, "http://h", collect, log, &text), OTA_OK);
    assert_string_equal(log, "dup.bin: an image before it has the same version\n"
                             "sub.bin: not a regular file\n"
                             "text.bin: not an MCUboot image\n");
    const char *first = strstr(text, "/b.bin"), *second = strstr(text, "/c.bin");
    const char *third = strstr(text, "/a.bin");
    assert_true(first && second && third && first < second && second < third);
    assert_null(strstr(text, "dup.bin"));
    assert_null(strstr(text, "note"));
    assert_null(strstr(text, "hid"));
    free(text);
    assert_int_equal(manifest_json_directory(directory, "http://h", NULL, NULL, &text), OTA_OK);
    free(text);
    assert_int_equal(manifest_json_directory(directory, "h", NULL, NULL, &text), OTA_ERR_FORMAT);
    rmdir(in_directory("sub.bin"));
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        unlink(in_directory(files[i]));
}

static void an_empty_or_missing_directory_is_told(void **state)
{
    char *text;

    (void)state;
    assert_int_equal(manifest_json_directory(directory, "http://h", NULL, NULL, &text), OTA_OK);
    assert_non_null(strstr(text, "\"ota\""));
    free(text);
    assert_int_equal(manifest_json_directory("/nonexistent", "http://h", NULL, NULL, &text),
                     OTA_ERR_NOT_FOUND);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_documented_text_comes_out),
        cmocka_unit_test(urls_are_joined_and_encoded),
        cmocka_unit_test(bad_bases_and_versions_are_refused),
        cmocka_unit_test(nothing_to_offer_is_a_manifest_too),
        cmocka_unit_test(files_are_described),
        cmocka_unit_test(a_directory_is_scanned),
        cmocka_unit_test(an_empty_or_missing_directory_is_told),
    };

    return cmocka_run_group_tests_name("manifest_json", tests, set_up, tear_down);
}
