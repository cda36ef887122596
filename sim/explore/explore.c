#include "sim/explore/explore.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/explore/crew.h"
#include "sim/explore/endure.h"
#include "sim/explore/expand.h"
#include "sim/explore/findings.h"
#include "sim/explore/shortcut.h"

/* States whose stages are run before what they lead to is looked at: fewer where the others may be
 * like them. */
#define ROUND_MAX       2048
#define ROUND_MAX_ALIKE 128

struct explore {
    struct run run;
    struct states states;
    struct graph graph;
    struct expand expand;
    uint32_t *waiting; /* nodes whose stage is still to be run, as they were found */
    uint32_t waiting_count, waiting_capacity;
    uint32_t round[ROUND_MAX]; /* those of the least depth */
    uint32_t round_count;
    uint32_t *held; /* pages told in this round */
    uint32_t held_count, held_capacity;
    bool is_new;  /* the operation whose states are being told was not told before */
    bool is_kept; /* and the graph keeps where it leads to */
    bool is_short;
    struct shortcut shortcut;
    struct findings findings;
    const struct explore_options *options;
    struct explore_result *result;
};

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void push(uint32_t **list, uint32_t *count, uint32_t *capacity, uint32_t value)
{
    if (*count == *capacity) {
        *capacity = *capacity ? 2 * *capacity : 1024;
        *list = realloc(*list, *capacity * sizeof **list);
        if (!*list) {
            fputs("brownout: out of memory\n", stderr);
            abort();
        }
    }
    (*list)[(*count)++] = value;
}

/* --- what the crew tells --------------------------------------------------------------------- */

static void take_page(struct explore *explore, const uint8_t *record)
{
    struct told_page told;

    memcpy(&told, record, sizeof told);
    push(&explore->held, &explore->held_count, &explore->held_capacity,
         pages_hold(&explore->states.pages, told.key, told.flags, record + sizeof told, told.size));
}

/* What a child told, with its units behind. */
static struct state *make_state(struct explore *explore, const struct told_state *told,
                                const uint8_t *bytes)
{
    struct state_unit units[STATE_UNITS_MAX];
    const uint8_t *keys = bytes + told->unit_count * sizeof *units;

    memcpy(units, bytes, told->unit_count * sizeof *units);
    for (uint32_t i = 0; i < told->unit_count; i++) {
        if (units[i].page != SHELF_NONE) {
            pages_hold_again(&explore->states.pages, units[i].page);
            continue;
        }
        struct key key;
        memcpy(&key, keys, sizeof key);
        keys += sizeof key;
        units[i].page = pages_find(&explore->states.pages, key);
    }
    return states_make(&explore->states, &told->survivor, units, told->unit_count);
}

/* It has the key of the known one as its view. That one may be what told of it, in another child.
 */
static void take_twin(struct explore *explore, uint32_t parent, const struct told_state *told,
                      const uint8_t *units)
{
    uint32_t known = graph_find(&explore->graph, told->view);

    if (known == NODE_NONE || explore->graph.nodes[known].twin_of != NODE_NONE)
        return;
    struct state *state = make_state(explore, told, units);
    uint32_t node = graph_add_twin(&explore->graph, told->key, state, parent, &told->step, known);
    push(&explore->waiting, &explore->waiting_count, &explore->waiting_capacity, node);
}

/* Behind the first step a view may stand for it, which is not all that the name must lead to. */
static void reach_again(struct explore *explore, uint32_t number, uint32_t parent,
                        const struct told_again *told)
{
    const struct point_step *step = &told->step;
    struct node *node = &explore->graph.nodes[number];

    node->reached += step->operation && explore->is_new;
    if (!explore->expand.has_views || node->depth == 1)
        graph_prefer(&explore->graph, number, parent, step, told->phase);
    if (node->parent == parent && node->step.operation == step->operation &&
        node->step.moment == step->moment)
        node->place = told->place;
}

static void keep_target(struct explore *explore, const struct point_step *step, uint32_t node)
{
    if (step->operation && explore->is_kept)
        graph_add_target(&explore->graph, step->moment, node);
}

/* A state that is compared raw is put together from pages that the parent has; their keys must sum
 * up to what the child's flashes had. */
