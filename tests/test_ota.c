#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/rig.h"

#define CODE         20000
#define COUNT(array) ((uint32_t)(sizeof(array) / sizeof *(array)))

/* What a test says before the service starts, and the server's words. */
static struct ota_config config;
static char manifest[4][512];

static int set_up(void **state)
{
    if (rig_setup(state))
        return -1;
    config = ota_config_default;
    strcpy(config.manifest_url, RIG_MANIFEST_URL);
    rig_format(*state);
    return 0;
}

/* Version 1 runs and is in the store. */
static const struct rig_image *run_first(struct rig *rig, enum bootctl_status status)
{
    const struct rig_image *image = rig_image(rig, 1, CODE);

    rig_store(rig, image, status == BOOTCTL_VALID ? BOOTCTL_VALID : BOOTCTL_DOWNLOADED);
    rig_install(rig, image, BOOTCTL_PRODUCTION, status);
    return image;
}

static struct rig_answer text(const char *text)
{
    return (struct rig_answer){.status = 200, .body = text, .body_size = (uint32_t)strlen(text)};
}

static struct rig_answer offer(uint32_t slot, const struct rig_image *image, uint32_t version)
{
    rig_manifest(image, version, manifest[slot]);
    return text(manifest[slot]);
}

static struct rig_answer body(const struct rig_image *image)
{
    return (struct rig_answer){
        .status = 200, .body = image->bytes, .body_size = image->size, .validator = "\"1\""};
}

/* As the bootloader leaves the device: SPI unlocked by nobody, NVM open for boot control alone. */
static void start(struct rig *rig)
{
    rig_power_on(rig);
    assert_int_equal(flash_unlock(rig->hal.nvm), OTA_OK);
    flash_protect(rig->hal.nvm, layout_mzw1.bootctl_offset, layout_mzw1.app_offset);
    memset(&rig->ota, 0xA5, sizeof rig->ota);
    assert_int_equal(ota_init(&rig->ota, &rig->hal, &config, rig_on_event, rig), OTA_OK);
}

/* Until the server has been asked so often and the answer is dealt with, or nothing is to be done.
 */
static uint32_t requests_wanted;

static void go_on(struct rig *rig)
{
    for (int i = 0; i < 100000; i++) {
        uint32_t wait_ms = ota_service_task(&rig->ota);
        bool is_at_rest = rig->ota.state != OTA_STATE_CHECK &&
                          rig->ota.state != OTA_STATE_DOWNLOAD &&
                          rig->ota.state != OTA_STATE_VERIFY;
        if (wait_ms == UINT32_MAX || (is_at_rest && rig->server.request_count >= requests_wanted))
            return;
        rig->now_ms += wait_ms;
    }
    fail_msg("the service never comes to rest");
}

static enum rig_end run(struct rig *rig, const struct rig_answer *answers, uint32_t count)
{
    rig_answers(rig, answers, count);
    rig->event_count = 0;
    requests_wanted = count;
    return rig_run(rig, go_on);
}

static enum rig_end start_and_run(struct rig *rig, const struct rig_answer *answers, uint32_t count)
{
    start(rig);
    return run(rig, answers, count);
}

static void assert_events(struct rig *rig, const struct rig_event *expected, uint32_t count)
{
    for (uint32_t i = 0; i < count && i < rig->event_count; i++) {
        assert_int_equal(rig->events[i].event, expected[i].event);
        assert_int_equal(rig->events[i].version, expected[i].version);
        assert_int_equal(rig->events[i].error, expected[i].error);
    }
    assert_int_equal(rig->event_count, count);
}

static void assert_rows(struct rig *rig, const char *expected)
{
    char is[RIG_TEXT_MAX];

    rig_describe(rig, is);
    assert_string_equal(is, expected);
}

/* Milliseconds until the next check, now. */
static uint64_t left_ms(const struct rig *rig)
{
    assert_int_equal(rig->ota.state, OTA_STATE_WAIT);
    return rig->ota.due_ms - rig->now_ms;
}

