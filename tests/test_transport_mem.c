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

/* --- time ------------------------------------------------------------------------------------- */

struct hand {
    struct clock clock;
    uint64_t now_ms;
};

static uint64_t hand_now(struct clock *clock)
{
    return ((struct hand *)clock)->now_ms;
}

static const struct clock_ops hand_ops = {.now_ms = hand_now};

/* A server with one fault on big.bin, and a clock that is moved by hand. */
static struct hand *use_fault(struct transport_mem *mem, struct scenario_fault fault)
{
    static struct server faulty;
    static struct hand hand;

    hand = (struct hand){{&hand_ops}, 1000000};
    faulty = server;
    faulty.fault_count = 1;
    faulty.faults[0] = fault;
    faulty.faults[0].on = FAULT_ON_IMAGES;
    transport_mem_serve(mem, &faulty);
    transport_mem_use_clock(mem, &hand.clock);
    assert_int_equal(get(mem, "http://h/dir/big.bin", 0, NULL), OTA_OK);
    return &hand;
}

/* Poll and read every 10 ms, as the service does, until something ends it. */
static enum transport_state wait_for_end(struct transport_mem *mem, struct hand *hand,
                                         uint32_t *ret_size)
{
    enum transport_state state;
    uint8_t data[8192];

    *ret_size = 0;
    for (;;) {
        state = transport_poll(&mem->transport);
        if (state == TRANSPORT_DONE || state == TRANSPORT_FAILED)
            return state;
        uint32_t taken =
            state == TRANSPORT_BODY ? transport_read(&mem->transport, data, sizeof data) : 0;
        *ret_size += taken;
        hand->now_ms += taken ? 0 : 10;
        assert_true(hand->now_ms < 1000000 + 1000000);
    }
}

static void short_stall_is_waited_for(void **state)
{
    struct transport_mem *mem = *state;
    struct scenario_fault fault = {.kind = FAULT_STALL, .at = 4000, .value = 59000};
    struct hand *hand = use_fault(mem, fault);
    uint32_t size;

    assert_int_equal(wait_for_end(mem, hand, &size), TRANSPORT_DONE);
    assert_int_equal(size, BIG);
    assert_in_range(hand->now_ms, 1059000, 1059020);
    assert_int_equal(mem->memory.fired, 1);
}

static void long_stall_is_a_timeout_behind_the_bytes_that_came(void **state)
{
    struct transport_mem *mem = *state;
    struct scenario_fault fault = {.kind = FAULT_STALL, .at = 4000, .value = 3600000};
    struct hand *hand = use_fault(mem, fault);
    uint32_t size;

    assert_int_equal(wait_for_end(mem, hand, &size), TRANSPORT_FAILED);
    assert_int_equal(transport_failure(&mem->transport), OTA_ERR_TIMEOUT);
    assert_int_equal(size, 4000);
    assert_in_range(hand->now_ms, 1060000, 1062000);
}

static void headers_that_never_come_are_a_timeout(void **state)
{
    struct transport_mem *mem = *state;
    struct scenario_fault fault = {.kind = FAULT_STALL, .at = 0, .value = 3600000};
    struct hand *hand = use_fault(mem, fault);
    uint32_t size;

    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_WAITING);
    assert_int_equal(wait_for_end(mem, hand, &size), TRANSPORT_FAILED);
    assert_int_equal(transport_failure(&mem->transport), OTA_ERR_TIMEOUT);
    assert_int_equal(size, 0);
    assert_in_range(hand->now_ms, 1060000, 1060010);
    assert_int_equal(mem->memory.fired, 1);
}

static void late_headers_are_fine(void **state)
{
    struct transport_mem *mem = *state;
    struct scenario_fault fault = {.kind = FAULT_STALL, .at = 0, .value = 20000};
    struct hand *hand = use_fault(mem, fault);
    uint32_t size;

    assert_int_equal(wait_for_end(mem, hand, &size), TRANSPORT_DONE);
    assert_int_equal(size, BIG);
    assert_int_equal(hand->now_ms, 1020000);
}

static void limit_of_speed_is_64_bytes_a_second(void **state)
{
    struct transport_mem *mem = *state;
    struct scenario_fault fault = {.kind = FAULT_RATE, .value = 64};
    struct hand *hand = use_fault(mem, fault);
    uint32_t size;

    assert_int_equal(wait_for_end(mem, hand, &size), TRANSPORT_DONE);
    assert_int_equal(size, BIG);
    assert_in_range(hand->now_ms, 1000000 + BIG * 1000 / 64, 1000000 + BIG * 1000 / 64 + 20);
    transport_close(&mem->transport);
    fault.value = 63;
    hand = use_fault(mem, fault);
    assert_int_equal(wait_for_end(mem, hand, &size), TRANSPORT_FAILED);
    assert_int_equal(transport_failure(&mem->transport), OTA_ERR_TIMEOUT);
    assert_int_equal(hand->now_ms, 1060000);
    assert_int_equal(size, 60 * 63);
}

