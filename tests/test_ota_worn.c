/*
 * The service on flashes that do not take or give what they should: a boot control page that is
 * worn, a store that answers late.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/rig.h"

#define CODE 20000

static struct ota_config config;
static char manifest[512];

static int set_up(void **state)
{
    if (rig_setup(state))
        return -1;
    config = ota_config_default;
    config.images_max = 3;
    strcpy(config.manifest_url, RIG_MANIFEST_URL);
    rig_format(*state);
    return 0;
}

static enum ota_err start(struct rig *rig)
{
    rig_power_on(rig);
    assert_int_equal(flash_unlock(rig->hal.nvm), OTA_OK);
    flash_protect(rig->hal.nvm, layout_mzw1.bootctl_offset, layout_mzw1.app_offset);
    memset(&rig->ota, 0xA5, sizeof rig->ota);
    return ota_init(&rig->ota, &rig->hal, &config, rig_on_event, rig);
}

static void go_on(struct rig *rig)
{
    for (int i = 0; i < 100000; i++) {
        uint32_t wait_ms = ota_service_task(&rig->ota);
        if (wait_ms == UINT32_MAX || rig->ota.state == OTA_STATE_READY)
            return;
        rig->now_ms += wait_ms;
    }
    fail_msg("the service never comes to rest");
}

/* The server has version 2, and the service fetches it. */
static void assert_update(struct rig *rig)
{
    const struct rig_image *next = rig_image(rig, 3, CODE);

    rig_manifest(next, 3, manifest);
    const struct rig_answer answers[] = {
        {.status = 200, .body = manifest, .body_size = (uint32_t)strlen(manifest)},
        {.status = 200, .body = next->bytes, .body_size = next->size, .validator = "\"1\""},
    };
    rig_answers(rig, answers, 2);
    assert_int_equal(rig_run(rig, go_on), RIG_DONE);
    assert_int_equal(rig->ota.ready_version, 3);
}

/* Version 2 was installed where the record of version 1 could not be replaced. */
static void make_stale(struct rig *rig)
{
    const struct rig_image *first = rig_image(rig, 1, CODE), *second = rig_image(rig, 2, CODE);
    uint8_t page[4096];

    rig_store(rig, first, BOOTCTL_VALID);
    rig_store(rig, second, BOOTCTL_DOWNLOADED);
    rig_install(rig, first, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    memcpy(page, rig->nvm_ram.cells.bytes + layout_mzw1.bootctl_offset, sizeof page);
    rig_install(rig, second, BOOTCTL_PRODUCTION, BOOTCTL_UNBOOTED);
    memcpy(rig->nvm_ram.cells.bytes + layout_mzw1.bootctl_offset, page, sizeof page);
    rig->nvm.is_read_only = true;
}

static void what_runs_is_known_without_a_record(void **state)
{
    struct rig *rig = *state;

    make_stale(rig);
    memset(rig->nvm_ram.cells.bytes + layout_mzw1.bootctl_offset, 0, 4096);
    assert_int_equal(start(rig), OTA_OK);
    assert_int_equal(ota_version(&rig->ota), 2);
    assert_false(ota_is_confirmed(&rig->ota));
    assert_update(rig);
}

static void stale_record_is_not_believed(void **state)
{
    struct rig *rig = *state;

    make_stale(rig);
    assert_int_equal(start(rig), OTA_OK);
    assert_int_equal(ota_version(&rig->ota), 2);
    assert_false(ota_is_confirmed(&rig->ota));
}

/* Once, and not in each round of the application. */
static void confirmation_goes_to_the_database_where_boot_control_is_worn(void **state)
{
    struct rig *rig = *state;
    char rows[RIG_TEXT_MAX];

    make_stale(rig);
    assert_int_equal(start(rig), OTA_OK);
    assert_int_equal(ota_confirm(&rig->ota), OTA_OK);
    assert_true(ota_is_confirmed(&rig->ota));
    uint32_t operations = rig->supply.operations;
    assert_int_equal(ota_confirm(&rig->ota), OTA_OK);
    assert_int_equal(rig->supply.operations, operations);
    rig->nvm.is_read_only = false;
    rig_describe(rig, rows);
    assert_string_equal(rows, "1:F8 2:F8");
}

static void image_that_nobody_knows_is_looked_for_again(void **state)
{
    struct rig *rig = *state;

    rig_install(rig, rig_image(rig, 1, CODE), BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    uint8_t *page = rig->nvm_ram.cells.bytes + layout_mzw1.bootctl_offset, kept[4096];
    memcpy(kept, page, sizeof kept);
    memset(page, 0, sizeof kept);
    assert_int_equal(start(rig), OTA_ERR_STATE);
    uint32_t operations = rig->supply.operations;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ota_service_task(&rig->ota), ota_config_default.interval_s * 1000);
        rig->now_ms += ota_config_default.interval_s * 1000;
    }
    assert_int_equal(rig->supply.operations, operations);
    memcpy(page, kept, sizeof kept);
    assert_int_equal(ota_service_task(&rig->ota), 0);
    assert_int_equal(ota_version(&rig->ota), 1);
    assert_int_equal(rig->ota.started_ms, rig->now_ms);
}

static void store_that_answers_late_is_opened_at_the_next_check(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE);

    rig_store(rig, second, BOOTCTL_VALID);
    rig_install(rig, second, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    rig->spi.is_dead = true;
    assert_int_equal(start(rig), OTA_ERR_FLASH);
    rig->spi.is_dead = false;
    assert_update(rig);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_runs_is_known_without_a_record),
        TEST(stale_record_is_not_believed),
        TEST(confirmation_goes_to_the_database_where_boot_control_is_worn),
        TEST(image_that_nobody_knows_is_looked_for_again),
        TEST(store_that_answers_late_is_opened_at_the_next_check),
    };

    return cmocka_run_group_tests_name("ota_worn", tests, NULL, NULL);
}
