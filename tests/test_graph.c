#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/graph.h"
#include "tests/scene.h"

static struct scenario scenario;
static struct graph graph;

static int setup(void **state)
{
    (void)state;
    scene_update(&scenario);
    scenario.within_boots = 5;
    scenario.operations_max = 1000;
    scenario.time_max_s = 100;
    graph = (struct graph){.scenario = &scenario};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    graph_free(&graph);
    return 0;
}

static struct key numbered(uint32_t number)
{
    return key_of(&number, sizeof number, 7);
}

/* A node behind another one; operation 0: its stage just ended there. */
static uint32_t add(uint32_t parent, uint32_t operation, int moment)
{
    const struct point_step step = {operation, (enum power_moment)moment};
    uint32_t node = graph_add(&graph, numbered(graph.count), NULL, parent, &step);

    graph.nodes[node].is_run = true;
    return node;
}

/* Stages one after the other, each with a reset at its end; the last one rests. */
static uint32_t add_chain(uint32_t length)
{
    uint32_t first = add(NODE_NONE, 0, 0);

    for (uint32_t node = first; --length; node = graph.nodes[node].next) {
        uint32_t next = add(node, 0, 0);
        graph.nodes[node].next = next;
        graph.nodes[node].is_reset = true;
    }
    return first;
}

static void node_is_found_by_its_key(void **state)
{
    (void)state;
    assert_int_equal(graph_find(&graph, numbered(0)), NODE_NONE);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(add(i ? i - 1 : NODE_NONE, 0, 0), i);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(graph_find(&graph, numbered(i)), i);
    assert_int_equal(graph_find(&graph, numbered(1000)), NODE_NONE);
}

static void depth_counts_steps_and_cuts_those_that_are_no_reads(void **state)
{
    (void)state;
    uint32_t root = add(NODE_NONE, 0, 0), jump = add(root, 0, 0);
    uint32_t cut = add(jump, 17, POWER_INSIDE), read = add(cut, 4097, POINT_READ);
    uint32_t end = add(read, 0, 0), last = add(end, 3, POWER_AFTER);
    const struct {
        uint32_t node, depth, cuts, reached;
    } cases[] = {{root, 0, 0, 0}, {jump, 0, 0, 0}, {cut, 1, 1, 1},
                 {read, 2, 1, 1}, {end, 2, 1, 0},  {last, 3, 2, 1}};

    for (int i = 0; i < 6; i++) {
        assert_int_equal(graph.nodes[cases[i].node].depth, cases[i].depth);
        assert_int_equal(graph.nodes[cases[i].node].cuts, cases[i].cuts);
        assert_int_equal(graph.nodes[cases[i].node].reached, cases[i].reached);
    }
}

static void point_is_the_steps_from_the_start(void **state)
{
    struct point point;
    char name[POINT_NAME_MAX];

    (void)state;
    uint32_t root = add(NODE_NONE, 0, 0);
    uint32_t cut = add(add(root, 0, 0), 17, POWER_INSIDE);
    uint32_t last = add(add(add(cut, 4097, POINT_READ), 0, 0), 3, POWER_AFTER);
    graph_point(&graph, root, &point);
    point_name(&point, name);
    assert_string_equal(name, "0");
    graph_point(&graph, last, &point);
    point_name(&point, name);
    assert_string_equal(name, "17t.4097r.3a");
}

static void fate_is_the_walk_to_where_it_rests(void **state)
{
    struct fate fate;

    (void)state;
    uint32_t first = add_chain(4);
    for (uint32_t i = 0; i < 4; i++) {
        graph.nodes[first + i].ms = 1000 * (i + 1);
        graph.nodes[first + i].operations = 10 * (i + 1);
    }
    graph_fate(&graph, first, &fate);
    assert_int_equal(fate.claim, CLAIM_NONE);
    assert_int_equal(fate.boots, 3);
    assert_int_equal(fate.ms, 10000);
    assert_int_equal(fate.operations, 100);
    assert_int_equal(fate.end, first + 3);
}

static void failure_on_the_way_is_everybodys_fate_before_it(void **state)
{
    struct fate fate;

    (void)state;
    uint32_t first = add_chain(4);
    graph_fail(&graph, first + 2, CLAIM_ATOMIC, "half of it");
    graph_fail(&graph, add(first, 9, POWER_AFTER), CLAIM_WEAR, "another one");
    for (uint32_t i = 0; i < 3; i++) {
        graph_fate(&graph, first + i, &fate);
        assert_int_equal(fate.claim, CLAIM_ATOMIC);
        assert_string_equal(fate.text, "half of it");
        assert_int_equal(fate.end, first + 2);
    }
    graph_fate(&graph, first + 3, &fate);
    assert_int_equal(fate.claim, CLAIM_NONE);
}

