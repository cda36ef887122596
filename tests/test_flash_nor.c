#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hal_posix/flash_nor.h"
#include "hal_posix/flash_ram.h"

#define UNIT 4096u

struct chip {
    struct flash_ram ram;
    struct flash_nor nor;
    uint32_t violations;
    char last[128]; /* "nvm 0x1000+8: rule" */
};

static void note(void *context, const char *rule, const struct flash *flash, uint32_t offset,
                 uint32_t size)
{
    struct chip *chip = context;

    chip->violations++;
    snprintf(chip->last, sizeof chip->last, "%s 0x%X+%u: %s", flash->name, offset, size, rule);
}

static void make(struct chip *chip, const struct cells *cells)
{
    memset(chip, 0, sizeof *chip);
    assert_int_equal(flash_ram_init(&chip->ram, cells), OTA_OK);
    flash_nor_init(&chip->nor, &chip->ram.cells, note, chip);
    assert_int_equal(flash_unlock(&chip->nor.flash), OTA_OK);
}

static int setup_nvm(void **state)
{
    struct chip *chip = malloc(sizeof *chip);
    struct cells cells;

    cells_init_nvm(&cells, false);
    make(chip, &cells);
    *state = chip;
    return 0;
}

static int setup_spi(void **state)
{
    struct chip *chip = malloc(sizeof *chip);
    struct cells cells;

    cells_init_sst26(&cells);
    make(chip, &cells);
    *state = chip;
    return 0;
}

static int teardown(void **state)
{
    struct chip *chip = *state;

    flash_ram_free(&chip->ram);
    free(chip);
    return 0;
}

static enum ota_err program(struct chip *chip, uint32_t offset, uint8_t value, uint32_t size)
{
    uint8_t data[2048];

    memset(data, value, sizeof data);
    return flash_program(&chip->nor.flash, offset, data, size);
}

static void assert_refused(struct chip *chip, enum ota_err err, const char *text)
{
    assert_int_equal(err, OTA_ERR_FLASH);
    assert_int_equal(chip->violations, 1);
    assert_string_equal(chip->last, text);
    chip->violations = 0;
}

static void geometry_is_that_of_the_cells_below(void **state)
{
    struct chip *chip = *state;
    struct flash expected = chip->ram.cells.flash;

    expected.ops = chip->nor.flash.ops;
    assert_memory_equal(&chip->nor.flash, &expected, sizeof expected);
    assert_ptr_not_equal(chip->nor.flash.ops, chip->ram.cells.flash.ops);
}

static void double_word_is_programmed_once_for_each_erase(void **state)
{
    struct chip *chip = *state;

    assert_int_equal(program(chip, 0, 0x0F, 8), OTA_OK);
    assert_refused(chip, program(chip, 0, 0x0F, 8), "nvm 0x0+8: programmed twice since its erase");
    assert_refused(chip, program(chip, 0, 0xFF, 8), "nvm 0x0+8: programmed twice since its erase");
    assert_int_equal(program(chip, 8, 0x0F, 8), OTA_OK);
    assert_int_equal(flash_erase(&chip->nor.flash, 0), OTA_OK);
    assert_int_equal(program(chip, 0, 0xF0, 8), OTA_OK);
    assert_int_equal(chip->violations, 0);
}

/* Also when the bytes do not show it: ECC was written. */
static void blank_data_counts_as_programmed(void **state)
{
    struct chip *chip = *state;

    assert_int_equal(program(chip, UNIT, 0xFF, 8), OTA_OK);
    assert_refused(chip, program(chip, UNIT, 0x00, 8),
                   "nvm 0x1000+8: programmed twice since its erase");
}

static void one_programmed_word_in_the_range_is_enough(void **state)
{
    struct chip *chip = *state;

    assert_int_equal(program(chip, 1016, 0x00, 8), OTA_OK);
    assert_refused(chip, program(chip, 0, 0x00, 1024),
                   "nvm 0x0+1024: programmed twice since its erase");
    assert_int_equal(chip->ram.cells.bytes[0], 0xFF); /* what is forbidden is not done */
}

static void torn_double_word_was_programmed(void **state)
{
    struct chip *chip = *state;
    const uint8_t zero[8] = {0};

    cells_tear_program(&chip->ram.cells, 0, zero, 8, TEAR_PREFIX);
    assert_refused(chip, program(chip, 0, 0x00, 8), "nvm 0x0+8: programmed twice since its erase");
}

static void unit_after_a_cut_erase_wants_another_erase(void **state)
{
    struct chip *chip = *state;

    for (enum cells_tear tear = TEAR_SOME_BITS; tear < TEAR_WEAK; tear++) {
        chip->violations = 0;
        cells_tear_erase(&chip->ram.cells, 0, tear);
        assert_refused(chip, program(chip, 0, 0x00, 8),
                       "nvm 0x0+8: programmed twice since its erase");
        assert_int_equal(flash_erase(&chip->nor.flash, 0), OTA_OK);
        assert_int_equal(program(chip, 0, 0x00, 8), OTA_OK);
    }
}

static void programming_sets_no_bit(void **state)
{
    struct chip *chip = *state;

    assert_int_equal(program(chip, 100, 0xF0, 3), OTA_OK);
    assert_int_equal(program(chip, 100, 0x30, 3), OTA_OK); /* bytewise flash may do so */
    assert_refused(chip, program(chip, 102, 0x70, 1), "spi 0x66+1: programming cannot set a bit");
    assert_int_equal(chip->ram.cells.bytes[102], 0x30);
    assert_int_equal(program(chip, 103, 0x70, 1), OTA_OK);
    assert_int_equal(chip->violations, 0);
}