static void update_goes_from_check_to_reset(void **state)
{
    static const struct rig_event expected[] = {
        {OTA_EVENT_CHECK_START, 0, OTA_OK},    {OTA_EVENT_AVAILABLE, 2, OTA_OK},
        {OTA_EVENT_DOWNLOAD_START, 2, OTA_OK}, {OTA_EVENT_DOWNLOAD_SUCCESS, 2, OTA_OK},
        {OTA_EVENT_VERIFY_START, 2, OTA_OK},   {OTA_EVENT_VERIFY_SUCCESS, 2, OTA_OK},
        {OTA_EVENT_ENTERED, 2, OTA_OK}};
    struct rig *rig = *state;
    const struct rig_image *first = run_first(rig, BOOTCTL_VALID);
    const struct rig_image *second = rig_image(rig, 2, CODE);
    const struct rig_answer answers[] = {offer(0, second, 2), body(second)};

    assert_int_equal(start_and_run(rig, answers, 2), RIG_DONE);
    assert_int_equal(rig->ota.state, OTA_STATE_READY);
    assert_events(rig, expected, COUNT(expected));
    assert_string_equal(rig->server.requests[0].url, RIG_MANIFEST_URL);
    assert_string_equal(rig->server.requests[1].url, RIG_URL);
    assert_int_equal(rig_run(rig, go_on), RIG_RESET);
    assert_int_equal(rig_operations(rig, true), 0);
    assert_true(rig_holds(rig, first));
    assert_rows(rig, "1:F8 2:FE");
    assert_false(store_has(&rig->store, PART_FILE));
    assert_int_equal(rig_boot_version(rig), 2);
}

static void nothing_newer_waits_for_the_next_period(void **state)
{
    static const struct rig_event expected[] = {{OTA_EVENT_CHECK_START, 0, OTA_OK},
                                                {OTA_EVENT_NOT_AVAILABLE, 1, OTA_OK}};
    struct rig *rig = *state;
    const struct rig_image *first = run_first(rig, BOOTCTL_VALID);
    const struct rig_answer answers[] = {offer(0, first, 1), text("{\"ota\":[]}")};

    assert_int_equal(start_and_run(rig, answers, 1), RIG_DONE);
    assert_events(rig, expected, COUNT(expected));
    assert_int_equal(left_ms(rig), 60000);
    assert_true(ota_is_settled(&rig->ota));
    assert_int_equal(ota_service_task(&rig->ota), 60000);
    assert_int_equal(run(rig, answers + 1, 1), RIG_DONE);
    assert_events(rig, expected, COUNT(expected));
    assert_int_equal(rig->now_ms, 60000);
    assert_int_equal(rig->supply.operations, 0);
}

/* Back-off: doubles from 5 s to the cap, and up to a quarter more. */
static void failed_checks_back_off_and_never_stop(void **state)
{
    static const uint32_t randoms[] = {0, 1, 12345, 0xFFFFFFFF, 0x80000000};
    struct rig *rig = *state;
    uint64_t expected_s = 5;

    run_first(rig, BOOTCTL_VALID);
    config.backoff_max_s = 100;
    start(rig);
    for (uint32_t i = 0; i < 40; i++) {
        const struct rig_answer answer = {.open_err = i % 2 ? OTA_ERR_NET : OTA_OK,
                                          .end = OTA_ERR_TIMEOUT};
        const struct rig_event events[] = {
            {OTA_EVENT_CHECK_START, 0, OTA_OK},
            {OTA_EVENT_CHECK_FAILED, 0, i % 2 ? OTA_ERR_NET : OTA_ERR_TIMEOUT}};
        rig->random = randoms[i % COUNT(randoms)];
        assert_int_equal(run(rig, &answer, 1), RIG_DONE);
        assert_events(rig, events, 2);
        assert_in_range(left_ms(rig), expected_s * 1000, expected_s * 1250);
        assert_int_equal(left_ms(rig) / 1000, expected_s + rig->random % (expected_s / 4 + 1));
        expected_s = expected_s * 2 > 100 ? 100 : expected_s * 2;
    }
    const struct rig_answer answer = text("{\"ota\":[]}");
    assert_int_equal(run(rig, &answer, 1), RIG_DONE);
    assert_int_equal(left_ms(rig), 60000);
    const struct rig_answer bad = {.status = 404};
    rig->random = 0;
    assert_int_equal(run(rig, &bad, 1), RIG_DONE);
    assert_int_equal(left_ms(rig), 5000);
}

