/*
 * The service and what it stands on: confirmation and trial, a store that is lost, full or does not
 * take a write, and the power that goes in the middle of an update.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/rig.h"

#define CODE 20000

static struct ota_config config;
static char manifest[2][512];

static int set_up(void **state)
{
    if (rig_setup(state))
        return -1;
    config = ota_config_default;
    strcpy(config.manifest_url, RIG_MANIFEST_URL);
    rig_format(*state);
    return 0;
}

static void run_image(struct rig *rig, const struct rig_image *image, enum bootctl_status status)
{
    rig_store(rig, image, status == BOOTCTL_VALID ? BOOTCTL_VALID : BOOTCTL_DOWNLOADED);
    rig_install(rig, image, BOOTCTL_PRODUCTION, status);
}

static enum ota_err start(struct rig *rig)
{
    rig_power_on(rig);
    assert_int_equal(flash_unlock(rig->hal.nvm), OTA_OK);
    flash_protect(rig->hal.nvm, layout_mzw1.bootctl_offset, layout_mzw1.app_offset);
    memset(&rig->ota, 0xA5, sizeof rig->ota);
    return ota_init(&rig->ota, &rig->hal, &config, rig_on_event, rig);
}

static struct rig_answer offer(uint32_t slot, const struct rig_image *image)
{
    rig_manifest(image, image->version, manifest[slot]);
    return (struct rig_answer){
        .status = 200, .body = manifest[slot], .body_size = (uint32_t)strlen(manifest[slot])};
}

static struct rig_answer body(const struct rig_image *image)
{
    return (struct rig_answer){
        .status = 200, .body = image->bytes, .body_size = image->size, .validator = "\"1\""};
}

/* Until the server has said all it has to say, and that is dealt with. */
static void go_on(struct rig *rig)
{
    for (int i = 0; i < 100000; i++) {
        uint32_t wait_ms = ota_service_task(&rig->ota);
        if (wait_ms == UINT32_MAX ||
            (rig->server.answered == rig->server.answer_count && rig->ota.state == OTA_STATE_WAIT))
            return;
        rig->now_ms += wait_ms;
    }
    fail_msg("the service never comes to rest");
}

static enum rig_end run(struct rig *rig, const struct rig_answer *answers, uint32_t count)
{
    rig_answers(rig, answers, count);
    rig->event_count = 0;
    return rig_run(rig, go_on);
}

static void assert_rows(struct rig *rig, const char *expected)
{
    char is[RIG_TEXT_MAX];

    rig_describe(rig, is);
    assert_string_equal(is, expected);
}

static void assert_status(struct rig *rig, enum bootctl_status status)
{
    struct bootctl bootctl;

    assert_int_equal(bootctl_open(&bootctl, rig->hal.nvm, layout_mzw1.bootctl_offset), OTA_OK);
    assert_int_equal(bootctl.record.status, status);
}

static void confirmation_is_written_to_boot_control_then_to_the_database(void **state)
{
    struct rig *rig = *state;

    run_image(rig, rig_image(rig, 2, CODE), BOOTCTL_UNBOOTED);
    assert_int_equal(start(rig), OTA_OK);
    assert_int_equal(ota_version(&rig->ota), 2);
    assert_false(ota_is_confirmed(&rig->ota));
    rig->step_count = 0;
    assert_int_equal(ota_confirm(&rig->ota), OTA_OK);
    assert_true(ota_is_confirmed(&rig->ota));
    assert_true(rig->steps[0].kind == RIG_PROGRAM && rig->steps[0].is_nvm);
    assert_int_equal(rig_operations(rig, true), 1);
    assert_true(rig_operations(rig, false) > 0);
    uint32_t operations = rig->supply.operations;
    for (int i = 0; i < 3; i++)
        assert_int_equal(ota_confirm(&rig->ota), OTA_OK);
    assert_int_equal(rig->supply.operations, operations);
    assert_int_equal(rig_count_log(rig, LOG_APP_CONFIRMED), 1);
    assert_status(rig, BOOTCTL_VALID);
    assert_rows(rig, "2:F8");
}

static void confirmation_goes_without_a_store(void **state)
{
    struct rig *rig = *state;

    run_image(rig, rig_image(rig, 2, CODE), BOOTCTL_UNBOOTED);
    rig->spi.is_dead = true;
    assert_int_equal(start(rig), OTA_ERR_FLASH);
    assert_int_equal(ota_confirm(&rig->ota), OTA_OK);
    rig->spi.is_dead = false;
    assert_status(rig, BOOTCTL_VALID);
    assert_rows(rig, "2:FE");
    assert_int_equal(rig_boot_version(rig), 2);
    assert_rows(rig, "2:F8"); /* the bootloader puts it right */
}

