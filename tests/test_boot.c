#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bootloader/install.h"
#include "core/bytes.h"
#include "core/crc32.h"
#include "tests/rig.h"

#define CODE 20000 /* five pages with what stands behind the code */

/* Version 1 runs, confirmed, and is in the store; so is the factory image, version 1 too. */
static const struct rig_image *run_first(struct rig *rig)
{
    const struct rig_image *first = rig_image(rig, 1, CODE);

    rig_install(rig, first, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    rig_format(rig);
    rig_store(rig, first, BOOTCTL_VALID);
    return first;
}

static const struct rig_image *add(struct rig *rig, uint32_t version)
{
    const struct rig_image *image = rig_image(rig, version, CODE + 100 * version);

    rig_store(rig, image, BOOTCTL_DOWNLOADED);
    return image;
}

static void assert_record(struct rig *rig, enum bootctl_status status, uint32_t trials)
{
    struct bootctl bootctl;

    assert_int_equal(bootctl_open(&bootctl, rig->hal.nvm, layout_mzw1.bootctl_offset), OTA_OK);
    assert_int_equal(bootctl.record.status, status);
    assert_int_equal(bootctl.record.trials, trials);
}

static void assert_rows(struct rig *rig, const char *expected)
{
    char is[RIG_TEXT_MAX];

    rig_describe(rig, is);
    assert_string_equal(is, expected);
}

/* The application runs until something resets the processor. */
static void reset_by(struct rig *rig, enum system_cause cause)
{
    rig->cause = cause;
}

static void fail_trials(struct rig *rig, uint32_t version)
{
    for (uint32_t trial = 1; trial <= 3; trial++) {
        assert_int_equal(rig_boot_version(rig), version);
        assert_record(rig, BOOTCTL_UNBOOTED, trial);
        reset_by(rig, SYSTEM_WATCHDOG);
    }
}

static void spoil_program_flash(struct rig *rig)
{
    rig->nvm_ram.cells.bytes[layout_mzw1.app_offset + 5000] ^= 1;
}

static void confirmed_image_starts_without_a_flash_operation(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig->supply.operations, 0);
    assert_record(rig, BOOTCTL_VALID, 0);
}

static void protection_is_narrowed_and_the_watchdog_runs_before_the_start(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    assert_int_equal(rig_boot_version(rig), 1);
    const struct rig_step *wide = &rig->steps[rig_find(rig, RIG_PROTECT)];
    assert_int_equal(wide->offset, 0x20000);
    assert_int_equal(wide->size, 0xFF000);
    const struct rig_step *last = &rig->steps[rig->step_count - 1];
    assert_int_equal(last->kind, RIG_WATCHDOG);
    assert_int_equal(last->args[0], 10000);
    assert_int_equal(last[-1].kind, RIG_PROTECT);
    assert_int_equal(last[-1].offset, 0x20000);
    assert_int_equal(last[-1].size, 0x21000);
    assert_int_equal(flash_erase(rig->hal.nvm, 0x21000), OTA_ERR_FLASH);
    assert_int_equal(rig->violations, 1);
    rig->violations = 0;
}

