#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/run.h"
#include "sim/explore/states.h"
#include "tests/scene.h"

#define UNIT       4096u
#define STATES_MAX 64

/* A prepared device whose flashes are changed at random, and what they were at each state. */
struct bench {
    struct scenario scenario;
    struct run run;
    struct states states;
    uint32_t seed;
    struct state *kept[STATES_MAX];
    uint8_t *memories[STATES_MAX][2];
    struct key sums[STATES_MAX][2];
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    enum judge_claim claim;
    char reason[JUDGE_TEXT_MAX];

    scene_update(&bench->scenario);
    assert_true(run_init(&bench->run, &bench->scenario, &claim, reason));
    assert_int_equal(states_init(&bench->states, &bench->run.world), OTA_OK);
    bench->run.world.nvm.cells.reads_otherwise = NULL;
    bench->run.world.spi.cells.reads_otherwise = NULL;
    bench->seed = 11;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    states_free(&bench->states);
    run_free(&bench->run);
    free(bench);
    return 0;
}

static struct flash_ram *flash(struct bench *bench, int which)
{
    return which ? &bench->run.world.spi : &bench->run.world.nvm;
}

/* Bytes, flags and wear; marks lie behind them, and those that can be seen are in the key. */
static uint32_t memory_size(const struct flash_ram *ram)
{
    return (uint32_t)(ram->cells.marks - ram->memory);
}

static uint32_t random_below(struct bench *bench, uint32_t bound)
{
    bench->seed = bench->seed * 1664525u + 1013904223u;
    return (bench->seed >> 8) % bound;
}

static void change(struct bench *bench)
{
    struct cells *cells = &flash(bench, (int)random_below(bench, 2))->cells;
    uint32_t unit = random_below(bench, 8) * UNIT;
    uint8_t data[256];

    memset(data, (int)random_below(bench, 256), sizeof data);
    switch (random_below(bench, 5)) {
    case 0:
        assert_int_equal(flash_erase(&cells->flash, unit), OTA_OK);
        break;
    case 1:
        cells_tear_erase(cells, unit, (enum cells_tear)(TEAR_SOME_BITS + random_below(bench, 5)));
        break;
    case 2:
        cells_tear_program(cells, unit + 256, data, 256, (enum cells_tear)random_below(bench, 5));
        break;
    case 3:
        cells_start(cells);
        if (cells->units[unit / UNIT].flags & CELLS_WEAK)
            assert_int_equal(flash_read(&cells->flash, unit, data, 1), OTA_OK);
        break;
    default:
        assert_int_equal(flash_program(&cells->flash, unit, data, 256), OTA_OK);
        break;
    }
}

static void keep(struct bench *bench, uint32_t at)
{
    struct survivor survivor;

    survivor_take(&bench->run.world, &survivor);
    survivor.now_ms = 1000 + at;
    bench->kept[at] = states_take(&bench->states, &survivor);
    for (int i = 0; i < 2; i++) {
        struct flash_ram *ram = flash(bench, i);
        bench->memories[at][i] = malloc(memory_size(ram));
        memcpy(bench->memories[at][i], ram->memory, memory_size(ram));
    }
    bench->sums[at][0] = flash_keys_sum(&bench->states.nvm);
    bench->sums[at][1] = flash_keys_sum(&bench->states.spi);
}

static void assert_gives(struct bench *bench, uint32_t at)
{
    states_give(&bench->states, bench->kept[at]);
    assert_int_equal(bench->run.world.device.now_ms, 1000 + at);
    for (int i = 0; i < 2; i++) {
        struct flash_ram *ram = flash(bench, i);
        assert_memory_equal(ram->memory, bench->memories[at][i], memory_size(ram));
    }
    assert_true(key_equals(flash_keys_sum(&bench->states.nvm), bench->sums[at][0]));
    assert_true(key_equals(flash_keys_sum(&bench->states.spi), bench->sums[at][1]));
}

static void let_go(struct bench *bench, uint32_t at)
{
    states_drop(&bench->states, bench->kept[at]);
    free(bench->memories[at][0]);
    free(bench->memories[at][1]);
}

static void root_is_a_state_without_units(void **state)
{
    struct bench *bench = *state;

    keep(bench, 0);
    assert_int_equal(bench->kept[0]->part_count, 0);
    for (int i = 0; i < 100; i++)
        change(bench);
    assert_gives(bench, 0);
    let_go(bench, 0);
}