static void wish_of_the_server_to_be_asked_later_is_honoured(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE);
    const struct rig_answer busy = {.status = 503, .retry_after_s = 600};
    const struct rig_answer answers[] = {offer(0, second, 2),
                                         {.status = 429, .retry_after_s = 700}};

    run_first(rig, BOOTCTL_VALID);
    start(rig);
    assert_int_equal(run(rig, &busy, 1), RIG_DONE);
    assert_in_range(left_ms(rig), 600000, 750000);
    assert_int_equal(run(rig, answers, 2), RIG_DONE);
    assert_int_equal(rig->events[rig->event_count - 1].event, OTA_EVENT_DOWNLOAD_FAILED);
    assert_in_range(left_ms(rig), 700000, 875000);
}

static void without_periods_it_is_idle(void **state)
{
    struct rig *rig = *state;

    run_first(rig, BOOTCTL_VALID);
    config.is_periodic = false;
    assert_int_equal(start_and_run(rig, NULL, 0), RIG_DONE);
    assert_int_equal(rig->ota.state, OTA_STATE_IDLE);
    assert_int_equal(rig->server.request_count, 0);
    assert_int_equal(rig->event_count, 0);
    assert_int_equal(ota_service_task(&rig->ota), UINT32_MAX);
}

static void without_auto_update_the_offer_waits(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE);
    const struct rig_answer answers[] = {offer(0, second, 2)};

    run_first(rig, BOOTCTL_VALID);
    config.is_auto_update = false;
    assert_int_equal(start_and_run(rig, answers, 1), RIG_DONE);
    assert_int_equal(rig->ota.state, OTA_STATE_OFFER);
    assert_int_equal(rig->events[rig->event_count - 1].event, OTA_EVENT_AVAILABLE);
    assert_int_equal(rig->server.request_count, 1);
    assert_int_equal(rig->supply.operations, 0);
}

static void without_auto_reset_the_image_waits(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE);
    const struct rig_answer answers[] = {offer(0, second, 2), body(second)};

    run_first(rig, BOOTCTL_VALID);
    config.is_auto_reset = false;
    assert_int_equal(start_and_run(rig, answers, 2), RIG_DONE);
    assert_int_equal(rig->ota.state, OTA_STATE_READY);
    assert_int_equal(ota_service_task(&rig->ota), UINT32_MAX);
    assert_int_equal(rig_boot_version(rig), 2);
}

static void broken_download_is_told_and_goes_on_later(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE);
    struct rig_answer half = body(second), rest = body(second);

    half.length = half.body_size;
    half.body_size = 9000;
    half.end = OTA_ERR_NET;
    rest.status = 206;
    rest.body = second->bytes + 9000;
    rest.body_size -= 9000;
    rest.has_range = true;
    rest.range_from = 9000;
    rest.range_total = second->size;
    const struct rig_answer answers[] = {offer(0, second, 2), half, offer(0, second, 2), rest};
    run_first(rig, BOOTCTL_VALID);
    assert_int_equal(start_and_run(rig, answers, 2), RIG_DONE);
    assert_int_equal(rig->events[3].event, OTA_EVENT_DOWNLOAD_FAILED);
    assert_int_equal(rig->events[3].error, OTA_ERR_NET);
    assert_in_range(left_ms(rig), 5000, 6250);
    assert_int_equal(start_and_run(rig, answers + 2, 2), RIG_DONE);
    assert_int_equal(rig->server.requests[1].range_from, 9000);
    assert_rows(rig, "1:F8 2:FE");
}

static void wrong_digest_hours_apart_is_remembered_in_the_end(void **state)
{
    static const struct rig_event last[] = {{OTA_EVENT_CHECK_START, 0, OTA_OK},
                                            {OTA_EVENT_NOT_AVAILABLE, 1, OTA_ERR_FAILED_BEFORE}};
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE), *other = rig_image(rig, 2, CODE + 1);
    const struct rig_answer answers[] = {offer(0, second, 2), body(other)};

    run_first(rig, BOOTCTL_VALID);
    start(rig);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(run(rig, answers, 2), RIG_DONE);
        assert_int_equal(rig->events[rig->event_count - 1].event, OTA_EVENT_VERIFY_FAILED);
        assert_int_equal(rig->events[rig->event_count - 1].error, OTA_ERR_HASH);
        assert_false(store_has(&rig->ota.store, PART_FILE));
        assert_int_equal(rig->ota.store.database.count, i < 3 ? 1 : 2);
        if (i == 0)
            assert_in_range(left_ms(rig), 5000, 6250);
        else if (i < 3)
            assert_in_range(left_ms(rig), PATIENCE_APART_S * 1000, PATIENCE_APART_S * 1250);
    }
    assert_int_equal(run(rig, answers, 1), RIG_DONE);
    assert_events(rig, last, 2);
    assert_rows(rig, "1:F8 2:F0-");
}

