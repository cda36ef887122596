#include "sim/scenario/rules_device.h"

#include <stdio.h>

#include "core/layout.h"

static bool is_in_list(const int *list, uint32_t count, int image)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == image)
            return true;
    return false;
}

bool rules_device_stores(const struct scenario *scenario, int image)
{
    return is_in_list(scenario->installed, scenario->installed_count, image) ||
           is_in_list(scenario->downloaded, scenario->downloaded_count, image);
}

static void check_damage(struct ruling *rules, const struct scenario_damage *damage,
                         const char *pointer)
{
    const struct scenario *scenario = rules->scenario;
    char image[RULING_POINTER_MAX + 8];

    snprintf(image, sizeof image, "%s/image", pointer);
    bool is_named = ruling_has(rules, image);
    if (damage->target != DAMAGE_IMAGE && is_named) {
        ruling_object(rules, image, "only a damage with \"of\": \"image\" names one");
    } else if (damage->target == DAMAGE_IMAGE && !is_named) {
        ruling_object(rules, pointer, "\"image\" is missing: which image is damaged?");
    } else if (damage->target == DAMAGE_IMAGE && ruling_is_sound(rules, "/device") &&
               !rules_device_stores(scenario, damage->image)) {
        ruling_object(rules, image, "'%s' is not in the store: neither installed nor downloaded",
                      ruling_image(rules, damage->image));
        if (damage->image == scenario->factory)
            complaint_hint(rules->complaints, "the factory backup is \"of\": \"factory\"");
    }
}

static void check_damage_how(struct ruling *rules, const struct scenario_damage *damage,
                             const char *pointer)
{
    bool is_of_rows = damage->how >= DAMAGE_DISABLE && damage->how <= DAMAGE_REWRITE;
    char place[RULING_POINTER_MAX + 8];

    snprintf(place, sizeof place, "%s/how", pointer);
    if (is_of_rows && damage->target != DAMAGE_DATABASE)
        ruling_object(rules, place, "only a database has rows that can say so");
    snprintf(place, sizeof place, "%s/text", pointer);
    if ((!ruling_has(rules, place)) == (damage->how == DAMAGE_REWRITE))
        ruling_object(rules, pointer, "\"how\": \"rewrite\" and \"text\" need each other");
    snprintf(place, sizeof place, "%s/with", pointer);
    if (!ruling_has(rules, place))
        return;
    if (damage->how != DAMAGE_SWAP || damage->target != DAMAGE_IMAGE)
        ruling_object(rules, place, "only the files of two images change places");
    else if (damage->with == damage->image)
        ruling_object(rules, place, "an image does not change places with itself");
    else if (ruling_is_sound(rules, "/device") &&
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
        check_damage(rules, &rules->scenario->damages[i], pointer);
        check_damage_how(rules, &rules->scenario->damages[i], pointer);
    }
}

int rules_device_first(const struct scenario *scenario)
{
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
    return image->is_other_product ? "it is made for another product" : NULL;
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

static void check_virgin(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;

    if (scenario->installed_count + scenario->downloaded_count)
        ruling_object(rules, "/device/virgin",
                      "a device that never started has nothing installed or downloaded");
    if (scenario->damage_count)
        ruling_object(rules, "/damage", "a virgin device is as it was programmed, without damage");
    if (scenario->slots_used + scenario->words_used)
        ruling_object(rules, "/device/virgin",
                      "a device that never started has no boot control to use");
}

static void check_device(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[RULING_POINTER_MAX];
    int before = scenario->factory;

    if (!ruling_is_sound(rules, "/device") || !ruling_is_sound(rules, "/images") || before < 0)
        return;
    if (scenario->images[before].size > layout_mzw1.app_size)
        ruling_object(rules, "/device/factory", "'%s' is larger than program flash",
                      ruling_image(rules, before));
    if (scenario->is_virgin) {
        check_virgin(rules);
        return;
    }
    for (uint32_t i = 0; i < scenario->installed_count; i++) {
        const struct scenario_image *image = &scenario->images[scenario->installed[i]];
        snprintf(pointer, sizeof pointer, "/device/installed/%u", i);
        check_update(rules, pointer, scenario->installed[i], before);
        if (image->app != APP_HEALTHY)
            ruling_object(rules, pointer, "'%s' is never confirmed: its app is '%s'", image->name,
                          app_behaviour_name(image->app));
        before = scenario->installed[i];
    }
    for (uint32_t i = 0; i < scenario->downloaded_count; i++) {
        snprintf(pointer, sizeof pointer, "/device/downloaded/%u", i);
        check_update(rules, pointer, scenario->downloaded[i], before);
    }
}

void rules_device_check(struct ruling *rules)
{
    check_device(rules);
    check_damages(rules);
    check_flash_faults(rules);
}
