#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "hal_posix/transport_curl.h"
#include "tests/canned_server.h"

/* Whom the transport trusts, and how it tells a server that is not trusted from a broken line. */

#define OK_ANSWER    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK"
#define MOVED_ANSWER "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: %s:%u/\r\n\r\n"

struct fixture {
    struct transport_curl curl;
    bool is_up;
    char folder[64];
    char ca_file[128];
    struct canned_server safe, plain;
    uint8_t body[64];
    uint32_t body_size;
};

/* Trust the CA that signed for the server, or those of the system. */
static void trust(struct fixture *fixture, bool is_trusted)
{
    const struct transport_curl_options options = {
        .ca_file = is_trusted ? fixture->ca_file : NULL,
        .connect_timeout_ms = 3000,
        .low_speed_bytes = 1,
        .low_speed_s = 3,
    };

    if (fixture->is_up)
        transport_curl_deinit(&fixture->curl);
    assert_int_equal(transport_curl_init(&fixture->curl, &options), OTA_OK);
    fixture->is_up = true;
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    strcpy(fixture->folder, "/tmp/test_transport_curl_tls.XXXXXX");
    assert_non_null(mkdtemp(fixture->folder));
    snprintf(fixture->ca_file, sizeof fixture->ca_file, "%s/ca.pem", fixture->folder);
    canned_server_init(&fixture->safe);
    canned_server_init(&fixture->plain);
    canned_server_use_tls(&fixture->safe, "IP:127.0.0.1", 3600, fixture->ca_file);
    trust(fixture, true);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    transport_curl_deinit(&fixture->curl);
    canned_server_deinit(&fixture->safe);
    canned_server_deinit(&fixture->plain);
    unlink(fixture->ca_file);
    rmdir(fixture->folder);
    free(fixture);
    return 0;
}

static enum transport_state fetch(struct fixture *fixture, struct canned_server *server)
{
    struct transport *transport = &fixture->curl.transport;
    struct transport_request request = {0};
    time_t limit = time(NULL) + 10;
    char url[64];
    enum transport_state state;

    canned_server_start(server);
    snprintf(url, sizeof url, "http%s://127.0.0.1:%u/x", server->tls ? "s" : "", server->port);
    request.url = url;
    fixture->body_size = 0;
    assert_int_equal(transport_open(transport, &request), OTA_OK);
    while ((state = transport_poll(transport)) == TRANSPORT_WAITING || state == TRANSPORT_BODY) {
        fixture->body_size += transport_read(transport, fixture->body + fixture->body_size,
                                             (uint32_t)sizeof fixture->body - fixture->body_size);
        transport_curl_wait(&fixture->curl, 1000);
        assert_true(time(NULL) < limit);
    }
    return state;
}

static void assert_failure(struct fixture *fixture, enum transport_state state, enum ota_err err)
{
    struct transport *transport = &fixture->curl.transport;

    assert_int_equal(state, TRANSPORT_FAILED);
    assert_string_equal(err_name(transport_failure(transport)), err_name(err));
    transport_close(transport);
}

static void server_of_the_trusted_ca_is_served(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->safe, OK_ANSWER);
    assert_int_equal(fetch(fixture, &fixture->safe), TRANSPORT_DONE);
    assert_int_equal(fixture->body_size, 2);
    assert_memory_equal(fixture->body, "OK", 2);
    assert_string_equal(transport_curl_message(&fixture->curl), "");
}

static void assert_untrusted(struct fixture *fixture)
{
    canned_server_add(&fixture->safe, OK_ANSWER);
    assert_failure(fixture, fetch(fixture, &fixture->safe), OTA_ERR_TLS);
    assert_int_equal(fixture->body_size, 0);
    canned_server_stop(&fixture->safe);
    assert_int_equal(fixture->safe.requests_count, 0);
}

static void unknown_ca_is_a_tls_error(void **state)
{
    trust(*state, false);
    assert_untrusted(*state);
}

static void other_ca_of_the_same_name_is_a_tls_error(void **state)
{
    struct fixture *fixture = *state;

    /* The file is read at each transfer, so this one is the new CA's. */
    canned_server_use_tls(&fixture->plain, "IP:127.0.0.1", 3600, fixture->ca_file);
    assert_untrusted(fixture);
}

static void renew(struct fixture *fixture, const char *names, long valid_s)
{
    canned_server_deinit(&fixture->safe);
    canned_server_init(&fixture->safe);
    canned_server_use_tls(&fixture->safe, names, valid_s, fixture->ca_file);
}

static void certificate_for_another_host_is_a_tls_error(void **state)
{
    renew(*state, "DNS:other.test", 3600);
    assert_untrusted(*state);
}