/* Whoever comes late finds bytes that came in time. */
static void time_between_polls_is_not_held_against_the_server(void **state)
{
    struct transport_mem *mem = *state;
    struct scenario_fault fault = {.kind = FAULT_RATE, .value = 100};
    struct hand *hand = use_fault(mem, fault);
    uint8_t data[8192];

    hand->now_ms += 70000;
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_BODY);
    assert_int_equal(transport_read(&mem->transport, data, 4096), 4096);
    assert_int_equal(transport_read(&mem->transport, data, 4096), 7000 - 4096);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_BODY);
    assert_int_equal(transport_read(&mem->transport, data, 4096), 0);
}

static void bytes_before_a_failure_are_handed_out_first(void **state)
{
    struct transport_mem *mem = *state;
    struct scenario_fault fault = {.kind = FAULT_TRUNCATE, .at = 5000};
    struct hand *hand = use_fault(mem, fault);
    uint32_t size;

    assert_int_equal(mem->memory.fired, 0);
    assert_int_equal(wait_for_end(mem, hand, &size), TRANSPORT_FAILED);
    assert_int_equal(transport_failure(&mem->transport), OTA_ERR_NET);
    assert_int_equal(size, 5000);
    assert_int_equal(mem->memory.fired, 1);
}

static void failure_without_an_answer_is_told_by_poll(void **state)
{
    struct transport_mem *mem = *state;
    struct scenario_fault fault = {.kind = FAULT_UNTRUSTED};
    uint8_t byte;

    use_fault(mem, fault);
    assert_int_equal(transport_read(&mem->transport, &byte, 1), 0);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_FAILED);
    assert_int_equal(transport_failure(&mem->transport), OTA_ERR_TLS);
    transport_close(&mem->transport);
    assert_int_equal(get(mem, "http://h/ota.json", 0, NULL), OTA_OK);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_BODY);
}

static void another_server_remembers_nothing(void **state)
{
    struct transport_mem *mem = *state;
    struct scenario_fault fault = {.kind = FAULT_TRUNCATE, .at = 5000, .times = 1};
    uint8_t data[BIG];

    use_fault(mem, fault);
    transport_mem_serve(mem, &server);
    while (transport_read(&mem->transport, data, sizeof data))
        ;
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_FAILED);
    assert_int_equal(mem->memory.fired, 0);
    assert_int_equal(mem->memory.seen[0], 0);
}

static void copy_in_a_stall_is_a_snapshot(void **state)
{
    struct transport_mem *mem = *state;
    struct scenario_fault fault = {.kind = FAULT_STALL, .at = 4000, .value = 50000};
    struct hand *hand = use_fault(mem, fault);
    uint32_t size;

    hand->now_ms += 10000;
    struct transport_mem before = *mem;
    assert_int_equal(wait_for_end(mem, hand, &size), TRANSPORT_DONE);
    uint64_t end_ms = hand->now_ms;
    hand->now_ms = 1010000;
    *mem = before;
    assert_int_equal(wait_for_end(mem, hand, &size), TRANSPORT_DONE);
    assert_int_equal(size, BIG);
    assert_int_equal(hand->now_ms, end_ms);
}

static void misuse_is_noted(void **state)
{
    static const struct server down = {.fault_count = 1, .faults = {{.kind = FAULT_DOWN}}};
    struct transport_mem *mem = *state;
    uint8_t byte;

    assert_int_equal(get(mem, "http://h/ota.json", 0, NULL), OTA_OK);
    assert_int_equal(transport_response(&mem->transport)->status, 200);
    transport_close(&mem->transport);
    transport_close(&mem->transport);
    assert_null(mem->misuse);
    assert_int_equal(transport_poll(&mem->transport), TRANSPORT_FAILED);
    assert_string_equal(mem->misuse, "polled while no request is open");
    mem->misuse = NULL;
    assert_int_equal(transport_read(&mem->transport, &byte, 1), 0);
    assert_string_equal(mem->misuse, "read while no request is open");
    mem->misuse = NULL;
    assert_int_equal(transport_response(&mem->transport)->status, 0);
    assert_string_equal(mem->misuse, "asked for a response that is not known");
    mem->misuse = NULL;
    assert_int_equal(get(mem, "http://h/ota.json", 0, NULL), OTA_OK);
    assert_int_equal(get(mem, "http://h/ota.json", 0, NULL), OTA_ERR_STATE);
    assert_string_equal(mem->misuse, "opened while a request is open");
    mem->misuse = NULL;
    transport_close(&mem->transport);
    transport_mem_serve(mem, &down);
    assert_int_equal(get(mem, "http://h/ota.json", 0, NULL), OTA_ERR_NET);
    assert_int_equal(mem->memory.fired, 1);
    assert_false(mem->is_open);
    assert_null(mem->misuse);
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
        TEST(short_stall_is_waited_for),
        TEST(long_stall_is_a_timeout_behind_the_bytes_that_came),
        TEST(headers_that_never_come_are_a_timeout),
        TEST(late_headers_are_fine),
        TEST(limit_of_speed_is_64_bytes_a_second),
        TEST(time_between_polls_is_not_held_against_the_server),
        TEST(bytes_before_a_failure_are_handed_out_first),
        TEST(failure_without_an_answer_is_told_by_poll),
        TEST(another_server_remembers_nothing),
        TEST(copy_in_a_stall_is_a_snapshot),
        TEST(misuse_is_noted),
    };

    return cmocka_run_group_tests_name("transport_mem", tests, NULL, NULL);
}