static void failed_confirmation_is_told_and_can_be_repeated(void **state)
{
    struct rig *rig = *state;

    run_image(rig, rig_image(rig, 2, CODE), BOOTCTL_UNBOOTED);
    assert_int_equal(start(rig), OTA_OK);
    rig->spi.is_read_only = true;
    assert_int_equal(ota_confirm(&rig->ota), OTA_ERR_FLASH);
    rig->spi.is_read_only = false;
    assert_int_equal(ota_confirm(&rig->ota), OTA_OK);
    assert_rows(rig, "2:F8");
}

static void confirm(struct rig *rig)
{
    assert_int_equal(ota_confirm(&rig->ota), OTA_OK);
}

static void cut_confirmation_is_done_or_not(void **state)
{
    struct rig *rig = *state;
    uint32_t at = 0;
    enum rig_end end;

    run_image(rig, rig_image(rig, 2, CODE), BOOTCTL_UNBOOTED);
    do {
        rig_mark(rig);
        assert_int_equal(start(rig), OTA_OK);
        rig->cut_at = rig->supply.operations + (++at + 1) / 2;
        rig->cut_moment = at % 2 ? POWER_INSIDE : POWER_AFTER;
        end = rig_run(rig, confirm);
        assert_int_equal(rig_boot_version(rig), 2);
        assert_status(rig, at == 1 ? BOOTCTL_UNBOOTED : BOOTCTL_VALID);
        assert_rows(rig, at == 1 ? "2:FE" : "2:F8");
        rig_rollback(rig);
    } while (end == RIG_CUT);
    assert_true(at > 4);
}

/* Run without a server for so long; how it ended. */
static uint64_t time_max_ms;

static void run_for_a_while(struct rig *rig)
{
    while (rig->now_ms < time_max_ms) {
        uint32_t wait_ms = ota_service_task(&rig->ota);
        uint64_t left_ms = time_max_ms - rig->now_ms;
        rig->now_ms += wait_ms < left_ms ? wait_ms : left_ms;
    }
    ota_service_task(&rig->ota);
}

static void image_that_does_not_confirm_is_reset_in_time(void **state)
{
    struct rig *rig = *state;

    run_image(rig, rig_image(rig, 2, CODE), BOOTCTL_UNBOOTED);
    rig->now_ms = 5000;
    for (int periodic = 0; periodic < 2; periodic++) {
        uint64_t from_ms = rig->now_ms;
        config.is_periodic = periodic;
        assert_int_equal(start(rig), OTA_OK);
        time_max_ms = from_ms + 299999;
        assert_int_equal(rig_run(rig, run_for_a_while), RIG_DONE);
        time_max_ms = from_ms + 300000;
        assert_int_equal(rig_run(rig, run_for_a_while), RIG_RESET);
        assert_int_equal(rig_count_log(rig, LOG_APP_UNCONFIRMED), 1);
    }
}

/* An application that sleeps as long as it is told must not sleep through the end of its trial. */
static void sleep_ends_with_the_trial(void **state)
{
    struct rig *rig = *state;

    run_image(rig, rig_image(rig, 2, CODE), BOOTCTL_UNBOOTED);
    config.is_periodic = false;
    assert_int_equal(start(rig), OTA_OK);
    assert_true(ota_service_task(&rig->ota) <= 300000);
    config.is_periodic = true;
    config.backoff_s = config.backoff_max_s = 4000;
    assert_int_equal(start(rig), OTA_OK);
    rig_answers(rig, NULL, 0);
    ota_service_task(&rig->ota);
    assert_true(ota_service_task(&rig->ota) <= 300000);
}

static void confirmed_image_is_not_reset(void **state)
{
    struct rig *rig = *state;

    run_image(rig, rig_image(rig, 2, CODE), BOOTCTL_VALID);
    config.is_periodic = false;
    assert_int_equal(start(rig), OTA_OK);
    time_max_ms = 10000000;
    assert_int_equal(rig_run(rig, run_for_a_while), RIG_DONE);
    rig_install(rig, &rig->images[0], BOOTCTL_PRODUCTION, BOOTCTL_UNBOOTED);
    config.confirm_within_s = 0;
    assert_int_equal(start(rig), OTA_OK);
    time_max_ms = 20000000;
    assert_int_equal(rig_run(rig, run_for_a_while), RIG_DONE);
}

