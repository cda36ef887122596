/* The driver against a flash that ignores what its data sheet says it ignores. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hal_pic32/cp0.h"
#include "hal_pic32/spi.h"
#include "hal_pic32/sst26.h"

#define SIZE    0x400000u
#define LOG_MAX 64

static struct {
    uint8_t bytes[SIZE];
    uint8_t id[3];
    bool is_selected, is_enabled, is_protected;
    bool is_deaf;        /* WREN does nothing */
    bool is_dead;        /* the bus does not answer */
    uint32_t busy;       /* status reads to come that say so */
    uint32_t busy_after; /* of each write */
    uint8_t message[300];
    uint32_t sent, taken;
    uint8_t log[LOG_MAX]; /* writes carried out */
    uint32_t offsets[LOG_MAX], count;
    uint32_t now;
} chip;

static struct sst26 sst26;

uint32_t cp0_count(void)
{
    return chip.now += 10000;
}

void spi_init(void)
{
}

void spi_select(void)
{
    assert_false(chip.is_selected);
    chip.is_selected = true;
    chip.sent = chip.taken = 0;
}

static uint32_t address(void)
{
    return (uint32_t)chip.message[1] << 16 | (uint32_t)chip.message[2] << 8 | chip.message[3];
}

static void carry_out(void)
{
    uint32_t at = address();

    if (chip.message[0] == 0x98 && chip.is_enabled) {
        chip.is_protected = false;
    } else if (chip.is_enabled && !chip.is_protected) {
        if (chip.message[0] == 0x20)
            memset(chip.bytes + (at & ~0xFFFu), 0xFF, 4096);
        for (uint32_t i = 4; chip.message[0] == 0x02 && i < chip.sent; i++)
            chip.bytes[(at & ~0xFFu) | ((at + i - 4) & 0xFF)] &= chip.message[i];
        if (chip.count < LOG_MAX) {
            chip.offsets[chip.count] = at;
            chip.log[chip.count++] = chip.message[0];
        }
    }
    chip.is_enabled = false;
    chip.busy = chip.busy_after;
}

void spi_release(void)
{
    if (chip.is_selected && !chip.is_dead) {
        uint8_t command = chip.message[0];
        if (command == 0x06)
            chip.is_enabled = !chip.is_deaf && !chip.busy;
        if (!chip.busy && (command == 0x98 || command == 0x20 || command == 0x02))
            carry_out();
    }
    chip.is_selected = false;
}

bool spi_send(const uint8_t *data, uint32_t size)
{
    assert_true(chip.is_selected && chip.sent + size <= sizeof chip.message);
    if (size)
        memcpy(chip.message + chip.sent, data, size);
    chip.sent += size;
    return !chip.is_dead;
}

static uint8_t answer(void)
{
    uint32_t at = chip.taken++;

    if (chip.message[0] == 0x05) {
        uint8_t status = (uint8_t)((chip.busy ? 0x81 : 0) | (chip.is_enabled ? 0x02 : 0));
        chip.busy -= chip.busy != 0;
        return status;
    }
    if (chip.message[0] == 0x9F)
        return chip.id[at % 3];
    if (chip.message[0] == 0x03)
        return chip.bytes[(address() + at) % SIZE];
    return 0xFF;
}

bool spi_receive(uint8_t *ret_data, uint32_t size)
{
    assert_true(chip.is_selected);
    for (uint32_t i = 0; i < size; i++)
        ret_data[i] = answer();
    return !chip.is_dead;
}

bool spi_read(const uint8_t command[4], uint8_t *ret_data, uint32_t size)
{
    assert_int_equal(size % 4, 0);
    spi_select();
    bool is_good = spi_send(command, 4) && spi_receive(ret_data, size);
    spi_release();
    return is_good;
}

static int setup(void **state)
{
    (void)state;
    memset(&chip, 0, sizeof chip);
    memset(chip.bytes, 0xFF, sizeof chip.bytes);
    memcpy(chip.id, "\xBF\x26\x42", 3);
    chip.is_protected = true;
    chip.busy_after = 3;
    sst26_init(&sst26);
    return 0;
}

static int setup_unlocked(void **state)
{
    setup(state);
    return flash_unlock(&sst26.flash) != OTA_OK;
}

static void unlocking_lifts_the_protection(void **state)
{
    (void)state;
    assert_int_equal(flash_unlock(&sst26.flash), OTA_OK);
    assert_false(chip.is_protected);
}

