/*
 * What a server hands to the device, however bad: the service refuses it with a reason, goes on,
 * and takes the next good update.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/sha.h>

#include "core/bytes.h"
#include "tests/rig.h"

#define CODE        6000
#define BIG         (10u * 1024 * 1024)
#define STEPS_MAX   1000000
#define DIGEST      "5f78c33274e43fa9de5659265c1d917e25c03722dcb0b8d27db8d5feaa813953"
#define ENTRY       "\"URL\": \"http://host/a\", \"Digest\": \"" DIGEST "\""
#define WITH(value) "{\"ota\": [{\"Version\": " value ", " ENTRY "}]}"
#define DIGEST_OF(value)                                                                           \
    "{\"ota\": [{\"Version\": 2, \"URL\": \"http://host/a\", \"Digest\": " value "}]}"

static struct ota_config config;
static char manifest[2][512];

static int set_up(void **state)
{
    if (rig_setup(state))
        return -1;
    config = ota_config_default;
    strcpy(config.manifest_url, RIG_MANIFEST_URL);
    rig_format(*state);
    return 0;
}

/* Version 1 runs, confirmed. */
static void run_first(struct rig *rig)
{
    const struct rig_image *first = rig_image(rig, 1, CODE);

    rig_store(rig, first, BOOTCTL_VALID);
    rig_install(rig, first, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
}

static void go_on(struct rig *rig)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        uint32_t wait_ms = ota_service_task(&rig->ota);
        if (rig->server.answered == rig->server.answer_count && rig->ota.state == OTA_STATE_WAIT)
            return;
        rig->now_ms += wait_ms;
    }
    fail_msg("the service never comes to rest");
}

static void start(struct rig *rig)
{
    rig_power_on(rig);
    assert_int_equal(flash_unlock(rig->hal.nvm), OTA_OK);
    flash_protect(rig->hal.nvm, layout_mzw1.bootctl_offset, layout_mzw1.app_offset);
    assert_int_equal(ota_init(&rig->ota, &rig->hal, &config, rig_on_event, rig), OTA_OK);
}

static enum rig_end run(struct rig *rig, const struct rig_answer *answers, uint32_t count)
{
    rig_answers(rig, answers, count);
    rig->event_count = 0;
    return rig_run(rig, go_on);
}

static struct rig_answer bytes_of(const void *bytes, size_t size)
{
    return (struct rig_answer){
        .status = 200, .body = bytes, .body_size = (uint32_t)size, .validator = "\"1\""};
}

/* The reason of the last event of this kind. */
static enum ota_err reason_of(const struct rig *rig, enum ota_event event)
{
    for (uint32_t i = rig->event_count; i-- > 0;)
        if (rig->events[i].event == event)
            return rig->events[i].error;
    fail_msg("event %d never came", event);
    return OTA_OK;
}

/* The device has not changed its mind, and takes a good update at the next check. */
static void assert_updates(struct rig *rig, uint32_t version)
{
    const struct rig_image *image = rig_image(rig, version, CODE);

    rig_manifest(image, version, manifest[1]);
    const struct rig_answer answers[] = {bytes_of(manifest[1], strlen(manifest[1])),
                                         bytes_of(image->bytes, image->size)};
    assert_int_equal(ota_version(&rig->ota), 1);
    assert_true(ota_is_confirmed(&rig->ota));
    assert_int_equal(run(rig, answers, 2), RIG_RESET);
    assert_int_equal(rig_boot_version(rig), version);
}

static void refuse_manifest(struct rig *rig, const void *text, size_t size, enum ota_err expected)
{
    const struct rig_answer answer = bytes_of(text, size);

    assert_int_equal(run(rig, &answer, 1), RIG_DONE);
    assert_int_equal(rig->server.request_count, 1);
    assert_int_equal(reason_of(rig, OTA_EVENT_CHECK_FAILED), expected);
}

