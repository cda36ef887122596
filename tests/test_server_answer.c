#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/manifest.h"
#include "sim/server/server_answer.h"

#define BIG   10000
#define IMAGE "/v2.bin"

static uint8_t big[BIG];
static const char manifest[] = "{\"ota\": []}\n";

struct bench {
    struct server server;
    struct server_memory memory;
    struct server_answer answer;
};

static int setup(void **state)
{
    static struct bench bench;

    for (uint32_t i = 0; i < BIG; i++)
        big[i] = (uint8_t)(i * 31 >> 3);
    bench = (struct bench){
        .server = {.count = 2,
                   .files = {{SERVER_MANIFEST, (const uint8_t *)manifest, sizeof manifest - 1,
                              "\"m\""},
                             {IMAGE, big, BIG, "\"v2\""}}},
    };
    *state = &bench;
    return 0;
}

static struct scenario_fault *add(struct bench *bench, enum fault_kind kind, uint32_t value)
{
    struct scenario_fault *fault = &bench->server.faults[bench->server.fault_count++];

    *fault = (struct scenario_fault){.kind = kind, .on = FAULT_ON_ANY, .value = value};
    return fault;
}

static struct scenario_fault *add_at(struct bench *bench, enum fault_kind kind, uint32_t at)
{
    struct scenario_fault *fault = add(bench, kind, 0);

    fault->at = at;
    return fault;
}

static const struct server_answer *get(struct bench *bench, const char *path, uint32_t from,
                                       const char *validator)
{
    const struct transport_request request = {path, from, validator};

    server_answer_make(&bench->server, &bench->memory, path, &request, &bench->answer);
    return &bench->answer;
}

static const struct server_answer *get_image(struct bench *bench)
{
    return get(bench, IMAGE, 0, NULL);
}

/* The whole of a body that ends, taken as it comes. */
static uint32_t take(struct bench *bench, uint8_t *to, uint32_t room)
{
    struct server_answer *answer = &bench->answer;

    assert_true(answer->size <= room);
    for (uint64_t at = 0; at < answer->size; at += answer->segment) {
        uint64_t left = answer->size - at;
        uint32_t size = left < answer->segment ? (uint32_t)left : answer->segment;
        server_answer_read(answer, at, to + at, size);
    }
    server_answer_reach(answer, &bench->memory, answer->size);
    return (uint32_t)answer->size;
}

static void assert_plain(struct bench *bench)
{
    uint8_t data[BIG];

    assert_int_equal(bench->answer.failure, OTA_OK);
    assert_int_equal(bench->answer.response.status, 200);
    assert_int_equal(take(bench, data, sizeof data), BIG);
    assert_memory_equal(data, big, BIG);
    assert_int_equal(bench->answer.ending, OTA_OK);
}

static void without_faults_the_file_is_sent(void **state)
{
    struct bench *bench = *state;

    get_image(bench);
    assert_plain(bench);
    assert_int_equal(get(bench, "/none", 0, NULL)->response.status, 404);
    assert_int_equal(bench->answer.size, 0);
    assert_int_equal(bench->memory.fired, 0);
}

static void without_if_range_a_range_is_sent(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(get(bench, IMAGE, 100, NULL)->response.status, 206);
    assert_int_equal(get(bench, IMAGE, 100, "")->response.status, 206);
    assert_int_equal(get(bench, IMAGE, 100, "\"v2\"")->response.status, 206);
    assert_int_equal(bench->answer.start, 100);
    assert_int_equal(bench->answer.size, BIG - 100);
    assert_int_equal(get(bench, IMAGE, 100, "\"v1\"")->response.status, 200);
}

static void no_answer_at_all(void **state)
{
    static const struct {
        enum fault_kind kind;
        uint32_t value;
        enum ota_err failure;
    } cases[] = {{FAULT_DOWN, 0, OTA_ERR_NET},
                 {FAULT_CLOSE_EARLY, 0, OTA_ERR_NET},
                 {FAULT_UNTRUSTED, 0, OTA_ERR_TLS},
                 {FAULT_REDIRECT, 6, OTA_ERR_HTTP}};
    struct bench *bench = *state;

    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench->server.fault_count = 0;
        bench->memory = (struct server_memory){0};
        add(bench, cases[i].kind, cases[i].value);
        assert_int_equal(get_image(bench)->failure, cases[i].failure);
        assert_int_equal(bench->memory.fired, 1);
        assert_false(server_answer_is_known(&bench->answer, 1000));
    }
}

