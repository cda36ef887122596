#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "sim/scenario/find.h"
#include "sim/scenario/load.h"
#include "sim/scenario/locate.h"
#include "tests/scenario_text.h"

static void refuse(const char *from, const char *to, const char *expected)
{
    scenario_text_refuse_change(from, to, expected);
}

static void images_and_the_device_are_read(void **state)
{
    struct scenario s;

    (void)state;
    scenario_text_take(scenario_text_full, &s);
    assert_string_equal(s.name, "full");
    assert_string_equal(s.theme, "theme");
    assert_string_equal(s.file, SCENARIO_TEXT_PATH);
    assert_string_equal(s.why, "Every word of the language stands here.");
    assert_int_equal(s.image_count, 5);
    assert_string_equal(s.images[4].name, "v5");
    assert_int_equal(s.images[4].version, 4294967295);
    assert_int_equal(s.images[4].product, PRODUCT_OTHER);
    assert_int_equal(s.images[3].product, PRODUCT_OURS);
    assert_int_equal(s.images[0].security_counter, 7);
    assert_int_equal(s.images[1].app, APP_HEALTHY);
    assert_int_equal(s.images[2].app, APP_HANG);
    assert_int_equal(s.images[3].signer, SIGNER_OTHER);
    assert_int_equal(s.images[0].signer, SIGNER_OURS);
    assert_int_equal(s.factory, 0);
    assert_false(s.is_virgin);
    assert_int_equal(s.installed_count, 1);
    assert_int_equal(s.installed[0], 1);
    assert_int_equal(s.downloaded_count, 1);
    assert_int_equal(s.downloaded[0], 2);
    assert_true(s.has_ecc);
    assert_int_equal(s.images_max, 3);
    assert_int_equal(s.interval_s, 7200);
    assert_int_equal(s.trials_max, 10);
    assert_true(s.is_factory_pin_held);
}

static void damage_and_the_server_are_read(void **state)
{
    struct scenario s;

    (void)state;
    scenario_text_take(scenario_text_full, &s);
    assert_int_equal(s.damage_count, 3);
    assert_int_equal(s.damages[0].target, DAMAGE_IMAGE);
    assert_int_equal(s.damages[0].image, 2);
    assert_int_equal(s.damages[0].how, DAMAGE_TRUNCATE);
    assert_int_equal(s.damages[1].target, DAMAGE_BOOT_CONTROL);
    assert_int_equal(s.damages[1].image, -1);
    assert_int_equal(s.damages[1].with, -1);
    assert_int_equal(s.damages[2].how, DAMAGE_SWAP);
    assert_int_equal(s.damages[2].image, 1);
    assert_int_equal(s.damages[2].with, 2);
    assert_int_equal(s.stage_count, 2);
    assert_int_equal(s.stages[0].when_runs, -1);
    assert_int_equal(s.stages[0].offer_count, 3);
    assert_int_equal(s.stages[0].offers[0].image, 3);
    assert_int_equal(s.stages[0].offers[0].version, 0);
    assert_false(s.stages[0].offers[0].is_erase);
    assert_false(s.stages[0].offers[0].has_wrong_digest);
    assert_int_equal(s.stages[0].offers[0].bytes_of, -1);
    assert_true(s.stages[0].offers[1].is_erase);
    assert_int_equal(s.stages[0].offers[1].version, 2);
    assert_int_equal(s.stages[0].offers[1].image, -1);
    assert_int_equal(s.stages[0].offers[2].image, 4);
    assert_int_equal(s.stages[0].offers[2].version, 9);
    assert_true(s.stages[0].offers[2].has_wrong_digest);
    assert_int_equal(s.stages[0].offers[2].bytes_of, 3);
    assert_string_equal(s.stages[0].offers[2].file, "fw");
    assert_string_equal(s.stages[0].offers[0].file, "");
    assert_int_equal(s.stages[1].when_runs, 1);
    assert_int_equal(s.stages[1].offer_count, 0);
}

static void assert_fault(const struct scenario_fault *fault, enum fault_kind kind,
                         enum fault_target on, uint32_t value)
{
    assert_int_equal(fault->kind, kind);
    assert_int_equal(fault->on, on);
    assert_int_equal(fault->value, value);
}

