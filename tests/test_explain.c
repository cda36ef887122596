#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/explain.h"

#include "tests/scenario_text.h"

static void expect(const struct scenario *scenario, const char *expected)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    assert_non_null(to);
    explain_text(scenario, to);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
}

static void the_least_scenario_is_two_sentences_and_more(void **state)
{
    struct scenario scenario;

    (void)state;
    scenario_text_take(scenario_text_least, &scenario);
    expect(&scenario,
           "A device runs v1 from the factory. The server offers nothing. After every start\n"
           "the device must run one of the images that may run. In the end v1 must run,\n"
           "confirmed, within 8 boots.\n");
}

static void an_update_with_cuts_reads_like_a_story(void **state)
{
    char *two = scenario_text_change(scenario_text_least, "1024 } }",
                                     "1024 }, 'v2': { 'version': 2, 'size': '64K' } }");
    char *offered = scenario_text_change(two, "'eventually': { 'runs': 'v1' }",
                                         "'server': [{ 'offers': ['v2'] }],\n"
                                         "'cuts': [{ 'at': 'every' }],\n"
                                         "'always': { 'runs': ['v1', 'v2'] },\n"
                                         "'eventually': { 'runs': 'v2', 'within-boots': 6 },\n"
                                         "'sometimes': ['boot.installed', 'cut.erase.weak']");
    struct scenario scenario;

    (void)state;
    scenario_text_take(offered, &scenario);
    expect(&scenario,
           "A device runs v1 from the factory. The server offers v2 (64 KiB). The power goes\n"
           "at every operation, inside it, inside a program with all bits done but one,\n"
           "inside an erase that reads as done or not, at each boot anew or after it. After\n"
           "every start the device must run v1 or v2. With the power kept on from then, v2\n"
           "must run, confirmed, within 6 boots. Over all runs there must have been\n"
           "boot.installed and cut.erase.weak.\n");
    free(offered);
    free(two);
}

static void everything_is_said(void **state)
{
    struct scenario scenario;

    (void)state;
    scenario_text_take(scenario_text_full, &scenario);
    expect(&scenario,
           "A device that left the factory with v1 was updated to v2, which runs. v3 is\n"
           "downloaded and not started yet. Its flash has ECC. Its store keeps 3 images. An\n"
           "image has 10 trial boots. It checks for updates every 7200 s. Of its boot\n"
           "control page 14 slots are used up. Of its newest boot control record 16 status\n"
           "words are used up. Its factory pin is held at every start. Its application\n"
           "checks, downloads and resets only when asked. It looks for the network 'plant'.\n"
           "Only 'office' is there. The passphrase is another one. The access point is\n"
           "switched on after 60 s. It gives no address before 90 s. After 4096 bytes the\n"
           "network is gone for 120 s. Before the power comes on, the stored file of v3 has\n"
           "lost its second half and the boot control page is all 0xFF and the stored files\n"
           "of v2 and v3 have changed places. The server offers v4 (1 KiB), the order to\n"
           "erase version 2 and v5 (888 KiB, announced as version 9, with a wrong digest, as\n"
           "fw.bin, but sends the bytes of v4). Once v2 is confirmed, the server offers\n"
           "nothing. 2 requests for an image after the first get nothing after 25% of the\n"
           "body for 5000 ms. Every request for the manifest gets status 503 and the wish to\n"
           "be asked again after 60 s. Every request gets 9600 bytes a second. Every request\n"
           "gets 7 bytes at a time. Every request gets a Content-Length of 8 bytes too many.\n"
           "Every request for a part of an image gets a part that begins 9 bytes too early.\n"
           "Every request gets 6 redirects. Every request gets a wrong bit after 4096 bytes\n"
           "of the body. v1 has the security counter 7. v3 hangs. v4 is signed by a key the\n"
           "device does not know. v5 is made for another product. At ota.offer it is asked\n"
           "to erase version 4, and must refuse. At 60 s it is configured to check by\n"
           "itself, check every 30 s, download by itself and reset by itself. The power goes\n"
           "at every erase of the internal flash while the bootloader decides or while an\n"
           "image is installed, inside an erase that reads as done or not, at each boot\n"
           "anew. After that it goes again at operation 17, if it is a program operation of\n"
           "the external flash, inside it, inside a program with all bits done but one or\n"
           "after it. This happens 3 times, once each time the power is on. After every\n"
           "start the device must run v1, v2 or v3. With the power kept on from then, v2\n"
           "must run, confirmed, within 100 boots. The store must then hold v2 beside the\n"
           "factory backup, and no other. The store must then not hold v3. Over all runs\n"
           "there must have been boot.trial, cut.erase.weak and cut.program.inside. In no\n"
           "run there may be ota.restart.\n");
}

