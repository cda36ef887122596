#include "sim/scenario/rules.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/layout.h"
#include "hal_posix/cells.h"
#include "sim/image/file.h"
#include "sim/scenario/features.h"
#include "sim/scenario/vocab_app.h"
#include "sim/scenario/vocab_fault.h"

#define POINTER_MAX 80
#define SUFFIX      ".json"

struct rules {
    const struct scenario *scenario;
    const struct locate *locate;
    struct complaint_list *complaints;
};

static const char *name_of(const struct rules *rules, int image)
{
    return rules->scenario->images[image].name;
}

/* Is there nothing wrong with this part so far? Also when there is no such part. */
static bool is_sound(const struct rules *rules, const char *pointer)
{
    uint32_t node = locate_find(rules->locate, pointer);

    if (node == LOCATE_NONE)
        return true;
    const struct locate_node *place = &rules->locate->nodes[node];
    uint32_t start = place->key_end ? place->key_at : place->value_at;
    return !complaint_is_within(rules->complaints, start, place->value_end);
}

/* A clause about the value here, with its pointer before it. */
__attribute__((format(printf, 3, 4))) static void complain(struct rules *rules, const char *pointer,
                                                           const char *format, ...)
{
    uint32_t node = locate_find(rules->locate, pointer);
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const struct locate_node *place = &rules->locate->nodes[node == LOCATE_NONE ? 0 : node];
    bool is_container = strchr("{[", rules->locate->text[place->value_at]);
    complaint_add(rules->complaints, place->value_at,
                  is_container ? place->value_at + 1 : place->value_end, "%s: %s", pointer, text);
}

static void check_name(struct rules *rules)
{
    const char *file = file_name(rules->scenario->file);
    size_t length = strlen(file), suffix = strlen(SUFFIX);
    char stem[COMPLAINT_QUOTE_MAX];

    if (length > suffix && strcmp(file + length - suffix, SUFFIX) == 0)
        length -= suffix;
    if (!is_sound(rules, "/name") || !rules->scenario->name[0] ||
        (strlen(rules->scenario->name) == length &&
         memcmp(rules->scenario->name, file, length) == 0))
        return;
    complaint_quote(file, length, stem);
    complain(rules, "/name", "'%s' is not the file's name, '%s'", rules->scenario->name, stem);
    complaint_hint(rules->complaints, "results and replays are found by that name");
}

static bool is_in_list(const int *list, uint32_t count, int image)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i] == image)
            return true;
    return false;
}

static bool is_in_store(const struct scenario *scenario, int image)
{
    return is_in_list(scenario->installed, scenario->installed_count, image) ||
           is_in_list(scenario->downloaded, scenario->downloaded_count, image);
}

static void check_damage(struct rules *rules, const struct scenario_damage *damage,
                         const char *pointer)
{
    const struct scenario *scenario = rules->scenario;
    char image[POINTER_MAX + 8];

    snprintf(image, sizeof image, "%s/image", pointer);
    bool is_named = locate_find(rules->locate, image) != LOCATE_NONE;
    if (damage->target != DAMAGE_IMAGE && is_named) {
        complain(rules, image, "only a damage with \"of\": \"image\" names one");
    } else if (damage->target == DAMAGE_IMAGE && !is_named) {
        complain(rules, pointer, "\"image\" is missing: which image is damaged?");
    } else if (damage->target == DAMAGE_IMAGE && is_sound(rules, "/device") &&
               !is_in_store(scenario, damage->image)) {
        complain(rules, image, "'%s' is not in the store: neither installed nor downloaded",
                 name_of(rules, damage->image));
        if (damage->image == scenario->factory)
            complaint_hint(rules->complaints, "the factory backup is \"of\": \"factory\"");
    }
}

