/*
 * Method: a world is made and never run; each test builds its situation by hand, in program flash
 * and by telling the judge what a firmware would have shown, and looks at the one claim. Each claim
 * is shown to fail when it should, and the nearest situation where it should not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/world.h"
#include "tests/scene.h"

#define ADDRESS 0xB0021000u

/* Images by index. */
enum { V1, V2, V3, FOREIGN, UNSIGNED, OTHER_PRODUCT };

struct bench {
    struct scenario scenario;
    struct world world;
    struct judge *judge;
    struct server server;
    struct ota ota; /* as the judge sees the running application */
};

static void make_scenario(struct scenario *scenario)
{
    scene_init(scenario);
    for (uint32_t version = 1; version <= 3; version++)
        scenario->images[scene_image(scenario, version)].security_counter = version;
    scenario->images[scene_image(scenario, 4)].signer = SIGNER_OTHER;
    scenario->images[scene_image(scenario, 5)].signer = SIGNER_NONE;
    scenario->images[scene_image(scenario, 6)].product = PRODUCT_OTHER;
    scenario->eventually_runs = V2;
    scenario->within_boots = 4;
    scenario->wear_max = 3;
    scenario->time_max_s = 60;
}

static int setup(void **state)
{
    const struct device_observer nobody = {0};
    struct bench *bench = calloc(1, sizeof *bench);

    make_scenario(&bench->scenario);
    assert_int_equal(world_init(&bench->world, &bench->scenario), OTA_OK);
    world_begin(&bench->world, &bench->server, &nobody);
    bench->judge = &bench->world.judge;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    world_free(&bench->world);
    free(bench);
    return 0;
}

static void install(struct bench *bench, int image)
{
    uint8_t *app = bench->world.nvm.cells.bytes + layout_mzw1.app_offset;
    const struct fixture_image *made = &bench->world.fixture.images[image];

    memset(app, 0xFF, layout_mzw1.app_size);
    memcpy(app, made->bytes + IMAGE_HEADER_PAGE, made->size - IMAGE_HEADER_PAGE);
}

static void start(struct bench *bench, int image)
{
    install(bench, image);
    judge_started(bench->judge, ADDRESS, judge_installed(bench->judge));
}

static void log_about(struct bench *bench, enum log_event event, uint32_t version)
{
    const uint32_t args[3] = {version, 0, 0};

    judge_log(bench->judge, event, args);
}

static void confirm(struct bench *bench)
{
    bench->ota.bootctl.has_record = true;
    bench->ota.bootctl.record.status = BOOTCTL_VALID;
    bench->ota.bootctl.record.version = bench->scenario.images[bench->judge->running].version;
    judge_round(bench->judge, &bench->ota);
}

static void start_and_confirm(struct bench *bench, int image)
{
    start(bench, image);
    confirm(bench);
}

static void assert_claim(const struct bench *bench, enum judge_claim claim, const char *text)
{
    assert_string_equal(judge_claim_name(bench->judge->claim), judge_claim_name(claim));
    if (text)
        assert_string_equal(bench->judge->text, text);
}

static void assert_fine(const struct bench *bench)
{
    assert_claim(bench, CLAIM_NONE, "");
}

/* --- I1 -------------------------------------------------------------------------------------- */

static void stuck_bootloader_is_bricked(void **state)
{
    struct bench *bench = *state;

    assert_true(judge_booted(bench->judge, DEVICE_STUCK));
    assert_claim(bench, CLAIM_NEVER_BRICKED, "the bootloader finds nothing to start");
}

static void stuck_bootloader_is_fine_where_it_is_expected(void **state)
{
    struct bench *bench = *state;

    bench->scenario.is_stuck_expected = true;
    assert_true(judge_booted(bench->judge, DEVICE_STUCK));
    assert_fine(bench);
}

static void device_that_runs_where_it_must_not_fails(void **state)
{
    struct bench *bench = *state;

    bench->scenario.is_stuck_expected = true;
    bench->scenario.eventually_runs = -1;
    start(bench, V1);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_claim(bench, CLAIM_EVENTUALLY, "image0 runs, where nothing should");
}

