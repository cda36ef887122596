#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim/server/http_server.h"

#define ANSWER_MAX 4096
#define BIG_SIZE   (8 * 1024 * 1024)
#define RECORD_MAX 8

struct note {
    char method[16];
    char path[128];
    unsigned status;
    uint64_t range_from;
    uint64_t bytes;
};

/* A server on a folder of its own, what it has logged, and the last answer of it. The log is read
 * only after http_server_stop(), which ends the thread that writes it. */
struct fixture {
    char root[64];
    struct http_server *server;
    uint16_t port;
    enum ota_err manifest_err;
    struct note notes[RECORD_MAX];
    size_t notes_count;
    char answer[ANSWER_MAX];
    size_t answer_size;
    const char *body;
};

static const char content[] = "0123456789abcdefghij"; /* of file.bin, 20 bytes */

static void write_file(const struct fixture *fixture, const char *name, const void *data,
                       size_t size)
{
    char path[256];

    snprintf(path, sizeof path, "%s/%s", fixture->root, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    fclose(file);
}

static enum ota_err make_manifest(void *context, const char *url_base, char **ret_text)
{
    struct fixture *fixture = context;

    if (fixture->manifest_err != OTA_OK)
        return fixture->manifest_err;
    return asprintf(ret_text, "{\"base\":\"%s\"}", url_base) < 0 ? OTA_ERR_LIMIT : OTA_OK;
}

static void take_note(void *context, const struct http_server_record *record)
{
    struct fixture *fixture = context;

    if (fixture->notes_count == RECORD_MAX)
        return;
    struct note *note = &fixture->notes[fixture->notes_count++];
    snprintf(note->method, sizeof note->method, "%s", record->method);
    snprintf(note->path, sizeof note->path, "%s", record->path);
    note->status = record->status;
    note->range_from = record->range_from;
    note->bytes = record->bytes;
}

/* www/ is served; what lies beside it must never be seen. */
static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    char www[128];

    strcpy(fixture->root, "/tmp/test_http_server.XXXXXX");
    assert_non_null(mkdtemp(fixture->root));
    snprintf(www, sizeof www, "%s/www", fixture->root);
    assert_int_equal(mkdir(www, 0700), 0);
    write_file(fixture, "secret", "secret", 6);
    write_file(fixture, "www/file.bin", content, 20);
    write_file(fixture, "www/empty", "", 0);
    write_file(fixture, "www/.hidden", "hidden", 6);
    write_file(fixture, "www/a b", "space", 5);
    strcat(www, "/sub");
    assert_int_equal(mkdir(www, 0700), 0);
    write_file(fixture, "www/sub/inner", "inner", 5);
    strcat(www, "/.git");
    assert_int_equal(mkdir(www, 0700), 0);
    write_file(fixture, "www/sub/.git/config", "config", 6);

    snprintf(www, sizeof www, "%s/www", fixture->root);
    const struct http_server_options options = {
        .directory = www, .manifest = make_manifest, .log = take_note, .context = fixture};
    assert_int_equal(http_server_start(&options, &fixture->server), OTA_OK);
    fixture->port = http_server_port(fixture->server);
    assert_int_not_equal(fixture->port, 0);
    *state = fixture;
    return 0;
}

