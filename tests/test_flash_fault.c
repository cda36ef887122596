#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hal_posix/flash_ram.h"
#include "sim/device/flash_fault.h"

#define UNIT 4096

/* A flash with one rule about its third erase unit. */
struct bench {
    struct flash_ram ram;
    struct flash_fault_rule rule;
    struct flash_fault fault;
    struct flash *flash;
    uint32_t fired;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct cells cells;

    cells_init_nvm(&cells, false);
    assert_int_equal(flash_ram_init(&bench->ram, &cells), OTA_OK);
    flash_fault_add_unit(&bench->rule, 2);
    flash_fault_init(&bench->fault, &bench->ram.cells.flash, &bench->rule, 1, &bench->fired);
    bench->flash = &bench->fault.flash;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    flash_ram_free(&bench->ram);
    free(bench);
    return 0;
}

static enum ota_err program(struct bench *bench, uint32_t offset, uint8_t value)
{
    uint8_t data[8];

    memset(data, value, sizeof data);
    return flash_program(bench->flash, offset, data, sizeof data);
}

static enum ota_err read_byte(struct bench *bench, uint32_t offset, uint8_t *ret_byte)
{
    return flash_read(bench->flash, offset, ret_byte, 1);
}

static void everything_else_is_passed_on(void **state)
{
    struct bench *bench = *state;
    uint8_t byte;

    for (int kind = 0; kind < FLASH_FAULT_KIND_COUNT; kind++) {
        uint32_t offset = (uint32_t)kind * 8;
        bench->rule.kind = (enum flash_fault_kind)kind;
        assert_int_equal(program(bench, offset, 0x5A), OTA_OK);
        assert_int_equal(read_byte(bench, offset, &byte), OTA_OK);
        assert_int_equal(byte, 0x5A);
        assert_int_equal(flash_erase(bench->flash, 3 * UNIT), OTA_OK);
    }
    assert_int_equal(bench->ram.cells.units[3].erases, FLASH_FAULT_KIND_COUNT);
    assert_int_equal(bench->fired, 0);
}

static void worn_unit_refuses_and_stays_as_it_is(void **state)
{
    struct bench *bench = *state;
    uint8_t byte;

    bench->rule.kind = FLASH_FAULT_REFUSE;
    assert_int_equal(program(bench, 2 * UNIT, 0), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(bench->flash, 2 * UNIT), OTA_ERR_FLASH);
    assert_int_equal(read_byte(bench, 2 * UNIT, &byte), OTA_OK);
    assert_int_equal(byte, 0xFF);
    assert_int_equal(bench->ram.cells.units[2].erases, 0);
    assert_int_equal(bench->fired, 1);
}

static void lost_bits_are_not_reported(void **state)
{
    struct bench *bench = *state;
    uint8_t byte;

    bench->rule.kind = FLASH_FAULT_LOSE;
    assert_int_equal(program(bench, 3 * UNIT - 8, 0), OTA_OK);
    assert_int_equal(read_byte(bench, 3 * UNIT - 1, &byte), OTA_OK);
    assert_int_equal(byte, 0x88);
}

static void read_of_a_write_once_flash_fails_as_ecc_does(void **state)
{
    struct bench *bench = *state;
    uint8_t two[2];

    bench->rule.kind = FLASH_FAULT_UNREADABLE;
    assert_int_equal(flash_read(bench->flash, 2 * UNIT - 1, two, 2), OTA_ERR_ECC);
    bench->fault.flash.write_once = false;
    assert_int_equal(flash_read(bench->flash, 3 * UNIT - 1, two, 2), OTA_ERR_FLASH);
    assert_int_equal(flash_read(bench->flash, 3 * UNIT, two, 2), OTA_OK);
}

static void lie_is_one_bit(void **state)
{
    struct bench *bench = *state;
    uint8_t bytes[8];

    bench->rule.kind = FLASH_FAULT_LIE;
    assert_int_equal(flash_read(bench->flash, 2 * UNIT, bytes, sizeof bytes), OTA_OK);
    assert_int_equal(bytes[0], 0xEF);
    bytes[0] = 0xFF;
    assert_memory_equal(bytes, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", sizeof bytes);
}

/* Three double words, of which the second is refused: a call is what the firmware makes of it. */
static void operations_of_the_hardware_are_counted(void **state)
{
    struct bench *bench = *state;
    uint8_t data[24] = {0}, byte;

    bench->rule = (struct flash_fault_rule){
        .kind = FLASH_FAULT_REFUSE, .skip = 1, .times = 1, .units = {bench->rule.units[0]}};
    assert_int_equal(flash_program(bench->flash, 2 * UNIT, data, sizeof data), OTA_ERR_FLASH);
    assert_int_equal(read_byte(bench, 2 * UNIT, &byte), OTA_OK);
    assert_int_equal(byte, 0);
    assert_int_equal(read_byte(bench, 2 * UNIT + 8, &byte), OTA_OK);
    assert_int_equal(byte, 0xFF);
    assert_int_equal(flash_program(bench->flash, 2 * UNIT + 8, data, 16), OTA_OK);
    assert_int_equal(bench->fault.seen[0], 4);
}

static void only_its_own_calls_are_counted(void **state)
{
    static const enum ota_err expected[] = {OTA_OK, OTA_OK, OTA_ERR_FLASH, OTA_ERR_FLASH, OTA_OK};
    struct bench *bench = *state;
    uint8_t byte;

    bench->rule.kind = FLASH_FAULT_REFUSE;
    bench->rule.skip = 2;
    bench->rule.times = 2;
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(program(bench, i * 8, 0), OTA_OK);
        assert_int_equal(read_byte(bench, 2 * UNIT, &byte), OTA_OK);
        assert_int_equal(bench->fired, i > 2);
        assert_int_equal(program(bench, 2 * UNIT + i * 8, 0), expected[i]);
    }
}