static void manifests_that_say_nothing_useful_are_refused(void **state)
{
    static const struct {
        const char *text;
        enum ota_err expected;
    } bad[] = {
        {"", OTA_ERR_FORMAT},
        {"<html>404</html>", OTA_ERR_FORMAT},
        {"{}", OTA_ERR_FORMAT},
        {"{\"ota\": 5}", OTA_ERR_FORMAT},
        {"{\"ota\": {}}", OTA_ERR_FORMAT},
        {"{\"ota\": [5]}", OTA_ERR_FORMAT},
        {"{\"ota\": [{}]}", OTA_ERR_FORMAT},
        {"{\"ota\": [{\"Version\": 2}]}", OTA_ERR_FORMAT},
        {"{\"ota\": [], \"ota\": []}", OTA_ERR_FORMAT},
        {WITH("-1"), OTA_ERR_FORMAT},
        {WITH("0"), OTA_ERR_FORMAT},
        {WITH("1e99"), OTA_ERR_FORMAT},
        {WITH("\"3\""), OTA_ERR_FORMAT},
        {WITH("3.5"), OTA_ERR_FORMAT},
        {WITH("null"), OTA_ERR_FORMAT},
        {WITH("4294967296"), OTA_ERR_FORMAT},
        {WITH("2, \"version\": 2"), OTA_ERR_FORMAT},
        {DIGEST_OF("\"" DIGEST "0\""), OTA_ERR_FORMAT},
        {DIGEST_OF("\"78c33274e43fa9de5659265c1d917e25c03722dcb0b8d27db8d5feaa8139531\""),
         OTA_ERR_FORMAT},
        {DIGEST_OF("\"xx78c33274e43fa9de5659265c1d917e25c03722dcb0b8d27db8d5feaa813953\""),
         OTA_ERR_FORMAT},
        {DIGEST_OF("null"), OTA_ERR_FORMAT},
    };
    struct rig *rig = *state;

    run_first(rig);
    start(rig);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refuse_manifest(rig, bad[i].text, strlen(bad[i].text), bad[i].expected);
    refuse_manifest(rig, "{\"ota\": []}\0", 12, OTA_ERR_FORMAT);
    refuse_manifest(rig, "\xFF\xFE{\0\"\0o\0t\0a\0\"\0:\0[\0]\0}\0", 20, OTA_ERR_FORMAT);
    assert_updates(rig, 2);
}

/* begin, middle again and again, end. */
static size_t repeat(char *text, const char *begin, const char *middle, uint32_t times,
                     const char *end)
{
    char *to = stpcpy(text, begin);

    for (uint32_t i = 0; i < times; i++)
        to = stpcpy(to, middle);
    return (size_t)(stpcpy(to, end) - text);
}

static void manifests_beyond_all_limits_are_refused(void **state)
{
    struct rig *rig = *state;
    char *text = malloc(BIG + 1000);
    size_t size;

    assert_non_null(text);
    run_first(rig);
    start(rig);
    size = repeat(text, "{\"ota\": [", " ", BIG, "]}");
    refuse_manifest(rig, text, size, OTA_ERR_LIMIT);
    size = repeat(text, "{\"ota\": ", "[", 1000, "");
    refuse_manifest(rig, text, size, OTA_ERR_LIMIT);
    size =
        repeat(text, "{\"ota\": [{\"Version\": 2, \"Digest\": \"" DIGEST "\", \"URL\": \"http://h/",
               "a", 5000, "\"}]}");
    refuse_manifest(rig, text, size, OTA_ERR_LIMIT);
    size = repeat(text, "{\"ota\": [", "{\"Version\": 2, \"EraseVer\": true},", 10000, "{}]}");
    refuse_manifest(rig, text, size, OTA_ERR_LIMIT);
    size = repeat(text, "{\"ota\": [", "{},", 17, "{}]}");
    refuse_manifest(rig, text, size, OTA_ERR_FORMAT);
    free(text);
    assert_updates(rig, 2);
}

/* --- images ---------------------------------------------------------------------------------- */

/* Announced with their right digest, so that only the image itself can be found wrong. */
static void announce(const void *bytes, uint32_t size, uint32_t version, char ret_text[512])
{
    struct rig_image image = {.version = version};

    SHA256(bytes, size, image.digest);
    rig_manifest(&image, version, ret_text);
}

static void refuse_image(struct rig *rig, const void *bytes, uint32_t size, enum ota_err expected)
{
    announce(bytes, size, 2, manifest[0]);
    const struct rig_answer answers[] = {bytes_of(manifest[0], strlen(manifest[0])),
                                         bytes_of(bytes, size)};
    rig_mark(rig);
    start(rig);
    assert_int_equal(run(rig, answers, 2), RIG_DONE);
    enum ota_err reason = reason_of(rig, OTA_EVENT_VERIFY_FAILED);
    if (reason != expected)
        fail_msg("%u bytes: %s, not %s", size, err_name(reason), err_name(expected));
    assert_int_equal(rig_boot_version(rig), 1);
    rig_rollback(rig);
}

