#include "sim/scenario/rules.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "hal_posix/cells.h"
#include "sim/image/file.h"
#include "sim/scenario/features.h"
#include "sim/scenario/rules_device.h"
#include "sim/scenario/vocab_app.h"
#include "sim/scenario/vocab_fault.h"

#define SUFFIX ".json"

static void check_name(struct ruling *rules)
{
    const char *file = file_name(rules->scenario->file);
    size_t length = strlen(file), suffix = strlen(SUFFIX);
    char stem[COMPLAINT_QUOTE_MAX];

    if (length > suffix && strcmp(file + length - suffix, SUFFIX) == 0)
        length -= suffix;
    if (!ruling_is_sound(rules, "/name") || !rules->scenario->name[0] ||
        (strlen(rules->scenario->name) == length &&
         memcmp(rules->scenario->name, file, length) == 0))
        return;
    complaint_quote(file, length, stem);
    ruling_object(rules, "/name", "'%s' is not the file's name, '%s'", rules->scenario->name, stem);
    complaint_hint(rules->complaints, "results and replays are found by that name");
}

#define ALL_MOMENTS ((1u << POWER_MOMENT_COUNT) - 1)

static bool can_be(const struct scenario_cut *cut, enum power_moment moment)
{
    return (cut->kinds >> POWER_PROGRAM & 1 && power_has_moment(POWER_PROGRAM, moment)) ||
           (cut->kinds >> POWER_ERASE & 1 && power_has_moment(POWER_ERASE, moment));
}

/* Behind any number of cuts there is no other one. */
static void check_any(struct ruling *rules)
{
    char pointer[RULING_POINTER_MAX];

    for (uint32_t i = 0; i + 1 < rules->scenario->cut_count; i++) {
        snprintf(pointer, sizeof pointer, "/cuts/%u/times", i);
        if (!rules->scenario->cuts[i].times)
            ruling_object(rules, pointer, "\"any\" number of cuts is for the last cut only");
    }
}

/* States that are told apart by views may differ in what such damage hits. */
static void check_later_damage(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[RULING_POINTER_MAX];

    if (!scenario->cut_count || scenario->cuts[scenario->cut_count - 1].times)
        return;
    for (uint32_t i = 0; i < scenario->damage_count; i++) {
        snprintf(pointer, sizeof pointer, "/damage/%u/when", i);
        if (scenario->damages[i].has_mark)
            ruling_object(rules, pointer, "not with \"any\" number of cuts");
    }
}

/* The words of a cut that is at an address, and of one that is not. */
static void check_place(struct ruling *rules, const struct scenario_cut *cut, const char *pointer)
{
    char place[RULING_POINTER_MAX + 8];
    struct cells cells;

    snprintf(place, sizeof place, "%s/nth", pointer);
    if (!cut->has_place && ruling_has(rules, place))
        ruling_object(rules, place, "\"nth\" counts operations at an address; \"at\" is none");
    if (!cut->has_place)
        return;
    snprintf(place, sizeof place, "%s/times", pointer);
    if (cut->times != 1)
        ruling_object(rules, place, "at an address the power goes once");
    snprintf(place, sizeof place, "%s/at", pointer);
    if (cut->on_nvm && cut->on_spi)
        ruling_object(rules, pointer, "\"flash\" is missing: the address is in which one?");
    if (cut->on_nvm)
        cells_init_nvm(&cells, false);
    else
        cells_init_sst26(&cells);
    if (cut->on_spi)
        cells.flash.size >>= rules->scenario->store_halvings;
    if (cut->place >= cells.flash.size)
        ruling_object(rules, place, "the flash ends at 0x%06X", cells.flash.size);
}

