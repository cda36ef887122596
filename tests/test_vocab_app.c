#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hal_posix/log_text.h"
#include "sim/scenario/vocab_app.h"

#include "tests/scenario_text.h"

static void every_request_of_the_service_can_be_asked_for(void **state)
{
    const struct vocab_word *ask = vocab_word(&vocab_app_request_object, "ask");
    char text[64];

    (void)state;
    for (uint32_t request = OTA_REQUEST_CHECK; request < OTA_REQUEST_COUNT; request++) {
        const char *name = vocab_app_ask((enum ota_request)request);
        const uint32_t args[3] = {request, 0, 0};
        assert_string_equal(ask->choices[request - OTA_REQUEST_CHECK].name, name);
        log_text_format(LOG_OTA_REQUEST, args, text, sizeof text);
        const char *said = strrchr(text, ':') + 2;
        for (size_t i = 0; i < strlen(said); i++)
            assert_int_equal(name[i], said[i] == ' ' ? '-' : said[i]);
        assert_int_equal(strlen(name), strlen(said));
    }
    assert_string_equal(vocab_app_ask(SCENARIO_CONFIGURE), "configure");
    assert_null(ask->choices[SCENARIO_CONFIGURE].name);
}

static void request_is_stored_as_the_service_knows_it(void **state)
{
    const struct vocab_word *ask = vocab_word(&vocab_app_request_object, "ask");
    struct scenario_request request = {0};

    (void)state;
    ask->set(&request, 0);
    assert_int_equal(request.request, OTA_REQUEST_CHECK);
    ask->set(&request, 5);
    assert_int_equal(request.request, OTA_REQUEST_FACTORY_RESET);
}

static void mark_is_told_from_a_time(void **state)
{
    struct scenario_request request = {0};

    (void)state;
    vocab_word(&vocab_app_request_object, "when")->set(&request, LOG_BOOT_START);
    assert_true(request.has_mark);
    assert_int_equal(request.mark, LOG_BOOT_START);
}

static void each_setting_changes_itself_only(void **state)
{
    uint32_t count = 0;

    (void)state;
    for (; vocab_app_setting(count); count++) {
        const struct vocab_word *word =
            vocab_word(&vocab_app_request_object, vocab_app_setting(count));
        struct scenario_request request = {0};
        assert_non_null(word);
        word->set(&request, 1);
        assert_int_equal(request.settings.changed, 1u << count);
        assert_int_equal(request.settings.is_periodic, count == SETTING_PERIODIC);
        assert_int_equal(request.settings.is_auto_update, count == SETTING_AUTO_UPDATE);
        assert_int_equal(request.settings.is_auto_reset, count == SETTING_AUTO_RESET);
        assert_int_equal(request.settings.interval_s, count == SETTING_INTERVAL);
    }
    assert_int_equal(count, SETTING_INTERVAL + 1);
}

static void the_application_and_its_requests_are_read(void **state)
{
    struct scenario s;

    (void)state;
    scenario_text_take(scenario_text_full, &s);
    assert_false(s.app.is_periodic);
    assert_false(s.app.is_auto_update);
    assert_false(s.app.is_auto_reset);
    assert_int_equal(s.app.request_count, 2);
    const struct scenario_request *erase = &s.app.requests[0];
    assert_int_equal(erase->request, OTA_REQUEST_ERASE);
    assert_int_equal(erase->version, 4);
    assert_true(erase->has_mark);
    assert_int_equal(erase->mark, LOG_OTA_OFFER);
    assert_true(erase->is_refused);
    assert_int_equal(erase->settings.changed, 0);
    const struct scenario_request *configure = &s.app.requests[1];
    assert_int_equal(configure->request, SCENARIO_CONFIGURE);
    assert_false(configure->has_mark);
    assert_int_equal(configure->at_s, 60);
    assert_int_equal(configure->settings.changed, 15);
    assert_true(configure->settings.is_periodic);
    assert_true(configure->settings.is_auto_update);
    assert_true(configure->settings.is_auto_reset);
    assert_int_equal(configure->settings.interval_s, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_request_of_the_service_can_be_asked_for),
        cmocka_unit_test(request_is_stored_as_the_service_knows_it),
        cmocka_unit_test(mark_is_told_from_a_time),
        cmocka_unit_test(each_setting_changes_itself_only),
        cmocka_unit_test(the_application_and_its_requests_are_read),
    };

    return cmocka_run_group_tests_name("vocab_app", tests, NULL, NULL);
}