static void another_flash_or_none_is_refused(void **state)
{
    (void)state;
    chip.id[2] = 0x43;
    assert_int_equal(flash_unlock(&sst26.flash), OTA_ERR_FLASH);
    memset(chip.id, 0xFF, 3);
    assert_int_equal(flash_unlock(&sst26.flash), OTA_ERR_FLASH);
    assert_true(chip.is_protected);
    chip.is_dead = true;
    assert_int_equal(flash_unlock(&sst26.flash), OTA_ERR_FLASH);
}

static void an_erase_from_before_the_reset_is_waited_for(void **state)
{
    (void)state;
    chip.busy = 20;
    assert_int_equal(flash_unlock(&sst26.flash), OTA_OK);
    assert_false(chip.is_protected);
}

static void a_program_does_not_wrap_in_its_page(void **state)
{
    uint8_t data[600], back[600];

    (void)state;
    for (uint32_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 13);
    assert_int_equal(flash_program(&sst26.flash, 0x12345, data, sizeof data), OTA_OK);
    assert_memory_equal(chip.bytes + 0x12345, data, sizeof data);
    assert_int_equal(chip.count, 3);
    assert_int_equal(chip.offsets[1], 0x12400);
    assert_int_equal(flash_read(&sst26.flash, 0x12345, back, sizeof back), OTA_OK);
    assert_memory_equal(back, data, sizeof back);
}

static void an_erase_sets_its_sector(void **state)
{
    (void)state;
    memset(chip.bytes, 0, SIZE);
    assert_int_equal(flash_erase(&sst26.flash, 0x3FF000), OTA_OK);
    assert_int_equal(chip.bytes[0x3FEFFF], 0);
    assert_int_equal(chip.bytes[0x3FF000], 0xFF);
    assert_int_equal(chip.bytes[SIZE - 1], 0xFF);
}

static void a_write_that_is_not_enabled_is_an_error(void **state)
{
    uint8_t byte = 0;

    (void)state;
    chip.is_deaf = true;
    assert_int_equal(flash_program(&sst26.flash, 0, &byte, 1), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(&sst26.flash, 0), OTA_ERR_FLASH);
    assert_int_equal(chip.count, 0);
}

static void a_flash_that_stays_busy_is_an_error(void **state)
{
    uint8_t byte = 0;

    (void)state;
    chip.busy_after = UINT32_MAX;
    assert_int_equal(flash_program(&sst26.flash, 0, &byte, 1), OTA_ERR_FLASH);
    chip.busy = 0;
    assert_int_equal(flash_erase(&sst26.flash, 0), OTA_ERR_FLASH);
    assert_false(chip.is_selected);
}

static void a_bus_that_does_not_answer_is_an_error(void **state)
{
    uint8_t byte = 0;

    (void)state;
    chip.is_dead = true;
    assert_int_equal(flash_read(&sst26.flash, 0, &byte, 1), OTA_ERR_FLASH);
    assert_int_equal(flash_program(&sst26.flash, 0, &byte, 1), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(&sst26.flash, 0), OTA_ERR_FLASH);
    assert_false(chip.is_selected);
}

static void protection_narrows(void **state)
{
    uint8_t byte = 0;

    (void)state;
    flash_protect(&sst26.flash, 0x1000, 0x3000);
    flash_protect(&sst26.flash, 0, 0x2000);
    assert_int_equal(flash_erase(&sst26.flash, 0x1000), OTA_OK);
    assert_int_equal(flash_erase(&sst26.flash, 0), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(&sst26.flash, 0x2000), OTA_ERR_FLASH);
    assert_int_equal(flash_program(&sst26.flash, 0x2000, &byte, 1), OTA_ERR_FLASH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(unlocking_lifts_the_protection, setup),
        cmocka_unit_test_setup(another_flash_or_none_is_refused, setup),
        cmocka_unit_test_setup(an_erase_from_before_the_reset_is_waited_for, setup),
        cmocka_unit_test_setup(a_program_does_not_wrap_in_its_page, setup_unlocked),
        cmocka_unit_test_setup(an_erase_sets_its_sector, setup_unlocked),
        cmocka_unit_test_setup(a_write_that_is_not_enabled_is_an_error, setup_unlocked),
        cmocka_unit_test_setup(a_flash_that_stays_busy_is_an_error, setup_unlocked),
        cmocka_unit_test_setup(a_bus_that_does_not_answer_is_an_error, setup_unlocked),
        cmocka_unit_test_setup(protection_narrows, setup_unlocked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
