#include "sim/scenario/rules_device.h"

#include <stdio.h>
#include <string.h>

#include "core/layout.h"
#include "sim/scenario/vocab_damage.h"

#define NAME_MAX_BYTES 255  /* of littlefs */
#define ROWS_MAX       1000 /* of a database; a text of one has 12 at most that fit */

static bool is_in_list(const int *list, uint32_t count, int image)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == image)
            return true;
    return false;
}

static bool is_brought_by_damage(const struct scenario *scenario, int image, enum damage_how how)
{
    for (uint32_t i = 0; i < scenario->damage_count; i++)
        if (scenario->damages[i].how == how && scenario->damages[i].image == image)
            return true;
    return false;
}

bool rules_device_stores(const struct scenario *scenario, int image)
{
    return is_in_list(scenario->installed, scenario->installed_count, image) ||
           is_in_list(scenario->downloaded, scenario->downloaded_count, image) ||
           image == scenario->on_trial || is_brought_by_damage(scenario, image, DAMAGE_ADD);
}

bool rules_device_has(const struct scenario *scenario, int image)
{
    return image == scenario->factory || rules_device_stores(scenario, image) ||
           is_in_list(scenario->past, scenario->past_count, image) ||
           is_brought_by_damage(scenario, image, DAMAGE_PROGRAM);
}

/* What to say where a kind of damage is of something else than its target. */
static const char *const objections[DAMAGE_TARGET_COUNT] = {
    [DAMAGE_DATABASE] = "only a database has rows that can say so",
    [DAMAGE_BOOT_CONTROL] = "only boot control has fields",
    [DAMAGE_PROGRAM_FLASH] = "a programmer writes program flash",
    [DAMAGE_IMAGE] = "only the file of an image is put into the store",
};

/* The words that a kind of damage needs. */
static const char *const needs[DAMAGE_HOW_COUNT][3] = {
    [DAMAGE_BYTE] = {"at", "value"},   [DAMAGE_REWRITE] = {"text"},  [DAMAGE_FILL] = {"value"},
    [DAMAGE_SET] = {"field", "value"}, [DAMAGE_PROGRAM] = {"image"},
};

static bool is_word_of(enum damage_how how, const char *word)
{
    for (const char *const *needed = needs[how]; *needed; needed++)
        if (strcmp(*needed, word) == 0)
            return true;
    return how == DAMAGE_ADD && strcmp(word, "text") == 0;
}

static bool is_file_name(const char *text)
{
    return !strchr(text, '/') && strlen(text) <= NAME_MAX_BYTES && strcmp(text, ".") != 0 &&
           strcmp(text, "..") != 0;
}

static void check_damage_limits(struct ruling *rules, const struct scenario_damage *damage,
                                const char *pointer)
{
    const struct scenario_image *images = rules->scenario->images;
    char place[RULING_POINTER_MAX + 8];

    snprintf(place, sizeof place, "%s/%s", pointer, damage->how == DAMAGE_FILL ? "value" : "text");
    if (damage->how == DAMAGE_ADD && !is_file_name(damage->text))
        ruling_object(rules, place, "a file's name has %d bytes at most, and no '/'",
                      NAME_MAX_BYTES);
    if (damage->how == DAMAGE_FILL && damage->value > ROWS_MAX)
        ruling_object(rules, place, "%d rows are enough", ROWS_MAX);
    snprintf(place, sizeof place, "%s/value", pointer);
    if (damage->how == DAMAGE_BYTE && damage->value > UINT8_MAX)
        ruling_object(rules, place, "a byte is at most 255");
    if (damage->how == DAMAGE_PROGRAM && damage->image >= 0 &&
        images[damage->image].size > layout_mzw1.app_size)
        ruling_object(rules, pointer, "'%s' is larger than program flash",
                      images[damage->image].name);
}

static void check_damage_words(struct ruling *rules, const struct scenario_damage *damage,
                               const char *pointer)
{
    static const char *const words[] = {"text", "field", "value", "at"};
    enum damage_target only = scenario_damage_target(damage->how);
    const char *how = vocab_damage_how(damage->how);
    char place[RULING_POINTER_MAX + 8];

    snprintf(place, sizeof place, "%s/how", pointer);
    if (only != DAMAGE_TARGET_COUNT && only != damage->target)
        ruling_object(rules, place, "%s", objections[only]);
    for (const char *const *needed = needs[damage->how]; *needed; needed++) {
        snprintf(place, sizeof place, "%s/%s", pointer, *needed);
        if (!ruling_has(rules, place))
            ruling_object(rules, pointer, "\"%s\" is missing: '%s' needs it", *needed, how);
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        snprintf(place, sizeof place, "%s/%s", pointer, words[i]);
        if (ruling_has(rules, place) && !is_word_of(damage->how, words[i]))
            ruling_object(rules, place, "damage by '%s' has no \"%s\"", how, words[i]);
    }
    check_damage_limits(rules, damage, pointer);
}