static void faults_of_the_server_are_read(void **state)
{
    struct scenario s;

    (void)state;
    scenario_text_take(scenario_text_full, &s);
    const struct scenario_fault *faults = s.stages[1].faults;
    assert_int_equal(s.stages[0].fault_count, 0);
    assert_int_equal(s.stages[1].fault_count, 8);
    assert_fault(&faults[0], FAULT_STALL, FAULT_ON_IMAGES, 5000);
    assert_true(faults[0].at_is_percent);
    assert_int_equal(faults[0].at, 25);
    assert_int_equal(faults[0].skip, 1);
    assert_int_equal(faults[0].times, 2);
    assert_fault(&faults[1], FAULT_STATUS, FAULT_ON_MANIFEST, 503);
    assert_int_equal(faults[1].retry_after_s, 60);
    assert_int_equal(faults[1].skip, 0);
    assert_int_equal(faults[1].times, 0);
    assert_fault(&faults[2], FAULT_RATE, FAULT_ON_ANY, 9600);
    assert_int_equal(faults[2].retry_after_s, 0);
    assert_fault(&faults[3], FAULT_CHUNK, FAULT_ON_ANY, 7);
    assert_fault(&faults[4], FAULT_WRONG_LENGTH, FAULT_ON_ANY, 8);
    assert_fault(&faults[5], FAULT_WRONG_RANGE, FAULT_ON_ANY, 9);
    assert_fault(&faults[6], FAULT_REDIRECT, FAULT_ON_ANY, 6);
    assert_fault(&faults[7], FAULT_FLIP_BIT, FAULT_ON_ANY, 0);
    assert_false(faults[7].at_is_percent);
    assert_int_equal(faults[7].at, 4096);
}

static void cuts_and_claims_are_read(void **state)
{
    struct scenario s;

    (void)state;
    scenario_text_take(scenario_text_full, &s);
    assert_int_equal(s.cut_count, 2);
    assert_true(s.cuts[0].is_every);
    assert_int_equal(s.cuts[0].phases, 1u << PHASE_INSTALL | 1u << PHASE_BOOT);
    assert_int_equal(s.cuts[0].kinds, 1u << POWER_ERASE);
    assert_int_equal(s.cuts[0].moments, 1u << POWER_WEAK);
    assert_true(s.cuts[0].on_nvm);
    assert_false(s.cuts[0].on_spi);
    assert_false(s.cuts[1].is_every);
    assert_int_equal(s.cuts[1].number, 17);
    assert_int_equal(s.cuts[1].phases, (1u << PHASE_COUNT) - 1);
    assert_int_equal(s.cuts[1].kinds, 1u << POWER_PROGRAM);
    assert_int_equal(s.cuts[1].moments, POWER_USUAL);
    assert_int_equal(s.cuts[0].times, 1);
    assert_int_equal(s.cuts[1].times, 3);
    assert_false(s.cuts[1].on_nvm);
    assert_true(s.cuts[1].on_spi);
    assert_int_equal(s.always_runs, 7);
    assert_int_equal(s.eventually_runs, 1);
    assert_false(s.is_stuck_expected);
    assert_int_equal(s.within_boots, 100);
    assert_true(s.has_stored);
    assert_int_equal(s.stored, 1u << 1);
    assert_int_equal(s.gone, 1u << 2);
    assert_int_equal(s.sometimes_count, 3);
    assert_int_equal(s.sometimes[0].event, LOG_BOOT_TRIAL);
    assert_int_equal(s.sometimes[1].kind, MARK_CUT);
    assert_int_equal(s.sometimes[1].cut_moment, POWER_WEAK);
    assert_int_equal(s.never_count, 1);
    assert_int_equal(s.never[0].event, LOG_OTA_RESTART);
    assert_int_equal(s.time_max_s, 7200);
    assert_int_equal(s.wear_max, 10);
    assert_int_equal(s.operations_max, 500);
}

