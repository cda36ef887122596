#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/station.h"

static uint64_t now_ms;

static uint64_t tell_now(struct clock *clock)
{
    (void)clock;
    return now_ms;
}

static const struct clock_ops ops = {.now_ms = tell_now};
static struct clock test_clock = {&ops};

static const struct station_air air = {.ssid = "home", .passphrase = "secret"};

static int set_up(void **state)
{
    (void)state;
    now_ms = 0;
    return 0;
}

static void right_name_and_passphrase_join(void **state)
{
    struct station station;

    (void)state;
    station_init(&station, &test_clock, &air, "home", "secret");
    assert_int_equal(station_state(&station), STATION_UP);
    assert_true(link_is_up(&station.link));
    assert_string_equal(station_state_name(STATION_UP), "up");
}

static void other_name_and_other_passphrase_do_not(void **state)
{
    struct station station;

    (void)state;
    station_init(&station, &test_clock, &air, "work", "secret");
    assert_int_equal(station_state(&station), STATION_NO_ACCESS_POINT);
    station_init(&station, &test_clock, &air, "home", "guess");
    assert_int_equal(station_state(&station), STATION_WRONG_PASSPHRASE);
    assert_false(link_is_up(&station.link));
}

static void network_goes_at_its_time_and_comes_back(void **state)
{
    struct station_air moody = air;
    struct station station;

    (void)state;
    moody.drop_count = 2;
    moody.drops[0] = (struct station_drop){.at_ms = 1000, .for_ms = 50};
    moody.drops[1] = (struct station_drop){.at_ms = 3000, .for_ms = 50};
    station_init(&station, &test_clock, &moody, "home", "secret");
    now_ms = 999;
    assert_int_equal(station_state(&station), STATION_UP);
    now_ms = 1049;
    assert_int_equal(station_state(&station), STATION_NO_ACCESS_POINT);
    now_ms = 1050;
    assert_int_equal(station_state(&station), STATION_UP);
    now_ms = 4000; /* the device did not look in between */
    assert_int_equal(station_state(&station), STATION_UP);
}

static void access_point_and_address_come_in_their_time(void **state)
{
    struct station_air late = air;
    struct station station;

    (void)state;
    late.absent_ms = 100;
    late.no_address_ms = 200;
    station_init(&station, &test_clock, &late, "home", "secret");
    assert_int_equal(station_state(&station), STATION_NO_ACCESS_POINT);
    now_ms = 100;
    assert_int_equal(station_state(&station), STATION_NO_ADDRESS);
    now_ms = 200;
    assert_int_equal(station_state(&station), STATION_UP);
}

static void each_drop_happens_once_at_its_byte(void **state)
{
    struct station_air bumpy = air;
    struct station station;

    (void)state;
    bumpy.drop_count = 2;
    bumpy.drops[0] = (struct station_drop){.at_byte = 1000, .for_ms = 50};
    bumpy.drops[1] = (struct station_drop){.at_byte = 2000, .for_ms = 70};
    station_init(&station, &test_clock, &bumpy, "home", "secret");
    station_received(&station, 999);
    assert_int_equal(station_state(&station), STATION_UP);
    station_received(&station, 1);
    assert_int_equal(station_state(&station), STATION_NO_ACCESS_POINT);
    now_ms = 50;
    assert_int_equal(station_state(&station), STATION_UP);
    station_received(&station, 999);
    assert_int_equal(station_state(&station), STATION_UP);
    station_received(&station, 5000);
    now_ms = 119;
    assert_int_equal(station_state(&station), STATION_NO_ACCESS_POINT);
    now_ms = 120;
    assert_int_equal(station_state(&station), STATION_UP);
    station_received(&station, 5000);
    assert_int_equal(station_state(&station), STATION_UP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(right_name_and_passphrase_join, set_up),
        cmocka_unit_test_setup(other_name_and_other_passphrase_do_not, set_up),
        cmocka_unit_test_setup(network_goes_at_its_time_and_comes_back, set_up),
        cmocka_unit_test_setup(access_point_and_address_come_in_their_time, set_up),
        cmocka_unit_test_setup(each_drop_happens_once_at_its_byte, set_up),
    };

    return cmocka_run_group_tests_name("station", tests, NULL, NULL);
}
