#include "sim/scenario/vocab.h"

#include <stdio.h>
#include <string.h>

#include "sim/scenario/vocab_app.h"
#include "sim/scenario/vocab_cut.h"
#include "sim/scenario/vocab_damage.h"
#include "sim/scenario/vocab_device.h"
#include "sim/scenario/vocab_fault.h"
#include "sim/scenario/vocab_flash.h"
#include "sim/scenario/vocab_flaw.h"
#include "sim/scenario/vocab_table.h"

static const struct vocab_choice app_choices[] = {
    {"healthy", "confirms itself after its self test"},
    {"crash-at-start", "resets at once"},
    {"hang", "stops kicking the watchdog after a moment"},
    {"never-confirm", "runs, but never says that it is well"},
    {"crash-later", "resets before its self test ends"},
    {NULL, NULL},
};

static const struct vocab_choice signer_choices[] = {
    {"us", "the key the device trusts"},
    {"other", "a good signature by a key the device does not know"},
    {"nobody", "no signature at all"},
    {NULL, NULL},
};

static const struct vocab_choice product_choices[] = {
    {"ours", "made for this device"},
    {"other", "signed by us, but made for another product"},
    {"none", "signed by us, and names no product"},
    {NULL, NULL},
};

static const struct vocab_choice digest_choices[] = {
    {"right", "the SHA-256 of the file"},
    {"wrong", "of something else"},
    {NULL, NULL},
};

static void set_erase(void *to, uint32_t value)
{
    struct scenario_offer *offer = to;

    offer->is_erase = true;
    offer->version = value;
}

static void set_stored(void *to, uint32_t value)
{
    struct scenario *scenario = to;

    scenario->has_stored = true;
    scenario->stored = value;
}

static void set_hours(void *to, uint32_t value)
{
    struct scenario *scenario = to;

    scenario->time_max_s = 3600 * value;
}

static const struct vocab_word image_words[] = {
    {.name = "version",
     .text = "The build number, signed with the image; the higher one is the newer one.",
     .type = VOCAB_NUMBER,
     .is_required = true,
     .min = 1,
     .max = UINT32_WORD_MAX,
     FIELD(scenario_image, version)},
    {.name = "size",
     .text = "What it takes of program flash, signature included.",
     .type = VOCAB_SIZE,
     .is_required = true,
     .min = 1024,
     .max = 1024 * 1024,
     FIELD(scenario_image, size)},
    {.name = "app",
     .text = "How the application in it behaves.",
     .type = VOCAB_CHOICE,
     .fallback = "\"healthy\"",
     .noun = "behaviour",
     .choices = app_choices,
     FIELD(scenario_image, app)},
    {.name = "signed-by",
     .text = "Who signed it.",
     .type = VOCAB_CHOICE,
     .fallback = "\"us\"",
     .noun = "signer",
     .choices = signer_choices,
     FIELD(scenario_image, signer)},
    {.name = "product",
     .text = "Which product it was made for.",
     .type = VOCAB_CHOICE,
     .fallback = "\"ours\"",
     .noun = "product",
     .choices = product_choices,
     FIELD(scenario_image, product)},
    {.name = "flaw",
     .text = "What is wrong with its file; the device refuses it.",
     .type = VOCAB_CHOICE,
     .fallback = "\"none\"",
     .noun = "flaw",
     .choices = vocab_flaw_choices,
     FIELD(scenario_image, flaw)},
    {.name = "security-counter",
     .text = "Once it is confirmed, the device takes none with a lower counter; 0: none.",
     .type = VOCAB_NUMBER,
     .fallback = "0",
     .min = 0,
     .max = UINT32_WORD_MAX,
     FIELD(scenario_image, security_counter)},
    WHY,
    {0},
};

static const struct vocab_object image_object = {
    .name = "image",
    .text = "An update image. Its name is its key; the other words refer to it by that.",
    .words = image_words,
};