static void older_and_equal_images_of_the_store_change_nothing(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *second = rig_image(rig, 2, CODE);

    run_first(rig);
    add(rig, 1 + 1);
    rig_install(rig, second, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    assert_int_equal(rig_boot(rig), BOOT_START);
    assert_true(rig_holds(rig, second));
    assert_int_equal(rig_operations(rig, true), 0);
}

static void newer_image_is_verified_installed_and_put_on_trial(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    add(rig, 2);
    assert_int_equal(rig_boot_version(rig), 2);
    assert_record(rig, BOOTCTL_UNBOOTED, 1);
    uint32_t candidate = rig_find_log(rig, LOG_BOOT_CANDIDATE);
    uint32_t verify = rig_find(rig, RIG_VERIFY);
    uint32_t install = rig_find_log(rig, LOG_BOOT_INSTALL);
    uint32_t erase = rig_find(rig, RIG_ERASE);
    uint32_t installed = rig_find_log(rig, LOG_BOOT_INSTALLED);
    uint32_t trial = rig_find_log(rig, LOG_BOOT_TRIAL);
    uint32_t jump = rig_find_log(rig, LOG_BOOT_JUMP);
    assert_true(candidate < verify && verify < install && install < erase && erase < installed &&
                installed < trial && trial < jump);
    assert_int_equal(rig->steps[verify].args[0], OTA_OK);
    assert_true(rig->steps[erase].is_nvm);
    assert_int_equal(rig_operations(rig, false), 0);
    assert_rows(rig, "1:F8 2:FE");
}

/* Each double word of the boot control page is written behind the last page of the image. */
static void boot_control_names_an_image_only_when_it_is_whole(void **state)
{
    struct rig *rig = *state;
    bool is_named = false;

    run_first(rig);
    add(rig, 2);
    assert_int_equal(rig_boot_version(rig), 2);
    for (uint32_t i = 0; i < rig->step_count; i++) {
        const struct rig_step *step = &rig->steps[i];
        if (!step->is_nvm)
            continue;
        is_named |= step->offset < layout_mzw1.app_offset;
        assert_false(is_named && step->offset >= layout_mzw1.app_offset);
    }
    assert_true(is_named);
}

static void image_that_fails_its_trials_is_disabled_and_the_one_before_comes_back(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    add(rig, 2);
    fail_trials(rig, 2);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_DISABLED), 1);
    assert_rows(rig, "1:F8 2:F0");
    reset_by(rig, SYSTEM_POWER_ON);
    for (int i = 0; i < 3; i++)
        assert_int_equal(rig_boot_version(rig), 1);
}

static void failed_images_fall_back_one_by_one_to_the_factory_image(void **state)
{
    struct rig *rig = *state;
    struct rig_recipe recipe = {.version = 1, .code_size = 9000, .seed = 1};
    const struct rig_image *factory = rig_make(rig, &recipe);

    rig_install(rig, factory, BOOTCTL_FACTORY, BOOTCTL_VALID);
    rig_format(rig);
    rig_store_file(rig, STORE_FACTORY, factory->bytes, factory->size);
    add(rig, 2);
    add(rig, 3);
    fail_trials(rig, 3);
    fail_trials(rig, 2);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_true(rig_holds(rig, factory));
    assert_int_equal(rig->boot.bootctl.record.type, BOOTCTL_FACTORY);
    assert_record(rig, BOOTCTL_VALID, 0);
    assert_rows(rig, "2:F0 3:F0");
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig->supply.operations, 0);
}

static void trial_that_the_power_ended_does_not_count(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    add(rig, 2);
    for (int i = 0; i < 20; i++) {
        reset_by(rig, SYSTEM_POWER_ON);
        assert_int_equal(rig_boot_version(rig), 2);
        assert_record(rig, BOOTCTL_UNBOOTED, 1);
    }
    for (uint32_t trial = 2; trial <= 3; trial++) {
        reset_by(rig, SYSTEM_SOFTWARE);
        assert_int_equal(rig_boot_version(rig), 2);
        assert_record(rig, BOOTCTL_UNBOOTED, trial);
    }
    reset_by(rig, SYSTEM_POWER_ON);
    assert_int_equal(rig_boot_version(rig), 2);
    reset_by(rig, SYSTEM_SOFTWARE);
    assert_int_equal(rig_boot_version(rig), 1);
}

/* It proved itself once; its resets now may have any cause, and nothing is left behind it. */
static void image_confirmed_before_is_not_given_up_after_a_rollback(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    add(rig, 2);
    fail_trials(rig, 2);
    for (int i = 0; i < 6; i++) {
        reset_by(rig, SYSTEM_WATCHDOG);
        assert_int_equal(rig_boot_version(rig), 1);
    }
}

static void damaged_program_flash_is_repaired_from_the_store(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    spoil_program_flash(rig);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_erases(rig, true), 1);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_BAD_FLASH), 1);
    assert_rows(rig, "1:F8");
}

/* Each kind of candidate that may not run: the old image goes on, and not a page of it was erased.
 */
