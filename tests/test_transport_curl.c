#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <time.h>
#include <unistd.h>

#include "hal_posix/transport_curl.h"
#include "sim/server/http_server.h"
#include "tests/canned_server.h"

#define BIG_SIZE  (2 * 1024 * 1024)
#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK"
#define MOVED_ANSWER                                                                               \
    "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 3\r\n"                                  \
    "ETag: \"of the redirect\"\r\nConnection: close\r\n\r\nbye"

struct fixture {
    struct transport_curl curl;
    bool is_up;
    char root[64]; /* of the development server: big.bin */
    char url[256];
    struct http_server *server;
    struct canned_server canned[2];
    uint8_t *big;
    uint8_t *body;
    uint32_t body_size;
};

static const struct transport_curl_options plain_options = {
    .connect_timeout_ms = 3000, .low_speed_bytes = 1, .low_speed_s = 5};

static void transport_up(struct fixture *fixture, const struct transport_curl_options *options)
{
    if (fixture->is_up)
        transport_curl_deinit(&fixture->curl);
    assert_int_equal(transport_curl_init(&fixture->curl, options), OTA_OK);
    fixture->is_up = true;
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    char path[128];
    uint32_t value = 1;

    strcpy(fixture->root, "/tmp/test_transport_curl.XXXXXX");
    assert_non_null(mkdtemp(fixture->root));
    fixture->big = malloc(BIG_SIZE);
    fixture->body = malloc(BIG_SIZE);
    for (size_t i = 0; i < BIG_SIZE; i++) {
        value = value * 1664525 + 1013904223;
        fixture->big[i] = (uint8_t)(value >> 24);
    }
    snprintf(path, sizeof path, "%s/big.bin", fixture->root);
    FILE *file = fopen(path, "wb");
    assert_int_equal(fwrite(fixture->big, 1, BIG_SIZE, file), BIG_SIZE);
    fclose(file);
    const struct http_server_options options = {.directory = fixture->root};
    assert_int_equal(http_server_start(&options, &fixture->server), OTA_OK);
    canned_server_init(&fixture->canned[0]);
    canned_server_init(&fixture->canned[1]);
    transport_up(fixture, &plain_options);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    char path[128];

    transport_curl_deinit(&fixture->curl);
    canned_server_deinit(&fixture->canned[0]);
    canned_server_deinit(&fixture->canned[1]);
    http_server_stop(fixture->server);
    snprintf(path, sizeof path, "%s/big.bin", fixture->root);
    unlink(path);
    rmdir(fixture->root);
    free(fixture->big);
    free(fixture->body);
    free(fixture);
    return 0;
}

static struct transport *transport_of(struct fixture *fixture)
{
    return &fixture->curl.transport;
}

static const struct transport_response *response_of(struct fixture *fixture)
{
    return transport_response(transport_of(fixture));
}

/* Poll and read, never more than piece bytes at a time, to the end. */
static enum transport_state drain(struct fixture *fixture, uint32_t piece)
{
    struct transport *transport = transport_of(fixture);
    time_t limit = time(NULL) + 10;
    enum transport_state state;

    while ((state = transport_poll(transport)) == TRANSPORT_WAITING || state == TRANSPORT_BODY) {
        uint32_t left = BIG_SIZE - fixture->body_size;
        uint32_t count = 0;
        if (state == TRANSPORT_BODY)
            count = transport_read(transport, fixture->body + fixture->body_size,
                                   piece < left ? piece : left);
        fixture->body_size += count;
        if (!count)
            transport_curl_wait(&fixture->curl, 1000);
        assert_true(time(NULL) < limit);
    }
    return state;
}

static enum transport_state fetch_from(struct fixture *fixture, const char *url, uint32_t from,
                                       const char *validator)
{
    const struct transport_request request = {
        .url = url, .range_from = from, .validator = validator};

    fixture->body_size = 0;
    assert_int_equal(transport_open(transport_of(fixture), &request), OTA_OK);
    return drain(fixture, BIG_SIZE);
}