static void little_is_enough(void **state)
{
    struct scenario s, usual;

    (void)state;
    scenario_init(&usual);
    scenario_text_take(scenario_text_least, &s);
    assert_int_equal(s.stage_count, 1);
    assert_int_equal(s.stages[0].when_runs, -1);
    assert_int_equal(s.stages[0].offer_count, 0);
    assert_int_equal(s.cut_count, 0);
    assert_int_equal(s.always_runs, 0);
    assert_int_equal(s.within_boots, usual.within_boots);
    assert_int_equal(s.images_max, usual.images_max);
    assert_int_equal(s.interval_s, usual.interval_s);
    assert_int_equal(s.trials_max, usual.trials_max);
    assert_int_equal(s.time_max_s, usual.time_max_s);
}

static void before_a_first_stage_that_waits_nothing_is_offered(void **state)
{
    char *text = scenario_text_change(scenario_text_least, "'eventually'",
                                      "'server': [{ 'when-runs': 'v1', 'offers': ['v1'] }],\n"
                                      "'eventually'");
    struct scenario s;

    (void)state;
    scenario_text_take(text, &s);
    assert_int_equal(s.stage_count, 2);
    assert_int_equal(s.stages[0].when_runs, -1);
    assert_int_equal(s.stages[0].offer_count, 0);
    assert_int_equal(s.stages[1].when_runs, 0);
    assert_int_equal(s.stages[1].offer_count, 1);
    free(text);
}

static void stuck_is_a_goal_too(void **state)
{
    char *text = scenario_text_change(scenario_text_least, "'runs': 'v1'", "'stuck': true");
    struct scenario s;

    (void)state;
    scenario_text_take(text, &s);
    assert_true(s.is_stuck_expected);
    assert_int_equal(s.eventually_runs, -1);
    free(text);
}

static void unknown_keys_are_errors_with_a_guess(void **state)
{
    (void)state;
    refuse("'trials': 10", "'trails': 10",
           "14:55: error: /device: unknown key 'trails'; device has: factory virgin installed "
           "downloaded on-trial past store ecc nil-product images-max interval-s trials "
           "confirm-within-s slots-used words-used factory-pin why\n"
           "        \"ecc\": true, \"images-max\": 3, \"interval-s\": 7200, \"trails\": 10, "
           "\"why\": \"seven\"\n"
           "                                                          ^~~~~~~~\n"
           "  hint: did you mean 'trials'?\n");
    refuse("'trials': 10", "'budget-s': 10", "14:55: error: /device: unknown key 'budget-s'");
    refuse("'name': 'full',", "'name': 'full', 'within-boots': 5,",
           "3:19: error: unknown key 'within-boots'; scenario has: $schema name why shows matrix "
           "images device app network damage flash-faults server cuts always eventually sometimes "
           "never budget\n"
           "      \"name\": \"full\", \"within-boots\": 5,\n"
           "                      ^~~~~~~~~~~~~~\n"
           "  hint: 'within-boots' is a word of: eventually\n");
    refuse("'trials': 10", "'\\u001b[2J': 10", "14:55: error: /device: unknown key '?[2J'");
}

static void a_misspelt_key_is_not_missing_too(void **state)
{
    (void)state;
    refuse("'factory': 'v1'", "'Factory': 'v1'", "13:5: error: /device: unknown key 'Factory'");
    refuse("'eventually'", "'eventualy'", "32:3: error: unknown key 'eventualy'");
    refuse("'erase': 2", "'erases': 2", "21:26: error: /server/0/offers/1: unknown key 'erases'");
}

static void missing_keys_are_said_with_their_meaning(void **state)
{
    (void)state;
    refuse("'size': '1K', ", "",
           "9:11: error: /images/v4: \"size\" is missing: What it takes of program flash, "
           "signature included.\n"
           "        \"v4\": { \"version\": 4, \"signed-by\": \"other\" },\n"
           "              ^\n"
           "  hint: it is a size from 1024 to 1024K, as 65536, \"64K\" or \"0x10000\"\n");
    refuse("  'eventually': { 'runs': 'v2', 'within-boots': 100, 'stored': ['v2'], 'gone': ['v3'] "
           "},\n",
           "", "1:1: error: \"eventually\" is missing: What every run comes to in the end.\n");
    refuse("'how': 'blank'", "'why': 'x'", "18:5: error: /damage/1: \"how\" is missing");
    refuse("'at': 17, ", "", "29:5: error: /cuts/1: \"at\" is missing");
}

