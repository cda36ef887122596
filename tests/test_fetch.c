#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/sha.h>

#include "core/bytes.h"
#include "core/fetch.h"
#include "tests/rig.h"

#define SIZE             100000
#define SIZE_MAX_OF_FILE 120000
#define STEPS_MAX        100000
#define COUNT(answers)   ((uint32_t)(sizeof(answers) / sizeof *(answers)))

static const uint8_t digest[CRYPTO_SHA256_SIZE] = {9, 8, 7};
static uint8_t file[2 * SIZE_MAX_OF_FILE];
static struct fetch fetch;
static uint32_t sized; /* times that FETCH_SIZED was shown */

static int set_up(void **state)
{
    uint32_t seed = 7;

    for (size_t i = 0; i < sizeof file; i++) {
        seed = seed * 1664525u + 1013904223u;
        file[i] = (uint8_t)(seed >> 24);
    }
    if (rig_setup(state))
        return -1;
    rig_format(*state);
    return 0;
}

static struct rig_answer whole(const char *validator)
{
    return (struct rig_answer){
        .status = 200, .body = file, .body_size = SIZE, .validator = validator};
}

/* The first bytes of the file, then the connection breaks. */
static struct rig_answer broken(uint32_t size, const char *validator)
{
    return (struct rig_answer){.status = 200,
                               .body = file,
                               .body_size = size,
                               .length = SIZE,
                               .validator = validator,
                               .end = OTA_ERR_NET};
}

static struct rig_answer rest(uint32_t from, const char *validator)
{
    return (struct rig_answer){.status = 206,
                               .body = file + from,
                               .body_size = SIZE - from,
                               .has_range = true,
                               .range_from = from,
                               .range_total = SIZE,
                               .validator = validator};
}

static enum fetch_state run(struct rig *rig)
{
    enum fetch_state state = FETCH_REHASH;

    memset(&fetch, 0xA5, sizeof fetch);
    sized = 0;
    assert_int_equal(
        fetch_start(&fetch, &rig->hal, &rig->store, RIG_URL, digest, SIZE_MAX_OF_FILE, rig->buffer),
        OTA_OK);
    for (int i = 0; i < STEPS_MAX; i++) {
        uint32_t operations = rig->supply.operations;
        state = fetch_step(&fetch);
        if (state == FETCH_DONE || state == FETCH_FAILED)
            return state;
        if (state != FETCH_SIZED)
            continue;
        sized++;
        if (fetch.part.size == 0) /* of a response from the front, at most the label */
            assert_in_range(rig->supply.operations - operations, 0, 12);
        else
            assert_int_equal(rig->supply.operations, operations);
    }
    fail_msg("the fetch never ends");
    return state;
}

static void assert_done(struct rig *rig)
{
    uint8_t expected[CRYPTO_SHA256_SIZE];

    assert_int_equal(fetch.state, FETCH_DONE);
    assert_false(rig->server.is_open);
    assert_int_equal(fetch.part.size, SIZE);
    assert_int_equal(fetch.part.synced_size, SIZE);
    SHA256(file, SIZE, expected);
    assert_memory_equal(fetch.digest, expected, sizeof expected);
    for (uint32_t at = 0; at < SIZE; at += 4096) {
        struct image_source *source = &fetch.part.file.source;
        uint32_t size = bytes_min(4096, SIZE - at);
        assert_int_equal(source->read(source, at, rig->buffer, size), OTA_OK);
        assert_memory_equal(rig->buffer, file + at, size);
    }
    fetch_stop(&fetch);
}

static void assert_done_by(struct rig *rig, const struct rig_answer *answers, uint32_t count)
{
    rig_answers(rig, answers, count);
    run(rig);
    assert_done(rig);
    assert_int_equal(rig->server.request_count, count);
}

/* It failed for this reason, and so many bytes, the right ones, wait for the next try. */
static void assert_failed(struct rig *rig, enum ota_err err, uint32_t kept)
{
    struct part part;

    assert_int_equal(fetch.state, FETCH_FAILED);
    assert_int_equal(fetch.error, err);
    assert_int_equal(fetch_step(&fetch), FETCH_FAILED);
    assert_false(rig->server.is_open);
    assert_null(rig->store.lfs.mlist);
    assert_int_equal(part_open(&part, &rig->store, digest), OTA_OK);
    assert_int_equal(part.size, kept);
    for (uint32_t at = 0; at < kept; at += 4096) {
        uint32_t size = bytes_min(4096, kept - at);
        assert_int_equal(part.file.source.read(&part.file.source, at, rig->buffer, size), OTA_OK);
        assert_memory_equal(rig->buffer, file + at, size);
    }
    part_close(&part);
}