/* From the development server. */
static const char *file_url(struct fixture *fixture, const char *name)
{
    snprintf(fixture->url, sizeof fixture->url, "http://127.0.0.1:%u/%s",
             http_server_port(fixture->server), name);
    return fixture->url;
}

/* From a server of canned answers, which is started for it. */
static enum transport_state fetch_canned(struct fixture *fixture, struct canned_server *server)
{
    char url[64];

    canned_server_start(server);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/x", server->port);
    return fetch_from(fixture, url, 0, NULL);
}

static void assert_failure(struct fixture *fixture, enum transport_state state, enum ota_err err)
{
    assert_int_equal(state, TRANSPORT_FAILED);
    assert_string_equal(err_name(transport_failure(transport_of(fixture))), err_name(err));
}

/* ---- Against the development server ---- */

static void whole_file_arrives_with_length_and_validator(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(fetch_from(fixture, file_url(fixture, "big.bin"), 0, NULL), TRANSPORT_DONE);
    const struct transport_response *response = response_of(fixture);
    assert_int_equal(response->status, 200);
    assert_true(response->has_length);
    assert_int_equal(response->length, BIG_SIZE);
    assert_false(response->has_range);
    assert_int_equal(response->validator[0], '"');
    assert_int_equal(fixture->body_size, BIG_SIZE);
    assert_memory_equal(fixture->body, fixture->big, BIG_SIZE);
}

static void small_reads_get_every_byte_in_order(void **state)
{
    struct fixture *fixture = *state;
    const struct transport_request request = {.url = file_url(fixture, "big.bin")};

    assert_int_equal(transport_open(transport_of(fixture), &request), OTA_OK);
    assert_int_equal(drain(fixture, 777), TRANSPORT_DONE);
    assert_int_equal(fixture->body_size, BIG_SIZE);
    assert_memory_equal(fixture->body, fixture->big, BIG_SIZE);
}

static void unread_body_waits_and_nothing_is_lost(void **state)
{
    struct fixture *fixture = *state;
    const struct transport_request request = {.url = file_url(fixture, "big.bin")};

    assert_int_equal(transport_open(transport_of(fixture), &request), OTA_OK);
    for (int i = 0; i < 2000 && !fixture->curl.is_paused; i++) {
        transport_poll(transport_of(fixture));
        usleep(1000);
    }
    assert_true(fixture->curl.is_paused);
    for (int i = 0; i < 20; i++)
        assert_int_equal(transport_poll(transport_of(fixture)), TRANSPORT_BODY);
    assert_int_equal(drain(fixture, BIG_SIZE), TRANSPORT_DONE);
    assert_int_equal(fixture->body_size, BIG_SIZE);
    assert_memory_equal(fixture->body, fixture->big, BIG_SIZE);
}

static void same_validator_continues_where_it_stopped(void **state)
{
    struct fixture *fixture = *state;
    char validator[TRANSPORT_VALIDATOR_MAX];

    assert_int_equal(fetch_from(fixture, file_url(fixture, "big.bin"), 0, NULL), TRANSPORT_DONE);
    strcpy(validator, response_of(fixture)->validator);
    transport_close(transport_of(fixture));

    assert_int_equal(fetch_from(fixture, fixture->url, BIG_SIZE - 1000, validator), TRANSPORT_DONE);
    const struct transport_response *response = response_of(fixture);
    assert_int_equal(response->status, 206);
    assert_true(response->has_range);
    assert_int_equal(response->range_from, BIG_SIZE - 1000);
    assert_int_equal(response->range_total, BIG_SIZE);
    assert_int_equal(response->length, 1000);
    assert_int_equal(fixture->body_size, 1000);
    assert_memory_equal(fixture->body, fixture->big + BIG_SIZE - 1000, 1000);
}

static void other_validator_starts_from_the_beginning(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(fetch_from(fixture, file_url(fixture, "big.bin"), 1000, "\"other\""),
                     TRANSPORT_DONE);
    assert_int_equal(response_of(fixture)->status, 200);
    assert_false(response_of(fixture)->has_range);
    assert_int_equal(fixture->body_size, BIG_SIZE);
}