static void a_row_says_what_is_different_in_it(void **state)
{
    struct scenario scenario;

    (void)state;
    scenario_text_take(scenario_text_least, &scenario);
    strcpy(scenario.row, "[0,1]");
    strcpy(scenario.setting, "/device/ecc true, /device/trials 1");
    expect(&scenario,
           "Row [0,1]: /device/ecc true, /device/trials 1.\n"
           "A device runs v1 from the factory. The server offers nothing. After every start\n"
           "the device must run one of the images that may run. In the end v1 must run,\n"
           "confirmed, within 8 boots.\n");
}

static void every_fault_is_explained(void **state)
{
    static const struct scenario_fault all = {.value = 3, .at = 50, .at_is_percent = true};
    struct scenario scenario;
    char *text, *begin;
    size_t size;

    (void)state;
    scenario_text_take(scenario_text_least, &scenario);
    for (int kind = 0; kind < FAULT_KIND_COUNT; kind++) {
        FILE *to = open_memstream(&text, &size);
        assert_non_null(to);
        scenario.stages[0].fault_count = 1;
        scenario.stages[0].faults[0] = all;
        scenario.stages[0].faults[0].kind = (enum fault_kind)kind;
        scenario.stages[0].faults[0].times = kind % 3 > 0 ? 1 : 0;
        scenario.stages[0].faults[0].skip = kind % 3 == 2 ? (uint32_t)kind : 0;
        explain_text(&scenario, to);
        fclose(to);
        for (char *at = text; *at; at++)
            *at = *at == '\n' ? ' ' : *at;
        begin = strstr(text, " request");
        assert_non_null(begin);
        assert_null(strstr(text, "gets ."));
        assert_non_null(strstr(begin, kind % 3 == 2 ? " after the first " : "request"));
        free(text);
    }
}

static void requests_of_every_kind_are_explained(void **state)
{
    char *text = scenario_text_change(
        scenario_text_least, "'device'",
        "'app': { 'auto-reset': false, 'requests': [ { 'ask': 'check', 'at-s': 0 },"
        "{ 'ask': 'reset', 'at-s': 5 }, { 'ask': 'abort', 'when': 'ota.check' },"
        "{ 'ask': 'rollback', 'at-s': 9, 'refused': true },"
        "{ 'ask': 'configure', 'at-s': 9, 'periodic': false, 'auto-update': false,"
        "'auto-reset': false }, { 'ask': 'factory-reset', 'when': 'ota.ready' } ] }, 'device'");
    struct scenario scenario;

    (void)state;
    scenario_text_take(text, &scenario);
    expect(&scenario,
           "A device runs v1 from the factory. Its application resets only when asked. The\n"
           "server offers nothing. At once it is asked to check for updates. At 5 s it is\n"
           "asked to reset. At ota.check it is asked to abort what it does. At 9 s it is\n"
           "asked to give up its image, and must refuse. At 9 s it is configured to check\n"
           "only when asked, download only when asked and reset only when asked. At\n"
           "ota.ready it is asked to go back to the factory image. After every start the\n"
           "device must run one of the images that may run. In the end v1 must run,\n"
           "confirmed, within 8 boots.\n");
    free(text);
}

static void an_image_that_has_no_room_is_said(void **state)
{
    char *text = scenario_text_change(scenario_text_least, "1024 } }",
                                      "1024 }, 'v2': { 'version': 2, 'size': '889K' } }");
    char *offered = scenario_text_change(text, "'eventually'",
                                         "'server': [{ 'offers': ['v2'] }], 'eventually'");
    struct scenario scenario;

    (void)state;
    scenario_text_take(offered, &scenario);
    expect(&scenario,
           "A device runs v1 from the factory. The server offers v2 (889 KiB). v2 is larger\n"
           "than program flash. After every start the device must run one of the images that\n"
           "may run. In the end v1 must run, confirmed, within 8 boots.\n");
    free(offered);
    free(text);
}

