/*
 * What the bootloader does when the flashes fail it, and when the power does. Where one start goes
 * wrong, the next one, with everything well again, tells what it cost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/rig.h"

#define CODE 20000

static const struct rig_image *run_first(struct rig *rig)
{
    const struct rig_image *first = rig_image(rig, 1, CODE);

    rig_install(rig, first, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    rig_format(rig);
    rig_store(rig, first, BOOTCTL_VALID);
    return first;
}

static void fail_trials(struct rig *rig, uint32_t version)
{
    for (int trial = 0; trial < 3; trial++) {
        assert_int_equal(rig_boot_version(rig), version);
        rig->cause = SYSTEM_WATCHDOG;
    }
}

static void failed_reads_of_the_store_disable_no_image(void **state)
{
    struct rig *rig = *state;
    uint32_t reads = 0;
    bool was_hit = true;

    run_first(rig);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DOWNLOADED);
    while (was_hit) {
        rig_mark(rig);
        rig->spi.fail_read_in = ++reads;
        rig->spi.fail_reads_more = 4;
        assert_int_not_equal(rig_boot_version(rig), 0);
        was_hit = rig->spi.fail_read_in == 0 || rig->spi.fail_reads_more < 4;
        rig->spi.fail_read_in = 0;
        rig->cause = SYSTEM_POWER_ON;
        assert_int_equal(rig_boot_version(rig), 2);
        rig_rollback(rig);
    }
    assert_true(reads > 20);
}

/* A low supply: for one start nothing can be written to program flash, in the middle of going back
 * to the image before. */
static void one_start_that_cannot_write_program_flash_costs_no_image(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DOWNLOADED);
    fail_trials(rig, 2);
    rig->nvm.bad_page = layout_mzw1.app_offset / 4096 + 2;
    assert_int_equal(rig_boot(rig), BOOT_STAY);
    rig->nvm.bad_page = UINT32_MAX;
    assert_int_equal(rig_boot_version(rig), 1);
}

static void page_that_holds_nothing_costs_the_new_image_and_not_the_old(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    rig_store(rig, rig_image(rig, 2, 3 * CODE), BOOTCTL_DOWNLOADED);
    rig->nvm.bad_page = layout_mzw1.app_offset / 4096 + 10;
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_operations(rig, true), 0);
}

/* What boot control says of an image holds, also where the store cannot take it down. */
static void failed_image_is_not_tried_again_when_the_store_cannot_be_written(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DOWNLOADED);
    rig->spi.is_read_only = true;
    fail_trials(rig, 2);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(rig_boot_version(rig), 1);
        rig->cause = SYSTEM_POWER_ON;
    }
}

static void
boot_control_page_that_cannot_be_written_does_not_keep_an_image_from_starting(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    memset(rig->nvm_ram.cells.bytes + layout_mzw1.bootctl_offset, 0, 4096);
    rig->nvm.bad_page = layout_mzw1.bootctl_offset / 4096;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rig_boot(rig), BOOT_START);
        assert_int_equal(rig->boot.bootctl.record.version, 1);
    }
    rig->nvm.bad_page = UINT32_MAX;
    assert_int_equal(rig_boot_version(rig), 1);
}

/* The store was lost and made anew: the only copy of the running image is in program flash. It must
 * not be overwritten before there is a way back. */
static void running_image_without_a_copy_is_not_lost_by_an_update_that_fails(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    rig_format(rig);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DOWNLOADED);
    for (int i = 0; i < 6; i++) {
        assert_int_not_equal(rig_boot(rig), BOOT_STAY);
        rig->cause = SYSTEM_WATCHDOG;
    }
    assert_int_equal(rig_boot_version(rig), 1);
}

static void boot_once(struct rig *rig)
{
    assert_int_equal(rig_boot_version(rig), 2);
}

static void cut_boot(struct rig *rig, uint32_t at, enum power_moment moment)
{
    rig->cut_at = at;
    rig->cut_moment = moment;
}

/* Cut at each operation, and a second time at each 7th of the recovery. */
static void cut_everywhere(struct rig *rig, void (*act)(struct rig *rig), uint32_t at_least)
{
    static const enum power_moment moments[] = {POWER_INSIDE, POWER_AFTER, POWER_WEAK};
    uint32_t operations = 0;

    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        enum rig_end end;
        uint32_t at = 0;
        do {
            rig_mark(rig);
            cut_boot(rig, ++at, moments[i]);
            end = rig_run(rig, act);
            rig->cause = SYSTEM_POWER_ON;
            for (uint32_t second = 1 + at % 7; second < 60; second += 7) {
                cut_boot(rig, second, moments[(i + second) % 3]);
                if (rig_run(rig, act) == RIG_DONE)
                    break;
            }
            act(rig);
            uint32_t before = rig->supply.operations;
            act(rig);
            assert_true(before == 0 || rig->supply.operations <= before);
            rig_rollback(rig);
        } while (moments[i] == POWER_WEAK ? at < operations : end == RIG_CUT);
        operations = at;
    }
    assert_true(operations > at_least);
}

static void cut_install_comes_to_the_same_image(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DOWNLOADED);
    cut_everywhere(rig, boot_once, 40);
}

static void open_bootctl(struct rig *rig)
{
    rig_power_on(rig);
    assert_int_equal(flash_unlock(rig->hal.nvm), OTA_OK);
    assert_int_equal(bootctl_open(&rig->bootctl, rig->hal.nvm, layout_mzw1.bootctl_offset), OTA_OK);
}

static void boot_to_first(struct rig *rig)
{
    assert_int_equal(rig_boot_version(rig), 1);
}

static void cut_rollback_comes_to_the_image_before(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DOWNLOADED);
    fail_trials(rig, 2);
    open_bootctl(rig);
    assert_int_equal(bootctl_set(&rig->bootctl, BOOTCTL_DISABLED, 3), OTA_OK);
    cut_everywhere(rig, boot_to_first, 40);
}

/* The page is full: it has to be erased for the next record. */
static void cut_of_a_full_boot_control_page_comes_to_the_same_image(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    open_bootctl(rig);
    while (rig->bootctl.slot_next < 4096 / BOOTCTL_SLOT_SIZE) {
        struct bootctl_record record = rig->bootctl.record;
        assert_int_equal(bootctl_append(&rig->bootctl, &record), OTA_OK);
    }
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DOWNLOADED);
    cut_everywhere(rig, boot_once, 40);
}

#define TEST(name)     cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
#define TEST_ECC(name) cmocka_unit_test_setup_teardown(name, rig_setup_ecc, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(failed_reads_of_the_store_disable_no_image),
        TEST(one_start_that_cannot_write_program_flash_costs_no_image),
        TEST(page_that_holds_nothing_costs_the_new_image_and_not_the_old),
        TEST(failed_image_is_not_tried_again_when_the_store_cannot_be_written),
        TEST(boot_control_page_that_cannot_be_written_does_not_keep_an_image_from_starting),
        TEST(running_image_without_a_copy_is_not_lost_by_an_update_that_fails),
        TEST(cut_install_comes_to_the_same_image),
        TEST_ECC(cut_install_comes_to_the_same_image),
        TEST(cut_rollback_comes_to_the_image_before),
        TEST_ECC(cut_rollback_comes_to_the_image_before),
        TEST(cut_of_a_full_boot_control_page_comes_to_the_same_image),
        TEST_ECC(cut_of_a_full_boot_control_page_comes_to_the_same_image),
    };

    return cmocka_run_group_tests_name("boot_fault", tests, NULL, NULL);
}