static const struct vocab_word offer_words[] = {
    {.name = "image",
     .text = "The image whose version, URL and digest the manifest gives.",
     .type = VOCAB_IMAGE,
     FIELD(scenario_offer, image)},
    {.name = "version",
     .text = "What the manifest says instead of the image's version.",
     .type = VOCAB_NUMBER,
     .beside = "image",
     .min = 1,
     .max = UINT32_WORD_MAX,
     FIELD(scenario_offer, version)},
    {.name = "digest",
     .text = "The digest in the manifest.",
     .type = VOCAB_CHOICE,
     .beside = "image",
     .fallback = "\"right\"",
     .noun = "digest",
     .choices = digest_choices,
     FIELD(scenario_offer, has_wrong_digest)},
    {.name = "bytes-of",
     .text = "The server sends this image's bytes under the URL.",
     .type = VOCAB_IMAGE,
     .beside = "image",
     FIELD(scenario_offer, bytes_of)},
    {.name = "file",
     .text = "Its name in the URL, without \".bin\"; without it: the image's name.",
     .type = VOCAB_NAME,
     .beside = "image",
     .min = 1,
     .max = SCENARIO_NAME_MAX - 1,
     FIELD(scenario_offer, file)},
    {.name = "erase",
     .text = "The manifest asks to erase this version.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = UINT32_WORD_MAX,
     .set = set_erase},
    WHY,
    {0},
};

static const struct vocab_object offer_object = {
    .name = "offer",
    .text = "An entry of the manifest; just the name of an image is an honest offer of it.",
    .words = offer_words,
    .short_word = "image",
    .either = {"image", "erase"},
};

static const struct vocab_word stage_words[] = {
    {.name = "when-runs",
     .text = "Begins when this image is confirmed; without it: at the start.",
     .type = VOCAB_IMAGE,
     FIELD(scenario_stage, when_runs)},
    {.name = "offers",
     .text = "The entries of the manifest.",
     .type = VOCAB_LIST,
     .is_required = true,
     .max = SCENARIO_OFFERS_MAX,
     .object = &offer_object,
     ARRAY(scenario_stage, offers, offer_count)},
    {.name = "manifest",
     .text = "Its text, with ' for \"; <url> and <digest> are those of the first offer.",
     .type = VOCAB_TEXT,
     .min = 2,
     .max = SCENARIO_MANIFEST_MAX - 1,
     FIELD(scenario_stage, manifest)},
    {.name = "faults",
     .text = "What goes wrong with requests to it; without it: nothing.",
     .type = VOCAB_LIST,
     .max = SCENARIO_FAULTS_MAX,
     .object = &vocab_fault_object,
     ARRAY(scenario_stage, faults, fault_count)},
    WHY,
    {0},
};

static const struct vocab_object stage_object = {
    .name = "stage",
    .text = "What the server holds from some moment on.",
    .words = stage_words,
};

static const struct vocab_word always_words[] = {
    {.name = "runs",
     .text = "The images that may run.",
     .type = VOCAB_IMAGE_SET,
     .is_required = true,
     .min = 1,
     .max = SCENARIO_IMAGES_MAX,
     FIELD(scenario, always_runs)},
    WHY,
    {0},
};

static const struct vocab_object always_object = {
    .name = "always",
    .text = "What holds after every start of every run.",
    .words = always_words,
};

