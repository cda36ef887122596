/*
 * Method: each state that a sweep finds is compared with what a device is in that lived through the
 * steps of its point, from power on, on flashes of its own. What a state forgets to take or to give
 * back, and what a key takes for the same and is not, shows here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/explore.h"
#include "sim/explore/graph.h"
#include "sim/explore/replay.h"
#include "sim/explore/run.h"
#include "tests/scene.h"

#define LIVES_MAX 8192

/* A state, and how to come there. */
struct life {
    struct point point;
    uint32_t stages; /* from power on */
    bool is_read;    /* its last step is a read of the stage that comes next */
    struct key survivor, nvm, spi;
    enum judge_claim claim; /* that it comes to */
    char text[JUDGE_TEXT_MAX];
};

static struct {
    struct life *lives;
    uint32_t *nodes; /* of each life */
    uint32_t count, reads;
} seen;

static struct key flash_key(const struct flash_ram *ram)
{
    struct key sum = {0, 0};

    for (uint32_t unit = 0; unit < cells_unit_count(&ram->cells); unit++)
        sum = key_add(sum, flash_keys_of(&ram->cells, unit));
    return sum;
}

static void describe(struct world *world, struct life *life)
{
    struct survivor survivor;

    survivor_take(world, &survivor);
    life->survivor = survivor_key(&survivor, world);
    life->nvm = flash_key(&world->nvm);
    life->spi = flash_key(&world->spi);
}

/* Every stage on the way was run, but one that a read begins anew. */
static uint32_t count_stages(const struct graph *graph, uint32_t node)
{
    uint32_t count = 0;

    for (; graph->nodes[node].parent != NODE_NONE; node = graph->nodes[node].parent) {
        const struct point_step *step = &graph->nodes[node].step;
        count += !step->operation || step->moment != POINT_READ;
    }
    return count;
}

static void note_fates(const struct graph *graph)
{
    struct fate fate;

    for (uint32_t i = 0; i < seen.count; i++) {
        graph_fate(graph, seen.nodes[i], &fate);
        seen.lives[i].claim = fate.claim;
        memcpy(seen.lives[i].text, fate.text, sizeof fate.text);
    }
}

static void on_visited(void *context, const struct graph *graph, struct states *states,
                       uint32_t node)
{
    (void)context;
    if (node == NODE_NONE) {
        note_fates(graph);
        return;
    }
    assert_in_range(seen.count, 0, LIVES_MAX - 1);
    struct life *life = &seen.lives[seen.count];
    const struct point_step *step = &graph->nodes[node].step;
    graph_point(graph, node, &life->point);
    life->stages = count_stages(graph, node);
    life->is_read = step->operation && step->moment == POINT_READ;
    seen.reads += life->is_read;
    states_give(states, graph->nodes[node].state);
    describe(states->world, life);
    seen.nodes[seen.count++] = node;
}

static int setup(void **state)
{
    struct scenario *scenario = calloc(1, sizeof *scenario);

    scene_update(scenario);
    memset(&seen, 0, sizeof seen);
    seen.lives = calloc(LIVES_MAX, sizeof *seen.lives);
    seen.nodes = calloc(LIVES_MAX, sizeof *seen.nodes);
    *state = scenario;
    return 0;
}

static int teardown(void **state)
{
    free(seen.lives);
    free(seen.nodes);
    free(*state);
    return 0;
}

/* As replay.c does it, but for so many stages only. */
static void live(const struct scenario *scenario, const struct life *life, struct life *ret_life)
{
    enum judge_claim claim;
    char reason[JUDGE_TEXT_MAX];
    enum device_end end;
    struct run run;

    assert_true(run_init(&run, scenario, &claim, reason));
    run.choose.driver = CHOOSE_REPLAY;
    run.choose.step_count = life->point.count;
    for (uint32_t i = 0; i < life->point.count; i++)
        run.choose.steps[i] =
            (struct choose_step){.site = point_site(&life->point.steps[i]),
                                 .alternative = 1,
                                 .is_cut = life->point.steps[i].moment != POINT_READ};
    run_start_budget(&run);
    for (uint32_t i = 0; i < life->stages; i++) {
        assert_false(run_stage(&run, &end));
        if (end == DEVICE_CUT) {
            choose_next_session(&run.choose);
            device_power_on(&run.world.device);
            run.world.session_boots = 0;
            run_start_budget(&run);
        }
    }
    if (!life->is_read)
        assert_true(choose_is_used_up(&run.choose));
    describe(&run.world, ret_life);
    run_free(&run);
}

static void assert_is_lived(const struct scenario *scenario, const struct life *life)
{
    char name[POINT_NAME_MAX];
    struct point parsed;
    struct life lived;

    point_name(&life->point, name);
    assert_true(point_parse(name, &parsed));
    assert_int_equal(point_compare(&parsed, &life->point), 0);
    live(scenario, life, &lived);
    if (!key_equals(life->survivor, lived.survivor))
        fail_msg("%s, stage %u: another survivor", name, life->stages);
    if (life->is_read)
        return;
    if (!key_equals(life->nvm, lived.nvm) || !key_equals(life->spi, lived.spi))
        fail_msg("%s, stage %u: other flashes", name, life->stages);
}

static void assert_same_verdict(const struct scenario *scenario, const struct life *life)
{
    const struct replay_options silent = {0};
    struct replay replay;
    char name[POINT_NAME_MAX];

    point_name(&life->point, name);
    replay_point(scenario, &life->point, &silent, &replay);
    if (life->claim == CLAIM_NONE && replay.result.verdict != EXPLORE_PASSED)
        fail_msg("%s: the replay fails: %s", name, replay.result.failures[0].text);
    if (life->claim == CLAIM_NONE)
        return;
    assert_int_equal(replay.result.verdict, EXPLORE_FAILED);
    assert_int_equal(replay.result.failures[0].claim, life->claim);
}