static void endless_resets_before_any_start_are_bricked(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 3; i++)
        assert_false(judge_booted(bench->judge, DEVICE_WATCHDOG));
    assert_true(judge_booted(bench->judge, DEVICE_RESET));
    assert_claim(bench, CLAIM_NEVER_BRICKED, "not settled after 4 boots, with nothing running");
}

static void endless_resets_of_an_application_do_not_settle(void **state)
{
    struct bench *bench = *state;

    start(bench, V1);
    for (int i = 0; i < 3; i++)
        assert_false(judge_booted(bench->judge, DEVICE_RESET));
    assert_true(judge_booted(bench->judge, DEVICE_WATCHDOG));
    assert_claim(bench, CLAIM_EVENTUALLY, "not settled after 4 boots, with image0 running");
}

static void last_boot_of_the_budget_may_settle(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < 3; i++)
        assert_false(judge_booted(bench->judge, DEVICE_RESET));
    start(bench, V2);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_fine(bench);
}

static void cut_begins_a_new_boot_budget_and_is_no_boot(void **state)
{
    struct bench *bench = *state;
    const struct power_operation operation = {.number = 1, .kind = POWER_ERASE};

    for (int i = 0; i < 3; i++)
        assert_false(judge_booted(bench->judge, DEVICE_RESET));
    judge_cut(bench->judge, &operation, POWER_AFTER);
    assert_false(judge_booted(bench->judge, DEVICE_CUT));
    for (int i = 0; i < 3; i++)
        assert_false(judge_booted(bench->judge, DEVICE_RESET));
    assert_fine(bench);
}

/* --- I2 -------------------------------------------------------------------------------------- */

static void every_byte_of_what_runs_counts(void **state)
{
    static const uint32_t places[] = {0, 1, SCENE_SIZE / 2, SCENE_SIZE - 100};
    struct bench *bench = *state;

    for (int i = 0; i < 4; i++) {
        install(bench, V2);
        bench->world.nvm.cells.bytes[layout_mzw1.app_offset + places[i]] ^= 1;
        bench->judge->claim = CLAIM_NONE;
        judge_started(bench->judge, ADDRESS, judge_installed(bench->judge));
        assert_claim(bench, CLAIM_ATOMIC, "what starts is none of the images");
        assert_int_equal(bench->judge->running, -1);
    }
}

static void service_must_know_what_runs(void **state)
{
    struct bench *bench = *state;

    start_and_confirm(bench, V2);
    assert_fine(bench);
    bench->ota.bootctl.record.version = 1;
    judge_round(bench->judge, &bench->ota);
    assert_claim(bench, CLAIM_ATOMIC, "image1 runs, and its service takes it for version 1");
}

static void rest_behind_the_image_must_be_blank(void **state)
{
    struct bench *bench = *state;
    uint32_t size = bench->world.fixture.images[V2].size - IMAGE_HEADER_PAGE;
    const uint32_t places[] = {size, size + 1, layout_mzw1.app_size - 1};

    for (int i = 0; i < 3; i++) {
        install(bench, V2);
        bench->world.nvm.cells.bytes[layout_mzw1.app_offset + places[i]] = 0xFE;
        bench->judge->claim = CLAIM_NONE;
        judge_started(bench->judge, ADDRESS, judge_installed(bench->judge));
        assert_claim(bench, CLAIM_ATOMIC, "what starts is none of the images");
    }
    install(bench, V2); /* what lies behind the slot is not the image's */
    bench->world.nvm.cells.bytes[layout_mzw1.app_offset + layout_mzw1.app_size] = 0x00;
    bench->judge->claim = CLAIM_NONE;
    judge_started(bench->judge, ADDRESS, judge_installed(bench->judge));
    assert_claim(bench, CLAIM_NONE, NULL);
    assert_int_equal(bench->judge->running, V2);
}

static void mixture_of_two_images_is_none(void **state)
{
    struct bench *bench = *state;
    uint8_t *app = bench->world.nvm.cells.bytes + layout_mzw1.app_offset;

    install(bench, V1);
    memcpy(app, bench->world.fixture.images[V2].bytes + IMAGE_HEADER_PAGE, 4096);
    judge_started(bench->judge, ADDRESS, judge_installed(bench->judge));
    assert_claim(bench, CLAIM_ATOMIC, "what starts is none of the images");
}

