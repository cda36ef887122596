#include "sim/explore/findings.h"

#include <stdlib.h>
#include <string.h>

/* A point that fails, and why. */
struct finding {
    uint32_t node;
    struct point point;
    struct fate fate;
    enum device_phase phase;
    uint64_t points;
};

void findings_note(struct findings *findings, const struct told_stage *told)
{
    findings->marks |= told->marks;
    for (uint32_t i = 0; i < SCENARIO_STAGES_MAX; i++)
        findings->faults[i] |= told->faults[i];
    for (uint32_t i = 0; i < SCENARIO_CUTS_MAX; i++)
        findings->fired[i] |= told->fired[i];
}

static struct explore_failure *new_failure(struct explore_result *result, enum judge_claim claim,
                                           const char *text, uint64_t points)
{
    result->verdict = EXPLORE_FAILED;
    if (result->failure_count == EXPLORE_FAILURES_MAX)
        return NULL;
    struct explore_failure *failure = &result->failures[result->failure_count++];
    *failure = (struct explore_failure){.claim = claim, .points = points};
    snprintf(failure->point, sizeof failure->point, "0");
    snprintf(failure->text, sizeof failure->text, "%s", text);
    return failure;
}

void findings_add(struct explore_result *result, enum judge_claim claim, const char *text)
{
    (void)new_failure(result, claim, text, 1);
    result->points_failed++;
}

void findings_not_begun(struct explore_result *result, enum judge_claim claim)
{
    result->verdict = EXPLORE_FAULT;
    if (!claim)
        return;
    findings_add(result, claim, result->fault);
    result->fault[0] = '\0';
}

/* --- failing points -------------------------------------------------------------------------- */

static int by_point(const void *a, const void *b)
{
    return point_compare(&((const struct finding *)a)->point, &((const struct finding *)b)->point);
}

/* Wear is no part of a state: it is known of the one way that the state has come, and of no other
 * that leads to it. */
static bool fails(const struct graph *graph, uint32_t node, struct finding *ret_finding)
{
    const struct node *at = &graph->nodes[node];
    bool is_worn = at->claim == CLAIM_WEAR;

    *ret_finding = (struct finding){.node = node, .phase = at->phase, .points = at->reached};
    if (!at->is_run || (node && !at->reached && !is_worn))
        return false;
    graph_fate(graph, node, &ret_finding->fate);
    if (!ret_finding->fate.claim || (ret_finding->fate.claim == CLAIM_WEAR && !is_worn))
        return false;
    graph_point(graph, node, &ret_finding->point);
    if (is_worn) {
        graph_first_way(graph, node, &ret_finding->point);
        ret_finding->points = 1;
    }
    return true;
}

static uint32_t collect(const struct graph *graph, struct finding **ret_findings)
{
    struct finding *findings = NULL;
    uint32_t count = 0;

    for (uint32_t i = 0; i < graph->count; i++) {
        struct finding finding;
        if (!fails(graph, i, &finding))
            continue;
        struct finding *more = realloc(findings, (count + 1) * sizeof *findings);
        if (!more)
            break;
        findings = more;
        findings[count++] = finding;
    }
    if (count)
        qsort(findings, count, sizeof *findings, by_point);
    *ret_findings = findings;
    return count;
}

static struct explore_failure *same_cause(struct explore_result *result,
                                          const struct finding *finding)
{
    for (uint32_t i = 0; i < result->failure_count; i++) {
        struct explore_failure *failure = &result->failures[i];
        if (failure->claim == finding->fate.claim && failure->phase == finding->phase &&
            strcmp(failure->text, finding->fate.text) == 0)
            return failure;
    }
    return NULL;
}

static void add_to(struct explore_failure *failure, const struct finding *finding)
{
    failure->points += finding->points;
    for (uint32_t i = 0; i < EXPLORE_LIKE_MAX; i++)
        if (!failure->like[i][0]) {
            point_name(&finding->point, failure->like[i]);
            return;
        }
}

/* Boots from the scenario's start to the stage of a node, its own included. */
static uint32_t boot_of(const struct graph *graph, uint32_t node)
{
    const struct node *nodes = graph->nodes;
    uint32_t boots = 1;

    for (; nodes[node].parent != NODE_NONE; node = nodes[node].parent) {
        const struct point_step *step = &nodes[node].step;
        boots += step->operation ? step->moment != POINT_READ : nodes[nodes[node].parent].is_reset;
    }
    return boots;
}