static void missing_file_and_range_are_answers_not_failures(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(fetch_from(fixture, file_url(fixture, "none"), 0, NULL), TRANSPORT_DONE);
    assert_int_equal(response_of(fixture)->status, 404);
    transport_close(transport_of(fixture));
    assert_int_equal(fetch_from(fixture, file_url(fixture, "big.bin"), BIG_SIZE, NULL),
                     TRANSPORT_DONE);
    assert_int_equal(response_of(fixture)->status, 416);
    assert_false(response_of(fixture)->has_range);
}

static void close_in_any_state_leaves_a_usable_transport(void **state)
{
    struct fixture *fixture = *state;
    struct transport *transport = transport_of(fixture);
    const struct transport_request request = {.url = file_url(fixture, "big.bin")};

    transport_close(transport);
    assert_int_equal(transport_poll(transport), TRANSPORT_FAILED);
    assert_int_equal(transport_open(transport, &request), OTA_OK);
    assert_int_equal(transport_open(transport, &request), OTA_ERR_STATE);
    transport_close(transport);

    assert_int_equal(transport_open(transport, &request), OTA_OK);
    while (transport_poll(transport) != TRANSPORT_BODY)
        transport_curl_wait(&fixture->curl, 100);
    transport_read(transport, fixture->body, 100);
    transport_close(transport);
    transport_close(transport);
    assert_int_equal(transport_read(transport, fixture->body, 100), 0);

    assert_int_equal(fetch_from(fixture, fixture->url, 0, NULL), TRANSPORT_DONE);
    assert_int_equal(fixture->body_size, BIG_SIZE);
    assert_memory_equal(fixture->body, fixture->big, BIG_SIZE);
}

static uint64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void wait_sleeps_only_while_there_is_nothing_to_do(void **state)
{
    struct fixture *fixture = *state;
    const struct transport_request request = {.url = file_url(fixture, "big.bin")};
    uint64_t start = now_ms();

    transport_curl_wait(&fixture->curl, 50);
    assert_in_range(now_ms() - start, 49, 2000);

    start = now_ms();
    assert_int_equal(transport_open(transport_of(fixture), &request), OTA_OK);
    for (;;) {
        enum transport_state now = transport_poll(transport_of(fixture));
        if (now == TRANSPORT_DONE)
            break;
        transport_read(transport_of(fixture), fixture->body, BIG_SIZE);
        transport_curl_wait(&fixture->curl, 5000);
    }
    assert_in_range(now_ms() - start, 0, 4000);
}

static void wrong_requests_are_refused_at_once(void **state)
{
    static const char *const urls[] = {
        "",      "127.0.0.1/x", "file:///etc/hostname", "ftp://127.0.0.1/x", "http://",
        "http:", "gopher://x/", "http://a b/",          "http://x:99999/",   "http://x/\r\nA: b",
    };
    struct transport *transport = transport_of(*state);
    struct transport_request request = {0};

    assert_int_equal(transport_open(transport, &request), OTA_ERR_FORMAT);
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        request.url = urls[i];
        assert_int_equal(transport_open(transport, &request), OTA_ERR_FORMAT);
    }
    request = (struct transport_request){"http://127.0.0.1/", 5, "\"a\"\r\nX: y"};
    assert_int_equal(transport_open(transport, &request), OTA_ERR_FORMAT);
}

static void unreadable_ca_file_is_refused(void **state)
{
    static struct transport_curl other;
    const struct transport_curl_options options = {.ca_file = "/nowhere/ca.pem"};

    (void)state;
    assert_int_equal(transport_curl_init(&other, &options), OTA_ERR_NOT_FOUND);
}

/* ---- The line ---- */

static void refused_connection_is_a_network_error(void **state)
{
    struct fixture *fixture = *state;
    char url[64];

    snprintf(url, sizeof url, "http://127.0.0.1:%u/", fixture->canned[0].port);
    close(fixture->canned[0].listener);
    fixture->canned[0].listener = -1;
    assert_failure(fixture, fetch_from(fixture, url, 0, NULL), OTA_ERR_NET);
    assert_string_not_equal(transport_curl_message(&fixture->curl), "");
    transport_close(transport_of(fixture));
    assert_string_equal(transport_curl_message(&fixture->curl), "");
}