static void blank_flash_is_none(void **state)
{
    struct bench *bench = *state;

    judge_started(bench->judge, ADDRESS, judge_installed(bench->judge));
    assert_claim(bench, CLAIM_ATOMIC, "what starts is none of the images");
}

static void only_one_address_is_jumped_to(void **state)
{
    struct bench *bench = *state;

    install(bench, V2);
    judge_started(bench->judge, ADDRESS + 4, judge_installed(bench->judge));
    assert_claim(bench, CLAIM_ATOMIC, "jumps to 0xB0021004");
}

/* --- I3 -------------------------------------------------------------------------------------- */

static void update_reported_complete_must_run_in_the_end(void **state)
{
    struct bench *bench = *state;

    bench->scenario.eventually_runs = V1;
    log_about(bench, LOG_OTA_ENTERED, 2);
    start(bench, V1);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_claim(bench, CLAIM_NO_LOST_UPDATE, "image1 was reported complete, and image0 runs");
}

static void newer_one_is_as_good(void **state)
{
    struct bench *bench = *state;

    bench->scenario.eventually_runs = V3;
    log_about(bench, LOG_OTA_ENTERED, 2);
    start(bench, V3);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_fine(bench);
}

static void reason_for_another_image_is_none(void **state)
{
    struct bench *bench = *state;

    bench->scenario.eventually_runs = V1;
    bench->scenario.images[V3].app = APP_HANG;
    log_about(bench, LOG_OTA_ENTERED, 2);
    log_about(bench, LOG_BOOT_DISABLED, 3);
    start(bench, V1);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_claim(bench, CLAIM_NO_LOST_UPDATE, NULL);
}

/* --- I4 -------------------------------------------------------------------------------------- */

static void older_image_after_a_confirmed_one_is_a_downgrade(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images[V1].security_counter = 9; /* not I5's business here */
    start_and_confirm(bench, V2);
    start(bench, V1);
    assert_claim(bench, CLAIM_NO_DOWNGRADE,
                 "image1 was confirmed, and image0 runs without a reason given");
}

static void newer_or_the_same_image_is_no_downgrade(void **state)
{
    struct bench *bench = *state;

    start_and_confirm(bench, V2);
    start(bench, V2);
    start(bench, V3);
    assert_fine(bench);
}

static void trial_that_fails_is_no_downgrade(void **state)
{
    struct bench *bench = *state;

    start_and_confirm(bench, V2);
    bench->ota.bootctl.record.status = BOOTCTL_UNBOOTED;
    bench->ota.bootctl.record.version = 3;
    start(bench, V3);
    judge_round(bench->judge, &bench->ota);
    assert_int_equal(bench->judge->confirmed, V2);
    start(bench, V2);
    assert_fine(bench);
}

/* --- I5 -------------------------------------------------------------------------------------- */

static void image_that_may_not_run_never_runs(void **state)
{
    static const char *const texts[] = {"image3 runs, and must not", "image4 runs, and must not",
                                        "image5 runs, and must not"};
    struct bench *bench = *state;

    for (int image = FOREIGN; image <= OTHER_PRODUCT; image++) {
        bench->judge->claim = CLAIM_NONE;
        start(bench, image);
        assert_claim(bench, CLAIM_AUTHORISED, texts[image - FOREIGN]);
        assert_int_equal(bench->judge->running, image);
    }
}

static void security_counter_never_goes_back(void **state)
{
    struct bench *bench = *state;

    start_and_confirm(bench, V2);
    log_about(bench, LOG_BOOT_DISABLED, 2); /* no excuse */
    start(bench, V1);
    assert_claim(bench, CLAIM_AUTHORISED, "image0 runs with security counter 1, below 2");
}

static void unconfirmed_counter_does_not_count(void **state)
{
    struct bench *bench = *state;

    start(bench, V2);
    start(bench, V1);
    assert_fine(bench);
}

