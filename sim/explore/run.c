#include "sim/explore/run.h"

#include <stdlib.h>
#include <string.h>

#include "hal_posix/log_text.h"
#include "sim/explore/damage.h"
#include "sim/explore/prepare.h"
#include "sim/scenario/vocab_damage.h"

#define SPI_UNITS_FROM 1024
#define BOOT_STRIDE    4096

__attribute__((noinline)) void run_power_cut(const struct point_step *step)
{
    __asm__ volatile("" : : "r"(step) : "memory");
}

__attribute__((noinline)) void run_boot_starts(const struct run *run, uint32_t boot)
{
    __asm__ volatile("" : : "r"(run), "r"(boot) : "memory");
}

__attribute__((noinline)) void run_operation_starts(const struct run *run, uint32_t boot,
                                                    uint32_t number)
{
    __asm__ volatile("" : : "r"(run), "r"(boot), "r"(number) : "memory");
}

/* --- what the device's run shows ------------------------------------------------------------- */

static void on_log(void *context, enum log_event event, const uint32_t args[3])
{
    struct run *run = context;
    char text[160];

    judge_log(&run->world.judge, event, args);
    asker_log(&run->world.asker, run->world.scenario, event);
    if (!run->trace && !run->timeline)
        return;
    log_text_format(event, args, text, sizeof text);
    timeline_text(run->timeline, device_now_ms(&run->world.device), text);
    if (run->trace)
        trace_say(run->trace, &run->world.device, "%s", text);
}

static void on_event(void *context, enum ota_event event, const struct ota_event_data *data)
{
    struct world *world = &((struct run *)context)->world;

    (void)data;
    judge_event(&world->judge, event);
    if (device_ota(&world->device))
        asker_callback(&world->asker, world->scenario, device_ota(&world->device));
}

static void check_seams(struct world *world)
{
    if (world->transport.misuse)
        judge_fail(&world->judge, CLAIM_SEAM, "the transport was %s", world->transport.misuse);
}

/* Most starts are of a program flash that was compared with the images before. */
static int installed_image(struct run *run)
{
    const struct layout *layout = run->world.device.config.layout;

    if (!run->nvm_keys)
        return judge_installed(&run->world.judge);
    struct key key = flash_keys_sum(run->nvm_keys);
    key = key_subtract(
        key, run->nvm_keys->units[layout->bootctl_offset / run->world.nvm.cells.flash.erase_size]);
    uint32_t known = key_map_find(&run->installed, key);
    if (known == KEY_MAP_NONE) {
        known = (uint32_t)(judge_installed(&run->world.judge) + 1);
        key_map_add(&run->installed, key, known);
    }
    return (int)known - 1;
}

static void on_started(void *context, uint32_t address, const struct bootctl_record *record)
{
    struct run *run = context;

    (void)record;
    judge_started(&run->world.judge, address, installed_image(run));
}

static bool on_round(void *context)
{
    struct world *world = &((struct run *)context)->world;
    struct ota *ota = device_ota(&world->device);

    judge_round(&world->judge, ota);
    asker_round(&world->asker, world->scenario, ota, device_now_ms(&world->device), &world->judge);
    judge_faults(&world->judge, world->transport.memory.fired);
    world->judge.drops_done = world->station.drops_done;
    judge_requests(&world->judge, world->transport.requests, device_now_ms(&world->device));
    check_seams(world);
    if (judge_turn_stage(&world->judge))
        transport_mem_serve(&world->transport, &world->fixture.servers[world->judge.stage]);
    if (world->judge.claim)
        return true;
    if (!judge_is_settled(&world->judge, ota))
        return false;
    asker_rest(&world->asker, world->scenario, ota);
    return !asker_is_waiting(&world->asker, world->scenario, ota);
}

static bool is_at_place(const struct run *run, const struct scenario_cut *cut,
                        const struct power_operation *operation)
{
    bool is_nvm = operation->power == &run->world.device.nvm_power;

    return (is_nvm ? cut->on_nvm : cut->on_spi) && (cut->kinds >> operation->kind & 1) &&
           (cut->phases >> run->world.device.phase & 1) &&
           (!cut->has_place || cut->place == operation->offset);
}

/* A cut at a place happens the n-th time that the operation comes up there. */
static void count_place(struct run *run, const struct power_operation *operation)
{
    const struct scenario_cut *cut = run_next_cut(run->world.scenario, run->cuts);

    if (cut && cut->has_place && is_at_place(run, cut, operation))
        run->world.place_seen++;
}

/* Boot control has its places by its own history, so it is left out. */
static void trace_nvm(struct run *run, const struct power_operation *operation)
{
    const struct layout *layout = run->world.device.config.layout;

    if (operation->power != &run->world.device.nvm_power || operation->offset < layout->app_offset)
        return;
    struct key key = key_of(operation->data, operation->data ? operation->size : 0,
                            (uint64_t)operation->offset << 32 | operation->size);
    run->nvm_trace.low = run->nvm_trace.low * 0x9E3779B97F4A7C15u + key.low;
    run->nvm_trace.high ^= run->nvm_trace.low;
}