static void without_a_boot_control_record_it_changes_nothing(void **state)
{
    struct rig *rig = *state;

    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DOWNLOADED);
    assert_int_equal(start(rig), OTA_ERR_STATE);
    assert_int_equal(ota_service_task(&rig->ota), config.interval_s * 1000);
    assert_int_equal(ota_confirm(&rig->ota), OTA_ERR_STATE);
    assert_int_equal(ota_version(&rig->ota), 0);
    assert_false(ota_is_confirmed(&rig->ota));
    assert_false(ota_is_settled(&rig->ota));
    time_max_ms = rig->now_ms + 1000000;
    assert_int_equal(rig_run(rig, run_for_a_while), RIG_DONE);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_CHECK, 0), OTA_ERR_STATE);
    config.is_periodic = true;
    ota_configure(&rig->ota, &config);
    assert_in_range(ota_service_task(&rig->ota), 1, config.interval_s * 1000);
    assert_int_equal(rig->supply.operations, 0);
    assert_int_equal(rig->event_count + rig->server.request_count, 0);
    assert_rows(rig, "2:FE");
}

static bool is_link_up;

static bool tell_link(struct link *link)
{
    (void)link;
    return is_link_up;
}

/* The application may sleep for as long as the service says. */
static void sleep_of_a_long_pause_ends_where_the_network_may_be_back(void **state)
{
    static const struct link_ops link_ops = {.is_up = tell_link};
    static const struct rig_answer down = {.open_err = OTA_ERR_NET};
    struct link link = {&link_ops};
    struct rig *rig = *state;

    run_image(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    rig->hal.link = &link;
    is_link_up = true;
    rig_answers(rig, &down, 1);
    assert_int_equal(start(rig), OTA_OK);
    assert_int_equal(ota_service_task(&rig->ota), 0);
    assert_int_equal(rig->ota.failures, 1);
    assert_in_range(ota_service_task(&rig->ota), 1, 1000);
    is_link_up = false;
    assert_in_range(ota_service_task(&rig->ota), 1, 1000);
    rig->hal.link = NULL;
}

static void store_that_does_not_mount_is_made_anew(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *third = rig_image(rig, 3, CODE);
    const struct rig_answer answers[] = {offer(0, third), body(third)};

    run_image(rig, rig_image(rig, 2, CODE), BOOTCTL_VALID);
    memset(rig->spi_ram.cells.bytes, 0, 0x2000);
    assert_int_equal(start(rig), OTA_OK);
    assert_int_equal(rig_count_log(rig, LOG_STORE_FORMATTED), 1);
    assert_int_equal(run(rig, answers, 2), RIG_RESET);
    assert_rows(rig, "3:FE");
}

static void store_that_does_not_answer_is_not_formatted(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *third = rig_image(rig, 3, CODE);
    const struct rig_answer answers[] = {offer(0, third)};

    run_image(rig, rig_image(rig, 2, CODE), BOOTCTL_VALID);
    rig->spi.is_dead = true;
    assert_int_equal(start(rig), OTA_ERR_FLASH);
    assert_int_equal(run(rig, answers, 1), RIG_DONE);
    assert_int_equal(rig->events[rig->event_count - 1].event, OTA_EVENT_DOWNLOAD_FAILED);
    rig->spi.is_dead = false;
    assert_rows(rig, "2:F8");
}

/* The store refuses a write for a while; the update is only late. */
static void write_error_delays_an_update_and_no_more(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE), *third = rig_image(rig, 3, CODE);
    struct rig_answer half = body(second);

    run_image(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    assert_int_equal(start(rig), OTA_OK);
    half.length = half.body_size;
    half.body_size = 9000;
    half.end = OTA_ERR_NET;
    const struct rig_answer first_try[] = {offer(0, second), half};
    assert_int_equal(run(rig, first_try, 2), RIG_DONE);
    const struct rig_answer no_write[] = {offer(1, third)};
    rig->spi.is_read_only = true;
    assert_int_equal(run(rig, no_write, 1), RIG_DONE);
    assert_int_equal(rig->events[rig->event_count - 1].event, OTA_EVENT_DOWNLOAD_FAILED);
    assert_int_equal(rig->events[rig->event_count - 1].error, OTA_ERR_FLASH);
    rig->spi.is_read_only = false;
    const struct rig_answer answers[] = {offer(1, third), body(third)};
    assert_int_equal(run(rig, answers, 2), RIG_RESET);
    assert_rows(rig, "1:F8 3:FE");
}

/* Version 1 is the last one that is known to be good. Version 2 is on trial and finds version 3. */
static void image_on_trial_does_not_drive_out_the_confirmed_one(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *third = rig_image(rig, 3, CODE);
    const struct rig_answer answers[] = {offer(0, third), body(third)};

    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    run_image(rig, rig_image(rig, 2, CODE), BOOTCTL_UNBOOTED);
    assert_int_equal(start(rig), OTA_OK);
    config.is_auto_reset = false;
    run(rig, answers, 2);
    assert_int_equal(rig_load(rig), OTA_OK);
    assert_non_null(database_find(&rig->store.database, 1));
    assert_true(store_has(&rig->store, rig->images[1].name));
}

/* Between the running image's copy and a file that needs the room, the copy stays. */
static void running_image_is_not_removed_to_make_room(void **state)
{
    static uint8_t filling[0x300000];
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, 700000);
    const struct rig_answer answers[] = {offer(0, second), body(second)};

    run_image(rig, rig_image(rig, 1, 400000), BOOTCTL_VALID);
    rig_store_file(rig, "filling.x", filling, sizeof filling);
    assert_int_equal(start(rig), OTA_OK);
    assert_int_equal(run(rig, answers, 2), RIG_DONE);
    assert_int_equal(rig->events[rig->event_count - 1].event, OTA_EVENT_DOWNLOAD_FAILED);
    assert_int_equal(rig->events[rig->event_count - 1].error, OTA_ERR_FULL);
    assert_rows(rig, "1:F8");
}