/* --- I6 is the filter's; the judge keeps the first claim ----------------------------------------
 */

static void first_claim_that_fails_is_kept(void **state)
{
    struct bench *bench = *state;

    judge_fail(bench->judge, CLAIM_DATASHEET, "%s %u", "rule", 7u);
    judge_fail(bench->judge, CLAIM_TIME, "later");
    assert_true(judge_booted(bench->judge, DEVICE_STUCK));
    assert_claim(bench, CLAIM_DATASHEET, "rule 7");
}

static void failed_run_is_over_at_the_end_of_its_boot(void **state)
{
    struct bench *bench = *state;

    judge_fail(bench->judge, CLAIM_DATASHEET, "x");
    assert_true(judge_booted(bench->judge, DEVICE_RESET));
    assert_true(judge_booted(bench->judge, DEVICE_CUT));
}

/* --- I7 -------------------------------------------------------------------------------------- */

static void wear_over_the_limit_fails_with_unit_and_count(void **state)
{
    struct bench *bench = *state;

    start(bench, V2);
    bench->world.wear_base[256 + 1023] = 100;
    bench->world.spi.cells.units[1023].erases = 103;
    bench->world.nvm.cells.units[0].erases = 3;
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_fine(bench);
    bench->world.spi.cells.units[1023].erases = 104;
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_claim(bench, CLAIM_WEAR, "spi unit 1023 was erased 4 times, limit 3");
}

static void wear_of_the_internal_flash_counts_too(void **state)
{
    struct bench *bench = *state;

    start(bench, V2);
    bench->world.nvm.cells.units[32].erases = 4;
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_claim(bench, CLAIM_WEAR, "nvm unit 32 was erased 4 times, limit 3");
}

/* A device that has nothing left to start has had its flash worn all the same. */
static void wear_counts_where_nothing_should_run(void **state)
{
    struct bench *bench = *state;

    bench->scenario.is_stuck_expected = true;
    bench->world.nvm.cells.units[32].erases = 4;
    assert_true(judge_booted(bench->judge, DEVICE_STUCK));
    assert_claim(bench, CLAIM_WEAR, "nvm unit 32 was erased 4 times, limit 3");
}

/* --- I8 -------------------------------------------------------------------------------------- */

static void time_limit_is_a_verdict(void **state)
{
    struct bench *bench = *state;

    start(bench, V2);
    assert_true(judge_booted(bench->judge, DEVICE_TIME));
    assert_claim(bench, CLAIM_TIME, "not settled after 60 s, with image1 running");
}

static void operations_are_counted(void **state)
{
    struct bench *bench = *state;
    const struct power_operation operation = {.number = 1,
                                              .kind = POWER_PROGRAM,
                                              .power = &bench->world.device.nvm_power,
                                              .offset = 8,
                                              .size = 8};

    for (int i = 0; i < 5; i++)
        judge_operation(bench->judge, &operation);
    assert_int_equal(bench->judge->operations, 5);
}

/* --- the scenario's claims -------------------------------------------------------------------- */

static void always_is_checked_at_each_start(void **state)
{
    struct bench *bench = *state;

    bench->scenario.always_runs = 1u << V1 | 1u << V2;
    start(bench, V1);
    start(bench, V2);
    assert_fine(bench);
    start(bench, V3);
    assert_claim(bench, CLAIM_ALWAYS, "image2 runs");
}

static void eventually_is_checked_at_the_end(void **state)
{
    struct bench *bench = *state;

    start(bench, V3);
    assert_false(judge_booted(bench->judge, DEVICE_RESET));
    assert_fine(bench);
    start(bench, V3);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_claim(bench, CLAIM_EVENTUALLY, "image2 runs, not image1");
}

static void run_that_is_as_it_should_be_passes(void **state)
{
    struct bench *bench = *state;

    start_and_confirm(bench, V1);
    log_about(bench, LOG_OTA_ENTERED, 2);
    assert_false(judge_booted(bench->judge, DEVICE_RESET));
    start_and_confirm(bench, V2);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_fine(bench);
}

