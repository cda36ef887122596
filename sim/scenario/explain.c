#include "sim/scenario/explain.h"

#include <stdlib.h>
#include <string.h>

#include "core/layout.h"
#include "sim/scenario/vocab_damage.h"
#include "sim/scenario/vocab_flash.h"

#define COLUMNS   80
#define ITEMS_MAX 32

/* Things said in a row: "a", "a and b", "a, b and c". */
struct row {
    const char *items[ITEMS_MAX];
    uint32_t count;
};

static void add(struct row *row, const char *item)
{
    if (row->count < ITEMS_MAX)
        row->items[row->count++] = item;
}

static void say_row(const struct row *row, const char *last, FILE *to)
{
    for (uint32_t i = 0; i < row->count; i++) {
        const char *before = i == 0 ? "" : i + 1 == row->count ? last : ", ";
        fprintf(to, "%s%s", before, row->items[i]);
    }
}

static void add_images(const struct scenario *scenario, uint32_t images, struct row *row)
{
    for (uint32_t i = 0; i < scenario->image_count; i++)
        if (images >> i & 1)
            add(row, scenario->images[i].name);
}

static void say_images(const struct scenario *scenario, const int *images, uint32_t count, FILE *to)
{
    struct row row = {0};

    for (uint32_t i = 0; i < count; i++)
        add(&row, scenario->images[images[i]].name);
    say_row(&row, " and ", to);
}

static void say_size(uint32_t size, FILE *to)
{
    if (size % 1024)
        fprintf(to, "%u bytes", size);
    else
        fprintf(to, "%u KiB", size / 1024);
}

/* What is special about an image, as a row; healthy ones of ours have nothing special. */
static void describe_image(const struct scenario_image *image, struct row *row)
{
    static const char *const behaviours[APP_BEHAVIOUR_COUNT] = {
        "", "crashes at its start", "hangs", "never confirms itself", "crashes in its self test"};

    if (image->app != APP_HEALTHY)
        add(row, behaviours[image->app]);
    if (image->signer == SIGNER_OTHER)
        add(row, "is signed by a key the device does not know");
    if (image->signer == SIGNER_NONE)
        add(row, "is not signed");
    if (image->size > layout_mzw1.app_size)
        add(row, "is larger than program flash");
    if (image->product == PRODUCT_OTHER)
        add(row, "is made for another product");
    if (image->product == PRODUCT_NONE)
        add(row, "does not say for which product");
    if (image->flaw)
        add(row, "has a flaw in its file");
}

static void say_specials(const struct scenario *scenario, FILE *to)
{
    for (uint32_t i = 0; i < scenario->image_count; i++) {
        uint32_t counter = scenario->images[i].security_counter;
        char text[48];
        struct row row = {0};
        describe_image(&scenario->images[i], &row);
        snprintf(text, sizeof text, "has the security counter %u", counter);
        if (counter)
            add(&row, text);
        if (row.count == 0)
            continue;
        fprintf(to, "%s ", scenario->images[i].name);
        say_row(&row, " and ", to);
        fputs(". ", to);
    }
}

static void say_device(const struct scenario *scenario, FILE *to)
{
    const char *factory = scenario->images[scenario->factory].name;
    uint32_t installed = scenario->installed_count;

    if (scenario->is_virgin)
        fprintf(to, "A device was just programmed with %s and starts for the first time", factory);
    else if (installed == 0)
        fprintf(to, "A device runs %s from the factory", factory);
    else
        fprintf(to, "A device that left the factory with %s was updated to ", factory);
    if (installed)
        say_images(scenario, scenario->installed, installed, to);
    if (installed)
        fprintf(to, ", which runs");
    if (scenario->downloaded_count) {
        fprintf(to, ". ");
        say_images(scenario, scenario->downloaded, scenario->downloaded_count, to);
        fprintf(to, scenario->downloaded_count == 1 ? " is" : " are");
        fprintf(to, " downloaded and not started yet");
    }
    if (scenario->on_trial >= 0)
        fprintf(to, ". %s has had its first trial boot and is not confirmed",
                scenario->images[scenario->on_trial].name);
    fputs(". ", to);
}

