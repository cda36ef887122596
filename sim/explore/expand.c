#include "sim/explore/expand.h"

#include <stdlib.h>
#include <string.h>

#include "sim/explore/crew.h"

#define CHECK_EVERY 20
#define TWIN_EVERY  32

/* --- telling --------------------------------------------------------------------------------- */

static void tell_page(struct expand *expand, uint32_t number)
{
    struct shelf_item *page = pages_at(&expand->states->pages, number);
    uint8_t content[PAGES_SIZE_MAX];

    if (page->is_told)
        return;
    page->is_told = true;
    struct told_page told = {TOLD_PAGE, page->key, page->flags,
                             pages_read(&expand->states->pages, number, content)};
    crew_tell(expand->to, expand->item,
              (const struct iovec[]){{&told, sizeof told}, {content, told.size}}, 2);
}

/* size bytes, which begin with a struct told_state, and the units of the world as it is now. Pages
 * that are new in this child are told by their keys, and kept as long as it lives. */
static void tell_state(struct expand *expand, struct told_state *told, size_t size)
{
    struct state_unit units[STATE_UNITS_MAX];
    struct key keys[STATE_UNITS_MAX];
    uint32_t count = states_list(expand->states, units), key_count = 0;

    told->unit_count = count;
    for (uint32_t i = 0; i < count; i++) {
        const struct shelf_item *page = pages_at(&expand->states->pages, units[i].page);
        if (!page->is_new)
            continue;
        tell_page(expand, units[i].page);
        keys[key_count++] = page->key;
        units[i].page = SHELF_NONE;
    }
    const struct iovec parts[] = {
        {told, size}, {units, count * sizeof *units}, {keys, key_count * sizeof *keys}};
    crew_tell(expand->to, expand->item, parts, 3);
}

/* Where any number of cuts is asked for, states behind the first one are compared as views. */
static bool compares_views(const struct expand *expand, const struct told_state *told)
{
    return expand->has_views &&
           expand->graph->nodes[expand->node].depth + (told->step.operation != 0) > 1;
}

struct key expand_cut_key(const struct graph *graph, uint32_t cuts, struct key key)
{
    const struct scenario *scenario = graph->scenario;
    const struct scenario_cut *next = run_next_cut(scenario, cuts);

    if (next)
        key.high += (uint64_t)(next - scenario->cuts);
    else if (scenario->cut_count)
        key.high += scenario->cut_count - 1;
    return key;
}

static struct key with_cut(const struct expand *expand, const struct told_state *told,
                           struct key key)
{
    bool is_cut = told->step.operation && told->step.moment != POINT_READ;

    return expand_cut_key(expand->graph, expand->graph->nodes[expand->node].cuts + is_cut, key);
}

static void find_keys(struct expand *expand, struct told_state *told)
{
    if (compares_views(expand, told))
        told->key = states_view(expand->states, &told->survivor, &told->content);
    else
        told->key = states_key(expand->states, &told->survivor);
    told->key = with_cut(expand, told, told->key);
}

/* Some of the states that a view takes for a known one are run like that one, and must go on like
 * it. */
static void tell_twin(struct expand *expand, const struct told_state *known)
{
    struct told_state told = *known;

    if (!compares_views(expand, known) || !known->step.operation)
        return;
    told.kind = TOLD_TWIN;
    told.view = known->key;
    told.key = states_key(expand->states, &known->survivor);
    if (told.key.low % TWIN_EVERY || key_map_find(&expand->told, told.key) != KEY_MAP_NONE)
        return;
    key_map_add(&expand->told, told.key, 0);
    tell_state(expand, &told, sizeof told);
}

/* The world is in a state that the stage leads to. */
static void tell(struct expand *expand, struct told_state *told)
{
    find_keys(expand, told);
    if (!told->step.operation)
        expand->trace = key_add(expand->trace, told->key);
    if (expand->is_silent)
        return;
    if (graph_find(expand->graph, told->key) != NODE_NONE ||
        key_map_find(&expand->told, told->key) != KEY_MAP_NONE) {
        struct told_again again = {TOLD_AGAIN, told->key, told->step, told->phase, told->place};
        if (told->step.operation)
            crew_tell(expand->to, expand->item, &(struct iovec){&again, sizeof again}, 1);
        tell_twin(expand, told);
        return;
    }
    if (expand->has_views && !compares_views(expand, told))
        told->view =
            with_cut(expand, told, states_view(expand->states, &told->survivor, &told->content));
    key_map_add(&expand->told, told->key, 0);
    tell_state(expand, told, sizeof *told);
}

