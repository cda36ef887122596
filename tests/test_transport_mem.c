#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/server/transport_mem.h"

#define BIG 10000

static uint8_t big[BIG];
static const struct server server = {
    .count = 3,
    .files = {{"/ota.json", (const uint8_t *)"{}", 2, "\"m\""},
              {"/dir/big.bin", big, BIG, "\"v1\""},
              {"/empty", NULL, 0, "\"e\""}},
};

static int setup(void **state)
{
    static struct transport_mem mem;

    for (uint32_t i = 0; i < BIG; i++)
        big[i] = (uint8_t)(i * 31 >> 3);
    transport_mem_init(&mem, &server);
    *state = &mem;
    return 0;
}

static enum ota_err get(struct transport_mem *mem, const char *url, uint32_t from,
                        const char *validator)
{
    const struct transport_request request = {url, from, validator};

    return transport_open(&mem->transport, &request);
}

/* Read to the end of the body, which must be size bytes of big from from on. */
static void assert_body(struct transport_mem *mem, uint32_t from, uint32_t size)
{
    uint8_t data[8192];
    uint32_t taken;

    while (size) {
        assert_int_equal(transport_poll(&mem->transport), TRANSPORT_BODY);
        taken = transport_read(&mem->transport, data, sizeof data);
        assert_in_range(taken, 1, size);
        assert_memory_equal(data, big + from, taken);
        from += taken;
        size -= taken;
    }
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_DONE);
    assert_int_equal(transport_read(&mem->transport, data, sizeof data), 0);
}

static void whole_file_comes_with_length_and_validator(void **state)
{
    struct transport_mem *mem = *state;

    assert_int_equal(get(mem, "http://any-host/dir/big.bin", 0, NULL), OTA_OK);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_BODY);
    const struct transport_response *response = transport_response(&mem->transport);
    assert_int_equal(response->status, 200);
    assert_true(response->has_length);
    assert_int_equal(response->length, BIG);
    assert_false(response->has_range);
    assert_int_equal(response->range_from, 0);
    assert_int_equal(response->retry_after_s, 0);
    assert_string_equal(response->validator, "\"v1\"");
    assert_body(mem, 0, BIG);
    assert_int_equal(mem->requests, 1);
}

static void body_comes_in_segments(void **state)
{
    struct transport_mem *mem = *state;
    uint8_t data[BIG];

    assert_int_equal(get(mem, "https://host:444/dir/big.bin", 0, NULL), OTA_OK);
    assert_int_equal(transport_read(&mem->transport, data, BIG), 4096);
    assert_int_equal(transport_read(&mem->transport, data, 100), 100);
    assert_memory_equal(data, big + 4096, 100);
    assert_int_equal(transport_read(&mem->transport, data, BIG), 4096);
    assert_int_equal(transport_read(&mem->transport, data, BIG), BIG - 2 * 4096 - 100);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_DONE);
}

static void range_comes_when_the_file_is_the_same(void **state)
{
    static const uint32_t from[] = {1, 4096, 9999};
    struct transport_mem *mem = *state;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(get(mem, "http://h/dir/big.bin", from[i], "\"v1\""), OTA_OK);
        const struct transport_response *response = transport_response(&mem->transport);
        assert_int_equal(response->status, 206);
        assert_true(response->has_range);
        assert_int_equal(response->range_from, from[i]);
        assert_int_equal(response->range_total, BIG);
        assert_true(response->has_length);
        assert_int_equal(response->length, BIG - from[i]);
        assert_string_equal(response->validator, "\"v1\"");
        assert_body(mem, from[i], BIG - from[i]);
        transport_close(&mem->transport);
    }
    assert_int_equal(mem->requests, 3);
}

static void changed_file_comes_whole(void **state)
{
    struct transport_mem *mem = *state;

    assert_int_equal(get(mem, "http://h/dir/big.bin", 500, "\"v0\""), OTA_OK);
    const struct transport_response *response = transport_response(&mem->transport);
    assert_int_equal(response->status, 200);
    assert_false(response->has_range);
    assert_int_equal(response->length, BIG);
    assert_body(mem, 0, BIG);
}

static void range_behind_the_end_is_416_without_a_body(void **state)
{
    static const uint32_t from[] = {BIG, BIG + 1, UINT32_MAX};
    struct transport_mem *mem = *state;
    uint8_t byte;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(get(mem, "http://h/dir/big.bin", from[i], "\"v1\""), OTA_OK);
        assert_int_equal(transport_poll(&mem->transport), TRANSPORT_DONE);
        const struct transport_response *response = transport_response(&mem->transport);
        assert_int_equal(response->status, 416);
        assert_false(response->has_range);
        assert_int_equal(response->length, 0);
        assert_int_equal(transport_read(&mem->transport, &byte, 1), 0);
        transport_close(&mem->transport);
    }
}

