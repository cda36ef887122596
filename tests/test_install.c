#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "bootloader/install.h"
#include "sim/image/memory_source.h"
#include "tests/rig.h"

#define PAGE 4096u
#define ROW  1024u

static enum ota_err install(struct rig *rig, const struct rig_image *image)
{
    struct memory_source source;
    struct image_info info;

    rig_power_on(rig);
    assert_int_equal(flash_unlock(rig->hal.nvm), OTA_OK);
    flash_protect(rig->hal.nvm, layout_mzw1.app_offset,
                  layout_mzw1.app_offset + layout_mzw1.app_size);
    memory_source_init(&source, image->bytes, image->size);
    assert_int_equal(image_parse(&source.source, &info), OTA_OK);
    return install_image(&rig->hal, &source.source, &info, rig->buffer);
}

static void assert_installed(struct rig *rig, uint32_t written)
{
    const struct rig_step *step = &rig->steps[rig_find_log(rig, LOG_BOOT_INSTALLED)];

    assert_int_equal(rig_count_log(rig, LOG_BOOT_INSTALLED), 1);
    assert_int_equal(step->args[1], written);
    assert_int_equal(step->args[2], layout_mzw1.app_size / PAGE - written);
}

static void image_is_written_page_by_page_into_blank_flash(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = rig_image(rig, 2, 3 * PAGE);
    uint32_t rows = (image->size - IMAGE_HEADER_PAGE + ROW - 1) / ROW;

    assert_int_equal(install(rig, image), OTA_OK);
    assert_true(rig_holds(rig, image));
    assert_installed(rig, 4);
    assert_int_equal(rig_erases(rig, true), 4);
    assert_int_equal(rig_operations(rig, true), 4 + rows);
    uint32_t last = 0;
    for (uint32_t i = 0; i < rig->step_count; i++) {
        const struct rig_step *step = &rig->steps[i];
        if (step->kind != RIG_ERASE && step->kind != RIG_PROGRAM)
            continue;
        assert_int_equal(step->offset % (step->kind == RIG_ERASE ? PAGE : ROW), 0);
        assert_true(step->offset >= last);
        last = step->offset;
    }
}

static void largest_image_fills_program_flash_and_nothing_else(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *probe = rig_image(rig, 1, PAGE);
    uint32_t tlvs = probe->size - IMAGE_HEADER_PAGE - PAGE;
    const struct rig_image *image = rig_image(rig, 2, layout_mzw1.app_size - tlvs);

    memset(rig->nvm_ram.cells.bytes, 0xC3, layout_mzw1.app_offset);
    memset(rig->nvm_ram.cells.bytes + 0xFF000, 0xC3, 0x1000);
    assert_in_range(image->size, IMAGE_HEADER_PAGE + layout_mzw1.app_size - 2,
                    IMAGE_HEADER_PAGE + layout_mzw1.app_size);
    assert_int_equal(install(rig, image), OTA_OK);
    assert_true(rig_holds(rig, image));
    for (uint32_t at = 0; at < 0x100000; at++)
        if (at < layout_mzw1.app_offset || at >= 0xFF000)
            assert_int_equal(rig->nvm_ram.cells.bytes[at], 0xC3);
}

static void same_image_again_writes_nothing(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = rig_image(rig, 2, 20000);

    assert_int_equal(install(rig, image), OTA_OK);
    assert_int_equal(install(rig, image), OTA_OK);
    assert_int_equal(rig_operations(rig, true), 0);
    assert_installed(rig, 0);
}

static void page_that_is_right_is_left_alone(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = rig_image(rig, 2, 20000);

    assert_int_equal(install(rig, image), OTA_OK);
    rig->nvm_ram.cells.bytes[layout_mzw1.app_offset + 2 * PAGE + 7] ^= 0x80;
    assert_int_equal(install(rig, image), OTA_OK);
    assert_true(rig_holds(rig, image));
    assert_int_equal(rig_operations(rig, true), 5);
    assert_int_equal(rig->steps[rig_find(rig, RIG_ERASE)].offset,
                     layout_mzw1.app_offset + 2 * PAGE);
    assert_installed(rig, 1);
}