static void five_redirects_are_followed(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_REDIRECT, 5);
    get_image(bench);
    assert_plain(bench);
    assert_int_equal(bench->memory.fired, 1);
}

static void status_comes_with_no_file(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_STATUS, 503)->retry_after_s = 120;
    get(bench, IMAGE, 0, NULL);
    assert_int_equal(bench->answer.response.status, 503);
    assert_int_equal(bench->answer.response.retry_after_s, 120);
    assert_int_equal(bench->answer.size, 0);
    assert_string_equal(bench->answer.response.validator, "");
}

static void targets_are_told_apart(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_DOWN, 0)->on = FAULT_ON_MANIFEST;
    add(bench, FAULT_UNTRUSTED, 0)->on = FAULT_ON_IMAGES;
    assert_int_equal(get(bench, SERVER_MANIFEST, 0, NULL)->failure, OTA_ERR_NET);
    assert_int_equal(bench->memory.fired, 1);
    assert_int_equal(get_image(bench)->failure, OTA_ERR_TLS);
    assert_int_equal(bench->memory.fired, 3);
}

static void skip_and_times_count_requests_of_the_target(void **state)
{
    struct bench *bench = *state;
    struct scenario_fault *fault = add(bench, FAULT_DOWN, 0);

    fault->on = FAULT_ON_IMAGES;
    fault->skip = 2;
    fault->times = 3;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(get(bench, SERVER_MANIFEST, 0, NULL)->failure, OTA_OK);
        assert_int_equal(get_image(bench)->failure, i >= 2 && i < 5 ? OTA_ERR_NET : OTA_OK);
        assert_int_equal(bench->memory.fired, i >= 2);
    }
}

static void without_times_it_goes_on_for_ever(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_DOWN, 0)->skip = 1;
    assert_int_equal(get_image(bench)->failure, OTA_OK);
    for (int i = 0; i < 100; i++)
        assert_int_equal(get_image(bench)->failure, OTA_ERR_NET);
}

/* Those that leave nothing do not use each other's requests up, nor those of the others. */
static void total_faults_come_one_after_the_other(void **state)
{
    struct bench *bench = *state;

    add_at(bench, FAULT_TRUNCATE, 10)->times = 1;
    add(bench, FAULT_DOWN, 0)->times = 2;
    add(bench, FAULT_STATUS, 500)->times = 1;
    add(bench, FAULT_HTML, 0)->times = 1;
    add(bench, FAULT_EMPTY, 0)->times = 1;
    assert_int_equal(get_image(bench)->failure, OTA_ERR_NET);
    assert_int_equal(get_image(bench)->failure, OTA_ERR_NET);
    assert_int_equal(get_image(bench)->response.status, 500);
    assert_int_equal(bench->memory.seen[0], 0);
    assert_int_equal(get_image(bench)->content, CONTENT_HTML);
    assert_int_equal(bench->answer.size, 10);
    assert_int_equal(get_image(bench)->size, 0);
    get_image(bench);
    assert_plain(bench);
}

static void truncated_body_ends_with_a_network_error(void **state)
{
    struct bench *bench = *state;
    uint8_t data[BIG];

    add_at(bench, FAULT_TRUNCATE, 30)->at_is_percent = true;
    get_image(bench);
    assert_int_equal(bench->answer.response.length, BIG);
    assert_int_equal(bench->memory.fired, 0);
    assert_int_equal(take(bench, data, sizeof data), 3000);
    assert_memory_equal(data, big, 3000);
    assert_int_equal(bench->answer.ending, OTA_ERR_NET);
    assert_int_equal(bench->memory.fired, 1);
}

static void percentages_are_of_the_body_that_is_sent(void **state)
{
    struct bench *bench = *state;

    add_at(bench, FAULT_TRUNCATE, 50)->at_is_percent = true;
    assert_int_equal(get(bench, IMAGE, 8000, "\"v2\"")->size, 1000);
    assert_int_equal(get(bench, IMAGE, BIG, "\"v2\"")->response.status, 416);
    assert_int_equal(bench->answer.ending, OTA_OK);
}

