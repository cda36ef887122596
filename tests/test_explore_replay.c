/*
 * Method: the linker puts this file between the explorer and its judge (--wrap), so each life that
 * a sweep lives to its end is noted: which cuts it had, and everything it left behind - both
 * flashes with marks and wear, clock, server, judge. Then each point is replayed by its name from a
 * fresh device and must leave exactly the same. What a fork forgets to copy or a rollback to bring
 * back shows here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "sim/explore/explore.h"
#include "sim/explore/world.h"
#include "tests/scene.h"

#define LIVES_MAX 4096

/* One life, from the scenario's start through its cuts to its end, and what it left. */
struct life {
    struct point point;
    uint64_t trace, nvm, spi;
    uint64_t now_ms, operations, judged_operations;
    uint32_t boots, random, requests, phase;
    uint32_t claim, stage, marks, counter_floor, disabled, judged_boots;
    int running, confirmed, entered;
    struct asker asker;
    uint64_t station_bytes, away_until_ms;
    uint32_t drops_done;
    char text[JUDGE_TEXT_MAX];
};

static struct {
    bool is_replay;
    struct point point; /* cuts so far */
    struct life *lives;
    uint32_t count, repeated;
} seen;

bool __real_judge_booted(struct judge *judge, enum device_end end);
bool __wrap_judge_booted(struct judge *judge, enum device_end end);
void __real_judge_cut(struct judge *judge, const struct power_operation *operation,
                      enum power_moment moment);
void __wrap_judge_cut(struct judge *judge, const struct power_operation *operation,
                      enum power_moment moment);

void __real_world_rollback(struct world *world);
void __wrap_world_rollback(struct world *world);

/* What the tests at the end do to the explorer. */
static struct {
    bool is_each_cut_a_failure;
    uint32_t rollbacks, spoil_after; /* of the forks of the forward run; 0: none is spoilt */
} sabotage;

static const struct world *world_of(const struct judge *judge)
{
    return (const void *)((const char *)judge - offsetof(struct world, judge));
}

/* In a sweep the cuts of a life are the marks it stands on, above the one of the whole run. */
void __wrap_judge_cut(struct judge *judge, const struct power_operation *operation,
                      enum power_moment moment)
{
    uint32_t index = seen.is_replay ? seen.point.count : world_of(judge)->depth - 2;

    assert_in_range(index, 0, SCENARIO_CUTS_MAX - 1);
    seen.point.cuts[index] = (struct point_cut){operation->number, moment};
    seen.point.count = index + 1;
    __real_judge_cut(judge, operation, moment);
    if (sabotage.is_each_cut_a_failure)
        judge_fail(judge, CLAIM_ALWAYS, "by the test");
}

void __wrap_world_rollback(struct world *world)
{
    __real_world_rollback(world);
    if (world->depth == 1 && ++sabotage.rollbacks == sabotage.spoil_after)
        world->judge.running = -1;
}

static uint64_t hash_flash(const struct flash_ram *ram)
{
    return XXH3_64bits(ram->memory, ram->cells.flash.size + cells_side_size(&ram->cells));
}

static void describe(const struct judge *judge, struct life *life)
{
    const struct world *world = world_of(judge);

    memset(life, 0, sizeof *life);
    life->point = seen.point;
    if (!seen.is_replay)
        life->point.count = world->depth - 1;
    memset(life->point.cuts + life->point.count, 0,
           (SCENARIO_CUTS_MAX - life->point.count) * sizeof life->point.cuts[0]);
    life->trace = judge->trace;
    life->nvm = hash_flash(&world->nvm);
    life->spi = hash_flash(&world->spi);
    life->now_ms = world->device.now_ms;
    life->operations = world->device.operations;
    life->boots = world->device.boots;
    life->random = world->device.random;
    life->requests = world->transport.requests;
    life->phase = world->device.phase;
    life->judged_operations = judge->operations;
    life->judged_boots = judge->boots;
    life->claim = judge->claim;
    life->stage = judge->stage;
    life->marks = judge->marks;
    life->counter_floor = judge->counter_floor;
    life->disabled = judge->disabled;
    life->running = judge->running;
    life->confirmed = judge->confirmed;
    life->entered = judge->entered;
    life->asker.next = world->asker.next;
    life->asker.is_due = world->asker.is_due;
    life->asker.is_asked = world->asker.is_asked;
    memcpy(life->asker.versions, world->asker.versions, sizeof life->asker.versions);
    life->station_bytes = world->station.bytes;
    life->away_until_ms = world->station.away_until_ms;
    life->drops_done = world->station.drops_done;
    memcpy(life->text, judge->text, strlen(judge->text) + 1);
}

