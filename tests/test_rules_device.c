#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/rules_device.h"

#include "tests/scenario_text.h"

static void refuse(const char *from, const char *to, const char *expected)
{
    scenario_text_refuse_change(from, to, expected);
}

static void damage_is_done_to_what_is_there(void **state)
{
    (void)state;
    refuse("'image': 'v3', ", "",
           "17:5: error: /damage/0: \"image\" is missing: which image is damaged?\n");
    refuse("'of': 'boot-control', ", "'of': 'boot-control', 'image': 'v2', ",
           "18:38: error: /damage/1/image: only a damage with \"of\": \"image\" names one\n");
    refuse("'image': 'v3', ", "'image': 'v4', ",
           "17:31: error: /damage/0/image: 'v4' is not in the store: neither installed nor "
           "downloaded\n");
    refuse("'image': 'v3', ", "'image': 'v1', ",
           "17:31: error: /damage/0/image: 'v1' is not in the store: neither installed nor "
           "downloaded\n"
           "        { \"of\": \"image\", \"image\": \"v1\", \"how\": \"truncate\" },\n"
           "                                  ^~~~\n"
           "  hint: the factory backup is \"of\": \"factory\"\n");
}

#define DAMAGE(text)                                                                               \
    "'device': {'factory': 'v1', 'installed': ['v2']}, 'damage': [{" text "}],\n"                  \
    "'eventually': {'runs': 'v2'}"

static void each_kind_of_damage_has_its_own_words(void **state)
{
    (void)state;
    scenario_text_refuse_rest(DAMAGE("'of': 'factory', 'how': 'set', 'field': 'size', 'value': 1"),
                              "5:87: error: /damage/0/how: only boot control has fields\n");
    scenario_text_refuse_rest(DAMAGE("'of': 'boot-control', 'how': 'set', 'value': 1"),
                              "5:62: error: /damage/0: \"field\" is missing: 'set' needs it\n");
    scenario_text_refuse_rest(DAMAGE("'of': 'boot-control', 'how': 'zero', 'value': 1"),
                              "5:109: error: /damage/0/value: damage by 'zero' has no \"value\"\n");
    scenario_text_refuse_rest(DAMAGE("'of': 'database', 'how': 'fill'"),
                              "5:62: error: /damage/0: \"value\" is missing: 'fill' needs it\n");
    scenario_text_refuse_rest(DAMAGE("'of': 'database', 'how': 'rewrite'"),
                              "5:62: error: /damage/0: \"text\" is missing: 'rewrite' needs it\n");
    scenario_text_refuse_rest(DAMAGE("'of': 'boot-control', 'how': 'program', 'image': 'v2'"),
                              "5:92: error: /damage/0/how: a programmer writes program flash\n");
    scenario_text_refuse_rest(DAMAGE("'of': 'program-flash', 'how': 'program'"),
                              "5:62: error: /damage/0: \"image\" is missing: 'program' needs it\n");
    scenario_text_refuse_rest(
        DAMAGE("'of': 'factory', 'how': 'add'"),
        "5:87: error: /damage/0/how: only the file of an image is put into the store\n");
    scenario_text_refuse_rest(
        DAMAGE("'of': 'image', 'image': 'v2', 'how': 'add', 'text': 'a/b'"),
        "5:115: error: /damage/0/text: a file's name has 255 bytes at most, and no '/'\n");
    scenario_text_refuse_rest(
        DAMAGE("'of': 'image', 'image': 'v2', 'how': 'add', 'text': '..'"),
        "5:115: error: /damage/0/text: a file's name has 255 bytes at most, and no '/'\n");
    scenario_text_refuse_rest(DAMAGE("'of': 'database', 'how': 'fill', 'value': 1001"),
                              "5:105: error: /damage/0/value: 1000 rows are enough\n");
    scenario_text_refuse_rest(
        DAMAGE(
            "'of': 'database', 'how': 'flip', 'when': 'ota.entered'") ", 'cuts': [{'at': 'every', "
                                                                      "'times': 'any'}]",
        "5:104: error: /damage/0/when: not with \"any\" number of cuts\n");
    scenario_text_refuse_rest(DAMAGE("'of': 'database', 'how': 'byte', 'value': 0"),
                              "5:62: error: /damage/0: \"at\" is missing: 'byte' needs it\n");
    scenario_text_refuse_rest(DAMAGE("'of': 'database', 'how': 'byte', 'at': 1, 'value': 256"),
                              "5:114: error: /damage/0/value: a byte is at most 255\n");
    scenario_text_refuse_rest(DAMAGE("'of': 'image', 'image': 'v2', 'how': 'flip', 'text': 'a'"),
                              "5:116: error: /damage/0/text: damage by 'flip' has no \"text\"\n");
}