static void one_of_two_words_is_needed(void **state)
{
    (void)state;
    refuse("'runs': 'v2', 'within-boots'", "'within-boots'",
           "32:17: error: /eventually: \"runs\" or \"stuck\" is missing\n");
    refuse("'runs': 'v2', 'within-boots'", "'runs': 'v2', 'stuck': true, 'within-boots'",
           "32:33: error: /eventually: \"runs\" and \"stuck\" exclude each other\n");
    refuse("'erase': 2", "'why': 'x'",
           "21:24: error: /server/0/offers/1: \"image\" or \"erase\" is missing\n");
    refuse("'erase': 2", "'erase': 2, 'version': 3",
           "21:38: error: /server/0/offers/1: \"version\" needs \"image\" beside it\n");
}

static void objects_and_lists_are_told_apart(void **state)
{
    (void)state;
    refuse("{ 'hours': 2, 'wear': 10, 'operations': 500 }", "7",
           "34:13: error: /budget: expected budget: an object {...}, not 7\n");
    refuse("{ 'erase': 2 }", "2",
           "21:24: error: /server/0/offers/1: expected offer: an object {...} or the name of an "
           "image, not 2\n");
    refuse("{ 'when-runs': 'v2', 'offers': [], " SCENARIO_TEXT_FAULTS " }", "'v2'",
           "24:5: error: /server/1: expected stage: an object {...}, not \"v2\"\n");
    refuse("'offers': []", "'offers': 'v2'",
           "24:36: error: /server/1/offers: expected a list [...], not \"v2\"\n");
    scenario_text_refuse("[]", "1:1: error: a scenario is an object {...}\n");
    scenario_text_refuse("12", "1:1: error: a scenario is an object {...}\n");
    scenario_text_refuse("{'name': 'full', 'why': 'As little as there can be.', 'images': [],"
                         "'device': {'factory': 'v1'}, 'eventually': {'runs': 'v1'}}",
                         "1:65: error: /images: expected an object {...} of objects by name, not "
                         "a list\n");
}

static void keys_may_not_stand_twice(void **state)
{
    (void)state;
    refuse("'trials': 10", "'trials': 10, 'ecc': true",
           "14:69: error: /device: the key 'ecc' stands twice in this object\n");
    refuse("'flash': 'spi'", "'flash': 'spi', 'at': 3",
           "29:75: error: /cuts/1: the key 'at' stands twice in this object\n");
}

static void a_twin_shows_the_first_one(void **state)
{
    (void)state;
    refuse("'name': 'full',", "'name': 'full', 'n\\u0061me': 'full',",
           "3:19: error: the key 'name' stands twice in this object\n"
           "      \"name\": \"full\", \"n\\u0061me\": \"full\",\n"
           "                      ^~~~~~~~~~~\n" SCENARIO_TEXT_PATH ":3:3: note: first here\n"
           "      \"name\": \"full\", \"n\\u0061me\": \"full\",\n"
           "      ^\n");
    refuse("'v2': {", "'v2': { 'version': 3, 'size': 1024 },\n    'v2': {",
           "8:5: error: /images: the key 'v2' stands twice in this object\n");
}

static void image_names_are_checked(void **state)
{
    (void)state;
    scenario_text_refuse_change("'v2': { 'version': 2, 'size': 65535, 'app': 'healthy' },",
                                "'v2': { 'version': 2, 'size': 65535, 'app': 'healthy' }, 'V 6': "
                                "{},",
                                "7:62: error: /images: a name is lower case words joined by "
                                "'-'\n");
    scenario_text_refuse("{'name': 'full', 'why': 'As little as there can be.', 'images': {},"
                         "'device': {'factory': 'v1'}, 'eventually': {'runs': 'v1'}}",
                         "1:65: error: /images: empty; at least 1\n");
    refuse("'v1': {", "'a123456789-123456789-123456789-123456789-1234567': {}, 'v1': {",
           "6:5: error: /images: a name of at most 47 bytes is expected\n");
}

/* A list of count times this element. */
static char *repeat(const char *element, int count)
{
    size_t size = (strlen(element) + 2) * (size_t)count + 3, used = 1;
    char *list = malloc(size);

    assert_non_null(list);
    strcpy(list, "[");
    for (int i = 0; i < count; i++)
        used += (size_t)sprintf(list + used, "%s%s", i ? ", " : "", element);
    strcpy(list + used, "]");
    return list;
}

