#include "sim/explore/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *need(void *memory)
{
    if (memory)
        return memory;
    fputs("brownout: out of memory\n", stderr);
    abort();
}

void graph_free(struct graph *graph)
{
    free(graph->nodes);
    free(graph->texts);
    key_map_free(&graph->known);
    key_map_free(&graph->operations);
    free(graph->looks);
    free(graph->kept);
    free(graph->targets);
    *graph = (struct graph){0};
}

uint32_t graph_find(const struct graph *graph, struct key key)
{
    return key_map_find(&graph->known, key);
}

static uint32_t add(struct graph *graph, struct key key, struct state *state, uint32_t parent,
                    const struct point_step *step)
{
    uint32_t number = graph->count;

    if (number == graph->capacity) {
        graph->capacity = graph->capacity ? 2 * graph->capacity : 256;
        graph->nodes = need(realloc(graph->nodes, graph->capacity * sizeof *graph->nodes));
    }
    struct node *node = &graph->nodes[graph->count++];
    *node = (struct node){
        .key = key,
        .state = state,
        .parent = parent,
        .step = *step,
        .first_parent = parent,
        .first_step = *step,
        .next = NODE_NONE,
        .twin_of = NODE_NONE,
        .running = -1,
        .like = NODE_NONE,
    };
    if (parent != NODE_NONE) {
        bool is_step = step->operation != 0;
        node->depth = graph->nodes[parent].depth + is_step;
        node->cuts = graph->nodes[parent].cuts + (is_step && step->moment != POINT_READ);
        node->reached = is_step;
    }
    return number;
}

uint32_t graph_add(struct graph *graph, struct key key, struct state *state, uint32_t parent,
                   const struct point_step *step)
{
    uint32_t number = add(graph, key, state, parent, step);

    key_map_add(&graph->known, key, number);
    return number;
}

uint32_t graph_add_twin(struct graph *graph, struct key key, struct state *state, uint32_t parent,
                        const struct point_step *step, uint32_t twin_of)
{
    uint32_t number = add(graph, key, state, parent, step);

    graph->nodes[number].twin_of = twin_of;
    return number;
}

static bool lead_to_the_same(const struct graph *graph, const struct node *a, const struct node *b)
{
    if (a->next == NODE_NONE || b->next == NODE_NONE)
        return a->next == b->next;
    return key_equals(graph->nodes[a->next].content, graph->nodes[b->next].content);
}

static bool are_alike(const struct graph *graph, const struct node *a, const struct node *b)
{
    return a->claim == b->claim && a->is_reset == b->is_reset && a->has_started == b->has_started &&
           lead_to_the_same(graph, a, b) && key_equals(a->nvm_trace, b->nvm_trace);
}

uint32_t graph_compare_twins(const struct graph *graph, uint64_t *ret_count)
{
    *ret_count = 0;
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct node *node = &graph->nodes[i];
        if (node->twin_of == NODE_NONE || !node->is_run || !graph->nodes[node->twin_of].is_run)
            continue;
        ++*ret_count;
        if (!are_alike(graph, node, &graph->nodes[node->twin_of]))
            return i;
    }
    return NODE_NONE;
}

void graph_add_alias(struct graph *graph, struct key key, uint32_t node)
{
    if (key_map_find(&graph->known, key) == KEY_MAP_NONE)
        key_map_add(&graph->known, key, node);
}

bool graph_find_operation(const struct graph *graph, struct key key)
{
    return key_map_find(&graph->operations, key) != KEY_MAP_NONE;
}

bool graph_add_operation(struct graph *graph, struct key key)
{
    if (graph_find_operation(graph, key))
        return false;
    key_map_add(&graph->operations, key, GRAPH_NOT_KEPT);
    return true;
}

bool graph_keeps(const struct graph *graph, uint32_t node)
{
    return graph->keeps && graph->nodes[node].depth <= 1;
}

/* Room for one more in a list; returns it. */
static void *grow(void *list, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity ? 2 * *capacity : 256;
    return need(realloc(list, *capacity * size));
}

void graph_add_look(struct graph *graph, uint32_t node, uint32_t number, struct key key)
{
    uint32_t *operation = key_map_at(&graph->operations, key);
    struct node *at = &graph->nodes[node];

    if (*operation == GRAPH_NOT_KEPT) {
        graph->kept =
            grow(graph->kept, graph->kept_count, &graph->kept_capacity, sizeof *graph->kept);
        graph->kept[graph->kept_count] = (struct graph_operation){graph->target_count, 0};
        *operation = graph->kept_count++;
    }
    graph->looks =
        grow(graph->looks, graph->look_count, &graph->look_capacity, sizeof *graph->looks);
    if (!at->look_count++)
        at->look_first = graph->look_count;
    graph->looks[graph->look_count++] = (struct graph_look){number, *operation};
}