/* --- steps ----------------------------------------------------------------------------------- */

static void begin_told(const struct expand *expand, struct told_state *ret_told)
{
    memset(ret_told, 0, sizeof *ret_told);
    ret_told->kind = TOLD_STATE;
    ret_told->phase = expand->run->world.device.phase;
}

static void tell_operation(const struct expand *expand, struct key key, uint32_t number)
{
    struct told_operation told = {TOLD_OPERATION, key, number};

    crew_tell(expand->to, expand->item, &(struct iovec){&told, sizeof told}, 1);
}

/* The state before the operation, if the power went there, and the operation. */
static struct key operation_key(struct expand *expand, const struct told_state *told)
{
    const struct power_operation *operation = expand->run->operation;
    const bool is_view = compares_views(expand, told);
    struct {
        struct key before, data;
        uint32_t is_spi, kind, offset, size;
    } all = {
        .before = is_view ? states_view(expand->states, &told->survivor, NULL)
                          : states_key(expand->states, &told->survivor),
        .is_spi = operation->power == &expand->run->world.device.spi_power,
        .kind = operation->kind,
        .offset = operation->offset,
        .size = operation->size,
    };

    if (operation->data)
        all.data = key_of(operation->data, operation->size, 0);
    return with_cut(expand, told, key_of(&all, sizeof all, 9));
}

/* Asked once for each operation, before it is done. */
static bool is_old(struct expand *expand, const struct told_state *told)
{
    struct key key = operation_key(expand, told);

    bool is_known = graph_find_operation(expand->graph, key) ||
                    key_map_find(&expand->told, key) != KEY_MAP_NONE;
    if (!is_known)
        key_map_add(&expand->told, key, 0);
    if (!is_known || graph_keeps(expand->graph, expand->node))
        tell_operation(expand, key, told->step.operation);
    return is_known;
}

static void fork_cut(struct expand *expand)
{
    struct run *run = expand->run;
    struct world *world = &run->world;
    struct told_state told;

    expand->stage.points++;
    if (expand->operation == run->step.operation && expand->is_old)
        return;
    begin_told(expand, &told);
    told.step = run->step;
    told.place = (struct node_place){.is_spi = run->operation->power == &world->device.spi_power,
                                     .kind = run->operation->kind,
                                     .offset = run->operation->offset,
                                     .size = run->operation->size};
    survivor_take(world, &told.survivor);
    survivor_cut(&told.survivor, world, run->operation, run->step.moment);
    if (expand->operation != run->step.operation) {
        expand->operation = run->step.operation;
        expand->is_old = is_old(expand, &told);
    }
    if (expand->is_old)
        return;
    expand->stage.marks |= told.survivor.judge.marks;
    uint32_t nvm_mark = flash_ram_mark(&world->nvm), spi_mark = flash_ram_mark(&world->spi);
    power_tear(run->operation, run->step.moment);
    cells_start(&world->nvm.cells);
    cells_start(&world->spi.cells);
    tell(expand, &told);
    flash_ram_rollback(&world->nvm, nvm_mark);
    flash_ram_rollback(&world->spi, spi_mark);
}

void expand_fork(void *context, uint64_t site, uint32_t alternative)
{
    struct expand *expand = context;
    struct run *run = expand->run;

    (void)site;
    (void)alternative;
    if (expand->is_silent || expand->graph->nodes[expand->node].twin_of != NODE_NONE)
        return;
    if (expand->graph->nodes[expand->node].depth >= expand->steps_max) {
        expand->stage.is_short = true;
        return;
    }
    if (run->step.moment != POINT_READ) {
        fork_cut(expand);
    } else if (expand->read_count < EXPAND_READS_MAX) {
        expand->reads[expand->read_count].step = run->step;
        expand->reads[expand->read_count].cells = run->cells;
        expand->reads[expand->read_count++].unit = run->unit;
    }
}

/* The same stage from its start, but the unit reads the other way. */
static void tell_reads(struct expand *expand, const struct state *state)
{
    for (uint32_t i = 0; i < expand->read_count; i++) {
        struct told_state told;
        begin_told(expand, &told);
        told.step = expand->reads[i].step;
        told.survivor = state->survivor;
        states_give(expand->states, state);
        cells_settle(expand->reads[i].cells, expand->reads[i].unit, true);
        judge_read_otherwise(&told.survivor.judge);
        expand->stage.marks |= told.survivor.judge.marks;
        tell_operation(
            expand,
            key_of(&told.step, sizeof told.step, expand->graph->nodes[expand->node].key.low), 0);
        tell(expand, &told);
        expand->stage.points++;
    }
}

