/*
 * What excuses a lost update (I3) or a downgrade (I4): only a reason that is true of that image,
 * and only damage that took all copies of it. Each excuse is shown next to its lie.
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

enum { V1, V2, V3 };

struct bench {
    struct scenario scenario;
    struct world world;
    struct server server;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    scene_init(&bench->scenario);
    for (uint32_t version = 1; version <= 3; version++)
        scene_image(&bench->scenario, version);
    bench->scenario.eventually_runs = V1;
    assert_int_equal(world_init(&bench->world, &bench->scenario), OTA_OK);
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

static void begin(struct bench *bench)
{
    const struct device_observer nobody = {0};

    world_begin(&bench->world, &bench->server, &nobody);
}

static void say(struct bench *bench, enum log_event event, uint32_t version)
{
    const uint32_t args[3] = {version, 0, 0};

    judge_log(&bench->world.judge, event, args);
}

static void start(struct bench *bench, int image)
{
    uint8_t *app = bench->world.nvm.cells.bytes + layout_mzw1.app_offset;
    const struct fixture_image *made = &bench->world.fixture.images[image];

    memset(app, 0xFF, layout_mzw1.app_size);
    memcpy(app, made->bytes + IMAGE_HEADER_PAGE, made->size - IMAGE_HEADER_PAGE);
    judge_started(&bench->world.judge, layout_mzw1.boot_address,
                  judge_installed(&bench->world.judge));
}

static void confirm(struct bench *bench)
{
    static struct ota ota;

    ota.bootctl.has_record = true;
    ota.bootctl.record.status = BOOTCTL_VALID;
    ota.bootctl.record.version = bench->scenario.images[bench->world.judge.running].version;
    judge_round(&bench->world.judge, &ota);
}

static void assert_claim(struct bench *bench, enum judge_claim claim)
{
    assert_string_equal(judge_claim_name(bench->world.judge.claim), judge_claim_name(claim));
}

/* Version 2 was complete, something is said, and version 1 runs in the end. */
static void end_with_first(struct bench *bench, enum log_event event, uint32_t version,
                           enum judge_claim claim)
{
    begin(bench);
    say(bench, LOG_OTA_ENTERED, 2);
    for (uint32_t i = 0; i < bench->scenario.damage_count; i++)
        judge_damaged(&bench->world.judge, i);
    say(bench, event, version);
    start(bench, V1);
    assert_true(judge_booted(&bench->world.judge, DEVICE_DONE));
    assert_claim(bench, claim);
}

static void ask(struct bench *bench, enum ota_request request, uint32_t version)
{
    bench->scenario.app.requests[bench->scenario.app.request_count++] =
        (struct scenario_request){.request = request, .version = version};
}

static void only_an_image_that_misbehaves_is_given_up_after_trials(void **state)
{
    struct bench *bench = *state;

    end_with_first(bench, LOG_BOOT_DISABLED, 2, CLAIM_NO_LOST_UPDATE);
    bench->scenario.images[V2].app = APP_CRASH_LATER;
    end_with_first(bench, LOG_BOOT_DISABLED, 2, CLAIM_NONE);
}

static void only_an_image_that_may_not_run_is_refused(void **state)
{
    struct bench *bench = *state;

    end_with_first(bench, LOG_BOOT_REFUSED, 2, CLAIM_NO_LOST_UPDATE);
    bench->world.fixture.images[V2].may_run = false;
    end_with_first(bench, LOG_BOOT_REFUSED, 2, CLAIM_NONE);
    end_with_first(bench, LOG_BOOT_REFUSED, 3, CLAIM_NO_LOST_UPDATE);
}

static void only_a_damaged_file_is_refused(void **state)
{
    struct bench *bench = *state;

    bench->scenario.damage_count = 1;
    bench->scenario.damages[0] =
        (struct scenario_damage){.target = DAMAGE_IMAGE, .how = DAMAGE_FLIP, .image = V3};
    end_with_first(bench, LOG_BOOT_REFUSED, 2, CLAIM_NO_LOST_UPDATE);
    bench->scenario.damages[0].image = V2;
    end_with_first(bench, LOG_BOOT_REFUSED, 2, CLAIM_NONE);
}

static void only_a_counter_below_the_floor_is_refused(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images[V1].security_counter = 5;
    bench->scenario.images[V2].security_counter = 5;
    end_with_first(bench, LOG_BOOT_REFUSED, 2, CLAIM_NO_LOST_UPDATE);
    bench->scenario.images[V2].security_counter = 4;
    end_with_first(bench, LOG_BOOT_REFUSED, 2, CLAIM_NONE);
}

static void only_what_was_asked_for_is_erased(void **state)
{
    struct bench *bench = *state;

    end_with_first(bench, LOG_OTA_ERASED, 2, CLAIM_NO_LOST_UPDATE);
    ask(bench, OTA_REQUEST_ERASE, 3);
    end_with_first(bench, LOG_OTA_ERASED, 2, CLAIM_NO_LOST_UPDATE);
    ask(bench, OTA_REQUEST_ERASE, 2);
    end_with_first(bench, LOG_OTA_ERASED, 2, CLAIM_NONE);
}