static void unknown_host_is_a_network_error(void **state)
{
    struct fixture *fixture = *state;

    /* Fails in the resolver itself: a label has 63 characters at most. */
    assert_failure(fixture,
                   fetch_from(fixture,
                              "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                              "aaaaaaaaaaaaaaaaa.invalid/",
                              0, NULL),
                   OTA_ERR_NET);
}

static void truncated_body_is_a_network_error_after_its_bytes(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->canned[0], "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n12345");
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[0]), OTA_ERR_NET);
    assert_int_equal(fixture->body_size, 5);
    assert_memory_equal(fixture->body, "12345", 5);
    assert_int_equal(response_of(fixture)->length, 100);
}

static void truncated_chunks_are_a_network_error(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->canned[0],
                      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n");
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[0]), OTA_ERR_NET);
    assert_false(response_of(fixture)->has_length);
    assert_int_equal(fixture->body_size, 5);
}

static void connection_without_an_answer_is_a_network_error(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->canned[0], "%s", "");
    canned_server_add(&fixture->canned[1], "%s", "")->ending = CANNED_RESET;
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[0]), OTA_ERR_NET);
    transport_close(transport_of(fixture));
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[1]), OTA_ERR_NET);
}

static void stalled_body_times_out(void **state)
{
    struct fixture *fixture = *state;
    struct transport_curl_options options = plain_options;

    options.low_speed_bytes = 10;
    options.low_speed_s = 1;
    transport_up(fixture, &options);
    canned_server_add(&fixture->canned[0], "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123")
        ->ending = CANNED_HOLD;
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[0]), OTA_ERR_TIMEOUT);
    assert_int_equal(fixture->body_size, 3);
}

static void handshake_without_an_answer_times_out(void **state)
{
    struct fixture *fixture = *state;
    struct transport_curl_options options = plain_options;
    char url[64];

    options.connect_timeout_ms = 200;
    transport_up(fixture, &options);
    snprintf(url, sizeof url, "https://127.0.0.1:%u/", fixture->canned[0].port);
    assert_failure(fixture, fetch_from(fixture, url, 0, NULL), OTA_ERR_TIMEOUT);
}

/* ---- Answers ---- */

static void request_says_what_it_should(void **state)
{
    struct fixture *fixture = *state;
    struct canned_server *server = &fixture->canned[0];
    char url[64];

    canned_server_add(server, OK_ANSWER);
    canned_server_add(server, OK_ANSWER);
    canned_server_start(server);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/a?b=c", server->port);
    assert_int_equal(fetch_from(fixture, url, 4096, "\"tag\""), TRANSPORT_DONE);
    transport_close(transport_of(fixture));
    assert_int_equal(fetch_from(fixture, url, 0, "\"tag\""), TRANSPORT_DONE);
    canned_server_stop(server);
    assert_non_null(strstr(server->requests[0], "GET /a?b=c HTTP/1.1\r\n"));
    assert_non_null(strstr(server->requests[0], "\r\nRange: bytes=4096-\r\n"));
    assert_non_null(strstr(server->requests[0], "\r\nIf-Range: \"tag\"\r\n"));
    assert_non_null(strstr(server->requests[0], "\r\nAccept-Encoding: identity\r\n"));
    assert_non_null(strstr(server->requests[0], "\r\nUser-Agent: brownout/"));
    assert_null(strstr(server->requests[1], "Range:"));
}

/* Fetch an answer with these headers (whole lines) and an empty body. */
static const struct transport_response *answer_with(struct fixture *fixture, const char *headers)
{
    struct canned_server *server = &fixture->canned[0];

    transport_close(transport_of(fixture));
    canned_server_deinit(server);
    canned_server_init(server);
    canned_server_add(server, "HTTP/1.1 503 Busy\r\nConnection: close\r\n%s\r\n", headers);
    assert_int_equal(fetch_canned(fixture, server), TRANSPORT_DONE);
    assert_int_equal(response_of(fixture)->status, 503);
    return response_of(fixture);
}

