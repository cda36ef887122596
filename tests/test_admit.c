#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/admit.h"
#include "tests/rig.h"

#define CODE 20000

static struct ota_config config;
static char manifest[512];

static int set_up(void **state)
{
    if (rig_setup(state))
        return -1;
    config = ota_config_default;
    config.is_periodic = false;
    config.is_auto_reset = false;
    strcpy(config.manifest_url, RIG_MANIFEST_URL);
    rig_format(*state);
    return 0;
}

/* Version 1 runs, confirmed; its copy is in the store, and the factory image if has_factory. */
static const struct rig_image *begin(struct rig *rig, bool has_factory)
{
    const struct rig_image *image = rig_image(rig, 2, CODE);

    if (has_factory) {
        const struct rig_image *factory = rig_image(rig, 1, CODE);
        rig_store_file(rig, STORE_FACTORY, factory->bytes, factory->size);
    }
    rig_store(rig, image, BOOTCTL_VALID);
    rig_install(rig, image, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    rig_power_on(rig);
    assert_int_equal(flash_unlock(rig->hal.nvm), OTA_OK);
    flash_protect(rig->hal.nvm, layout_mzw1.bootctl_offset, layout_mzw1.app_offset);
    memset(&rig->ota, 0xA5, sizeof rig->ota);
    assert_int_equal(ota_init(&rig->ota, &rig->hal, &config, rig_on_event, rig), OTA_OK);
    return image;
}

static void settle(struct rig *rig)
{
    for (int i = 0; i < 10000; i++) {
        uint32_t wait_ms = ota_service_task(&rig->ota);
        if (wait_ms > 1000)
            return;
        rig->now_ms += wait_ms;
    }
    fail_msg("the service never comes to rest");
}

static void offer(struct rig *rig, const struct rig_image *image, struct rig_answer answers[2])
{
    rig_manifest(image, image->version, manifest);
    answers[0] = (struct rig_answer){
        .status = 200, .body = manifest, .body_size = (uint32_t)strlen(manifest)};
    answers[1] = (struct rig_answer){
        .status = 200, .body = image->bytes, .body_size = image->size, .validator = "\"1\""};
    rig_answers(rig, answers, 2);
}

static enum ota_event last_event(const struct rig *rig)
{
    return rig->events[rig->event_count - 1].event;
}

static void nothing_but_check_and_reset_to_factory_is_possible_in_idle(void **state)
{
    struct rig *rig = *state;

    begin(rig, true);
    assert_int_equal(admit_request(&rig->ota, OTA_REQUEST_CHECK, 0), OTA_OK);
    assert_int_equal(admit_request(&rig->ota, OTA_REQUEST_ROLLBACK, 0), OTA_OK);
    assert_int_equal(admit_request(&rig->ota, OTA_REQUEST_FACTORY_RESET, 0), OTA_OK);
    assert_int_equal(admit_request(&rig->ota, OTA_REQUEST_DOWNLOAD, 0), OTA_ERR_STATE);
    assert_int_equal(admit_request(&rig->ota, OTA_REQUEST_RESET, 0), OTA_ERR_STATE);
    assert_int_equal(admit_request(&rig->ota, OTA_REQUEST_ABORT, 0), OTA_ERR_STATE);
    assert_int_equal(admit_request(&rig->ota, OTA_REQUEST_ERASE, 2), OTA_ERR_STATE);
    assert_int_equal(admit_request(&rig->ota, OTA_REQUEST_ERASE, 7), OTA_ERR_NOT_FOUND);
    assert_int_equal(admit_request(&rig->ota, OTA_REQUEST_NONE, 0), OTA_ERR_FORMAT);
    assert_int_equal(admit_request(&rig->ota, OTA_REQUEST_COUNT, 0), OTA_ERR_FORMAT);
    assert_false(admit_is_transferring(&rig->ota));
}

static void last_image_is_neither_rolled_back_nor_reset_from(void **state)
{
    struct rig *rig = *state;

    begin(rig, false);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ROLLBACK, 0), OTA_ERR_NOT_FOUND);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_FACTORY_RESET, 0), OTA_ERR_NOT_FOUND);
    assert_int_equal(rig_count_log(rig, LOG_OTA_REQUEST_REFUSED), 2);
    assert_int_equal(rig_operations(rig, true), 0);
}