bool __wrap_judge_booted(struct judge *judge, enum device_end end)
{
    bool is_over = __real_judge_booted(judge, end);
    struct life life;

    if (!is_over || !seen.lives)
        return is_over;
    describe(judge, &life);
    /* One in twenty is lived twice: a point has one end. */
    for (uint32_t i = 0; !seen.is_replay && i < seen.count; i++)
        if (memcmp(&seen.lives[i].point, &life.point, sizeof life.point) == 0) {
            assert_memory_equal(&seen.lives[i], &life, sizeof life);
            seen.repeated++;
            return is_over;
        }
    assert_in_range(seen.count, 0, LIVES_MAX - 1);
    seen.lives[seen.count++] = life;
    return is_over;
}

static int setup(void **state)
{
    struct scenario *scenario = calloc(1, sizeof *scenario);

    scene_update(scenario);
    memset(&seen, 0, sizeof seen);
    memset(&sabotage, 0, sizeof sabotage);
    seen.lives = calloc(LIVES_MAX, sizeof *seen.lives);
    *state = scenario;
    return 0;
}

static int teardown(void **state)
{
    free(seen.lives);
    seen.lives = NULL;
    free(*state);
    return 0;
}

/* The replay of one life's point must be that life. */
static void replay_life(const struct scenario *scenario, const struct life *expected, FILE *out)
{
    struct explore_result result;
    struct point parsed;
    struct life life;
    char name[POINT_NAME_MAX];
    uint32_t before = seen.count;

    point_name(&expected->point, name);
    assert_true(point_parse(name, &parsed));
    memset(&seen.point, 0, sizeof seen.point);
    rewind(out);
    explore_replay(scenario, &parsed, out, false, &result);
    assert_int_equal(seen.count, before + 1);
    life = seen.lives[--seen.count];
    if (life.claim == CLAIM_NONE && result.verdict != EXPLORE_PASSED)
        fail_msg("%s: the replay fails: %s", name, result.failures[0].text);
    if (life.claim != CLAIM_NONE) {
        assert_int_equal(result.verdict, EXPLORE_FAILED);
        assert_int_equal(result.failures[0].claim, expected->claim);
        assert_string_equal(result.failures[0].text, expected->text);
    }
    if (memcmp(&life, expected, sizeof life) != 0)
        print_message("%s is not what the sweep lived through\n", name);
    assert_memory_equal(&life, expected, sizeof life);
}

static void sweep_and_replay_all(struct scenario *scenario, uint32_t lives_min)
{
    const struct explore_options options = {0};
    struct explore_result result;
    FILE *out = tmpfile();

    seen.is_replay = false;
    explore_run(scenario, &options, &result);
    assert_int_equal(result.verdict, EXPLORE_PASSED);
    /* The control run and the forward run are one life, lived twice. */
    assert_int_equal(seen.count, result.points + 1);
    assert_in_range(seen.repeated, result.checked + 1, UINT32_MAX);
    assert_in_range(seen.count, lives_min, LIVES_MAX);
    seen.is_replay = true;
    uint32_t count = seen.count;
    for (uint32_t i = 0; i < count; i++)
        replay_life(scenario, &seen.lives[i], out);
    fclose(out);
}

static void every_point_of_an_update_is_its_replay(void **state)
{
    struct scenario *scenario = *state;

    scene_cut(scenario, SCENE_ALL_PHASES);
    sweep_and_replay_all(scenario, 200);
}

static void every_point_of_a_first_boot_with_ecc_is_its_replay(void **state)
{
    struct scenario *scenario = *state;

    scenario->is_virgin = true;
    scenario->has_ecc = true;
    scene_cut(scenario, SCENE_ALL_PHASES);
    sweep_and_replay_all(scenario, 250);
}

static void every_point_with_two_server_stages_is_its_replay(void **state)
{
    struct scenario *scenario = *state;

    scenario->eventually_runs = scene_image(scenario, 3);
    scene_stage(scenario, 1);
    scene_offer(scenario, 2);
    scene_cut(scenario, SCENE_ALL_PHASES);
    sweep_and_replay_all(scenario, 400);
}

/* The image crashes: trials, watchdog causes and the way back. */
static void every_point_of_a_failing_image_is_its_replay(void **state)
{
    struct scenario *scenario = *state;

    scenario->images[1].app = APP_HANG;
    scenario->eventually_runs = 0;
    scenario->within_boots = 12;
    scene_cut(scenario, 1u << PHASE_RUN | 1u << PHASE_BOOT | 1u << PHASE_INSTALL);
    sweep_and_replay_all(scenario, 50);
}