static void truncated_images_are_refused(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    const struct rig_image *image = rig_image(rig, 2, CODE);
    uint32_t tlvs = IMAGE_HEADER_PAGE + CODE;
    for (uint32_t size = 256; size < image->size; size += size < 4096 ? 1280 : 256)
        refuse_image(rig, image->bytes, size, OTA_ERR_FORMAT);
    for (uint32_t at = tlvs; at < image->size; at += 4 + bytes_get16(image->bytes + at + 2)) {
        if (bytes_get16(image->bytes + at) == IMAGE_TLV_PROTECTED ||
            bytes_get16(image->bytes + at) == IMAGE_TLV_MAGIC) {
            refuse_image(rig, image->bytes, at, OTA_ERR_FORMAT);
            refuse_image(rig, image->bytes, at + 4, OTA_ERR_FORMAT);
            at += 4;
        }
        refuse_image(rig, image->bytes, at, OTA_ERR_FORMAT);
        refuse_image(rig, image->bytes, at + 4, OTA_ERR_FORMAT);
    }
    start(rig);
    assert_updates(rig, 3);
}

static void images_that_lie_are_refused(void **state)
{
    static const uint16_t lengths[] = {0, 1, 0x7FFF, 0xFFFF};
    struct rig *rig = *state;

    run_first(rig);
    const struct rig_image *image = rig_image(rig, 2, CODE);
    uint8_t *copy = malloc(image->size);
    assert_non_null(copy);
    for (uint32_t field = 0; field < 20; field += 4) {
        for (uint32_t i = 0; i < 4; i++) {
            const uint32_t values[] = {0, UINT32_MAX, bytes_get32(image->bytes + field) + 1,
                                       bytes_get32(image->bytes + field) - 1};
            if (values[i] == bytes_get32(image->bytes + field))
                continue;
            memcpy(copy, image->bytes, image->size);
            bytes_put32(copy + field, values[i]);
            refuse_image(rig, copy, image->size, OTA_ERR_FORMAT);
        }
    }
    for (uint32_t i = 0; i < 4; i++) {
        memcpy(copy, image->bytes, image->size);
        bytes_put16(copy + IMAGE_HEADER_PAGE + CODE + 4 + 2, lengths[i]);
        refuse_image(rig, copy, image->size, OTA_ERR_FORMAT);
    }
    free(copy);
    start(rig);
    assert_updates(rig, 3);
}

static void what_is_no_image_for_this_device_is_refused(void **state)
{
    static uint8_t bytes[9000];
    struct rig *rig = *state;
    uint32_t seed = 1;

    run_first(rig);
    for (uint32_t i = 0; i < sizeof bytes; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
    refuse_image(rig, bytes, sizeof bytes, OTA_ERR_FORMAT);
    memset(bytes, 0xFF, sizeof bytes); /* a raw slot of the original: blank, with its address */
    bytes_put32(bytes + 12, layout_mzw1.boot_address);
    refuse_image(rig, bytes, sizeof bytes, OTA_ERR_FORMAT);
    const struct rig_image *other = rig_make(
        rig, &(struct rig_recipe){.version = 2, .code_size = CODE, .has_other_product = true});
    refuse_image(rig, other->bytes, other->size, OTA_ERR_PRODUCT);
    other =
        rig_make(rig, &(struct rig_recipe){.version = 2, .code_size = CODE, .has_other_key = true});
    refuse_image(rig, other->bytes, other->size, OTA_ERR_KEY);
    other =
        rig_make(rig, &(struct rig_recipe){.version = 2, .code_size = CODE, .is_unsigned = true});
    refuse_image(rig, other->bytes, other->size, OTA_ERR_SIGNATURE);
    uint8_t *large = calloc(1, 1000000);
    assert_non_null(large);
    refuse_image(rig, large, 1000000, OTA_ERR_SIZE);
    free(large);
    start(rig);
    assert_updates(rig, 3);
}

/* Nothing at all comes in place of the image: that is no verdict on it, and it is asked for again.
 */
static void empty_image_is_no_image(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    announce("", 0, 2, manifest[0]);
    const struct rig_answer answers[] = {bytes_of(manifest[0], strlen(manifest[0])),
                                         bytes_of("", 0)};
    start(rig);
    assert_int_equal(run(rig, answers, 2), RIG_DONE);
    assert_true(rig->events[rig->event_count - 1].error != OTA_OK);
    assert_updates(rig, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(manifests_that_say_nothing_useful_are_refused),
        TEST(manifests_beyond_all_limits_are_refused),
        TEST(truncated_images_are_refused),
        TEST(images_that_lie_are_refused),
        TEST(what_is_no_image_for_this_device_is_refused),
        TEST(empty_image_is_no_image),
    };

    return cmocka_run_group_tests_name("ota_input", tests, NULL, NULL);
}