static void one_request_waits_at_a_time(void **state)
{
    struct rig *rig = *state;

    begin(rig, true);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_CHECK, 0), OTA_OK);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ROLLBACK, 0), OTA_ERR_STATE);
}

static void offered_version_is_fetched_and_started_when_asked_for(void **state)
{
    struct rig *rig = *state;
    struct rig_answer answers[2];

    config.is_auto_update = false;
    begin(rig, true);
    offer(rig, rig_image(rig, 3, CODE), answers);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_CHECK, 0), OTA_OK);
    settle(rig);
    assert_int_equal(rig->ota.state, OTA_STATE_OFFER);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_RESET, 0), OTA_ERR_STATE);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ERASE, 3), OTA_ERR_STATE);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_DOWNLOAD, 0), OTA_OK);
    settle(rig);
    assert_int_equal(rig->ota.state, OTA_STATE_READY);
    assert_int_equal(last_event(rig), OTA_EVENT_ENTERED);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_CHECK, 0), OTA_ERR_STATE);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ROLLBACK, 0), OTA_ERR_STATE);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_RESET, 0), OTA_OK);
    assert_int_equal(rig_run(rig, settle), RIG_RESET);
    assert_int_equal(rig_boot_version(rig), 3);
}

static void aborted_download_keeps_its_bytes(void **state)
{
    static struct part part;
    struct rig *rig = *state;
    struct rig_answer answers[2];

    begin(rig, true);
    const struct rig_image *image = rig_image(rig, 3, CODE);
    offer(rig, image, answers);
    rig->server.segment = 1000;
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_CHECK, 0), OTA_OK);
    while (rig->ota.state != OTA_STATE_DOWNLOAD || rig->ota.fetch.part.size < 5000)
        rig->now_ms += ota_service_task(&rig->ota);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_CHECK, 0), OTA_ERR_STATE);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ABORT, 0), OTA_OK);
    (void)ota_service_task(&rig->ota);
    assert_int_equal(last_event(rig), OTA_EVENT_DOWNLOAD_FAILED);
    assert_int_equal(rig->events[rig->event_count - 1].error, OTA_ERR_ABORTED);
    assert_false(rig->server.is_open);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ABORT, 0), OTA_ERR_STATE);
    assert_int_equal(part_open(&part, &rig->ota.store, image->digest), OTA_OK);
    assert_true(part.size >= 5000);
    part_close(&part);
}

static void rollback_goes_back_and_does_not_come_again(void **state)
{
    struct rig *rig = *state;

    config.is_auto_reset = true;
    begin(rig, true);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ROLLBACK, 0), OTA_OK);
    assert_int_equal(rig_run(rig, settle), RIG_RESET);
    assert_int_equal(last_event(rig), OTA_EVENT_ROLLBACK_SUCCESS);
    assert_int_equal(database_find(&rig->ota.store.database, 2)->status, BOOTCTL_DISABLED);
    for (int i = 0; i < 3; i++)
        assert_int_equal(rig_boot_version(rig), 1);
}

/* The running image is confirmed with this security counter; the others have none. */
static void begin_above(struct rig *rig, uint32_t counter)
{
    struct rig_recipe recipe = {.version = 3, .code_size = CODE, .counter = counter};
    const struct rig_image *image = rig_make(rig, &recipe);

    rig_store(rig, image, BOOTCTL_VALID);
    rig_install(rig, image, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    rig_power_on(rig);
    assert_int_equal(flash_unlock(rig->hal.nvm), OTA_OK);
    assert_int_equal(ota_init(&rig->ota, &rig->hal, &config, rig_on_event, rig), OTA_OK);
}

static void rollback_that_leaves_nothing_that_may_run_fails(void **state)
{
    struct rig *rig = *state;

    begin(rig, true);
    begin_above(rig, 5);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ROLLBACK, 0), OTA_OK);
    settle(rig);
    assert_int_equal(last_event(rig), OTA_EVENT_ROLLBACK_FAILED);
    assert_int_equal(rig->events[rig->event_count - 1].error, OTA_ERR_COUNTER);
    assert_int_equal(rig_count_log(rig, LOG_OTA_ROLLBACK), 0);
    assert_int_equal(rig_boot_version(rig), 3);
}