static void validator_is_a_strong_etag_or_else_the_date(void **state)
{
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"
    static const struct {
        const char *headers, *validator;
    } cases[] = {
        {"", ""},
        {"ETag: \"a\"\r\n", "\"a\""},
        {"etag:\t\"a b\" \r\nLast-Modified: " DATE "\r\n", "\"a b\""},
        {"ETag: W/\"a\"\r\n", ""},
        {"ETag: W/\"a\"\r\nLast-Modified: " DATE "\r\n", DATE},
        {"Last-Modified: " DATE "\r\n", DATE},
        {"Last-Modified: once\r\n", ""},
        {"ETag: unquoted\r\n", ""},
        {"ETag: \"\r\n", ""},
        {"ETag: \"" LONG LONG "\"\r\n", ""},
        {"ETag: \"" LONG LONG "\"\r\nLast-Modified: " DATE "\r\n", DATE},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(answer_with(*state, cases[i].headers)->validator, cases[i].validator);
}

static void retry_after_is_seconds_or_a_date_by_the_clock_of_the_server(void **state)
{
    static const struct {
        const char *headers;
        uint32_t seconds;
    } cases[] = {
        {"", 0},
        {"Retry-After: 120\r\n", 120},
        {"Retry-After: 99999999999\r\n", UINT32_MAX},
        {"Retry-After: soon\r\n", 0},
        {"Retry-After: -5\r\n", 0},
        {"Date: " DATE "\r\nRetry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n", 60},
        {"Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\nDate: " DATE "\r\n", 60},
        {"Retry-After: Sun, 06 Nov 1994 08:50:37 GMT\r\n", 0},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(answer_with(*state, cases[i].headers)->retry_after_s, cases[i].seconds);
}

static void content_range_counts_only_when_it_is_sound(void **state)
{
    static const struct {
        const char *value;
        bool is_sound;
    } cases[] = {
        {"bytes 5-9/20", true},  {"bytes 5-9/*", true},   {"bytes 5-9/9", false},
        {"bytes 9-5/20", false}, {"bytes 5-9", false},    {"bytes 5-9/20 x", false},
        {"bytes */20", false},   {"lines 5-9/20", false}, {"bytes 5-9/", false},
        {"bytes=5-9/20", false}, {"bytes -5/20", false},  {"bytes 5-18446744073709551616/*", false},
        {"bytes 5-8/20", false}, /* not what Content-Length says */
    };
    struct fixture *fixture = *state;
    char headers[128];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(headers, sizeof headers, "Content-Length: 5\r\nContent-Range: %s\r\n\r\n12345",
                 cases[i].value);
        const struct transport_response *response = answer_with(fixture, headers);
        assert_int_equal(response->has_range, cases[i].is_sound);
        assert_int_equal(response->range_from, cases[i].is_sound ? 5 : 0);
    }
}

static void trailers_do_not_change_the_response(void **state)
{
    const struct transport_response *response =
        answer_with(*state, "Transfer-Encoding: chunked\r\nETag: \"a\"\r\n\r\n2\r\nOK\r\n0\r\n"
                            "ETag: \"b\"\r\nHTTP/1.1 200: x\r\n");

    assert_string_equal(response->validator, "\"a\"");
    assert_false(response->has_length);
}

static void what_is_not_http_is_an_http_error(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->canned[0], "SSH-2.0-garbage\r\nContent-Length: 2\r\n\r\nOK");
    canned_server_add(&fixture->canned[1], "HTTP/1.1 garbage\r\nContent-Length: 2\r\n\r\nOK");
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[0]), OTA_ERR_HTTP);
    transport_close(transport_of(fixture));
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[1]), OTA_ERR_HTTP);
}

static void contradictory_lengths_are_an_http_error(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->canned[0],
                      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nOK!");
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[0]), OTA_ERR_HTTP);
}