static void lists_have_limits(void **state)
{
    static const struct {
        const char *key, *element;
        int max;
    } lists[] = {
        {"cuts", "{'at': 1}", SCENARIO_CUTS_MAX},
        {"damage", "{'of': 'factory', 'how': 'flip'}", SCENARIO_DAMAGES_MAX},
    };
    struct scenario scenario;
    char to[4000], expected[200];

    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        for (int over = 0; over < 2; over++) {
            char *list = repeat(lists[i].element, lists[i].max + over), *text;
            snprintf(to, sizeof to, "'%s': %s,\n'eventually'", lists[i].key, list);
            text = scenario_text_change(scenario_text_least, "'eventually'", to);
            snprintf(expected, sizeof expected, "6:%zu: error: /%s/%d: one too many: at most %d in",
                     strlen(lists[i].key) + 8 +
                         (strlen(lists[i].element) + 2) * (size_t)lists[i].max,
                     lists[i].key, lists[i].max, lists[i].max);
            if (over)
                scenario_text_refuse(text, expected);
            else
                scenario_text_take(text, &scenario);
            free(text);
            free(list);
        }
    }
}

static void images_have_a_limit(void **state)
{
    char text[2000] = "{'name': 'full', 'why': 'As little as there can be.', 'images': {\n";

    (void)state;
    for (int i = 0; i < SCENARIO_IMAGES_MAX + 1; i++)
        sprintf(text + strlen(text), "'v%d': {'version': 1, 'size': 1024}%s\n", i,
                i < SCENARIO_IMAGES_MAX ? "," : "},");
    strcat(text, "'device': {'factory': 'v1'}, 'eventually': {'runs': 'v1'}}");
    scenario_text_refuse(text,
                         "18:8: error: /images/v16: one too many: at most 16 in \"images\"\n");
}

static void all_errors_come_at_once_in_order(void **state)
{
    char *text = scenario_text_quote("{\n"
                                     "  'name': 'x',\n"
                                     "  'images': { 'v1': { 'version': '1' } },\n"
                                     "  'device': { 'factory': 'v2', 'ecc': 1 },\n"
                                     "  'cuts': [ { 'at': 'never' } ],\n"
                                     "  'eventually': {}\n"
                                     "}\n");
    static const char *const expected[] = {
        ":1:1: error: \"why\" is missing",
        ":2:11: error: /name: 'x' is not the file's name, 'full'",
        ":3:21: error: /images/v1: \"size\" is missing",
        ":3:34: error: /images/v1/version: expected a number from 1, not \"1\"",
        ":4:26: error: /device/factory: no image 'v2'",
        ":4:39: error: /device/ecc: expected true or false, not 1",
        ":5:21: error: /cuts/0/at: unknown word 'never'",
        ":6:17: error: /eventually: \"runs\" or \"stuck\" is missing",
    };
    struct scenario scenario;
    char *errors;

    (void)state;
    assert_int_equal(scenario_text_load(text, strlen(text), &errors, &scenario), LOAD_REFUSED);
    const char *at = errors;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const char *found = strstr(at, expected[i]);
        if (!found)
            fail_msg("no '%s' behind\n%s", expected[i], at);
        at = found;
    }
    assert_null(strstr(at + 10, ": error: "));
    free(errors);
    free(text);
}

static void a_syntax_error_shows_its_place(void **state)
{
    (void)state;
    refuse("'trials': 10,", "'trials': 010,",
           "14:65: error: a number does not begin with a zero: '010'\n");
    scenario_text_refuse("{\n  'name': 'full' // the name\n}\n",
                         "2:18: error: JSON has no comments\n"
                         "      \"name\": \"full\" // the name\n"
                         "                     ^\n"
                         "  hint: say it in a \"why\", which every object may have\n");
    scenario_text_refuse("{\n  'cuts': [\n    { 'at': 'every' }\n",
                         "3:22: error: the file ends, but ']' is missing\n"
                         "        { \"at\": \"every\" }\n"
                         "                         ^\n" SCENARIO_TEXT_PATH
                         ":2:11: note: the list begins here\n"
                         "      \"cuts\": [\n"
                         "              ^\n");
    scenario_text_refuse("", "1:1: error: the file is empty\n");
}