static void check_damage_how(struct rules *rules, const struct scenario_damage *damage,
                             const char *pointer)
{
    bool is_of_rows = damage->how >= DAMAGE_DISABLE && damage->how <= DAMAGE_REWRITE;
    char place[POINTER_MAX + 8];

    snprintf(place, sizeof place, "%s/how", pointer);
    if (is_of_rows && damage->target != DAMAGE_DATABASE)
        complain(rules, place, "only a database has rows that can say so");
    snprintf(place, sizeof place, "%s/text", pointer);
    if ((locate_find(rules->locate, place) == LOCATE_NONE) == (damage->how == DAMAGE_REWRITE))
        complain(rules, pointer, "\"how\": \"rewrite\" and \"text\" need each other");
    snprintf(place, sizeof place, "%s/with", pointer);
    if (locate_find(rules->locate, place) == LOCATE_NONE)
        return;
    if (damage->how != DAMAGE_SWAP || damage->target != DAMAGE_IMAGE)
        complain(rules, place, "only the files of two images change places");
    else if (damage->with == damage->image)
        complain(rules, place, "an image does not change places with itself");
    else if (is_sound(rules, "/device") && !is_in_store(rules->scenario, damage->with))
        complain(rules, place, "'%s' is not in the store: neither installed nor downloaded",
                 name_of(rules, damage->with));
}

static void check_flash_fault(struct rules *rules, const struct scenario_flash_fault *fault,
                              const char *pointer)
{
    char image[POINTER_MAX + 8];

    snprintf(image, sizeof image, "%s/image", pointer);
    bool is_named = locate_find(rules->locate, image) != LOCATE_NONE;
    if (fault->place != FLASH_PLACE_IMAGE && is_named)
        complain(rules, image, "only a fault with \"of\": \"image\" names one");
    else if (fault->place == FLASH_PLACE_IMAGE && !is_named)
        complain(rules, pointer, "\"image\" is missing: where is the fault?");
    else if (fault->place == FLASH_PLACE_IMAGE && is_sound(rules, "/device") &&
             fault->image != rules->scenario->factory &&
             !is_in_store(rules->scenario, fault->image))
        complain(rules, image, "'%s' is not in the store when the scenario begins",
                 name_of(rules, fault->image));
}

static void check_flash_faults(struct rules *rules)
{
    char pointer[POINTER_MAX];

    for (uint32_t i = 0; i < rules->scenario->flash_fault_count; i++) {
        snprintf(pointer, sizeof pointer, "/flash-faults/%u", i);
        if (is_sound(rules, pointer))
            check_flash_fault(rules, &rules->scenario->flash_faults[i], pointer);
    }
}

static void check_damages(struct rules *rules)
{
    char pointer[POINTER_MAX];

    for (uint32_t i = 0; i < rules->scenario->damage_count; i++) {
        snprintf(pointer, sizeof pointer, "/damage/%u", i);
        if (!is_sound(rules, pointer))
            continue;
        check_damage(rules, &rules->scenario->damages[i], pointer);
        check_damage_how(rules, &rules->scenario->damages[i], pointer);
    }
}

/* The image that runs when the power comes on for the first time. */
static int first_running(const struct scenario *scenario)
{
    return scenario->installed_count ? scenario->installed[scenario->installed_count - 1]
                                     : scenario->factory;
}

/* Why no device may ever run this image; NULL: it may. */
static const char *why_not(const struct scenario_image *image)
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
static void check_update(struct rules *rules, const char *pointer, int index, int before)
{
    const struct scenario_image *image = &rules->scenario->images[index];
    const struct scenario_image *old = &rules->scenario->images[before];

    if (why_not(image))
        complain(rules, pointer, "no device takes '%s': %s", image->name, why_not(image));
    else if (image->version <= old->version)
        complain(rules, pointer,
                 "'%s' (version %u) is no update of '%s' (version %u), which runs before it",
                 image->name, image->version, old->name, old->version);
}

static void check_virgin(struct rules *rules)
{
    const struct scenario *scenario = rules->scenario;

    if (scenario->installed_count + scenario->downloaded_count)
        complain(rules, "/device/virgin",
                 "a device that never started has nothing installed or downloaded");
    if (scenario->damage_count)
        complain(rules, "/damage", "a virgin device is as it was programmed, without damage");
    if (scenario->slots_used + scenario->words_used)
        complain(rules, "/device/virgin", "a device that never started has no boot control to use");
}