static void fail_by(struct rig *rig, struct rig_answer answer, enum ota_err err, uint32_t kept)
{
    rig_answers(rig, &answer, 1);
    run(rig);
    assert_failed(rig, err, kept);
}

/* So many bytes of an earlier try, with this validator. */
static void keep(struct rig *rig, uint32_t size, const char *validator)
{
    fail_by(rig, broken(size, validator), OTA_ERR_NET, size);
}

static void whole_file_is_fetched(void **state)
{
    const struct rig_answer answers[] = {whole("\"1\"")};
    struct rig *rig = *state;

    assert_done_by(rig, answers, 1);
    assert_int_equal(sized, 1);
    assert_string_equal(rig->server.requests[0].url, RIG_URL);
    assert_int_equal(rig->server.requests[0].range_from, 0);
    assert_false(rig->server.requests[0].has_validator);
}

static void file_of_unknown_size_is_fetched(void **state)
{
    struct rig_answer answer = whole("\"1\"");

    answer.has_no_length = true;
    assert_done_by(*state, &answer, 1);
    assert_int_equal(sized, 1);
}

static void slow_small_segments_are_put_together(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer = whole("\"1\"");

    answer.waits = 50;
    rig->server.segment = 7;
    assert_done_by(rig, &answer, 1);
}

static void broken_download_goes_on_where_it_stopped(void **state)
{
    const struct rig_answer answers[] = {rest(70001, "\"1\"")};
    struct rig *rig = *state;

    keep(rig, 70001, "\"1\"");
    rig_load(rig);
    assert_done_by(rig, answers, 1);
    assert_int_equal(sized, 1);
    assert_int_equal(rig->server.requests[0].range_from, 70001);
    assert_true(rig->server.requests[0].has_validator);
    assert_string_equal(rig->server.requests[0].validator, "\"1\"");
    assert_int_equal(rig_count_log(rig, LOG_OTA_RESTART), 0);
}

static void download_goes_on_again_and_again(void **state)
{
    struct rig *rig = *state;

    keep(rig, 30000, "\"1\"");
    for (uint32_t from = 30000; from < SIZE; from += 10000) {
        struct rig_answer answer = rest(from, "\"1\"");
        answer.length = SIZE - from;
        answer.body_size = 10000;
        answer.end = from + 10000 < SIZE ? OTA_ERR_NET : OTA_OK;
        if (answer.end)
            fail_by(rig, answer, OTA_ERR_NET, from + 10000);
        else
            assert_done_by(rig, &answer, 1);
    }
}

static void complete_file_is_not_asked_for_again(void **state)
{
    const struct rig_answer answers[] = {whole("\"1\"")};
    struct rig *rig = *state;

    assert_done_by(rig, answers, 1);
    rig_load(rig);
    assert_done_by(rig, NULL, 0);
    assert_int_equal(sized, 0);
}

static void complete_file_without_a_validator_is_not_asked_for_again(void **state)
{
    const struct rig_answer answers[] = {whole(NULL)};
    struct rig *rig = *state;

    assert_done_by(rig, answers, 1);
    rig_load(rig);
    assert_done_by(rig, NULL, 0);
}

static void whole_file_instead_of_the_rest_starts_again(void **state)
{
    const struct rig_answer answers[] = {whole("\"2\"")};
    struct rig *rig = *state;

    keep(rig, 70000, "\"1\"");
    assert_done_by(rig, answers, 1);
    assert_int_equal(rig->server.requests[0].range_from, 70000);
    assert_string_equal(fetch.part.label.validator, "\"2\"");
    assert_int_equal(rig_count_log(rig, LOG_OTA_RESTART), 1);
}

static void bytes_without_a_validator_are_not_gone_on_with(void **state)
{
    const struct rig_answer answers[] = {whole(NULL)};
    struct rig *rig = *state;

    keep(rig, 70000, NULL);
    assert_done_by(rig, answers, 1);
    assert_int_equal(rig->server.requests[0].range_from, 0);
    assert_false(rig->server.requests[0].has_validator);
}

/* The rest that is not the rest: each is thrown away and the whole file asked for. */
static void wrong_rest_starts_again(void **state)
{
    struct rig *rig = *state;
    struct rig_answer wrong[] = {rest(60001, "\"1\""), rest(59999, "\"1\""), rest(0, "\"1\""),
                                 rest(60000, "\"2\""), rest(60000, NULL),    rest(60000, "\"1\""),
                                 rest(60000, "\"1\""), {.status = 416}};

    wrong[5].has_range = false;
    wrong[6].range_total = SIZE + 1;
    for (uint32_t i = 0; i < COUNT(wrong); i++) {
        const struct rig_answer answers[] = {wrong[i], whole("\"1\"")};
        rig_format(rig);
        keep(rig, 60000, "\"1\"");
        assert_done_by(rig, answers, 2);
        assert_int_equal(rig->server.requests[0].range_from, 60000);
        assert_int_equal(rig->server.requests[1].range_from, 0);
        assert_false(rig->server.requests[1].has_validator);
        assert_int_equal(rig_count_log(rig, LOG_OTA_RESTART), 1);
    }
}