static void say_settings(const struct scenario *scenario, FILE *to)
{
    struct scenario usual;

    scenario_init(&usual);
    if (scenario->past_count) {
        fputs("In a life before, until it was programmed anew, it ran ", to);
        say_images(scenario, scenario->past, scenario->past_count, to);
        fputs(". ", to);
    }
    if (scenario->store_halvings)
        fprintf(to, "Its external flash has %u MiB. ", 4u >> scenario->store_halvings);
    if (scenario->has_nil_product)
        fputs("Its vendor and class are all zeros. ", to);
    if (scenario->has_ecc)
        fputs("Its flash has ECC. ", to);
    if (scenario->images_max != usual.images_max)
        fprintf(to, "Its store keeps %u image%s. ", scenario->images_max,
                scenario->images_max == 1 ? "" : "s");
    if (scenario->trials_max != usual.trials_max)
        fprintf(to, "An image has %u trial boot%s. ", scenario->trials_max,
                scenario->trials_max == 1 ? "" : "s");
    if (!scenario->confirm_within_s)
        fputs("A trial boot takes any time. ", to);
    else if (scenario->confirm_within_s != usual.confirm_within_s)
        fprintf(to, "A trial boot ends after %u s. ", scenario->confirm_within_s);
    if (scenario->interval_s != usual.interval_s)
        fprintf(to, "It checks for updates every %u s. ", scenario->interval_s);
    if (scenario->slots_used)
        fprintf(to, "Of its boot control page %u slots are used up. ", scenario->slots_used);
    if (scenario->words_used)
        fprintf(to, "Of its newest boot control record %u status words are used up. ",
                scenario->words_used);
    if (scenario->is_factory_pin_held)
        fputs("Its factory pin is held at every start. ", to);
}

static void say_app(const struct scenario *scenario, FILE *to)
{
    struct row row = {0};

    if (!scenario->app.is_periodic)
        add(&row, "checks");
    if (!scenario->app.is_auto_update)
        add(&row, "downloads");
    if (!scenario->app.is_auto_reset)
        add(&row, "resets");
    if (row.count > 0) {
        fputs("Its application ", to);
        say_row(&row, " and ", to);
        fputs(" only when asked. ", to);
    }
    if (scenario->app.habits.sleeps)
        fputs("It sleeps until the service wants to be called. ", to);
    if (scenario->app.habits.confirms_again)
        fputs("It confirms itself after each start. ", to);
}

static void say_settings_change(const struct scenario_settings *settings, FILE *to)
{
    char interval[48];
    struct row row = {0};

    snprintf(interval, sizeof interval, "check every %u s", settings->interval_s);
    if (settings->changed & 1u << SETTING_PERIODIC)
        add(&row, settings->is_periodic ? "check by itself" : "check only when asked");
    if (settings->changed & 1u << SETTING_INTERVAL)
        add(&row, interval);
    if (settings->changed & 1u << SETTING_AUTO_UPDATE)
        add(&row, settings->is_auto_update ? "download by itself" : "download only when asked");
    if (settings->changed & 1u << SETTING_AUTO_RESET)
        add(&row, settings->is_auto_reset ? "reset by itself" : "reset only when asked");
    fputs(" it is configured to ", to);
    say_row(&row, " and ", to);
    fputs(". ", to);
}

static void say_request(const struct scenario_request *request, FILE *to)
{
    static const char *const asks[OTA_REQUEST_COUNT] = {"",
                                                        "check for updates",
                                                        "download what is offered",
                                                        "reset",
                                                        "abort what it does",
                                                        "give up its image",
                                                        "go back to the factory image",
                                                        "erase version"};
    struct scenario_mark mark = {.kind = MARK_LOG, .event = request->mark};
    char name[64];

    scenario_mark_name(&mark, name);
    if (request->has_mark)
        fprintf(to, "At %s", name);
    else if (request->at_s)
        fprintf(to, "At %u s", request->at_s);
    else
        fputs("At once", to);
    if (request->request == SCENARIO_CONFIGURE) {
        say_settings_change(&request->settings, to);
        return;
    }
    fprintf(to, " it is asked to %s", asks[request->request]);
    if (request->request == OTA_REQUEST_ERASE)
        fprintf(to, " %u", request->version);
    if (request->is_in_callback)
        fputs(" in the next callback", to);
    fputs(request->is_refused ? ", and must refuse. " : ". ", to);
    if (request->meanwhile)
        fprintf(to, "Before it comes to that it is asked to %s, and must refuse. ",
                asks[request->meanwhile]);
}