static void refused_candidate_costs_the_old_image_nothing(void **state)
{
    static const struct rig_recipe recipes[] = {
        {.version = 2, .code_size = CODE, .is_unsigned = true},
        {.version = 2, .code_size = CODE, .has_other_key = true},
        {.version = 2, .code_size = CODE, .has_other_product = true},
        {.version = 2, .code_size = 0xDE000},
        {.version = 3, .code_size = CODE},
        {.version = 2, .code_size = CODE},
    };
    struct rig *rig = *state;
    const struct rig_image *first = run_first(rig);

    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        const struct rig_image *bad = rig_make(rig, &recipes[i]);
        struct database_row row = {.status = BOOTCTL_DOWNLOADED, .version = 2};
        rig_format(rig);
        rig_store(rig, first, BOOTCTL_VALID);
        rig_store_file(rig, "bad.x", bad->bytes, bad->size);
        if (i == 5)
            rig_spoil(rig, bad, IMAGE_HEADER_PAGE + 9000);
        memcpy(row.name, "bad.x", 6);
        assert_int_equal(rig_load(rig), OTA_OK);
        assert_int_equal(store_enter(&rig->store, &row), OTA_OK);
        assert_int_equal(rig_boot_version(rig), 1);
        assert_int_equal(rig_operations(rig, true), 0);
        assert_int_equal(rig_count_log(rig, LOG_BOOT_REFUSED), 1);
        assert_rows(rig, "1:F8 2:F0");
        assert_int_equal(rig_boot_version(rig), 1);
        assert_int_equal(rig_count_log(rig, LOG_BOOT_REFUSED), 0);
    }
}

static void damaged_newest_image_leaves_the_next_best(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    add(rig, 2);
    const struct rig_image *third = add(rig, 3);
    rig_spoil(rig, third, IMAGE_HEADER_PAGE + 9000);
    assert_int_equal(rig_boot_version(rig), 2);
    assert_rows(rig, "1:F8 2:FE 3:F0");
}

static void everything_damaged_but_the_factory_image_starts_that(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *first = run_first(rig);
    struct rig_recipe recipe = {.version = 1, .code_size = 9000, .seed = 1};
    const struct rig_image *factory = rig_make(rig, &recipe);

    rig_store_file(rig, STORE_FACTORY, factory->bytes, factory->size);
    const struct rig_image *second = add(rig, 2);
    rig_spoil(rig, first, IMAGE_HEADER_PAGE + 9000);
    rig_spoil(rig, second, IMAGE_HEADER_PAGE + 9000);
    spoil_program_flash(rig);
    assert_int_equal(rig_boot(rig), BOOT_START);
    assert_true(rig_holds(rig, factory));
}

static void nothing_to_start_stays_in_the_bootloader(void **state)
{
    struct rig *rig = *state;

    for (int i = 0; i < 3; i++) {
        assert_int_equal(rig_boot(rig), BOOT_STAY);
        assert_int_equal(rig->step_count ? rig_count_log(rig, LOG_BOOT_STAY) : 0, 1);
        assert_int_equal(rig->supply.operations, 0);
        assert_int_equal(rig_find(rig, RIG_WATCHDOG), UINT32_MAX);
    }
    rig_format(rig);
    assert_int_equal(rig_boot(rig), BOOT_STAY);
    const struct rig_image *factory = rig_image(rig, 1, CODE);
    rig_store_file(rig, STORE_FACTORY, factory->bytes, factory->size);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_record(rig, BOOTCTL_VALID, 0);
}

static void valid_image_starts_without_a_store(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    rig->spi.is_dead = true;
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig->supply.operations, 0);
    assert_int_equal(rig->steps[rig_find_log(rig, LOG_BOOT_NO_STORE)].args[0], OTA_ERR_FLASH);
    rig->spi.is_dead = false;
    memset(rig->spi_ram.cells.bytes, 0xFF, rig->hal.spi->size);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig->supply.operations, 0);
    memset(rig->spi_ram.cells.bytes, 0x5A, rig->hal.spi->size);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig->supply.operations, 0);
}

static void lose_record(struct rig *rig, int fill)
{
    memset(rig->nvm_ram.cells.bytes + layout_mzw1.bootctl_offset, fill, 4096);
    memset(rig->nvm_ram.cells.marks + layout_mzw1.bootctl_offset / 8,
           fill == 0xFF ? 0 : CELLS_PROGRAMMED, 512);
}

static void lost_record_is_rebuilt_by_what_is_installed(void **state)
{
    static const struct {
        enum bootctl_status row, record;
        uint32_t trials;
    } cases[] = {{BOOTCTL_VALID, BOOTCTL_VALID, 0}, {BOOTCTL_DOWNLOADED, BOOTCTL_UNBOOTED, 1}};
    struct rig *rig = *state;
    const struct rig_image *first = rig_image(rig, 1, CODE), *second = rig_image(rig, 2, CODE);

    for (int fill = 0; fill <= 0xFF; fill += 0x33) {
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            rig_format(rig);
            rig_store(rig, first, BOOTCTL_VALID);
            rig_store(rig, second, cases[i].row);
            rig_install(rig, second, BOOTCTL_PRODUCTION, cases[i].record);
            lose_record(rig, fill);
            assert_int_equal(rig_boot_version(rig), 2);
            assert_record(rig, cases[i].record, cases[i].trials);
            assert_int_equal(rig_count_log(rig, LOG_BOOT_RECORD_REBUILT), 1);
            assert_int_equal(rig_count_log(rig, LOG_BOOT_INSTALL), 0);
        }
    }
}

