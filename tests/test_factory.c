#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bootloader/factory.h"
#include "tests/rig.h"

#define CODE 20000

static const struct rig_image *program(struct rig *rig)
{
    const struct rig_image *factory = rig_image(rig, 1, CODE);

    rig_program_factory(rig, factory);
    return factory;
}

static void assert_backed_up(struct rig *rig, const struct rig_image *image)
{
    struct store_file file;
    uint8_t digest[CRYPTO_SHA256_SIZE];

    assert_int_equal(rig_load(rig), OTA_OK);
    assert_int_equal(store_open(&rig->store, STORE_FACTORY, &file), OTA_OK);
    assert_int_equal(file.source.size, image->size);
    assert_int_equal(store_digest(&file, rig->hal.crypto, rig->buffer, digest), OTA_OK);
    assert_memory_equal(digest, image->digest, sizeof digest);
    store_close(&file);
}

static void assert_record(struct rig *rig)
{
    const struct rig_image *image = &rig->images[0];
    struct bootctl bootctl;

    assert_int_equal(bootctl_open(&bootctl, rig->hal.nvm, layout_mzw1.bootctl_offset), OTA_OK);
    assert_int_equal(bootctl.record.type, BOOTCTL_FACTORY);
    assert_int_equal(bootctl.record.status, BOOTCTL_VALID);
    assert_int_equal(bootctl.record.version, 1);
    assert_int_equal(bootctl.record.size, image->size);
    assert_memory_equal(bootctl.record.hash, image->hash, sizeof image->hash);
    assert_memory_equal(bootctl.record.image_header, image->bytes, IMAGE_HEADER_SIZE);
    assert_int_equal(bootctl.record.boot_address, layout_mzw1.boot_address);
}

static void first_start_is_known_by_the_image_header(void **state)
{
    struct rig *rig = *state;

    assert_false(factory_is_new(&rig->hal));
    program(rig);
    assert_true(factory_is_new(&rig->hal));
    assert_int_equal(rig_boot_version(rig), 1);
    assert_false(factory_is_new(&rig->hal));
}

static void first_start_backs_up_and_writes_the_record(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *factory = program(rig);

    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_FIRST), 1);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_BACKUP), 1);
    assert_int_equal(rig_erases(rig, true), 1);
    assert_record(rig);
    assert_backed_up(rig, factory);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig->supply.operations, 0);
}

/* The header page is the only thing that says what is programmed; it goes last. */
static void backup_is_whole_before_the_header_goes(void **state)
{
    struct rig *rig = *state;
    uint32_t backup, erase = 0;

    program(rig);
    assert_int_equal(rig_boot_version(rig), 1);
    backup = rig_find_log(rig, LOG_BOOT_BACKUP);
    while (rig->steps[erase].kind != RIG_ERASE || !rig->steps[erase].is_nvm)
        erase++;
    assert_true(backup < erase);
    for (uint32_t i = erase; i < rig->step_count; i++)
        assert_true(rig->steps[i].is_nvm ||
                    (rig->steps[i].kind != RIG_ERASE && rig->steps[i].kind != RIG_PROGRAM));
}

static void what_lay_in_the_store_goes(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *factory = program(rig);

    rig_format(rig);
    rig_store(rig, rig_image(rig, 9, CODE), BOOTCTL_VALID);
    rig_store_file(rig, STORE_FACTORY, "old", 3);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_backed_up(rig, factory);
    assert_int_equal(rig->store.database.count, 0);
    assert_false(store_has(&rig->store, rig->images[1].name));
}

/* The header came back after its erase was cut: it may be gone again at the next start, and then
 * the backup is all there is. */
static void backup_that_is_there_stays_and_all_else_goes(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *factory = program(rig);

    assert_int_equal(rig_boot_version(rig), 1);
    rig_store(rig, rig_image(rig, 9, CODE), BOOTCTL_VALID);
    rig_program_factory(rig, factory);
    rig->step_count = 0;
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_FIRST), 1);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_BACKUP), 0);
    assert_record(rig);
    assert_backed_up(rig, factory);
    assert_int_equal(rig->store.database.count, 0);
    assert_false(store_has(&rig->store, rig->images[1].name));
}

static void image_that_may_not_run_is_not_started(void **state)
{
    static const struct rig_recipe recipes[] = {
        {.version = 1, .code_size = CODE, .is_unsigned = true},
        {.version = 1, .code_size = CODE, .has_other_key = true},
        {.version = 1, .code_size = CODE, .has_other_product = true},
        {.version = 1, .code_size = CODE},
    };
    struct rig *rig = *state;

    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        rig_program_factory(rig, rig_make(rig, &recipes[i]));
        if (i == 3)
            rig->nvm_ram.cells.bytes[layout_mzw1.app_offset + 7000] ^= 1;
        for (int boots = 0; boots < 2; boots++) {
            assert_int_equal(rig_boot(rig), BOOT_STAY);
            assert_int_equal(rig->supply.operations, 0);
            assert_int_equal(rig_count_log(rig, LOG_BOOT_REFUSED), 1);
            assert_true(factory_is_new(&rig->hal));
        }
    }
}