static const struct vocab_word eventually_words[] = {
    {.name = "runs",
     .text = "This image runs and is confirmed.",
     .type = VOCAB_IMAGE,
     FIELD(scenario, eventually_runs)},
    {.name = "stuck",
     .text = "The device stays in the bootloader, as it has nothing that may run; only true.",
     .type = VOCAB_BOOL,
     FIELD(scenario, is_stuck_expected)},
    {.name = "within-boots",
     .text = "After so many boots at most.",
     .type = VOCAB_NUMBER,
     .fallback = "8",
     .min = 1,
     .max = 100,
     FIELD(scenario, within_boots)},
    {.name = "under-cuts",
     .text = "Also when the power goes after this operation of every session, or a later one.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = UINT32_WORD_MAX,
     FIELD(scenario, under_cuts)},
    {.name = "sessions",
     .text = "Then, after so many power sessions at most; without it: 100.",
     .type = VOCAB_NUMBER,
     .beside = "under-cuts",
     .min = 1,
     .max = 10000,
     FIELD(scenario, under_sessions)},
    {.name = "stored",
     .text = "The images the store then holds beside the factory backup, these and no others.",
     .type = VOCAB_IMAGE_SET,
     .max = SCENARIO_IMAGES_MAX,
     .set = set_stored},
    {.name = "gone",
     .text = "Images the store then does not hold.",
     .type = VOCAB_IMAGE_SET,
     .min = 1,
     .max = SCENARIO_IMAGES_MAX,
     FIELD(scenario, gone)},
    {.name = "nothing-begun",
     .text = "No part of a download lies in the store then.",
     .type = VOCAB_BOOL,
     .fallback = "false",
     FIELD(scenario, has_nothing_begun)},
    WHY,
    {0},
};

static const struct vocab_object eventually_object = {
    .name = "eventually",
    .text = "What every run comes to after its last cut, with the power kept on.",
    .words = eventually_words,
    .either = {"runs", "stuck"},
};

static const struct vocab_word budget_words[] = {
    {.name = "hours",
     .text = "Hours of device time in one run.",
     .type = VOCAB_NUMBER,
     .fallback = "24",
     .min = 1,
     .max = 8760,
     .set = set_hours},
    {.name = "wear",
     .text = "Erases of the busiest page or sector in one run.",
     .type = VOCAB_NUMBER,
     .fallback = "12",
     .min = 1,
     .max = 100000,
     FIELD(scenario, wear_max)},
    {.name = "operations",
     .text = "Flash operations in one run.",
     .type = VOCAB_NUMBER,
     .fallback = "20000",
     .min = 0,
     .max = 100000000,
     FIELD(scenario, operations_max)},
    {.name = "requests-an-hour",
     .text = "Requests to the server in any hour, counted from each start; without it: any number.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = 10000,
     FIELD(scenario, requests_max)},
    WHY,
    {0},
};

static const struct vocab_object budget_object = {
    .name = "budget",
    .text = "What a run may cost. Going beyond is a failure of the device, not of the file.",
    .words = budget_words,
};

