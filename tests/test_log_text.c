#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/err.h"
#include "hal_posix/log_text.h"

static const char *format(enum log_event event, uint32_t a, uint32_t b, uint32_t c)
{
    static char text[160];
    const uint32_t args[3] = {a, b, c};

    memset(text, 'x', sizeof text);
    log_text_format(event, args, text, sizeof text);
    return text;
}

static void numbers_stand_where_the_event_has_them(void **state)
{
    (void)state;
    assert_string_equal(format(LOG_OTA_CHECK, 7, 8, 9), "ota: asking for the manifest");
    assert_string_equal(format(LOG_BOOT_START, 2, 0, 0), "boot: started by the watchdog");
    assert_string_equal(format(LOG_OTA_PROGRESS, 65536, 4294967295u, 0),
                        "ota: 65536 of 4294967295 bytes");
    assert_string_equal(format(LOG_BOOT_TRIAL, 12, 1, 3), "boot: version 12, trial boot 1 of 3");
    assert_string_equal(format(LOG_BOOT_INSTALLED, 5, 0, 222),
                        "boot: installed version 5, 0 pages written, 222 already right");
}

static void errors_are_said_in_words(void **state)
{
    (void)state;
    assert_string_equal(format(LOG_BOOT_REFUSED, 4, OTA_ERR_KEY, 0),
                        "boot: version 4 refused: signed by another key");
    assert_string_equal(format(LOG_OTA_CHECK_FAILED, OTA_ERR_NET, 5, 0),
                        "ota: update check failed: the network failed; next in 5 s");
    assert_string_equal(format(LOG_STORE_REBUILT, OTA_ERR_CORRUPT, 2, 0),
                        "store: database rebuilt: damaged on the medium; 2 images found");
    assert_string_equal(format(LOG_BOOT_NO_STORE, 9999, 0, 0),
                        "boot: the image store does not mount: unknown error");
}

static void the_argument_that_is_an_error_is_known(void **state)
{
    (void)state;
    assert_int_equal(log_text_error_at(LOG_OTA_CHECK_FAILED), 0);
    assert_int_equal(log_text_error_at(LOG_OTA_REFUSED), 1);
    assert_int_equal(log_text_error_at(LOG_OTA_REQUEST_REFUSED), 1);
    assert_int_equal(log_text_error_at(LOG_OTA_CHECK), -1);
    assert_int_equal(log_text_error_at(LOG_EVENT_COUNT), -1);
}

static void every_event_has_a_name_and_a_sentence(void **state)
{
    (void)state;
    for (int event = 0; event < LOG_EVENT_COUNT; event++) {
        const char *text = format((enum log_event)event, 1, 2, 3);
        assert_true(strlen(text) > 10);
        assert_null(strchr(text, '%'));
        assert_true(strlen(log_text_name((enum log_event)event)) > 5);
        assert_non_null(strchr(log_text_name((enum log_event)event), '_'));
    }
    assert_string_equal(log_text_name(LOG_BOOT_START), "BOOT_START");
    assert_string_equal(log_text_name(LOG_OTA_RESET), "OTA_RESET");
}

static void event_of_a_newer_firmware_is_said_by_number(void **state)
{
    (void)state;
    assert_string_equal(log_text_name(LOG_EVENT_COUNT), "UNKNOWN");
    assert_string_equal(format((enum log_event)1000, 1, 2, 3), "event 1000");
    assert_string_equal(log_text_name((enum log_event)1000), "UNKNOWN");
}

/* In plain text, in a number, in an error's words. */
static void sentence_is_cut_to_the_room_there_is(void **state)
{
    const uint32_t args[3] = {123456, OTA_ERR_HASH, 0};
    const char *whole = format(LOG_BOOT_REFUSED, 123456, OTA_ERR_HASH, 0);
    char text[160];

    (void)state;
    for (size_t size = 1; size <= strlen(whole) + 2; size++) {
        memset(text, '#', sizeof text);
        log_text_format(LOG_BOOT_REFUSED, args, text, size);
        size_t length = size - 1 < strlen(whole) ? size - 1 : strlen(whole);
        assert_int_equal(strlen(text), length);
        assert_memory_equal(text, whole, length);
        for (size_t i = size; i < sizeof text; i++)
            assert_int_equal(text[i], '#');
    }
}

static void every_sentence_is_read_back(void **state)
{
    static const uint32_t arguments[][3] = {{0, 0, 0}, {1, 2, 3}, {3, 1, 250}, {7, 6, 5}};
    char text[160], again[160];
    enum log_event event;
    uint32_t args[3];

    (void)state;
    for (uint32_t i = 0; i < LOG_EVENT_COUNT; i++)
        for (uint32_t j = 0; j < 4; j++) {
            log_text_format((enum log_event)i, arguments[j], text, sizeof text);
            if (strchr(text, '?'))
                continue; /* a cause that is none */
            assert_true(log_text_parse(text, &event, args));
            log_text_format(event, args, again, sizeof again);
            assert_string_equal(again, text);
            assert_int_equal(event, i);
        }
}

static void what_no_event_says_is_not_read(void **state)
{
    enum log_event event;
    uint32_t args[3];

    (void)state;
    assert_false(log_text_parse("", &event, args));
    assert_false(log_text_parse("boot: candidate version ", &event, args));
    assert_false(log_text_parse("boot: candidate version 2 ", &event, args));
    assert_false(log_text_parse("boot: candidate version -2", &event, args));
    assert_false(log_text_parse("boot: candidate version 99999999999", &event, args));
    assert_false(log_text_parse("boot: started by somebody", &event, args));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_stand_where_the_event_has_them),
        cmocka_unit_test(errors_are_said_in_words),
        cmocka_unit_test(the_argument_that_is_an_error_is_known),
        cmocka_unit_test(every_event_has_a_name_and_a_sentence),
        cmocka_unit_test(every_sentence_is_read_back),
        cmocka_unit_test(what_no_event_says_is_not_read),
        cmocka_unit_test(event_of_a_newer_firmware_is_said_by_number),
        cmocka_unit_test(sentence_is_cut_to_the_room_there_is),
    };

    return cmocka_run_group_tests_name("log_text", tests, NULL, NULL);
}
