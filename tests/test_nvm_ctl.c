#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/flash_fault.h"
#include "tests/chip_rig.h"

#define NVMCON     0xBF800600u
#define NVMKEY     0xBF800620u
#define NVMADDR    0xBF800630u
#define NVMDATA(n) (0xBF800640u + 16 * (n))
#define NVMSRCADDR 0xBF8006C0u
#define NVMPWPLT   0xBF8006D0u
#define NVMPWPGTE  0xBF8006E0u
#define NVMLBWP    0xBF8006F0u

#define CLR   4
#define SET   8
#define WREN  0x4000u
#define WR    0x8000u
#define WRERR 0x2000u
#define LVD   0x1000u

enum { NOTHING, DOUBLE_WORD, QUAD_DOUBLE_WORD, ROW, PAGE_ERASE };

static void write_keys(struct chip_rig *rig)
{
    chip_rig_put(rig, NVMKEY, 0);
    chip_rig_put(rig, NVMKEY, 0xAA996655);
    chip_rig_put(rig, NVMKEY, 0x556699AA);
}

static void prepare(struct chip_rig *rig, uint32_t operation)
{
    chip_rig_put(rig, NVMCON + CLR, WREN);
    chip_rig_put(rig, NVMCON + CLR, 0xF);
    chip_rig_put(rig, NVMCON + SET, operation);
    chip_rig_put(rig, NVMCON + SET, WREN);
}

static void start(struct chip_rig *rig, uint32_t operation, uint32_t address)
{
    chip_rig_put(rig, NVMADDR, address);
    prepare(rig, operation);
    write_keys(rig);
    chip_rig_put(rig, NVMCON + SET, WR);
}

/* Returns the error bits. */
static uint32_t operate(struct chip_rig *rig, uint32_t operation, uint32_t address)
{
    start(rig, operation, address);
    while (chip_rig_get(rig, NVMCON) & WR)
        ;
    return chip_rig_get(rig, NVMCON) & (WRERR | LVD);
}

static const uint8_t *bytes(struct chip_rig *rig)
{
    return rig->nvm_ram.cells.bytes;
}

static void double_word_is_programmed(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, NVMDATA(0), 0x03020100);
    chip_rig_put(rig, NVMDATA(1), 0x07060504);
    assert_int_equal(operate(rig, DOUBLE_WORD, 0x10021008), 0);
    assert_memory_equal(bytes(rig) + 0x21008, "\0\1\2\3\4\5\6\7\xFF", 9);
    assert_int_equal(rig->supply.operations, 1);
    assert_int_equal(rig->complaints, 0);
}

static void quad_double_word_is_four_of_them(void **state)
{
    struct chip_rig *rig = *state;

    for (uint32_t i = 0; i < 8; i++)
        chip_rig_put(rig, NVMDATA(i), i);
    assert_int_equal(operate(rig, QUAD_DOUBLE_WORD, 0x10021020), 0);
    assert_int_equal(bytes(rig)[0x2103C], 7);
    assert_int_equal(rig->supply.operations, 4);
    assert_int_equal(operate(rig, QUAD_DOUBLE_WORD, 0x10021048), WRERR); /* not aligned */
    assert_int_equal(rig->complaints, 1);
}

static void row_comes_from_ram(void **state)
{
    struct chip_rig *rig = *state;

    memset(rig->chip.state.ram + 0x2000, 0x5A, 1024);
    chip_rig_put(rig, NVMSRCADDR, 0x2000);
    assert_int_equal(operate(rig, ROW, 0x10021400), 0);
    assert_int_equal(bytes(rig)[0x213FF], 0xFF);
    assert_int_equal(bytes(rig)[0x21400], 0x5A);
    assert_int_equal(bytes(rig)[0x217FF], 0x5A);
    assert_int_equal(rig->supply.operations, 1);
    chip_rig_put(rig, NVMSRCADDR, BUS_RAM_SIZE - 512);
    assert_int_equal(operate(rig, ROW, 0x10021800), WRERR);
    assert_int_equal(rig->complaints, 1);
}

static void page_is_erased_wherever_the_address_lies_in_it(void **state)
{
    struct chip_rig *rig = *state;

    memset(rig->nvm_ram.cells.bytes, 0, 0x100000);
    assert_int_equal(operate(rig, PAGE_ERASE, 0x10021123), 0);
    assert_int_equal(bytes(rig)[0x20FFF], 0);
    assert_int_equal(bytes(rig)[0x21000], 0xFF);
    assert_int_equal(bytes(rig)[0x21FFF], 0xFF);
    assert_int_equal(bytes(rig)[0x22000], 0);
    assert_int_equal(operate(rig, PAGE_ERASE, 0x1FC00000), WRERR);
}

