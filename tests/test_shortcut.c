/*
 * Method: a stage that is said to look at some units only. Then sweeps with and without shortcuts:
 * they must come to the same states, and each state to the same fate.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/explore.h"
#include "sim/explore/run.h"
#include "sim/explore/shortcut.h"
#include "tests/scene.h"

#define UNIT    4096u
#define LOOKED  600u /* a unit of the external flash that the stage reads, */
#define ERASED  601u /* one that it erases and programs, */
#define UNKNOWN 602u /* and one that it leaves alone */

struct bench {
    struct scenario scenario;
    struct run run;
    struct states states;
    struct shortcut *shortcut;
    struct power_use use;
};

static void set_bit(uint64_t *bits, uint32_t unit)
{
    bits[unit / 64] |= UINT64_C(1) << unit % 64;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    enum judge_claim claim;
    char reason[JUDGE_TEXT_MAX];

    scene_update(&bench->scenario);
    assert_true(run_init(&bench->run, &bench->scenario, &claim, reason));
    assert_int_equal(states_init(&bench->states, &bench->run.world), OTA_OK);
    bench->shortcut = calloc(1, sizeof *bench->shortcut);
    bench->shortcut->states = &bench->states;
    set_bit(bench->use.looked, LOOKED);
    set_bit(bench->use.touched, ERASED);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    shortcut_free(bench->shortcut);
    free(bench->shortcut);
    states_free(&bench->states);
    run_free(&bench->run);
    free(bench);
    return 0;
}

static void put(struct bench *bench, uint32_t unit, uint8_t value)
{
    struct cells *cells = &bench->run.world.spi.cells;

    cells->before_change(cells, unit);
    memset(cells->bytes + unit * UNIT, value, 16);
}

static struct state *take(struct bench *bench, uint64_t now_ms)
{
    struct survivor survivor;

    survivor_take(&bench->run.world, &survivor);
    survivor.now_ms = now_ms;
    survivor.operations = now_ms / 10;
    return states_take(&bench->states, &survivor);
}

/* The device with these values in the three units. */
static struct state *make(struct bench *bench, uint8_t looked, uint8_t erased, uint8_t unknown)
{
    put(bench, LOOKED, looked);
    put(bench, ERASED, erased);
    put(bench, UNKNOWN, unknown);
    return take(bench, 1000);
}

/* A stage that began at (1, 2, 3) and has put 9 where it erased. */
static void add_stage(struct bench *bench)
{
    struct state *before = make(bench, 1, 2, 3);

    put(bench, ERASED, 9);
    shortcut_add(bench->shortcut, 7, before, &bench->use, take(bench, 1500));
    states_drop(&bench->states, before);
}

static const struct shortcut_entry *find(struct bench *bench, struct state *state)
{
    const struct shortcut_entry *entry = shortcut_find(bench->shortcut, state);

    states_drop(&bench->states, state);
    return entry;
}

static void nothing_is_like_anything_at_first(void **state)
{
    struct bench *bench = *state;

    assert_null(find(bench, make(bench, 1, 2, 3)));
}

static void what_differs_where_nobody_looks_is_alike(void **state)
{
    struct bench *bench = *state;

    add_stage(bench);
    assert_non_null(find(bench, make(bench, 1, 2, 3)));
    assert_non_null(find(bench, make(bench, 1, 5, 3)));
    assert_non_null(find(bench, make(bench, 1, 2, 5)));
    assert_int_equal(find(bench, make(bench, 1, 5, 5))->node, 7);
    assert_null(find(bench, make(bench, 5, 2, 3)));
}

static void internal_flash_and_survivor_always_count(void **state)
{
    struct bench *bench = *state;
    struct cells *nvm = &bench->run.world.nvm.cells;

    add_stage(bench);
    struct state *other = make(bench, 1, 2, 3);
    other->survivor.has_watchdog = !other->survivor.has_watchdog;
    assert_null(find(bench, other));
    nvm->before_change(nvm, 200);
    nvm->bytes[200 * UNIT] ^= 1;
    assert_null(find(bench, make(bench, 1, 2, 3)));
}