static void rest_of_a_file_whose_size_is_not_told_is_taken(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer = rest(60000, "\"1\"");

    keep(rig, 60000, "\"1\"");
    answer.range_total = 0;
    answer.has_no_length = true;
    assert_done_by(rig, &answer, 1);
}

/* Whatever the server does, a fetch asks twice at most. */
static void server_that_keeps_changing_its_mind_is_given_up(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answers[20];

    keep(rig, 60000, "\"1\"");
    for (uint32_t i = 0; i < COUNT(answers); i++)
        answers[i] = (struct rig_answer){.status = i % 2 ? 206 : 416, .has_range = true};
    rig_answers(rig, answers, COUNT(answers));
    run(rig);
    assert_failed(rig, OTA_ERR_HTTP, 0);
    assert_int_equal(rig->server.request_count, 2);
    assert_int_equal(sized, 0);
}

static void range_nobody_asked_for_is_refused(void **state)
{
    fail_by(*state, rest(0, "\"1\""), OTA_ERR_HTTP, 0);
    fail_by(*state, (struct rig_answer){.status = 416}, OTA_ERR_HTTP, 0);
}

static void file_announced_too_large_is_refused_before_a_byte(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer = whole("\"1\"");

    answer.length = SIZE_MAX_OF_FILE + 1;
    uint32_t before = rig->supply.operations;
    fail_by(rig, answer, OTA_ERR_SIZE, 0);
    assert_int_equal(sized, 0);
    assert_in_range(rig->supply.operations - before, 0, 12); /* the empty file, twice opened */
    answer.length = UINT64_C(0x100000000) + SIZE;
    fail_by(rig, answer, OTA_ERR_SIZE, 0);
    assert_int_equal(sized, 0);
}

static void file_that_turns_out_too_large_is_refused(void **state)
{
    struct rig_answer answer = {.status = 200,
                                .body = file,
                                .body_size = SIZE_MAX_OF_FILE + 1,
                                .has_no_length = true,
                                .validator = "\"1\""};

    rig_answers(*state, &answer, 1);
    run(*state);
    assert_int_equal(fetch.state, FETCH_FAILED);
    assert_int_equal(fetch.error, OTA_ERR_SIZE);
    assert_true(fetch.part.size <= SIZE_MAX_OF_FILE);
}

static void file_of_exactly_the_largest_size_is_taken(void **state)
{
    struct rig_answer answer = {.status = 200, .body = file, .body_size = SIZE_MAX_OF_FILE};

    for (int i = 0; i < 2; i++) {
        rig_format(*state);
        answer.has_no_length = i;
        rig_answers(*state, &answer, 1);
        assert_int_equal(run(*state), FETCH_DONE);
        assert_int_equal(fetch.part.size, SIZE_MAX_OF_FILE);
        fetch_stop(&fetch);
    }
}

static void short_body_is_a_failure_and_kept(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer = broken(SIZE - 1, "\"1\""), last = rest(SIZE - 1, "\"1\"");

    answer.end = OTA_OK;
    fail_by(rig, answer, OTA_ERR_NET, SIZE - 1);
    assert_done_by(rig, &last, 1);
}

static void more_than_announced_is_refused(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer = whole("\"1\"");

    answer.body_size = SIZE + 1;
    answer.length = SIZE;
    fail_by(rig, answer, OTA_ERR_HTTP, SIZE / 4096 * 4096);

    struct rig_answer more = rest(SIZE / 4096 * 4096, "\"1\"");
    more.body_size += 1;
    fail_by(rig, more, OTA_ERR_HTTP, SIZE / 4096 * 4096);
}

static void wish_to_be_asked_later_is_passed_on(void **state)
{
    struct rig *rig = *state;

    for (uint16_t status = 429; status <= 503; status += 74) {
        struct rig_answer answer = {.status = status, .retry_after_s = 1234};
        fail_by(rig, answer, OTA_ERR_HTTP, 0);
        assert_int_equal(fetch.retry_after_s, 1234);
    }
    keep(rig, 60000, "\"1\"");
    assert_int_equal(fetch.retry_after_s, 0);
    fail_by(rig, (struct rig_answer){.status = 503, .retry_after_s = 5}, OTA_ERR_HTTP, 60000);
    assert_int_equal(fetch.retry_after_s, 5);
}

static void answers_without_the_file_keep_the_bytes(void **state)
{
    static const uint16_t statuses[] = {100, 201, 204, 301, 304, 400, 401, 403, 404, 500, 502, 0};
    struct rig *rig = *state;

    keep(rig, 60000, "\"1\"");
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        fail_by(rig, (struct rig_answer){.status = statuses[i], .body = "<html>", .body_size = 6},
                OTA_ERR_HTTP, 60000);
}