static void an_empty_store_is_said(void **state)
{
    char *text =
        scenario_text_change(scenario_text_least, "'runs': 'v1'", "'runs': 'v1', 'stored': []");
    struct scenario scenario;

    (void)state;
    scenario_text_take(text, &scenario);
    expect(&scenario,
           "A device runs v1 from the factory. The server offers nothing. After every start\n"
           "the device must run one of the images that may run. In the end v1 must run,\n"
           "confirmed, within 8 boots. The store must then hold no image beside the factory\n"
           "backup.\n");
    free(text);
}

static void a_device_that_gets_stuck_is_explained(void **state)
{
    char *text = scenario_text_change(scenario_text_least, "'runs': 'v1'",
                                      "'stuck': true, 'within-boots': 1");
    struct scenario scenario;

    (void)state;
    scenario_text_take(text, &scenario);
    expect(&scenario,
           "A device runs v1 from the factory. The server offers nothing. After every start\n"
           "the device must run one of the images that may run, if it starts any. In the end\n"
           "the device must stay in its bootloader, with nothing that may run, within 1\n"
           "boot.\n");
    free(text);
}

/* The least scenario with another device, and with this beside it. */
static void expect_device(const char *device, const char *expected)
{
    char *two = scenario_text_change(scenario_text_least, "1024 } }",
                                     "1024 }, 'v2': { 'version': 2, 'size': '64K' } }");
    char *text = scenario_text_change(two, "'device': { 'factory': 'v1' }", device);
    struct scenario scenario;

    scenario_text_take(text, &scenario);
    expect(&scenario, expected);
    free(text);
    free(two);
}

static void what_a_device_went_through_is_told(void **state)
{
    (void)state;
    expect_device("'device': { 'factory': 'v1', 'on-trial': 'v2', 'past': ['v2'], 'store': '2M' }",
                  "A device runs v1 from the factory. v2 has had its first trial boot and is not\n"
                  "confirmed. In a life before, until it was programmed anew, it ran v2. Its\n"
                  "external flash has 2 MiB. The server offers nothing. After every start the\n"
                  "device must run one of the images that may run. In the end v1 must run,\n"
                  "confirmed, within 8 boots.\n");
    expect_device(
        "'device': { 'factory': 'v1' }, 'damage': [\n"
        "{ 'of': 'boot-control', 'how': 'set', 'field': 'version', 'value': 9 },\n"
        "{ 'of': 'boot-control', 'how': 'set', 'field': 'word', 'value': 66032 },\n"
        "{ 'of': 'boot-control', 'how': 'set', 'field': 'page', 'value': 17 },\n"
        "{ 'of': 'database', 'how': 'fill', 'value': 12 },\n"
        "{ 'of': 'program-flash', 'how': 'program', 'image': 'v2' },\n"
        "{ 'of': 'image', 'how': 'add', 'image': 'v2', 'text': 'x.bin' }]",
        "A device runs v1 from the factory. Before the power comes on, the newest record\n"
        "of boot control has a \"version\" of 9 and boot control has a status word more, of\n"
        "status 0xF0 and trial 1, that asks for a factory reset and the boot control page\n"
        "begins with 0x00000011 and the image database has 12 rows of images that were\n"
        "given up and a programmer writes the code of v2 to program flash and somebody\n"
        "puts the file of v2 into the store as 'x.bin'. The server offers nothing. After\n"
        "every start the device must run one of the images that may run. In the end v1\n"
        "must run, confirmed, within 8 boots.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_scenario_is_two_sentences_and_more),
        cmocka_unit_test(an_update_with_cuts_reads_like_a_story),
        cmocka_unit_test(everything_is_said),
        cmocka_unit_test(a_row_says_what_is_different_in_it),
        cmocka_unit_test(every_fault_is_explained),
        cmocka_unit_test(requests_of_every_kind_are_explained),
        cmocka_unit_test(an_image_that_has_no_room_is_said),
        cmocka_unit_test(an_empty_store_is_said),
        cmocka_unit_test(a_device_that_gets_stuck_is_explained),
        cmocka_unit_test(what_a_device_went_through_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