static void rollback_to_a_damaged_image_fails(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *old = begin(rig, false);

    begin_above(rig, 0);
    rig_spoil(rig, old, old->size / 2);
    assert_int_equal(ota_init(&rig->ota, &rig->hal, &config, rig_on_event, rig), OTA_OK);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ROLLBACK, 0), OTA_OK);
    settle(rig);
    assert_int_equal(last_event(rig), OTA_EVENT_ROLLBACK_FAILED);
    assert_int_equal(rig_boot_version(rig), 3);
}

static void rollback_passes_over_a_damaged_image(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *old = begin(rig, true);

    begin_above(rig, 0);
    rig_spoil(rig, old, old->size / 2);
    assert_int_equal(ota_init(&rig->ota, &rig->hal, &config, rig_on_event, rig), OTA_OK);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ROLLBACK, 0), OTA_OK);
    settle(rig);
    assert_int_equal(last_event(rig), OTA_EVENT_ROLLBACK_SUCCESS);
    assert_int_equal(rig_boot_version(rig), 1);
}

static void image_given_up_cannot_confirm_itself(void **state)
{
    struct rig *rig = *state;

    begin(rig, true);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ROLLBACK, 0), OTA_OK);
    settle(rig);
    assert_int_equal(rig->ota.state, OTA_STATE_READY);
    assert_int_equal(ota_confirm(&rig->ota), OTA_ERR_STATE);
    assert_int_equal(rig_boot_version(rig), 1);
}

static void factory_reset_leaves_the_factory_image_alone(void **state)
{
    struct rig *rig = *state;
    char rows[RIG_TEXT_MAX];

    begin(rig, true);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_FACTORY_RESET, 0), OTA_OK);
    settle(rig);
    assert_int_equal(last_event(rig), OTA_EVENT_FACTORY_RESET_SUCCESS);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_false(rig->boot.bootctl.record.wants_factory);
    assert_int_equal(rig->boot.bootctl.record.type, BOOTCTL_FACTORY);
    rig_describe(rig, rows);
    assert_string_equal(rows, "");
}

/* What was removed may come again, from the server: nothing is held against it. */
static void version_comes_again_after_a_factory_reset(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = begin(rig, true);

    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_FACTORY_RESET, 0), OTA_OK);
    settle(rig);
    assert_int_equal(rig_boot_version(rig), 1);
    rig_store(rig, image, BOOTCTL_DOWNLOADED);
    assert_int_equal(rig_boot_version(rig), 2);
}

static void damaged_factory_image_costs_nothing(void **state)
{
    struct rig *rig = *state;
    static const uint8_t noise[5000] = {1};

    begin(rig, false);
    rig_store_file(rig, STORE_FACTORY, noise, sizeof noise);
    begin(rig, false);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_FACTORY_RESET, 0), OTA_OK);
    settle(rig);
    assert_int_equal(last_event(rig), OTA_EVENT_FACTORY_RESET_FAILED);
    assert_int_equal(rig_boot_version(rig), 2);
}

/* It was whole when the service looked, and is not when the bootloader does. */
static void factory_image_that_rots_before_the_reset_costs_nothing(void **state)
{
    struct rig *rig = *state;
    static const uint8_t noise[5000] = {1};

    begin(rig, true);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_FACTORY_RESET, 0), OTA_OK);
    settle(rig);
    rig_store_file(rig, STORE_FACTORY, noise, sizeof noise);
    assert_int_equal(rig_boot_version(rig), 2);
    assert_int_equal(rig->boot.store.database.count, 1);
    assert_false(rig->boot.bootctl.record.wants_factory);
}

