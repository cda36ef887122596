#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/value.h"

#include "tests/scenario_text.h"

static void refuse(const char *from, const char *to, const char *expected)
{
    scenario_text_refuse_change(from, to, expected);
}

static void numbers_have_a_range(void **state)
{
    (void)state;
    refuse("'trials': 10", "'trials': 11",
           "14:65: error: /device/trials: expected a number from 1 to 10, not 11\n");
    refuse("'trials': 10", "'trials': 0", "14:65: error: /device/trials: expected a number");
    refuse("'trials': 10", "'trials': -1", "14:65: error: /device/trials: expected a number");
    refuse("'trials': 10", "'trials': 1.0", "14:65: error: /device/trials: expected a number");
    refuse("'trials': 10", "'trials': null", "14:65: error: /device/trials: expected a number");
    refuse("'trials': 10", "'trials': []",
           "14:65: error: /device/trials: expected a number from 1 to 10, not a list\n");
    refuse("'version': 9", "'version': 0",
           "22:35: error: /server/0/offers/2/version: expected a number from 1, not 0\n");
    refuse("'version': 9", "'version': 4294967296",
           "22:35: error: /server/0/offers/2/version: expected a number from 1, not 4294967296\n");
    refuse("'version': 9", "'version': 123456789012345678901234567890",
           "22:35: error: /server/0/offers/2/version: expected a number from 1, not 1234");
    refuse("'hours': 2", "'hours': 0", "34:24: error: /budget/hours: expected a number");
    refuse("'images-max': 3", "'images-max': '3'",
           "14:32: error: /device/images-max: expected a number from 1 to 5, not \"3\"\n"
           "        \"ecc\": true, \"images-max\": \"3\", \"interval-s\": 7200, \"trials\": 10, "
           "\"why\": \"seven\"\n"
           "                                   ^~~\n"
           "  hint: remove the quotes\n");
}

static void a_place_is_bytes_or_a_percentage(void **state)
{
    static const struct {
        const char *text;
        uint32_t at;
        bool is_percent;
    } good[] = {{"0", 0, false},       {"'0%'", 0, true},     {"'99%'", 99, true},
                {"'1K'", 1024, false}, {"'0x10'", 16, false}, {"16777216", 16777216, false}};
    static const char *const bad[] = {"'100%'", "'%'",  "'-1%'", "'5.5%'", "-1",   "16777217",
                                      "'50'",   "'0K'", "''",    "1.5",    "true", "'50%%'"};
    struct scenario scenario;
    char to[40];

    (void)state;
    for (uint32_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(to, sizeof to, "'at': %s", good[i].text);
        char *text = scenario_text_change(scenario_text_full, "'at': '4K'", to);
        scenario_text_take(text, &scenario);
        assert_int_equal(scenario.stages[1].faults[7].at, good[i].at);
        assert_int_equal(scenario.stages[1].faults[7].at_is_percent, good[i].is_percent);
        free(text);
    }
    for (uint32_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(to, sizeof to, "'at': %s", bad[i]);
        refuse("'at': '4K'", to,
               "24:461: error: /server/1/faults/7/at: expected a number of bytes, as 4096 or "
               "\"4K\", or a percentage, as \"50%\", not ");
    }
}

static void a_number_may_be_a_word(void **state)
{
    (void)state;
    refuse("'at': 17", "'at': 'evry'",
           "29:13: error: /cuts/1/at: unknown word 'evry'; one of: every\n"
           "        { \"at\": \"evry\", \"during\": \"any\", \"operations\": \"program\", "
           "\"flash\": \"spi\", \"times\": 3 }\n"
           "                ^~~~~~\n"
           "  hint: did you mean 'every'?\n");
    refuse("'at': 17", "'at': 0",
           "29:13: error: /cuts/1/at: expected \"every\", a number from 1, or an address, as "
           "\"0x21400\", not 0\n");
    refuse("'at': 17", "'at': '17'",
           "29:13: error: /cuts/1/at: expected \"every\", a number from 1, or an address, as "
           "\"0x21400\", not \"17\"\n");
}

static void an_address_is_in_hex(void **state)
{
    static const char *const wrong[] = {"0x", "0xg", "0x80000000", "21400", "0X10"};
    char at[32];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        snprintf(at, sizeof at, "'at': '%s'", wrong[i]);
        refuse("'at': 17", at, "29:13: error: /cuts/1/at: ");
    }
}