static void a_valid_file_cut_anywhere_is_an_error(void **state)
{
    char *text = scenario_text_quote(scenario_text_full), *errors;
    struct scenario scenario;

    (void)state;
    for (size_t size = 0; size + 1 < strlen(text); size++) {
        assert_int_equal(scenario_text_load(text, size, &errors, &scenario), LOAD_REFUSED);
        assert_non_null(strstr(errors, ": error: "));
        free(errors);
    }
    free(text);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Change a few places: a byte, a piece that is gone or stands twice, a piece of the language. */
static size_t mutate(char *text, size_t size, size_t room, uint32_t *seed)
{
    static const char *const pieces[] = {
        "{",      "}",       "[",        "]",    "\"",         ":",       ",",
        "\\",     "null",    "true",     "-1",   "1e999",      "0",       "''",
        "\"\"",   "\\u0000", "\xFF",     "\xC3", "\n",         "NaN",     "\"v2\"",
        "[[[[[[", "{\"a\":", "\"why\":", "1e5",  "4294967296", "\"any\"", "\\uD800",
    };

    for (uint32_t i = 1 + next_random(seed) % 3; i > 0 && size > 1; i--) {
        size_t at = next_random(seed) % size, length = 1 + next_random(seed) % 20;
        if (length > size - at)
            length = size - at;
        const char *piece = pieces[next_random(seed) % (sizeof pieces / sizeof pieces[0])];
        size_t piece_size = strlen(piece);
        switch (next_random(seed) % 4) {
        case 0:
            text[at] = (char)next_random(seed);
            break;
        case 1:
            memmove(text + at, text + at + length, size - at - length);
            size -= length;
            break;
        case 2:
            if (size + length <= room) {
                memmove(text + at + length, text + at, size - at);
                size += length;
            }
            break;
        default:
            if (size + piece_size <= room) {
                memmove(text + at + piece_size, text + at, size - at);
                memcpy(text + at, piece, piece_size);
                size += piece_size;
            }
            break;
        }
    }
    return size;
}

static void any_bytes_are_taken_or_refused(void **state)
{
    char *text = scenario_text_quote(scenario_text_full), copy[4096], *errors;
    struct scenario scenario;
    uint32_t seed = 1, taken = 0;

    (void)state;
    for (int i = 0; i < 30000; i++) {
        memcpy(copy, text, strlen(text));
        size_t size = mutate(copy, strlen(text), sizeof copy, &seed);
        enum load_result result = scenario_text_load(copy, size, &errors, &scenario);
        taken += result == LOAD_OK;
        assert_true(result == LOAD_OK || result == LOAD_REFUSED);
        assert_int_equal(errors[0] == '\0', result == LOAD_OK);
        if (strstr(errors, "json-c"))
            fail_msg("what is strict JSON for us is none for json-c: %.*s", (int)size, copy);
        free(errors);
    }
    assert_true(taken > 100);
    free(text);
}

/* begin, middle again and again, end: 1 MiB in all. */
static void refuse_much(const char *begin, const char *middle, const char *end)
{
    char *text = malloc(LOCATE_SIZE_MAX), *errors;
    size_t used = strlen(begin), length = strlen(middle);
    struct scenario scenario;

    assert_non_null(text);
    memcpy(text, begin, used);
    for (; used + length + strlen(end) + 8 < LOCATE_SIZE_MAX; used += length)
        memcpy(text + used, middle, length);
    used += (size_t)sprintf(text + used, "%s", end);
    assert_int_equal(scenario_text_load(text, used, &errors, &scenario), LOAD_REFUSED);
    assert_true(strlen(errors) < 100000);
    free(errors);
    free(text);
}

static void much_of_the_same_takes_no_time(void **state)
{
    (void)state;
    refuse_much("", "[", "");
    refuse_much("{", "\"a\":", "");
    refuse_much("[", "1,", "1]");
    refuse_much("{\"cuts\": [{\"at\": 1, \"during\": [", "1,", "1]}]}");
    refuse_much("{\"cuts\": [{\"at\": 1, \"during\": [", "\"boot\",", "1]}]}");
    refuse_much("{", "\"a\": 1,", "\"b\": 1}");
    refuse_much("{\"images\": {", "\"a\": {},", "\"b\": 1}}");
    refuse_much("{\"name\": \"", "a", "\"}");
    refuse_much("{\"name\": \"", "\\u00e9", "\"}");
    refuse_much("{\"", "a", "\": 1}");
    refuse_much("", "\n", "");
}

static void files_that_cannot_be_read_say_why(void **state)
{
    char folder[] = "/tmp/test_load.XXXXXX", path[64], *errors;
    struct load_rows rows;
    size_t size;

    (void)state;
    assert_non_null(mkdtemp(folder));
    FILE *to = open_memstream(&errors, &size);
    assert_int_equal(load_file(folder, to, &rows), LOAD_REFUSED);
    snprintf(path, sizeof path, "%s/none.json", folder);
    assert_int_equal(load_file(path, to, &rows), LOAD_REFUSED);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(load_file(path, to, &rows), LOAD_REFUSED);
    unlink(path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), LOCATE_SIZE_MAX + 1), 0);
    fclose(file);
    assert_int_equal(load_file(path, to, &rows), LOAD_REFUSED);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(load_file(path, to, &rows), LOAD_REFUSED);
    fclose(to);
    char expected[600];
    snprintf(expected, sizeof expected,
             "%s: error: is a directory, not a scenario file\n"
             "%s: error: No such file or directory\n"
             "%s: error: is not a regular file\n"
             "%s: error: is larger than 1 MiB\n"
             "%s:1:1: error: the file is empty\n    \n    ^\n",
             folder, path, path, path, path);
    assert_string_equal(errors, expected);
    free(errors);
    unlink(path);
    rmdir(folder);
}