static const struct vocab_word scenario_words[] = {
    {.name = "$schema",
     .text = "Where an editor finds the schema: \"../schema.json\". Not used otherwise.",
     .type = VOCAB_TEXT,
     .min = 1,
     .max = 4095},
    {.name = "name",
     .text = "The file's name without .json: lower case words joined by '-'.",
     .type = VOCAB_NAME,
     .is_required = true,
     .min = 1,
     .max = SCENARIO_NAME_MAX - 1,
     FIELD(scenario, name)},
    {.name = "why",
     .text = "What breaks in the field without it.",
     .type = VOCAB_TEXT,
     .is_required = true,
     .min = 20,
     .max = SCENARIO_TEXT_MAX - 1,
     FIELD(scenario, why)},
    {.name = "shows",
     .text = "Features that are proved here; see 'brownout features'.",
     .type = VOCAB_FEATURES,
     .max = SCENARIO_SHOWS_MAX,
     ARRAY(scenario, shows, shows_count)},
    {.name = "matrix",
     .text = "Values for places in this file, by JSON pointer; all combinations are run.",
     .type = VOCAB_MATRIX},
    {.name = "images",
     .text = "The images it talks about, by name.",
     .type = VOCAB_MAP,
     .is_required = true,
     .min = 1,
     .max = SCENARIO_IMAGES_MAX,
     .object = &image_object,
     ARRAY(scenario, images, image_count)},
    {.name = "device",
     .text = "The device as it is when the scenario begins.",
     .type = VOCAB_OBJECT,
     .is_required = true,
     .object = &vocab_device_object},
    {.name = "app",
     .text = "How its application uses the service; without it: everything goes by itself.",
     .type = VOCAB_OBJECT,
     .object = &vocab_app_object},
    {.name = "network",
     .text = "The Wi-Fi network it lives in; without it: the network is always up.",
     .type = VOCAB_OBJECT,
     .object = &vocab_device_network_object},
    {.name = "damage",
     .text = "Damage at rest, done before the power comes on, or between two starts.",
     .type = VOCAB_LIST,
     .max = SCENARIO_DAMAGES_MAX,
     .object = &vocab_damage_object,
     ARRAY(scenario, damages, damage_count)},
    {.name = "flash-faults",
     .text = "Flashes that do not do what they are told; without it: none.",
     .type = VOCAB_LIST,
     .max = SCENARIO_FLASH_FAULTS_MAX,
     .object = &vocab_flash_fault_object,
     ARRAY(scenario, flash_faults, flash_fault_count)},
    {.name = "server",
     .text = "What the server offers, stage by stage; without it: nothing.",
     .type = VOCAB_LIST,
     .max = SCENARIO_STAGES_MAX,
     .object = &stage_object,
     ARRAY(scenario, stages, stage_count)},
    {.name = "cuts",
     .text = "When the power goes; without it: never.",
     .type = VOCAB_LIST,
     .max = SCENARIO_CUTS_MAX,
     .object = &vocab_cut_object,
     ARRAY(scenario, cuts, cut_count)},
    {.name = "always",
     .text = "What holds after every start; without it: any image runs that may run.",
     .type = VOCAB_OBJECT,
     .object = &always_object},
    {.name = "eventually",
     .text = "What every run comes to in the end.",
     .type = VOCAB_OBJECT,
     .is_required = true,
     .object = &eventually_object},
    {.name = "sometimes",
     .text = "Marks that are reached in at least one run; see 'brownout words mark'.",
     .type = VOCAB_MARKS,
     .max = SCENARIO_MARKS_MAX,
     ARRAY(scenario, sometimes, sometimes_count)},
    {.name = "never",
     .text = "Marks that must not be reached in any run; see 'brownout words mark'.",
     .type = VOCAB_MARKS,
     .max = SCENARIO_MARKS_MAX,
     ARRAY(scenario, never, never_count)},
    {.name = "budget",
     .text = "What a run may cost.",
     .type = VOCAB_OBJECT,
     .object = &budget_object},
    {0},
};

const struct vocab_object vocab_scenario = {
    .name = "scenario",
    .text = "A scenario file: a device, what happens to it, and what must come of it.",
    .words = scenario_words,
};

const struct vocab_object *vocab_object(uint32_t index)
{
    static const struct vocab_object *const objects[] = {
        &vocab_scenario,
        &image_object,
        &vocab_device_object,
        &vocab_app_object,
        &vocab_app_request_object,
        &vocab_device_network_object,
        &vocab_device_air_object,
        &vocab_device_drop_object,
        &vocab_damage_object,
        &stage_object,
        &offer_object,
        &vocab_fault_object,
        &vocab_cut_object,
        &always_object,
        &eventually_object,
        &budget_object,
        &vocab_flash_fault_object,
    };

    return index < sizeof objects / sizeof objects[0] ? objects[index] : NULL;
}

const struct vocab_word *vocab_word(const struct vocab_object *object, const char *name)
{
    for (const struct vocab_word *word = object->words; word->name; word++)
        if (strcmp(word->name, name) == 0)
            return word;
    return NULL;
}