/* A portal that wants a login first answers everything, and somebody presses the button. */
static void wrong_answers_within_minutes_ban_nothing(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE), *other = rig_image(rig, 2, CODE + 1);
    const struct rig_answer wrong[] = {offer(0, second, 2), body(other)};
    const struct rig_answer right[] = {offer(0, second, 2), body(second)};

    run_first(rig, BOOTCTL_VALID);
    start(rig);
    for (int i = 0; i < 8; i++) {
        assert_int_equal(run(rig, wrong, 2), RIG_DONE);
        assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_CHECK, 0), OTA_OK);
    }
    assert_int_equal(run(rig, right, 2), RIG_DONE);
    assert_int_equal(rig->ota.state, OTA_STATE_READY);
}

/* Each answer breaks two sectors further on. */
static void line_that_gets_further_each_time_is_not_backed_off_from(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, 40000);
    struct rig_answer answers[] = {offer(0, second, 2), body(second)};

    run_first(rig, BOOTCTL_VALID);
    start(rig);
    for (uint32_t at = 0; at + 8192 < second->size; at += 8192) {
        answers[1].status = at ? 206 : 200;
        answers[1].has_range = at != 0;
        answers[1].range_from = at;
        answers[1].range_total = second->size;
        answers[1].length = at ? second->size - at : 0;
        answers[1].body = second->bytes + at;
        answers[1].body_size = 8192;
        answers[1].end = OTA_ERR_NET;
        if (!at)
            answers[1].length = second->size;
        assert_int_equal(run(rig, answers, 2), RIG_DONE);
        assert_in_range(left_ms(rig), 5000, 6250);
    }
    answers[1].body_size = 0;
    assert_int_equal(run(rig, answers, 2), RIG_DONE);
    assert_in_range(left_ms(rig), 10000, 12500);
}

/* Three wrong ones of one file are not one wrong one of the next. */
static void wrong_digests_are_counted_for_each_offer(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE), *third = rig_image(rig, 3, CODE);
    const struct rig_image *other = rig_image(rig, 2, CODE + 1);
    const struct rig_answer answers[] = {offer(0, second, 2), body(other)};
    const struct rig_answer next[] = {offer(1, third, 3), body(other)};

    run_first(rig, BOOTCTL_VALID);
    start(rig);
    assert_int_equal(run(rig, answers, 2), RIG_DONE);
    assert_int_equal(run(rig, answers, 2), RIG_DONE);
    assert_int_equal(run(rig, next, 2), RIG_DONE);
    assert_rows(rig, "1:F8");
}

