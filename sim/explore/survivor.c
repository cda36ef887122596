#include "sim/explore/survivor.h"

#include <string.h>

static struct survivor_flash take_flash(const struct flash_nor *nor)
{
    return (struct survivor_flash){nor->is_unlocked, nor->open_from, nor->open_to};
}

static void give_flash(const struct survivor_flash *flash, struct flash_nor *nor)
{
    nor->is_unlocked = flash->is_unlocked;
    nor->open_from = flash->open_from;
    nor->open_to = flash->open_to;
}

/* A reset sets back what a jump leaves. */
static void settle(struct survivor *survivor, const struct world *world)
{
    survivor->has_watchdog = false;
    survivor->watchdog_ms = survivor->watchdog_left_ms = 0;
    survivor->phase = PHASE_BOOT;
    survivor->nvm.open_from = survivor->spi.open_from = 0;
    survivor->nvm.open_to = world->nvm.cells.flash.size;
    survivor->spi.open_to = world->spi.cells.flash.size;
}

void survivor_take(const struct world *world, struct survivor *ret_survivor)
{
    const struct device *device = &world->device;

    *ret_survivor = (struct survivor){
        .is_jumping = device->is_jumping,
        .cause = device->cause,
        .has_watchdog = device->has_watchdog,
        .watchdog_ms = device->watchdog_ms,
        .watchdog_left_ms =
            device->has_watchdog ? (uint32_t)(device->watchdog_at_ms - device->now_ms) : 0,
        .nvm = take_flash(&device->nvm_nor),
        .spi = take_flash(&device->spi_nor),
        .phase = device->phase,
        .memory = world->transport.memory,
        .station_bytes = world->station.bytes,
        .away_until_ms = world->station.away_until_ms,
        .drops_done = world->station.drops_done,
        .asker = world->asker,
        .judge = world->judge,
        .place_seen = world->place_seen,
        .now_ms = device->now_ms,
        .operations = device->operations,
        .session_operations = device->supply.operations,
        .session_boots = world->session_boots,
        .boots = device->boots,
        .requests = world->transport.requests,
    };
    memcpy(ret_survivor->nvm_fault_calls, world->nvm_fault.seen,
           sizeof ret_survivor->nvm_fault_calls);
    memcpy(ret_survivor->spi_fault_calls, world->spi_fault.seen,
           sizeof ret_survivor->spi_fault_calls);
    if (!device->is_jumping)
        settle(ret_survivor, world);
}

void survivor_give(const struct survivor *survivor, struct world *world)
{
    struct device *device = &world->device;

    device->is_jumping = survivor->is_jumping;
    device->cause = survivor->cause;
    device->has_watchdog = survivor->has_watchdog;
    device->watchdog_ms = survivor->watchdog_ms;
    device->watchdog_at_ms = survivor->now_ms + survivor->watchdog_left_ms;
    give_flash(&survivor->nvm, &device->nvm_nor);
    give_flash(&survivor->spi, &device->spi_nor);
    device->phase = survivor->phase;
    device->now_ms = survivor->now_ms;
    device->operations = survivor->operations;
    device->supply.operations = survivor->session_operations;
    device->boots = survivor->boots;
    world->session_boots = survivor->session_boots;
    world->judge = survivor->judge;
    world->place_seen = survivor->place_seen;
    world->asker = survivor->asker;
    world->transport.memory = survivor->memory;
    world->transport.requests = survivor->requests;
    world->transport.misuse = NULL;
    world->transport.server = &world->fixture.servers[survivor->judge.stage];
    world->station.bytes = survivor->station_bytes;
    world->station.away_until_ms = survivor->away_until_ms;
    world->station.drops_done = survivor->drops_done;
    memcpy(world->nvm_fault.seen, survivor->nvm_fault_calls, sizeof world->nvm_fault.seen);
    memcpy(world->spi_fault.seen, survivor->spi_fault_calls, sizeof world->spi_fault.seen);
}

void survivor_cut(struct survivor *survivor, const struct world *world,
                  const struct power_operation *operation, enum power_moment moment)
{
    settle(survivor, world);
    survivor->is_jumping = false;
    survivor->cause = SYSTEM_POWER_ON;
    survivor->nvm.is_unlocked = survivor->spi.is_unlocked = false;
    survivor->session_operations = survivor->session_boots = survivor->place_seen = 0;
    judge_cut(&survivor->judge, operation, moment);
    asker_cut(&survivor->asker);
}

/* What of it tells two survivors apart; without holes. */
struct identity {
    uint32_t is_jumping, cause, has_watchdog, watchdog_ms, watchdog_left_ms, phase;
    uint32_t is_unlocked[2], open_from[2], open_to[2];
    uint32_t fault_requests[SCENARIO_FAULTS_MAX], fired_now, fired[SCENARIO_STAGES_MAX];
    uint32_t station_bytes, drops_done;
    uint64_t away_for_ms, now_ms;
    uint32_t request, is_due, is_asked, was_cut, versions[SCENARIO_REQUESTS_MAX];
    uint32_t running, confirmed, counter_floor, disabled, entered, stage, is_asked_for, is_seen;
    uint32_t is_reset_awaited, is_granted, is_healed;
    uint32_t damages_due, damaged, renewed;
    uint32_t fault_calls[2][FLASH_FAULT_RULES_MAX];
    uint32_t session_operations, place_seen;
};