static void say_asked(const struct scenario *scenario, FILE *to)
{
    for (uint32_t i = 0; i < scenario->app.request_count; i++)
        say_request(&scenario->app.requests[i], to);
}

static void say_network(const struct scenario_network *network, FILE *to)
{
    const struct station_air *air = &network->air;

    if (!network->has_link)
        return;
    fprintf(to, "It looks for the network '%s'. ", network->ssid);
    if (strcmp(network->ssid, air->ssid) != 0)
        fprintf(to, "Only '%s' is there. ", air->ssid);
    if (strcmp(network->passphrase, air->passphrase) != 0)
        fputs("The passphrase is another one. ", to);
    if (air->absent_ms)
        fprintf(to, "The access point is switched on after %u s. ", air->absent_ms / 1000);
    if (air->no_address_ms)
        fprintf(to, "It gives no address before %u s. ", air->no_address_ms / 1000);
    for (uint32_t i = 0; i < air->drop_count; i++)
        fprintf(to, "After %u %s the network is gone for %u s. ",
                air->drops[i].at_byte ? air->drops[i].at_byte : air->drops[i].at_ms / 1000,
                air->drops[i].at_byte ? "bytes" : "s", air->drops[i].for_ms / 1000);
}

static void say_phases(uint32_t phases, FILE *to)
{
    static const char *const texts[PHASE_COUNT] = {
        "while the bootloader decides", "while the factory backup is made",
        "while an image is installed",  "while the application runs",
        "while an image is downloaded", "while an image is entered in the store"};
    struct row row = {0};

    if (phases == (1u << PHASE_COUNT) - 1)
        return;
    for (int i = 0; i < PHASE_COUNT; i++)
        if (phases & 1u << i)
            add(&row, texts[i]);
    fputc(' ', to);
    say_row(&row, " or ", to);
}

static void say_flash_faults(const struct scenario *scenario, FILE *to)
{
    for (uint32_t i = 0; i < scenario->flash_fault_count; i++) {
        fputs(i == 0 ? "From then on, " : " and ", to);
        vocab_flash_say(scenario, &scenario->flash_faults[i], to);
        say_phases(scenario->flash_faults[i].phases, to);
    }
    fputs(scenario->flash_fault_count ? ". " : "", to);
}

static void say_later_damage(const struct scenario *scenario, const struct scenario_damage *damage,
                             FILE *to)
{
    const struct scenario_mark mark = {.kind = MARK_LOG, .event = damage->mark};
    char name[64];

    scenario_mark_name(&mark, name);
    fprintf(to, "Before the first start after %s, ", name);
    vocab_damage_say(scenario, damage, to);
    fputs(". ", to);
}

static void say_damages(const struct scenario *scenario, FILE *to)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < scenario->damage_count; i++) {
        if (scenario->damages[i].has_mark)
            continue;
        fputs(count++ == 0 ? "Before the power comes on, " : " and ", to);
        vocab_damage_say(scenario, &scenario->damages[i], to);
    }
    fputs(count ? ". " : "", to);
    for (uint32_t i = 0; i < scenario->damage_count; i++)
        if (scenario->damages[i].has_mark)
            say_later_damage(scenario, &scenario->damages[i], to);
}

static void say_offer(const struct scenario *scenario, const struct scenario_offer *offer, FILE *to)
{
    if (offer->is_erase) {
        fprintf(to, "the order to erase version %u", offer->version);
        return;
    }
    const struct scenario_image *image = &scenario->images[offer->image];
    fprintf(to, "%s (", image->name);
    say_size(image->size, to);
    if (offer->version)
        fprintf(to, ", announced as version %u", offer->version);
    if (offer->has_wrong_digest)
        fprintf(to, ", with a wrong digest");
    if (offer->file[0])
        fprintf(to, ", as %s.bin", offer->file);
    if (offer->bytes_of >= 0)
        fprintf(to, ", but sends the bytes of %s", scenario->images[offer->bytes_of].name);
    fputc(')', to);
}