static void stage_is_followed_to_where_it_would_have_ended(void **state)
{
    struct bench *bench = *state;

    add_stage(bench);
    struct state *from = make(bench, 1, 5, 6);
    from->survivor.now_ms = 5000;
    from->survivor.operations = 200;
    struct state *next =
        shortcut_follow(bench->shortcut, shortcut_find(bench->shortcut, from), from);
    assert_int_equal(next->survivor.now_ms, 5500);
    assert_int_equal(next->survivor.operations, 250);
    states_give(&bench->states, next);
    const uint8_t *bytes = bench->run.world.spi.cells.bytes;
    assert_int_equal(bytes[LOOKED * UNIT], 1);
    assert_int_equal(bytes[ERASED * UNIT], 9);
    assert_int_equal(bytes[UNKNOWN * UNIT], 6);
    states_drop(&bench->states, next);
    states_drop(&bench->states, from);
}

/* It was weak, could have read otherwise, and is erased by the stage. */
static void weak_unit_that_the_stage_erases_is_weak_no_more(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->run.world.spi.cells;
    uint32_t ghost = cells->flash.size / UNIT;

    add_stage(bench);
    states_drop(&bench->states, make(bench, 1, 5, 3));
    cells_tear_erase(cells, ERASED * UNIT, TEAR_WEAK);
    assert_int_not_equal(cells->units[ghost].flags, 0);
    struct state *from = take(bench, 1000);
    struct state *next =
        shortcut_follow(bench->shortcut, shortcut_find(bench->shortcut, from), from);
    states_give(&bench->states, next);
    assert_int_equal(cells->bytes[ERASED * UNIT], 9);
    assert_int_equal(cells->units[ERASED].flags, 0);
    assert_int_equal(cells->units[ghost].flags, 0);
    states_drop(&bench->states, next);
    states_drop(&bench->states, from);
}

static void key_of_a_state_that_was_not_run_is_that_of_one_that_was(void **state)
{
    struct bench *bench = *state;

    for (uint8_t i = 0; i < 20; i++) {
        struct state *at = make(bench, i, (uint8_t)(i * 3), (uint8_t)(i * 7));
        assert_true(key_equals(shortcut_key(bench->shortcut, at),
                               states_key(&bench->states, &at->survivor)));
        states_drop(&bench->states, at);
    }
}

/* All are forgotten then, and what they held is free; but only when no child may refer to it. */
static void too_many_stages_are_forgotten(void **state)
{
    struct bench *bench = *state;

    add_stage(bench);
    for (uint32_t i = 0; i < SHORTCUT_ENTRIES - 1; i++) {
        put(bench, LOOKED, (uint8_t)i);
        put(bench, LOOKED + 10, (uint8_t)(i >> 8));
        set_bit(bench->use.looked, LOOKED + 10);
        struct state *at = take(bench, 1000);
        shortcut_add(bench->shortcut, i, at, &bench->use, NULL);
        states_drop(&bench->states, at);
    }
    put(bench, LOOKED + 10, 0);
    assert_non_null(find(bench, make(bench, 1, 2, 3)));
    put(bench, LOOKED, 200);
    put(bench, LOOKED + 10, 200);
    struct state *at = take(bench, 1000);
    shortcut_make_room(bench->shortcut); /* there is room */
    uint64_t pages = bench->states.pages.lists.bytes;
    shortcut_add(bench->shortcut, 1, at, &bench->use, take(bench, 1500));
    assert_null(shortcut_find(bench->shortcut, at));
    assert_true(bench->states.pages.lists.bytes == pages);
    put(bench, LOOKED + 10, 0);
    assert_non_null(find(bench, make(bench, 1, 2, 3)));

    shortcut_make_room(bench->shortcut);
    assert_null(find(bench, make(bench, 1, 2, 3)));
    shortcut_add(bench->shortcut, 1, at, &bench->use, NULL);
    assert_non_null(find(bench, at));
    assert_int_equal(bench->states.parts.bytes, 0);
    assert_int_equal(bench->states.pages.lists.bytes, 0);
}

/* --- with and without ------------------------------------------------------------------------ */

#define FATES_MAX 32768

struct fates {
    struct key_map known;
    struct fate fates[FATES_MAX];
    uint64_t reached[FATES_MAX];
    uint32_t count, differ;
    bool is_second; /* compare */
};