_Static_assert(sizeof(struct identity) % 8 == 0, "no holes at the end");

static void identify_faults(const struct survivor *survivor, const struct scenario *scenario,
                            struct identity *identity)
{
    const struct scenario_stage *stage = &scenario->stages[survivor->judge.stage];

    for (uint32_t i = 0; i < stage->fault_count; i++) {
        uint32_t last = stage->faults[i].skip + stage->faults[i].times;
        uint32_t seen = survivor->memory.seen[i];
        identity->fault_requests[i] = seen < last ? seen : last;
    }
    if (stage->fault_count)
        identity->fired_now = survivor->memory.fired;
    memcpy(identity->fired, survivor->judge.fired, sizeof identity->fired);
}

static uint32_t until_last(uint32_t calls, const struct flash_fault_rule *rule)
{
    uint32_t last = rule->skip + rule->times;

    return calls < last ? calls : last;
}

static void identify_flash_faults(const struct survivor *survivor, const struct world *world,
                                  struct identity *identity)
{
    for (uint32_t i = 0; i < world->nvm_fault.rule_count; i++)
        identity->fault_calls[0][i] =
            until_last(survivor->nvm_fault_calls[i], &world->nvm_rules[i]);
    for (uint32_t i = 0; i < world->spi_fault.rule_count; i++)
        identity->fault_calls[1][i] =
            until_last(survivor->spi_fault_calls[i], &world->spi_rules[i]);
}

/* The last moment that anything in the world waits for; a link that is away waits for so long. */
static uint64_t horizon_ms(const struct scenario *scenario)
{
    const struct station_air *air = &scenario->network.air;
    uint64_t horizon = 0;

    if (scenario->network.has_link && air->absent_ms > horizon)
        horizon = air->absent_ms;
    if (scenario->network.has_link && air->no_address_ms > horizon)
        horizon = air->no_address_ms;
    for (uint32_t i = 0; i < air->drop_count; i++)
        if (!air->drops[i].at_byte && air->drops[i].at_ms > horizon)
            horizon = air->drops[i].at_ms;
    for (uint32_t i = 0; i < scenario->app.request_count; i++)
        if (!scenario->app.requests[i].has_mark &&
            scenario->app.requests[i].at_s * UINT64_C(1000) > horizon)
            horizon = scenario->app.requests[i].at_s * UINT64_C(1000);
    return horizon;
}

static void identify_surroundings(const struct survivor *survivor, const struct scenario *scenario,
                                  struct identity *identity)
{
    uint64_t horizon = horizon_ms(scenario);
    const struct asker *asker = &survivor->asker;

    identity->now_ms = survivor->now_ms < horizon ? survivor->now_ms : horizon;
    if (survivor->away_until_ms > survivor->now_ms)
        identity->away_for_ms = survivor->away_until_ms - survivor->now_ms;
    identity->drops_done = survivor->drops_done;
    if (survivor->drops_done < scenario->network.air.drop_count)
        identity->station_bytes = (uint32_t)survivor->station_bytes;
    if (!scenario->app.request_count)
        return;
    identity->request = asker->next;
    identity->is_due = asker->is_due;
    identity->is_asked = asker->is_asked;
    identity->was_cut = asker->was_cut;
    identity->is_granted = asker->is_granted;
    memcpy(identity->versions, asker->versions, sizeof identity->versions);
}

static bool has_numbered_cut(const struct scenario *scenario)
{
    for (uint32_t i = 0; i < scenario->cut_count; i++)
        if (!scenario->cuts[i].is_every && !scenario->cuts[i].has_place)
            return true;
    return false;
}

struct key survivor_key(const struct survivor *survivor, const struct world *world)
{
    const struct scenario *scenario = world->scenario;
    const struct judge *judge = &survivor->judge;
    const struct survivor_flash *flashes[] = {&survivor->nvm, &survivor->spi};
    struct identity identity = {
        .is_jumping = survivor->is_jumping,
        .cause = survivor->cause,
        .has_watchdog = survivor->has_watchdog,
        .watchdog_ms = survivor->watchdog_ms,
        .watchdog_left_ms = survivor->watchdog_left_ms,
        .phase = survivor->phase,
        .running = (uint32_t)judge->running,
        .confirmed = (uint32_t)judge->confirmed,
        .counter_floor = judge->counter_floor,
        .disabled = judge->disabled,
        .entered = (uint32_t)judge->entered,
        .stage = judge->stage,
        .is_asked_for = judge->is_stage_asked,
        .is_seen = judge->is_stage_seen,
        .is_reset_awaited = judge->is_reset_awaited,
        .is_healed = judge->is_healed,
        .damages_due = judge->damages_due,
        .damaged = judge->damaged,
        .renewed = judge->renewed,
        .place_seen = survivor->place_seen,
    };

    for (int i = 0; i < 2; i++) {
        identity.is_unlocked[i] = flashes[i]->is_unlocked;
        identity.open_from[i] = flashes[i]->open_from;
        identity.open_to[i] = flashes[i]->open_to;
    }
    if (has_numbered_cut(scenario))
        identity.session_operations = survivor->session_operations;
    identify_faults(survivor, scenario, &identity);
    identify_flash_faults(survivor, world, &identity);
    identify_surroundings(survivor, scenario, &identity);
    return key_of(&identity, sizeof identity, 0);
}
