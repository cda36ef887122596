#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/expand.h"
#include "tests/scene.h"

#define TOLD_MAX 4096
#define ITEM     7

/* The stage of one node, and what it tells. */
struct bench {
    struct scenario scenario;
    struct run run;
    struct states states;
    struct graph graph;
    struct expand expand;
    char *bytes;
    size_t size;
    uint32_t counts[TOLD_STAGE + 1], count;
    struct told_state told[TOLD_MAX];
    struct told_stage stage;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    scene_update(&bench->scenario);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    for (uint32_t i = 0; i < bench->graph.count; i++)
        states_drop(&bench->states, bench->graph.nodes[i].state);
    graph_free(&bench->graph);
    key_map_free(&bench->expand.told);
    states_free(&bench->states);
    run_free(&bench->run);
    free(bench->bytes);
    free(bench);
    return 0;
}

/* A node for what the world is now. */
static uint32_t add_node(struct bench *bench)
{
    const struct point_step none = {0};
    struct survivor survivor;

    survivor_take(&bench->run.world, &survivor);
    struct key key = states_key(&bench->states, &survivor);
    return graph_add(&bench->graph, key, states_take(&bench->states, &survivor), NODE_NONE, &none);
}

static uint32_t begin(struct bench *bench)
{
    enum judge_claim claim;
    char reason[JUDGE_TEXT_MAX];

    assert_true(run_init(&bench->run, &bench->scenario, &claim, reason));
    assert_int_equal(states_init(&bench->states, &bench->run.world), OTA_OK);
    bench->graph.scenario = &bench->scenario;
    bench->expand = (struct expand){.run = &bench->run,
                                    .states = &bench->states,
                                    .graph = &bench->graph,
                                    .steps_max = POINT_STEPS_MAX};
    bench->run.choose.fork = expand_fork;
    bench->run.choose.context = &bench->expand;
    return add_node(bench);
}

static void note_record(struct bench *bench, const char *record)
{
    enum told_kind kind;

    memcpy(&kind, record, sizeof kind);
    bench->counts[kind]++;
    if (kind == TOLD_STATE)
        memcpy(&bench->told[bench->count++], record, sizeof bench->told[0]);
    if (kind == TOLD_STAGE)
        memcpy(&bench->stage, record, sizeof bench->stage);
}

static void expand(struct bench *bench, uint32_t node)
{
    uint32_t header[2];

    free(bench->bytes);
    bench->bytes = NULL;
    bench->count = 0;
    memset(bench->counts, 0, sizeof bench->counts);
    key_map_clear(&bench->expand.told);
    FILE *to = open_memstream(&bench->bytes, &bench->size);
    expand_stage(&bench->expand, ITEM, node, to);
    fclose(to);
    for (size_t at = 0; at < bench->size; at += sizeof header + header[1]) {
        memcpy(header, bench->bytes + at, sizeof header);
        assert_int_equal(header[0], ITEM);
        note_record(bench, bench->bytes + at + sizeof header);
        bool is_last = at + sizeof header + header[1] == bench->size;
        assert_int_equal(is_last, bench->counts[TOLD_STAGE]);
    }
}

static void stage_without_a_cut_tells_where_it_goes(void **state)
{
    struct bench *bench = *state;

    expand(bench, begin(bench));
    assert_int_equal(bench->count, 1);
    assert_int_equal(bench->told[0].step.operation, 0);
    assert_true(bench->told[0].survivor.is_jumping);
    assert_true(key_equals(bench->stage.next, bench->told[0].key));
    assert_true(bench->stage.has_started);
    assert_false(bench->stage.is_reset);
    assert_int_equal(bench->stage.boots, 1);
    assert_int_equal(bench->stage.points, 0);
    assert_true(bench->stage.is_checked); /* node 0 is one of those that are run twice */
}

/* Put back into the state that was told, the world is what its key says. */
static void told_states_are_all_that_may_happen(void **state)
{
    struct bench *bench = *state;

    bench->scenario.is_virgin = true;
    scene_cut(&bench->scenario, 1u << PHASE_FIRST_BOOT)->on_spi = false;
    uint32_t root = begin(bench);
    expand(bench, root);
    assert_true(bench->stage.points > 20);
    assert_int_equal(bench->counts[TOLD_STATE] + bench->counts[TOLD_AGAIN],
                     bench->stage.points + 1);
    assert_int_equal(bench->stage.operations > 0, 1);
    for (uint32_t i = 0; i < bench->count; i++)
        if (bench->told[i].step.operation)
            assert_int_equal(bench->told[i].phase, PHASE_FIRST_BOOT);
}