/* One in so many, and each that has a read. */
static void sweep_and_replay(struct scenario *scenario, uint32_t one_in)
{
    const struct explore_options options = {.visited = on_visited};
    struct explore_result result;
    uint32_t count = 0;

    explore_run(scenario, &options, &result);
    assert_string_equal(result.fault, "");
    if (result.failure_count)
        fail_msg("%s: %s", result.failures[0].point, result.failures[0].text);
    assert_int_equal(seen.count, result.states);
    for (uint32_t i = 0; i < seen.count; i++) {
        if (i % one_in && !seen.lives[i].is_read)
            continue;
        assert_is_lived(scenario, &seen.lives[i]);
        if (count++ % 4 == 0 || seen.lives[i].is_read)
            assert_same_verdict(scenario, &seen.lives[i]);
    }
    assert_true(count > 20);
}

static void states_of_an_update_are_lived(void **state)
{
    struct scenario *scenario = *state;

    scene_cut(scenario, SCENE_ALL_PHASES);
    sweep_and_replay(scenario, 23);
    assert_true(seen.reads > 0);
}

static void states_of_a_first_boot_with_ecc_are_lived(void **state)
{
    struct scenario *scenario = *state;

    scenario->is_virgin = true;
    scenario->has_ecc = true;
    scene_cut(scenario, SCENE_ALL_PHASES);
    sweep_and_replay(scenario, 31);
}

static void states_with_two_server_stages_are_lived(void **state)
{
    struct scenario *scenario = *state;

    scenario->eventually_runs = scene_image(scenario, 3);
    scene_stage(scenario, 1);
    scene_offer(scenario, 2);
    scene_cut(scenario, SCENE_ALL_PHASES);
    sweep_and_replay(scenario, 47);
}

/* The image crashes: trials, watchdog causes and the way back. */
static void states_of_a_failing_image_are_lived(void **state)
{
    struct scenario *scenario = *state;

    scenario->images[1].app = APP_HANG;
    scenario->eventually_runs = 0;
    scenario->within_boots = 12;
    scene_cut(scenario, 1u << PHASE_RUN | 1u << PHASE_BOOT | 1u << PHASE_INSTALL);
    sweep_and_replay(scenario, 11);
}

static void states_of_two_cuts_are_lived(void **state)
{
    struct scenario *scenario = *state;

    scenario->images[0].size = scenario->images[1].size = 0x1000;
    scene_cut(scenario, 1u << PHASE_INSTALL)->moments = POWER_USUAL;
    scene_cut(scenario, 1u << PHASE_INSTALL | 1u << PHASE_RUN)->moments = POWER_USUAL;
    sweep_and_replay(scenario, 29);
}

/* The link drops in the download; somebody asks for the image before, and what a cut hides of the
 * answer is no downgrade. */
static void states_with_a_network_and_a_user_are_lived(void **state)
{
    struct scenario *scenario = *state;
    struct scenario_network *network = &scenario->network;

    network->has_link = true;
    strcpy(network->ssid, "net");
    strcpy(network->air.ssid, "net");
    network->air.drop_count = 2;
    network->air.drops[0] = (struct station_drop){.at_byte = 5000, .for_ms = 2000};
    network->air.drops[1] = (struct station_drop){.at_byte = 9000, .for_ms = 40000};
    scenario->app.request_count = 1;
    scenario->app.requests[0] =
        (struct scenario_request){.request = OTA_REQUEST_ROLLBACK, .at_s = 100};
    scenario->eventually_runs = 0;
    scenario->within_boots = 12;
    scene_cut(scenario, SCENE_ALL_PHASES)->moments = POWER_USUAL;
    sweep_and_replay(scenario, 37);
}

static void failing_point_fails_again_for_the_same_reason(void **state)
{
    const struct explore_options options = {0};
    struct scenario *scenario = *state;
    const struct replay_options silent = {0};
    struct explore_result result;
    struct replay again;
    struct point point;

    explore_run(scenario, &options, &result);
    scenario->operations_max = (uint32_t)result.operations;
    scene_cut(scenario, 1u << PHASE_DOWNLOAD);
    explore_run(scenario, &options, &result);
    assert_in_range(result.failure_count, 1, EXPLORE_FAILURES_MAX);
    for (uint32_t i = 0; i < result.failure_count; i++) {
        assert_true(point_parse(result.failures[i].point, &point));
        replay_point(scenario, &point, &silent, &again);
        assert_int_equal(again.result.verdict, EXPLORE_FAILED);
        assert_int_equal(again.result.failure_count, 1);
        assert_string_equal(again.result.failures[0].point, result.failures[i].point);
        assert_int_equal(again.result.failures[0].claim, result.failures[i].claim);
        assert_string_equal(again.result.failures[0].text, result.failures[i].text);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(states_of_an_update_are_lived),
        TEST(states_of_a_first_boot_with_ecc_are_lived),
        TEST(states_with_two_server_stages_are_lived),
        TEST(states_of_a_failing_image_are_lived),
        TEST(states_of_two_cuts_are_lived),
        TEST(states_with_a_network_and_a_user_are_lived),
        TEST(failing_point_fails_again_for_the_same_reason),
    };

    return cmocka_run_group_tests_name("explore_replay", tests, NULL, NULL);
}