/* "2 requests for an image after the first". */
static void say_requests(const struct scenario_fault *fault, FILE *to)
{
    static const char *const targets[] = {" for the manifest", " for an image", ""};
    bool is_about_parts = fault->kind == FAULT_NO_RANGE || fault->kind == FAULT_WRONG_RANGE;
    const char *target = is_about_parts ? " for a part of an image" : targets[fault->on];

    if (fault->times == 0)
        fprintf(to, "Every request%s", target);
    else if (fault->times == 1)
        fprintf(to, fault->skip ? "One request%s" : "The first request%s", target);
    else
        fprintf(to, fault->skip ? "%u requests%s" : "The first %u requests%s", fault->times,
                target);
    if (fault->skip == 1)
        fputs(" after the first", to);
    else if (fault->skip)
        fprintf(to, " after the first %u", fault->skip);
}

static void say_place(const struct scenario_fault *fault, const char *what, FILE *to)
{
    if (fault->at_is_percent)
        fprintf(to, "%s after %u%% of the body", what, fault->at);
    else
        fprintf(to, "%s after %u bytes of the body", what, fault->at);
}

static void say_status(const struct scenario_fault *fault, FILE *to)
{
    fprintf(to, "status %u", fault->value);
    if (fault->retry_after_s)
        fprintf(to, " and the wish to be asked again after %u s", fault->retry_after_s);
}

/* What such a request gets, where a number is part of it. */
static void say_measured(const struct scenario_fault *fault, FILE *to)
{
    switch ((int)fault->kind) {
    case FAULT_STATUS:
        say_status(fault, to);
        break;
    case FAULT_REDIRECT:
        fprintf(to, "%u redirect%s", fault->value, fault->value == 1 ? "" : "s");
        break;
    case FAULT_TRUNCATE:
        say_place(fault, "a connection that closes", to);
        break;
    case FAULT_RESET_AFTER:
        say_place(fault, "a connection that is reset", to);
        break;
    case FAULT_STALL:
        say_place(fault, "nothing", to);
        fprintf(to, " for %u ms", fault->value);
        break;
    case FAULT_RATE:
        fprintf(to, "%u bytes a second", fault->value);
        break;
    case FAULT_CHUNK:
        fprintf(to, "%u byte%s at a time", fault->value, fault->value == 1 ? "" : "s");
        break;
    case FAULT_FLIP_BIT:
        say_place(fault, "a wrong bit", to);
        break;
    case FAULT_WRONG_LENGTH:
        fprintf(to, "a Content-Length of %u bytes too many", fault->value);
        break;
    case FAULT_WRONG_RANGE:
        fprintf(to, "a part that begins %u bytes too early", fault->value);
        break;
    case FAULT_SHORT_RANGE:
        fprintf(to, "a part of %u bytes at most", fault->value);
        break;
    case FAULT_LONG_RANGE:
        fprintf(to, "a part that ends %u bytes behind the file", fault->value);
        break;
    case FAULT_SHORTER:
        fprintf(to, "the file without its last %u bytes", fault->value);
        break;
    default:
        break;
    }
}

static void say_fault(const struct scenario_fault *fault, FILE *to)
{
    static const char *const texts[FAULT_KIND_COUNT] = {
        [FAULT_DOWN] = "no connection",
        [FAULT_CLOSE_EARLY] = "a connection that closes before any answer",
        [FAULT_NO_LENGTH] = "an answer without its length",
        [FAULT_NO_RANGE] = "the whole file",
        [FAULT_BARE_RANGE] = "the whole file as a part that does not say which",
        [FAULT_ANY_RANGE] = "a part that nobody asked for",
        [FAULT_NO_IF_RANGE] = "a part of whatever file is there",
        [FAULT_NO_VALIDATOR] = "an answer with neither ETag nor date",
        [FAULT_ONE_ETAG] = "an ETag that every file has",
        [FAULT_CHANGED] = "another file than the right one",
        [FAULT_UNTRUSTED] = "a certificate that is not one to trust",
        [FAULT_GARBAGE] = "noise",
        [FAULT_HTML] = "the login page of a captive portal",
        [FAULT_EMPTY] = "an empty body",
        [FAULT_ENDLESS] = "a body that never ends",
        [FAULT_DEEP] = "JSON that is nested 1000 deep",
    };

    say_requests(fault, to);
    fputs(fault->times > 1 ? " get " : " gets ", to);
    if (texts[fault->kind])
        fputs(texts[fault->kind], to);
    else
        say_measured(fault, to);
    fputs(". ", to);
}

