#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/findings.h"
#include "tests/scene.h"

static struct scenario scenario;
static struct graph graph;
static struct explore_result result;

static int setup(void **state)
{
    (void)state;
    scene_update(&scenario);
    graph = (struct graph){.scenario = &scenario};
    memset(&result, 0, sizeof result);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    graph_free(&graph);
    return 0;
}

/* A state behind one step, whose stage fails with this text; NULL: it does not. */
static uint32_t add(uint32_t parent, uint32_t operation, enum power_moment moment,
                    enum device_phase phase, const char *text)
{
    const struct point_step step = {operation, moment};
    uint32_t number = graph.count;
    uint32_t node = graph_add(&graph, key_of(&number, sizeof number, 3), NULL, parent, &step);

    graph.nodes[node].is_run = true;
    graph.nodes[node].phase = phase;
    if (text)
        graph_fail(&graph, node, CLAIM_ATOMIC, text);
    return node;
}

static void equal_causes_are_one_failure_the_shortest_first(void **state)
{
    (void)state;
    uint32_t root = add(NODE_NONE, 0, 0, PHASE_BOOT, NULL);
    uint32_t cut = add(root, 30, POWER_AFTER, PHASE_INSTALL, NULL);
    add(cut, 2, POWER_INSIDE, PHASE_INSTALL, "torn");
    add(root, 17, POWER_INSIDE, PHASE_INSTALL, "torn");
    add(root, 9, POWER_AFTER, PHASE_INSTALL, "torn");
    add(root, 5, POWER_AFTER, PHASE_DOWNLOAD, "torn"); /* elsewhere: another cause */
    add(root, 40, POWER_AFTER, PHASE_INSTALL, "lost");
    findings_gather(&graph, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_int_equal(result.failure_count, 3);
    assert_int_equal(result.points_failed, 5);
    assert_string_equal(result.failures[0].point, "5a");
    assert_int_equal(result.failures[0].phase, PHASE_DOWNLOAD);
    assert_int_equal(result.failures[0].points, 1);
    assert_string_equal(result.failures[0].like[0], "");
    assert_string_equal(result.failures[1].point, "9a");
    assert_int_equal(result.failures[1].points, 3);
    assert_string_equal(result.failures[1].like[0], "17t");
    assert_string_equal(result.failures[1].like[1], "30a.2t");
    assert_string_equal(result.failures[1].like[2], "");
    assert_string_equal(result.failures[2].point, "40a");
    assert_string_equal(result.failures[2].text, "lost");
}

/* A state that is reached in many ways is many points; one that only a stage's end leads to, none;
 * one whose stage was not run says nothing. */
static void points_are_the_steps_that_lead_there(void **state)
{
    (void)state;
    uint32_t root = add(NODE_NONE, 0, 0, PHASE_BOOT, NULL);
    uint32_t bad = add(root, 3, POWER_AFTER, PHASE_RUN, NULL);
    graph.nodes[bad].reached = 7;
    graph.nodes[bad].next = add(bad, 0, 0, PHASE_RUN, "lost");
    graph.nodes[add(root, 4, POWER_AFTER, PHASE_RUN, "lost")].is_run = false;
    findings_gather(&graph, &result);
    assert_int_equal(result.failure_count, 1);
    assert_string_equal(result.failures[0].point, "3a");
    assert_int_equal(result.points_failed, 7);
}

static void more_causes_than_are_kept_are_still_counted(void **state)
{
    char text[20];

    (void)state;
    uint32_t root = add(NODE_NONE, 0, 0, PHASE_BOOT, NULL);
    for (uint32_t i = 0; i < EXPLORE_FAILURES_MAX + 5; i++) {
        snprintf(text, sizeof text, "cause %u", i);
        add(root, i + 1, POWER_AFTER, PHASE_RUN, text);
    }
    findings_gather(&graph, &result);
    assert_int_equal(result.failure_count, EXPLORE_FAILURES_MAX);
    assert_int_equal(result.points_failed, EXPLORE_FAILURES_MAX + 5);
}

static void graph_without_a_failure_passes(void **state)
{
    (void)state;
    add(add(NODE_NONE, 0, 0, PHASE_BOOT, NULL), 1, POWER_AFTER, PHASE_RUN, NULL);
    findings_gather(&graph, &result);
    assert_int_equal(result.verdict, EXPLORE_PASSED);
    assert_int_equal(result.points_failed, 0);
}

static void notes_of_all_stages_add_up(void **state)
{
    struct findings findings = {0};
    struct told_stage told = {.marks = 1};

    (void)state;
    told.fired[0] = 1;
    told.faults[1] = 4;
    findings_note(&findings, &told);
    told = (struct told_stage){.marks = 2};
    told.fired[0] = 8;
    told.faults[1] = 1;
    findings_note(&findings, &told);
    assert_int_equal(findings.marks, 3);
    assert_int_equal(findings.fired[0], 9);
    assert_int_equal(findings.faults[1], 5);
}

static void check(const struct findings *findings, const char *text)
{
    memset(&result, 0, sizeof result);
    findings_check_vacuity(findings, &scenario, &result);
    assert_int_equal(result.failure_count, text ? 1 : 0);
    if (text)
        assert_string_equal(result.failures[0].text, text);
}

static void declared_moment_that_never_came_fails(void **state)
{
    struct findings findings = {0};
    struct scenario_cut *cut = scene_cut(&scenario, SCENE_ALL_PHASES);

    (void)state;
    check(&findings, "cut 1 never happened");
    findings.fired[0] = 1u << POWER_AFTER;
    check(&findings, NULL); /* all moments: as they can */
    cut->moments = POWER_USUAL;
    check(&findings, NULL);
    cut->moments = 1u << POWER_AFTER | 1u << POWER_WEAK;
    check(&findings, "cut 1 never happened 'weak'");
    findings.fired[0] |= 1u << POWER_WEAK;
    check(&findings, NULL);
}

static void mark_fault_and_request_that_never_came_fail(void **state)
{
    struct findings findings = {0};

    (void)state;
    scenario.sometimes_count = 1;
    scenario.sometimes[0] = (struct scenario_mark){.kind = MARK_LOG, .event = LOG_BOOT_TRIAL};
    check(&findings, "'boot.trial' never happened");
    findings.marks = 1;
    scenario.stages[0].fault_count = 2;
    findings.faults[0] = 1;
    check(&findings, "fault 2 of stage 1 never happened");
    findings.faults[0] = 3;
    scenario.app.request_count = 2;
    findings.requests = 1;
    check(&findings, "request 2 was never made");
    findings.requests = 2;
    check(&findings, NULL);
}

/* Boot 1 resets; in boot 2 the power goes; boot 3 resets; boot 4 fails. */
static void failure_names_the_boot_and_the_place_of_each_step(void **state)
{
    (void)state;
    uint32_t root = add(NODE_NONE, 0, 0, PHASE_BOOT, NULL);
    uint32_t second = add(root, 0, 0, PHASE_RUN, NULL);
    graph.nodes[root].is_reset = true;
    graph.nodes[root].next = second;
    uint32_t cut = add(second, 17, POWER_INSIDE, PHASE_INSTALL, NULL);
    graph.nodes[cut].place = (struct node_place){true, POWER_ERASE, 0x3000, 4096};
    uint32_t last = add(cut, 0, 0, PHASE_BOOT, "torn");
    graph.nodes[cut].is_reset = true;
    graph.nodes[cut].next = last;
    findings_gather(&graph, &result);
    const struct explore_failure *failure = &result.failures[0];
    assert_string_equal(failure->point, "17t");
    assert_int_equal(failure->step_count, 1);
    assert_int_equal(failure->steps[0].boot, 2);
    assert_int_equal(failure->steps[0].phase, PHASE_INSTALL);
    assert_true(failure->steps[0].is_spi);
    assert_int_equal(failure->steps[0].kind, POWER_ERASE);
    assert_int_equal(failure->steps[0].offset, 0x3000);
    assert_int_equal(failure->steps[0].step.operation, 17);
    assert_int_equal(failure->boots, 4);
}

static void steps_that_are_not_kept_are_the_last_ones(void **state)
{
    uint32_t node = add(NODE_NONE, 0, 0, PHASE_BOOT, NULL);

    (void)state;
    for (uint32_t i = 1; i <= EXPLORE_STEPS_MAX + 2; i++)
        node = add(node, i, POWER_AFTER, PHASE_INSTALL, i > EXPLORE_STEPS_MAX + 1 ? "torn" : NULL);
    findings_gather(&graph, &result);
    assert_int_equal(result.failures[0].step_count, EXPLORE_STEPS_MAX);
    for (uint32_t i = 0; i < EXPLORE_STEPS_MAX; i++) {
        assert_int_equal(result.failures[0].steps[i].step.operation, i + 1);
        assert_int_equal(result.failures[0].steps[i].boot, i + 1);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(equal_causes_are_one_failure_the_shortest_first),
        TEST(points_are_the_steps_that_lead_there),
        TEST(more_causes_than_are_kept_are_still_counted),
        TEST(graph_without_a_failure_passes),
        TEST(failure_names_the_boot_and_the_place_of_each_step),
        TEST(steps_that_are_not_kept_are_the_last_ones),
        TEST(notes_of_all_stages_add_up),
        TEST(declared_moment_that_never_came_fails),
        TEST(mark_fault_and_request_that_never_came_fail),
    };

    return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