static void what_lies_behind_the_body_never_happens(void **state)
{
    static const enum fault_kind kinds[] = {FAULT_TRUNCATE, FAULT_RESET_AFTER, FAULT_STALL,
                                            FAULT_FLIP_BIT};
    struct bench *bench = *state;

    for (int i = 0; i < 4; i++)
        add_at(bench, kinds[i], BIG)->value = 1000;
    get_image(bench);
    assert_plain(bench);
    assert_int_equal(bench->memory.fired, 0);
    assert_int_equal(server_answer_arrived(&bench->answer, 0), BIG);
}

static void reset_loses_what_was_under_way(void **state)
{
    struct bench *bench = *state;
    uint8_t data[BIG];

    add_at(bench, FAULT_RESET_AFTER, 5000);
    get_image(bench);
    assert_int_equal(take(bench, data, sizeof data), 5000 - 1460);
    assert_int_equal(bench->answer.ending, OTA_ERR_NET);
    assert_int_equal(bench->memory.fired, 1);
    bench->server.faults[0].at = 1000;
    assert_int_equal(get_image(bench)->size, 0);
    assert_int_equal(bench->answer.ending, OTA_ERR_NET);
}

static void stall_stops_time_at_a_byte(void **state)
{
    struct bench *bench = *state;
    struct server_answer *answer = &bench->answer;

    add_at(bench, FAULT_STALL, 4000)->value = 500;
    get_image(bench);
    assert_true(server_answer_is_known(answer, 0));
    assert_int_equal(server_answer_arrived(answer, 0), 4000);
    assert_int_equal(server_answer_arrived(answer, 499), 4000);
    assert_int_equal(server_answer_arrived(answer, 500), BIG);
    server_answer_reach(answer, &bench->memory, 3999);
    assert_int_equal(bench->memory.fired, 0);
    server_answer_reach(answer, &bench->memory, 4000);
    assert_int_equal(bench->memory.fired, 1);
}

static void stall_at_0_holds_the_headers_back(void **state)
{
    struct bench *bench = *state;

    add_at(bench, FAULT_STALL, 0)->value = 500;
    get_image(bench);
    assert_false(server_answer_is_known(&bench->answer, 499));
    assert_int_equal(server_answer_arrived(&bench->answer, 499), 0);
    assert_true(server_answer_is_known(&bench->answer, 500));
}

static void rate_is_a_straight_line_and_stalls_shift_it(void **state)
{
    struct bench *bench = *state;
    struct server_answer *answer = &bench->answer;

    add(bench, FAULT_RATE, 1000);
    get_image(bench);
    assert_int_equal(bench->memory.fired, 1);
    assert_int_equal(server_answer_arrived(answer, 0), 0);
    assert_int_equal(server_answer_arrived(answer, 10), 10);
    assert_int_equal(server_answer_arrived(answer, 9999), 9999);
    assert_int_equal(server_answer_arrived(answer, UINT32_MAX), BIG);
    add_at(bench, FAULT_STALL, 2000)->value = 3000;
    get_image(bench);
    assert_int_equal(server_answer_arrived(answer, 1999), 1999);
    assert_int_equal(server_answer_arrived(answer, 4000), 2000);
    assert_int_equal(server_answer_arrived(answer, 5000), 2000);
    assert_int_equal(server_answer_arrived(answer, 6000), 3000);
}

static void chunk_is_at_most_a_segment(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_CHUNK, 7);
    assert_int_equal(get_image(bench)->segment, 7);
    assert_plain(bench);
    bench->server.faults[0].value = 100000;
    assert_int_equal(get_image(bench)->segment, 4096);
}

static void one_bit_flips_wherever_segments_end(void **state)
{
    static const uint32_t places[] = {0, 1, 4095, 4096, BIG - 1};
    struct bench *bench = *state;
    uint8_t data[BIG];

    for (int i = 0; i < 5; i++)
        add_at(bench, FAULT_FLIP_BIT, places[i]);
    get_image(bench);
    take(bench, data, sizeof data);
    assert_int_equal(bench->memory.fired, 31);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(data[places[i]] ^ big[places[i]], 0x04);
        data[places[i]] = big[places[i]];
    }
    assert_memory_equal(data, big, BIG);
}

