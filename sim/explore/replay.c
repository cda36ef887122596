#include "sim/explore/replay.h"

#include <stdlib.h>
#include <string.h>

#include "sim/device/folder.h"
#include "sim/explore/findings.h"
#include "sim/explore/look.h"
#include "sim/explore/run.h"

/* An operation of this power session. */
struct seen {
    enum device_phase phase;
    enum power_kind kind;
    bool is_spi;
    uint32_t offset;
};

struct replayer {
    struct run run;
    struct trace trace;
    struct run_watch watch;
    const struct replay_options *options;
    struct replay *replay;
    struct seen *seen;
    uint32_t seen_count, seen_capacity;
};

static void load_steps(struct choose *choose, const struct point *point)
{
    choose->driver = CHOOSE_REPLAY;
    choose->step_count = point->is_again ? 0 : point->count;
    for (uint32_t i = 0; i < choose->step_count; i++)
        choose->steps[i] = (struct choose_step){.site = point_site(&point->steps[i]),
                                                .alternative = 1,
                                                .is_cut = point->steps[i].moment != POINT_READ};
}

/* --- looking on ------------------------------------------------------------------------------ */

static void fault(struct replayer *replayer, const char *reason)
{
    struct explore_result *result = &replayer->replay->result;

    result->verdict = EXPLORE_FAULT;
    snprintf(result->fault, sizeof result->fault, "%.*s", (int)sizeof result->fault - 1, reason);
}

static void keep(struct replayer *replayer, const char *when)
{
    const struct world *world = &replayer->run.world;
    char path[4096], reason[FOLDER_ERROR_SIZE];

    if ((size_t)snprintf(path, sizeof path, "%s/%s", replayer->options->keep, when) >= sizeof path)
        fault(replayer, "the folder's name is too long");
    else if (!folder_save(path, &world->fixture.policy, &world->nvm.cells, &world->spi.cells,
                          reason))
        fault(replayer, reason);
}

static bool keeps(const struct replayer *replayer)
{
    return replayer->options->keep && replayer->replay->result.verdict != EXPLORE_FAULT;
}

static void on_boot(void *context, uint32_t boot)
{
    struct replayer *replayer = context;

    if (keeps(replayer) && boot == replayer->options->keep_boot)
        keep(replayer, "before");
}

static struct seen seen_of(const struct replayer *replayer, const struct power_operation *operation)
{
    const struct device *device = &replayer->run.world.device;

    return (struct seen){device->phase, operation->kind, operation->power == &device->spi_power,
                         operation->offset};
}

static void note(struct replayer *replayer, const struct power_operation *operation)
{
    if (replayer->seen_count == replayer->seen_capacity) {
        replayer->seen_capacity = replayer->seen_capacity ? 2 * replayer->seen_capacity : 1024;
        replayer->seen = realloc(replayer->seen, replayer->seen_capacity * sizeof *replayer->seen);
        if (!replayer->seen) {
            fputs("brownout: out of memory\n", stderr);
            abort();
        }
    }
    replayer->seen[replayer->seen_count++] = seen_of(replayer, operation);
}

static void on_operation(void *context, const struct power_operation *operation)
{
    struct replayer *replayer = context;
    struct device *device = &replayer->run.world.device;

    note(replayer, operation);
    if (device->boots != replayer->options->stop_boot ||
        operation->number != replayer->options->stop_operation)
        return;
    replayer->replay->is_stopped = true;
    trace_mark(&replayer->trace, device, operation, "STOPPED before it");
    replayer->run.trace = NULL;
    device->supply.gone(device->supply.context);
}

static void on_cut(void *context, const struct power_operation *operation, enum power_moment moment)
{
    struct replayer *replayer = context;
    const struct seen here = seen_of(replayer, operation);
    struct replay_cut cut = {here.phase, here.kind, here.is_spi, here.offset, 0, moment};

    for (uint32_t i = 0; i < replayer->seen_count; i++) {
        const struct seen *seen = &replayer->seen[i];
        cut.nth += seen->phase == here.phase && seen->kind == here.kind &&
                   seen->is_spi == here.is_spi && seen->offset == here.offset;
    }
    replayer->seen_count = 0;
    if (replayer->replay->cut_count < POINT_STEPS_MAX)
        replayer->replay->cuts[replayer->replay->cut_count++] = cut;
}