static void sizes_are_written_in_three_ways(void **state)
{
    (void)state;
    refuse("'1K'", "1023",
           "9:35: error: /images/v4/size: expected a size from 1024 to 1024K, as 65536, \"64K\" or "
           "\"0x10000\", not 1023\n");
    refuse("'1K'", "'1025K'", "9:35: error: /images/v4/size: expected a size");
    refuse("'1K'", "'0x100001'", "9:35: error: /images/v4/size: expected a size");
    refuse("'1K'", "'0x'", "9:35: error: /images/v4/size: expected a size");
    refuse("'1K'", "'-1K'", "9:35: error: /images/v4/size: expected a size");
    refuse("'1K'", "'1M'", "9:35: error: /images/v4/size: expected a size");
    refuse("'1K'", "'99999999999999999999K'", "9:35: error: /images/v4/size: expected a size");
    refuse("'1K'", "true", "9:35: error: /images/v4/size: expected a size");
    refuse("'1K'", "'64k'",
           "9:35: error: /images/v4/size: expected a size from 1024 to 1024K, as 65536, \"64K\" or "
           "\"0x10000\", not \"64k\"\n"
           "        \"v4\": { \"version\": 4, \"size\": \"64k\", \"signed-by\": \"other\" },\n"
           "                                      ^~~~~\n"
           "  hint: did you mean \"64K\"?\n");
}

static void sizes_are_read_in_three_ways(void **state)
{
    struct scenario scenario;

    (void)state;
    scenario_text_take(scenario_text_full, &scenario);
    assert_int_equal(scenario.images[0].size, 65536);
    assert_int_equal(scenario.images[1].size, 65535);
    assert_int_equal(scenario.images[2].size, 65537);
    assert_int_equal(scenario.images[4].size, 0xDE000);
}

static void choices_are_listed_and_guessed(void **state)
{
    (void)state;
    refuse("'app': 'hang'", "'app': 'hnag'",
           "8:53: error: /images/v3/app: unknown behaviour 'hnag'; one of: healthy crash-at-start "
           "hang never-confirm crash-later\n"
           "        \"v3\": { \"version\": 3, \"size\": \"0x10001\", \"app\": \"hnag\" },\n"
           "                                                        ^~~~~~\n"
           "  hint: did you mean 'hang'?\n");
    refuse("'app': 'hang'", "'app': 'dance'", "8:53: error: /images/v3/app: unknown behaviour");
    refuse("'app': 'hang'", "'app': 7",
           "8:53: error: /images/v3/app: expected one of: healthy crash-at-start hang "
           "never-confirm crash-later, not 7\n");
    refuse("'signed-by': 'other'", "'signed-by': 'me'",
           "9:54: error: /images/v4/signed-by: unknown signer 'me'; one of: us other nobody\n");
    refuse("'product': 'other'", "'product': 'x'", "10:63: error: /images/v5/product: unknown");
    refuse("'digest': 'wrong'", "'digest': 'bad'",
           "22:48: error: /server/0/offers/2/digest: unknown digest 'bad'; one of: right wrong\n");
    refuse("'of': 'boot-control'", "'of': 'bootctl'",
           "18:13: error: /damage/1/of: unknown target 'bootctl'; one of: image factory database "
           "file-system boot-control program-flash\n");
    refuse("'how': 'blank'", "'how': 'erase'",
           "18:36: error: /damage/1/how: unknown damage 'erase'; one of: flip byte blank zero "
           "truncate remove empty swap disable forget rewrite fill set program add\n");
    refuse("'flash': 'spi'", "'flash': 'sip'",
           "29:68: error: /cuts/1/flash: unknown flash 'sip'; one of: both nvm spi\n");
}

