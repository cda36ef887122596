#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/rules.h"

#include "tests/scenario_text.h"

static void refuse(const char *from, const char *to, const char *expected)
{
    scenario_text_refuse_change(from, to, expected);
}

static void the_name_is_the_one_of_the_file(void **state)
{
    (void)state;
    refuse("'full'", "'fuller'",
           "3:11: error: /name: 'fuller' is not the file's name, 'full'\n"
           "      \"name\": \"fuller\",\n"
           "              ^~~~~~~~\n"
           "  hint: results and replays are found by that name\n");
}

static void later_stages_wait_for_something(void **state)
{
    (void)state;
    refuse("'when-runs': 'v2', ", "",
           "24:5: error: /server/1: when does this stage begin? Only the first one may begin at "
           "the start\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'}, 'eventually': {'runs': 'v1'},\n"
        "'server': [{'offers': ['v3', 'v4']}, {'when-runs': 'v2', 'offers': []}]",
        "6:52: error: /server/1/when-runs: nothing brings 'v2' to the device\n");
}

static void a_cut_at_an_address_is_one_of_one_flash(void **state)
{
    (void)state;
    refuse("'at': 17", "'at': '0x1000'",
           "29:90: error: /cuts/1/times: at an address the power goes once\n");
    refuse("'at': 17", "'at': 17, 'nth': 2",
           "29:24: error: /cuts/1/nth: \"nth\" counts operations at an address; \"at\" is none\n");
    refuse("'at': 17, 'during': 'any', 'operations': 'program', 'flash': 'spi', 'times': 3",
           "'at': '0x1000', 'nth': 2",
           "29:5: error: /cuts/1: \"flash\" is missing: the address is in which one?\n");
    refuse("'at': 17, 'during': 'any', 'operations': 'program', 'flash': 'spi', 'times': 3",
           "'at': '0x400000', 'flash': 'spi'",
           "29:13: error: /cuts/1/at: the flash ends at 0x400000\n");
    refuse("'at': 17, 'during': 'any', 'operations': 'program', 'flash': 'spi', 'times': 3",
           "'at': '0x100000', 'flash': 'nvm'",
           "29:13: error: /cuts/1/at: the flash ends at 0x100000\n");
}

static void a_moment_must_happen_to_the_cuts_operations(void **state)
{
    (void)state;
    refuse("'operations': 'program'", "'operations': 'program', 'moments': ['weak', 'after']",
           "29:70: error: /cuts/1/moments: \"weak\" does not happen to the operations of this "
           "cut\n");
    refuse("'moments': ['weak']", "'moments': ['weak', 'suffix']",
           "28:18: error: /cuts/0/moments: \"suffix\" does not happen to the operations of this "
           "cut\n");
}

static void behind_any_number_of_cuts_there_is_no_other(void **state)
{
    (void)state;
    refuse("'moments': ['weak']", "'times': 'any', 'moments': ['weak']",
           "28:16: error: /cuts/0/times: \"any\" number of cuts is for the last cut only\n");
}

static void marks_of_cuts_need_such_a_cut(void **state)
{
    (void)state;
    refuse("'cut.program.inside'", "'cut.erase.after'",
           "33:49: error: /sometimes/2: 'cut.erase.after' never happens: no cut of this scenario "
           "is like that\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'}, 'server': [{'offers': ['v2']}],\n"
        "'cuts': [{'at': 'every', 'moments': 'after'}], 'eventually': {'runs': 'v2'},\n"
        "'sometimes': ['cut.erase.reads-otherwise']",
        "7:15: error: /sometimes/0: 'cut.erase.reads-otherwise' never happens: no cut of "
        "this scenario is like that\n");
}