static void check_state(const struct explore *explore, uint32_t node)
{
    const struct node *at = &explore->graph.nodes[node];

    if (explore->expand.has_views && at->depth > 1)
        return;
    struct key key = shortcut_key(&explore->shortcut, at->state);
    if (key_equals(expand_cut_key(&explore->graph, at->cuts, key), at->key))
        return;
    fputs("brownout: a state is not what its stage told\n", stderr);
    abort();
}

/* Two children may tell the same state; the first item's is the one that stays. */
static void take_state(struct explore *explore, uint32_t parent, const uint8_t *record)
{
    struct told_state told;

    memcpy(&told, record, sizeof told);
    if (told.kind == TOLD_TWIN) {
        take_twin(explore, parent, &told, record + sizeof told);
        return;
    }
    uint32_t node = graph_find(&explore->graph, told.key);
    if (node != NODE_NONE) {
        const struct told_again again = {TOLD_AGAIN, told.key, told.step, told.phase, told.place};
        reach_again(explore, node, parent, &again);
        keep_target(explore, &told.step, node);
        return;
    }
    struct state *state = make_state(explore, &told, record + sizeof told);
    node = graph_add(&explore->graph, told.key, state, parent, &told.step);
    check_state(explore, node);
    explore->graph.nodes[node].phase = told.phase;
    explore->graph.nodes[node].content = told.content;
    explore->graph.nodes[node].place = told.place;
    keep_target(explore, &told.step, node);
    if (told.view.low || told.view.high)
        graph_add_alias(&explore->graph, told.view, node);
    push(&explore->waiting, &explore->waiting_count, &explore->waiting_capacity, node);
}

static void take_operation(struct explore *explore, uint32_t node, const uint8_t *record)
{
    struct told_operation told;

    memcpy(&told, record, sizeof told);
    explore->is_new = graph_add_operation(&explore->graph, told.key);
    bool has_look = told.number && graph_keeps(&explore->graph, node);
    if (has_look)
        graph_add_look(&explore->graph, node, told.number, told.key);
    explore->is_kept = has_look && explore->is_new;
}

static void take_again(struct explore *explore, uint32_t parent, const uint8_t *record)
{
    struct told_again told;

    memcpy(&told, record, sizeof told);
    uint32_t node = graph_find(&explore->graph, told.key);
    reach_again(explore, node, parent, &told);
    keep_target(explore, &told.step, node);
}

static void take_shortcut(struct explore *explore, uint32_t node, const uint8_t *record)
{
    struct told_shortcut told;

    memcpy(&told, record, sizeof told);
    struct state *next =
        told.has_next ? make_state(explore, &told.next, record + sizeof told) : NULL;
    shortcut_add(&explore->shortcut, node, explore->graph.nodes[node].state, &told.use, next);
}

static void take_stage(struct explore *explore, uint32_t number, const uint8_t *record)
{
    struct explore_result *result = explore->result;
    struct node *node = &explore->graph.nodes[number];
    struct told_stage told;

    memcpy(&told, record, sizeof told);
    node->is_run = true;
    node->is_reset = told.is_reset;
    node->has_started = told.has_started;
    node->ms = told.ms;
    node->operations = told.operations;
    node->nvm_trace = told.nvm_trace;
    node->running = told.running;
    if (told.next.low || told.next.high)
        node->next = graph_find(&explore->graph, told.next);
    if (told.claim)
        graph_fail(&explore->graph, number, told.claim, told.text);
    result->points += told.points;
    result->boots += told.boots;
    result->operations += told.operations;
    result->checked += told.is_checked;
    explore->is_short |= told.is_short;
    findings_note(&explore->findings, &told);
}

static void on_told(void *context, uint32_t item, const uint8_t *record, uint32_t size)
{
    struct explore *explore = context;
    uint32_t node = explore->round[item];
    enum told_kind kind;

    (void)size;
    memcpy(&kind, record, sizeof kind);
    if (kind == TOLD_OPERATION)
        take_operation(explore, node, record);
    else if (kind == TOLD_PAGE)
        take_page(explore, record);
    else if (kind == TOLD_STATE || kind == TOLD_TWIN)
        take_state(explore, node, record);
    else if (kind == TOLD_AGAIN)
        take_again(explore, node, record);
    else if (kind == TOLD_SHORTCUT)
        take_shortcut(explore, node, record);
    else
        take_stage(explore, node, record);
}

