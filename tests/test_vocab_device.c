#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/vocab_device.h"

#include "tests/scenario_text.h"

static void seconds_become_milliseconds(void **state)
{
    struct scenario scenario = {0};
    struct station_drop drop = {0};

    (void)state;
    vocab_word(&vocab_device_air_object, "absent-s")->set(&scenario, 60);
    vocab_word(&vocab_device_air_object, "no-address-s")->set(&scenario, 90);
    vocab_word(&vocab_device_drop_object, "for-s")->set(&drop, 3);
    assert_int_equal(scenario.network.air.absent_ms, 60000);
    assert_int_equal(scenario.network.air.no_address_ms, 90000);
    assert_int_equal(drop.for_ms, 3000);
}

static void no_time_is_too_long_for_milliseconds(void **state)
{
    (void)state;
    assert_true(vocab_word(&vocab_device_air_object, "absent-s")->max <= UINT32_MAX / 1000);
    assert_true(vocab_word(&vocab_device_air_object, "no-address-s")->max <= UINT32_MAX / 1000);
    assert_true(vocab_word(&vocab_device_drop_object, "for-s")->max <= UINT32_MAX / 1000);
}

static void names_and_passphrases_fit_the_station(void **state)
{
    struct station station;

    (void)state;
    assert_int_equal(vocab_word(&vocab_device_network_object, "ssid")->max,
                     sizeof station.ssid - 1);
    assert_int_equal(vocab_word(&vocab_device_air_object, "ssid")->max, sizeof station.ssid - 1);
    assert_int_equal(vocab_word(&vocab_device_network_object, "passphrase")->max,
                     sizeof station.passphrase - 1);
    assert_int_equal(vocab_word(&vocab_device_air_object, "passphrase")->max,
                     sizeof station.passphrase - 1);
    assert_int_equal(vocab_word(&vocab_device_air_object, "drops")->max, STATION_DROPS_MAX);
}

static void the_network_is_read(void **state)
{
    struct scenario s;

    (void)state;
    scenario_text_take(scenario_text_full, &s);
    assert_true(s.network.has_link);
    assert_string_equal(s.network.ssid, "plant");
    assert_string_equal(s.network.passphrase, "correct horse");
    assert_string_equal(s.network.air.ssid, "office");
    assert_string_equal(s.network.air.passphrase, "battery staple");
    assert_int_equal(s.network.air.absent_ms, 60000);
    assert_int_equal(s.network.air.no_address_ms, 90000);
    assert_int_equal(s.network.air.drop_count, 1);
    assert_int_equal(s.network.air.drops[0].at_byte, 4096);
    assert_int_equal(s.network.air.drops[0].for_ms, 120000);
}

static void the_air_is_as_the_device_wants_it(void **state)
{
    char *text = scenario_text_change(
        scenario_text_least, "'device'",
        "'network': { 'ssid': 'plant', 'passphrase': 'correct horse' }, 'device'");
    struct scenario s;

    (void)state;
    scenario_text_take(text, &s);
    assert_true(s.network.has_link);
    assert_string_equal(s.network.air.ssid, "plant");
    assert_string_equal(s.network.air.passphrase, "correct horse");
    assert_int_equal(s.network.air.drop_count, 0);
    scenario_text_take(scenario_text_least, &s);
    assert_false(s.network.has_link);
    assert_true(s.app.is_periodic);
    assert_true(s.app.is_auto_update);
    assert_true(s.app.is_auto_reset);
    assert_false(s.has_stored);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seconds_become_milliseconds),
        cmocka_unit_test(no_time_is_too_long_for_milliseconds),
        cmocka_unit_test(names_and_passphrases_fit_the_station),
        cmocka_unit_test(the_network_is_read),
        cmocka_unit_test(the_air_is_as_the_device_wants_it),
    };

    return cmocka_run_group_tests_name("vocab_device", tests, NULL, NULL);
}