static void claims_do_not_contradict_each_other(void **state)
{
    (void)state;
    refuse("'runs': ['v1', 'v2', 'v3']", "'runs': ['v1', 'v3']",
           "32:27: error: /eventually/runs: 'v2' is not among \"always\": \"runs\"\n");
    refuse("'runs': ['v1', 'v2', 'v3']", "'runs': ['v1', 'v2', 'v4']",
           "31:36: error: /always/runs/2: 'v4' must never run: it is signed by a key the device "
           "does not know\n");
    refuse("'runs': ['v1', 'v2', 'v3']", "'runs': ['v5', 'v2']",
           "31:24: error: /always/runs/0: 'v5' must never run: it is made for another product\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'}, 'server': [{'offers': ['v2', 'v3', 'v4']}],\n"
        "'always': {'runs': ['v2']}, 'eventually': {'runs': 'v2'}",
        "6:20: error: /always/runs: 'v1', which runs at the start, is not among them\n");
}

static void faults_have_the_words_they_need(void **state)
{
    (void)state;
    refuse("'bytes-per-second': 9600", "'on': 'any'",
           "24:226: error: /server/1/faults/2: \"bytes-per-second\" is missing: 'rate' needs it\n");
    refuse("'do': 'rate',", "'do': 'down',",
           "24:262: error: /server/1/faults/2/bytes-per-second: a fault that does 'down' has no "
           "\"bytes-per-second\"; it is a word of: rate\n");
    refuse("'do': 'flip-bit'", "'do': 'empty'",
           "24:458: error: /server/1/faults/7/at: a fault that does 'empty' has no \"at\"; it is a "
           "word of: truncate reset-after stall flip-bit\n");
    refuse("'do': 'wrong-range',", "'do': 'wrong-range', 'on': 'manifest',",
           "24:383: error: /server/1/faults/5/on: 'wrong-range' never happens: nobody asks for a "
           "part of the manifest\n");
}

static void what_never_happens_may_happen(void **state)
{
    (void)state;
    refuse("['ota.restart']", "['boot.trial']",
           "34:70: error: /never/0: 'boot.trial' must happen, \"sometimes\" says\n");
    refuse(
        "['ota.restart']", "['ota.reset', 'cut.erase.weak']",
        "34:83: error: /never/1: 'cut.erase.weak' is what the scenario does; \"cuts\" says which "
        "there are\n");
}

static void the_goal_can_be_reached(void **state)
{
    (void)state;
    scenario_text_refuse_rest("'device': {'factory': 'v1'}, 'server': [{'offers': ['v3', 'v4']}],\n"
                              "'eventually': {'runs': 'v2'}",
                              "6:24: error: /eventually/runs: nothing brings 'v2' to the device\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'}, 'server': [{'offers': ['v2', 'v3', 'v4']}],\n"
        "'eventually': {'runs': 'v3'}",
        "6:24: error: /eventually/runs: 'v3' is never confirmed: its app is 'hang'\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'}, 'server': [{'offers': ['v2', 'v3', 'v4']}],\n"
        "'eventually': {'runs': 'v4'}",
        "6:24: error: /eventually/runs: 'v4' must never run: it is not signed\n");
    refuse("'runs': 'v2', 'within-boots'", "'stuck': false, 'within-boots'",
           "32:28: error: /eventually/stuck: \"stuck\" is true or left out\n");
}

static void every_image_is_used(void **state)
{
    (void)state;
    scenario_text_refuse_rest("'device': {'factory': 'v1'}, 'server': [{'offers': ['v2', 'v3']}],\n"
                              "'eventually': {'runs': 'v2'}",
                              "4:9: error: /images/v4: this image is never used\n");
}

static void one_mistake_is_said_once(void **state)
{
    (void)state;
    refuse("'runs': ['v1', 'v2', 'v3']", "'runs': ['v1', 'v22', 'v3']",
           "31:30: error: /always/runs/1: no image 'v22'; there are: v1 v2 v3 v4 v5\n");
    refuse("'at': 'every', 'during'", "'at': 'evry', 'during'",
           "27:13: error: /cuts/0/at: unknown word 'evry'; one of: every\n");
    refuse("'version': 2, 'size': 65535", "'version': '2', 'size': 65535",
           "7:24: error: /images/v2/version: expected a number from 1, not \"2\"\n");
}