static void failures_of_the_transport_keep_the_bytes(void **state)
{
    static const enum ota_err errors[] = {OTA_ERR_NET, OTA_ERR_TLS, OTA_ERR_TIMEOUT, OTA_ERR_HTTP,
                                          OTA_ERR_FORMAT};
    struct rig *rig = *state;

    keep(rig, 60000, "\"1\"");
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        fail_by(rig, (struct rig_answer){.open_err = errors[i]}, errors[i], 60000);
        fail_by(rig, (struct rig_answer){.end = errors[i]}, errors[i], 60000);
        struct rig_answer answer = rest(60000, "\"1\"");
        answer.body_size = 0;
        answer.length = 40000;
        answer.end = errors[i];
        fail_by(rig, answer, errors[i], 60000);
    }
}

static void fetch_can_be_stopped_at_any_step(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer = whole("\"1\"");
    bool is_over = false;

    answer.waits = 2;
    for (int steps = 0; !is_over; steps++) {
        struct part part;
        rig_format(rig);
        rig_answers(rig, &answer, 1);
        assert_int_equal(fetch_start(&fetch, &rig->hal, &rig->store, RIG_URL, digest,
                                     SIZE_MAX_OF_FILE, rig->buffer),
                         OTA_OK);
        for (int i = 0; i < steps && !is_over; i++)
            is_over = fetch_step(&fetch) == FETCH_DONE;
        uint32_t size = fetch.part.size;
        fetch_stop(&fetch);
        fetch_stop(&fetch);
        assert_null(rig->store.lfs.mlist);
        assert_false(rig->server.is_open);
        assert_int_equal(part_open(&part, &rig->store, digest), OTA_OK);
        assert_int_equal(part.size, size);
        part_close(&part);
    }
}

static void fetch_that_cannot_start_leaves_nothing_open(void **state)
{
    static const uint8_t other[CRYPTO_SHA256_SIZE] = {1};
    struct rig *rig = *state;

    keep(rig, 60000, "\"1\"");
    rig->spi.is_read_only = true;
    assert_int_equal(
        fetch_start(&fetch, &rig->hal, &rig->store, RIG_URL, other, SIZE_MAX_OF_FILE, rig->buffer),
        OTA_ERR_FLASH);
    rig->spi.is_read_only = false;
    assert_null(rig->store.lfs.mlist);
    const struct rig_answer answers[] = {whole("\"1\"")};
    assert_done_by(rig, answers, 1);
}

static void write_error_ends_the_fetch(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answer = whole("\"1\"");

    rig_answers(rig, &answer, 1);
    assert_int_equal(
        fetch_start(&fetch, &rig->hal, &rig->store, RIG_URL, digest, SIZE_MAX_OF_FILE, rig->buffer),
        OTA_OK);
    while (fetch.part.size < 80000)
        fetch_step(&fetch);
    rig->spi.is_read_only = true;
    while (fetch.state == FETCH_BODY)
        fetch_step(&fetch);
    rig->spi.is_read_only = false;
    assert_int_equal(fetch.error, OTA_ERR_FLASH);
    assert_failed(rig, OTA_ERR_FLASH, 16 * 4096); /* what was committed */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whole_file_is_fetched),
        TEST(file_of_unknown_size_is_fetched),
        TEST(slow_small_segments_are_put_together),
        TEST(broken_download_goes_on_where_it_stopped),
        TEST(download_goes_on_again_and_again),
        TEST(complete_file_is_not_asked_for_again),
        TEST(complete_file_without_a_validator_is_not_asked_for_again),
        TEST(whole_file_instead_of_the_rest_starts_again),
        TEST(bytes_without_a_validator_are_not_gone_on_with),
        TEST(wrong_rest_starts_again),
        TEST(rest_of_a_file_whose_size_is_not_told_is_taken),
        TEST(server_that_keeps_changing_its_mind_is_given_up),
        TEST(range_nobody_asked_for_is_refused),
        TEST(file_announced_too_large_is_refused_before_a_byte),
        TEST(file_that_turns_out_too_large_is_refused),
        TEST(file_of_exactly_the_largest_size_is_taken),
        TEST(short_body_is_a_failure_and_kept),
        TEST(more_than_announced_is_refused),
        TEST(wish_to_be_asked_later_is_passed_on),
        TEST(answers_without_the_file_keep_the_bytes),
        TEST(failures_of_the_transport_keep_the_bytes),
        TEST(fetch_can_be_stopped_at_any_step),
        TEST(fetch_that_cannot_start_leaves_nothing_open),
        TEST(write_error_ends_the_fetch),
    };

    return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