static void on_ended(void *context, uint32_t item)
{
    struct explore *explore = context;
    const struct explore_progress progress = {
        .points = explore->result->points,
        .states = explore->graph.count,
        .waiting = explore->waiting_count + explore->round_count - item,
        .depth = explore->graph.nodes[explore->round[item]].depth,
    };

    if (explore->options->progress)
        explore->options->progress(explore->options->context, &progress);
}

static void on_lost(void *context, uint32_t item, const char *reason)
{
    struct explore *explore = context;
    uint32_t node = explore->round[item];

    explore->graph.nodes[node].is_run = true;
    graph_fail(&explore->graph, node, CLAIM_NEVER_BRICKED, reason);
    on_ended(context, item);
}

static void work(void *context, uint32_t item, FILE *to)
{
    struct explore *explore = context;

    pages_mark(&explore->states.pages);
    expand_stage(&explore->expand, item, explore->round[item], to);
}

/* --- the search ------------------------------------------------------------------------------ */

static bool may_skip(const struct explore *explore, uint32_t node)
{
    return expand_may_skip(&explore->graph, node, explore->expand.has_views);
}

static void show(struct explore *explore, uint32_t node)
{
    const struct explore_options *options = explore->options;

    if (options->visited)
        options->visited(options->context, &explore->graph, &explore->states, node);
}

/* The stage of the node need not be run: it goes as that of another one did. */
static void skip(struct explore *explore, uint32_t number, const struct shortcut_entry *like)
{
    const struct point_step none = {0};
    struct node *node = &explore->graph.nodes[number];
    const struct node *other = &explore->graph.nodes[like->node];
    struct state *state = node->state;

    show(explore, number);
    node->is_run = true;
    node->is_reset = other->is_reset;
    node->has_started = other->has_started;
    node->ms = other->ms;
    node->operations = other->operations;
    node->running = other->running;
    node->like = like->node;
    node->state = NULL;
    explore->result->skipped++;
    if (like->next) {
        struct state *next = shortcut_follow(&explore->shortcut, like, state);
        struct key key =
            expand_cut_key(&explore->graph, node->cuts, shortcut_key(&explore->shortcut, next));
        uint32_t known = graph_find(&explore->graph, key);
        if (known == NODE_NONE) {
            known = graph_add(&explore->graph, key, next, number, &none);
            push(&explore->waiting, &explore->waiting_count, &explore->waiting_capacity, known);
        } else {
            states_drop(&explore->states, next);
        }
        explore->graph.nodes[number].next = known;
    }
    states_drop(&explore->states, state);
}

static bool try_to_skip(struct explore *explore, uint32_t node)
{
    const struct shortcut_entry *like =
        may_skip(explore, node) && !explore->options->has_no_shortcuts
            ? shortcut_find(&explore->shortcut, explore->graph.nodes[node].state)
            : NULL;

    if (like)
        skip(explore, node, like);
    return like != NULL;
}

/* Those of the least depth, in the order in which they were found. */
static void choose_round(struct explore *explore)
{
    const struct node *nodes = explore->graph.nodes;
    uint32_t depth = UINT32_MAX, left = 0;

    for (uint32_t i = 0; i < explore->waiting_count; i++)
        if (nodes[explore->waiting[i]].depth < depth)
            depth = nodes[explore->waiting[i]].depth;
    explore->round_count = 0;
    for (uint32_t i = 0; i < explore->waiting_count; i++) {
        uint32_t node = explore->waiting[i];
        uint32_t room = may_skip(explore, node) ? ROUND_MAX_ALIKE : ROUND_MAX;
        if (nodes[node].depth == depth && explore->round_count < room)
            explore->round[explore->round_count++] = node;
        else
            explore->waiting[left++] = node;
    }
    if (explore->waiting_count > explore->result->widest)
        explore->result->widest = explore->waiting_count;
    explore->waiting_count = left;
    explore->result->depth = depth;
}