static void check_cuts(struct ruling *rules)
{
    char pointer[RULING_POINTER_MAX], moments[RULING_POINTER_MAX + 8];

    for (uint32_t i = 0; i < rules->scenario->cut_count; i++) {
        const struct scenario_cut *cut = &rules->scenario->cuts[i];
        snprintf(pointer, sizeof pointer, "/cuts/%u", i);
        snprintf(moments, sizeof moments, "%s/moments", pointer);
        if (!ruling_is_sound(rules, pointer))
            continue;
        check_place(rules, cut, pointer);
        if (!ruling_has(rules, moments))
            continue;
        for (int moment = 0; moment < POWER_MOMENT_COUNT; moment++)
            if (cut->moments >> moment & 1 && cut->moments != ALL_MOMENTS &&
                !can_be(cut, (enum power_moment)moment))
                ruling_object(rules, moments,
                              "\"%s\" does not happen to the operations of this cut",
                              scenario_moment_name((enum power_moment)moment));
    }
    check_any(rules);
    check_later_damage(rules);
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

static void check_marks(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[RULING_POINTER_MAX], name[64];

    if (!ruling_is_sound(rules, "/cuts") || !ruling_is_sound(rules, "/sometimes"))
        return;
    for (uint32_t i = 0; i < scenario->sometimes_count; i++) {
        const struct scenario_mark *mark = &scenario->sometimes[i];
        if (mark->kind == MARK_LOG || is_cut_possible(scenario, mark))
            continue;
        snprintf(pointer, sizeof pointer, "/sometimes/%u", i);
        scenario_mark_name(mark, name);
        ruling_object(rules, pointer, "'%s' never happens: no cut of this scenario is like that",
                      name);
    }
}

static bool is_asked_for(const struct scenario *scenario, const struct scenario_mark *mark)
{
    for (uint32_t i = 0; i < scenario->sometimes_count; i++)
        if (memcmp(&scenario->sometimes[i], mark, sizeof *mark) == 0)
            return true;
    return false;
}

static void check_never(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[RULING_POINTER_MAX], name[64];

    if (!ruling_is_sound(rules, "/never") || !ruling_is_sound(rules, "/sometimes"))
        return;
    for (uint32_t i = 0; i < scenario->never_count; i++) {
        const struct scenario_mark *mark = &scenario->never[i];
        snprintf(pointer, sizeof pointer, "/never/%u", i);
        scenario_mark_name(mark, name);
        if (mark->kind != MARK_LOG)
            ruling_object(rules, pointer,
                          "'%s' is what the scenario does; \"cuts\" says which there are", name);
        else if (is_asked_for(scenario, mark))
            ruling_object(rules, pointer, "'%s' must happen, \"sometimes\" says", name);
    }
}

/* Where "always" names an image. */
static void find_always(const struct ruling *rules, const struct scenario_image *image,
                        char ret_pointer[RULING_POINTER_MAX])
{
    uint32_t node = locate_find(rules->locate, "/always/runs"), element;
    size_t length = strlen(image->name);

    snprintf(ret_pointer, RULING_POINTER_MAX, "/always/runs");
    for (uint32_t i = 0; (element = locate_element(rules->locate, node, i)) != LOCATE_NONE; i++) {
        const struct locate_node *place = &rules->locate->nodes[element];
        if (place->value_end - place->value_at == length + 2 &&
            memcmp(rules->locate->text + place->value_at + 1, image->name, length) == 0)
            snprintf(ret_pointer, RULING_POINTER_MAX, "/always/runs/%u", i);
    }
}

static void check_always(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;
    int first = rules_device_first(scenario);
    char pointer[RULING_POINTER_MAX];

    if (!scenario->always_runs || !ruling_is_sound(rules, "/always") ||
        !ruling_is_sound(rules, "/images"))
        return;
    for (uint32_t i = 0; i < scenario->image_count; i++) {
        const struct scenario_image *image = &scenario->images[i];
        if (!(scenario->always_runs & 1u << i) || !rules_device_why_not(image))
            continue;
        find_always(rules, image, pointer);
        ruling_object(rules, pointer, "'%s' must never run: %s", image->name,
                      rules_device_why_not(image));
    }
    if (first >= 0 && ruling_is_sound(rules, "/device") && !scenario->damage_count &&
        !scenario->downloaded_count && !scenario->is_factory_pin_held &&
        !(scenario->always_runs & 1u << first))
        ruling_object(rules, "/always/runs", "'%s', which runs at the start, is not among them",
                      ruling_image(rules, first));
}

/* Does the device have the image, or can it get it? */
static bool is_brought(const struct scenario *scenario, int image)
{
    if (rules_device_has(scenario, image))
        return true;
    for (uint32_t i = 0; i < scenario->stage_count; i++)
        for (uint32_t j = 0; j < scenario->stages[i].offer_count; j++)
            if (scenario->stages[i].offers[j].image == image ||
                scenario->stages[i].offers[j].bytes_of == image)
                return true;
    return false;
}

static void check_eventually(struct ruling *rules)
{
    static const char pointer[] = "/eventually/runs";
    const struct scenario *scenario = rules->scenario;
    int goal = scenario->eventually_runs;

    if (!ruling_is_sound(rules, "/eventually"))
        return;
    if (ruling_has(rules, "/eventually/stuck") && !scenario->is_stuck_expected)
        ruling_object(rules, "/eventually/stuck", "\"stuck\" is true or left out");
    if (goal < 0 || !ruling_is_sound(rules, "/images"))
        return;
    const struct scenario_image *image = &scenario->images[goal];
    if (rules_device_why_not(image))
        ruling_object(rules, pointer, "'%s' must never run: %s", image->name,
                      rules_device_why_not(image));
    else if (image->app != APP_HEALTHY && goal != scenario->factory)
        ruling_object(rules, pointer, "'%s' is never confirmed: its app is '%s'", image->name,
                      app_behaviour_name(image->app));
    else if (scenario->always_runs && ruling_is_sound(rules, "/always") &&
             !(scenario->always_runs & 1u << goal))
        ruling_object(rules, pointer, "'%s' is not among \"always\": \"runs\"", image->name);
    else if (ruling_is_sound(rules, "/device") && ruling_is_sound(rules, "/server") &&
             !is_brought(scenario, goal))
        ruling_object(rules, pointer, "nothing brings '%s' to the device", image->name);
}

/* Can the image come to lie in the store? */
static bool is_for_store(const struct scenario *scenario, int image)
{
    if (rules_device_stores(scenario, image))
        return true;
    for (uint32_t i = 0; i < scenario->stage_count; i++)
        for (uint32_t j = 0; j < scenario->stages[i].offer_count; j++)
            if (scenario->stages[i].offers[j].image == image)
                return true;
    return false;
}

static void check_stock(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;
    uint32_t both = scenario->stored & scenario->gone, named = scenario->stored | scenario->gone;

    if (!ruling_is_sound(rules, "/eventually") || !ruling_is_sound(rules, "/images"))
        return;
    for (uint32_t i = 0; i < scenario->image_count; i++) {
        const char *pointer = scenario->stored >> i & 1 ? "/eventually/stored" : "/eventually/gone";
        if (both >> i & 1)
            ruling_object(rules, "/eventually/gone", "'%s' is among \"stored\"",
                          ruling_image(rules, (int)i));
        else if (named >> i & 1 && ruling_is_sound(rules, "/device") &&
                 ruling_is_sound(rules, "/server") && !is_for_store(scenario, (int)i))
            ruling_object(rules, pointer, "nothing brings '%s' to the store",
                          ruling_image(rules, (int)i));
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

static void check_settings(struct ruling *rules, const struct scenario_request *request,
                           const char *pointer)
{
    char place[RULING_POINTER_MAX + 16];
    const char *word;

    if (request->request == SCENARIO_CONFIGURE) {
        if (!request->settings.changed)
            ruling_object(rules, pointer, "'configure' changes nothing");
        if (request->is_refused)
            ruling_object(rules, pointer, "'configure' is never refused");
        return;
    }
    for (uint32_t i = 0; (word = vocab_app_setting(i)) != NULL; i++) {
        snprintf(place, sizeof place, "%s/%s", pointer, word);
        if (ruling_has(rules, place))
            ruling_object(rules, place,
                          "a request to '%s' has no \"%s\"; it is a word of: configure",
                          vocab_app_ask(request->request), word);
    }
}

static void check_meanwhile(struct ruling *rules, const struct scenario_request *request,
                            const char *pointer)
{
    char place[RULING_POINTER_MAX + 16];

    snprintf(place, sizeof place, "%s/meanwhile", pointer);
    if (!request->meanwhile)
        return;
    if (request->meanwhile == SCENARIO_CONFIGURE)
        ruling_object(rules, place, "'configure' is never refused");
    if (request->is_refused || request->request == SCENARIO_CONFIGURE)
        ruling_object(rules, place, "nothing waits to be done meanwhile");
}

static void check_request(struct ruling *rules, const struct scenario_request *request,
                          const char *pointer)
{
    const struct scenario *scenario = rules->scenario;
    bool is_erase = request->request == OTA_REQUEST_ERASE;
    char place[RULING_POINTER_MAX + 16];

    check_settings(rules, request, pointer);
    check_meanwhile(rules, request, pointer);
    snprintf(place, sizeof place, "%s/version", pointer);
    bool has_version = ruling_has(rules, place);
    if (has_version && !is_erase)
        ruling_object(rules, place, "a request to '%s' has no \"version\"; it is a word of: erase",
                      vocab_app_ask(request->request));
    else if (is_erase && !has_version)
        ruling_object(rules, pointer, "\"version\" is missing: 'erase' needs it");
    if (!request->is_refused && why_never(scenario, request))
        ruling_object(rules, pointer, "'%s' is always refused: %s", vocab_app_ask(request->request),
                      why_never(scenario, request));
    snprintf(place, sizeof place, "%s/at-s", pointer);
    if (!request->has_mark && ruling_is_sound(rules, "/budget") &&
        request->at_s >= scenario->time_max_s)
        ruling_object(rules, place, "the run is over by then: \"budget\" gives it %u s",
                      scenario->time_max_s);
}

static void check_requests(struct ruling *rules)
{
    char pointer[RULING_POINTER_MAX];

    if (!ruling_is_sound(rules, "/app"))
        return;
    for (uint32_t i = 0; i < rules->scenario->app.request_count; i++) {
        snprintf(pointer, sizeof pointer, "/app/requests/%u", i);
        check_request(rules, &rules->scenario->app.requests[i], pointer);
    }
}

/* One address, one file. */
static void check_files(struct ruling *rules, uint32_t stage)
{
    const struct scenario_stage *held = &rules->scenario->stages[stage];
    char pointer[RULING_POINTER_MAX];

    for (uint32_t i = 0; i < held->offer_count; i++)
        for (uint32_t j = 0; j < i; j++) {
            snprintf(pointer, sizeof pointer, "/server/%u/offers/%u/file", stage, i);
            if (held->offers[i].file[0] && ruling_is_sound(rules, pointer) &&
                strcmp(held->offers[i].file, held->offers[j].file) == 0)
                ruling_object(rules, pointer, "another offer of this stage has that file");
        }
}

/* The words that belong to some faults only. */
static void check_fault_words(struct ruling *rules, enum fault_kind kind, const char *pointer)
{
    char place[RULING_POINTER_MAX + 24], takers[VOCAB_LIST_MAX];
    const char *word;

    for (uint32_t i = 0; (word = vocab_fault_word(i)) != NULL; i++) {
        snprintf(place, sizeof place, "%s/%s", pointer, word);
        bool is_there = ruling_has(rules, place);
        if (is_there && !vocab_fault_takes(kind, word)) {
            vocab_fault_takers(word, takers, sizeof takers);
            ruling_object(rules, place, "a fault that does '%s' has no \"%s\"; it is a word of: %s",
                          vocab_fault_name(kind), word, takers);
        } else if (!is_there && vocab_fault_needs(kind, word)) {
            ruling_object(rules, pointer, "\"%s\" is missing: '%s' needs it", word,
                          vocab_fault_name(kind));
        }
    }
}

static void check_faults(struct ruling *rules, uint32_t stage)
{
    const struct scenario_stage *held = &rules->scenario->stages[stage];
    char pointer[RULING_POINTER_MAX], on[RULING_POINTER_MAX + 8];

    for (uint32_t i = 0; i < held->fault_count; i++) {
        const struct scenario_fault *fault = &held->faults[i];
        snprintf(pointer, sizeof pointer, "/server/%u/faults/%u", stage, i);
        snprintf(on, sizeof on, "%s/on", pointer);
        if (!ruling_is_sound(rules, pointer))
            continue;
        check_fault_words(rules, fault->kind, pointer);
        if (fault->on == FAULT_ON_MANIFEST && vocab_fault_is_of_parts(fault->kind))
            ruling_object(rules, on, "'%s' never happens: nobody asks for a part of the manifest",
                          vocab_fault_name(fault->kind));
    }
}

static void check_stage(struct ruling *rules, uint32_t index)
{
    const struct scenario *scenario = rules->scenario;
    const struct scenario_stage *stage = &scenario->stages[index];
    int awaited = stage->when_runs;
    char pointer[RULING_POINTER_MAX];

    snprintf(pointer, sizeof pointer, "/server/%u", index);
    if (!ruling_is_sound(rules, pointer))
        return;
    if (stage->manifest[0] && (!stage->offer_count || stage->offers[0].image < 0))
        ruling_object(rules, pointer, "\"manifest\" needs the offer of an image, as the first one");
    if (awaited >= 0) {
        snprintf(pointer, sizeof pointer, "/server/%u/when-runs", index);
        if (index == 0 && scenario->stage_count == SCENARIO_STAGES_MAX)
            ruling_object(rules, pointer,
                          "with a stage of nothing before it, this is one too many");
        else if (ruling_is_sound(rules, "/device") && !is_brought(scenario, awaited))
            ruling_object(rules, pointer, "nothing brings '%s' to the device",
                          ruling_image(rules, awaited));
    } else if (index > 0) {
        ruling_object(rules, pointer,
                      "when does this stage begin? Only the first one may begin at the start");
        complaint_hint(rules->complaints, "add \"when-runs\" with the image confirmed then");
    }
}

static void check_stages(struct ruling *rules)
{
    for (uint32_t i = 0; i < rules->scenario->stage_count; i++) {
        check_stage(rules, i);
        check_files(rules, i);
        check_faults(rules, i);
    }
}

/* A feature is not shown by a run in which it did not happen. */
static void check_shows(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[RULING_POINTER_MAX], name[64];

    for (uint32_t i = 0; i < scenario->shows_count; i++) {
        const struct feature *feature = features_get((uint32_t)scenario->shows[i]);
        bool is_claimed = !feature->mark;
        for (uint32_t j = 0; j < scenario->sometimes_count && !is_claimed; j++) {
            struct scenario_mark mark = scenario->sometimes[j];
            mark.reason = OTA_OK;
            scenario_mark_name(&mark, name);
            is_claimed = strcmp(name, feature->mark) == 0;
        }
        snprintf(pointer, sizeof pointer, "/shows/%u", i);
        if (!is_claimed && ruling_is_sound(rules, "/shows") && ruling_is_sound(rules, "/sometimes"))
            ruling_object(rules, pointer, "'%s' is not shown without '%s' in \"sometimes\"",
                          feature->id, feature->mark);
    }
}

/* Only of a file that is right otherwise: a mistake elsewhere may have been the use. */
static void check_use(struct ruling *rules)
{
    const struct scenario *scenario = rules->scenario;
    char pointer[RULING_POINTER_MAX];

    for (uint32_t i = 0; i < scenario->image_count && rules->complaints->count == 0; i++) {
        if (is_brought(scenario, (int)i))
            continue;
        snprintf(pointer, sizeof pointer, "/images/%s", scenario->images[i].name);
        ruling_object(rules, pointer, "this image is never used");
        return;
    }
}

void rules_check(const struct scenario *scenario, const struct locate *locate,
                 struct complaint_list *complaints)
{
    struct ruling rules = {scenario, locate, complaints};

    check_name(&rules);
    if (scenario->image_count == 0)
        return;
    rules_device_check(&rules);
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