static void sets_are_words_or_lists_of_words(void **state)
{
    (void)state;
    refuse("['install', 'boot']", "['instal', 'boot']",
           "27:33: error: /cuts/0/during/0: unknown phase 'instal'; one of: boot first-boot "
           "install run download enter any\n");
    refuse("['install', 'boot']", "'recovr'",
           "27:32: error: /cuts/0/during: unknown phase 'recovr'; one of: boot first-boot install "
           "run download enter any\n"
           "        { \"at\": \"every\", \"during\": \"recovr\", \"operations\": [\"erase\"],\n"
           "                                   ^~~~~~~~\n");
    refuse("['install', 'boot']", "[]", "27:32: error: /cuts/0/during: empty; at least one\n");
    refuse("['install', 'boot']", "['boot', 'boot']",
           "27:41: error: /cuts/0/during/1: 'boot' stands twice in this list\n");
    refuse("['install', 'boot']", "['boot', 'any']",
           "27:41: error: /cuts/0/during/1: 'any' stands twice in this list\n");
    refuse("['install', 'boot']", "7",
           "27:32: error: /cuts/0/during: expected one or a list of: boot first-boot");
    refuse("['weak']", "['week']",
           "28:19: error: /cuts/0/moments/0: unknown moment 'week'; one of: inside suffix "
           "one-bit most-bits some-bits nothing low-half high-half weak after any\n");
}

static void booleans_have_no_quotes(void **state)
{
    (void)state;
    refuse("'ecc': true", "'ecc': 'true'",
           "14:12: error: /device/ecc: expected true or false, not \"true\"\n"
           "        \"ecc\": \"true\", \"images-max\": 3, \"interval-s\": 7200, \"trials\": 10, "
           "\"why\": \"seven\"\n"
           "               ^~~~~~\n"
           "  hint: remove the quotes\n");
    refuse("'ecc': true", "'ecc': 1", "14:12: error: /device/ecc: expected true or false, not 1\n");
}

static void images_are_listed_and_guessed(void **state)
{
    (void)state;
    refuse("'runs': 'v2'", "'runs': 'v9'",
           "32:27: error: /eventually/runs: no image 'v9'; there are: v1 v2 v3 v4 v5\n");
    refuse("'factory': 'v1'", "'factory': 'factory-image-of-last-year-or-the-year-before-that'",
           "13:16: error: /device/factory: no image "
           "'factory-image-of-last-year-or-the-year-befor...'; there are: v1 v2 v3 v4 v5\n");
    refuse("['v2'],", "'v2',",
           "13:52: error: /device/installed: expected a list of image names, not \"v2\"\n");
    refuse("['v1', 'v2', 'v3']", "['v1', 'v2', 'v2', 'v3']",
           "31:36: error: /always/runs/2: 'v2' stands twice in this list\n");
    refuse("['v1', 'v2', 'v3']", "[]", "31:23: error: /always/runs: empty; at least 1\n");
    refuse("['v1', 'v2', 'v3']", "[1]",
           "31:24: error: /always/runs/0: expected the name of an image, not 1\n");
    refuse("'downloaded': ['v3']", "'downloaded': ['v3', 'v3']",
           "13:81: error: /device/downloaded/1: one too many: at most 1 in \"downloaded\"\n");
}

static void marks_are_known_and_stand_once(void **state)
{
    (void)state;
    refuse("'boot.trial'", "'boot.trail'",
           "33:17: error: /sometimes/0: unknown mark 'boot.trail'\n"
           "      \"sometimes\": [\"boot.trail\", \"cut.erase.weak\", \"cut.program.inside\"],\n"
           "                    ^~~~~~~~~~~~\n"
           "  hint: did you mean 'boot.trial'?\n");
    refuse("'boot.trial'", "'moon'", "33:17: error: /sometimes/0: unknown mark 'moon'\n");
    refuse(
        "'boot.trial'", "'boot.refused:kay'",
        "33:17: error: /sometimes/0: unknown reason 'kay'\n"
        "      \"sometimes\": [\"boot.refused:kay\", \"cut.erase.weak\", \"cut.program.inside\"],\n"
        "                    ^~~~~~~~~~~~~~~~~~\n"
        "  hint: did you mean 'key'?\n");
    refuse("'boot.trial'", "'boot.trial:key'",
           "33:17: error: /sometimes/0: this mark has no reason\n");
    refuse("'boot.trial'", "'cut.erase.weak'",
           "33:35: error: /sometimes/1: 'cut.erase.weak' stands twice in this list\n");
    refuse("'boot.trial'", "'cut.program.weak'",
           "33:17: error: /sometimes/0: unknown mark 'cut.program.weak'\n");
    refuse("'boot.trial'", "0", "33:17: error: /sometimes/0: expected the name of a mark, not 0\n");
    refuse("'boot.trial'",
           "'boot.start', 'boot.jump', 'boot.trial', 'ota.check', 'ota.reset', 'boot.first', "
           "'boot.backup', 'ota.erased', 'ota.link', 'ota.offer', 'ota.ready', 'ota.request', "
           "'ota.aborted', 'boot.stay', 'ota.refused'",
           "33:241: error: /sometimes/16: one too many: at most 16 in \"sometimes\"\n");
}