static void damage_of_rows_and_places(void **state)
{
    (void)state;
    refuse("'how': 'blank'", "'how': 'disable'",
           "18:36: error: /damage/1/how: only a database has rows that can say so\n");
    refuse("'with': 'v3'", "'with': 'v2'",
           "18:102: error: /damage/2/with: an image does not change places with itself\n");
    refuse("'with': 'v3'", "'with': 'v4'",
           "18:102: error: /damage/2/with: 'v4' is not in the store: neither installed nor "
           "downloaded\n");
    refuse("'how': 'swap', 'with'", "'how': 'flip', 'with'",
           "18:102: error: /damage/2/with: only the files of two images change places\n");
}

static void requests_have_the_words_they_need(void **state)
{
    (void)state;
    refuse("'version': 4, 'when'", "'when'",
           "36:5: error: /app/requests/0: \"version\" is missing: 'erase' needs it\n");
    refuse(
        "'ask': 'erase'", "'ask': 'check'",
        "36:34: error: /app/requests/0/version: a request to 'check' has no \"version\"; it is a "
        "word of: erase\n");
    refuse("'when': 'ota.offer'", "'when': 'ota.offer', 'interval-s': 5",
           "36:72: error: /app/requests/0/interval-s: a request to 'erase' has no \"interval-s\"; "
           "it is a word of: configure\n");
    refuse("'at-s': 60, 'periodic': true, 'auto-update': true,\n      'auto-reset': true, "
           "'interval-s': 30",
           "'at-s': 60", "37:5: error: /app/requests/1: 'configure' changes nothing\n");
    refuse("'interval-s': 30 }", "'interval-s': 30, 'refused': true }",
           "37:5: error: /app/requests/1: 'configure' is never refused\n");
    refuse("'at-s': 60", "'at-s': 7200",
           "37:35: error: /app/requests/1/at-s: the run is over by then: \"budget\" gives it 7200 "
           "s\n");
    refuse(
        "'when': 'ota.offer'", "'when': 'ota.refused:key'",
        "36:45: error: /app/requests/0/when: what waits for a mark waits for any reason of it\n");
    refuse("'at-s': 60,", "", "37:5: error: /app/requests/1: \"when\" or \"at-s\" is missing\n");
    refuse("'when': 'ota.offer', 'refused': true", "'when': 'ota.offer', 'meanwhile': 'configure'",
           "36:71: error: /app/requests/0/meanwhile: 'configure' is never refused\n");
    refuse("'at-s': 60", "'meanwhile': 'check', 'at-s': 60",
           "37:40: error: /app/requests/1/meanwhile: nothing waits to be done meanwhile\n");
}

static void what_goes_by_itself_is_not_asked_for(void **state)
{
    (void)state;
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'}, 'eventually': {'runs': 'v1'},\n"
        "'app': {'requests': [{'ask': 'download', 'at-s': 0}]}",
        "6:22: error: /app/requests/0: 'download' is always refused: \"auto-update\" is "
        "on\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'}, 'eventually': {'runs': 'v1'},\n"
        "'app': {'requests': [{'ask': 'reset', 'at-s': 0}]}",
        "6:22: error: /app/requests/0: 'reset' is always refused: \"auto-reset\" is on\n");
}

static void the_store_gets_what_is_brought(void **state)
{
    (void)state;
    refuse("'gone': ['v3']", "'gone': ['v2']",
           "32:80: error: /eventually/gone: 'v2' is among \"stored\"\n");
    refuse("'stored': ['v2']", "'stored': ['v1']",
           "32:64: error: /eventually/stored: nothing brings 'v1' to the store\n");
    refuse("'gone': ['v3']", "'gone': ['v1']",
           "32:80: error: /eventually/gone: nothing brings 'v1' to the store\n");
}