static void pin_does_a_factory_reset_once(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = begin(rig, true);

    rig->is_factory_pin_held = true;
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_operations(rig, true), 0);
    rig->is_factory_pin_held = false;
    rig_store(rig, image, BOOTCTL_DOWNLOADED);
    assert_int_equal(rig_boot_version(rig), 2);
}

static void boot_once(struct rig *rig)
{
    (void)rig_boot(rig);
}

static void cut_factory_reset_is_finished(void **state)
{
    struct rig *rig = *state;
    enum rig_end end = RIG_CUT;

    begin(rig, true);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_FACTORY_RESET, 0), OTA_OK);
    settle(rig);
    for (int moment = 0; moment < POWER_MOMENT_COUNT; moment++)
        for (uint32_t at = 1; at < 200; at++) {
            rig_mark(rig);
            rig->cut_at = at;
            rig->cut_moment = (enum power_moment)moment;
            rig_power_on(rig);
            end = rig_run(rig, boot_once);
            rig->cut_at = 0;
            assert_int_equal(rig_boot_version(rig), 1);
            assert_int_equal(rig->boot.store.database.count, 0);
            rig_rollback(rig);
            if (end == RIG_DONE && moment != POWER_WEAK)
                break;
        }
}

static void erased_version_is_gone(void **state)
{
    struct rig *rig = *state;

    rig_store(rig, rig_image(rig, 7, CODE), BOOTCTL_DISABLED);
    begin(rig, true);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ERASE, 7), OTA_OK);
    settle(rig);
    assert_int_equal(last_event(rig), OTA_EVENT_ERASED);
    assert_null(database_find(&rig->ota.store.database, 7));
}

static void request_that_has_lost_its_reason_fails_at_its_turn(void **state)
{
    struct rig *rig = *state;

    rig_store(rig, rig_image(rig, 7, CODE), BOOTCTL_DISABLED);
    begin(rig, true);
    assert_int_equal(ota_ask(&rig->ota, OTA_REQUEST_ERASE, 7), OTA_OK);
    struct database_row *row = database_find(&rig->ota.store.database, 7);
    assert_int_equal(store_remove(&rig->ota.store, row, false), OTA_OK);
    settle(rig);
    assert_int_equal(last_event(rig), OTA_EVENT_TRIGGER_FAILED);
}

static void new_interval_counts_from_now(void **state)
{
    struct rig *rig = *state;

    begin(rig, true);
    config.is_periodic = true;
    config.interval_s = 5;
    ota_configure(&rig->ota, &config);
    assert_int_equal(rig->ota.state, OTA_STATE_WAIT);
    rig->ota.due_ms = rig->now_ms + 60000;
    ota_configure(&rig->ota, &config);
    assert_int_equal(rig->ota.due_ms, rig->now_ms + 5000);
    config.is_periodic = false;
    ota_configure(&rig->ota, &config);
    assert_int_equal(rig->ota.state, OTA_STATE_IDLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_but_check_and_reset_to_factory_is_possible_in_idle),
        TEST(last_image_is_neither_rolled_back_nor_reset_from),
        TEST(one_request_waits_at_a_time),
        TEST(offered_version_is_fetched_and_started_when_asked_for),
        TEST(aborted_download_keeps_its_bytes),
        TEST(rollback_goes_back_and_does_not_come_again),
        TEST(rollback_that_leaves_nothing_that_may_run_fails),
        TEST(rollback_to_a_damaged_image_fails),
        TEST(rollback_passes_over_a_damaged_image),
        TEST(image_given_up_cannot_confirm_itself),
        TEST(factory_reset_leaves_the_factory_image_alone),
        TEST(version_comes_again_after_a_factory_reset),
        TEST(damaged_factory_image_costs_nothing),
        TEST(factory_image_that_rots_before_the_reset_costs_nothing),
        TEST(pin_does_a_factory_reset_once),
        TEST(cut_factory_reset_is_finished),
        TEST(erased_version_is_gone),
        TEST(request_that_has_lost_its_reason_fails_at_its_turn),
        TEST(new_interval_counts_from_now),
    };

    return cmocka_run_group_tests_name("admit", tests, NULL, NULL);
}
