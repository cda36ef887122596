#include "sim/explore/explore.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hal_posix/log_text.h"
#include "sim/explore/choose.h"
#include "sim/explore/prepare.h"
#include "sim/explore/world.h"

#define PROGRESS_EVERY 64

struct explore {
    struct world world;
    struct choose choose;
    struct point point;                      /* the cuts of the present branch */
    const struct power_operation *operation; /* choose() is asking about */
    enum power_moment moment;
    uint64_t fired[SCENARIO_CUTS_MAX];
    uint32_t marks;                       /* seen in any run */
    uint32_t faults[SCENARIO_STAGES_MAX]; /* that took effect in any run */
    uint64_t control_trace;
    uint32_t requests; /* that were carried out, or refused, in the control run */
    bool is_checking;
    const struct explore_options *options;
    struct explore_result *result;
    FILE *out; /* of a replay; NULL: silent */
    bool is_verbose;
};

__attribute__((noinline)) void explore_power_cut(const struct point *point)
{
    __asm__ volatile("" : : "r"(point) : "memory");
}

__attribute__((noinline)) void explore_claim_failed(const char *claim, const char *text)
{
    __asm__ volatile("" : : "r"(claim), "r"(text) : "memory");
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void keep_failure(struct explore *explore, enum judge_claim claim, const char *text)
{
    struct explore_result *result = explore->result;

    result->verdict = EXPLORE_FAILED;
    result->points_failed++;
    explore_claim_failed(judge_claim_name(claim), text);
    if (result->failure_count == EXPLORE_FAILURES_MAX)
        return;
    struct explore_failure *failure = &result->failures[result->failure_count++];
    point_name(&explore->point, failure->point);
    failure->claim = claim;
    snprintf(failure->text, sizeof failure->text, "%s", text);
}

/* --- what the device's run shows ------------------------------------------------------------- */

static void print_time(struct explore *explore)
{
    fprintf(explore->out, "%4u %9.3f  ", explore->world.device.boots,
            (double)device_now_ms(&explore->world.device) / 1000);
}

static void on_log(void *context, enum log_event event, const uint32_t args[3])
{
    struct explore *explore = context;
    char text[160];

    judge_log(&explore->world.judge, event, args);
    asker_log(&explore->world.asker, explore->world.scenario, event);
    if (!explore->out)
        return;
    log_text_format(event, args, text, sizeof text);
    print_time(explore);
    fprintf(explore->out, "%s\n", text);
}

static void on_event(void *context, enum ota_event event, const struct ota_event_data *data)
{
    struct world *world = &((struct explore *)context)->world;

    (void)data;
    judge_event(&world->judge, event);
}

static void on_started(void *context, uint32_t address, const struct bootctl_record *record)
{
    (void)record;
    judge_started(&((struct explore *)context)->world.judge, address);
}

static bool on_round(void *context)
{
    struct world *world = &((struct explore *)context)->world;
    struct ota *ota = device_ota(&world->device);

    judge_round(&world->judge, ota);
    asker_round(&world->asker, world->scenario, ota, device_now_ms(&world->device), &world->judge);
    judge_faults(&world->judge, world->transport.memory.fired);
    if (judge_turn_stage(&world->judge))
        transport_mem_serve(&world->transport, &world->fixture.servers[world->judge.stage]);
    if (world->judge.claim)
        return true;
    if (!judge_is_settled(&world->judge, ota))
        return false;
    asker_rest(&world->asker, world->scenario, ota);
    return !asker_is_waiting(&world->asker, world->scenario, ota);
}

static void print_operation(struct explore *explore, const struct power_operation *operation)
{
    print_time(explore);
    fprintf(explore->out, "  op %-5u %s %-7s 0x%06X %5u  %s\n", operation->number,
            operation->power->flash.name, operation->kind == POWER_ERASE ? "erase" : "program",
            operation->offset, operation->size, device_phase_name(explore->world.device.phase));
}

static void on_operation(void *context, const struct power_operation *operation)
{
    struct explore *explore = context;
    struct judge *judge = &explore->world.judge;

    judge_operation(judge, operation);
    if (explore->out && explore->is_verbose)
        print_operation(explore, operation);
    if (judge->operations > explore->world.scenario->operations_max) {
        judge_fail(judge, CLAIM_TIME, "more than %u operations",
                   explore->world.scenario->operations_max);
        explore->world.device.supply.gone(explore->world.device.supply.context);
    }
}

static void on_violation(void *context, const char *rule, const struct flash *flash,
                         uint32_t offset, uint32_t size)
{
    judge_violation(&((struct explore *)context)->world.judge, rule, flash, offset, size);
}

/* --- cutting --------------------------------------------------------------------------------- */

static bool fits(const struct explore *explore, const struct scenario_cut *cut,
                 const struct power_operation *operation, enum power_moment moment)
{
    bool is_nvm = operation->power == &explore->world.device.nvm_power;

    return (is_nvm ? cut->on_nvm : cut->on_spi) && (cut->kinds >> operation->kind & 1) &&
           (cut->moments >> moment & 1) && (cut->phases >> explore->world.device.phase & 1) &&
           (cut->is_every || cut->number == operation->number);
}

static bool on_moment(void *context, const struct power_operation *operation,
                      enum power_moment moment)
{
    struct explore *explore = context;
    uint64_t site = (uint64_t)operation->number * POWER_MOMENT_COUNT + moment;

    if (explore->choose.driver == CHOOSE_EVERY) {
        uint32_t next = explore->point.count;
        if (next >= explore->world.scenario->cut_count ||
            !fits(explore, &explore->world.scenario->cuts[next], operation, moment) ||
            explore->result->failure_count == EXPLORE_FAILURES_MAX || explore->world.judge.claim)
            return false;
    }
    explore->operation = operation;
    explore->moment = moment;
    if (!choose(&explore->choose, site, 2))
        return false;
    explore->point.cuts[explore->point.count++] = (struct point_cut){operation->number, moment};
    judge_cut(&explore->world.judge, operation, moment);
    asker_cut(&explore->world.asker);
    explore_power_cut(&explore->point);
    if (explore->out) {
        if (!explore->is_verbose)
            print_operation(explore, operation);
        print_time(explore);
        fprintf(explore->out, "  POWER CUT %s\n",
                moment == POWER_AFTER    ? "after it"
                : moment == POWER_INSIDE ? "inside it"
                                         : "inside it; it reads as erased, and is weak");
    }
    return true;
}

static const struct device_observer observer = {
    .log = on_log,
    .event = on_event,
    .started = on_started,
    .is_done = on_round,
    .goes = on_moment,
    .operation = on_operation,
    .violation = on_violation,
};

/* --- runs ------------------------------------------------------------------------------------ */

/* From power on to the end of the run; a cut that is not a fork's is followed by the next session.
 */
static void run_to_end(struct explore *explore)
{
    struct world *world = &explore->world;

    device_power_on(&world->device);
    for (;;) {
        enum device_end end = device_boot(&world->device);
        explore->result->boots++;
        if (explore->out) {
            print_time(explore);
            fprintf(explore->out, "-- %s --\n", device_end_name(end));
        }
        if (judge_booted(&world->judge, end))
            break;
        if (end == DEVICE_CUT) {
            choose_next_step(&explore->choose);
            device_power_on(&world->device);
        }
    }
    explore->marks |= world->judge.marks;
    judge_faults(&world->judge, world->transport.memory.fired);
    for (uint32_t i = 0; i < SCENARIO_STAGES_MAX; i++)
        explore->faults[i] |= world->judge.fired[i];
}

/* One branch: the power goes at the operation asked about, and the device gets on with it. */
static uint64_t live_through(struct explore *explore)
{
    struct world *world = &explore->world;
    const struct power_operation *operation = explore->operation;
    enum power_moment moment = explore->moment;

    world_mark(world);
    explore->point.cuts[explore->point.count++] = (struct point_cut){operation->number, moment};
    transport_close(world->device.hal.transport);
    power_tear(operation, moment, 0);
    judge_cut(&world->judge, operation, moment);
    asker_cut(&world->asker);
    uint64_t operations = world->judge.operations;
    run_to_end(explore);
    explore->result->operations += world->judge.operations - operations;
    if (world->judge.claim && !explore->is_checking)
        keep_failure(explore, world->judge.claim, world->judge.text);
    uint64_t trace = world->judge.trace;
    explore->point.count--;
    world_rollback(world);
    explore->operation = operation;
    explore->moment = moment;
    return trace;
}

static void on_fork(void *context, uint64_t site, uint32_t alternative)
{
    struct explore *explore = context;
    struct explore_result *result = explore->result;

    (void)site;
    (void)alternative;
    explore->fired[explore->point.count]++;
    uint64_t trace = live_through(explore);
    if (explore->is_checking)
        return;
    result->points++;
    if (result->points % EXPLORE_CHECK_EVERY == 1) {
        result->checked++;
        explore->is_checking = true;
        if (live_through(explore) != trace)
            keep_failure(explore, CLAIM_DETERMINISM, "two runs of one point differ");
        explore->is_checking = false;
    }
    if (explore->options->progress && result->points % PROGRESS_EVERY == 0)
        explore->options->progress(explore->options->context, explore->world.scenario,
                                   result->points);
}

static void begin(struct explore *explore)
{
    struct device_observer watching = observer;

    watching.context = explore;
    world_begin(&explore->world, &explore->world.fixture.servers[0], &watching);
    world_use_scenario(&explore->world);
}

/* A whole run from the scenario's start, and back. Returns whether it passed. */
static bool run_forward(struct explore *explore, enum choose_driver driver)
{
    struct world *world = &explore->world;

    explore->choose.driver = driver;
    world_mark(world);
    begin(explore);
    run_to_end(explore);
    explore->result->operations += world->judge.operations;
    bool has_passed = world->judge.claim == CLAIM_NONE;
    if (driver == CHOOSE_ORDINARY) {
        explore->requests = world->asker.next;
        explore->control_trace = world->judge.trace;
    }
    if (!has_passed && driver == CHOOSE_ORDINARY) {
        char text[JUDGE_TEXT_MAX];
        snprintf(text, sizeof text, "%.60s: %.90s", judge_claim_name(world->judge.claim),
                 world->judge.text);
        keep_failure(explore, CLAIM_CONTROL, text);
    } else if (!has_passed && driver == CHOOSE_REPLAY) {
        keep_failure(explore, world->judge.claim, world->judge.text);
    } else if (driver == CHOOSE_EVERY &&
               (!has_passed || world->judge.trace != explore->control_trace)) {
        keep_failure(explore, CLAIM_DETERMINISM, "the forward run is not the control run");
    }
    world_rollback(world);
    return has_passed;
}

static void check_faults(struct explore *explore)
{
    const struct scenario *scenario = explore->world.scenario;
    char text[JUDGE_TEXT_MAX] = "";

    for (uint32_t i = 0; i < scenario->stage_count; i++)
        for (uint32_t j = 0; j < scenario->stages[i].fault_count; j++)
            if (!(explore->faults[i] >> j & 1)) {
                snprintf(text, sizeof text, "fault %u of stage %u never happened", j + 1, i + 1);
                keep_failure(explore, CLAIM_FIRED, text);
            }
}

/* What was declared has happened, or the scenario says nothing. */
static void check_vacuity(struct explore *explore)
{
    const struct scenario *scenario = explore->world.scenario;
    char text[JUDGE_TEXT_MAX] = "", name[64];

    for (uint32_t i = 0; i < scenario->cut_count; i++)
        if (!explore->fired[i]) {
            snprintf(text, sizeof text, "cut %u never happened", i + 1);
            keep_failure(explore, CLAIM_FIRED, text);
        }
    check_faults(explore);
    if (explore->requests < scenario->app.request_count) {
        snprintf(text, sizeof text, "request %u was never made", explore->requests + 1);
        keep_failure(explore, CLAIM_FIRED, text);
    }
    for (uint32_t i = 0; i < scenario->sometimes_count; i++)
        if (!(explore->marks >> i & 1)) {
            scenario_mark_name(&scenario->sometimes[i], name);
            snprintf(text, sizeof text, "'%s' never happened", name);
            keep_failure(explore, CLAIM_SOMETIMES, text);
        }
}

static struct explore *start(const struct scenario *scenario, const struct explore_options *options,
                             struct explore_result *result)
{
    struct explore *explore = calloc(1, sizeof *explore);
    enum ota_err err = explore ? world_init(&explore->world, scenario) : OTA_ERR_FULL;

    memset(result, 0, sizeof *result);
    if (!err) {
        explore->options = options;
        explore->result = result;
        explore->choose.fork = on_fork;
        explore->choose.context = explore;
        if (prepare_world(&explore->world, result->fault)) {
            world_note_wear(&explore->world);
            return explore;
        }
        if (explore->world.judge.claim)
            keep_failure(explore, explore->world.judge.claim, explore->world.judge.text);
        world_free(&explore->world);
    } else {
        snprintf(result->fault, sizeof result->fault, "cannot make the scenario's images: %s",
                 err_text(err));
    }
    if (!result->failure_count)
        result->verdict = EXPLORE_FAULT;
    free(explore);
    return NULL;
}

static void stop(struct explore *explore)
{
    world_free(&explore->world);
    free(explore);
}

void explore_run(const struct scenario *scenario, const struct explore_options *options,
                 struct explore_result *ret_result)
{
    double started_s = now_s();
    struct explore *explore = start(scenario, options, ret_result);

    if (!explore)
        return;
    if (run_forward(explore, CHOOSE_ORDINARY)) {
        if (scenario->cut_count)
            (void)run_forward(explore, CHOOSE_EVERY);
        if (!ret_result->failure_count)
            check_vacuity(explore);
    }
    ret_result->seconds = now_s() - started_s;
    stop(explore);
}

void explore_replay(const struct scenario *scenario, const struct point *point, FILE *out,
                    bool is_verbose, struct explore_result *ret_result)
{
    const struct explore_options options = {0};
    struct explore *explore = start(scenario, &options, ret_result);

    if (!explore)
        return;
    explore->out = out;
    explore->is_verbose = is_verbose;
    explore->choose.step_count = point->count;
    for (uint32_t i = 0; i < point->count; i++)
        explore->choose.steps[i] = (struct choose_step){
            (uint64_t)point->cuts[i].operation * POWER_MOMENT_COUNT + point->cuts[i].moment, 1};
    (void)run_forward(explore, CHOOSE_REPLAY);
    if (explore->choose.step_next < point->count && !ret_result->failure_count)
        keep_failure(explore, CLAIM_FIRED, "the point's cut never happened");
    stop(explore);
}
