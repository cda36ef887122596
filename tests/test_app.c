#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/app.h"
#include "sim/explore/prepare.h"
#include "tests/scene.h"

#define BOOTS_MAX 8

/* A device with version 1 that is offered version 2, whose behaviour is the test's. */
struct bench {
    struct scenario scenario;
    struct world world;
    enum device_end ends[BOOTS_MAX]; /* of each boot */
    uint64_t times_ms[BOOTS_MAX];    /* when it ended */
    uint32_t versions[BOOTS_MAX];    /* that the bootloader started */
    uint32_t boots, confirmed_boot;  /* the boot in which version 2 was confirmed */
    uint64_t confirmed_ms;
};

static void on_started(void *context, uint32_t address, const struct bootctl_record *record)
{
    struct bench *bench = context;

    (void)address;
    bench->versions[bench->boots] = record->version;
}

static void on_log(void *context, enum log_event event, const uint32_t args[3])
{
    struct bench *bench = context;

    if (event == LOG_APP_CONFIRMED && args[0] == 2) {
        bench->confirmed_boot = bench->boots;
        bench->confirmed_ms = device_now_ms(&bench->world.device);
    }
}

static bool on_round(void *context)
{
    struct bench *bench = context;
    const struct ota *ota = device_ota(&bench->world.device);

    return bench->boots && ota_is_confirmed(ota) && ota_is_settled(ota);
}

/* Run until an image is confirmed and at rest, after at least one restart. */
static struct bench *run(enum app_behaviour behaviour)
{
    struct bench *bench = calloc(1, sizeof *bench);
    const struct device_observer observer = {
        .log = on_log, .started = on_started, .is_done = on_round, .context = bench};
    char reason[JUDGE_TEXT_MAX];

    scene_update(&bench->scenario);
    bench->scenario.images[1].app = behaviour;
    assert_int_equal(world_init(&bench->world, &bench->scenario), OTA_OK);
    assert_true(prepare_world(&bench->world, reason));
    world_begin(&bench->world, &bench->world.fixture.servers[0], &observer);
    device_power_on(&bench->world.device);
    while (bench->boots < BOOTS_MAX) {
        enum device_end end = device_boot(&bench->world.device);
        bench->times_ms[bench->boots] = device_now_ms(&bench->world.device);
        bench->ends[bench->boots++] = end;
        if (end != DEVICE_RESET && end != DEVICE_WATCHDOG)
            break;
    }
    return bench;
}

static void drop(struct bench *bench)
{
    world_free(&bench->world);
    free(bench);
}

/* The update, three trial boots that end so, and back to version 1. */
static void assert_given_up(const struct bench *bench, enum device_end end)
{
    static const uint32_t versions[] = {1, 2, 2, 2, 1};

    assert_int_equal(bench->boots, 5);
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(bench->versions[i], versions[i]);
    assert_int_equal(bench->ends[0], DEVICE_RESET);
    for (uint32_t i = 1; i < 4; i++)
        assert_int_equal(bench->ends[i], end);
    assert_int_equal(bench->ends[4], DEVICE_DONE);
    assert_int_equal(bench->confirmed_ms, 0);
}