static void flip_fires_when_its_byte_has_gone(void **state)
{
    struct bench *bench = *state;

    add_at(bench, FAULT_FLIP_BIT, 100);
    get_image(bench);
    server_answer_reach(&bench->answer, &bench->memory, 100);
    assert_int_equal(bench->memory.fired, 0);
    server_answer_reach(&bench->answer, &bench->memory, 101);
    assert_int_equal(bench->memory.fired, 1);
}

static void wrong_length_is_more_than_there_is(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_WRONG_LENGTH, 100);
    get_image(bench);
    assert_int_equal(bench->answer.response.length, BIG + 100);
    assert_int_equal(bench->answer.size, BIG);
    assert_int_equal(bench->answer.ending, OTA_ERR_NET);
    get(bench, IMAGE, 50, "\"v2\"");
    assert_int_equal(bench->answer.response.status, 206);
    assert_false(bench->answer.response.has_range);
    assert_int_equal(get(bench, IMAGE, BIG, "\"v2\"")->response.status, 416);
    assert_int_equal(bench->answer.ending, OTA_OK);
}

/* The end of the connection is then the end of the body. */
static void without_a_length_a_truncated_body_looks_complete(void **state)
{
    struct bench *bench = *state;

    add_at(bench, FAULT_TRUNCATE, 10);
    add(bench, FAULT_NO_LENGTH, 0);
    get_image(bench);
    assert_false(bench->answer.response.has_length);
    assert_int_equal(bench->answer.size, 10);
    assert_int_equal(bench->answer.ending, OTA_OK);
    bench->server.faults[0].kind = FAULT_RESET_AFTER;
    assert_int_equal(get_image(bench)->ending, OTA_ERR_NET);
}

static void range_faults_count_ranges_only(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_NO_RANGE, 0)->times = 1;
    get_image(bench);
    assert_int_equal(get(bench, IMAGE, 5, "\"other\"")->response.status, 200);
    assert_int_equal(bench->memory.fired, 0);
    assert_int_equal(get(bench, IMAGE, 5, "\"v2\"")->response.status, 200);
    assert_int_equal(bench->memory.fired, 1);
    assert_int_equal(bench->answer.size, BIG);
    assert_int_equal(get(bench, IMAGE, 5, "\"v2\"")->response.status, 206);
}

static void wrong_range_begins_too_early_and_says_so(void **state)
{
    struct bench *bench = *state;
    uint8_t data[BIG];

    add(bench, FAULT_WRONG_RANGE, 1000);
    get(bench, IMAGE, 5000, "\"v2\"");
    assert_int_equal(bench->answer.response.range_from, 4000);
    assert_int_equal(bench->answer.response.range_total, BIG);
    assert_int_equal(bench->answer.response.length, BIG - 4000);
    take(bench, data, sizeof data);
    assert_memory_equal(data, big + 4000, BIG - 4000);
    get(bench, IMAGE, 500, "\"v2\"");
    assert_int_equal(bench->answer.response.status, 206);
    assert_int_equal(bench->answer.response.range_from, 0);
}

static void short_range_says_where_it_ends_by_its_length(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_SHORT_RANGE, 300);
    assert_int_equal(get_image(bench)->size, BIG);
    assert_int_equal(bench->memory.fired, 0);
    const struct server_answer *answer = get(bench, IMAGE, 100, NULL);
    assert_int_equal(answer->response.status, 206);
    assert_int_equal(answer->size, 300);
    assert_int_equal(answer->response.length, 300);
    assert_int_equal(answer->response.range_total, BIG);
    assert_int_equal(get(bench, IMAGE, BIG - 10, NULL)->size, 10);
    assert_int_equal(bench->memory.fired, 1);
}

static void range_comes_where_none_was_asked_for(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_ANY_RANGE, 0);
    const struct server_answer *answer = get_image(bench);
    assert_int_equal(answer->response.status, 206);
    assert_int_equal(answer->response.range_from, 0);
    assert_int_equal(answer->size, BIG);
    assert_int_equal(bench->memory.fired, 1);
}

static void if_range_is_ignored_where_it_would_matter(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_NO_IF_RANGE, 0);
    get(bench, IMAGE, 100, "\"v2\"");
    assert_int_equal(bench->memory.fired, 0);
    assert_int_equal(get(bench, IMAGE, 100, "\"v1\"")->response.status, 206);
    assert_string_equal(bench->answer.response.validator, "\"v2\"");
    assert_int_equal(bench->memory.fired, 1);
}