static void endless_headers_are_an_http_error(void **state)
{
    struct fixture *fixture = *state;
    char filler[70000];

    memset(filler, 'x', sizeof filler);
    for (size_t i = 0; i + 80 < sizeof filler; i += 80)
        memcpy(filler + i, "\r\nX: ", 5);
    filler[sizeof filler - 1] = '\0';
    canned_server_add(&fixture->canned[0], "HTTP/1.1 200 OK%s", filler);
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[0]), OTA_ERR_HTTP);
}

/* ---- Redirects ---- */

static void redirect_is_followed_and_forgotten(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->canned[0], MOVED_ANSWER, "/y");
    canned_server_add(&fixture->canned[0], OK_ANSWER);
    assert_int_equal(fetch_canned(fixture, &fixture->canned[0]), TRANSPORT_DONE);
    assert_int_equal(response_of(fixture)->status, 200);
    assert_int_equal(response_of(fixture)->length, 2);
    assert_string_equal(response_of(fixture)->validator, "");
    assert_int_equal(fixture->body_size, 2);
    assert_memory_equal(fixture->body, "OK", 2);
}

static void five_redirects_are_followed_and_a_sixth_is_not(void **state)
{
    struct fixture *fixture = *state;

    for (int i = 0; i < 5; i++)
        canned_server_add(&fixture->canned[0], MOVED_ANSWER, "/y");
    canned_server_add(&fixture->canned[0], OK_ANSWER);
    assert_int_equal(fetch_canned(fixture, &fixture->canned[0]), TRANSPORT_DONE);
    assert_int_equal(fixture->body_size, 2);
    transport_close(transport_of(fixture));

    for (int i = 0; i < 6; i++)
        canned_server_add(&fixture->canned[1], MOVED_ANSWER, "/y");
    canned_server_add(&fixture->canned[1], OK_ANSWER);
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[1]), OTA_ERR_HTTP);
}

static void redirect_to_what_is_not_http_is_an_http_error(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->canned[0], MOVED_ANSWER, "file:///etc/hostname");
    canned_server_add(&fixture->canned[1], MOVED_ANSWER, "http://x:99999/");
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[0]), OTA_ERR_HTTP);
    assert_int_equal(fixture->body_size, 0);
    transport_close(transport_of(fixture));
    assert_failure(fixture, fetch_canned(fixture, &fixture->canned[1]), OTA_ERR_HTTP);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whole_file_arrives_with_length_and_validator),
        TEST(small_reads_get_every_byte_in_order),
        TEST(unread_body_waits_and_nothing_is_lost),
        TEST(same_validator_continues_where_it_stopped),
        TEST(other_validator_starts_from_the_beginning),
        TEST(missing_file_and_range_are_answers_not_failures),
        TEST(close_in_any_state_leaves_a_usable_transport),
        TEST(wait_sleeps_only_while_there_is_nothing_to_do),
        TEST(wrong_requests_are_refused_at_once),
        TEST(unreadable_ca_file_is_refused),
        TEST(refused_connection_is_a_network_error),
        TEST(unknown_host_is_a_network_error),
        TEST(truncated_body_is_a_network_error_after_its_bytes),
        TEST(truncated_chunks_are_a_network_error),
        TEST(connection_without_an_answer_is_a_network_error),
        TEST(stalled_body_times_out),
        TEST(handshake_without_an_answer_times_out),
        TEST(request_says_what_it_should),
        TEST(validator_is_a_strong_etag_or_else_the_date),
        TEST(retry_after_is_seconds_or_a_date_by_the_clock_of_the_server),
        TEST(content_range_counts_only_when_it_is_sound),
        TEST(trailers_do_not_change_the_response),
        TEST(what_is_not_http_is_an_http_error),
        TEST(contradictory_lengths_are_an_http_error),
        TEST(endless_headers_are_an_http_error),
        TEST(redirect_is_followed_and_forgotten),
        TEST(five_redirects_are_followed_and_a_sixth_is_not),
        TEST(redirect_to_what_is_not_http_is_an_http_error),
    };

    /* The servers are on this host, whatever the way to others is. */
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    return cmocka_run_group_tests_name("transport_curl", tests, NULL, NULL);
}