static void check_device(struct rules *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[POINTER_MAX];
    int before = scenario->factory;

    if (!is_sound(rules, "/device") || !is_sound(rules, "/images") || before < 0)
        return;
    if (scenario->images[before].size > layout_mzw1.app_size)
        complain(rules, "/device/factory", "'%s' is larger than program flash",
                 name_of(rules, before));
    if (scenario->is_virgin) {
        check_virgin(rules);
        return;
    }
    for (uint32_t i = 0; i < scenario->installed_count; i++) {
        const struct scenario_image *image = &scenario->images[scenario->installed[i]];
        snprintf(pointer, sizeof pointer, "/device/installed/%u", i);
        check_update(rules, pointer, scenario->installed[i], before);
        if (image->app != APP_HEALTHY)
            complain(rules, pointer, "'%s' is never confirmed: its app is '%s'", image->name,
                     app_behaviour_name(image->app));
        before = scenario->installed[i];
    }
    for (uint32_t i = 0; i < scenario->downloaded_count; i++) {
        snprintf(pointer, sizeof pointer, "/device/downloaded/%u", i);
        check_update(rules, pointer, scenario->downloaded[i], before);
    }
}

#define ALL_MOMENTS ((1u << POWER_MOMENT_COUNT) - 1)

static bool can_be(const struct scenario_cut *cut, enum power_moment moment)
{
    return (cut->kinds >> POWER_PROGRAM & 1 && power_has_moment(POWER_PROGRAM, moment)) ||
           (cut->kinds >> POWER_ERASE & 1 && power_has_moment(POWER_ERASE, moment));
}

/* Behind any number of cuts there is no other one. */
static void check_any(struct rules *rules)
{
    char pointer[POINTER_MAX];

    for (uint32_t i = 0; i + 1 < rules->scenario->cut_count; i++) {
        snprintf(pointer, sizeof pointer, "/cuts/%u/times", i);
        if (!rules->scenario->cuts[i].times)
            complain(rules, pointer, "\"any\" number of cuts is for the last cut only");
    }
}

/* The words of a cut that is at an address, and of one that is not. */
static void check_place(struct rules *rules, const struct scenario_cut *cut, const char *pointer)
{
    char place[POINTER_MAX + 8];
    struct cells cells;

    snprintf(place, sizeof place, "%s/nth", pointer);
    if (!cut->has_place && locate_find(rules->locate, place) != LOCATE_NONE)
        complain(rules, place, "\"nth\" counts operations at an address; \"at\" is none");
    if (!cut->has_place)
        return;
    snprintf(place, sizeof place, "%s/times", pointer);
    if (cut->times != 1)
        complain(rules, place, "at an address the power goes once");
    snprintf(place, sizeof place, "%s/at", pointer);
    if (cut->on_nvm && cut->on_spi)
        complain(rules, pointer, "\"flash\" is missing: the address is in which one?");
    if (cut->on_nvm)
        cells_init_nvm(&cells, false);
    else
        cells_init_sst26(&cells);
    if (cut->place >= cells.flash.size)
        complain(rules, place, "the flash ends at 0x%06X", cells.flash.size);
}

static void check_cuts(struct rules *rules)
{
    char pointer[POINTER_MAX], moments[POINTER_MAX + 8];

    for (uint32_t i = 0; i < rules->scenario->cut_count; i++) {
        const struct scenario_cut *cut = &rules->scenario->cuts[i];
        snprintf(pointer, sizeof pointer, "/cuts/%u", i);
        snprintf(moments, sizeof moments, "%s/moments", pointer);
        if (!is_sound(rules, pointer))
            continue;
        check_place(rules, cut, pointer);
        if (locate_find(rules->locate, moments) == LOCATE_NONE)
            continue;
        for (int moment = 0; moment < POWER_MOMENT_COUNT; moment++)
            if (cut->moments >> moment & 1 && cut->moments != ALL_MOMENTS &&
                !can_be(cut, (enum power_moment)moment))
                complain(rules, moments, "\"%s\" does not happen to the operations of this cut",
                         scenario_moment_name((enum power_moment)moment));
    }
    check_any(rules);
}