static void note_operation(const struct run *run, const struct power_operation *operation)
{
    timeline_operation(
        run->timeline,
        &(struct timeline_operation){.phase = run->world.device.phase,
                                     .is_spi = operation->power == &run->world.device.spi_power,
                                     .kind = operation->kind,
                                     .offset = operation->offset,
                                     .size = operation->size});
}

static void on_operation(void *context, const struct power_operation *operation)
{
    struct run *run = context;
    struct judge *judge = &run->world.judge;

    if (run->chip_boot && !run->world.device.is_jumping &&
        !boot_twin_operation(&run->chip_boot->twin, operation))
        run->world.device.supply.gone(run->world.device.supply.context);
    judge_operation(judge, operation);
    trace_nvm(run, operation);
    count_place(run, operation);
    note_operation(run, operation);
    if (run->trace)
        trace_operation(run->trace, &run->world.device, operation);
    run_operation_starts(run, run->world.device.boots, operation->number);
    if (run->watch)
        run->watch->operation(run->watch->context, operation);
    if (judge->operations > run->world.scenario->operations_max) {
        judge_fail(judge, CLAIM_TIME, "more than %u operations",
                   run->world.scenario->operations_max);
        run->world.device.supply.gone(run->world.device.supply.context);
    }
}

static void on_violation(void *context, const char *rule, const struct flash *flash,
                         uint32_t offset, uint32_t size)
{
    judge_violation(&((struct run *)context)->world.judge, rule, flash, offset, size);
}

/* --- what may happen to it ------------------------------------------------------------------- */

const struct scenario_cut *run_next_cut(const struct scenario *scenario, uint32_t cuts)
{
    for (uint32_t i = 0; i < scenario->cut_count; i++) {
        uint32_t times = scenario->cuts[i].times;
        if (cuts < times || !times)
            return &scenario->cuts[i];
        cuts -= times;
    }
    return NULL;
}

static bool fits(const struct run *run, const struct scenario_cut *cut,
                 const struct power_operation *operation, enum power_moment moment)
{
    return is_at_place(run, cut, operation) && (cut->moments >> moment & 1) &&
           (cut->has_place ? cut->nth == run->world.place_seen
                           : cut->is_every || cut->number == operation->number);
}

static bool on_moment(void *context, const struct power_operation *operation,
                      enum power_moment moment)
{
    struct run *run = context;
    struct judge *judge = &run->world.judge;
    const struct point_step step = {operation->number, moment};

    if (run->choose.driver == CHOOSE_EVERY) {
        const struct scenario_cut *cut = run_next_cut(run->world.scenario, run->cuts);
        if (!cut || judge->claim || !fits(run, cut, operation, moment))
            return false;
        run->fired[cut - run->world.scenario->cuts] |= 1u << moment;
    }
    run->step = step;
    run->operation = operation;
    bool is_again = run->again && point_site(run->again) == point_site(&step);
    if (!is_again && !choose(&run->choose, point_site(&step), 2))
        return false;
    judge_cut(judge, operation, moment);
    asker_cut(&run->world.asker);
    if (run->trace)
        trace_cut(run->trace, &run->world.device, operation, moment);
    if (run->watch)
        run->watch->cut(run->watch->context, operation, moment);
    timeline_cut(run->timeline, &run->step);
    run_power_cut(&run->step);
    return true;
}

static struct point_step read_step(const struct run *run, const struct cells *cells, uint32_t unit)
{
    uint32_t from = cells == &run->world.spi.cells ? SPI_UNITS_FROM : 0;

    return (struct point_step){run->world.session_boots * BOOT_STRIDE + from + unit, POINT_READ};
}

static bool on_weak_read(void *context, struct cells *cells, uint32_t unit)
{
    struct run *run = context;
    const struct point_step step = read_step(run, cells, unit);

    run->step = step;
    run->cells = cells;
    run->unit = unit;
    if (!choose(&run->choose, point_site(&step), 2))
        return false;
    judge_read_otherwise(&run->world.judge);
    if (run->trace)
        trace_say(run->trace, &run->world.device, "  WEAK %s unit %u reads as before its erase",
                  cells->flash.name, unit);
    return true;
}

/* What the same question is answered, of which nobody is to hear. */
static bool on_weak_read_unseen(void *context, struct cells *cells, uint32_t unit)
{
    const struct run *run = context;
    struct choose unseen = run->choose;
    const struct point_step step = read_step(run, cells, unit);

    return unseen.driver == CHOOSE_REPLAY && choose(&unseen, point_site(&step), 2);
}

