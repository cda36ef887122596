#include "sim/explore/prepare.h"

#include <stdio.h>
#include <string.h>

#include "sim/explore/damage.h"
#include "sim/explore/programmer.h"

#define BOOTS_MAX 10
#define WORDS_AT  112 /* of a slot, as core/bootctl.h has it */
#define WORD_SIZE 8

/* What ends a preparing run. */
enum goal_kind {
    GOAL_CONFIRMED, /* the image runs, confirmed and at rest */
    GOAL_STORED,    /* it lies in the store, and starts with the next reset */
    GOAL_STARTED,   /* it runs */
};

struct goal {
    struct world *world;
    uint32_t version;
    enum goal_kind kind;
};

static bool is_reached(void *context)
{
    const struct goal *goal = context;
    const struct ota *ota = device_ota(&goal->world->device);

    if (!ota)
        return false;
    if (goal->kind == GOAL_STORED)
        return ota->state == OTA_STATE_READY && ota->entry->version == goal->version;
    if (ota_version(ota) != goal->version)
        return false;
    return goal->kind == GOAL_STARTED || (ota_is_confirmed(ota) && ota_is_settled(ota));
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
    world->device.config.ota.is_auto_reset = goal->kind != GOAL_STORED;
    device_power_on(&world->device);
    for (int i = 0; i < BOOTS_MAX; i++) {
        enum device_end end = device_boot(&world->device);
        if (end != DEVICE_RESET && end != DEVICE_WATCHDOG)
            return end == DEVICE_DONE && !world->judge.claim;
    }
    return false;
}

static bool update_to(struct world *world, int image, enum goal_kind kind)
{
    struct goal goal = {world, world->scenario->images[image].version, kind};
    struct server server;
    char text[FIXTURE_TEXT_MAX];

    return fixture_offer_one(world->scenario, &world->fixture, image, &server, text) == OTA_OK &&
           run_to(&goal, &server);
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

/* Its first start in the factory, and the updates after that. */
static bool live(struct world *world, int factory, const int *updates, uint32_t count,
                 char *ret_reason)
{
    if (!update_to(world, factory, GOAL_CONFIRMED))
        return fail(world, factory, "first start of", ret_reason);
    for (uint32_t i = 0; i < count; i++)
        if (!update_to(world, updates[i], GOAL_CONFIRMED))
            return fail(world, updates[i], "update to", ret_reason);
    return true;
}

static bool damage(struct world *world, char *ret_reason)
{
    for (uint32_t i = 0; i < world->scenario->damage_count; i++) {
        const struct scenario_damage *what = &world->scenario->damages[i];
        enum ota_err err = what->has_mark ? OTA_OK : damage_apply(world, what);
        if (!err)
            continue;
        snprintf(ret_reason, JUDGE_TEXT_MAX, "damage %u: %s", i + 1,
                 err == OTA_ERR_NOT_FOUND ? "there is nothing to damage" : err_text(err));
        return false;
    }
    return true;
}

bool prepare_world(struct world *world, char ret_reason[JUDGE_TEXT_MAX])
{
    const struct scenario *scenario = world->scenario;

    if (scenario->past_count) {
        programmer_write(world, scenario->past[0]);
        if (!live(world, scenario->past[0], scenario->past + 1, scenario->past_count - 1,
                  ret_reason))
            return false;
    }
    programmer_write(world, scenario->factory);
    if (scenario->is_virgin)
        return damage(world, ret_reason);
    if (!live(world, scenario->factory, scenario->installed, scenario->installed_count, ret_reason))
        return false;
    for (uint32_t i = 0; i < scenario->downloaded_count; i++)
        if (!update_to(world, scenario->downloaded[i], GOAL_STORED))
            return fail(world, scenario->downloaded[i], "download of", ret_reason);
    if (scenario->on_trial >= 0 && !update_to(world, scenario->on_trial, GOAL_STARTED))
        return fail(world, scenario->on_trial, "first trial of", ret_reason);
    use_up(world);
    return damage(world, ret_reason);
}