static void say_server(const struct scenario *scenario, FILE *to)
{
    for (uint32_t i = 0; i < scenario->stage_count; i++) {
        const struct scenario_stage *stage = &scenario->stages[i];
        if (stage->when_runs >= 0)
            fprintf(to, "Once %s is confirmed, the server offers ",
                    scenario->images[stage->when_runs].name);
        else
            fprintf(to, "The server offers ");
        if (stage->offer_count == 0)
            fprintf(to, "nothing");
        for (uint32_t j = 0; j < stage->offer_count; j++) {
            fputs(j == 0 ? "" : j + 1 == stage->offer_count ? " and " : ", ", to);
            say_offer(scenario, &stage->offers[j], to);
        }
        fputs(". ", to);
        if (stage->manifest[0])
            fprintf(to, "Its manifest says: %s. ", stage->manifest);
        for (uint32_t j = 0; j < stage->fault_count; j++)
            say_fault(&stage->faults[j], to);
    }
}

static void say_moments(const struct scenario_cut *cut, FILE *to)
{
    static const char *const texts[POWER_MOMENT_COUNT] = {
        "inside it",
        "inside a program with the last part done",
        "inside a program with one bit done",
        "inside a program with all bits done but one",
        "inside a program with some bits done",
        "inside an erase that does not show yet",
        "inside an erase with the first half done",
        "inside an erase with the second half done",
        "inside an erase that reads as done or not, at each boot anew",
        "after it",
    };
    struct row row = {0};

    for (int moment = 0; moment < POWER_MOMENT_COUNT; moment++)
        if (cut->moments >> moment & 1 &&
            ((cut->kinds >> POWER_PROGRAM & 1 &&
              power_has_moment(POWER_PROGRAM, (enum power_moment)moment)) ||
             (cut->kinds >> POWER_ERASE & 1 &&
              power_has_moment(POWER_ERASE, (enum power_moment)moment))))
            add(&row, texts[moment]);
    fputs(", ", to);
    say_row(&row, " or ", to);
}

static void say_cut(const struct scenario_cut *cut, bool is_first, FILE *to)
{
    bool is_any = cut->kinds == (1u << POWER_PROGRAM | 1u << POWER_ERASE);
    const char *kind = is_any                              ? "operation"
                       : cut->kinds == 1u << POWER_PROGRAM ? "program operation"
                                                           : "erase";
    const char *flash = !cut->on_spi   ? " of the internal flash"
                        : !cut->on_nvm ? " of the external flash"
                                       : "";

    fputs(is_first ? "The power goes " : "After that it goes again ", to);
    if (cut->has_place)
        fprintf(to, "at address 0x%06X%s, the %s that is number %u there", cut->place, flash, kind,
                cut->nth);
    else if (cut->is_every)
        fprintf(to, "at every %s%s", kind, flash);
    else
        fprintf(to, "at operation %u", cut->number);
    if (!cut->is_every && !cut->has_place && !(is_any && cut->on_nvm && cut->on_spi))
        fprintf(to, ", if it is %s %s%s", cut->kinds == 1u << POWER_PROGRAM ? "a" : "an", kind,
                flash);
    say_phases(cut->phases, to);
    say_moments(cut, to);
    fputs(". ", to);
    if (!cut->times)
        fputs("This happens any number of times, once each time the power is on. ", to);
    else if (cut->times > 1)
        fprintf(to, "This happens %u times, once each time the power is on. ", cut->times);
}