/* Can some cut be like this, or leave what reads so? */
static bool is_cut_possible(const struct scenario *scenario, const struct scenario_mark *mark)
{
    bool is_read = mark->kind == MARK_READ;
    enum power_kind kind = is_read ? POWER_ERASE : mark->cut_kind;
    enum power_moment moment = is_read ? POWER_WEAK : mark->cut_moment;

    for (uint32_t i = 0; i < scenario->cut_count; i++)
        if (scenario->cuts[i].kinds & 1u << kind && scenario->cuts[i].moments & 1u << moment)
            return true;
    return false;
}

static void check_marks(struct rules *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[POINTER_MAX], name[64];

    if (!is_sound(rules, "/cuts") || !is_sound(rules, "/sometimes"))
        return;
    for (uint32_t i = 0; i < scenario->sometimes_count; i++) {
        const struct scenario_mark *mark = &scenario->sometimes[i];
        if (mark->kind == MARK_LOG || is_cut_possible(scenario, mark))
            continue;
        snprintf(pointer, sizeof pointer, "/sometimes/%u", i);
        scenario_mark_name(mark, name);
        complain(rules, pointer, "'%s' never happens: no cut of this scenario is like that", name);
    }
}

static bool is_asked_for(const struct scenario *scenario, const struct scenario_mark *mark)
{
    for (uint32_t i = 0; i < scenario->sometimes_count; i++)
        if (memcmp(&scenario->sometimes[i], mark, sizeof *mark) == 0)
            return true;
    return false;
}

static void check_never(struct rules *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[POINTER_MAX], name[64];

    if (!is_sound(rules, "/never") || !is_sound(rules, "/sometimes"))
        return;
    for (uint32_t i = 0; i < scenario->never_count; i++) {
        const struct scenario_mark *mark = &scenario->never[i];
        snprintf(pointer, sizeof pointer, "/never/%u", i);
        scenario_mark_name(mark, name);
        if (mark->kind != MARK_LOG)
            complain(rules, pointer,
                     "'%s' is what the scenario does; \"cuts\" says which there are", name);
        else if (is_asked_for(scenario, mark))
            complain(rules, pointer, "'%s' must happen, \"sometimes\" says", name);
    }
}

/* Where "always" names an image. */
static void find_always(const struct rules *rules, const struct scenario_image *image,
                        char ret_pointer[POINTER_MAX])
{
    uint32_t node = locate_find(rules->locate, "/always/runs"), element;
    size_t length = strlen(image->name);

    snprintf(ret_pointer, POINTER_MAX, "/always/runs");
    for (uint32_t i = 0; (element = locate_element(rules->locate, node, i)) != LOCATE_NONE; i++) {
        const struct locate_node *place = &rules->locate->nodes[element];
        if (place->value_end - place->value_at == length + 2 &&
            memcmp(rules->locate->text + place->value_at + 1, image->name, length) == 0)
            snprintf(ret_pointer, POINTER_MAX, "/always/runs/%u", i);
    }
}

static void check_always(struct rules *rules)
{
    const struct scenario *scenario = rules->scenario;
    int first = first_running(scenario);
    char pointer[POINTER_MAX];

    if (!scenario->always_runs || !is_sound(rules, "/always") || !is_sound(rules, "/images"))
        return;
    for (uint32_t i = 0; i < scenario->image_count; i++) {
        const struct scenario_image *image = &scenario->images[i];
        if (!(scenario->always_runs & 1u << i) || !why_not(image))
            continue;
        find_always(rules, image, pointer);
        complain(rules, pointer, "'%s' must never run: %s", image->name, why_not(image));
    }
    if (first >= 0 && is_sound(rules, "/device") && !scenario->damage_count &&
        !scenario->downloaded_count && !scenario->is_factory_pin_held &&
        !(scenario->always_runs & 1u << first))
        complain(rules, "/always/runs", "'%s', which runs at the start, is not among them",
                 name_of(rules, first));
}