static void note_fate(struct fates *fates, const struct graph *graph, uint32_t node)
{
    const struct node *at = &graph->nodes[node];
    struct fate fate;

    graph_fate(graph, node, &fate);
    fate.end = 0;
    uint32_t known = key_map_find(&fates->known, at->key);
    if (known == KEY_MAP_NONE) {
        fates->differ += fates->is_second;
        known = fates->count++;
        assert_true(known < FATES_MAX);
        key_map_add(&fates->known, at->key, known);
        fates->fates[known] = fate;
        fates->reached[known] = at->reached;
    } else if (memcmp(&fates->fates[known], &fate, sizeof fate) != 0) {
        fates->differ++;
    }
}

static void on_visited(void *context, const struct graph *graph, struct states *states,
                       uint32_t node)
{
    (void)states;
    if (node != NODE_NONE)
        return;
    for (uint32_t i = 0; i < graph->count; i++)
        if (graph->nodes[i].twin_of == NODE_NONE)
            note_fate(context, graph, i);
}

/* Returns the number of states. */
static uint32_t assert_same_without(const struct scenario *scenario)
{
    struct fates *fates = calloc(1, sizeof *fates);
    struct explore_options options = {.visited = on_visited, .context = fates};
    struct explore_result with, without;

    explore_run(scenario, &options, &with);
    options.has_no_shortcuts = fates->is_second = true;
    uint32_t count = fates->count;
    explore_run(scenario, &options, &without);
    assert_int_equal(fates->differ, 0);
    assert_int_equal(fates->count, count);
    assert_true(with.skipped > 10);
    assert_int_equal(without.skipped, 0);
    assert_int_equal(with.verdict, without.verdict);
    assert_int_equal(with.failure_count, without.failure_count);
    for (uint32_t i = 0; i < with.failure_count; i++) {
        assert_string_equal(with.failures[i].point, without.failures[i].point);
        assert_string_equal(with.failures[i].text, without.failures[i].text);
    }
    if (!with.is_any) { /* there, what is done in a stage that was skipped is not counted */
        assert_int_equal(with.points, without.points);
        assert_int_equal(with.points_failed, without.points_failed);
    }
    key_map_free(&fates->known);
    free(fates);
    return count;
}

static void sweep_of_one_cut_is_the_same_without_shortcuts(void **state)
{
    struct bench *bench = *state;

    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    assert_true(assert_same_without(&bench->scenario) > 500);
    bench->scenario.has_ecc = true;
    bench->scenario.is_virgin = true;
    assert_true(assert_same_without(&bench->scenario) > 500);
}

static void sweep_of_two_cuts_is_the_same_without_shortcuts(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images[0].size = bench->scenario.images[1].size = 0x1000;
    scene_cut(&bench->scenario, 1u << PHASE_DOWNLOAD);
    scene_cut(&bench->scenario, 1u << PHASE_DOWNLOAD | 1u << PHASE_INSTALL)->moments =
        1u << POWER_WEAK | 1u << POWER_AFTER;
    assert_true(assert_same_without(&bench->scenario) > 1000);
}

static void sweep_of_any_number_of_cuts_is_the_same_without_shortcuts(void **state)
{
    struct bench *bench = *state;

    scene_cut(&bench->scenario, SCENE_ALL_PHASES)->times = 0;
    bench->scenario.cuts[0].moments = POWER_USUAL;
    assert_true(assert_same_without(&bench->scenario) > 1000);
}

/* An image is given up after a cut in its trial: points fail, and the same ones. */
static void planted_failure_is_the_same_without_shortcuts(void **state)
{
    struct bench *bench = *state;
    struct explore_options options = {0};
    struct explore_result result;

    bench->scenario.trials_max = 0;
    scene_cut(&bench->scenario, SCENE_ALL_PHASES);
    explore_run(&bench->scenario, &options, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    (void)assert_same_without(&bench->scenario);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_like_anything_at_first),
        TEST(what_differs_where_nobody_looks_is_alike),
        TEST(internal_flash_and_survivor_always_count),
        TEST(stage_is_followed_to_where_it_would_have_ended),
        TEST(weak_unit_that_the_stage_erases_is_weak_no_more),
        TEST(key_of_a_state_that_was_not_run_is_that_of_one_that_was),
        TEST(too_many_stages_are_forgotten),
        TEST(sweep_of_one_cut_is_the_same_without_shortcuts),
        TEST(sweep_of_two_cuts_is_the_same_without_shortcuts),
        TEST(sweep_of_any_number_of_cuts_is_the_same_without_shortcuts),
        TEST(planted_failure_is_the_same_without_shortcuts),
    };

    return cmocka_run_group_tests_name("shortcut", tests, NULL, NULL);
}