static void one_address_has_one_file(void **state)
{
    (void)state;
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'}, 'eventually': {'runs': 'v2'}, 'server': [{'offers':\n"
        "[{'image': 'v2', 'file': 'fw'}, {'image': 'v3', 'file': 'fw'}, 'v4']}]",
        "6:57: error: /server/0/offers/1/file: another offer of this stage has that "
        "file\n");
}

static void the_device_has_room_for_its_images(void **state)
{
    char *text = scenario_text_change(scenario_text_least, "1024", "'889K'");

    (void)state;
    scenario_text_refuse(text, "5:26: error: /device/factory: 'v1' is larger than program flash\n");
    free(text);
}

static void held_pin_makes_the_factory_image_the_first(void **state)
{
    struct scenario scenario;

    (void)state;
    scenario_text_take(
        "{ 'name': 'full', 'why': 'The pin is held from the start.', 'images': {\n"
        "  'v1': {'version': 1, 'size': 1024}, 'v2': {'version': 2, 'size': 1024} },\n"
        "  'device': {'factory': 'v1', 'installed': ['v2'], 'factory-pin': true},\n"
        "  'always': {'runs': ['v1']}, 'eventually': {'runs': 'v1'} }",
        &scenario);
    assert_true(scenario.is_factory_pin_held);
}

static void flash_faults_are_where_something_is(void **state)
{
    (void)state;
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'},\n"
        "'flash-faults': [{'of': 'image', 'do': 'lie'}], 'eventually': {'runs': 'v1'}",
        "6:18: error: /flash-faults/0: \"image\" is missing: where is the fault?\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'},\n"
        "'flash-faults': [{'of': 'store', 'image': 'v1', 'do': 'lie'}],\n"
        "'eventually': {'runs': 'v1'}",
        "6:43: error: /flash-faults/0/image: only a fault with \"of\": \"image\" names "
        "one\n");
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'},\n"
        "'flash-faults': [{'of': 'image', 'image': 'v2', 'do': 'lie'}],\n"
        "'eventually': {'runs': 'v1'}",
        "6:43: error: /flash-faults/0/image: 'v2' is not in the store when the scenario "
        "begins\n");
}

static void manifest_is_about_an_image_that_is_offered(void **state)
{
    (void)state;
    scenario_text_refuse_rest(
        "'device': {'factory': 'v1'}, 'eventually': {'runs': 'v1'},\n"
        "'server': [{'offers': [{'erase': 3}], 'manifest': '{}'}]",
        "6:12: error: /server/0: \"manifest\" needs the offer of an image, as the first "
        "one\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_is_the_one_of_the_file),
        cmocka_unit_test(later_stages_wait_for_something),
        cmocka_unit_test(flash_faults_are_where_something_is),
        cmocka_unit_test(manifest_is_about_an_image_that_is_offered),
        cmocka_unit_test(a_cut_at_an_address_is_one_of_one_flash),
        cmocka_unit_test(a_moment_must_happen_to_the_cuts_operations),
        cmocka_unit_test(behind_any_number_of_cuts_there_is_no_other),
        cmocka_unit_test(marks_of_cuts_need_such_a_cut),
        cmocka_unit_test(claims_do_not_contradict_each_other),
        cmocka_unit_test(faults_have_the_words_they_need),
        cmocka_unit_test(what_never_happens_may_happen),
        cmocka_unit_test(the_goal_can_be_reached),
        cmocka_unit_test(every_image_is_used),
        cmocka_unit_test(damage_of_rows_and_places),
        cmocka_unit_test(requests_have_the_words_they_need),
        cmocka_unit_test(what_goes_by_itself_is_not_asked_for),
        cmocka_unit_test(the_store_gets_what_is_brought),
        cmocka_unit_test(one_address_has_one_file),
        cmocka_unit_test(the_device_has_room_for_its_images),
        cmocka_unit_test(held_pin_makes_the_factory_image_the_first),
        cmocka_unit_test(one_mistake_is_said_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