static void marks_are_set_by_what_happens(void **state)
{
    struct bench *bench = *state;
    const struct power_operation erase = {.number = 1, .kind = POWER_ERASE};
    const struct power_operation program = {.number = 2, .kind = POWER_PROGRAM};

    bench->scenario.sometimes_count = 4;
    assert_true(scenario_mark_parse("ota.restart", &bench->scenario.sometimes[0]));
    assert_true(scenario_mark_parse("cut.erase.weak", &bench->scenario.sometimes[1]));
    assert_true(scenario_mark_parse("cut.program.inside", &bench->scenario.sometimes[2]));
    assert_true(scenario_mark_parse("cut.erase.reads-otherwise", &bench->scenario.sometimes[3]));
    log_about(bench, LOG_OTA_CHECK, 0);
    judge_cut(bench->judge, &erase, POWER_AFTER);
    judge_cut(bench->judge, &program, POWER_WEAK);
    assert_int_equal(bench->judge->marks, 0);
    log_about(bench, LOG_OTA_RESTART, 0);
    assert_int_equal(bench->judge->marks, 1);
    judge_cut(bench->judge, &erase, POWER_WEAK);
    assert_int_equal(bench->judge->marks, 3);
    judge_cut(bench->judge, &program, POWER_INSIDE);
    assert_int_equal(bench->judge->marks, 7);
    judge_read_otherwise(bench->judge);
    assert_int_equal(bench->judge->marks, 15);
}

/* --- stages and rest ---------------------------------------------------------------------------
 */

static void next_stage_comes_when_its_image_is_confirmed(void **state)
{
    struct bench *bench = *state;

    scene_stage(&bench->scenario, -1);
    scene_stage(&bench->scenario, V2);
    scene_stage(&bench->scenario, V3);
    assert_false(judge_turn_stage(bench->judge));
    start_and_confirm(bench, V1);
    assert_false(judge_turn_stage(bench->judge));
    start(bench, V2);
    assert_false(judge_turn_stage(bench->judge));
    confirm(bench);
    assert_true(judge_turn_stage(bench->judge));
    assert_int_equal(bench->judge->stage, 1);
    assert_false(judge_turn_stage(bench->judge));
    start_and_confirm(bench, V3);
    assert_true(judge_turn_stage(bench->judge));
    assert_false(judge_turn_stage(bench->judge));
    assert_int_equal(bench->judge->stage, 2);
}

static void make_rested(struct bench *bench)
{
    bench->ota.bootctl.has_record = true;
    bench->ota.bootctl.record.status = BOOTCTL_VALID;
    bench->ota.checks = 1;
    bench->ota.state = OTA_STATE_WAIT;
    judge_event(bench->judge, OTA_EVENT_CHECK_START);
    judge_event(bench->judge, OTA_EVENT_NOT_AVAILABLE);
}

static void run_is_at_rest_when_confirmed_answered_and_idle(void **state)
{
    struct bench *bench = *state;

    make_rested(bench);
    assert_true(judge_is_settled(bench->judge, &bench->ota));
    bench->ota.bootctl.record.status = BOOTCTL_UNBOOTED;
    assert_false(judge_is_settled(bench->judge, &bench->ota));
    make_rested(bench);
    bench->ota.state = OTA_STATE_DOWNLOAD;
    assert_false(judge_is_settled(bench->judge, &bench->ota));
    make_rested(bench);
    bench->ota.checks = 0; /* of this power session */
    assert_false(judge_is_settled(bench->judge, &bench->ota));
}

/* A check that was asked of the stage before says nothing about this one. */
static void answer_of_the_stage_before_does_not_count(void **state)
{
    struct bench *bench = *state;

    scene_stage(&bench->scenario, -1);
    scene_stage(&bench->scenario, V2);
    start(bench, V2);
    judge_event(bench->judge, OTA_EVENT_CHECK_START);
    confirm(bench);
    assert_true(judge_turn_stage(bench->judge));
    judge_event(bench->judge, OTA_EVENT_NOT_AVAILABLE);
    bench->ota.checks = 1;
    bench->ota.state = OTA_STATE_WAIT;
    assert_false(judge_is_settled(bench->judge, &bench->ota));
    judge_event(bench->judge, OTA_EVENT_CHECK_START);
    judge_event(bench->judge, OTA_EVENT_NOT_AVAILABLE);
    assert_true(judge_is_settled(bench->judge, &bench->ota));
}