static void every_point_of_two_cuts_is_its_replay(void **state)
{
    struct scenario *scenario = *state;

    scenario->images[0].size = scenario->images[1].size = 0x1000;
    scene_cut(scenario, 1u << PHASE_INSTALL);
    scene_cut(scenario, 1u << PHASE_INSTALL | 1u << PHASE_RUN);
    sweep_and_replay_all(scenario, 500);
}

/* The link drops in the download; somebody asks for the image before, and what a cut hides of the
 * answer is no downgrade. */
static void every_point_with_a_network_and_a_user_is_its_replay(void **state)
{
    struct scenario *scenario = *state;
    struct scenario_network *network = &scenario->network;

    network->has_link = true;
    strcpy(network->ssid, "net");
    strcpy(network->air.ssid, "net");
    network->air.drop_count = 2;
    network->air.drops[0] = (struct station_drop){5000, 2000};
    network->air.drops[1] = (struct station_drop){9000, 40000};
    scenario->app.request_count = 1;
    scenario->app.requests[0] =
        (struct scenario_request){.request = OTA_REQUEST_ROLLBACK, .at_s = 100};
    scenario->eventually_runs = 0;
    scenario->within_boots = 12;
    scene_cut(scenario, SCENE_ALL_PHASES);
    sweep_and_replay_all(scenario, 200);
}

static void failing_point_fails_again_for_the_same_reason(void **state)
{
    const struct explore_options options = {0};
    struct scenario *scenario = *state;
    struct explore_result result, again;
    struct point point;
    FILE *out = tmpfile();

    explore_run(scenario, &options, &result);
    scenario->operations_max = (uint32_t)result.operations;
    scene_cut(scenario, 1u << PHASE_INSTALL);
    explore_run(scenario, &options, &result);
    assert_int_equal(result.failure_count, EXPLORE_FAILURES_MAX);
    for (uint32_t i = 0; i < result.failure_count; i++) {
        assert_true(point_parse(result.failures[i].point, &point));
        seen.is_replay = true;
        memset(&seen.point, 0, sizeof seen.point);
        explore_replay(scenario, &point, out, true, &again);
        assert_int_equal(again.verdict, EXPLORE_FAILED);
        assert_int_equal(again.failure_count, 1);
        assert_string_equal(again.failures[0].point, result.failures[i].point);
        assert_int_equal(again.failures[0].claim, result.failures[i].claim);
        assert_string_equal(again.failures[0].text, result.failures[i].text);
    }
    fclose(out);
}