static void residue_behind_a_shorter_image_is_erased(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *longer = rig_image(rig, 2, 40000), *shorter = rig_image(rig, 1, 9000);

    assert_int_equal(install(rig, longer), OTA_OK);
    rig->nvm_ram.cells.bytes[0xFF000 - 1] = 0; /* and the last byte there is */
    assert_int_equal(install(rig, shorter), OTA_OK);
    assert_true(rig_holds(rig, shorter));
    assert_int_equal(rig_erases(rig, true), 11);
}

static void rows_of_0xff_are_not_programmed(void **state)
{
    struct rig *rig = *state;
    struct rig_recipe recipe = {
        .version = 2, .code_size = 3 * PAGE, .erased_from = ROW, .erased_to = PAGE + 3 * ROW};
    const struct rig_image *image = rig_make(rig, &recipe);

    assert_int_equal(install(rig, image), OTA_OK);
    assert_true(rig_holds(rig, image));
    for (uint32_t i = 0; i < rig->step_count; i++)
        if (rig->steps[i].kind == RIG_PROGRAM)
            assert_false(rig->steps[i].offset >= layout_mzw1.app_offset + ROW &&
                         rig->steps[i].offset < layout_mzw1.app_offset + PAGE + 3 * ROW);
    assert_int_equal(rig_operations(rig, true) - rig_erases(rig, true), 1 + 1 + 4 + 1);
}

/* A page that is blank and should be is neither erased nor programmed. */
static void blank_page_within_the_image_is_left_alone(void **state)
{
    struct rig *rig = *state;
    struct rig_recipe recipe = {
        .version = 2, .code_size = 3 * PAGE, .erased_from = PAGE, .erased_to = 2 * PAGE};
    const struct rig_image *image = rig_make(rig, &recipe);

    assert_int_equal(install(rig, image), OTA_OK);
    assert_true(rig_holds(rig, image));
    assert_int_equal(rig_erases(rig, true), 3);
}

static void page_that_holds_at_the_last_try_is_good(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = rig_image(rig, 2, 20000);

    rig->nvm.bad_page = layout_mzw1.app_offset / PAGE + 1;
    rig->nvm.bad_times = INSTALL_TRIES - 1;
    assert_int_equal(install(rig, image), OTA_OK);
    assert_true(rig_holds(rig, image));
    assert_int_equal(rig_erases(rig, true), 5 + INSTALL_TRIES - 1);
}

/* It reads as erased, where the old image has a page more than the new one. */
static void weak_page_behind_the_image_is_left_alone(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = rig_image(rig, 2, 20000);

    cells_tear_erase(&rig->nvm_ram.cells, layout_mzw1.app_offset + 20 * PAGE, TEAR_WEAK);
    assert_int_equal(install(rig, image), OTA_OK);
    assert_int_equal(rig_erases(rig, true), 5);
}

static void unreadable_double_word_is_written_again(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = rig_image(rig, 2, 20000);

    assert_int_equal(install(rig, image), OTA_OK);
    rig->nvm_ram.cells.marks[(layout_mzw1.app_offset + 2 * PAGE + 800) / 8] |= CELLS_TORN;
    assert_int_equal(install(rig, image), OTA_OK);
    assert_installed(rig, 1);
    assert_int_equal(install(rig, image), OTA_OK);
    assert_installed(rig, 0);
}

static void bad_page_is_given_up_after_its_tries(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = rig_image(rig, 2, 20000);
    uint32_t bad = layout_mzw1.app_offset + 2 * PAGE;

    rig->nvm.bad_page = bad / PAGE;
    assert_int_equal(install(rig, image), OTA_ERR_FLASH);
    assert_int_equal(rig_erases(rig, true), 2 + INSTALL_TRIES);
    assert_int_equal(rig_count_log(rig, LOG_BOOT_INSTALLED), 0);
    for (uint32_t i = 0; i < rig->step_count; i++)
        if (rig->steps[i].kind == RIG_ERASE)
            assert_true(rig->steps[i].offset <= bad);
    rig->nvm.bad_page = UINT32_MAX;
    assert_int_equal(install(rig, image), OTA_OK);
    assert_installed(rig, 3);
}