/* --- a stage --------------------------------------------------------------------------------- */

static bool goes_on(const struct expand *expand, enum device_end end)
{
    return !expand->run->world.judge.claim &&
           (end == DEVICE_JUMP || end == DEVICE_RESET || end == DEVICE_WATCHDOG);
}

static void tell_next(struct expand *expand)
{
    struct world *world = &expand->run->world;
    struct told_state told;

    begin_told(expand, &told);
    survivor_take(world, &told.survivor);
    tell(expand, &told);
    expand->stage.next = told.key;
}

bool expand_may_skip(const struct graph *graph, uint32_t node, bool has_views)
{
    const struct node *at = &graph->nodes[node];

    if (at->state && at->state->survivor.judge.damages_due)
        return false;
    return at->depth && (has_views ? at->depth == 1 : !run_next_cut(graph->scenario, at->cuts));
}

static void tell_shortcut(struct expand *expand, bool has_next)
{
    struct told_shortcut told;

    memset(&told, 0, sizeof told);
    begin_told(expand, &told.next);
    told.next.kind = TOLD_SHORTCUT;
    told.has_next = has_next;
    told.use = expand->use;
    if (!has_next) {
        crew_tell(expand->to, expand->item, &(struct iovec){&told, sizeof told}, 1);
        return;
    }
    survivor_take(&expand->run->world, &told.next.survivor);
    tell_state(expand, &told.next, sizeof told);
}

static void run_once(struct expand *expand, const struct state *state)
{
    struct run *run = expand->run;
    struct world *world = &run->world;
    struct told_stage *stage = &expand->stage;
    enum device_end end;

    states_give(expand->states, state);
    run->cuts = expand->graph->nodes[expand->node].cuts;
    run->choose.driver = CHOOSE_EVERY;
    run_start_budget(run);
    expand->read_count = 0;
    expand->trace = (struct key){0, 0};
    expand->operation = 0;
    run->nvm_trace = (struct key){0, 0};
    memset(&expand->use, 0, sizeof expand->use);
    world->device.spi_power.use = &expand->use;
    memset(stage, 0, sizeof *stage);
    stage->kind = TOLD_STAGE;
    stage->boots = !world->device.is_jumping;
    uint64_t started_ms = world->device.now_ms;
    (void)run_stage(run, &end);
    stage->is_reset = end == DEVICE_RESET || end == DEVICE_WATCHDOG;
    stage->has_started = end == DEVICE_JUMP;
    stage->ms = (uint32_t)(world->device.now_ms - started_ms);
    stage->operations = (uint32_t)world->judge.operations;
    stage->running = world->judge.running;
    stage->marks |= world->judge.marks;
    memcpy(stage->faults, world->judge.fired, sizeof stage->faults);
    stage->nvm_trace = run->nvm_trace;
    stage->claim = world->judge.claim;
    memcpy(stage->text, world->judge.text, sizeof stage->text);
    expand->trace = key_add(expand->trace, (struct key){world->judge.trace, stage->claim});
    if (goes_on(expand, end))
        tell_next(expand);
    if (!expand->is_silent && !stage->claim && !expand->read_count &&
        expand_may_skip(expand->graph, expand->node, expand->has_views))
        tell_shortcut(expand, goes_on(expand, end));
    tell_reads(expand, state);
}

/* One stage in some is run twice, and must lead to the same. */
static void check(struct expand *expand, const struct state *state)
{
    struct told_stage first = expand->stage;
    struct key trace = expand->trace;

    expand->is_silent = true;
    run_once(expand, state);
    expand->is_silent = false;
    expand->stage = first;
    expand->stage.is_checked = true;
    if (key_equals(trace, expand->trace) || first.claim)
        return;
    expand->stage.claim = CLAIM_DETERMINISM;
    snprintf(expand->stage.text, sizeof expand->stage.text, "two runs of one state differ");
}

void expand_stage(struct expand *expand, uint32_t item, uint32_t node, FILE *to)
{
    const struct state *state = expand->graph->nodes[node].state;

    expand->to = to;
    expand->item = item;
    expand->node = node;
    memset(expand->run->fired, 0, sizeof expand->run->fired);
    run_once(expand, state);
    if (node % CHECK_EVERY == 0)
        check(expand, state);
    memcpy(expand->stage.fired, expand->run->fired, sizeof expand->stage.fired);
    crew_tell(to, item, &(struct iovec){&expand->stage, sizeof expand->stage}, 1);
}