/* One line an image that may never run here, and what is said of it. */
static void image_that_may_not_run_is_remembered_at_once(void **state)
{
    static const struct {
        struct rig_recipe recipe;
        uint32_t announced;
        enum ota_err err;
    } cases[] = {
        {{.version = 2, .code_size = CODE, .is_unsigned = true}, 2, OTA_ERR_SIGNATURE},
        {{.version = 2, .code_size = CODE, .has_other_key = true}, 2, OTA_ERR_KEY},
        {{.version = 2, .code_size = CODE, .has_other_product = true}, 2, OTA_ERR_PRODUCT},
        {{.version = 2, .code_size = CODE}, 3, OTA_ERR_VERSION},
        {{.version = 1, .code_size = CODE}, 2, OTA_ERR_VERSION},
    };
    struct rig *rig = *state;
    char expected[RIG_TEXT_MAX];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rig_format(rig);
        rig->image_count = 0;
        run_first(rig, BOOTCTL_VALID);
        const struct rig_image *bad = rig_make(rig, &cases[i].recipe);
        struct rig_recipe recipe = {.version = cases[i].announced, .code_size = CODE, .seed = 9};
        const struct rig_image *good = rig_make(rig, &recipe);
        const struct rig_answer answers[] = {offer(0, bad, cases[i].announced), body(bad),
                                             offer(0, bad, cases[i].announced),
                                             offer(1, good, cases[i].announced), body(good)};
        assert_int_equal(start_and_run(rig, answers, 2), RIG_DONE);
        assert_int_equal(rig->events[5].event, OTA_EVENT_VERIFY_FAILED);
        assert_int_equal(rig->events[5].error, cases[i].err);
        assert_int_equal(left_ms(rig), 60000);
        snprintf(expected, sizeof expected, "1:F8 %u:F0-", cases[i].announced);
        assert_rows(rig, expected);
        assert_false(store_has(&rig->store, PART_FILE));
        assert_int_equal(start_and_run(rig, answers + 2, 1), RIG_DONE);
        assert_int_equal(rig->events[1].error, OTA_ERR_FAILED_BEFORE);
        assert_int_equal(start_and_run(rig, answers + 3, 2), RIG_DONE);
        assert_int_equal(rig->ota.state, OTA_STATE_READY);
        for (uint32_t j = 0; j < 3; j++)
            free(rig->images[j].bytes);
        rig->image_count = 0;
    }
}

static void file_too_large_is_remembered_like_a_wrong_one(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE);
    struct rig_answer answers[] = {offer(0, second, 2), body(second)};

    run_first(rig, BOOTCTL_VALID);
    answers[1].length = 0xDF001;
    start(rig);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(rig->ota.store.database.count, 1);
        assert_int_equal(run(rig, answers, 2), RIG_DONE);
        assert_int_equal(rig->events[rig->event_count - 1].event, OTA_EVENT_VERIFY_FAILED);
        assert_int_equal(rig->events[rig->event_count - 1].error, OTA_ERR_SIZE);
    }
    assert_rows(rig, "1:F8 2:F0-");
}

static void listed_versions_are_erased_but_for_the_running_one(void **state)
{
    static const struct rig_event expected[] = {{OTA_EVENT_CHECK_START, 0, OTA_OK},
                                                {OTA_EVENT_ERASE_FAILED, 3, OTA_ERR_STATE},
                                                {OTA_EVENT_ERASED, 1, OTA_OK},
                                                {OTA_EVENT_ERASED, 2, OTA_OK},
                                                {OTA_EVENT_NOT_AVAILABLE, 3, OTA_OK}};
    struct rig *rig = *state;
    const struct rig_image *third = rig_image(rig, 3, CODE);
    const struct rig_answer answer =
        text("{\"ota\":[{\"Version\":3,\"EraseVer\":true},{\"Version\":1,\"EraseVer\":true},"
             "{\"Version\":9,\"EraseVer\":true},{\"Version\":2,\"EraseVer\":true}]}");

    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DISABLED);
    rig_store(rig, third, BOOTCTL_VALID);
    rig_install(rig, third, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    assert_int_equal(start_and_run(rig, &answer, 1), RIG_DONE);
    assert_events(rig, expected, COUNT(expected));
    assert_rows(rig, "3:F8");
    assert_false(store_has(&rig->store, rig->images[1].name));
}

static void manifest_larger_than_its_limit_is_refused(void **state)
{
    static char large[MANIFEST_TEXT_MAX + 1];
    struct rig *rig = *state;
    struct rig_answer answer = {.status = 200, .body = large, .has_no_length = true};

    run_first(rig, BOOTCTL_VALID);
    memset(large, ' ', sizeof large);
    memcpy(large, "{\"ota\":[]}", 10);
    start(rig);
    answer.body_size = MANIFEST_TEXT_MAX;
    assert_int_equal(run(rig, &answer, 1), RIG_DONE);
    assert_int_equal(rig->events[1].event, OTA_EVENT_NOT_AVAILABLE);
    answer.body_size = MANIFEST_TEXT_MAX + 1;
    assert_int_equal(run(rig, &answer, 1), RIG_DONE);
    assert_int_equal(rig->events[1].event, OTA_EVENT_CHECK_FAILED);
    assert_int_equal(rig->events[1].error, OTA_ERR_LIMIT);
    assert_false(rig->server.is_open);
}