static enum ota_err failing_read(struct image_source *source, uint32_t offset, void *data,
                                 uint32_t size)
{
    (void)source, (void)data, (void)size;
    return offset < IMAGE_HEADER_PAGE + 2 * PAGE ? OTA_OK : OTA_ERR_CORRUPT;
}

static void error_of_the_source_is_passed_on(void **state)
{
    struct rig *rig = *state;
    struct image_source source = {failing_read, 50000};
    struct image_info info = {.total_size = 50000};

    rig_power_on(rig);
    assert_int_equal(flash_unlock(rig->hal.nvm), OTA_OK);
    memset(rig->buffer, 0x11, sizeof rig->buffer);
    assert_int_equal(install_image(&rig->hal, &source, &info, rig->buffer), OTA_ERR_CORRUPT);
    assert_int_equal(rig_erases(rig, true), 2);
}

static void install_second(struct rig *rig)
{
    assert_int_equal(install(rig, &rig->images[1]), OTA_OK);
}

/* Over another image, that one's length and the new one's, in all ways an operation can be cut. */
static void cut_everywhere(struct rig *rig, uint32_t old_size, uint32_t new_size)
{
    static const enum power_moment moments[] = {POWER_INSIDE, POWER_AFTER, POWER_WEAK};
    uint32_t operations = 0;

    rig_image(rig, 1, old_size);
    rig_image(rig, 2, new_size);
    assert_int_equal(install(rig, &rig->images[0]), OTA_OK);
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        enum rig_end end;
        uint32_t at = 0;
        do {
            rig_mark(rig);
            rig->cut_at = ++at;
            rig->cut_moment = moments[i];
            end = rig_run(rig, install_second);
            install_second(rig);
            assert_true(rig_holds(rig, &rig->images[1]));
            if (end == RIG_CUT && at > 10) /* what was done is not done again */
                assert_true(rig->supply.operations + at < operations + 15 || operations == 0);
            install_second(rig);
            assert_int_equal(rig_operations(rig, true), 0);
            rig_rollback(rig);
        } while (moments[i] == POWER_WEAK ? at < operations : end == RIG_CUT);
        operations = at;
    }
    assert_true(operations > 20);
}

static void cut_install_goes_on_where_it_stopped(void **state)
{
    cut_everywhere(*state, 30000, 20000);
}

static void cut_install_of_a_longer_image_goes_on_where_it_stopped(void **state)
{
    cut_everywhere(*state, 9000, 30000);
}

#define TEST(name)     cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)
#define TEST_ECC(name) cmocka_unit_test_setup_teardown(name, rig_setup_ecc, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(image_is_written_page_by_page_into_blank_flash),
        TEST(largest_image_fills_program_flash_and_nothing_else),
        TEST(same_image_again_writes_nothing),
        TEST(page_that_is_right_is_left_alone),
        TEST(residue_behind_a_shorter_image_is_erased),
        TEST(rows_of_0xff_are_not_programmed),
        TEST(blank_page_within_the_image_is_left_alone),
        TEST(page_that_holds_at_the_last_try_is_good),
        TEST(weak_page_behind_the_image_is_left_alone),
        TEST_ECC(unreadable_double_word_is_written_again),
        TEST(bad_page_is_given_up_after_its_tries),
        TEST(error_of_the_source_is_passed_on),
        TEST(cut_install_goes_on_where_it_stopped),
        TEST_ECC(cut_install_goes_on_where_it_stopped),
        TEST(cut_install_of_a_longer_image_goes_on_where_it_stopped),
        TEST_ECC(cut_install_of_a_longer_image_goes_on_where_it_stopped),
    };

    return cmocka_run_group_tests_name("install", tests, NULL, NULL);
}