bool vocab_mark(uint32_t index, struct scenario_mark *ret_mark)
{
    if (index < LOG_EVENT_COUNT) {
        *ret_mark = (struct scenario_mark){.kind = MARK_LOG, .event = (enum log_event)index};
        return true;
    }
    index -= LOG_EVENT_COUNT;
    if (!index--) {
        *ret_mark = (struct scenario_mark){.kind = MARK_READ};
        return true;
    }
    for (int kind = POWER_PROGRAM; kind <= POWER_ERASE; kind++)
        for (int moment = 0; moment < POWER_MOMENT_COUNT; moment++) {
            if (!power_has_moment((enum power_kind)kind, (enum power_moment)moment) || index--)
                continue;
            *ret_mark = (struct scenario_mark){.kind = MARK_CUT,
                                               .cut_kind = (enum power_kind)kind,
                                               .cut_moment = (enum power_moment)moment};
            return true;
        }
    return false;
}

void vocab_choices(const struct vocab_choice *choices, char *ret_text, size_t size)
{
    size_t used = 0;

    ret_text[0] = '\0';
    for (; choices->name && used + 1 < size; choices++) {
        int length = snprintf(ret_text + used, size - used, "%s%s", used ? " " : "", choices->name);
        used += (size_t)length;
    }
}

static void expected_number(const struct vocab_word *word, char *ret_text, size_t size)
{
    const char *other = word->choices ? word->choices[0].name : NULL;
    const char *quote = other ? "\"" : "", * or = other ? " or " : "";

    if (word->max == UINT32_WORD_MAX)
        snprintf(ret_text, size, "%s%s%s%sa number from %u", quote, other ? other : "", quote, or,
                 word->min);
    else
        snprintf(ret_text, size, "%s%s%s%sa number from %u to %u", quote, other ? other : "", quote,
                 or, word->min, word->max);
}

void vocab_expected(const struct vocab_word *word, char *ret_text, size_t size)
{
    char list[VOCAB_LIST_MAX] = "";

    if (word->choices)
        vocab_choices(word->choices, list, sizeof list);
    switch (word->type) {
    case VOCAB_NAME:
        snprintf(ret_text, size, "a string of lower case words joined by '-'");
        return;
    case VOCAB_TEXT:
        snprintf(ret_text, size, "a string of %u to %u bytes", word->min, word->max);
        return;
    case VOCAB_BOOL:
        snprintf(ret_text, size, "true or false");
        return;
    case VOCAB_NUMBER:
        expected_number(word, ret_text, size);
        return;
    case VOCAB_SIZE:
        snprintf(ret_text, size, "a size from %u to %uK, as 65536, \"64K\" or \"0x10000\"",
                 word->min, word->max / 1024);
        return;
    case VOCAB_PLACE:
        snprintf(ret_text, size,
                 "a number of bytes, as 4096 or \"4K\", or a percentage, as \"50%%\"");
        return;
    case VOCAB_AT:
        snprintf(ret_text, size, "\"every\", a number from 1, or an address, as \"0x21400\"");
        return;
    case VOCAB_CHOICE:
        snprintf(ret_text, size, "one of: %s", list);
        return;
    case VOCAB_SET:
        snprintf(ret_text, size, "one or a list of: %s", list);
        return;
    case VOCAB_IMAGE:
        snprintf(ret_text, size, "the name of an image");
        return;
    case VOCAB_IMAGES:
    case VOCAB_IMAGE_SET:
        snprintf(ret_text, size, "a list of image names");
        return;
    case VOCAB_MARK:
        snprintf(ret_text, size, "the name of a mark that is no cut");
        return;
    case VOCAB_MARKS:
        snprintf(ret_text, size, "a list of marks");
        return;
    case VOCAB_FEATURES:
        snprintf(ret_text, size, "a list of features");
        return;
    case VOCAB_MATRIX:
        snprintf(ret_text, size, "an object {...} of lists by JSON pointer, as /device/ecc");
        return;
    case VOCAB_OBJECT:
        snprintf(ret_text, size, "an object {...}");
        return;
    case VOCAB_LIST:
        snprintf(ret_text, size, "a list [...]");
        return;
    case VOCAB_MAP:
        snprintf(ret_text, size, "an object {...} of objects by name");
        return;
    }
}
