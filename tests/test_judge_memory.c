/* What the judge must remember from one power session to the next, and what it must forget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/world.h"
#include "tests/scene.h"

struct bench {
    struct scenario scenario;
    struct world world;
    struct judge *judge;
    struct server server;
    struct ota ota;
};

static int setup(void **state)
{
    const struct device_observer nobody = {0};
    struct bench *bench = calloc(1, sizeof *bench);

    scene_update(&bench->scenario);
    bench->scenario.within_boots = 4;
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

static void start(struct bench *bench, int image, enum bootctl_status status)
{
    const struct fixture_image *made = &bench->world.fixture.images[image];
    uint8_t *app = bench->world.nvm.cells.bytes + layout_mzw1.app_offset;

    memset(app, 0xFF, layout_mzw1.app_size);
    memcpy(app, made->bytes + IMAGE_HEADER_PAGE, made->size - IMAGE_HEADER_PAGE);
    judge_started(bench->judge, layout_mzw1.boot_address, judge_installed(bench->judge));
    bench->ota.bootctl.has_record = true;
    bench->ota.bootctl.record.status = status;
    bench->ota.bootctl.record.version = bench->scenario.images[image].version;
    judge_round(bench->judge, &bench->ota);
}

static void log_about(struct bench *bench, enum log_event event, uint32_t version)
{
    const uint32_t args[3] = {version, 0, 0};

    judge_log(bench->judge, event, args);
}

static void cut(struct bench *bench)
{
    const struct power_operation operation = {.number = 1, .kind = POWER_ERASE};

    judge_cut(bench->judge, &operation, POWER_INSIDE);
}

static void assert_claim(const struct bench *bench, enum judge_claim claim, const char *text)
{
    assert_string_equal(judge_claim_name(bench->judge->claim), judge_claim_name(claim));
    assert_string_equal(bench->judge->text, text);
}

static void device_that_starts_nothing_after_a_cut_is_bricked_whatever_ran_before(void **state)
{
    struct bench *bench = *state;

    start(bench, 0, BOOTCTL_VALID);
    cut(bench);
    for (int i = 0; i < 3; i++)
        assert_false(judge_booted(bench->judge, DEVICE_RESET));
    assert_true(judge_booted(bench->judge, DEVICE_RESET));
    assert_claim(bench, CLAIM_NEVER_BRICKED, "not settled after 4 boots, with nothing running");
}

static void what_was_confirmed_is_remembered_over_a_cut(void **state)
{
    struct bench *bench = *state;

    start(bench, 1, BOOTCTL_VALID);
    cut(bench);
    start(bench, 0, BOOTCTL_VALID);
    assert_claim(bench, CLAIM_NO_DOWNGRADE,
                 "image1 was confirmed, and image0 runs without a reason given");
}

static void update_reported_complete_is_remembered_over_a_cut(void **state)
{
    struct bench *bench = *state;

    start(bench, 0, BOOTCTL_VALID);
    log_about(bench, LOG_OTA_ENTERED, 2);
    cut(bench);
    start(bench, 0, BOOTCTL_VALID);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_claim(bench, CLAIM_NO_LOST_UPDATE, "image1 was reported complete, and image0 runs");
}

/* Disabled, but the cut took the word away; then it was confirmed: the reason is used up. */
static void confirmation_ends_what_was_said_against_an_image(void **state)
{
    struct bench *bench = *state;

    start(bench, 1, BOOTCTL_UNBOOTED);
    log_about(bench, LOG_BOOT_DISABLED, 2);
    cut(bench);
    start(bench, 1, BOOTCTL_VALID);
    start(bench, 0, BOOTCTL_VALID);
    assert_claim(bench, CLAIM_NO_DOWNGRADE,
                 "image1 was confirmed, and image0 runs without a reason given");
}

/* Erased on request, and downloaded again since: it must come. */
static void new_download_ends_what_was_said_against_an_image(void **state)
{
    struct bench *bench = *state;

    start(bench, 0, BOOTCTL_VALID);
    log_about(bench, LOG_OTA_ERASED, 2);
    log_about(bench, LOG_OTA_ENTERED, 2);
    start(bench, 0, BOOTCTL_VALID);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_claim(bench, CLAIM_NO_LOST_UPDATE, "image1 was reported complete, and image0 runs");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(device_that_starts_nothing_after_a_cut_is_bricked_whatever_ran_before),
        TEST(what_was_confirmed_is_remembered_over_a_cut),
        TEST(update_reported_complete_is_remembered_over_a_cut),
        TEST(confirmation_ends_what_was_said_against_an_image),
        TEST(new_download_ends_what_was_said_against_an_image),
    };

    return cmocka_run_group_tests_name("judge_memory", tests, NULL, NULL);
}