static void lost_record_of_the_factory_image_is_rebuilt(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *factory = rig_image(rig, 1, CODE);

    rig_install(rig, factory, BOOTCTL_FACTORY, BOOTCTL_VALID);
    rig_format(rig);
    rig_store_file(rig, STORE_FACTORY, factory->bytes, factory->size);
    lose_record(rig, 0xFF);
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig->boot.bootctl.record.type, BOOTCTL_FACTORY);
    assert_record(rig, BOOTCTL_VALID, 0);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_INSTALL), 0);
}

static void image_below_the_counter_floor_never_starts(void **state)
{
    struct rig *rig = *state;
    struct rig_recipe recipe = {.version = 2, .code_size = CODE, .counter = 5};
    const struct rig_image *running = rig_make(rig, &recipe);
    const struct rig_image *factory = rig_image(rig, 1, CODE);

    rig_install(rig, running, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    rig_format(rig);
    rig_store_file(rig, STORE_FACTORY, factory->bytes, factory->size);
    rig_store(rig, factory, BOOTCTL_VALID);
    recipe.version = 3;
    recipe.counter = 4;
    rig_store(rig, rig_make(rig, &recipe), BOOTCTL_DOWNLOADED);
    assert_int_equal(rig_boot_version(rig), 2);
    assert_int_equal(rig_operations(rig, true), 0);
    spoil_program_flash(rig);
    for (int i = 0; i < 3; i++)
        assert_int_equal(rig_boot(rig), BOOT_STAY);
    assert_int_equal(rig_operations(rig, true), 0);
}

static void counter_floor_is_not_lost_with_the_record(void **state)
{
    struct rig *rig = *state;
    struct rig_recipe recipe = {.version = 2, .code_size = CODE, .counter = 5};
    const struct rig_image *running = rig_make(rig, &recipe);

    rig_install(rig, running, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    rig_format(rig);
    rig_store(rig, running, BOOTCTL_VALID);
    recipe.version = 3;
    recipe.counter = 4;
    rig_store(rig, rig_make(rig, &recipe), BOOTCTL_DOWNLOADED);
    lose_record(rig, 0xFF);
    assert_int_equal(rig_boot_version(rig), 2);
    assert_int_equal(bootctl_counter_floor(&rig->boot.bootctl), 5);
    assert_int_equal(rig_boot_version(rig), 2);
}

static void trial_raises_no_counter_floor(void **state)
{
    struct rig *rig = *state;
    struct rig_recipe recipe = {.version = 2, .code_size = CODE, .counter = 5};

    run_first(rig);
    rig_store(rig, rig_make(rig, &recipe), BOOTCTL_DOWNLOADED);
    fail_trials(rig, 2);
    assert_int_equal(rig_boot_version(rig), 1);
}

static uint32_t count_nvm_writes(const struct rig *rig)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < rig->step_count; i++)
        count += rig->steps[i].kind <= RIG_ERASE && rig->steps[i].is_nvm;
    return count;
}

/* The mains fail again and again in an image's first minute: no word is used up for that. */
static void power_failures_in_a_trial_write_nothing(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DOWNLOADED);
    assert_int_equal(rig_boot_version(rig), 2);
    rig->cause = SYSTEM_POWER_ON;
    assert_int_equal(rig_boot_version(rig), 2);
    assert_int_equal(count_nvm_writes(rig), 0);
}

/* A record with a right CRC and version 7, which the image in program flash does not have. */
static void name_another_version(struct rig *rig, uint32_t also_at, uint8_t also_xor)
{
    uint8_t *raw = rig->nvm_ram.cells.bytes + layout_mzw1.bootctl_offset;

    rig->nvm_ram.cells.before_change(&rig->nvm_ram.cells, layout_mzw1.bootctl_offset / 4096);
    bytes_put32(raw + 12, 7);
    raw[also_at] ^= also_xor;
    bytes_put32(raw + 108, crc32_update(0, raw, 108));
}