static void a_trial_is_of_an_update_that_starts(void **state)
{
    (void)state;
    scenario_text_refuse_rest(
        "'device': {'factory': 'v2', 'on-trial': 'v1'}, 'eventually': {'runs': 'v2'}",
        "5:41: error: /device/on-trial: 'v1' (version 1) is no update of 'v2' (version 2), "
        "which runs before it\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1', 'on-trial': 'v4'}, 'eventually': {'runs': 'v1'}",
        "5:41: error: /device/on-trial: no device takes 'v4': it is not signed\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1', 'on-trial': 'v3', 'downloaded': ['v2']},\n"
        "'eventually': {'runs': 'v1'}",
        "5:41: error: /device/on-trial: an image on trial has nothing downloaded behind it\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1', 'on-trial': 'v2', 'virgin': true},\n"
        "'eventually': {'runs': 'v1'}",
        "5:57: error: /device/virgin: a device that never started has nothing installed or "
        "downloaded\n");
}

static void a_past_is_of_updates_too(void **state)
{
    (void)state;
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1', 'past': ['v2', 'v1']}, 'eventually': {'runs': 'v1'}",
        "5:44: error: /device/past/1: 'v1' (version 1) is no update of 'v2' (version 2), "
        "which runs before it\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1', 'past': ['v1', 'v3']}, 'eventually': {'runs': 'v1'}",
        "5:44: error: /device/past/1: 'v3' is never confirmed: its app is 'hang'\n");
}

static void a_counter_that_is_raised_is_there(void **state)
{
    (void)state;
    refuse("'app': 'healthy' }", "'flaw': 'counter' }",
           "7:11: error: /images/v2: \"flaw\": \"counter\" needs a \"security-counter\"\n");
}

static void a_virgin_device_has_nothing_yet(void **state)
{
    (void)state;
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1', 'virgin': true, 'installed': ['v2']},\n"
        "'eventually': {'runs': 'v2'}",
        "5:39: error: /device/virgin: a device that never started has nothing installed or "
        "downloaded\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1', 'virgin': true},\n"
        "'damage': [{'of': 'boot-control', 'how': 'zero'}], 'eventually': {'runs': 'v1'}",
        "6:11: error: /damage: a virgin device is as it was programmed, without damage\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1', 'virgin': true, 'slots-used': 3},\n"
        "'eventually': {'runs': 'v1'}",
        "5:39: error: /device/virgin: a device that never started has no boot control to "
        "use\n");
}

static void the_device_gets_there_by_updates_that_work(void **state)
{
    (void)state;
    scenario_text_refuse_rest(
        "'device': {'factory': 'v2', 'installed': ['v1']},\n"
        "'eventually': {'runs': 'v2'}",
        "5:43: error: /device/installed/0: 'v1' (version 1) is no update of 'v2' (version "
        "2), which runs before it\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1', 'installed': ['v3']},\n"
        "'eventually': {'runs': 'v1'}",
        "5:43: error: /device/installed/0: 'v3' is never confirmed: its app is 'hang'\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1', 'downloaded': ['v4']},\n"
        "'eventually': {'runs': 'v1'}",
        "5:44: error: /device/downloaded/0: no device takes 'v4': it is not signed\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_is_done_to_what_is_there),
        cmocka_unit_test(each_kind_of_damage_has_its_own_words),
        cmocka_unit_test(a_trial_is_of_an_update_that_starts),
        cmocka_unit_test(a_past_is_of_updates_too),
        cmocka_unit_test(a_counter_that_is_raised_is_there),
        cmocka_unit_test(a_virgin_device_has_nothing_yet),
        cmocka_unit_test(the_device_gets_there_by_updates_that_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