static void one_etag_is_that_of_every_file(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_ONE_ETAG, 0);
    assert_string_equal(get_image(bench)->response.validator, "\"one\"");
    assert_string_equal(get(bench, SERVER_MANIFEST, 0, NULL)->response.validator, "\"one\"");
    assert_int_equal(get(bench, IMAGE, 100, "\"one\"")->response.status, 206);
}

static void shorter_file_says_its_own_size(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_SHORTER, 1000);
    assert_int_equal(get_image(bench)->size, BIG - 1000);
    assert_int_equal(bench->answer.response.length, BIG - 1000);
    assert_string_equal(bench->answer.response.validator, "\"v2\"");
    assert_int_equal(get(bench, IMAGE, 100, "\"v2\"")->response.range_total, BIG - 1000);
    bench->server.faults[0].value = 2 * BIG;
    assert_int_equal(get_image(bench)->size, 0);
    assert_int_equal(bench->answer.ending, OTA_OK);
}

static void without_a_validator_no_range_fits(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_NO_VALIDATOR, 0);
    assert_string_equal(get_image(bench)->response.validator, "");
    assert_int_equal(get(bench, IMAGE, 5, "\"v2\"")->response.status, 200);
    assert_int_equal(get(bench, IMAGE, 5, NULL)->response.status, 206);
}

static void changed_file_has_another_validator_and_its_own_ranges(void **state)
{
    struct bench *bench = *state;
    uint8_t data[BIG];

    add(bench, FAULT_CHANGED, 0);
    assert_int_equal(get(bench, IMAGE, 5, "\"v2\"")->response.status, 200);
    assert_string_equal(bench->answer.response.validator, "\"changed\"");
    assert_int_equal(take(bench, data, sizeof data), BIG);
    for (uint32_t i = 0; i < BIG; i++)
        assert_int_not_equal(data[i], big[i]);
    assert_int_equal(get(bench, IMAGE, 5, "\"changed\"")->response.status, 206);
}

static void noise_is_the_same_each_time(void **state)
{
    struct bench *bench = *state;
    uint8_t first[BIG], second[BIG];
    uint32_t ones = 0;

    add(bench, FAULT_GARBAGE, 0);
    get_image(bench);
    assert_int_equal(take(bench, first, sizeof first), BIG);
    get(bench, IMAGE, 1000, "\"v2\"");
    assert_int_equal(take(bench, second, sizeof second), BIG - 1000);
    assert_memory_equal(first + 1000, second, BIG - 1000);
    for (uint32_t i = 0; i < BIG; i++)
        ones += (uint32_t)__builtin_popcount(first[i]);
    assert_in_range(ones, 4 * BIG * 95 / 100, 4 * BIG * 105 / 100);
}

static void pages_ignore_ranges(void **state)
{
    struct bench *bench = *state;
    uint8_t data[BIG];

    add(bench, FAULT_HTML, 0);
    get(bench, IMAGE, 100, "\"v2\"");
    assert_int_equal(bench->answer.response.status, 200);
    assert_string_equal(bench->answer.response.validator, "");
    uint32_t size = take(bench, data, sizeof data);
    assert_int_equal(bench->answer.response.length, size);
    assert_memory_equal(data, "<!DOCTYPE html>", 15);
}

static void empty_body_has_a_length_of_0(void **state)
{
    struct bench *bench = *state;

    add(bench, FAULT_EMPTY, 0);
    get_image(bench);
    assert_int_equal(bench->answer.response.status, 200);
    assert_true(bench->answer.response.has_length);
    assert_int_equal(bench->answer.response.length, 0);
    assert_int_equal(bench->answer.size, 0);
}

static void endless_body_is_the_file_and_then_blanks(void **state)
{
    struct bench *bench = *state;
    uint8_t data[20];

    add(bench, FAULT_ENDLESS, 0);
    add_at(bench, FAULT_FLIP_BIT, 50)->at_is_percent = true;
    get_image(bench);
    assert_false(bench->answer.response.has_length);
    assert_true(bench->answer.size == SERVER_ANSWER_ENDLESS);
    assert_int_equal(bench->answer.at[1], BIG / 2 + 1);
    server_answer_read(&bench->answer, BIG - 10, data, 20);
    assert_memory_equal(data, big + BIG - 10, 10);
    assert_memory_equal(data + 10, "          ", 10);
    server_answer_read(&bench->answer, 1ull << 40, data, 1);
    assert_int_equal(data[0], ' ');
}

