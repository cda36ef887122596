#include "sim/explore/prepare.h"

#include <stdio.h>
#include <string.h>

#include "sim/explore/damage.h"

#define BOOTS_MAX 10
#define WORDS_AT  112 /* of a slot, as core/bootctl.h has it */
#define WORD_SIZE 8

/* What ends a preparing run: the image runs, confirmed and at rest; or it lies in the store. */
struct goal {
    struct world *world;
    uint32_t version;
    bool is_stored_enough;
};

static bool is_reached(void *context)
{
    const struct goal *goal = context;
    const struct ota *ota = device_ota(&goal->world->device);

    if (!ota)
        return false;
    if (goal->is_stored_enough)
        return ota->state == OTA_STATE_READY && ota->entry->version == goal->version;
    return ota_version(ota) == goal->version && ota_is_confirmed(ota) && ota_is_settled(ota);
}

static void on_violation(void *context, const char *rule, const struct flash *flash,
                         uint32_t offset, uint32_t size)
{
    judge_violation(&((struct goal *)context)->world->judge, rule, flash, offset, size);
}

static bool run_to(struct goal *goal, const struct server *server)
{
    struct world *world = goal->world;
    struct device_observer observer = {
        .is_done = is_reached, .violation = on_violation, .context = goal};

    world_begin(world, server, &observer);
    world->device.config.ota.is_auto_reset = !goal->is_stored_enough;
    device_power_on(&world->device);
    for (int i = 0; i < BOOTS_MAX; i++) {
        enum device_end end = device_boot(&world->device);
        if (end != DEVICE_RESET && end != DEVICE_WATCHDOG)
            return end == DEVICE_DONE && !world->judge.claim;
    }
    return false;
}

static bool update_to(struct world *world, int image, bool is_stored_enough)
{
    struct goal goal = {world, world->scenario->images[image].version, is_stored_enough};
    struct server server;
    char text[FIXTURE_TEXT_MAX];

    return fixture_offer_one(world->scenario, &world->fixture, image, &server, text) == OTA_OK &&
           run_to(&goal, &server);
}

/* The programmer writes the image file as it is: its header page is the boot control page. */
static void program_factory(struct world *world)
{
    const struct fixture_image *image = &world->fixture.images[world->scenario->factory];
    struct cells *nvm = &world->nvm.cells;

    memcpy(nvm->bytes + layout_mzw1.bootctl_offset, image->bytes, image->size);
    memset(nvm->marks + layout_mzw1.bootctl_offset / nvm->mark_size, CELLS_PROGRAMMED,
           (image->size + nvm->mark_size - 1) / nvm->mark_size);
}

/* What power cuts in the past have left: a double word that was cut while it was written. */
static void tear(struct world *world, uint32_t offset)
{
    static const uint8_t word[8] = {0x42, 0x43, 0x54, 0x4C, 1, 0, 1, BOOTCTL_VALID};

    cells_tear_program(&world->nvm.cells, layout_mzw1.bootctl_offset + offset, word, sizeof word,
                       TEAR_MOST_BITS);
}

/* The newest record's words, and slots behind it. */
static void use_up(struct world *world)
{
    const struct scenario *scenario = world->scenario;
    struct bootctl bootctl;

    err_ignore(bootctl_open(&bootctl, &world->nvm.cells.flash, layout_mzw1.bootctl_offset));
    uint32_t words = bootctl.slot * BOOTCTL_SLOT_SIZE + WORDS_AT;
    for (uint32_t word = bootctl.word_next; word < scenario->words_used; word++)
        tear(world, words + word * WORD_SIZE);
    for (uint32_t slot = bootctl.slot_next; slot < scenario->slots_used; slot++)
        tear(world, slot * BOOTCTL_SLOT_SIZE);
}

static bool fail(const struct world *world, int image, const char *step, char *ret_reason)
{
    snprintf(ret_reason, JUDGE_TEXT_MAX, "cannot prepare the device: %s %s", step,
             world->scenario->images[image].name);
    return false;
}

bool prepare_world(struct world *world, char ret_reason[JUDGE_TEXT_MAX])
{
    const struct scenario *scenario = world->scenario;
    struct goal factory = {world, scenario->images[scenario->factory].version, false};
    struct server server;
    char text[FIXTURE_TEXT_MAX];

    program_factory(world);
    if (scenario->is_virgin)
        return true;
    if (fixture_offer_one(scenario, &world->fixture, scenario->factory, &server, text) ||
        !run_to(&factory, &server))
        return fail(world, scenario->factory, "first start of", ret_reason);
    for (uint32_t i = 0; i < scenario->installed_count; i++)
        if (!update_to(world, scenario->installed[i], false))
            return fail(world, scenario->installed[i], "update to", ret_reason);
    for (uint32_t i = 0; i < scenario->downloaded_count; i++)
        if (!update_to(world, scenario->downloaded[i], true))
            return fail(world, scenario->downloaded[i], "download of", ret_reason);
    use_up(world);
    for (uint32_t i = 0; i < scenario->damage_count; i++)
        if (damage_apply(world, &scenario->damages[i])) {
            snprintf(ret_reason, JUDGE_TEXT_MAX, "damage %u: there is nothing to damage", i + 1);
            return false;
        }
    return true;
}