static int remove_entry(const char *path, const struct stat *stat, int kind, struct FTW *ftw)
{
    (void)stat;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static void stop(struct fixture *fixture)
{
    http_server_stop(fixture->server);
    fixture->server = NULL;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    stop(fixture);
    nftw(fixture->root, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(fixture);
    return 0;
}

static int dial(const struct fixture *fixture)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(fixture->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    const struct timeval limit = {.tv_sec = 4};
    int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(connection, (struct sockaddr *)&address, sizeof address), 0);
    return connection;
}

static void send_text(int connection, const char *text)
{
    assert_int_equal(send(connection, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Send the lines of a request, take the answer to its end; returns the status. */
static int exchange(struct fixture *fixture, const char *request)
{
    int connection = dial(fixture);
    size_t size = 0;
    ssize_t count;

    send_text(connection, request);
    while ((count = recv(connection, fixture->answer + size, ANSWER_MAX - 1 - size, 0)) > 0)
        size += (size_t)count;
    close(connection);
    fixture->answer[size] = '\0';
    fixture->answer_size = size;
    fixture->body = strstr(fixture->answer, "\r\n\r\n");
    assert_non_null(fixture->body);
    fixture->body += 4;
    return atoi(fixture->answer + 9);
}

/* headers: whole lines with their ends, or "". */
static int request(struct fixture *fixture, const char *method, const char *path,
                   const char *headers)
{
    char text[1024];

    snprintf(text, sizeof text,
             "%s %s HTTP/1.1\r\nHost: device.test:81\r\nConnection: close\r\n"
             "%s\r\n",
             method, path, headers);
    return exchange(fixture, text);
}

static int get(struct fixture *fixture, const char *path)
{
    return request(fixture, "GET", path, "");
}

/* The value of a header of the last answer; "" when it has none. */
static const char *header(const struct fixture *fixture, const char *name)
{
    static char value[256];
    char wanted[64];

    snprintf(wanted, sizeof wanted, "\r\n%s: ", name);
    const char *at = strcasestr(fixture->answer, wanted);
    if (!at || at > fixture->body)
        return "";
    at += strlen(wanted);
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\r"), at);
    return value;
}

/* ---- Files ---- */

static void file_is_served_with_its_validators(void **state)
{
    struct fixture *fixture = *state;
    struct tm time;

    assert_int_equal(get(fixture, "/file.bin"), 200);
    assert_string_equal(fixture->body, content);
    assert_string_equal(header(fixture, "Content-Length"), "20");
    assert_string_equal(header(fixture, "Accept-Ranges"), "bytes");
    assert_string_equal(header(fixture, "Content-Range"), "");
    assert_int_equal(header(fixture, "ETag")[0], '"');
    const char *end = strptime(header(fixture, "Last-Modified"), "%a, %d %b %Y %T GMT", &time);
    assert_non_null(end);
    assert_string_equal(end, "");
}

static void last_modified_is_the_time_of_the_file(void **state)
{
    struct fixture *fixture = *state;
    const struct timespec times[2] = {{.tv_sec = 784111777}, {.tv_sec = 784111777}};
    char path[128];

    snprintf(path, sizeof path, "%s/www/file.bin", fixture->root);
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    assert_int_equal(get(fixture, "/file.bin"), 200);
    assert_string_equal(header(fixture, "Last-Modified"), "Sun, 06 Nov 1994 08:49:37 GMT");
}

static void head_has_the_headers_and_no_body(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(request(fixture, "HEAD", "/file.bin", "Range: bytes=5-\r\n"), 200);
    assert_string_equal(fixture->body, "");
    assert_string_equal(header(fixture, "Content-Length"), "20");
    assert_int_equal(header(fixture, "ETag")[0], '"');
    assert_int_equal(request(fixture, "HEAD", "/none", ""), 404);
    assert_string_equal(fixture->body, "");
}

static void empty_file_is_an_empty_body(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(get(fixture, "/empty"), 200);
    assert_string_equal(fixture->body, "");
    assert_string_equal(header(fixture, "Content-Length"), "0");
    assert_int_equal(request(fixture, "GET", "/empty", "Range: bytes=0-\r\n"), 416);
}

static void folders_below_are_served_and_names_decoded(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(get(fixture, "/sub/inner"), 200);
    assert_string_equal(fixture->body, "inner");
    assert_int_equal(get(fixture, "/a%20b?version=3"), 200);
    assert_string_equal(fixture->body, "space");
}

static void what_is_no_file_is_not_found(void **state)
{
    static const char *const paths[] = {"/", "/none", "/sub", "/sub/", "/file.bin/", "/file.bin/x"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_int_equal(get(fixture, paths[i]), 404);
}

static void pipe_in_the_folder_is_not_found(void **state)
{
    struct fixture *fixture = *state;
    char path[128];

    snprintf(path, sizeof path, "%s/www/pipe", fixture->root);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(get(fixture, "/pipe"), 404);
}

static void nothing_outside_the_folder_can_be_named(void **state)
{
    static const char *const paths[] = {
        "/../secret",       "/sub/../../secret", "/%2e%2e/secret",      "/..%2fsecret",
        "/%2e%2e%2fsecret", "/./../secret",      "//etc/hostname",      "/%2fetc/hostname",
        "/sub//inner",      "../secret",         "/sub/%2e./../secret", "/..",
    };
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_int_equal(get(fixture, paths[i]), 404);
}

static void dotfiles_are_not_found(void **state)
{
    static const char *const paths[] = {"/.hidden", "/%2ehidden", "/sub/.git/config", "/."};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_int_equal(get(fixture, paths[i]), 404);
}

static void other_methods_are_refused(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(request(fixture, "DELETE", "/file.bin", ""), 405);
    assert_string_equal(header(fixture, "Allow"), "GET, HEAD");
    assert_int_equal(request(fixture, "POST", "/ota.json", "Content-Length: 3\r\n\r\nabc"), 405);
}

/* ---- Ranges ---- */

static void one_range_is_a_partial_answer(void **state)
{
    static const struct {
        const char *range, *body, *said;
    } cases[] = {
        {"bytes=5-", "56789abcdefghij", "bytes 5-19/20"},
        {"bytes=0-0", "0", "bytes 0-0/20"},
        {"bytes=18-99", "ij", "bytes 18-19/20"},
        {"bytes=-3", "hij", "bytes 17-19/20"},
        {"bytes=-99", content, "bytes 0-19/20"},
        {"bytes=19-18446744073709551616", "j", "bytes 19-19/20"},
        {"bytes=0-18446744073709551615", content, "bytes 0-19/20"},
    };
    struct fixture *fixture = *state;
    char line[128];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(line, sizeof line, "Range: %s\r\n", cases[i].range);
        assert_int_equal(request(fixture, "GET", "/file.bin", line), 206);
        assert_string_equal(fixture->body, cases[i].body);
        assert_string_equal(header(fixture, "Content-Range"), cases[i].said);
        assert_int_equal(atoi(header(fixture, "Content-Length")), strlen(cases[i].body));
    }
}

static void range_beyond_the_file_is_unsatisfiable(void **state)
{
    static const char *const ranges[] = {"bytes=20-", "bytes=20-30", "bytes=-0",
                                         "bytes=99999999999999999999-"};
    struct fixture *fixture = *state;
    char line[128];

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        snprintf(line, sizeof line, "Range: %s\r\n", ranges[i]);
        assert_int_equal(request(fixture, "GET", "/file.bin", line), 416);
        assert_string_equal(header(fixture, "Content-Range"), "bytes */20");
    }
}

static void malformed_or_multiple_ranges_are_ignored(void **state)
{
    static const char *const ranges[] = {"bytes=",    "bytes=-",   "bytes=5",       "bytes=7-5",
                                         "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes=1-2x",
                                         "bytes=--1", "5-"};
    struct fixture *fixture = *state;
    char line[128];

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        snprintf(line, sizeof line, "Range: %s\r\n", ranges[i]);
        assert_int_equal(request(fixture, "GET", "/file.bin", line), 200);
        assert_string_equal(fixture->body, content);
    }
}

static void if_range_holds_only_for_the_same_file(void **state)
{
    struct fixture *fixture = *state;
    char line[512], etag[128], date[128];

    assert_int_equal(get(fixture, "/file.bin"), 200);
    snprintf(etag, sizeof etag, "%s", header(fixture, "ETag"));
    snprintf(date, sizeof date, "%s", header(fixture, "Last-Modified"));

    snprintf(line, sizeof line, "Range: bytes=5-\r\nIf-Range: %s\r\n", etag);
    assert_int_equal(request(fixture, "GET", "/file.bin", line), 206);
    snprintf(line, sizeof line, "Range: bytes=5-\r\nIf-Range: %s\r\n", date);
    assert_int_equal(request(fixture, "GET", "/file.bin", line), 206);
    snprintf(line, sizeof line, "Range: bytes=5-\r\nIf-Range: W/%s\r\n", etag);
    assert_int_equal(request(fixture, "GET", "/file.bin", line), 200);
    snprintf(line, sizeof line, "Range: bytes=99-\r\nIf-Range: \"other\"\r\n");
    assert_int_equal(request(fixture, "GET", "/file.bin", line), 200);
    assert_string_equal(fixture->body, content);
}

static void etag_changes_with_the_file(void **state)
{
    struct fixture *fixture = *state;
    char first[128], from[128], to[128];

    assert_int_equal(get(fixture, "/file.bin"), 200);
    snprintf(first, sizeof first, "%s", header(fixture, "ETag"));
    assert_int_equal(get(fixture, "/file.bin"), 200);
    assert_string_equal(header(fixture, "ETag"), first);

    write_file(fixture, "www/next", "0123456789ABCDEFGHIJ", 20); /* as long, and in no time */
    snprintf(from, sizeof from, "%s/www/next", fixture->root);
    snprintf(to, sizeof to, "%s/www/file.bin", fixture->root);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(get(fixture, "/file.bin"), 200);
    assert_string_not_equal(header(fixture, "ETag"), first);
    assert_string_equal(fixture->body, "0123456789ABCDEFGHIJ");
}

/* ---- The manifest ---- */

static void manifest_is_made_for_the_host_that_the_client_names(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(get(fixture, "/ota.json"), 200);
    assert_string_equal(fixture->body, "{\"base\":\"http://device.test:81/\"}");
    assert_string_equal(header(fixture, "Content-Type"), "application/json");
    assert_string_equal(header(fixture, "Cache-Control"), "no-store");
    assert_int_equal(request(fixture, "HEAD", "/ota.json", ""), 200);
    assert_string_equal(fixture->body, "");
}

static void unusable_host_falls_back_to_the_address(void **state)
{
    static const char *const hosts[] = {
        "GET /ota.json HTTP/1.0\r\n\r\n",
        "GET /ota.json HTTP/1.1\r\nConnection: close\r\nHost: x\",\"y\r\n\r\n",
        "GET /ota.json HTTP/1.1\r\nConnection: close\r\nHost: a/b\r\n\r\n",
    };
    struct fixture *fixture = *state;
    char expected[64];

    snprintf(expected, sizeof expected, "{\"base\":\"http://127.0.0.1:%u/\"}", fixture->port);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        assert_int_equal(exchange(fixture, hosts[i]), 200);
        assert_string_equal(fixture->body, expected);
    }
}

static void manifest_that_fails_is_a_server_error_with_the_reason(void **state)
{
    struct fixture *fixture = *state;

    fixture->manifest_err = OTA_ERR_CORRUPT;
    assert_int_equal(get(fixture, "/ota.json"), 500);
    assert_non_null(strstr(fixture->body, err_text(OTA_ERR_CORRUPT)));
    fixture->manifest_err = OTA_OK;
    assert_int_equal(get(fixture, "/ota.json"), 200);
}

static void without_a_callback_the_manifest_is_a_file(void **state)
{
    struct fixture *fixture = *state;
    char www[128];

    stop(fixture);
    snprintf(www, sizeof www, "%s/www", fixture->root);
    const struct http_server_options options = {.directory = www};
    assert_int_equal(http_server_start(&options, &fixture->server), OTA_OK);
    fixture->port = http_server_port(fixture->server);
    assert_int_equal(get(fixture, "/ota.json"), 404);
    write_file(fixture, "www/ota.json", "{}", 2);
    assert_int_equal(get(fixture, "/ota.json"), 200);
    assert_string_equal(fixture->body, "{}");
    assert_string_equal(header(fixture, "Content-Type"), "application/json");
}

/* ---- The log ---- */

static void log_tells_what_was_asked_and_sent(void **state)
{
    struct fixture *fixture = *state;

    get(fixture, "/none");
    request(fixture, "GET", "/file.bin", "Range: bytes=5-\r\n");
    request(fixture, "HEAD", "/file.bin", "");
    get(fixture, "/ota.json");
    stop(fixture);

    const struct note *notes = fixture->notes;
    assert_int_equal(fixture->notes_count, 4);
    assert_string_equal(notes[0].path, "/none");
    assert_int_equal(notes[0].status, 404);
    assert_string_equal(notes[1].method, "GET");
    assert_string_equal(notes[1].path, "/file.bin");
    assert_int_equal(notes[1].status, 206);
    assert_int_equal(notes[1].range_from, 5);
    assert_int_equal(notes[1].bytes, 15);
    assert_string_equal(notes[2].method, "HEAD");
    assert_int_equal(notes[2].status, 200);
    assert_int_equal(notes[2].bytes, 0);
    assert_string_equal(notes[3].path, "/ota.json");
    assert_int_equal(notes[3].bytes, strlen("{\"base\":\"http://device.test:81/\"}"));
}

static void log_tells_how_far_a_broken_transfer_got(void **state)
{
    struct fixture *fixture = *state;
    char *big = calloc(1, BIG_SIZE);
    char data[1000];

    write_file(fixture, "www/big", big, BIG_SIZE);
    free(big);
    int connection = dial(fixture);
    send_text(connection, "GET /big HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_int_equal(recv(connection, data, sizeof data, MSG_WAITALL), sizeof data);
    close(connection);
    stop(fixture);

    assert_int_equal(fixture->notes_count, 1);
    assert_int_equal(fixture->notes[0].status, 200);
    assert_in_range(fixture->notes[0].bytes, 500, BIG_SIZE - 1);
}

/* ---- Life ---- */

static void connection_serves_one_request_after_the_other(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(exchange(fixture, "GET /file.bin HTTP/1.1\r\nHost: x\r\n\r\n"
                                       "GET /sub/inner HTTP/1.1\r\nHost: x\r\n"
                                       "Connection: close\r\n\r\n"),
                     200);
    const char *second = strstr(fixture->body, "HTTP/1.1 200");
    assert_non_null(second);
    assert_non_null(strstr(second, "\r\n\r\ninner"));
}

static void slow_client_does_not_hold_up_another(void **state)
{
    struct fixture *fixture = *state;
    int slow = dial(fixture);

    send_text(slow, "GET /file.bin HTTP/1.1\r\nHo");
    assert_int_equal(get(fixture, "/file.bin"), 200);
    close(slow);
}

static void wrong_options_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct http_server *server = NULL;
    struct http_server_options options = {.directory = "/nowhere/at/all"};

    assert_int_equal(http_server_start(&options, &server), OTA_ERR_NOT_FOUND);
    options.directory = "/etc/hostname";
    assert_int_equal(http_server_start(&options, &server), OTA_ERR_NOT_FOUND);
    options.directory = fixture->root;
    options.address = "no.address";
    assert_int_equal(http_server_start(&options, &server), OTA_ERR_FORMAT);
    options.address = NULL;
    options.port = fixture->port;
    assert_int_equal(http_server_start(&options, &server), OTA_ERR_NET);
    assert_null(server);
    http_server_stop(NULL);
}

static void ipv6_address_is_served_and_named_in_brackets(void **state)
{
    struct fixture *fixture = *state;
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    char answer[1024] = "";
    char expected[64];
    const struct http_server_options options = {.directory = fixture->root,
                                                .address = "::1",
                                                .manifest = make_manifest,
                                                .context = fixture};

    stop(fixture);
    if (http_server_start(&options, &fixture->server) != OTA_OK)
        skip(); /* a machine without IPv6 */
    address.sin6_port = htons(http_server_port(fixture->server));
    int connection = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(connection, (struct sockaddr *)&address, sizeof address), 0);
    send_text(connection, "GET /ota.json HTTP/1.0\r\n\r\n");
    assert_true(recv(connection, answer, sizeof answer - 1, MSG_WAITALL) > 0);
    close(connection);
    snprintf(expected, sizeof expected, "http://[::1]:%u/", http_server_port(fixture->server));
    assert_non_null(strstr(answer, expected));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(file_is_served_with_its_validators),
        TEST(last_modified_is_the_time_of_the_file),
        TEST(head_has_the_headers_and_no_body),
        TEST(empty_file_is_an_empty_body),
        TEST(folders_below_are_served_and_names_decoded),
        TEST(what_is_no_file_is_not_found),
        TEST(pipe_in_the_folder_is_not_found),
        TEST(nothing_outside_the_folder_can_be_named),
        TEST(dotfiles_are_not_found),
        TEST(other_methods_are_refused),
        TEST(one_range_is_a_partial_answer),
        TEST(range_beyond_the_file_is_unsatisfiable),
        TEST(malformed_or_multiple_ranges_are_ignored),
        TEST(if_range_holds_only_for_the_same_file),
        TEST(etag_changes_with_the_file),
        TEST(manifest_is_made_for_the_host_that_the_client_names),
        TEST(unusable_host_falls_back_to_the_address),
        TEST(manifest_that_fails_is_a_server_error_with_the_reason),
        TEST(without_a_callback_the_manifest_is_a_file),
        TEST(log_tells_what_was_asked_and_sent),
        TEST(log_tells_how_far_a_broken_transfer_got),
        TEST(connection_serves_one_request_after_the_other),
        TEST(slow_client_does_not_hold_up_another),
        TEST(wrong_options_are_refused),
        TEST(ipv6_address_is_served_and_named_in_brackets),
    };

    return cmocka_run_group_tests_name("http_server", tests, NULL, NULL);
}