static void expired_certificate_is_a_tls_error(void **state)
{
    renew(*state, "IP:127.0.0.1", -3600);
    assert_untrusted(*state);
}

static void damaged_ca_file_is_a_tls_error(void **state)
{
    struct fixture *fixture = *state;
    FILE *file = fopen(fixture->ca_file, "w");

    fputs("not a certificate\n", file);
    fclose(file);
    assert_untrusted(fixture);
}

static void tls_before_1_2_is_a_tls_error(void **state)
{
    struct fixture *fixture = *state;
    SSL_CTX *tls = fixture->safe.tls;

    assert_int_equal(SSL_CTX_set_min_proto_version(tls, TLS1_VERSION), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(tls, TLS1_1_VERSION), 1);
    assert_int_equal(SSL_CTX_set_cipher_list(tls, "DEFAULT@SECLEVEL=0"), 1);
    assert_untrusted(fixture);
}

static void tls_1_2_is_enough(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(SSL_CTX_set_max_proto_version(fixture->safe.tls, TLS1_2_VERSION), 1);
    canned_server_add(&fixture->safe, OK_ANSWER);
    assert_int_equal(fetch(fixture, &fixture->safe), TRANSPORT_DONE);
}

static void server_without_tls_is_a_tls_error(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->safe, "HTTP/1.1 400 This is plain HTTP\r\n\r\n")->is_early = true;
    assert_failure(fixture, fetch(fixture, &fixture->safe), OTA_ERR_TLS);
}

static void reset_in_the_handshake_is_a_network_error(void **state)
{
    struct fixture *fixture = *state;
    struct canned *canned = canned_server_add(&fixture->safe, "%s", "");

    canned->is_early = true;
    canned->ending = CANNED_RESET;
    assert_failure(fixture, fetch(fixture, &fixture->safe), OTA_ERR_NET);
}

static void end_in_the_handshake_is_a_network_error(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->safe, "%s", "")->is_early = true;
    assert_failure(fixture, fetch(fixture, &fixture->safe), OTA_ERR_NET);
}

/* An end without the closing alert could be anybody's doing, even where no length was announced. */
static void cut_body_is_a_network_error(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->safe, "HTTP/1.1 200 OK\r\n\r\n12345")->ending = CANNED_RESET;
    assert_failure(fixture, fetch(fixture, &fixture->safe), OTA_ERR_NET);
}

static void redirect_from_http_to_https_is_followed(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->plain, MOVED_ANSWER, "https://127.0.0.1", fixture->safe.port);
    canned_server_add(&fixture->safe, OK_ANSWER);
    canned_server_start(&fixture->safe);
    assert_int_equal(fetch(fixture, &fixture->plain), TRANSPORT_DONE);
    assert_int_equal(fixture->body_size, 2);
}

static void redirect_back_to_http_is_refused_before_it_is_asked(void **state)
{
    struct fixture *fixture = *state;

    canned_server_add(&fixture->plain, MOVED_ANSWER, "https://127.0.0.1", fixture->safe.port);
    canned_server_add(&fixture->safe, MOVED_ANSWER, "http://127.0.0.1", fixture->plain.port);
    canned_server_add(&fixture->plain, OK_ANSWER);
    canned_server_start(&fixture->safe);
    assert_failure(fixture, fetch(fixture, &fixture->plain), OTA_ERR_HTTP);
    canned_server_stop(&fixture->plain);
    canned_server_stop(&fixture->safe);
    assert_int_equal(fixture->safe.requests_count, 1);
    assert_int_equal(fixture->plain.requests_count, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(server_of_the_trusted_ca_is_served),
        TEST(unknown_ca_is_a_tls_error),
        TEST(other_ca_of_the_same_name_is_a_tls_error),
        TEST(certificate_for_another_host_is_a_tls_error),
        TEST(expired_certificate_is_a_tls_error),
        TEST(damaged_ca_file_is_a_tls_error),
        TEST(tls_before_1_2_is_a_tls_error),
        TEST(tls_1_2_is_enough),
        TEST(server_without_tls_is_a_tls_error),
        TEST(reset_in_the_handshake_is_a_network_error),
        TEST(end_in_the_handshake_is_a_network_error),
        TEST(cut_body_is_a_network_error),
        TEST(redirect_from_http_to_https_is_followed),
        TEST(redirect_back_to_http_is_refused_before_it_is_asked),
    };

    /* The servers are on this host, whatever the way to others is; and they write by OpenSSL, which
     * does not ask for SIGPIPE to be left out. */
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("HTTPS_PROXY");
    unsetenv("all_proxy");
    unsetenv("ALL_PROXY");
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("transport_curl_tls", tests, NULL, NULL);
}