static void say_always(const struct scenario *scenario, FILE *to)
{
    struct row row = {0};

    fputs("After every start the device must run ", to);
    add_images(scenario, scenario->always_runs, &row);
    if (row.count == 0)
        add(&row, "one of the images that may run");
    say_row(&row, " or ", to);
    fputs(scenario->is_stuck_expected ? ", if it starts any. " : ". ", to);
}

static void say_eventually(const struct scenario *scenario, FILE *to)
{
    fputs(scenario->cut_count ? "With the power kept on from then, " : "In the end ", to);
    if (scenario->eventually_runs >= 0)
        fprintf(to, "%s must run, confirmed,", scenario->images[scenario->eventually_runs].name);
    else
        fprintf(to, "the device must stay in its bootloader, with nothing that may run,");
    fprintf(to, " within %u boot%s. ", scenario->within_boots,
            scenario->within_boots == 1 ? "" : "s");
}

static void say_under_cuts(const struct scenario *scenario, FILE *to)
{
    if (scenario->under_cuts)
        fprintf(to,
                "It must come there within %u power sessions also when the power goes in each of "
                "them after operation %u, or after any later one. ",
                scenario->under_sessions, scenario->under_cuts);
}

static void say_stock(const struct scenario *scenario, FILE *to)
{
    struct row stored = {0}, gone = {0};

    add_images(scenario, scenario->stored, &stored);
    add_images(scenario, scenario->gone, &gone);
    if (scenario->has_stored && stored.count == 0)
        fputs("The store must then hold no image beside the factory backup. ", to);
    if (stored.count) {
        fputs("The store must then hold ", to);
        say_row(&stored, " and ", to);
        fputs(" beside the factory backup, and no other. ", to);
    }
    if (gone.count) {
        fputs("The store must then not hold ", to);
        say_row(&gone, " or ", to);
        fputs(". ", to);
    }
    if (scenario->has_nothing_begun)
        fputs("No part of a download must lie there. ", to);
}

static void say_marks(const char *claim, const struct scenario_mark *marks, uint32_t count,
                      const char *last, FILE *to)
{
    char names[SCENARIO_MARKS_MAX][64];
    struct row row = {0};

    for (uint32_t i = 0; i < count; i++) {
        scenario_mark_name(&marks[i], names[i]);
        add(&row, names[i]);
    }
    if (row.count == 0)
        return;
    fputs(claim, to);
    say_row(&row, last, to);
    fputs(". ", to);
}

/* Break the lines of a text at its blanks. */
static void print_wrapped(const char *text, FILE *to)
{
    size_t column = 0;

    while (*text) {
        size_t length = strcspn(text, " ");
        if (column && column + 1 + length > COLUMNS) {
            fputc('\n', to);
            column = 0;
        } else if (column) {
            fputc(' ', to);
            column++;
        }
        fwrite(text, 1, length, to);
        column += length;
        text += length;
        text += strspn(text, " ");
    }
    fputc('\n', to);
}

void explain_text(const struct scenario *scenario, FILE *to)
{
    char *text = NULL;
    size_t size = 0;
    FILE *whole = open_memstream(&text, &size);

    if (!whole)
        return;
    say_device(scenario, whole);
    say_settings(scenario, whole);
    say_app(scenario, whole);
    say_network(&scenario->network, whole);
    say_damages(scenario, whole);
    say_flash_faults(scenario, whole);
    say_server(scenario, whole);
    say_specials(scenario, whole);
    say_asked(scenario, whole);
    for (uint32_t i = 0; i < scenario->cut_count; i++)
        say_cut(&scenario->cuts[i], i == 0, whole);
    say_always(scenario, whole);
    say_eventually(scenario, whole);
    say_under_cuts(scenario, whole);
    say_stock(scenario, whole);
    say_marks("Over all runs there must have been ", scenario->sometimes, scenario->sometimes_count,
              " and ", whole);
    say_marks("In no run there may be ", scenario->never, scenario->never_count, " or ", whole);
    if (scenario->row[0])
        fprintf(to, "Row %s: %s.\n", scenario->row, scenario->setting);
    if (fclose(whole) == 0)
        print_wrapped(text, to);
    free(text);
}