static void what_the_manifest_erases_is_excused(void **state)
{
    struct bench *bench = *state;

    scene_stage(&bench->scenario, -1);
    struct scenario_offer *offer = scene_offer(&bench->scenario, -1);
    offer->is_erase = true;
    offer->version = 3;
    end_with_first(bench, LOG_OTA_ERASED, 2, CLAIM_NO_LOST_UPDATE);
    offer->version = 2;
    end_with_first(bench, LOG_OTA_ERASED, 2, CLAIM_NONE);
}

static void nobody_rolls_back_unasked(void **state)
{
    struct bench *bench = *state;

    end_with_first(bench, LOG_OTA_ROLLBACK, 2, CLAIM_NO_LOST_UPDATE);
    ask(bench, OTA_REQUEST_ROLLBACK, 0);
    end_with_first(bench, LOG_OTA_ROLLBACK, 2, CLAIM_NONE);
}

static void nobody_resets_to_the_factory_image_unasked(void **state)
{
    struct bench *bench = *state;

    end_with_first(bench, LOG_BOOT_FACTORY_RESET, 0, CLAIM_NO_LOST_UPDATE);
    end_with_first(bench, LOG_OTA_FACTORY_RESET, 0, CLAIM_NO_LOST_UPDATE);
    bench->scenario.is_factory_pin_held = true;
    end_with_first(bench, LOG_BOOT_FACTORY_RESET, 0, CLAIM_NONE);
    bench->scenario.is_factory_pin_held = false;
    ask(bench, OTA_REQUEST_FACTORY_RESET, 0);
    end_with_first(bench, LOG_OTA_FACTORY_RESET, 0, CLAIM_NONE);
}

static void install_that_fails_is_no_excuse(void **state)
{
    end_with_first(*state, LOG_BOOT_INSTALL_FAILED, 2, CLAIM_NO_LOST_UPDATE);
}

static void waiting_download_is_as_good_as_reported(void **state)
{
    struct bench *bench = *state;

    bench->scenario.downloaded_count = 1;
    bench->scenario.downloaded[0] = V2;
    begin(bench);
    start(bench, V1);
    assert_true(judge_booted(&bench->world.judge, DEVICE_DONE));
    assert_claim(bench, CLAIM_NO_LOST_UPDATE);
}

static void waiting_download_that_is_damaged_is_not_waited_for(void **state)
{
    struct bench *bench = *state;

    bench->scenario.downloaded_count = 1;
    bench->scenario.downloaded[0] = V2;
    bench->scenario.damage_count = 1;
    bench->scenario.damages[0] =
        (struct scenario_damage){.target = DAMAGE_IMAGE, .how = DAMAGE_FLIP, .image = V2};
    begin(bench);
    start(bench, V1);
    assert_true(judge_booted(&bench->world.judge, DEVICE_DONE));
    assert_claim(bench, CLAIM_NONE);
}

static void swapped_file_is_damaged_and_no_other(void **state)
{
    struct bench *bench = *state;

    bench->scenario.damage_count = 1;
    bench->scenario.damages[0] = (struct scenario_damage){
        .target = DAMAGE_IMAGE, .how = DAMAGE_SWAP, .image = V3, .with = V1};
    end_with_first(bench, LOG_BOOT_REFUSED, 2, CLAIM_NO_LOST_UPDATE);
    bench->scenario.damages[0].with = V2;
    end_with_first(bench, LOG_BOOT_REFUSED, 2, CLAIM_NONE);
}

/* What was damaged and has come once more is as good as any. */
static void image_that_was_entered_anew_is_not_excused(void **state)
{
    struct bench *bench = *state;

    bench->scenario.damage_count = 1;
    bench->scenario.damages[0] =
        (struct scenario_damage){.target = DAMAGE_IMAGE, .how = DAMAGE_FLIP, .image = V2};
    begin(bench);
    say(bench, LOG_OTA_ENTERED, 2);
    say(bench, LOG_BOOT_REFUSED, 2);
    start(bench, V1);
    assert_true(judge_booted(&bench->world.judge, DEVICE_DONE));
    assert_claim(bench, CLAIM_NO_LOST_UPDATE);
}

static void one_of_two_that_wait_is_damaged(void **state)
{
    struct bench *bench = *state;

    bench->scenario.downloaded_count = 2;
    bench->scenario.downloaded[0] = V2;
    bench->scenario.downloaded[1] = V3;
    bench->scenario.damage_count = 1;
    bench->scenario.damages[0] =
        (struct scenario_damage){.target = DAMAGE_IMAGE, .how = DAMAGE_FLIP, .image = V3};
    begin(bench);
    assert_int_equal(bench->world.judge.entered, V2);
}