/* What can be skipped, is; and what that leads to waits like the others. */
static void skip_some(struct explore *explore)
{
    uint32_t left = 0;

    for (uint32_t i = 0; i < explore->round_count; i++)
        if (!try_to_skip(explore, explore->round[i]))
            explore->round[left++] = explore->round[i];
    explore->round_count = left;
}

/* A child of the round may still refer to pages of its states, so they go together. */
static void end_round(struct explore *explore)
{
    for (uint32_t i = 0; i < explore->round_count; i++) {
        struct node *node = &explore->graph.nodes[explore->round[i]];
        show(explore, explore->round[i]);
        states_drop(&explore->states, node->state);
        node->state = NULL;
    }
    for (uint32_t i = 0; i < explore->held_count; i++)
        pages_drop(&explore->states.pages, explore->held[i]);
    explore->held_count = 0;
    shortcut_make_room(&explore->shortcut);
}

/* The time was up before the rest of the round. */
static void put_back(struct explore *explore, uint32_t done)
{
    if (done == explore->round_count)
        return;
    explore->result->is_short = true;
    for (uint32_t i = done; i < explore->round_count; i++)
        push(&explore->waiting, &explore->waiting_count, &explore->waiting_capacity,
             explore->round[i]);
    explore->round_count = done;
}

static bool has_failed(const struct explore *explore)
{
    for (uint32_t i = 0; i < explore->round_count; i++)
        if (explore->graph.nodes[explore->round[i]].claim)
            return true;
    return false;
}

/* A failure ends the search with the states of its depth: what lies deeper is no news. */
static bool search(struct explore *explore)
{
    const struct crew_work crew = {
        .hang_s = explore->options->hang_s,
        .until_ms = explore->options->until_ms,
        .is_isolated = explore->options->is_isolated,
        .work = work,
        .told = on_told,
        .ended = on_ended,
        .lost = on_lost,
        .context = explore,
    };
    uint32_t last = UINT32_MAX, done;

    while (explore->waiting_count && !explore->result->is_short) {
        choose_round(explore);
        if (explore->result->depth > last)
            return true;
        skip_some(explore);
        struct crew_work round = crew;
        round.count = explore->round_count;
        if (!crew_run(&round, explore->options->slots, &done))
            return false;
        put_back(explore, done);
        if (has_failed(explore))
            last = explore->result->depth;
        end_round(explore);
    }
    explore->result->is_any = explore->expand.has_views;
    explore->result->is_closed =
        last == UINT32_MAX && !explore->is_short && !explore->result->is_short;
    explore->result->left = explore->waiting_count;
    return true;
}

/* --- a scenario ------------------------------------------------------------------------------ */

static void keep(struct explore_result *result, enum judge_claim claim, const char *text)
{
    findings_add(result, claim, text);
}

/* From power on to the end, nothing happens. */
static bool run_control(struct explore *explore, const struct state *start)
{
    struct run *run = &explore->run;
    char text[JUDGE_TEXT_MAX];
    enum device_end end;

    states_give(&explore->states, start);
    run->choose.driver = CHOOSE_ORDINARY;
    run_start_budget(run);
    while (!run_stage(run, &end))
        ;
    explore->result->boots += run->world.session_boots;
    explore->result->operations += run->world.judge.operations;
    explore->findings.requests = run->world.asker.next;
    explore->findings.marks = run->world.judge.marks;
    memcpy(explore->findings.faults, run->world.judge.fired, sizeof explore->findings.faults);
    if (run->world.judge.claim == CLAIM_NONE)
        return true;
    snprintf(text, sizeof text, "%.60s: %.90s", judge_claim_name(run->world.judge.claim),
             run->world.judge.text);
    keep(explore->result, CLAIM_CONTROL, text);
    return false;
}

static bool asks_for_any(const struct scenario *scenario)
{
    return scenario->cut_count && !scenario->cuts[scenario->cut_count - 1].times;
}