static void record_of_another_image_is_not_mended(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    name_another_version(rig, 32, 1); /* its hash */
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_RECORD_REBUILT), 0);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_BAD_FLASH), 1);
}

static void damaged_image_mends_no_record(void **state)
{
    struct rig *rig = *state;

    run_first(rig);
    name_another_version(rig, 12, 0);
    rig->nvm_ram.cells.before_change(&rig->nvm_ram.cells, layout_mzw1.app_offset / 4096);
    rig->nvm_ram.cells.bytes[layout_mzw1.app_offset] ^= 1;
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_RECORD_REBUILT), 0);
}

static void image_on_its_way_out_mends_no_record(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *first = run_first(rig);

    rig_store_file(rig, STORE_FACTORY, first->bytes, first->size);
    name_another_version(rig, 101, 1); /* a factory reset is asked for */
    assert_int_equal(rig_boot_version(rig), 1);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_FACTORY_RESET), 1);
}

/* A right CRC, and one number that is not the image's. */
static void record_that_contradicts_its_image_is_mended(void **state)
{
    static const uint32_t places[] = {12, 16, 20, 24}; /* version, size, boot address, counter */
    static const uint32_t values[] = {0, 1, 0x7FFFFFFF, UINT32_MAX};
    struct rig *rig = *state;
    const struct rig_image *first = run_first(rig);
    uint8_t *raw = rig->nvm_ram.cells.bytes + layout_mzw1.bootctl_offset;

    rig_store_file(rig, STORE_FACTORY, first->bytes, first->size);
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t right = bytes_get32(raw + places[i / 4]);
        if (right == values[i % 4])
            continue;
        rig_mark(rig);
        rig->nvm_ram.cells.before_change(&rig->nvm_ram.cells, layout_mzw1.bootctl_offset / 4096);
        bytes_put32(raw + places[i / 4], values[i % 4]);
        bytes_put32(raw + 108, crc32_update(0, raw, 108));
        assert_int_equal(rig_boot_version(rig), 1);
        assert_int_equal(rig_count_log(rig, LOG_BOOT_RECORD_REBUILT), 1);
        assert_int_equal(rig->boot.bootctl.record.version, 1);
        assert_int_equal(rig->boot.bootctl.record.size, first->size);
        assert_int_equal(bootctl_counter_floor(&rig->boot.bootctl), 0);
        assert_record(rig, BOOTCTL_VALID, 0);
        add(rig, 2);
        assert_int_equal(rig_boot_version(rig), 2);
        assert_int_equal(rig_count_log(rig, LOG_BOOT_RECORD_REBUILT), 0);
        rig_rollback(rig);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(confirmed_image_starts_without_a_flash_operation),
        TEST(protection_is_narrowed_and_the_watchdog_runs_before_the_start),
        TEST(older_and_equal_images_of_the_store_change_nothing),
        TEST(newer_image_is_verified_installed_and_put_on_trial),
        TEST(boot_control_names_an_image_only_when_it_is_whole),
        TEST(image_that_fails_its_trials_is_disabled_and_the_one_before_comes_back),
        TEST(failed_images_fall_back_one_by_one_to_the_factory_image),
        TEST(trial_that_the_power_ended_does_not_count),
        TEST(image_confirmed_before_is_not_given_up_after_a_rollback),
        TEST(damaged_program_flash_is_repaired_from_the_store),
        TEST(refused_candidate_costs_the_old_image_nothing),
        TEST(damaged_newest_image_leaves_the_next_best),
        TEST(everything_damaged_but_the_factory_image_starts_that),
        TEST(nothing_to_start_stays_in_the_bootloader),
        TEST(valid_image_starts_without_a_store),
        TEST(lost_record_is_rebuilt_by_what_is_installed),
        TEST(lost_record_of_the_factory_image_is_rebuilt),
        TEST(image_below_the_counter_floor_never_starts),
        TEST(power_failures_in_a_trial_write_nothing),
        TEST(record_of_another_image_is_not_mended),
        TEST(damaged_image_mends_no_record),
        TEST(image_on_its_way_out_mends_no_record),
        TEST(record_that_contradicts_its_image_is_mended),
        TEST(counter_floor_is_not_lost_with_the_record),
        TEST(trial_raises_no_counter_floor),
    };

    return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}