static void dead_store_costs_the_backup_and_not_the_start(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *factory = program(rig);

    rig->spi.is_dead = true;
    for (int boots = 0; boots < 2; boots++)
        assert_int_equal(rig_boot_version(rig), 1);
    assert_record(rig);
    rig->spi.is_dead = false;
    assert_int_equal(rig_boot_version(rig), 1); /* it is blank now, and the service formats it */
    rig_format(rig);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_backed_up(rig, factory);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig->supply.operations, 0);
}

static void store_that_cannot_be_written_costs_the_backup_and_not_the_start(void **state)
{
    struct rig *rig = *state;

    program(rig);
    rig->spi.is_read_only = true;
    assert_int_equal(rig_boot_version(rig), 1);
    assert_record(rig);
}

static void backup_that_was_lost_is_made_again(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *factory = program(rig);

    assert_int_equal(rig_boot_version(rig), 1);
    rig_format(rig);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_BACKUP), 1);
    assert_backed_up(rig, factory);
}

static void production_image_is_no_factory_image(void **state)
{
    struct rig *rig = *state;

    rig_install(rig, rig_image(rig, 2, CODE), BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    rig_format(rig);
    assert_int_equal(rig_boot_version(rig), 2);
    assert_int_equal(rig_load(rig), OTA_OK);
    assert_false(store_has(&rig->store, STORE_FACTORY));
}

static void backup_that_does_not_fit_costs_no_start(void **state)
{
    static uint8_t bytes[200000];
    struct rig *rig = *state;
    uint32_t free_size = UINT32_MAX;
    char name[] = "a.x";

    program(rig);
    assert_int_equal(rig_boot_version(rig), 1);
    rig_format(rig);
    for (; free_size > 220000; name[0]++) {
        rig_store_file(rig, name, bytes, sizeof bytes);
        assert_int_equal(store_free_size(&rig->store, &free_size), OTA_OK);
    }
    rig_store_file(rig, "rest.x", bytes, free_size - 16000);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_BACKUP_FAILED), 1);
    assert_int_equal(rig_load(rig), OTA_OK);
    assert_false(store_has(&rig->store, STORE_FACTORY));
    assert_false(store_has(&rig->store, "factory_reset.tmp"));
}

static void boot(struct rig *rig)
{
    assert_int_equal(rig_boot_version(rig), 1);
}

static void cut_everywhere(struct rig *rig)
{
    static const enum power_moment moments[] = {POWER_INSIDE, POWER_AFTER, POWER_WEAK};
    const struct rig_image *factory = program(rig);
    uint32_t operations = 0;

    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        enum rig_end end;
        uint32_t at = 0;
        do {
            rig_mark(rig);
            rig->cut_at = ++at;
            rig->cut_moment = moments[i];
            end = rig_run(rig, boot);
            rig->cut_at = 1 + at % 40;
            rig->cut_moment = moments[at % 3];
            err_ignore((enum ota_err)rig_run(rig, boot));
            boot(rig);
            assert_record(rig);
            assert_backed_up(rig, factory);
            boot(rig);
            assert_int_equal(rig->supply.operations, 0);
            rig_rollback(rig);
        } while (moments[i] == POWER_WEAK ? at < operations : end == RIG_CUT);
        operations = at;
    }
    assert_true(operations > 100);
}

static void cut_first_start_is_done_again(void **state)
{
    cut_everywhere(*state);
}

#define TEST(name)     cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
#define TEST_ECC(name) cmocka_unit_test_setup_teardown(name, rig_setup_ecc, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(first_start_is_known_by_the_image_header),
        TEST(first_start_backs_up_and_writes_the_record),
        TEST(backup_is_whole_before_the_header_goes),
        TEST(what_lay_in_the_store_goes),
        TEST(backup_that_is_there_stays_and_all_else_goes),
        TEST(backup_that_is_there_stays_and_all_else_goes),
        TEST(image_that_may_not_run_is_not_started),
        TEST(dead_store_costs_the_backup_and_not_the_start),
        TEST(store_that_cannot_be_written_costs_the_backup_and_not_the_start),
        TEST(backup_that_was_lost_is_made_again),
        TEST(production_image_is_no_factory_image),
        TEST(backup_that_does_not_fit_costs_no_start),
        TEST(cut_first_start_is_done_again),
        TEST_ECC(cut_first_start_is_done_again),
    };

    return cmocka_run_group_tests_name("factory", tests, NULL, NULL);
}