static bool start(struct explore *explore, const struct scenario *scenario)
{
    struct explore_result *result = explore->result;
    enum judge_claim claim;

    const char *obstacle = explore->options->firmware ? chip_boot_obstacle(scenario) : NULL;
    if (obstacle) {
        result->verdict = EXPLORE_SHORT;
        result->is_short = true;
        snprintf(result->fault, sizeof result->fault, "not for the firmware: %s", obstacle);
        return false;
    }
    if (!run_init_with(&explore->run, scenario, explore->options->firmware, &claim,
                       result->fault)) {
        findings_not_begun(result, claim);
        return false;
    }
    if (states_init(&explore->states, &explore->run.world)) {
        snprintf(result->fault, sizeof result->fault, "%s", err_text(OTA_ERR_FULL));
        findings_not_begun(result, CLAIM_NONE);
        run_free(&explore->run);
        return false;
    }
    explore->run.world.crypto.is_off = explore->options->has_no_memo;
    explore->graph.scenario = scenario;
    explore->graph.keeps = explore->options->keeps_cuts;
    explore->expand = (struct expand){.run = &explore->run,
                                      .states = &explore->states,
                                      .graph = &explore->graph,
                                      .steps_max = POINT_STEPS_MAX,
                                      .has_views = asks_for_any(scenario)};
    explore->shortcut.states = &explore->states;
    explore->run.nvm_keys = &explore->states.nvm;
    explore->run.choose.fork = expand_fork;
    explore->run.choose.context = &explore->expand;
    return true;
}

/* Those of states that a failure kept from being run, too. */
static void stop(struct explore *explore)
{
    for (uint32_t i = 0; i < explore->graph.count; i++)
        if (explore->graph.nodes[i].state)
            states_drop(&explore->states, explore->graph.nodes[i].state);
    shortcut_free(&explore->shortcut);
    graph_free(&explore->graph);
    states_free(&explore->states);
    run_free(&explore->run);
    key_map_free(&explore->expand.told);
    free(explore->waiting);
    free(explore->held);
}

static void sweep(struct explore *explore)
{
    const struct scenario *scenario = explore->run.world.scenario;
    struct explore_result *result = explore->result;
    const struct point_step none = {0};
    struct survivor survivor;

    survivor_take(&explore->run.world, &survivor);
    struct key key = states_key(&explore->states, &survivor);
    struct state *first = states_take(&explore->states, &survivor);
    if (run_control(explore, first) && scenario->cut_count) {
        uint32_t node = graph_add(&explore->graph, key, first, NODE_NONE, &none);
        push(&explore->waiting, &explore->waiting_count, &explore->waiting_capacity, node);
        if (!search(explore)) {
            result->verdict = EXPLORE_FAULT;
            snprintf(result->fault, sizeof result->fault, "cannot start a process");
        }
        result->states = explore->graph.count;
        show(explore, NODE_NONE);
        findings_gather(&explore->graph, result);
        findings_compare_twins(&explore->graph, result);
    } else {
        states_drop(&explore->states, first);
    }
    if (result->verdict == EXPLORE_PASSED && result->is_short)
        result->verdict = EXPLORE_SHORT; /* what did not happen might have */
    if (result->verdict == EXPLORE_PASSED)
        endure_run(scenario, explore->options->firmware, result);
    if (result->verdict == EXPLORE_PASSED)
        findings_check_vacuity(&explore->findings, scenario, result);
}

void explore_run(const struct scenario *scenario, const struct explore_options *options,
                 struct explore_result *ret_result)
{
    double started_s = now_s();
    struct explore *explore = calloc(1, sizeof *explore);

    memset(ret_result, 0, sizeof *ret_result);
    if (explore) {
        explore->options = options;
        explore->result = ret_result;
    }
    if (explore && start(explore, scenario)) {
        sweep(explore);
        stop(explore);
    }
    for (uint32_t i = 0; options->firmware && i < ret_result->failure_count; i++) {
        struct explore_failure *failure = &ret_result->failures[i];
        failure->is_of_firmware = true;
        memcpy(failure->bootloader, options->firmware->path, sizeof failure->bootloader);
    }
    if (!explore)
        ret_result->verdict = EXPLORE_FAULT;
    ret_result->seconds = now_s() - started_s;
    free(explore);
}