/* Does the device have the image, or can it get it? */
static bool is_brought(const struct scenario *scenario, int image)
{
    if (image == scenario->factory || is_in_store(scenario, image))
        return true;
    for (uint32_t i = 0; i < scenario->stage_count; i++)
        for (uint32_t j = 0; j < scenario->stages[i].offer_count; j++)
            if (scenario->stages[i].offers[j].image == image ||
                scenario->stages[i].offers[j].bytes_of == image)
                return true;
    return false;
}

static void check_eventually(struct rules *rules)
{
    static const char pointer[] = "/eventually/runs";
    const struct scenario *scenario = rules->scenario;
    int goal = scenario->eventually_runs;

    if (!is_sound(rules, "/eventually"))
        return;
    if (locate_find(rules->locate, "/eventually/stuck") != LOCATE_NONE &&
        !scenario->is_stuck_expected)
        complain(rules, "/eventually/stuck", "\"stuck\" is true or left out");
    if (goal < 0 || !is_sound(rules, "/images"))
        return;
    const struct scenario_image *image = &scenario->images[goal];
    if (why_not(image))
        complain(rules, pointer, "'%s' must never run: %s", image->name, why_not(image));
    else if (image->app != APP_HEALTHY && goal != scenario->factory)
        complain(rules, pointer, "'%s' is never confirmed: its app is '%s'", image->name,
                 app_behaviour_name(image->app));
    else if (scenario->always_runs && is_sound(rules, "/always") &&
             !(scenario->always_runs & 1u << goal))
        complain(rules, pointer, "'%s' is not among \"always\": \"runs\"", image->name);
    else if (is_sound(rules, "/device") && is_sound(rules, "/server") &&
             !is_brought(scenario, goal))
        complain(rules, pointer, "nothing brings '%s' to the device", image->name);
}

/* Can the image come to lie in the store? */
static bool is_for_store(const struct scenario *scenario, int image)
{
    if (is_in_store(scenario, image))
        return true;
    for (uint32_t i = 0; i < scenario->stage_count; i++)
        for (uint32_t j = 0; j < scenario->stages[i].offer_count; j++)
            if (scenario->stages[i].offers[j].image == image)
                return true;
    return false;
}

static void check_stock(struct rules *rules)
{
    const struct scenario *scenario = rules->scenario;
    uint32_t both = scenario->stored & scenario->gone, named = scenario->stored | scenario->gone;

    if (!is_sound(rules, "/eventually") || !is_sound(rules, "/images"))
        return;
    for (uint32_t i = 0; i < scenario->image_count; i++) {
        const char *pointer = scenario->stored >> i & 1 ? "/eventually/stored" : "/eventually/gone";
        if (both >> i & 1)
            complain(rules, "/eventually/gone", "'%s' is among \"stored\"", name_of(rules, (int)i));
        else if (named >> i & 1 && is_sound(rules, "/device") && is_sound(rules, "/server") &&
                 !is_for_store(scenario, (int)i))
            complain(rules, pointer, "nothing brings '%s' to the store", name_of(rules, (int)i));
    }
}

/* Does the service do by itself what it is asked for, so that it must refuse to do it? */
static const char *why_never(const struct scenario *scenario,
                             const struct scenario_request *request)
{
    for (uint32_t i = 0; i < scenario->app.request_count; i++)
        if (scenario->app.requests[i].request == SCENARIO_CONFIGURE)
            return NULL;
    if (request->request == OTA_REQUEST_DOWNLOAD && scenario->app.is_auto_update)
        return "\"auto-update\" is on";
    if (request->request == OTA_REQUEST_RESET && scenario->app.is_auto_reset)
        return "\"auto-reset\" is on";
    return NULL;
}