static void wrong_answers_to_a_check_are_failures(void **state)
{
    static const struct {
        struct rig_answer answer;
        enum ota_err err;
    } cases[] = {
        {{.status = 404}, OTA_ERR_HTTP},
        {{.status = 206, .body = "{\"ota\":[]}", .body_size = 10}, OTA_ERR_HTTP},
        {{.status = 204}, OTA_ERR_HTTP},
        {{.status = 200}, OTA_ERR_FORMAT},
        {{.status = 200, .body = "<html>", .body_size = 6}, OTA_ERR_FORMAT},
        {{.status = 200, .body = "{\"ota\":[]}", .body_size = 10, .end = OTA_ERR_NET}, OTA_ERR_NET},
        {{.end = OTA_ERR_TLS}, OTA_ERR_TLS},
        {{.open_err = OTA_ERR_FORMAT}, OTA_ERR_FORMAT},
    };
    struct rig *rig = *state;

    run_first(rig, BOOTCTL_VALID);
    start(rig);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(run(rig, &cases[i].answer, 1), RIG_DONE);
        assert_int_equal(rig->events[1].event, OTA_EVENT_CHECK_FAILED);
        assert_int_equal(rig->events[1].error, cases[i].err);
        assert_false(rig->server.is_open);
        assert_false(ota_is_settled(&rig->ota));
    }
}

/* The bootloader has seen it and did not start it: to reset for it again would never end. */
static void image_that_waits_in_the_store_is_no_reason_for_a_reset(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE);
    const struct rig_answer answers[] = {offer(0, second, 2)};

    run_first(rig, BOOTCTL_VALID);
    rig_store(rig, second, BOOTCTL_DOWNLOADED);
    assert_int_equal(start_and_run(rig, answers, 1), RIG_DONE);
    assert_int_equal(rig->ota.state, OTA_STATE_WAIT);
    assert_int_equal(rig->events[rig->event_count - 1].event, OTA_EVENT_NOT_AVAILABLE);
}

static void progress_is_told_while_it_lasts(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE);
    const struct rig_answer answers[] = {offer(0, second, 2), body(second)};
    uint32_t bytes = 1, total = 1, last = 0;

    run_first(rig, BOOTCTL_VALID);
    start(rig);
    rig_answers(rig, answers, 2);
    ota_progress(&rig->ota, &bytes, &total);
    assert_int_equal(bytes + total, 0);
    while (rig->ota.state != OTA_STATE_READY) {
        rig->now_ms += ota_service_task(&rig->ota);
        ota_progress(&rig->ota, &bytes, &total);
        assert_true(rig->ota.state == OTA_STATE_READY || bytes >= last);
        assert_true(total == 0 || total == second->size);
        last = bytes > last ? bytes : last;
    }
    assert_int_equal(last, second->size);
    assert_int_equal(bytes + total, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(update_goes_from_check_to_reset),
        TEST(nothing_newer_waits_for_the_next_period),
        TEST(failed_checks_back_off_and_never_stop),
        TEST(wish_of_the_server_to_be_asked_later_is_honoured),
        TEST(without_periods_it_is_idle),
        TEST(without_auto_update_the_offer_waits),
        TEST(without_auto_reset_the_image_waits),
        TEST(broken_download_is_told_and_goes_on_later),
        TEST(wrong_digest_hours_apart_is_remembered_in_the_end),
        TEST(wrong_answers_within_minutes_ban_nothing),
        TEST(line_that_gets_further_each_time_is_not_backed_off_from),
        TEST(wrong_digests_are_counted_for_each_offer),
        TEST(image_that_may_not_run_is_remembered_at_once),
        TEST(file_too_large_is_remembered_like_a_wrong_one),
        TEST(listed_versions_are_erased_but_for_the_running_one),
        TEST(manifest_larger_than_its_limit_is_refused),
        TEST(wrong_answers_to_a_check_are_failures),
        TEST(image_that_waits_in_the_store_is_no_reason_for_a_reset),
        TEST(progress_is_told_while_it_lasts),
    };

    return cmocka_run_group_tests_name("ota", tests, NULL, NULL);
}
