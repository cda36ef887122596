/* When a run has come to rest, and when it only seems so: what test_judge.c has no room for. */
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

enum { V1, V2 };

struct bench {
    struct scenario scenario;
    struct world world;
    struct judge *judge;
    struct server server;
    struct ota ota; /* as the judge sees the running application */
};

static int setup(void **state)
{
    const struct device_observer nobody = {0};
    struct bench *bench = calloc(1, sizeof *bench);

    scene_update(&bench->scenario);
    bench->scenario.eventually_runs = V1;
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

static void put(struct bench *bench, int image)
{
    uint8_t *app = bench->world.nvm.cells.bytes + layout_mzw1.app_offset;
    const struct fixture_image *made = &bench->world.fixture.images[image];

    memset(app, 0xFF, layout_mzw1.app_size);
    memcpy(app, made->bytes + IMAGE_HEADER_PAGE, made->size - IMAGE_HEADER_PAGE);
}

static void start(struct bench *bench, int image)
{
    put(bench, image);
    judge_started(bench->judge, ADDRESS, judge_installed(bench->judge));
}

static void log_about(struct bench *bench, enum log_event event, uint32_t version)
{
    const uint32_t args[3] = {version, 0, 0};

    judge_log(bench->judge, event, args);
}

static void answer(struct bench *bench)
{
    judge_event(bench->judge, OTA_EVENT_CHECK_START);
    judge_event(bench->judge, OTA_EVENT_NOT_AVAILABLE);
}

static void rest(struct bench *bench)
{
    bench->ota.bootctl.has_record = true;
    bench->ota.bootctl.record.status = BOOTCTL_VALID;
    bench->ota.checks = 1;
    bench->ota.state = OTA_STATE_WAIT;
    answer(bench);
    assert_true(judge_is_settled(bench->judge, &bench->ota));
}

static void after_an_abort_the_next_answer_counts(void **state)
{
    struct bench *bench = *state;

    rest(bench);
    log_about(bench, LOG_OTA_ABORTED, 0);
    assert_false(judge_is_settled(bench->judge, &bench->ota));
    answer(bench);
    assert_true(judge_is_settled(bench->judge, &bench->ota));
}

static void after_a_refusal_the_next_answer_counts(void **state)
{
    struct bench *bench = *state;

    rest(bench);
    log_about(bench, LOG_OTA_REFUSED, 2);
    assert_false(judge_is_settled(bench->judge, &bench->ota));
    answer(bench);
    assert_true(judge_is_settled(bench->judge, &bench->ota));
}

static void network_that_never_lets_in_is_waited_for(void **state)
{
    struct bench *bench = *state;
    struct scenario_network *network = &bench->scenario.network;

    rest(bench);
    bench->ota.state = OTA_STATE_WAIT;
    bench->ota.checks = 0;
    bench->ota.is_without_link = true;
    assert_false(judge_is_settled(bench->judge, &bench->ota));
    network->has_link = true;
    strcpy(network->ssid, "plant");
    strcpy(network->air.ssid, "plant");
    assert_false(judge_is_settled(bench->judge, &bench->ota));
    strcpy(network->air.passphrase, "another one");
    assert_true(judge_is_settled(bench->judge, &bench->ota));
    strcpy(network->passphrase, "another one");
    strcpy(network->air.ssid, "office");
    assert_true(judge_is_settled(bench->judge, &bench->ota));
    bench->ota.is_without_link = false;
    assert_false(judge_is_settled(bench->judge, &bench->ota));
}

static void requests_are_counted_by_the_hour_of_a_boot(void **state)
{
    struct bench *bench = *state;

    bench->scenario.requests_max = 3;
    judge_stage(bench->judge, 100, 5000);
    judge_requests(bench->judge, 103, 5000 + 3599999);
    judge_requests(bench->judge, 103, 5000 + 3600000);
    judge_requests(bench->judge, 106, 5000 + 3600001);
    assert_int_equal(bench->judge->claim, CLAIM_NONE);
    judge_stage(bench->judge, 106, 5000 + 3600002);
    judge_requests(bench->judge, 109, 5000 + 3600002);
    assert_int_equal(bench->judge->claim, CLAIM_NONE);
    judge_requests(bench->judge, 110, 5000 + 3600003);
    assert_int_equal(bench->judge->claim, CLAIM_TIME);
    assert_string_equal(bench->judge->text, "4 requests to the server within an hour, limit 3");
}

static void any_number_of_requests_is_fine_without_a_limit(void **state)
{
    struct bench *bench = *state;

    judge_stage(bench->judge, 0, 0);
    judge_requests(bench->judge, 1000000, 1);
    assert_int_equal(bench->judge->claim, CLAIM_NONE);
}

static void manifest_that_is_refused_is_borne(void **state)
{
    struct bench *bench = *state;

    start(bench, V1);
    rest(bench);
    bench->ota.state = OTA_STATE_WAIT;
    bench->ota.checks = 0;
    bench->ota.failures = JUDGE_FAILURES;
    assert_false(judge_is_settled(bench->judge, &bench->ota));
    bench->scenario.stages[0].manifest[0] = '{';
    assert_true(judge_is_settled(bench->judge, &bench->ota));
    bench->ota.failures--;
    assert_false(judge_is_settled(bench->judge, &bench->ota));
}

static void update_that_waits_for_the_reset_is_not_lost(void **state)
{
    struct bench *bench = *state;

    log_about(bench, LOG_OTA_ENTERED, 2);
    log_about(bench, LOG_OTA_READY, 2);
    start(bench, V1);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_string_equal(bench->judge->text, "");
}

static void update_is_lost_when_the_next_start_passes_over_it(void **state)
{
    struct bench *bench = *state;

    log_about(bench, LOG_OTA_ENTERED, 2);
    log_about(bench, LOG_OTA_READY, 2);
    log_about(bench, LOG_BOOT_START, 0);
    start(bench, V1);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_int_equal(bench->judge->claim, CLAIM_NO_LOST_UPDATE);
}

static void the_store_is_looked_at_in_the_end(void **state)
{
    struct bench *bench = *state;

    bench->scenario.has_stored = true;
    start(bench, V1);
    assert_true(judge_booted(bench->judge, DEVICE_DONE));
    assert_int_equal(bench->judge->claim, CLAIM_EVENTUALLY);
    assert_string_equal(bench->judge->text, "the store does not mount");
}

/* Each bit of the image counts, and each behind it. */
static void installed_is_what_program_flash_holds_bit_for_bit(void **state)
{
    struct bench *bench = *state;
    uint8_t *app = bench->world.nvm.cells.bytes + layout_mzw1.app_offset;
    uint32_t size = bench->world.fixture.images[V2].size - IMAGE_HEADER_PAGE;
    const uint32_t places[] = {0, size / 2, size - 1, size, layout_mzw1.app_size - 1};

    assert_int_equal(judge_installed(bench->judge), -1);
    for (int image = V1; image <= V2; image++) {
        put(bench, image);
        assert_int_equal(judge_installed(bench->judge), image);
    }
    for (uint32_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        app[places[i]] ^= 0x10;
        assert_int_equal(judge_installed(bench->judge), -1);
        app[places[i]] ^= 0x10;
        assert_int_equal(judge_installed(bench->judge), V2);
    }
    app[layout_mzw1.app_size] ^= 0x10; /* not the application's */
    assert_int_equal(judge_installed(bench->judge), V2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(installed_is_what_program_flash_holds_bit_for_bit),
        TEST(after_an_abort_the_next_answer_counts),
        TEST(after_a_refusal_the_next_answer_counts),
        TEST(network_that_never_lets_in_is_waited_for),
        TEST(requests_are_counted_by_the_hour_of_a_boot),
        TEST(any_number_of_requests_is_fine_without_a_limit),
        TEST(manifest_that_is_refused_is_borne),
        TEST(update_that_waits_for_the_reset_is_not_lost),
        TEST(update_is_lost_when_the_next_start_passes_over_it),
        TEST(the_store_is_looked_at_in_the_end),
    };

    return cmocka_run_group_tests_name("judge_rest", tests, NULL, NULL);
}