static void check_settings(struct rules *rules, const struct scenario_request *request,
                           const char *pointer)
{
    char place[POINTER_MAX + 16];
    const char *word;

    if (request->request == SCENARIO_CONFIGURE) {
        if (!request->settings.changed)
            complain(rules, pointer, "'configure' changes nothing");
        if (request->is_refused)
            complain(rules, pointer, "'configure' is never refused");
        return;
    }
    for (uint32_t i = 0; (word = vocab_app_setting(i)) != NULL; i++) {
        snprintf(place, sizeof place, "%s/%s", pointer, word);
        if (locate_find(rules->locate, place) != LOCATE_NONE)
            complain(rules, place, "a request to '%s' has no \"%s\"; it is a word of: configure",
                     vocab_app_ask(request->request), word);
    }
}

static void check_request(struct rules *rules, const struct scenario_request *request,
                          const char *pointer)
{
    const struct scenario *scenario = rules->scenario;
    bool is_erase = request->request == OTA_REQUEST_ERASE;
    char place[POINTER_MAX + 16];

    check_settings(rules, request, pointer);
    snprintf(place, sizeof place, "%s/version", pointer);
    bool has_version = locate_find(rules->locate, place) != LOCATE_NONE;
    if (has_version && !is_erase)
        complain(rules, place, "a request to '%s' has no \"version\"; it is a word of: erase",
                 vocab_app_ask(request->request));
    else if (is_erase && !has_version)
        complain(rules, pointer, "\"version\" is missing: 'erase' needs it");
    if (!request->is_refused && why_never(scenario, request))
        complain(rules, pointer, "'%s' is always refused: %s", vocab_app_ask(request->request),
                 why_never(scenario, request));
    snprintf(place, sizeof place, "%s/at-s", pointer);
    if (!request->has_mark && is_sound(rules, "/budget") && request->at_s >= scenario->time_max_s)
        complain(rules, place, "the run is over by then: \"budget\" gives it %u s",
                 scenario->time_max_s);
}

static void check_requests(struct rules *rules)
{
    char pointer[POINTER_MAX];

    if (!is_sound(rules, "/app"))
        return;
    for (uint32_t i = 0; i < rules->scenario->app.request_count; i++) {
        snprintf(pointer, sizeof pointer, "/app/requests/%u", i);
        check_request(rules, &rules->scenario->app.requests[i], pointer);
    }
}

/* One address, one file. */
static void check_files(struct rules *rules, uint32_t stage)
{
    const struct scenario_stage *held = &rules->scenario->stages[stage];
    char pointer[POINTER_MAX];

    for (uint32_t i = 0; i < held->offer_count; i++)
        for (uint32_t j = 0; j < i; j++) {
            snprintf(pointer, sizeof pointer, "/server/%u/offers/%u/file", stage, i);
            if (held->offers[i].file[0] && is_sound(rules, pointer) &&
                strcmp(held->offers[i].file, held->offers[j].file) == 0)
                complain(rules, pointer, "another offer of this stage has that file");
        }
}

/* The words that belong to some faults only. */
static void check_fault_words(struct rules *rules, enum fault_kind kind, const char *pointer)
{
    char place[POINTER_MAX + 24], takers[VOCAB_LIST_MAX];
    const char *word;

    for (uint32_t i = 0; (word = vocab_fault_word(i)) != NULL; i++) {
        snprintf(place, sizeof place, "%s/%s", pointer, word);
        bool is_there = locate_find(rules->locate, place) != LOCATE_NONE;
        if (is_there && !vocab_fault_takes(kind, word)) {
            vocab_fault_takers(word, takers, sizeof takers);
            complain(rules, place, "a fault that does '%s' has no \"%s\"; it is a word of: %s",
                     vocab_fault_name(kind), word, takers);
        } else if (!is_there && vocab_fault_needs(kind, word)) {
            complain(rules, pointer, "\"%s\" is missing: '%s' needs it", word,
                     vocab_fault_name(kind));
        }
    }
}