static void behaviour_is_the_first_line_of_the_code(void **state)
{
    static const struct {
        const char *code;
        enum app_behaviour behaviour;
    } codes[] = {
        {"brownout-app: healthy\n", APP_HEALTHY},
        {"brownout-app: crash-at-start\n", APP_CRASH_AT_START},
        {"brownout-app: hang\nmore", APP_HANG},
        {"brownout-app: never-confirm\n", APP_NEVER_CONFIRM},
        {"brownout-app: crash-later\n", APP_CRASH_LATER},
        {"brownout-app: hang", APP_HEALTHY},      /* no end of line */
        {"brownout-app: hanging\n", APP_HEALTHY}, /* no such word */
        {"brownout-app: \n", APP_HEALTHY},
        {"brownout-app:", APP_HEALTHY},
        {" brownout-app: hang\n", APP_HEALTHY},
        {"", APP_HEALTHY},
        {"some other firmware", APP_HEALTHY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        assert_int_equal(
            app_behaviour_of((const uint8_t *)codes[i].code, (uint32_t)strlen(codes[i].code)),
            codes[i].behaviour);
}

static void line_that_goes_beyond_the_code_is_none(void **state)
{
    const uint8_t code[] = "brownout-app: never-confirm\n";

    (void)state;
    for (uint32_t size = 0; size < sizeof code - 1; size++)
        assert_int_equal(app_behaviour_of(code, size), APP_HEALTHY);
    assert_int_equal(app_behaviour_of(code, sizeof code - 1), APP_NEVER_CONFIRM);
}

static void every_behaviour_has_its_name(void **state)
{
    static const char *const names[] = {"healthy", "crash-at-start", "hang", "never-confirm",
                                        "crash-later"};

    (void)state;
    for (int i = 0; i < APP_BEHAVIOUR_COUNT; i++)
        assert_string_equal(app_behaviour_name((enum app_behaviour)i), names[i]);
    assert_string_equal(app_behaviour_name(APP_BEHAVIOUR_COUNT), "unknown");
}

static void healthy_one_confirms_itself_after_its_self_test(void **state)
{
    struct bench *bench = run(APP_HEALTHY);

    (void)state;
    assert_int_equal(bench->boots, 2);
    assert_int_equal(bench->ends[0], DEVICE_RESET);
    assert_int_equal(bench->ends[1], DEVICE_DONE);
    assert_int_equal(bench->versions[1], 2);
    assert_int_equal(bench->confirmed_boot, 1);
    assert_int_equal(bench->confirmed_ms - bench->times_ms[0], APP_SELF_TEST_MS);
    drop(bench);
}

static void crash_at_start_takes_no_time(void **state)
{
    struct bench *bench = run(APP_CRASH_AT_START);

    (void)state;
    assert_given_up(bench, DEVICE_RESET);
    assert_int_equal(bench->times_ms[3], bench->times_ms[0]);
    drop(bench);
}

static void crash_later_comes_before_the_self_test_ends(void **state)
{
    struct bench *bench = run(APP_CRASH_LATER);

    (void)state;
    assert_given_up(bench, DEVICE_RESET);
    for (int i = 1; i < 4; i++)
        assert_in_range(bench->times_ms[i] - bench->times_ms[i - 1], 100, APP_SELF_TEST_MS - 1);
    drop(bench);
}

static void hang_is_ended_by_the_watchdog(void **state)
{
    struct bench *bench = run(APP_HANG);

    (void)state;
    assert_given_up(bench, DEVICE_WATCHDOG);
    drop(bench);
}

static void one_that_never_confirms_is_restarted_by_the_service(void **state)
{
    struct bench *bench = run(APP_NEVER_CONFIRM);

    (void)state;
    assert_given_up(bench, DEVICE_RESET);
    for (int i = 1; i < 4; i++)
        assert_in_range(bench->times_ms[i] - bench->times_ms[i - 1],
                        ota_config_default.confirm_within_s * 1000ull,
                        ota_config_default.confirm_within_s * 1000ull + 1000);
    drop(bench);
}

/* What the factory programmed is confirmed from the start, and has nothing to test. */
static void crash_later_is_over_once_confirmed(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    const struct device_observer observer = {.started = on_started, .context = bench};

    (void)state;
    scene_init(&bench->scenario);
    bench->scenario.images[scene_image(&bench->scenario, 1)].app = APP_CRASH_LATER;
    bench->scenario.time_max_s = 100;
    scene_stage(&bench->scenario, -1);
    char reason[JUDGE_TEXT_MAX];
    assert_int_equal(world_init(&bench->world, &bench->scenario), OTA_OK);
    assert_true(prepare_world(&bench->world, reason));
    world_begin(&bench->world, &bench->world.fixture.servers[0], &observer);
    device_power_on(&bench->world.device);
    assert_int_equal(device_boot(&bench->world.device), DEVICE_TIME);
    assert_int_equal(bench->versions[0], 1);
    drop(bench);
}

/* Rounds go on for the watchdog; the service is called at its times, and for a request. */
static void sleeping_one_calls_the_service_when_it_said(void **state)
{
    struct bench *bench = run(APP_HEALTHY);
    struct app *app = &bench->world.ram->app;

    (void)state;
    app->habits.sleeps = true;
    app->due_ms = app->started_ms + 100000;
    app->ota.due_ms = 0; /* it would check at once */
    assert_in_range(app_step(app), 1, 1000);
    assert_int_equal(app->ota.state, OTA_STATE_WAIT);
    assert_int_equal(ota_ask(&app->ota, OTA_REQUEST_CHECK, 0), OTA_OK);
    assert_int_equal(app_step(app), 0);
    assert_int_equal(app->ota.state, OTA_STATE_CHECK);
    drop(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(behaviour_is_the_first_line_of_the_code),
        cmocka_unit_test(line_that_goes_beyond_the_code_is_none),
        cmocka_unit_test(every_behaviour_has_its_name),
        cmocka_unit_test(healthy_one_confirms_itself_after_its_self_test),
        cmocka_unit_test(crash_at_start_takes_no_time),
        cmocka_unit_test(crash_later_comes_before_the_self_test_ends),
        cmocka_unit_test(hang_is_ended_by_the_watchdog),
        cmocka_unit_test(one_that_never_confirms_is_restarted_by_the_service),
        cmocka_unit_test(crash_later_is_over_once_confirmed),
        cmocka_unit_test(sleeping_one_calls_the_service_when_it_said),
    };

    return cmocka_run_group_tests_name("app", tests, NULL, NULL);
}