void graph_add_target(struct graph *graph, enum power_moment moment, uint32_t target)
{
    graph->targets =
        grow(graph->targets, graph->target_count, &graph->target_capacity, sizeof *graph->targets);
    graph->targets[graph->target_count++] = (struct graph_target){moment, target};
    graph->kept[graph->kept_count - 1].count++;
}

uint32_t graph_looks(const struct graph *graph, uint32_t node, const struct graph_look **ret_looks)
{
    const struct node *at = &graph->nodes[node];

    if (at->like != NODE_NONE)
        at = &graph->nodes[at->like];
    *ret_looks = at->look_count ? &graph->looks[at->look_first] : NULL;
    return at->look_count;
}

void graph_fail(struct graph *graph, uint32_t node, enum judge_claim claim, const char *text)
{
    graph->texts = need(realloc(graph->texts, (graph->text_count + 1) * sizeof *graph->texts));
    snprintf(graph->texts[graph->text_count], JUDGE_TEXT_MAX, "%s", text);
    graph->nodes[node].claim = claim;
    graph->nodes[node].text = graph->text_count++;
}

void graph_point(const struct graph *graph, uint32_t node, struct point *ret_point)
{
    const struct node *nodes = graph->nodes;

    ret_point->count = nodes[node].depth < POINT_STEPS_MAX ? nodes[node].depth : POINT_STEPS_MAX;
    ret_point->is_again = false;
    for (uint32_t at = ret_point->count; node != NODE_NONE; node = nodes[node].parent)
        if (nodes[node].step.operation && at)
            ret_point->steps[--at] = nodes[node].step;
}

void graph_first_way(const struct graph *graph, uint32_t node, struct point *ret_point)
{
    const struct node *nodes = graph->nodes;

    ret_point->count = nodes[node].depth < POINT_STEPS_MAX ? nodes[node].depth : POINT_STEPS_MAX;
    for (uint32_t at = ret_point->count; node != NODE_NONE; node = nodes[node].first_parent)
        if (nodes[node].first_step.operation && at)
            ret_point->steps[--at] = nodes[node].first_step;
}

void graph_prefer(struct graph *graph, uint32_t node, uint32_t parent,
                  const struct point_step *step, enum device_phase phase)
{
    struct node *known = &graph->nodes[node];
    const struct node *from = &graph->nodes[parent];
    struct point old, new;

    if (!step->operation || !known->step.operation || from->depth + 1 != known->depth ||
        from->cuts + (step->moment != POINT_READ) != known->cuts || known->depth > POINT_STEPS_MAX)
        return;
    graph_point(graph, node, &old);
    graph_point(graph, parent, &new);
    new.steps[new.count++] = *step;
    if (point_compare(&new, &old) >= 0)
        return;
    known->parent = parent;
    known->step = *step;
    known->phase = phase;
}

static void fail(struct fate *fate, enum judge_claim claim, const char *text)
{
    fate->claim = claim;
    snprintf(fate->text, sizeof fate->text, "%s", text);
}

/* The budgets of a whole run since its last cut; of a stage alone the judge sees to them. */
static void check_budget(const struct scenario *scenario, bool has_started, struct fate *fate)
{
    char text[JUDGE_TEXT_MAX];

    if (fate->boots >= scenario->within_boots) {
        snprintf(text, sizeof text, "not settled after %u boots", fate->boots);
        fail(fate, has_started ? CLAIM_EVENTUALLY : CLAIM_NEVER_BRICKED, text);
    } else if (fate->operations > scenario->operations_max) {
        snprintf(text, sizeof text, "more than %u operations", scenario->operations_max);
        fail(fate, CLAIM_TIME, text);
    } else if (fate->ms > scenario->time_max_s * UINT64_C(1000)) {
        snprintf(text, sizeof text, "not settled after %u s", scenario->time_max_s);
        fail(fate, CLAIM_TIME, text);
    }
}

/* Ends: a circle of states has a reset in it, and resets are counted. */
void graph_fate(const struct graph *graph, uint32_t node, struct fate *ret_fate)
{
    bool has_started = false;

    memset(ret_fate, 0, sizeof *ret_fate);
    while (node != NODE_NONE && !ret_fate->claim) {
        const struct node *at = &graph->nodes[node];
        ret_fate->end = node;
        ret_fate->boots += at->is_reset;
        ret_fate->ms += at->ms;
        ret_fate->operations += at->operations;
        has_started |= at->has_started;
        if (at->claim)
            fail(ret_fate, at->claim, graph->texts[at->text]);
        else
            check_budget(graph->scenario, has_started, ret_fate);
        node = at->next;
    }
}