static void note_steps(const struct graph *graph, uint32_t number, struct explore_failure *failure)
{
    const struct node *nodes = graph->nodes;
    uint32_t at = nodes[number].depth;

    failure->step_count = at < EXPLORE_STEPS_MAX ? at : EXPLORE_STEPS_MAX;
    for (; number != NODE_NONE && at; number = nodes[number].parent) {
        const struct node *node = &nodes[number];
        if (!node->step.operation || --at >= EXPLORE_STEPS_MAX)
            continue;
        failure->steps[at] = (struct explore_step){.step = node->step,
                                                   .boot = boot_of(graph, node->parent),
                                                   .phase = node->phase,
                                                   .is_spi = node->place.is_spi,
                                                   .kind = node->place.kind,
                                                   .offset = node->place.offset,
                                                   .size = node->place.size};
    }
}

void findings_gather(const struct graph *graph, struct explore_result *result)
{
    struct finding *findings;
    uint32_t count = collect(graph, &findings);

    for (uint32_t i = 0; i < count; i++) {
        const struct finding *finding = &findings[i];
        struct explore_failure *failure = same_cause(result, finding);
        result->points_failed += finding->points;
        if (failure) {
            add_to(failure, finding);
            continue;
        }
        failure = new_failure(result, finding->fate.claim, finding->fate.text, finding->points);
        if (!failure)
            continue;
        point_name(&finding->point, failure->point);
        failure->phase = finding->phase;
        failure->boots = boot_of(graph, finding->node) + finding->fate.boots -
                         graph->nodes[finding->fate.end].is_reset;
        note_steps(graph, finding->node, failure);
    }
    free(findings);
}

/* A view that takes two states for one when they are not would hide what it merges. */
void findings_compare_twins(const struct graph *graph, struct explore_result *result)
{
    uint32_t odd = graph_compare_twins(graph, &result->twins);
    struct point point;

    if (odd == NODE_NONE)
        return;
    struct explore_failure *failure = new_failure(
        result, CLAIM_DETERMINISM, "a state that was taken for another goes on differently", 1);
    graph_point(graph, odd, &point);
    if (failure)
        point_name(&point, failure->point);
    result->points_failed++;
}

/* --- vacuity --------------------------------------------------------------------------------- */

/* Those that the scenario asks for itself; the usual ones happen as they can. */
static uint32_t declared_moments(const struct scenario_cut *cut)
{
    const uint32_t all = (1u << POWER_MOMENT_COUNT) - 1;

    return cut->moments == POWER_USUAL || cut->moments == all ? 0 : cut->moments;
}

static void check_cuts(const struct findings *findings, const struct scenario *scenario,
                       struct explore_result *result)
{
    char text[JUDGE_TEXT_MAX];

    for (uint32_t i = 0; i < scenario->cut_count; i++) {
        uint32_t fired = findings->fired[i];
        if (!fired) {
            snprintf(text, sizeof text, "cut %u never happened", i + 1);
            findings_add(result, CLAIM_FIRED, text);
            continue;
        }
        for (uint32_t moment = 0; moment < POWER_MOMENT_COUNT; moment++)
            if (declared_moments(&scenario->cuts[i]) & ~fired & 1u << moment) {
                snprintf(text, sizeof text, "cut %u never happened '%s'", i + 1,
                         scenario_moment_name((enum power_moment)moment));
                findings_add(result, CLAIM_FIRED, text);
            }
    }
}

static void check_faults(const struct findings *findings, const struct scenario *scenario,
                         struct explore_result *result)
{
    char text[JUDGE_TEXT_MAX];

    for (uint32_t i = 0; i < scenario->stage_count; i++)
        for (uint32_t j = 0; j < scenario->stages[i].fault_count; j++)
            if (!(findings->faults[i] >> j & 1)) {
                snprintf(text, sizeof text, "fault %u of stage %u never happened", j + 1, i + 1);
                findings_add(result, CLAIM_FIRED, text);
            }
}

void findings_check_vacuity(const struct findings *findings, const struct scenario *scenario,
                            struct explore_result *result)
{
    char text[JUDGE_TEXT_MAX], name[64];

    check_cuts(findings, scenario, result);
    check_faults(findings, scenario, result);
    if (findings->requests < scenario->app.request_count) {
        snprintf(text, sizeof text, "request %u was never made", findings->requests + 1);
        findings_add(result, CLAIM_FIRED, text);
    }
    for (uint32_t i = 0; i < scenario->sometimes_count; i++)
        if (!(findings->marks >> i & 1)) {
            scenario_mark_name(&scenario->sometimes[i], name);
            snprintf(text, sizeof text, "'%s' never happened", name);
            findings_add(result, CLAIM_SOMETIMES, text);
        }
}