/* A row that is dropped says that its file is gone; which excuses when nothing holds the image. */
static void lost_copy_is_a_reason_when_it_was_the_only_one(void **state)
{
    struct bench *bench = *state;

    for (int holds = 0; holds < 2; holds++)
        for (int lost = 0; lost < 2; lost++) {
            bench->scenario.installed_count = 1;
            bench->scenario.installed[0] = V2;
            bench->scenario.damage_count = (uint32_t)lost;
            bench->scenario.damages[0] =
                (struct scenario_damage){.target = DAMAGE_IMAGE, .how = DAMAGE_REMOVE, .image = V2};
            begin(bench);
            start(bench, holds ? V2 : V3);
            say(bench, LOG_STORE_DROPPED, 2);
            start(bench, V1);
            assert_claim(bench, lost && !holds ? CLAIM_NONE : CLAIM_NO_DOWNGRADE);
        }
}

/* Version 2 was confirmed before the damage, and version 1 starts. */
static void damage_one(struct bench *bench, enum damage_target first, enum damage_target second,
                       enum judge_claim claim)
{
    bench->scenario.installed_count = 1;
    bench->scenario.installed[0] = V2;
    bench->scenario.damage_count = 2;
    bench->scenario.damages[0] = (struct scenario_damage){first, DAMAGE_FLIP, .image = V2};
    bench->scenario.damages[1] = (struct scenario_damage){second, DAMAGE_FLIP, .image = V2};
    begin(bench);
    start(bench, V1);
    assert_claim(bench, claim);
}

static void damage_of_one_copy_is_no_excuse_for_a_downgrade(void **state)
{
    struct bench *bench = *state;

    damage_one(bench, DAMAGE_PROGRAM_FLASH, DAMAGE_BOOT_CONTROL, CLAIM_NO_DOWNGRADE);
    damage_one(bench, DAMAGE_PROGRAM_FLASH, DAMAGE_DATABASE, CLAIM_NO_DOWNGRADE);
    damage_one(bench, DAMAGE_IMAGE, DAMAGE_FILE_SYSTEM, CLAIM_NO_DOWNGRADE);
    damage_one(bench, DAMAGE_PROGRAM_FLASH, DAMAGE_FACTORY, CLAIM_NO_DOWNGRADE);
}

static void damage_of_both_copies_is_one(void **state)
{
    struct bench *bench = *state;

    damage_one(bench, DAMAGE_PROGRAM_FLASH, DAMAGE_IMAGE, CLAIM_NONE);
    damage_one(bench, DAMAGE_PROGRAM_FLASH, DAMAGE_FILE_SYSTEM, CLAIM_NONE);
    damage_one(bench, DAMAGE_BOOT_CONTROL, DAMAGE_IMAGE, CLAIM_NONE);
}

/* Rows that say that all was given up are believed where boot control knows nothing better. */
static void disabled_row_counts_only_without_boot_control(void **state)
{
    struct bench *bench = *state;

    damage_one(bench, DAMAGE_BOOT_CONTROL, DAMAGE_DATABASE, CLAIM_NO_DOWNGRADE);
    bench->scenario.damages[1].how = DAMAGE_DISABLE;
    begin(bench);
    start(bench, V1);
    assert_claim(bench, CLAIM_NONE);
    bench->scenario.damages[0].target = DAMAGE_FACTORY;
    begin(bench);
    start(bench, V1);
    assert_claim(bench, CLAIM_NO_DOWNGRADE);
}

static void damage_that_is_healed_excuses_no_more(void **state)
{
    struct bench *bench = *state;

    damage_one(bench, DAMAGE_PROGRAM_FLASH, DAMAGE_IMAGE, CLAIM_NONE);
    start(bench, V2);
    confirm(bench);
    start(bench, V1);
    assert_claim(bench, CLAIM_NO_DOWNGRADE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(only_an_image_that_misbehaves_is_given_up_after_trials),
        TEST(only_an_image_that_may_not_run_is_refused),
        TEST(only_a_damaged_file_is_refused),
        TEST(only_a_counter_below_the_floor_is_refused),
        TEST(only_what_was_asked_for_is_erased),
        TEST(what_the_manifest_erases_is_excused),
        TEST(nobody_rolls_back_unasked),
        TEST(nobody_resets_to_the_factory_image_unasked),
        TEST(install_that_fails_is_no_excuse),
        TEST(waiting_download_is_as_good_as_reported),
        TEST(waiting_download_that_is_damaged_is_not_waited_for),
        TEST(swapped_file_is_damaged_and_no_other),
        TEST(image_that_was_entered_anew_is_not_excused),
        TEST(one_of_two_that_wait_is_damaged),
        TEST(lost_copy_is_a_reason_when_it_was_the_only_one),
        TEST(damage_of_one_copy_is_no_excuse_for_a_downgrade),
        TEST(damage_of_both_copies_is_one),
        TEST(disabled_row_counts_only_without_boot_control),
        TEST(damage_that_is_healed_excuses_no_more),
    };

    return cmocka_run_group_tests_name("judge_excuse", tests, NULL, NULL);
}