static void check_damage_image(struct ruling *rules, const struct scenario_damage *damage,
                               const char *pointer)
{
    const struct scenario *scenario = rules->scenario;
    char image[RULING_POINTER_MAX + 8];

    snprintf(image, sizeof image, "%s/image", pointer);
    bool is_named = ruling_has(rules, image);
    if (damage->target != DAMAGE_IMAGE && damage->how != DAMAGE_PROGRAM && is_named) {
        ruling_object(rules, image, "only a damage with \"of\": \"image\" names one");
    } else if (damage->target == DAMAGE_IMAGE && !is_named) {
        ruling_object(rules, pointer, "\"image\" is missing: which image is damaged?");
    } else if (damage->target == DAMAGE_IMAGE &&
               (!damage->has_mark || damage->image == scenario->factory) &&
               ruling_is_sound(rules, "/device") && !rules_device_stores(scenario, damage->image)) {
        ruling_object(rules, image, "'%s' is not in the store: neither installed nor downloaded",
                      ruling_image(rules, damage->image));
        if (damage->image == scenario->factory)
            complaint_hint(rules->complaints, "the factory backup is \"of\": \"factory\"");
    }
}

static void check_damage_with(struct ruling *rules, const struct scenario_damage *damage,
                              const char *pointer)
{
    char place[RULING_POINTER_MAX + 8];

    snprintf(place, sizeof place, "%s/with", pointer);
    if (!ruling_has(rules, place))
        return;
    if (damage->how != DAMAGE_SWAP || damage->target != DAMAGE_IMAGE)
        ruling_object(rules, place, "only the files of two images change places");
    else if (damage->with == damage->image)
        ruling_object(rules, place, "an image does not change places with itself");
    else if (!damage->has_mark && ruling_is_sound(rules, "/device") &&
             !rules_device_stores(rules->scenario, damage->with))
        ruling_object(rules, place, "'%s' is not in the store: neither installed nor downloaded",
                      ruling_image(rules, damage->with));
}

static void check_flash_fault(struct ruling *rules, const struct scenario_flash_fault *fault,
                              const char *pointer)
{
    char image[RULING_POINTER_MAX + 8];

    snprintf(image, sizeof image, "%s/image", pointer);
    bool is_named = ruling_has(rules, image);
    if (fault->place != FLASH_PLACE_IMAGE && is_named)
        ruling_object(rules, image, "only a fault with \"of\": \"image\" names one");
    else if (fault->place == FLASH_PLACE_IMAGE && !is_named)
        ruling_object(rules, pointer, "\"image\" is missing: where is the fault?");
    else if (fault->place == FLASH_PLACE_IMAGE && ruling_is_sound(rules, "/device") &&
             fault->image != rules->scenario->factory &&
             !rules_device_stores(rules->scenario, fault->image))
        ruling_object(rules, image, "'%s' is not in the store when the scenario begins",
                      ruling_image(rules, fault->image));
}

static void check_flash_faults(struct ruling *rules)
{
    char pointer[RULING_POINTER_MAX];

    for (uint32_t i = 0; i < rules->scenario->flash_fault_count; i++) {
        snprintf(pointer, sizeof pointer, "/flash-faults/%u", i);
        if (ruling_is_sound(rules, pointer))
            check_flash_fault(rules, &rules->scenario->flash_faults[i], pointer);
    }
}

static void check_damages(struct ruling *rules)
{
    char pointer[RULING_POINTER_MAX];

    for (uint32_t i = 0; i < rules->scenario->damage_count; i++) {
        snprintf(pointer, sizeof pointer, "/damage/%u", i);
        if (!ruling_is_sound(rules, pointer))
            continue;
        check_damage_words(rules, &rules->scenario->damages[i], pointer);
        check_damage_image(rules, &rules->scenario->damages[i], pointer);
        check_damage_with(rules, &rules->scenario->damages[i], pointer);
    }
}

int rules_device_first(const struct scenario *scenario)
{
    if (scenario->on_trial >= 0)
        return scenario->on_trial;
    return scenario->installed_count ? scenario->installed[scenario->installed_count - 1]
                                     : scenario->factory;
}

const char *rules_device_why_not(const struct scenario_image *image)
{
    if (image->signer == SIGNER_NONE)
        return "it is not signed";
    if (image->signer == SIGNER_OTHER)
        return "it is signed by a key the device does not know";
    if (image->size > layout_mzw1.app_size)
        return "it is larger than program flash";
    if (image->flaw)
        return "its file has a flaw";
    if (image->product == PRODUCT_NONE)
        return "it does not say for which product";
    return image->product == PRODUCT_OTHER ? "it is made for another product" : NULL;
}