static void tell_damage(struct run *run, uint32_t index)
{
    const struct scenario *scenario = run->world.scenario;
    char text[160] = "";
    FILE *to = fmemopen(text, sizeof text, "w");

    if (!to)
        return;
    vocab_damage_say(scenario, &scenario->damages[index], to);
    (void)fclose(to);
    timeline_text(run->timeline, device_now_ms(&run->world.device), text);
    if (run->trace)
        trace_say(run->trace, &run->world.device, "  DAMAGE %s", text);
}

static void damage(struct run *run)
{
    uint32_t done = damage_begin(&run->world);

    for (uint32_t i = 0; done >> i && (run->trace || run->timeline); i++)
        if (done >> i & 1)
            tell_damage(run, i);
}

/* --- from stage to stage --------------------------------------------------------------------- */

bool run_stage(struct run *run, enum device_end *ret_end)
{
    struct world *world = &run->world;

    if (!world->device.is_jumping) {
        world->session_boots++;
        timeline_boot(run->timeline, device_now_ms(&world->device));
        if (run->watch)
            run->watch->boot(run->watch->context, world->device.boots + 1);
        run_boot_starts(run, world->device.boots + 1);
        damage(run);
    }
    judge_stage(&world->judge, world->transport.requests, device_now_ms(&world->device));
    enum device_end end = *ret_end = device_run_stage(&world->device);
    judge_faults(&world->judge, world->transport.memory.fired);
    check_seams(world);
    if (end == DEVICE_JUMP)
        return world->judge.claim != CLAIM_NONE;
    if (run->trace)
        trace_say(run->trace, &world->device, "-- %s --", device_end_name(end));
    world->judge.use = world->device.spi_power.use;
    return judge_booted(&world->judge, end);
}

bool run_next_session(struct run *run)
{
    struct world *world = &run->world;

    choose_next_session(&run->choose);
    device_power_on(&world->device);
    world->session_boots = world->place_seen = 0;
    run_start_budget(run);
    if (run->again && ++run->sessions >= world->scenario->under_sessions)
        judge_fail(&world->judge, CLAIM_EVENTUALLY,
                   "not settled after %u power sessions of %u operations each", run->sessions,
                   run->again->operation);
    return world->judge.claim != CLAIM_NONE;
}

void run_start_budget(struct run *run)
{
    struct device *device = &run->world.device;

    device->config.time_max_ms = device->now_ms + (uint64_t)run->world.scenario->time_max_s * 1000;
    run->world.judge.operations = 0;
    run->world.judge.boots = 0;
}

bool run_init(struct run *run, const struct scenario *scenario, enum judge_claim *ret_claim,
              char ret_reason[JUDGE_TEXT_MAX])
{
    const struct device_observer observer = {
        .log = on_log,
        .event = on_event,
        .started = on_started,
        .is_done = on_round,
        .goes = on_moment,
        .operation = on_operation,
        .violation = on_violation,
        .context = run,
    };
    struct world *world = &run->world;

    memset(run, 0, sizeof *run);
    *ret_claim = CLAIM_NONE;
    enum ota_err err = world_init(world, scenario);
    if (err) {
        snprintf(ret_reason, JUDGE_TEXT_MAX, "cannot make the scenario's images: %s",
                 err_text(err));
        return false;
    }
    if (!prepare_world(world, ret_reason)) {
        *ret_claim = world->judge.claim;
        if (*ret_claim)
            snprintf(ret_reason, JUDGE_TEXT_MAX, "%s", world->judge.text);
        world_free(world);
        return false;
    }
    world_note_wear(world);
    world_begin(world, &world->fixture.servers[0], &observer);
    world_use_scenario(world);
    world->nvm.cells.reads_otherwise = world->spi.cells.reads_otherwise = on_weak_read;
    world->nvm.cells.context = world->spi.cells.context = run;
    device_power_on(&world->device);
    return true;
}

bool run_init_with(struct run *run, const struct scenario *scenario,
                   const struct chip_boot_file *firmware, enum judge_claim *ret_claim,
                   char ret_reason[JUDGE_TEXT_MAX])
{
    if (!run_init(run, scenario, ret_claim, ret_reason))
        return false;
    run->chip_boot = firmware ? malloc(sizeof *run->chip_boot) : NULL;
    if (!firmware)
        return true;
    if (!run->chip_boot || chip_boot_init(run->chip_boot, &run->world, firmware)) {
        snprintf(ret_reason, JUDGE_TEXT_MAX, "out of memory");
        free(run->chip_boot);
        run->chip_boot = NULL;
        run_free(run);
        return false;
    }
    run->chip_boot->twin.reads_otherwise = on_weak_read_unseen;
    return true;
}

void run_free(struct run *run)
{
    if (run->chip_boot)
        chip_boot_free(run->chip_boot);
    free(run->chip_boot);
    key_map_free(&run->installed);
    world_free(&run->world);
}