static void stage_that_is_run_again_tells_the_same(void **state)
{
    struct bench *bench = *state;

    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    uint32_t root = begin(bench);
    assert_int_equal(root, 0);
    expand(bench, root);
    char *bytes = malloc(bench->size);
    size_t size = bench->size;
    memcpy(bytes, bench->bytes, size);
    expand(bench, root);
    assert_int_equal(bench->size, size);
    assert_memory_equal(bench->bytes, bytes, size);
    free(bytes);
}

static void known_state_is_told_by_its_key_only(void **state)
{
    struct bench *bench = *state;
    const struct point_step none = {0};

    uint32_t root = begin(bench);
    expand(bench, root);
    struct key next = bench->told[0].key;
    (void)graph_add(&bench->graph, next, states_take(&bench->states, &bench->told[0].survivor),
                    root, &none);
    expand(bench, root);
    assert_int_equal(bench->count, 0);
    assert_int_equal(bench->counts[TOLD_AGAIN], 0); /* no step leads there */
    assert_true(key_equals(bench->stage.next, next));
}

/* A weak page of boot control, which the bootloader reads: both readings are gone into, each from
 * the start of the stage, and the one that was chosen stays. */
static void weak_unit_is_read_in_both_ways(void **state)
{
    struct bench *bench = *state;

    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    (void)begin(bench);
    struct cells *cells = &bench->run.world.nvm.cells;
    uint32_t unit = layout_mzw1.bootctl_offset / cells->flash.erase_size, reads = 0;
    cells_tear_erase(cells, layout_mzw1.bootctl_offset, TEAR_WEAK);
    uint32_t weak = add_node(bench);
    bench->scenario.sometimes_count = 1;
    assert_true(scenario_mark_parse("cut.erase.reads-otherwise", &bench->scenario.sometimes[0]));
    expand(bench, weak);
    assert_int_equal(bench->stage.marks, 1);
    for (uint32_t i = 0; i < bench->count; i++)
        if (bench->told[i].step.operation && bench->told[i].step.moment == POINT_READ) {
            assert_int_equal(bench->told[i].step.operation, 4096 + unit);
            reads++;
        }
    assert_int_equal(reads, 1);

    states_give(&bench->states, bench->graph.nodes[weak].state);
    cells_settle(cells, unit, true);
    expand(bench, add_node(bench));
    for (uint32_t i = 0; i < bench->count; i++)
        assert_int_not_equal(bench->told[i].step.moment, POINT_READ);
    assert_int_equal(bench->stage.claim, CLAIM_NONE);
    assert_true(bench->stage.has_started); /* boot control reads as before: all is well */
}

static void beyond_the_last_step_it_says_that_more_might_happen(void **state)
{
    struct bench *bench = *state;

    bench->scenario.is_virgin = true;
    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    uint32_t root = begin(bench);
    expand(bench, root);
    assert_false(bench->stage.is_short);
    bench->expand.steps_max = 0;
    expand(bench, root);
    assert_true(bench->stage.is_short);
    assert_int_equal(bench->count, 1);
}

/* Where other operations may be cut next, it is not the same state. */
static void cut_that_comes_next_is_part_of_the_state(void **state)
{
    struct bench *bench = *state;
    struct key next[4];

    scene_cut(&bench->scenario, 1u << PHASE_INSTALL);
    scene_cut(&bench->scenario, 1u << PHASE_RUN);
    uint32_t root = begin(bench);
    for (uint32_t cuts = 0; cuts < 3; cuts++) {
        bench->graph.nodes[root].cuts = cuts;
        expand(bench, root);
        next[cuts] = bench->stage.next;
    }
    assert_false(key_equals(next[0], next[1]));
    assert_true(key_equals(next[1], next[2])); /* no cut comes: the one before says more */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(stage_without_a_cut_tells_where_it_goes),
        TEST(told_states_are_all_that_may_happen),
        TEST(stage_that_is_run_again_tells_the_same),
        TEST(known_state_is_told_by_its_key_only),
        TEST(weak_unit_is_read_in_both_ways),
        TEST(beyond_the_last_step_it_says_that_more_might_happen),
        TEST(cut_that_comes_next_is_part_of_the_state),
    };

    return cmocka_run_group_tests_name("expand", tests, NULL, NULL);
}