static void wrong_or_broken_key_starts_nothing(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, NVMADDR, 0x10021000);
    prepare(rig, PAGE_ERASE);
    chip_rig_put(rig, NVMCON + SET, WR);
    assert_int_equal(rig->complaints, 1);
    chip_rig_put(rig, NVMKEY, 0);
    chip_rig_put(rig, NVMKEY, 0xAA996655);
    chip_rig_put(rig, NVMKEY, 0x556699AB);
    chip_rig_put(rig, NVMCON + SET, WR);
    assert_int_equal(rig->complaints, 2);
    chip_rig_put(rig, NVMKEY, 0);
    chip_rig_put(rig, NVMKEY, 0xAA996655);
    chip_rig_put(rig, 0xBF840640, 0); /* something else in between */
    chip_rig_put(rig, NVMKEY, 0x556699AA);
    chip_rig_put(rig, NVMCON + SET, WR);
    assert_int_equal(rig->complaints, 3);
    assert_int_equal(rig->supply.operations, 0);
    assert_int_equal(chip_rig_get(rig, NVMCON) & (WR | WRERR), 0);
}

static void keys_serve_one_operation(void **state)
{
    struct chip_rig *rig = *state;

    assert_int_equal(operate(rig, PAGE_ERASE, 0x10021000), 0);
    chip_rig_put(rig, NVMCON + SET, WR);
    assert_int_equal(rig->supply.operations, 1);
    assert_int_equal(rig->complaints, 1);
}

static void write_enable_guards_start_and_kind(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, NVMCON, PAGE_ERASE);
    write_keys(rig);
    chip_rig_put(rig, NVMCON + SET, WR);
    assert_int_equal(rig->complaints, 1);
    chip_rig_put(rig, NVMCON + SET, WREN);
    chip_rig_put(rig, NVMCON + SET, 0x3);
    assert_int_equal(rig->complaints, 2);
    assert_int_equal(chip_rig_get(rig, NVMCON), WREN | PAGE_ERASE);
}

static void unknown_operation_stops_the_model(void **state)
{
    struct chip_rig *rig = *state;

    prepare(rig, 7);
    write_keys(rig);
    assert_int_equal(bus_store(&rig->chip.bus, NVMCON + SET, 4, WR), BUS_STOP);
    assert_string_equal(rig->chip.bus.stop, "NVM operation 7 is not modelled");
}

static void operation_takes_its_time_and_polling_it_does_not(void **state)
{
    struct chip_rig *rig = *state;
    struct cpu *cpu = &rig->chip.state.cpu;

    start(rig, PAGE_ERASE, 0x10021000);
    assert_int_equal(chip_rig_get(rig, NVMCON) & WR, WR);
    chip_rig_put(rig, NVMCON + CLR, WREN); /* too early: no effect */
    assert_int_equal(rig->complaints, 1);
    assert_int_equal(chip_rig_get(rig, NVMCON) & (WR | WREN), WREN);
    assert_int_equal(cpu->now, (uint64_t)NVM_CTL_PAGE_US * CPU_MHZ);
    assert_int_equal(cpu->skipped, cpu->now);
}

static void wait_is_not_skipped_over_what_else_is_due(void **state)
{
    struct chip_rig *rig = *state;

    rig->chip.state.cpu.match_at = 5000;
    start(rig, PAGE_ERASE, 0x10021000);
    chip_rig_get(rig, NVMCON);
    assert_int_equal(chip_rig_get(rig, NVMCON) & WR, WR);
    assert_int_equal(rig->chip.state.cpu.now, 5000);
}

static void end_of_an_operation_raises_its_interrupt(void **state)
{
    struct chip_rig *rig = *state;

    start(rig, PAGE_ERASE, 0x10021000);
    nvm_ctl_service(&rig->chip);
    assert_int_equal(chip_rig_get(rig, 0xBF810040), 0);
    chip_rig_pass(rig, (uint64_t)NVM_CTL_PAGE_US * CPU_MHZ);
    assert_int_equal(chip_rig_get(rig, 0xBF810040), 1u << 30);
}

static void error_stays_until_an_empty_operation(void **state)
{
    struct chip_rig *rig = *state;

    assert_int_equal(operate(rig, DOUBLE_WORD, 0x10021000), 0);
    assert_int_equal(operate(rig, DOUBLE_WORD, 0x10021000), WRERR); /* twice: forbidden */
    assert_int_equal(rig->violations, 1);
    assert_int_equal(operate(rig, PAGE_ERASE, 0x10021000), WRERR);
    assert_int_equal(operate(rig, NOTHING, 0), 0);
    assert_int_equal(operate(rig, PAGE_ERASE, 0x10021000), 0);
}