static void budgets_are_of_the_whole_walk(void **state)
{
    struct fate fate;

    (void)state;
    uint32_t first = add_chain(3);
    for (uint32_t i = 0; i < 3; i++)
        graph.nodes[first + i].operations = 400;
    graph_fate(&graph, first + 1, &fate); /* 800 of 1000 */
    assert_int_equal(fate.claim, CLAIM_NONE);
    graph_fate(&graph, first, &fate);
    assert_int_equal(fate.claim, CLAIM_TIME);
    assert_string_equal(fate.text, "more than 1000 operations");
    for (uint32_t i = 0; i < 3; i++) {
        graph.nodes[first + i].operations = 0;
        graph.nodes[first + i].ms = 40000;
    }
    graph_fate(&graph, first + 1, &fate);
    assert_int_equal(fate.claim, CLAIM_NONE);
    graph_fate(&graph, first, &fate);
    assert_int_equal(fate.claim, CLAIM_TIME);
    assert_string_equal(fate.text, "not settled after 100 s");
}

static void boots_are_counted_to_the_last_that_is_allowed(void **state)
{
    struct fate fate;

    (void)state;
    graph_fate(&graph, add_chain(5), &fate); /* four resets, and the fifth boot rests */
    assert_int_equal(fate.claim, CLAIM_NONE);
    graph_fate(&graph, add_chain(6), &fate);
    assert_string_equal(fate.text, "not settled after 5 boots");
}

/* Round and round, with the power on: it never comes to rest. */
static void circle_ends_with_the_boots(void **state)
{
    struct fate fate;

    (void)state;
    uint32_t first = add_chain(3);
    graph.nodes[first + 2].next = first;
    graph_fate(&graph, first, &fate);
    assert_int_equal(fate.claim, CLAIM_NEVER_BRICKED); /* nothing was ever started */
    assert_string_equal(fate.text, "not settled after 5 boots");
    graph.nodes[first + 1].has_started = true;
    graph_fate(&graph, first, &fate);
    assert_int_equal(fate.claim, CLAIM_EVENTUALLY);
    assert_int_equal(fate.boots, 5);
}

static void assert_named(uint32_t node, const char *expected)
{
    struct point point;
    char name[POINT_NAME_MAX];

    graph_point(&graph, node, &point);
    point_name(&point, name);
    assert_string_equal(name, expected);
}

static void prefer(uint32_t node, uint32_t parent, uint32_t operation, enum power_moment moment)
{
    const struct point_step step = {operation, moment};

    graph_prefer(&graph, node, parent, &step, PHASE_RUN);
}

/* Of the ways to a state that are as short as the first one found, the simplest gives the name. */
static void simplest_way_to_a_state_names_it(void **state)
{
    (void)state;
    uint32_t start = add(NODE_NONE, 0, 0);
    uint32_t one = add(start, 5, POWER_INSIDE), other = add(start, 7, POWER_AFTER);
    uint32_t node = add(other, 9, POWER_WEAK);
    prefer(node, other, 9, POWER_MOST_BITS);
    assert_named(node, "7a.9m");
    prefer(node, other, 9, POWER_AFTER);
    assert_named(node, "7a.9a");
    prefer(node, other, 9, POWER_INSIDE);
    prefer(node, other, 10, POWER_AFTER);
    assert_named(node, "7a.9a");
    prefer(node, one, 30, POWER_WEAK);
    assert_named(node, "5t.30w");
    assert_int_equal(graph.nodes[node].phase, PHASE_RUN);
}

static void longer_way_does_not_name_a_state(void **state)
{
    (void)state;
    uint32_t start = add(NODE_NONE, 0, 0);
    uint32_t cut = add(start, 5, POWER_INSIDE), rest = add(cut, 0, 0);
    uint32_t other = add(start, 9, POWER_AFTER);
    prefer(other, cut, 1, POWER_AFTER);
    prefer(rest, start, 1, POWER_AFTER);
    prefer(other, start, 1, POINT_READ); /* a step, and no cut */
    assert_named(other, "9a");
    assert_named(rest, "5t");
}

/* --- twins ----------------------------------------------------------------------------------- */

/* A node whose stage ended with a reset and led to a state that looks like content. */
static uint32_t add_run(uint32_t content)
{
    uint32_t node = add(NODE_NONE, 0, 0), next = add(node, 0, 0);

    graph.nodes[node].is_reset = true;
    graph.nodes[node].next = next;
    graph.nodes[node].nvm_trace = numbered(1000);
    graph.nodes[next].content = numbered(content);
    return node;
}

static uint32_t add_twin_of(uint32_t known, uint32_t content)
{
    const struct point_step step = {5, POWER_AFTER};
    uint32_t twin = graph_add_twin(&graph, numbered(5000 + graph.count), NULL, known, &step, known);

    graph.nodes[twin].is_run = true;
    graph.nodes[twin].is_reset = graph.nodes[known].is_reset;
    graph.nodes[twin].nvm_trace = graph.nodes[known].nvm_trace;
    graph.nodes[twin].next = add(twin, 0, 0);
    graph.nodes[graph.nodes[twin].next].content = numbered(content);
    return twin;
}

static void twin_is_not_found_by_its_key(void **state)
{
    (void)state;
    uint32_t known = add_run(1), twin = add_twin_of(known, 1);
    assert_int_equal(graph_find(&graph, graph.nodes[twin].key), NODE_NONE);
    assert_int_equal(graph.nodes[twin].twin_of, known);
    assert_int_equal(graph.nodes[known].twin_of, NODE_NONE);
}