/* Bytes, marks, flags, ghosts and wear of both flashes, in any order, any number of times. */
static void any_state_can_be_given_back(void **state)
{
    struct bench *bench = *state;
    uint32_t ghosts = 0;

    for (uint32_t i = 0; i < STATES_MAX; i++) {
        if (i % 7 == 6)
            assert_gives(bench, random_below(bench, i));
        for (uint32_t j = random_below(bench, 12); j; j--)
            change(bench);
        keep(bench, i);
        ghosts += bench->run.world.nvm.cells.units[256].flags != 0;
        ghosts += bench->run.world.spi.cells.units[1024].flags != 0;
    }
    assert_true(ghosts > 4);
    for (uint32_t i = 0; i < 300; i++)
        assert_gives(bench, random_below(bench, STATES_MAX));
    for (uint32_t i = 0; i < STATES_MAX; i++)
        let_go(bench, i);
    assert_int_equal(bench->states.parts.bytes, 0);
    assert_int_equal(bench->states.pages.lists.bytes, 0);
    assert_int_equal(bench->states.pages.blocks.bytes, 0);
}

static void state_outlives_changes_and_a_mark_inside_a_stage(void **state)
{
    struct bench *bench = *state;
    struct flash_ram *nvm = flash(bench, 0);

    change(bench);
    uint32_t mark = flash_ram_mark(nvm);
    assert_int_equal(flash_erase(&nvm->cells.flash, 9 * UNIT), OTA_OK);
    keep(bench, 0); /* as at a cut in the middle of a stage */
    flash_ram_rollback(nvm, mark);
    keep(bench, 1);
    assert_gives(bench, 0);
    assert_gives(bench, 1);
    assert_gives(bench, 0);
    let_go(bench, 0);
    let_go(bench, 1);
}

static void equal_contents_of_two_states_are_one_page(void **state)
{
    struct bench *bench = *state;
    const uint8_t zero[8] = {0};
    struct state_unit before, after;

    assert_int_equal(flash_erase(&flash(bench, 0)->cells.flash, 9 * UNIT), OTA_OK);
    assert_int_equal(flash_program(&flash(bench, 0)->cells.flash, 9 * UNIT, zero, 8), OTA_OK);
    keep(bench, 0);
    uint64_t bytes = bench->states.pages.blocks.bytes;
    assert_int_equal(flash_erase(&flash(bench, 0)->cells.flash, 9 * UNIT), OTA_OK);
    assert_int_equal(flash_program(&flash(bench, 0)->cells.flash, 9 * UNIT, zero, 8), OTA_OK);
    keep(bench, 1); /* the same, but for the wear */
    assert_int_equal(bench->kept[0]->part_count, 1);
    assert_int_equal(states_units(&bench->states, bench->kept[0], &before), 1);
    assert_int_equal(states_units(&bench->states, bench->kept[1], &after), 1);
    assert_int_equal(after.page, before.page);
    assert_int_equal(after.erases, before.erases + 1);
    assert_true(bench->states.pages.blocks.bytes == bytes);
    assert_gives(bench, 0);
    let_go(bench, 0);
    assert_gives(bench, 1);
    let_go(bench, 1);
}

/* The order in which a state's units come does not count, and neighbours share. */
static void states_share_the_parts_in_which_they_are_alike(void **state)
{
    struct bench *bench = *state;
    const uint8_t zero[8] = {0};

    for (uint32_t unit = 4; unit < 4 + 3 * STATE_PART_UNITS; unit++)
        assert_int_equal(flash_erase(&flash(bench, 1)->cells.flash, unit * UNIT), OTA_OK);
    keep(bench, 0);
    uint64_t bytes = bench->states.parts.bytes;
    assert_int_equal(flash_program(&flash(bench, 1)->cells.flash, 9 * UNIT, zero, 8), OTA_OK);
    keep(bench, 1);
    assert_int_equal(bench->kept[0]->part_count, 4);
    for (uint32_t i = 1; i < 4; i++)
        assert_int_equal(bench->kept[1]->parts[i], bench->kept[0]->parts[i]);
    assert_true(bench->states.parts.bytes < 2 * bytes);
    assert_gives(bench, 0);

    struct state_unit units[STATE_UNITS_MAX], turned[STATE_UNITS_MAX];
    uint32_t count = states_units(&bench->states, bench->kept[0], units);
    for (uint32_t i = 0; i < count; i++) {
        turned[i] = units[count - 1 - i];
        pages_hold_again(&bench->states.pages, units[i].page);
    }
    struct state *same = states_make(&bench->states, &bench->kept[0]->survivor, turned, count);
    assert_memory_equal(same->parts, bench->kept[0]->parts, 4 * sizeof same->parts[0]);
    states_drop(&bench->states, same);
    assert_gives(bench, 1);
    let_go(bench, 0);
    let_go(bench, 1);
    assert_int_equal(bench->states.pages.lists.bytes, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(root_is_a_state_without_units),
        TEST(any_state_can_be_given_back),
        TEST(state_outlives_changes_and_a_mark_inside_a_stage),
        TEST(equal_contents_of_two_states_are_one_page),
        TEST(states_share_the_parts_in_which_they_are_alike),
    };

    return cmocka_run_group_tests_name("states", tests, NULL, NULL);
}