static void flash_that_refuses_is_an_error_too(void **state)
{
    struct chip_rig *rig = *state;
    struct flash_fault_rule rule = {.kind = FLASH_FAULT_REFUSE, .times = 1};
    struct flash_fault fault;
    uint32_t fired = 0;

    flash_fault_add_unit(&rule, 0x21);
    flash_fault_init(&fault, rig->chip.nvm_flash, &rule, 1, &fired);
    rig->chip.nvm_flash = &fault.flash;
    assert_int_equal(operate(rig, PAGE_ERASE, 0x10021000), WRERR);
    assert_int_equal(rig->supply.operations, 0);
    operate(rig, NOTHING, 0);
    assert_int_equal(operate(rig, PAGE_ERASE, 0x10021000), 0);
}

static void low_supply_is_told_and_nothing_done(void **state)
{
    struct chip_rig *rig = *state;

    rig->chip.state.nvm.is_supply_low = true;
    assert_int_equal(operate(rig, PAGE_ERASE, 0x10021000), LVD);
    assert_int_equal(rig->supply.operations, 0);
}

static void protected_pages_are_not_written(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_put(rig, NVMPWPLT, 0x80020000);
    assert_int_equal(rig->complaints, 1); /* no keys */
    write_keys(rig);
    chip_rig_put(rig, NVMPWPLT, 0x80020000);
    write_keys(rig);
    chip_rig_put(rig, NVMPWPGTE, 0x800FF000);
    assert_int_equal(operate(rig, PAGE_ERASE, 0x1001F000), WRERR);
    assert_int_equal(operate(rig, PAGE_ERASE, 0x100FF000), WRERR);
    assert_int_equal(rig->violations, 2);
    assert_int_equal(rig->nvm_ram.cells.units[0x1F].erases, 0);
    operate(rig, NOTHING, 0);
    assert_int_equal(operate(rig, PAGE_ERASE, 0x10020000), 0);
    assert_int_equal(operate(rig, PAGE_ERASE, 0x100FE000), 0);
}

static void protection_can_be_lifted_until_it_is_locked(void **state)
{
    struct chip_rig *rig = *state;

    write_keys(rig);
    chip_rig_put(rig, NVMPWPLT, 0x80020000);
    write_keys(rig);
    chip_rig_put(rig, NVMPWPLT, 0x80000000);
    assert_int_equal(operate(rig, PAGE_ERASE, 0x1001F000), 0);
    write_keys(rig);
    chip_rig_put(rig, NVMPWPLT, 0x80020000);
    write_keys(rig);
    chip_rig_put(rig, NVMPWPLT + CLR, 0x80000000);
    write_keys(rig);
    chip_rig_put(rig, NVMPWPLT, 0x80000000);
    assert_int_equal(rig->complaints, 1);
    assert_int_equal(chip_rig_get(rig, NVMPWPLT), 0x20000);
    assert_int_equal(operate(rig, PAGE_ERASE, 0x1001F000), WRERR);
    write_keys(rig);
    chip_rig_put(rig, NVMLBWP + CLR, 0x80000000);
    assert_int_equal(chip_rig_get(rig, NVMLBWP), 0xFFFFFF);
}

static void power_goes_inside_an_operation(void **state)
{
    struct chip_rig *rig = *state;

    rig->cut_number = 1;
    rig->cut_moment = POWER_WEAK;
    if (!setjmp(rig->dark)) {
        operate(rig, PAGE_ERASE, 0x10021000);
        fail_msg("the power did not go");
    }
    assert_int_equal(rig->nvm_ram.cells.units[0x21].flags, CELLS_WEAK);
}

static void changed_flash_is_stale_in_the_caches(void **state)
{
    struct chip_rig *rig = *state;

    chip_rig_get(rig, 0x90021008);
    assert_int_equal(operate(rig, DOUBLE_WORD, 0x10021008), 0);
    chip_rig_get(rig, 0xB0021008);
    assert_int_equal(rig->complaints, 0);
    chip_rig_get(rig, 0x90021008);
    assert_int_equal(rig->complaints, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(double_word_is_programmed, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(quad_double_word_is_four_of_them, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(row_comes_from_ram, chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(page_is_erased_wherever_the_address_lies_in_it,
                                        chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(wrong_or_broken_key_starts_nothing, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(keys_serve_one_operation, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(write_enable_guards_start_and_kind, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(unknown_operation_stops_the_model, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(operation_takes_its_time_and_polling_it_does_not,
                                        chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(wait_is_not_skipped_over_what_else_is_due, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(end_of_an_operation_raises_its_interrupt, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(error_stays_until_an_empty_operation, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(flash_that_refuses_is_an_error_too, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(low_supply_is_told_and_nothing_done, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(protected_pages_are_not_written, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(protection_can_be_lifted_until_it_is_locked, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(power_goes_inside_an_operation, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(changed_flash_is_stale_in_the_caches, chip_rig_setup,
                                        chip_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