static void texts_say_something(void **state)
{
    (void)state;
    refuse("'Every word of the language stands here.'", "'Because.'",
           "4:10: error: /why: too short; a sentence of at least 20 characters that says: What "
           "breaks in the field without it.\n");
    refuse("'Every word of the language stands here.'", "'                          x'",
           "4:10: error: /why: too short");
    refuse("'Every word of the language stands here.'", "17",
           "4:10: error: /why: expected a string of 20 to 399 bytes, not 17\n");
    refuse("'why': 'seven'", "'why': ' '", "14:76: error: /device/why: empty\n");
    refuse("'full'", "'Full'",
           "3:11: error: /name: expected a string of lower case words joined by '-', not "
           "\"Full\"\n");
    refuse("'full'", "'full-'", "3:11: error: /name: expected a string of lower case");
    refuse("'full'", "''", "3:11: error: /name: empty\n");
}

static void a_text_has_a_limit(void **state)
{
    char to[600];

    (void)state;
    memset(to, 'x', sizeof to);
    to[0] = to[401] = '\'';
    to[402] = '\0';
    refuse("'Every word of the language stands here.'", to,
           "4:10: error: /why: 400 bytes; at most 399");
}

static void a_name_is_lower_case_words(void **state)
{
    (void)state;
    assert_true(value_is_name("a"));
    assert_true(value_is_name("v2"));
    assert_true(value_is_name("a-b-3"));
    assert_false(value_is_name(""));
    assert_false(value_is_name("-a"));
    assert_false(value_is_name("a-"));
    assert_false(value_is_name("a--b"));
    assert_false(value_is_name("A"));
    assert_false(value_is_name("a b"));
    assert_false(value_is_name("a_b"));
    assert_false(value_is_name("\xC3\xA9"));
}

static void a_request_waits_for_one_event(void **state)
{
    (void)state;
    refuse("'when': 'ota.offer'", "'when': 'ota.ofer'",
           "36:45: error: /app/requests/0/when: unknown mark 'ota.ofer'\n"
           "        { \"ask\": \"erase\", \"version\": 4, \"when\": \"ota.ofer\", \"refused\": "
           "true },\n"
           "                                                ^~~~~~~~~~\n"
           "  hint: did you mean 'ota.offer'?\n");
    refuse("'when': 'ota.offer'", "'when': 'cut.erase.weak'",
           "36:45: error: /app/requests/0/when: 'cut.erase.weak' is a cut; nobody can ask for "
           "anything then\n");
    refuse("'when': 'ota.offer'", "'when': ['ota.offer']",
           "36:45: error: /app/requests/0/when: expected the name of a mark, not a list\n");
}

static void sizes_beyond_the_limit_are_not_guessed_at(void **state)
{
    (void)state;
    refuse("'1K'", "'1025K'",
           "9:35: error: /images/v4/size: expected a size from 1024 to 1024K, as 65536, \"64K\" or "
           "\"0x10000\", not \"1025K\"\n"
           "        \"v4\": { \"version\": 4, \"size\": \"1025K\", \"signed-by\": \"other\" },\n"
           "                                      ^~~~~~~\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_waits_for_one_event),
        cmocka_unit_test(sizes_beyond_the_limit_are_not_guessed_at),
        cmocka_unit_test(numbers_have_a_range),
        cmocka_unit_test(a_number_may_be_a_word),
        cmocka_unit_test(an_address_is_in_hex),
        cmocka_unit_test(a_place_is_bytes_or_a_percentage),
        cmocka_unit_test(sizes_are_written_in_three_ways),
        cmocka_unit_test(sizes_are_read_in_three_ways),
        cmocka_unit_test(choices_are_listed_and_guessed),
        cmocka_unit_test(sets_are_words_or_lists_of_words),
        cmocka_unit_test(booleans_have_no_quotes),
        cmocka_unit_test(images_are_listed_and_guessed),
        cmocka_unit_test(marks_are_known_and_stand_once),
        cmocka_unit_test(texts_say_something),
        cmocka_unit_test(a_text_has_a_limit),
        cmocka_unit_test(a_name_is_lower_case_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
