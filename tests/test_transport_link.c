#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/transport_link.h"
#include "sim/server/transport_mem.h"

static uint64_t now_ms;

static uint64_t tell_now(struct clock *clock)
{
    (void)clock;
    return now_ms;
}

static const struct clock_ops ops = {.now_ms = tell_now};
static struct clock test_clock = {&ops};
static uint8_t bytes[10000];
static struct server server;
static struct transport_mem mem;
static struct station station;
static struct transport_link over;

static const struct transport_request request = {.url = "http://server/f"};

static int set_up(void **state)
{
    struct station_air air = {
        .ssid = "a", .drop_count = 1, .drops = {{.at_byte = 5000, .for_ms = 100}}};

    (void)state;
    now_ms = 0;
    memset(&server, 0, sizeof server);
    server.count = 1;
    strcpy(server.files[0].path, "/f");
    server.files[0].bytes = bytes;
    server.files[0].size = sizeof bytes;
    transport_mem_init(&mem, &server);
    station_init(&station, &test_clock, &air, "a", "");
    transport_link_init(&over, &mem.transport, &station);
    return 0;
}

static void transfer_is_lost_with_the_link_and_not_found_again(void **state)
{
    uint8_t buffer[3000];

    (void)state;
    assert_int_equal(transport_open(&over.transport, &request), OTA_OK);
    assert_int_equal(transport_poll(&over.transport), TRANSPORT_BODY);
    assert_int_equal(transport_response(&over.transport)->status, 200);
    assert_int_equal(transport_read(&over.transport, buffer, 3000), 3000);
    assert_int_equal(transport_poll(&over.transport), TRANSPORT_BODY);
    assert_int_equal(transport_read(&over.transport, buffer, 3000), 3000);
    assert_int_equal(transport_poll(&over.transport), TRANSPORT_FAILED);
    assert_int_equal(transport_failure(&over.transport), OTA_ERR_NET);
    now_ms = 100;
    assert_int_equal(transport_poll(&over.transport), TRANSPORT_FAILED);
    assert_int_equal(transport_read(&over.transport, buffer, 3000), 0);
    transport_close(&over.transport);
    assert_int_equal(transport_open(&over.transport, &request), OTA_OK);
    assert_int_equal(transport_poll(&over.transport), TRANSPORT_BODY);
}

static void nothing_opens_without_a_link(void **state)
{
    (void)state;
    station_received(&station, 5000);
    assert_int_equal(transport_open(&over.transport, &request), OTA_ERR_NET);
    assert_int_equal(mem.requests, 0);
}

static void transfer_below_the_drop_is_whole(void **state)
{
    uint8_t buffer[4000];

    (void)state;
    server.files[0].size = 4000;
    assert_int_equal(transport_open(&over.transport, &request), OTA_OK);
    assert_int_equal(transport_read(&over.transport, buffer, sizeof buffer), 4000);
    assert_int_equal(transport_poll(&over.transport), TRANSPORT_DONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(transfer_is_lost_with_the_link_and_not_found_again, set_up),
        cmocka_unit_test_setup(nothing_opens_without_a_link, set_up),
        cmocka_unit_test_setup(transfer_below_the_drop_is_whole, set_up),
    };

    return cmocka_run_group_tests_name("transport_link", tests, NULL, NULL);
}