static void unknown_path_is_404_without_a_body(void **state)
{
    static const char *const urls[] = {"http://h/", "http://h/big.bin", "http://h/ota.json/",
                                       "http://h/OTA.JSON", "http://h//ota.json"};
    struct transport_mem *mem = *state;
    uint8_t byte;

    for (int i = 0; i < 5; i++) {
        assert_int_equal(get(mem, urls[i], 0, NULL), OTA_OK);
        assert_int_equal(transport_poll(&mem->transport), TRANSPORT_DONE);
        assert_int_equal(transport_response(&mem->transport)->status, 404);
        assert_string_equal(transport_response(&mem->transport)->validator, "");
        assert_int_equal(transport_read(&mem->transport, &byte, 1), 0);
        transport_close(&mem->transport);
    }
}

static void empty_file_is_done_at_once(void **state)
{
    struct transport_mem *mem = *state;

    assert_int_equal(get(mem, "http://h/empty", 0, NULL), OTA_OK);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_DONE);
    assert_int_equal(transport_response(&mem->transport)->status, 200);
    assert_true(transport_response(&mem->transport)->has_length);
    assert_int_equal(transport_response(&mem->transport)->length, 0);
}

static void what_is_no_url_is_refused_and_not_counted(void **state)
{
    static const char *const urls[] = {
        "", "ota.json", "/ota.json", "ftp://h/ota.json", "http://h", "http:/h/ota.json"};
    struct transport_mem *mem = *state;

    for (int i = 0; i < 6; i++)
        assert_int_equal(get(mem, urls[i], 0, NULL), OTA_ERR_FORMAT);
    assert_int_equal(mem->requests, 0);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_FAILED);
}

static void server_that_is_down_refuses(void **state)
{
    struct transport_mem *mem = *state;

    mem->is_down = true;
    assert_int_equal(get(mem, "http://h/ota.json", 0, NULL), OTA_ERR_NET);
    assert_int_equal(mem->requests, 1);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_FAILED);
    assert_int_equal(transport_failure(&mem->transport), OTA_ERR_NET);
    mem->is_down = false;
    assert_int_equal(get(mem, "http://h/ota.json", 0, NULL), OTA_OK);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_BODY);
}

static void close_is_fine_in_any_state(void **state)
{
    struct transport_mem *mem = *state;

    transport_close(&mem->transport);
    assert_int_equal(get(mem, "http://h/dir/big.bin", 0, NULL), OTA_OK);
    transport_close(&mem->transport);
    transport_close(&mem->transport);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_FAILED);
    assert_int_equal(get(mem, "http://h/ota.json", 0, NULL), OTA_OK);
    assert_int_equal(transport_response(&mem->transport)->length, 2);
}

static void dropped_connection_fails_with_a_network_error(void **state)
{
    struct transport_mem *mem = *state;
    uint8_t data[100];

    assert_int_equal(get(mem, "http://h/dir/big.bin", 0, NULL), OTA_OK);
    assert_int_equal(transport_read(&mem->transport, data, 100), 100);
    transport_mem_drop(mem);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_FAILED);
    assert_int_equal(transport_failure(&mem->transport), OTA_ERR_NET);
    assert_int_equal(transport_read(&mem->transport, data, 100), 0); /* what was open is gone */
}

static void copy_of_it_is_a_snapshot(void **state)
{
    struct transport_mem *mem = *state;
    uint8_t data[8192];

    assert_int_equal(get(mem, "http://h/dir/big.bin", 0, NULL), OTA_OK);
    assert_int_equal(transport_read(&mem->transport, data, 100), 100);
    struct transport_mem before = *mem;
    assert_body(mem, 100, BIG - 100);
    transport_close(&mem->transport);
    assert_int_equal(get(mem, "http://h/ota.json", 0, NULL), OTA_OK);
    *mem = before;
    assert_body(mem, 100, BIG - 100);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whole_file_comes_with_length_and_validator),
        TEST(body_comes_in_segments),
        TEST(range_comes_when_the_file_is_the_same),
        TEST(changed_file_comes_whole),
        TEST(range_behind_the_end_is_416_without_a_body),
        TEST(unknown_path_is_404_without_a_body),
        TEST(empty_file_is_done_at_once),
        TEST(what_is_no_url_is_refused_and_not_counted),
        TEST(server_that_is_down_refuses),
        TEST(close_is_fine_in_any_state),
        TEST(dropped_connection_fails_with_a_network_error),
        TEST(copy_of_it_is_a_snapshot),
    };

    return cmocka_run_group_tests_name("transport_mem", tests, NULL, NULL);
}