static void oldest_image_goes_for_the_new_one(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *fourth = rig_image(rig, 4, CODE);
    const struct rig_answer answers[] = {offer(0, fourth), body(fourth)};

    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_VALID);
    run_image(rig, rig_image(rig, 3, CODE), BOOTCTL_VALID);
    assert_int_equal(start(rig), OTA_OK);
    assert_int_equal(run(rig, answers, 2), RIG_RESET);
    assert_rows(rig, "3:F8 4:FE");
}

static void update(struct rig *rig)
{
    assert_int_equal(start(rig), OTA_OK);
    go_on(rig);
}

/* Cut anywhere, then once more; the bootloader always starts 1 or 2, and 2 comes in the end. */
static void cut_update_is_reached_all_the_same(void **state)
{
    static const enum power_moment moments[] = {POWER_INSIDE, POWER_AFTER, POWER_WEAK};
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE);
    const struct rig_answer answers[] = {offer(0, second), body(second)};
    uint32_t operations = 0;

    run_image(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    for (int i = 0; i < 3; i++) {
        enum rig_end end = RIG_DONE;
        uint32_t at = 0;
        do {
            rig_mark(rig);
            for (uint32_t cut = ++at, tries = 0; tries < 2; tries++, cut = cut * 7 % 101 + 1) {
                rig_answers(rig, answers, 2);
                rig->cut_at = cut;
                rig->cut_moment = moments[(i + (int)tries) % 3];
                enum rig_end this_end = rig_run(rig, update);
                end = tries ? end : this_end;
            }
            uint32_t version = rig_boot_version(rig);
            assert_in_range(version, 1, 2);
            rig_answers(rig, answers, 2);
            if (version == 1)
                assert_int_equal(rig_run(rig, update), RIG_RESET);
            assert_int_equal(rig_boot_version(rig), 2);
            assert_int_equal(rig_load(rig), OTA_OK);
            assert_non_null(database_find(&rig->store.database, 1));
            rig_rollback(rig);
        } while (moments[i] == POWER_WEAK ? at < operations : end == RIG_CUT);
        operations = at;
    }
    assert_true(operations > 100);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(confirmation_is_written_to_boot_control_then_to_the_database),
        TEST(confirmation_goes_without_a_store),
        TEST(failed_confirmation_is_told_and_can_be_repeated),
        TEST(cut_confirmation_is_done_or_not),
        TEST(image_that_does_not_confirm_is_reset_in_time),
        TEST(sleep_ends_with_the_trial),
        TEST(confirmed_image_is_not_reset),
        TEST(without_a_boot_control_record_it_changes_nothing),
        TEST(sleep_of_a_long_pause_ends_where_the_network_may_be_back),
        TEST(store_that_does_not_mount_is_made_anew),
        TEST(store_that_does_not_answer_is_not_formatted),
        TEST(write_error_delays_an_update_and_no_more),
        TEST(image_on_trial_does_not_drive_out_the_confirmed_one),
        TEST(running_image_is_not_removed_to_make_room),
        TEST(oldest_image_goes_for_the_new_one),
        TEST(cut_update_is_reached_all_the_same),
    };

    return cmocka_run_group_tests_name("ota_fault", tests, NULL, NULL);
}