static void what_is_refused_leaves_the_scenario_alone(void **state)
{
    struct scenario scenario, before;
    char *errors;

    (void)state;
    memset(&scenario, 0xA5, sizeof scenario);
    before = scenario;
    assert_int_equal(scenario_text_load("{}", 2, &errors, &scenario), LOAD_REFUSED);
    assert_memory_equal(&scenario, &before, sizeof scenario);
    free(errors);
}

static void the_scenarios_we_ship_have_no_errors(void **state)
{
    char folder[] = SCENARIO_DIR, *folders[] = {folder};
    struct load_rows rows;
    struct find_list list;

    (void)state;
    assert_true(find_scenarios(folders, 1, stderr, &list));
    assert_true(list.count > 20);
    for (uint32_t i = 0; i < list.count; i++) {
        assert_int_equal(load_file(list.paths[i], stderr, &rows), LOAD_OK);
        load_free(&rows);
    }
    find_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_and_the_device_are_read),
        cmocka_unit_test(damage_and_the_server_are_read),
        cmocka_unit_test(faults_of_the_server_are_read),
        cmocka_unit_test(cuts_and_claims_are_read),
        cmocka_unit_test(little_is_enough),
        cmocka_unit_test(before_a_first_stage_that_waits_nothing_is_offered),
        cmocka_unit_test(stuck_is_a_goal_too),
        cmocka_unit_test(unknown_keys_are_errors_with_a_guess),
        cmocka_unit_test(a_misspelt_key_is_not_missing_too),
        cmocka_unit_test(missing_keys_are_said_with_their_meaning),
        cmocka_unit_test(one_of_two_words_is_needed),
        cmocka_unit_test(objects_and_lists_are_told_apart),
        cmocka_unit_test(keys_may_not_stand_twice),
        cmocka_unit_test(a_twin_shows_the_first_one),
        cmocka_unit_test(image_names_are_checked),
        cmocka_unit_test(lists_have_limits),
        cmocka_unit_test(images_have_a_limit),
        cmocka_unit_test(all_errors_come_at_once_in_order),
        cmocka_unit_test(a_syntax_error_shows_its_place),
        cmocka_unit_test(a_valid_file_cut_anywhere_is_an_error),
        cmocka_unit_test(any_bytes_are_taken_or_refused),
        cmocka_unit_test(much_of_the_same_takes_no_time),
        cmocka_unit_test(files_that_cannot_be_read_say_why),
        cmocka_unit_test(what_is_refused_leaves_the_scenario_alone),
        cmocka_unit_test(the_scenarios_we_ship_have_no_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