static void nothing_is_written_before_unlock_after_each_power_up(void **state)
{
    struct chip *chip = *state;
    uint8_t byte;

    flash_nor_reset(&chip->nor, false);
    assert_int_equal(program(chip, 0, 0x00, 8), OTA_OK);
    flash_nor_reset(&chip->nor, true);
    assert_refused(chip, program(chip, 8, 0x00, 8), "nvm 0x8+8: written before it was unlocked");
    assert_refused(chip, flash_erase(&chip->nor.flash, UNIT),
                   "nvm 0x1000+4096: written before it was unlocked");
    assert_int_equal(flash_read(&chip->nor.flash, 0, &byte, 1), OTA_OK);
    assert_int_equal(byte, 0x00);
    assert_int_equal(chip->ram.cells.bytes[8], 0xFF);
    assert_int_equal(chip->ram.cells.units[1].erases, 0);
    assert_int_equal(flash_unlock(&chip->nor.flash), OTA_OK);
    assert_int_equal(program(chip, 8, 0x00, 8), OTA_OK);
}

static void new_one_is_locked(void **state)
{
    struct chip *chip = *state;

    flash_nor_init(&chip->nor, &chip->ram.cells, note, chip);
    assert_refused(chip, program(chip, 0, 0x00, 8), "nvm 0x0+8: written before it was unlocked");
}

static void only_what_is_left_open_is_written(void **state)
{
    struct chip *chip = *state;
    const char *rule = "nvm 0x0+4096: written where the running code may not";

    flash_protect(&chip->nor.flash, UNIT, 3 * UNIT);
    assert_refused(chip, flash_erase(&chip->nor.flash, 0), rule);
    assert_int_equal(flash_erase(&chip->nor.flash, UNIT), OTA_OK);
    assert_int_equal(flash_erase(&chip->nor.flash, 2 * UNIT), OTA_OK);
    assert_refused(chip, flash_erase(&chip->nor.flash, 3 * UNIT),
                   "nvm 0x3000+4096: written where the running code may not");
    assert_int_equal(program(chip, UNIT, 0x00, 8), OTA_OK);
    assert_int_equal(program(chip, 3 * UNIT - 8, 0x00, 8), OTA_OK);
    assert_refused(chip, program(chip, UNIT - 8, 0x00, 16),
                   "nvm 0xFF8+16: written where the running code may not");
    assert_refused(chip, program(chip, 3 * UNIT - 16, 0x00, 24),
                   "nvm 0x2FF0+24: written where the running code may not");
    assert_int_equal(chip->ram.cells.bytes[3 * UNIT - 16], 0xFF);
}

static void protection_only_narrows_until_the_next_reset(void **state)
{
    struct chip *chip = *state;

    flash_protect(&chip->nor.flash, UNIT, 3 * UNIT);
    flash_protect(&chip->nor.flash, 0, 0x100000);
    assert_int_equal(flash_erase(&chip->nor.flash, 0), OTA_ERR_FLASH);
    flash_protect(&chip->nor.flash, 2 * UNIT, 0x100000);
    assert_int_equal(flash_erase(&chip->nor.flash, UNIT), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(&chip->nor.flash, 2 * UNIT), OTA_OK);
    assert_int_equal(flash_erase(&chip->nor.flash, 3 * UNIT), OTA_ERR_FLASH);
    flash_protect(&chip->nor.flash, 5 * UNIT, UNIT); /* nothing is left */
    assert_int_equal(flash_erase(&chip->nor.flash, 2 * UNIT), OTA_ERR_FLASH);
    assert_int_equal(chip->violations, 4);
    flash_nor_reset(&chip->nor, false);
    assert_int_equal(flash_erase(&chip->nor.flash, 0), OTA_OK);
    assert_int_equal(flash_erase(&chip->nor.flash, 0xFF000), OTA_OK);
}

static void unreadable_words_stay_unreadable(void **state)
{
    struct chip *chip = *state;
    const uint8_t zero[8] = {0};
    uint8_t back[8];

    chip->ram.cells.has_ecc = true;
    cells_tear_program(&chip->ram.cells, 0, zero, 8, TEAR_PREFIX);
    assert_int_equal(flash_read(&chip->nor.flash, 0, back, 8), OTA_ERR_ECC);
    assert_int_equal(chip->violations, 0);
}

static void nobody_need_listen(void **state)
{
    struct chip *chip = *state;

    flash_nor_init(&chip->nor, &chip->ram.cells, NULL, NULL);
    assert_int_equal(flash_erase(&chip->nor.flash, 0), OTA_ERR_FLASH);
}

#define NVM(name) cmocka_unit_test_setup_teardown(name, setup_nvm, teardown)
#define SPI(name) cmocka_unit_test_setup_teardown(name, setup_spi, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        NVM(geometry_is_that_of_the_cells_below),
        SPI(geometry_is_that_of_the_cells_below),
        NVM(double_word_is_programmed_once_for_each_erase),
        NVM(blank_data_counts_as_programmed),
        NVM(one_programmed_word_in_the_range_is_enough),
        NVM(torn_double_word_was_programmed),
        NVM(unit_after_a_cut_erase_wants_another_erase),
        SPI(programming_sets_no_bit),
        NVM(nothing_is_written_before_unlock_after_each_power_up),
        NVM(new_one_is_locked),
        NVM(only_what_is_left_open_is_written),
        NVM(protection_only_narrows_until_the_next_reset),
        NVM(unreadable_words_stay_unreadable),
        NVM(nobody_need_listen),
    };

    return cmocka_run_group_tests_name("flash_nor", tests, NULL, NULL);
}