static void trace_tells_any_difference(void **state)
{
    struct bench *bench = *state;
    struct judge *judge = bench->judge;
    struct power_operation operation = {.number = 1,
                                        .kind = POWER_PROGRAM,
                                        .power = &bench->world.device.nvm_power,
                                        .offset = 8,
                                        .size = 8};
    uint64_t traces[8];

    for (int i = 0; i < 8; i++) {
        struct power_operation changed = operation;
        const uint32_t args[3] = {1, i == 6, 0};
        judge->trace = 0;
        changed.kind = i == 1 ? POWER_ERASE : POWER_PROGRAM;
        changed.power = i == 2 ? &bench->world.device.spi_power : &bench->world.device.nvm_power;
        changed.offset = i == 3 ? 16 : 8;
        changed.size = i == 4 ? 16 : 8;
        judge_operation(judge, &changed);
        judge_log(judge, i == 5 ? LOG_OTA_CHECK : LOG_OTA_RESET, args);
        install(bench, i == 7 ? V2 : V1);
        judge_started(judge, ADDRESS, judge_installed(judge));
        traces[i] = judge->trace;
        for (int j = 0; j < i; j++)
            assert_true(traces[i] != traces[j]);
    }
}

static void every_claim_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < CLAIM_COUNT; i++)
        assert_true(strlen(judge_claim_name((enum judge_claim)i)) > 3);
    assert_string_equal(judge_claim_name(CLAIM_NEVER_BRICKED), "never bricked (I1)");
    assert_string_equal(judge_claim_name(CLAIM_TIME), "bounded time (I8)");
    assert_string_equal(judge_claim_name(CLAIM_FIRED), "every declared cut fires");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(stuck_bootloader_is_bricked),
        TEST(stuck_bootloader_is_fine_where_it_is_expected),
        TEST(device_that_runs_where_it_must_not_fails),
        TEST(endless_resets_before_any_start_are_bricked),
        TEST(endless_resets_of_an_application_do_not_settle),
        TEST(last_boot_of_the_budget_may_settle),
        TEST(cut_begins_a_new_boot_budget_and_is_no_boot),
        TEST(every_byte_of_what_runs_counts),
        TEST(service_must_know_what_runs),
        TEST(rest_behind_the_image_must_be_blank),
        TEST(mixture_of_two_images_is_none),
        TEST(blank_flash_is_none),
        TEST(only_one_address_is_jumped_to),
        TEST(update_reported_complete_must_run_in_the_end),
        TEST(newer_one_is_as_good),
        TEST(reason_for_another_image_is_none),
        TEST(older_image_after_a_confirmed_one_is_a_downgrade),
        TEST(newer_or_the_same_image_is_no_downgrade),
        TEST(trial_that_fails_is_no_downgrade),
        TEST(image_that_may_not_run_never_runs),
        TEST(security_counter_never_goes_back),
        TEST(unconfirmed_counter_does_not_count),
        TEST(first_claim_that_fails_is_kept),
        TEST(failed_run_is_over_at_the_end_of_its_boot),
        TEST(wear_over_the_limit_fails_with_unit_and_count),
        TEST(wear_of_the_internal_flash_counts_too),
        TEST(wear_counts_where_nothing_should_run),
        TEST(time_limit_is_a_verdict),
        TEST(operations_are_counted),
        TEST(always_is_checked_at_each_start),
        TEST(eventually_is_checked_at_the_end),
        TEST(run_that_is_as_it_should_be_passes),
        TEST(marks_are_set_by_what_happens),
        TEST(next_stage_comes_when_its_image_is_confirmed),
        TEST(run_is_at_rest_when_confirmed_answered_and_idle),
        TEST(answer_of_the_stage_before_does_not_count),
        TEST(trace_tells_any_difference),
        TEST(every_claim_has_a_name),
    };

    return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
