#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/run.h"
#include "sim/explore/survivor.h"
#include "tests/scene.h"

struct bench {
    struct scenario scenario;
    struct run run;
    struct survivor survivor;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    enum judge_claim claim;
    char reason[JUDGE_TEXT_MAX];

    scene_update(&bench->scenario);
    assert_true(run_init(&bench->run, &bench->scenario, &claim, reason));
    survivor_take(&bench->run.world, &bench->survivor);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    run_free(&bench->run);
    free(bench);
    return 0;
}

static bool is_same(const struct bench *bench, const struct survivor *other)
{
    return key_equals(survivor_key(&bench->survivor, &bench->run.world),
                      survivor_key(other, &bench->run.world));
}

#define ASSERT_MATTERS(change)                                                                     \
    do {                                                                                           \
        struct survivor other = bench->survivor;                                                   \
        other.change;                                                                              \
        if (is_same(bench, &other))                                                                \
            fail_msg("the same with %s", #change);                                                 \
    } while (0)

#define ASSERT_IDLE(change)                                                                        \
    do {                                                                                           \
        struct survivor other = bench->survivor;                                                   \
        other.change;                                                                              \
        if (!is_same(bench, &other))                                                               \
            fail_msg("not the same with %s", #change);                                             \
    } while (0)

static void registers_of_the_device_matter(void **state)
{
    struct bench *bench = *state;

    ASSERT_MATTERS(is_jumping = true);
    ASSERT_MATTERS(cause = SYSTEM_WATCHDOG);
    ASSERT_MATTERS(has_watchdog = true);
    ASSERT_MATTERS(watchdog_ms = 5);
    ASSERT_MATTERS(watchdog_left_ms = 5);
    ASSERT_MATTERS(phase = PHASE_INSTALL);
    ASSERT_MATTERS(nvm.is_unlocked = true);
    ASSERT_MATTERS(spi.is_unlocked = true);
    ASSERT_MATTERS(nvm.open_from = 8);
    ASSERT_MATTERS(nvm.open_to = 8);
    ASSERT_MATTERS(spi.open_from = 8);
    ASSERT_MATTERS(spi.open_to = 8);
}

static void what_the_judge_goes_by_matters(void **state)
{
    struct bench *bench = *state;

    ASSERT_MATTERS(judge.running = 1);
    ASSERT_MATTERS(judge.confirmed = 1);
    ASSERT_MATTERS(judge.counter_floor = 7);
    ASSERT_MATTERS(judge.disabled = 2);
    ASSERT_MATTERS(judge.entered = 1);
    ASSERT_MATTERS(judge.is_stage_asked = true);
    ASSERT_MATTERS(judge.is_stage_seen = true);
    ASSERT_MATTERS(judge.fired[0] = 1);
}

static void how_it_came_here_does_not_matter(void **state)
{
    struct bench *bench = *state;

    ASSERT_IDLE(now_ms = 123456);
    ASSERT_IDLE(operations = 77);
    ASSERT_IDLE(session_operations = 77);
    ASSERT_IDLE(session_boots = 3);
    ASSERT_IDLE(boots = 9);
    ASSERT_IDLE(requests = 4);
    ASSERT_IDLE(judge.trace = 1);
    ASSERT_IDLE(judge.marks = 1);
    ASSERT_IDLE(judge.boots = 2);
    ASSERT_IDLE(judge.operations = 2);
    ASSERT_IDLE(station_bytes = 100);
    ASSERT_IDLE(memory.seen[0] = 1);
    ASSERT_IDLE(asker.was_cut = true); /* nobody asks */
}

static void operations_matter_where_a_cut_has_a_number(void **state)
{
    struct bench *bench = *state;
    struct scenario_cut *cut = scene_cut(&bench->scenario, SCENE_ALL_PHASES);

    ASSERT_IDLE(session_operations = 77);
    cut->is_every = false;
    cut->number = 100;
    ASSERT_MATTERS(session_operations = 77);
}

static void requests_to_a_fault_matter_up_to_its_last(void **state)
{
    struct bench *bench = *state;

    bench->scenario.stages[0].fault_count = 1;
    bench->scenario.stages[0].faults[0] =
        (struct scenario_fault){.kind = FAULT_DOWN, .skip = 2, .times = 3};
    for (uint32_t seen = 1; seen <= 5; seen++)
        ASSERT_MATTERS(memory.seen[0] = seen);
    ASSERT_MATTERS(memory.fired = 1);
    bench->survivor.memory.seen[0] = 5;
    ASSERT_IDLE(memory.seen[0] = 6);
    ASSERT_IDLE(memory.seen[0] = 100);
    ASSERT_MATTERS(memory.seen[0] = 4);
}

static void time_matters_while_something_waits_for_it(void **state)
{
    struct bench *bench = *state;
    struct scenario_network *network = &bench->scenario.network;

    network->has_link = true;
    network->air.absent_ms = 1000;
    network->air.no_address_ms = 2000;
    ASSERT_MATTERS(now_ms = 1);
    ASSERT_MATTERS(now_ms = 1999);
    bench->survivor.now_ms = 2000;
    ASSERT_IDLE(now_ms = 2001);
    ASSERT_IDLE(now_ms = 86400000);
    ASSERT_MATTERS(now_ms = 1999);
    bench->scenario.app.request_count = 1;
    bench->scenario.app.requests[0] = (struct scenario_request){.at_s = 100};
    ASSERT_MATTERS(now_ms = 99999);
    bench->survivor.now_ms = 100000;
    ASSERT_IDLE(now_ms = 200000);
}

/* How long it still stays away, not until when. */
static void link_that_dropped_matters_until_it_is_back(void **state)
{
    struct bench *bench = *state;
    struct survivor later;

    bench->scenario.network.has_link = true;
    bench->scenario.network.air.drop_count = 1;
    bench->scenario.network.air.drops[0] = (struct station_drop){.at_byte = 5000, .for_ms = 2000};
    ASSERT_MATTERS(station_bytes = 100);
    ASSERT_MATTERS(drops_done = 1);
    bench->survivor.drops_done = 1;
    ASSERT_IDLE(station_bytes = 100);
    ASSERT_MATTERS(away_until_ms = 500);
    bench->survivor.now_ms = bench->survivor.away_until_ms = 700;
    later = bench->survivor;
    later.now_ms = later.away_until_ms = 900; /* both are back */
    bench->survivor.now_ms = later.now_ms = 1000;
    assert_true(is_same(bench, &later));
}

static void whoever_asks_matters(void **state)
{
    struct bench *bench = *state;

    bench->scenario.app.request_count = 1;
    bench->scenario.app.requests[0].has_mark = true;
    ASSERT_MATTERS(asker.next = 1);
    ASSERT_MATTERS(asker.is_due = true);
    ASSERT_MATTERS(asker.is_asked = true);
    ASSERT_MATTERS(asker.was_cut = true);
    ASSERT_MATTERS(asker.versions[0] = 2);
}

/* Padding may differ, so no memcmp(). */
static void assert_same_survivor(const struct survivor *a, const struct survivor *b)
{
    assert_int_equal(a->is_jumping, b->is_jumping);
    assert_int_equal(a->cause, b->cause);
    assert_int_equal(a->has_watchdog, b->has_watchdog);
    assert_int_equal(a->watchdog_ms, b->watchdog_ms);
    assert_int_equal(a->watchdog_left_ms, b->watchdog_left_ms);
    assert_int_equal(a->nvm.is_unlocked, b->nvm.is_unlocked);
    assert_int_equal(a->nvm.open_from, b->nvm.open_from);
    assert_int_equal(a->nvm.open_to, b->nvm.open_to);
    assert_int_equal(a->spi.is_unlocked, b->spi.is_unlocked);
    assert_int_equal(a->spi.open_from, b->spi.open_from);
    assert_int_equal(a->spi.open_to, b->spi.open_to);
    assert_int_equal(a->phase, b->phase);
    assert_int_equal(a->memory.fired, b->memory.fired);
    assert_int_equal(a->station_bytes, b->station_bytes);
    assert_int_equal(a->away_until_ms, b->away_until_ms);
    assert_int_equal(a->drops_done, b->drops_done);
    assert_int_equal(a->asker.next, b->asker.next);
    assert_int_equal(a->judge.entered, b->judge.entered);
    assert_int_equal(a->now_ms, b->now_ms);
    assert_int_equal(a->operations, b->operations);
    assert_int_equal(a->session_operations, b->session_operations);
    assert_int_equal(a->session_boots, b->session_boots);
    assert_int_equal(a->boots, b->boots);
    assert_int_equal(a->requests, b->requests);
}

static void taken_and_given_it_is_the_same(void **state)
{
    struct bench *bench = *state;
    struct world *world = &bench->run.world;
    struct survivor other = bench->survivor, back;

    other.is_jumping = true; /* else a reset settles the rest */
    other.cause = SYSTEM_SOFTWARE;
    other.has_watchdog = true;
    other.watchdog_ms = 4000;
    other.watchdog_left_ms = 1500;
    other.nvm = (struct survivor_flash){true, 0x1000, 0x2000};
    other.spi = (struct survivor_flash){true, 0x3000, 0x4000};
    other.phase = PHASE_ENTER;
    other.memory.fired = 3;
    other.station_bytes = 17;
    other.away_until_ms = 18;
    other.drops_done = 2;
    other.asker.next = 1;
    other.judge.entered = 1;
    other.now_ms = 123456;
    other.operations = 99;
    other.session_operations = 55;
    other.session_boots = 2;
    other.boots = 6;
    other.requests = 8;
    survivor_give(&other, world);
    survivor_take(world, &back);
    assert_same_survivor(&back, &other);
    assert_true(key_equals(survivor_key(&back, &bench->run.world),
                           survivor_key(&other, &bench->run.world)));
    assert_int_equal(world->device.watchdog_at_ms, 123456 + 1500);
    survivor_give(&bench->survivor, world);
    survivor_take(world, &back);
    assert_same_survivor(&back, &bench->survivor);
    assert_true(is_same(bench, &back));
}

/* What is no jump is a reset, and that sets back what the processor knew. */
static void reset_forgets_watchdog_protection_and_phase(void **state)
{
    struct bench *bench = *state;
    struct device *device = &bench->run.world.device;
    struct survivor other;

    device->has_watchdog = true;
    device->watchdog_ms = 4000;
    device->nvm_nor.open_from = 8;
    device->spi_nor.open_to = 8;
    device->phase = PHASE_ENTER;
    survivor_take(&bench->run.world, &other);
    assert_true(is_same(bench, &other));
    device->is_jumping = true;
    survivor_take(&bench->run.world, &other);
    assert_false(is_same(bench, &other));
}

static void cut_locks_the_flashes_and_begins_a_session(void **state)
{
    struct bench *bench = *state;
    struct world *world = &bench->run.world;
    const struct power_operation operation = {
        .number = 5, .kind = POWER_ERASE, .power = &world->device.nvm_power, .size = 4096};
    struct survivor other = bench->survivor;

    other.is_jumping = true;
    other.cause = SYSTEM_SOFTWARE;
    other.nvm.is_unlocked = other.spi.is_unlocked = true;
    other.nvm.open_to = 8;
    other.has_watchdog = true;
    other.phase = PHASE_RUN;
    other.session_operations = 4;
    other.session_boots = 3;
    other.judge.running = 1;
    survivor_cut(&other, world, &operation, POWER_INSIDE);
    assert_true(is_same(bench, &other));
    assert_int_equal(other.cause, SYSTEM_POWER_ON);
    assert_int_equal(other.session_operations, 0);
    assert_int_equal(other.session_boots, 0);
    assert_true(other.asker.was_cut);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(registers_of_the_device_matter),
        TEST(what_the_judge_goes_by_matters),
        TEST(how_it_came_here_does_not_matter),
        TEST(operations_matter_where_a_cut_has_a_number),
        TEST(requests_to_a_fault_matter_up_to_its_last),
        TEST(time_matters_while_something_waits_for_it),
        TEST(link_that_dropped_matters_until_it_is_back),
        TEST(whoever_asks_matters),
        TEST(taken_and_given_it_is_the_same),
        TEST(reset_forgets_watchdog_protection_and_phase),
        TEST(cut_locks_the_flashes_and_begins_a_session),
    };

    return cmocka_run_group_tests_name("survivor", tests, NULL, NULL);
}