static void twins_that_go_on_alike_are_counted(void **state)
{
    uint64_t count = 7;

    (void)state;
    assert_int_equal(graph_compare_twins(&graph, &count), NODE_NONE);
    assert_int_equal(count, 0);
    uint32_t known = add_run(1);
    add_twin_of(known, 1);
    add_twin_of(known, 1);
    uint32_t unfinished = add_twin_of(known, 2);
    graph.nodes[unfinished].is_run = false;
    assert_int_equal(graph_compare_twins(&graph, &count), NODE_NONE);
    assert_int_equal(count, 2);
}

static void twin_that_goes_on_differently_is_found(void **state)
{
    uint64_t count;

    (void)state;
    for (int what = 0; what < 6; what++) {
        graph_free(&graph);
        graph.scenario = &scenario;
        uint32_t known = add_run(1);
        add_twin_of(known, 1);
        uint32_t twin = add_twin_of(known, what == 0 ? 2 : 1);
        struct node *node = &graph.nodes[twin];
        if (what == 1)
            node->nvm_trace = numbered(1001);
        if (what == 2)
            node->is_reset = false;
        if (what == 3)
            node->has_started = true;
        if (what == 4)
            node->next = NODE_NONE;
        if (what == 5)
            graph_fail(&graph, twin, CLAIM_ATOMIC, "half of it");
        assert_int_equal(graph_compare_twins(&graph, &count), twin);
    }
}

static void cuts_are_kept_of_the_states_at_the_start_only(void **state)
{
    (void)state;
    uint32_t root = add(NODE_NONE, 0, 0);
    uint32_t cut = add(root, 3, POWER_AFTER), second = add(cut, 4, POWER_AFTER);
    assert_false(graph_keeps(&graph, root));
    graph.keeps = true;
    assert_true(graph_keeps(&graph, root));
    assert_true(graph_keeps(&graph, cut));
    assert_false(graph_keeps(&graph, second));
}

static void operation_that_two_states_share_leads_to_the_same_from_both(void **state)
{
    const struct key shared = numbered(1000), own = numbered(1001);
    const struct graph_look *looks;

    (void)state;
    graph.keeps = true;
    uint32_t root = add(NODE_NONE, 0, 0), cut = add(root, 3, POWER_AFTER);
    assert_true(graph_add_operation(&graph, shared));
    graph_add_look(&graph, root, 3, shared);
    graph_add_target(&graph, POWER_INSIDE, 7);
    graph_add_target(&graph, POWER_AFTER, cut);
    assert_true(graph_add_operation(&graph, own));
    graph_add_look(&graph, root, 4, own);
    graph_add_target(&graph, POWER_AFTER, 9);
    assert_false(graph_add_operation(&graph, shared));
    graph_add_look(&graph, cut, 1, shared);
    assert_int_equal(graph_looks(&graph, root, &looks), 2);
    assert_int_equal(looks[0].number, 3);
    assert_int_equal(graph.kept[looks[0].operation].count, 2);
    assert_int_equal(graph.targets[graph.kept[looks[0].operation].first + 1].node, cut);
    assert_int_equal(graph.targets[graph.kept[looks[1].operation].first].node, 9);
    uint32_t operation = looks[0].operation;
    assert_int_equal(graph_looks(&graph, cut, &looks), 1);
    assert_int_equal(looks[0].number, 1);
    assert_int_equal(looks[0].operation, operation);
}

static void stage_that_is_like_another_one_has_its_operations(void **state)
{
    const struct key key = numbered(1000);
    const struct graph_look *looks;

    (void)state;
    graph.keeps = true;
    uint32_t root = add(NODE_NONE, 0, 0), other = add(root, 3, POWER_AFTER);
    graph_add_operation(&graph, key);
    graph_add_look(&graph, root, 3, key);
    assert_int_equal(graph_looks(&graph, other, &looks), 0);
    graph.nodes[other].like = root;
    assert_int_equal(graph_looks(&graph, other, &looks), 1);
    assert_int_equal(looks[0].number, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(simplest_way_to_a_state_names_it),
        TEST(longer_way_does_not_name_a_state),
        TEST(node_is_found_by_its_key),
        TEST(depth_counts_steps_and_cuts_those_that_are_no_reads),
        TEST(point_is_the_steps_from_the_start),
        TEST(fate_is_the_walk_to_where_it_rests),
        TEST(failure_on_the_way_is_everybodys_fate_before_it),
        TEST(budgets_are_of_the_whole_walk),
        TEST(boots_are_counted_to_the_last_that_is_allowed),
        TEST(circle_ends_with_the_boots),
        TEST(twin_is_not_found_by_its_key),
        TEST(twins_that_go_on_alike_are_counted),
        TEST(twin_that_goes_on_differently_is_found),
        TEST(cuts_are_kept_of_the_states_at_the_start_only),
        TEST(operation_that_two_states_share_leads_to_the_same_from_both),
        TEST(stage_that_is_like_another_one_has_its_operations),
    };

    return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