/* --- a run ----------------------------------------------------------------------------------- */

/* From power on to the end, through all the point's cuts. */
static void run_through(struct replayer *replayer)
{
    struct run *run = &replayer->run;
    struct explore_result *result = &replayer->replay->result;
    struct device *device = &run->world.device;
    enum device_end end;

    run_start_budget(run);
    while (!run_stage(run, &end) && !replayer->replay->is_stopped) {
        if (end != DEVICE_CUT)
            continue;
        result->operations += run->world.judge.operations;
        if (run_next_session(run))
            break;
    }
    result->operations += run->world.judge.operations;
    result->boots = replayer->replay->boot = device->boots;
}

/* How often the units have been erased since the scenario began. */
static uint32_t take_wear(const struct cells *cells, const uint32_t *base, uint32_t *ret_erases)
{
    uint32_t count = cells->flash.size / cells->flash.erase_size;

    for (uint32_t i = 0; i < count; i++)
        ret_erases[i] = cells->units[i].erases - base[i];
    return count;
}

static void take_wears(const struct world *world, struct replay_wear *ret_wear)
{
    uint32_t count = take_wear(&world->nvm.cells, world->wear_base, ret_wear->erases);

    ret_wear->nvm_count = count;
    ret_wear->spi_count =
        take_wear(&world->spi.cells, world->wear_base + count, ret_wear->erases + count);
}

static void find_failure(struct replayer *replayer, const struct point *point)
{
    struct explore_result *result = &replayer->replay->result;
    const struct judge *judge = &replayer->run.world.judge;

    if (replayer->replay->is_stopped)
        return;
    if (judge->claim)
        findings_add(result, judge->claim, judge->text);
    else if (!choose_is_used_up(&replayer->run.choose) ||
             (point->is_again && !replayer->replay->cut_count))
        findings_add(result, CLAIM_FIRED, "the point's cut never happened");
    if (result->failure_count)
        point_name(point, result->failures[0].point);
}

static void replay(struct replayer *replayer, const struct point *point)
{
    const struct replay_options *options = replayer->options;

    replayer->trace.out = options->out;
    replayer->trace.is_table = options->is_table;
    replayer->watch = (struct run_watch){on_boot, on_operation, on_cut, replayer};
    replayer->run.trace = &replayer->trace;
    replayer->run.watch = &replayer->watch;
    load_steps(&replayer->run.choose, point);
    replayer->run.timeline = options->timeline;
    replayer->run.again = point->is_again ? &point->steps[0] : NULL;
    trace_begin(&replayer->trace);
    run_through(replayer);
    trace_flush(&replayer->trace);
    if (replayer->replay->is_stopped && options->out)
        look_print(&replayer->run.world.device, options->out);
    if (keeps(replayer))
        keep(replayer, "after");
    if (options->wear)
        take_wears(&replayer->run.world, options->wear);
    if (replayer->replay->result.verdict != EXPLORE_FAULT)
        find_failure(replayer, point);
}

void replay_point(const struct scenario *scenario, const struct point *point,
                  const struct replay_options *options, struct replay *ret_replay)
{
    struct replayer *replayer = calloc(1, sizeof *replayer);
    enum judge_claim claim;

    memset(ret_replay, 0, sizeof *ret_replay);
    if (!replayer) {
        ret_replay->result.verdict = EXPLORE_FAULT;
        snprintf(ret_replay->result.fault, sizeof ret_replay->result.fault, "out of memory");
        return;
    }
    replayer->options = options;
    replayer->replay = ret_replay;
    if (run_init_with(&replayer->run, scenario, options->firmware, &claim,
                      ret_replay->result.fault)) {
        replay(replayer, point);
        run_free(&replayer->run);
    } else {
        findings_not_begun(&ret_replay->result, claim);
    }
    free(replayer->seen);
    free(replayer);
}