/* A copy of the filter is a snapshot of it. */
static void count_goes_back_with_the_filter(void **state)
{
    struct bench *bench = *state;

    bench->rule.kind = FLASH_FAULT_REFUSE;
    bench->rule.times = 1;
    struct flash_fault before = bench->fault;
    assert_int_equal(flash_erase(bench->flash, 2 * UNIT), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(bench->flash, 2 * UNIT), OTA_OK);
    bench->fault = before;
    assert_int_equal(flash_erase(bench->flash, 2 * UNIT), OTA_ERR_FLASH);
}

static void fault_of_a_phase_is_of_that_phase_only(void **state)
{
    struct bench *bench = *state;
    enum device_phase phase = PHASE_BOOT;
    uint8_t byte;

    bench->rule.kind = FLASH_FAULT_UNREADABLE;
    bench->rule.times = 1;
    bench->rule.phases = 1u << PHASE_RUN | 1u << PHASE_ENTER;
    bench->fault.phase = &phase;
    assert_int_equal(read_byte(bench, 2 * UNIT, &byte), OTA_OK);
    assert_int_equal(bench->fault.seen[0], 0);
    phase = PHASE_ENTER;
    assert_int_equal(read_byte(bench, 2 * UNIT, &byte), OTA_ERR_ECC);
    assert_int_equal(read_byte(bench, 2 * UNIT, &byte), OTA_OK);
}

/* Each answer is counted once: what was asked when the command came is not asked again. */
static void model_of_the_bus_asks_when_a_command_comes(void **state)
{
    struct bench *bench = *state;
    struct flash_fault_bus bus;
    uint8_t data[8] = {0}, byte;

    flash_fault_bus_init(&bus, &bench->fault);
    bench->rule.times = 1;
    for (int kind = 0; kind < FLASH_FAULT_KIND_COUNT; kind++) {
        bench->rule.kind = (enum flash_fault_kind)kind;
        bench->fault.seen[0] = 0;
        if (kind == FLASH_FAULT_LOSE)
            continue;
        assert_false(flash_fault_bus_fails(&bus, bench->rule.kind, 3 * UNIT));
        assert_true(flash_fault_bus_fails(&bus, bench->rule.kind, 2 * UNIT + 8));
        assert_false(flash_fault_bus_fails(&bus, bench->rule.kind, 2 * UNIT + 8));
    }
    bench->fault.seen[0] = 0;
    for (int kind = 0; kind < FLASH_FAULT_KIND_COUNT; kind++) {
        uint32_t offset = 2 * UNIT + 64 + (uint32_t)kind * 8;
        bench->rule.kind = (enum flash_fault_kind)kind;
        assert_int_equal(flash_program(&bus.flash, offset, data, sizeof data), OTA_OK);
        assert_int_equal(flash_read(&bus.flash, offset, &byte, 1), OTA_OK);
        assert_int_equal(byte, kind == FLASH_FAULT_LOSE ? 0x88 : 0);
    }
    assert_int_equal(bench->fault.seen[0], 1);
    assert_int_equal(flash_erase(&bus.flash, 2 * UNIT), OTA_OK);
    assert_int_equal(bench->ram.cells.units[2].erases, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_else_is_passed_on),
        TEST(worn_unit_refuses_and_stays_as_it_is),
        TEST(lost_bits_are_not_reported),
        TEST(read_of_a_write_once_flash_fails_as_ecc_does),
        TEST(lie_is_one_bit),
        TEST(operations_of_the_hardware_are_counted),
        TEST(only_its_own_calls_are_counted),
        TEST(count_goes_back_with_the_filter),
        TEST(fault_of_a_phase_is_of_that_phase_only),
        TEST(model_of_the_bus_asks_when_a_command_comes),
    };

    return cmocka_run_group_tests_name("flash_fault", tests, NULL, NULL);
}