static void check_faults(struct rules *rules, uint32_t stage)
{
    const struct scenario_stage *held = &rules->scenario->stages[stage];
    char pointer[POINTER_MAX], on[POINTER_MAX + 8];

    for (uint32_t i = 0; i < held->fault_count; i++) {
        const struct scenario_fault *fault = &held->faults[i];
        snprintf(pointer, sizeof pointer, "/server/%u/faults/%u", stage, i);
        snprintf(on, sizeof on, "%s/on", pointer);
        if (!is_sound(rules, pointer))
            continue;
        check_fault_words(rules, fault->kind, pointer);
        if (fault->on == FAULT_ON_MANIFEST && vocab_fault_is_of_parts(fault->kind))
            complain(rules, on, "'%s' never happens: nobody asks for a part of the manifest",
                     vocab_fault_name(fault->kind));
    }
}

static void check_stage(struct rules *rules, uint32_t index)
{
    const struct scenario *scenario = rules->scenario;
    const struct scenario_stage *stage = &scenario->stages[index];
    int awaited = stage->when_runs;
    char pointer[POINTER_MAX];

    snprintf(pointer, sizeof pointer, "/server/%u", index);
    if (!is_sound(rules, pointer))
        return;
    if (stage->manifest[0] && (!stage->offer_count || stage->offers[0].image < 0))
        complain(rules, pointer, "\"manifest\" needs the offer of an image, as the first one");
    if (awaited >= 0) {
        snprintf(pointer, sizeof pointer, "/server/%u/when-runs", index);
        if (index == 0 && scenario->stage_count == SCENARIO_STAGES_MAX)
            complain(rules, pointer, "with a stage of nothing before it, this is one too many");
        else if (is_sound(rules, "/device") && !is_brought(scenario, awaited))
            complain(rules, pointer, "nothing brings '%s' to the device", name_of(rules, awaited));
    } else if (index > 0) {
        complain(rules, pointer,
                 "when does this stage begin? Only the first one may begin at the start");
        complaint_hint(rules->complaints, "add \"when-runs\" with the image confirmed then");
    }
}

static void check_stages(struct rules *rules)
{
    for (uint32_t i = 0; i < rules->scenario->stage_count; i++) {
        check_stage(rules, i);
        check_files(rules, i);
        check_faults(rules, i);
    }
}

/* A feature is not shown by a run in which it did not happen. */
static void check_shows(struct rules *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[POINTER_MAX], name[64];

    for (uint32_t i = 0; i < scenario->shows_count; i++) {
        const struct feature *feature = features_get((uint32_t)scenario->shows[i]);
        bool is_claimed = !feature->mark;
        for (uint32_t j = 0; j < scenario->sometimes_count && !is_claimed; j++) {
            scenario_mark_name(&scenario->sometimes[j], name);
            is_claimed = strcmp(name, feature->mark) == 0;
        }
        snprintf(pointer, sizeof pointer, "/shows/%u", i);
        if (!is_claimed && is_sound(rules, "/shows") && is_sound(rules, "/sometimes"))
            complain(rules, pointer, "'%s' is not shown without '%s' in \"sometimes\"", feature->id,
                     feature->mark);
    }
}

/* Only of a file that is right otherwise: a mistake elsewhere may have been the use. */
static void check_use(struct rules *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[POINTER_MAX];

    for (uint32_t i = 0; i < scenario->image_count && rules->complaints->count == 0; i++) {
        if (is_brought(scenario, (int)i))
            continue;
        snprintf(pointer, sizeof pointer, "/images/%s", scenario->images[i].name);
        complain(rules, pointer, "this image is never used");
        return;
    }
}

void rules_check(const struct scenario *scenario, const struct locate *locate,
                 struct complaint_list *complaints)
{
    struct rules rules = {scenario, locate, complaints};

    check_name(&rules);
    if (scenario->image_count == 0)
        return;
    check_device(&rules);
    check_damages(&rules);
    check_flash_faults(&rules);
    check_stages(&rules);
    check_cuts(&rules);
    check_marks(&rules);
    check_never(&rules);
    check_shows(&rules);
    check_always(&rules);
    check_eventually(&rules);
    check_stock(&rules);
    check_requests(&rules);
    check_use(&rules);
}