static void deep_body_is_json_that_no_device_parses(void **state)
{
    static struct manifest parsed;
    struct bench *bench = *state;
    uint8_t data[BIG];
    int depth = 0, deepest = 0;

    add(bench, FAULT_DEEP, 0);
    get(bench, SERVER_MANIFEST, 0, NULL);
    uint32_t size = take(bench, data, sizeof data);
    for (uint32_t i = 0; i < size; i++) {
        depth += (data[i] == '[') - (data[i] == ']');
        deepest = depth > deepest ? depth : deepest;
    }
    assert_int_equal(depth, 0);
    assert_int_equal(deepest, 1000);
    assert_int_equal(manifest_parse((char *)data, size, &parsed), OTA_ERR_LIMIT);
}

static void faults_of_an_answer_add_up(void **state)
{
    struct bench *bench = *state;
    uint8_t data[BIG];

    add(bench, FAULT_CHANGED, 0);
    add(bench, FAULT_NO_LENGTH, 0);
    add(bench, FAULT_CHUNK, 100);
    add(bench, FAULT_RATE, 100);
    add_at(bench, FAULT_FLIP_BIT, 3);
    add_at(bench, FAULT_STALL, 4)->value = 1;
    add_at(bench, FAULT_TRUNCATE, 5);
    get_image(bench);
    assert_int_equal(take(bench, data, sizeof data), 5);
    assert_int_equal(data[3], (uint8_t)~big[3] ^ 0x04);
    assert_int_equal(bench->memory.fired, 127);
}

static void copy_is_a_snapshot(void **state)
{
    struct bench *bench = *state;
    struct server_memory before;

    add(bench, FAULT_DOWN, 0)->times = 1;
    before = bench->memory;
    assert_int_equal(get_image(bench)->failure, OTA_ERR_NET);
    assert_int_equal(get_image(bench)->failure, OTA_OK);
    bench->memory = before;
    assert_int_equal(get_image(bench)->failure, OTA_ERR_NET);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_faults_the_file_is_sent),
        TEST(without_if_range_a_range_is_sent),
        TEST(no_answer_at_all),
        TEST(five_redirects_are_followed),
        TEST(status_comes_with_no_file),
        TEST(targets_are_told_apart),
        TEST(skip_and_times_count_requests_of_the_target),
        TEST(without_times_it_goes_on_for_ever),
        TEST(total_faults_come_one_after_the_other),
        TEST(truncated_body_ends_with_a_network_error),
        TEST(percentages_are_of_the_body_that_is_sent),
        TEST(what_lies_behind_the_body_never_happens),
        TEST(reset_loses_what_was_under_way),
        TEST(stall_stops_time_at_a_byte),
        TEST(stall_at_0_holds_the_headers_back),
        TEST(rate_is_a_straight_line_and_stalls_shift_it),
        TEST(chunk_is_at_most_a_segment),
        TEST(one_bit_flips_wherever_segments_end),
        TEST(flip_fires_when_its_byte_has_gone),
        TEST(wrong_length_is_more_than_there_is),
        TEST(without_a_length_a_truncated_body_looks_complete),
        TEST(range_faults_count_ranges_only),
        TEST(wrong_range_begins_too_early_and_says_so),
        TEST(short_range_says_where_it_ends_by_its_length),
        TEST(range_comes_where_none_was_asked_for),
        TEST(if_range_is_ignored_where_it_would_matter),
        TEST(one_etag_is_that_of_every_file),
        TEST(shorter_file_says_its_own_size),
        TEST(without_a_validator_no_range_fits),
        TEST(changed_file_has_another_validator_and_its_own_ranges),
        TEST(noise_is_the_same_each_time),
        TEST(pages_ignore_ranges),
        TEST(empty_body_has_a_length_of_0),
        TEST(endless_body_is_the_file_and_then_blanks),
        TEST(deep_body_is_json_that_no_device_parses),
        TEST(faults_of_an_answer_add_up),
        TEST(copy_is_a_snapshot),
    };

    return cmocka_run_group_tests_name("server_answer", tests, NULL, NULL);
}