/* The device gets there by updates, as in the field; so they must be updates that work. */
static void check_update(struct ruling *rules, const char *pointer, int index, int before)
{
    const struct scenario_image *image = &rules->scenario->images[index];
    const struct scenario_image *old = &rules->scenario->images[before];

    if (rules_device_why_not(image))
        ruling_object(rules, pointer, "no device takes '%s': %s", image->name,
                      rules_device_why_not(image));
    else if (image->version <= old->version)
        ruling_object(rules, pointer,
                      "'%s' (version %u) is no update of '%s' (version %u), which runs before it",
                      image->name, image->version, old->name, old->version);
}

static bool has_early_damage(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->damage_count; i++)
        if (!scenario->damages[i].has_mark)
            return true;
    return false;
}

static void check_virgin(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;

    if (scenario->installed_count + scenario->downloaded_count || scenario->on_trial >= 0)
        ruling_object(rules, "/device/virgin",
                      "a device that never started has nothing installed or downloaded");
    if (has_early_damage(scenario) && !scenario->past_count)
        ruling_object(rules, "/damage", "a virgin device is as it was programmed, without damage");
    if (scenario->slots_used + scenario->words_used)
        ruling_object(rules, "/device/virgin",
                      "a device that never started has no boot control to use");
}

/* A list of updates, each of what ran before it; before: the image that ran first. */
static int check_updates(struct ruling *rules, const char *list, const int *images, uint32_t first,
                         uint32_t count, int before)
{
    char pointer[RULING_POINTER_MAX];

    for (uint32_t i = first; i < count; i++) {
        const struct scenario_image *image = &rules->scenario->images[images[i]];
        snprintf(pointer, sizeof pointer, "/device/%s/%u", list, i);
        check_update(rules, pointer, images[i], before);
        if (image->app != APP_HEALTHY)
            ruling_object(rules, pointer, "'%s' is never confirmed: its app is '%s'", image->name,
                          app_behaviour_name(image->app));
        before = images[i];
    }
    return before;
}

static void check_past(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;

    if (!scenario->past_count)
        return;
    const struct scenario_image *first = &scenario->images[scenario->past[0]];
    if (rules_device_why_not(first))
        ruling_object(rules, "/device/past/0", "no device takes '%s': %s", first->name,
                      rules_device_why_not(first));
    check_updates(rules, "past", scenario->past, 1, scenario->past_count, scenario->past[0]);
}

static void check_trial(struct ruling *rules, int before)
{
    static const char pointer[] = "/device/on-trial";
    const struct scenario *scenario = rules->scenario;

    if (scenario->on_trial < 0)
        return;
    check_update(rules, pointer, scenario->on_trial, before);
    if (scenario->images[scenario->on_trial].app == APP_CRASH_AT_START)
        ruling_object(rules, pointer, "'%s' does not come so far: it resets at once",
                      ruling_image(rules, scenario->on_trial));
    if (scenario->downloaded_count)
        ruling_object(rules, pointer, "an image on trial has nothing downloaded behind it");
}

/* A counter that is not there cannot be raised. */
static void check_flaws(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[RULING_POINTER_MAX];

    for (uint32_t i = 0; i < scenario->image_count; i++) {
        const struct scenario_image *image = &scenario->images[i];
        snprintf(pointer, sizeof pointer, "/images/%s", image->name);
        if (image->flaw == FLAW_COUNTER && !image->security_counter)
            ruling_object(rules, pointer, "\"flaw\": \"counter\" needs a \"security-counter\"");
    }
}

static void check_device(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[RULING_POINTER_MAX];

    if (!ruling_is_sound(rules, "/device") || !ruling_is_sound(rules, "/images") ||
        scenario->factory < 0)
        return;
    if (scenario->images[scenario->factory].size > layout_mzw1.app_size)
        ruling_object(rules, "/device/factory", "'%s' is larger than program flash",
                      ruling_image(rules, scenario->factory));
    check_past(rules);
    if (scenario->is_virgin) {
        check_virgin(rules);
        return;
    }
    int before = check_updates(rules, "installed", scenario->installed, 0,
                               scenario->installed_count, scenario->factory);
    for (uint32_t i = 0; i < scenario->downloaded_count; i++) {
        snprintf(pointer, sizeof pointer, "/device/downloaded/%u", i);
        check_update(rules, pointer, scenario->downloaded[i], before);
    }
    check_trial(rules, before);
}

void rules_device_check(struct ruling *rules)
{
    check_flaws(rules);
    check_device(rules);
    check_damages(rules);
    check_flash_faults(rules);
}