/* A run that failed before its last cut has one reason, not two. */
static void failure_before_the_last_cut_is_the_only_one(void **state)
{
    struct scenario *scenario = *state;
    struct point point = {2, {{5, POWER_AFTER}, {100000, POWER_AFTER}}};
    struct explore_result result;
    FILE *out = tmpfile();

    scenario->operations_max = 20;
    seen.is_replay = true;
    explore_replay(scenario, &point, out, false, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_int_equal(result.failures[0].claim, CLAIM_TIME);
    assert_int_equal(result.failure_count, 1);
    fclose(out);
}

static void cut_that_never_happens_fails_the_replay(void **state)
{
    static const char *const names[] = {"100000t", "1w", "1a.99999a"};
    struct scenario *scenario = *state;
    struct explore_result result;
    struct point point;
    FILE *out = tmpfile();

    seen.is_replay = true;
    for (int i = 0; i < 3; i++) {
        assert_true(point_parse(names[i], &point));
        memset(&seen.point, 0, sizeof seen.point);
        explore_replay(scenario, &point, out, false, &result);
        assert_int_equal(result.verdict, EXPLORE_FAILED);
        assert_int_equal(result.failure_count, 1);
        assert_int_equal(result.failures[0].claim, CLAIM_FIRED);
        assert_string_equal(result.failures[0].text, "the point's cut never happened");
    }
    fclose(out);
}

/* Nothing more can be learnt from a run that has failed; its second cuts would only bury the point
 * that matters. */
static void failed_run_is_not_cut_again(void **state)
{
    const struct explore_options options = {0};
    struct scenario *scenario = *state;
    struct explore_result result;

    scene_cut(scenario, 1u << PHASE_INSTALL);
    scene_cut(scenario, SCENE_ALL_PHASES);
    sabotage.is_each_cut_a_failure = true;
    explore_run(scenario, &options, &result);
    assert_int_equal(result.failure_count, EXPLORE_FAILURES_MAX);
    assert_int_equal(result.points, EXPLORE_FAILURES_MAX);
    for (uint32_t i = 0; i < result.failure_count; i++) {
        assert_int_equal(result.failures[i].claim, CLAIM_ALWAYS);
        assert_null(strchr(result.failures[i].point, '.'));
    }
}

/* Between its forks the forward run is the control run again; where it is not, a rollback has
 * forgotten something, and no verdict of this sweep is worth anything. */
static void rollback_that_forgets_is_found(void **state)
{
    const struct explore_options options = {0};
    struct scenario *scenario = *state;
    struct explore_result result;

    free(seen.lives); /* nobody but the explorer itself looks */
    seen.lives = NULL;
    scene_cut(scenario, 1u << PHASE_RUN)->on_spi = false;
    explore_run(scenario, &options, &result);
    assert_int_equal(result.verdict, EXPLORE_PASSED);
    sabotage.spoil_after = sabotage.rollbacks;
    sabotage.rollbacks = 0;
    explore_run(scenario, &options, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_int_equal(result.failures[0].claim, CLAIM_DETERMINISM);
}

static uint32_t count_of(const char *story, const char *what)
{
    uint32_t count = 0;

    for (const char *at = story; (at = strstr(at, what)); at++)
        count++;
    return count;
}

static char *tell(const struct scenario *scenario, const char *name, bool is_verbose)
{
    struct explore_result result;
    struct point point;
    char *story = NULL;
    size_t size;
    FILE *out = open_memstream(&story, &size);

    seen.is_replay = true;
    memset(&seen.point, 0, sizeof seen.point);
    assert_true(point_parse(name, &point));
    explore_replay(scenario, &point, out, is_verbose, &result);
    assert_int_equal(result.verdict, EXPLORE_PASSED);
    fclose(out);
    return story;
}

static void replay_tells_what_happens(void **state)
{
    struct scenario *scenario = *state;
    char *story = tell(scenario, "0", false);

    assert_int_equal(count_of(story, "POWER CUT"), 0);
    assert_int_equal(count_of(story, "  op "), 0);
    assert_int_equal(count_of(story, "-- reset --"), 1);
    assert_int_equal(count_of(story, "-- done --"), 1);
    assert_int_equal(count_of(story, "boot: started by"), 2);
    assert_non_null(strstr(story, "   1     0.000  boot: started by power-on\n"));
    assert_non_null(strstr(story, "app: version 2 confirmed\n"));
    free(story);
}

static void replay_shows_the_operation_that_is_cut(void **state)
{
    struct scenario *scenario = *state;
    char *story = tell(scenario, "7a.3t", false);

    assert_int_equal(count_of(story, "POWER CUT"), 2);
    assert_int_equal(count_of(story, "POWER CUT after it"), 1);
    assert_int_equal(count_of(story, "POWER CUT inside it\n"), 1);
    assert_int_equal(count_of(story, "-- cut --"), 2);
    assert_int_equal(count_of(story, "  op 7 "), 1);
    assert_int_equal(count_of(story, "  op 3 "), 1);
    free(story);
}

static void verbose_replay_shows_every_operation_once(void **state)
{
    struct scenario *scenario = *state;
    char *story = tell(scenario, "7t", true);

    assert_int_equal(count_of(story, "  op 6 "), 2); /* of both power sessions */
    assert_int_equal(count_of(story, "  op 8 "), 1); /* the first did not come that far */
    assert_int_equal(count_of(story, "  op 7 "), 2);
    free(story);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_point_of_an_update_is_its_replay),
        TEST(every_point_of_a_first_boot_with_ecc_is_its_replay),
        TEST(every_point_with_two_server_stages_is_its_replay),
        TEST(every_point_of_a_failing_image_is_its_replay),
        TEST(every_point_of_two_cuts_is_its_replay),
        TEST(every_point_with_a_network_and_a_user_is_its_replay),
        TEST(failing_point_fails_again_for_the_same_reason),
        TEST(failure_before_the_last_cut_is_the_only_one),
        TEST(cut_that_never_happens_fails_the_replay),
        TEST(failed_run_is_not_cut_again),
        TEST(rollback_that_forgets_is_found),
        TEST(replay_tells_what_happens),
        TEST(replay_shows_the_operation_that_is_cut),
        TEST(verbose_replay_shows_every_operation_once),
    };

    return cmocka_run_group_tests_name("explore_replay", tests, NULL, NULL);
}
