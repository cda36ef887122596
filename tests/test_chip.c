#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pic32/cp0.h"
#include "tests/chip_rig.h"

#define MS (1000ull * CPU_MHZ)

/* The core timer as the one source of interrupts: at START an endless loop that counts in $16 and
 * writes Count to RAM at each interrupt. */
static void load_timer_program(struct chip_rig *rig)
{
    const uint32_t handler[] = {
        MFC0(17, 9, 0),  SW(17, 0, 18),   ADDIU(18, 18, 4), ADDIU(17, 17, 333), MTC0(17, 11, 0),
        ADDIU(17, 0, 1), LUI(26, 0xBF81), SW(17, 0x44, 26), ADDIU(16, 16, 1),   ERET};

    chip_rig_load(rig, BUS_FLASH + 0x180, handler, sizeof handler / 4);
    CHIP_RIG_BOOT(rig, LI(2, 0x90000000), MTC0(2, 15, 1), MTC0(0, 13, 0), LUI(26, 0xBF81),
                  ADDIU(3, 0, 1), SW(3, 0xC0, 26), ADDIU(3, 0, 4),
                  SW(3, 0x140, 26), /* IEC0, IPC0 */
                  ADDU(16, 0, 0), ADDU(19, 0, 0), LI(18, 0x80002000), MTC0(0, 9, 0),
                  ADDIU(3, 0, 500), MTC0(3, 11, 0), MTC0(0, 12, 0), EI(0), ADDIU(19, 19, 1),
                  ADDIU(20, 20, 1), BEQ(0, 0, -3), NOP);
}

static void processor_starts_in_boot_flash(void **state)
{
    struct chip_rig *rig = *state;

    CHIP_RIG_BOOT(rig, ADDIU(2, 0, 5), WAIT);
    assert_int_equal(chip_run(&rig->chip), CHIP_STOPPED);
    assert_string_equal(chip_reason(&rig->chip), "waits for an interrupt that cannot come");
    assert_int_equal(rig->chip.state.cpu.gpr[2], 5);
}

static void erased_boot_flash_is_no_program(void **state)
{
    struct chip_rig *rig = *state;

    rig->chip.time_max = MS;
    assert_int_equal(chip_run(&rig->chip), CHIP_TIME); /* exceptions for ever */
}

static void ram_is_garbage_that_follows_from_the_seed(void **state)
{
    struct chip_rig *rig = *state;
    uint8_t first[64];

    memcpy(first, rig->chip.state.ram + 0x1000, sizeof first);
    chip_power_on(&rig->chip, 2);
    assert_memory_not_equal(first, rig->chip.state.ram + 0x1000, sizeof first);
    chip_power_on(&rig->chip, 1);
    assert_memory_equal(first, rig->chip.state.ram + 0x1000, sizeof first);
}

static void reset_spoils_ram_and_units_but_not_time(void **state)
{
    struct chip_rig *rig = *state;
    struct chip *chip = &rig->chip;

    CHIP_RIG_BOOT(rig, LI(2, 0xBF800080), LI(3, 0xAA996655), SW(3, 0, 2), LI(3, 0x556699AA),
                  SW(3, 0, 2), LI(2, 0xBF801270), ADDIU(3, 0, 1), SW(3, 8, 2), LW(3, 0, 2));
    memset(chip->state.ram, 0, BUS_RAM_SIZE);
    chip_rig_put(rig, 0xBF820030, 7);
    chip_rig_put(rig, 0xBF840640, 9);
    rig->nvm_nor.open_from = 0x20000;
    assert_int_equal(chip_run(chip), CHIP_RESET);
    assert_int_not_equal(chip_rig_get(rig, 0x80001000), 0);
    assert_int_equal(chip_rig_get(rig, 0xBF820030), 0);
    assert_int_equal(chip_rig_get(rig, 0xBF840640), 0);
    assert_int_equal(rig->nvm_nor.open_from, 0);
    assert_in_range(chip->state.cpu.now, 10, 20);
    assert_int_equal(chip->state.cpu.pc, 0xBFC00000);
}

static void power_on_locks_the_spi_flash_and_a_reset_does_not(void **state)
{
    struct chip_rig *rig = *state;

    assert_int_equal(flash_unlock(&rig->spi.flash), OTA_OK);
    rig->chip.state.wdt.rundiv = 0;
    CHIP_RIG_BOOT(rig, LI(2, 0xBF800808), LI(3, 0x8000), SW(3, 0, 2), BEQ(0, 0, -1), NOP);
    assert_int_equal(chip_run(&rig->chip), CHIP_WATCHDOG);
    assert_true(rig->spi_nor.is_unlocked);
    chip_power_on(&rig->chip, 1);
    assert_false(rig->spi_nor.is_unlocked);
    assert_true(rig->nvm_nor.is_unlocked);
}

static void timer_interrupts_at_its_time(void **state)
{
    struct chip_rig *rig = *state;
    uint32_t at[3];

    load_timer_program(rig);
    rig->chip.time_max = 2500;
    assert_int_equal(chip_run(&rig->chip), CHIP_TIME);
    assert_true(rig->chip.state.cpu.gpr[16] >= 2);
    memcpy(at, rig->chip.state.ram + 0x2000, sizeof at);
    assert_in_range(at[0], 500, 504);
    assert_in_range(at[1] - at[0], 333, 337);
    assert_int_equal(rig->complaints, 0);
}

static void stepping_and_running_meet_every_interrupt_alike(void **state)
{
    struct chip_rig *rig = *state;
    struct chip *chip = &rig->chip;
    struct chip_moment *moments = calloc(2, sizeof *moments);

    load_timer_program(rig);
    chip->time_max = 5000;
    assert_int_equal(chip_run(chip), CHIP_TIME);
    chip_save(chip, &moments[0]);
    chip_power_on(chip, 1);
    while (chip_step(chip) == CHIP_STEPPED)
        ;
    chip_save(chip, &moments[1]);
    assert_int_equal(moments[0].state.cpu.now, moments[1].state.cpu.now);
    assert_int_equal(moments[0].state.cpu.pc, moments[1].state.cpu.pc);
    assert_memory_equal(moments[0].state.cpu.gpr, moments[1].state.cpu.gpr, 32 * 4);
    assert_memory_equal(moments[0].state.ram, moments[1].state.ram, BUS_RAM_SIZE);
    free(moments);
}

static void wait_passes_the_time_to_the_next_interrupt(void **state)
{
    struct chip_rig *rig = *state;
    struct cpu *cpu = &rig->chip.state.cpu;

    CHIP_RIG_BOOT(rig, LUI(26, 0xBF81), ADDIU(3, 0, 1), SW(3, 0xC0, 26), ADDIU(3, 0, 4),
                  SW(3, 0x140, 26), MTC0(0, 9, 0), LI(4, 1000000), MTC0(4, 11, 0),
                  WAIT, /* IE is 0 */
                  MFC0(5, 9, 0), WAIT);
    rig->chip.time_max = 20 * MS;
    assert_int_equal(chip_run(&rig->chip),
                     CHIP_TIME); /* the flag stays: the second WAIT ends too */
    assert_in_range(cpu->gpr[5], 1000000, 1000002);
    assert_true(cpu->skipped > 1999000);
}

/* Calls for ever what lies at the start of program flash, and what lies in RAM. */
static void moment_is_come_back_to_with_its_code(void **state)
{
    struct chip_rig *rig = *state;
    struct chip *chip = &rig->chip;
    struct chip_moment *moment = malloc(sizeof *moment);
    const uint32_t one[] = {ADDIU(3, 0, 1), JR(31), NOP}, two[] = {ADDIU(3, 0, 2), JR(31), NOP};
    const uint32_t in_ram[] = {ADDIU(4, 0, 1), JR(31), NOP},
                   other[] = {ADDIU(4, 0, 2), JR(31), NOP};

    chip_rig_load(rig, BUS_FLASH, one, 3);
    assert_true(bus_poke(&chip->bus, 0x80002000, in_ram, 12));
    CHIP_RIG_BOOT(rig, LI(2, 0xB0000000), LI(5, 0x80002000), JALR(31, 2), NOP, JALR(31, 5), NOP,
                  BEQ(0, 0, -5), NOP);
    chip->time_max = 100;
    assert_int_equal(chip_run(chip), CHIP_TIME);
    uint32_t mark = flash_ram_mark(&rig->nvm_ram);
    chip_save(chip, moment);

    chip->time_max = 200;
    chip_flash_changes(chip, 0, 8);
    assert_int_equal(flash_erase(&rig->nvm.flash, 0), OTA_OK);
    chip_rig_load(rig, BUS_FLASH, two, 3);
    assert_true(bus_poke(&chip->bus, 0x80002000, other, 12));
    assert_int_equal(chip_run(chip), CHIP_TIME);
    assert_int_equal(chip->state.cpu.gpr[3], 2);
    assert_int_equal(chip->state.cpu.gpr[4], 2);
    assert_int_equal(rig->supply.operations, 1);

    flash_ram_rollback(&rig->nvm_ram, mark);
    chip_restore(chip, moment);
    assert_int_equal(chip->state.cpu.now, moment->state.cpu.now);
    assert_int_equal(rig->supply.operations, 0);
    assert_int_equal(chip_run(chip), CHIP_TIME);
    assert_int_equal(chip->state.cpu.gpr[3], 1);
    assert_int_equal(chip->state.cpu.gpr[4], 1);
    free(moment);
}

static void instance_with_its_flashes_is_below_16_mb(void **state)
{
    const struct chip_rig *rig = *state;
    size_t ops = (0x50000 + 2 * BUS_FLASH_SIZE + BUS_BOOT_SIZE) / 4 * sizeof(struct op);
    size_t flashes = BUS_FLASH_SIZE + cells_side_size(&rig->nvm_ram.cells) + 0x400000 +
                     cells_side_size(&rig->spi_ram.cells);

    assert_true(sizeof rig->chip + ops + flashes + sizeof(struct chip_moment) < 16u << 20);
    assert_true(sizeof(struct chip_moment) < 400000);
}

static void only_flash_is_loaded(void **state)
{
    struct chip_rig *rig = *state;

    assert_true(chip_load(&rig->chip, 0x1FC55F88, "config", 6));
    assert_memory_equal(rig->chip.config + 0xF88, "config", 6);
    assert_false(chip_load(&rig->chip, 0x00000000, "ram", 3));
    assert_false(chip_load(&rig->chip, 0x1FC0FFFE, "end", 3));
    assert_false(chip_load(&rig->chip, 0x10100000, "end", 1));
}

static void power_cut_leaves_the_run_and_power_on_starts_anew(void **state)
{
    struct chip_rig *rig = *state;

    CHIP_RIG_BOOT(rig, LI(8, 0xBF800600), LI(9, 0x10021000), SW(9, 0x30, 8), ADDIU(9, 0, 4),
                  SW(9, 8, 8), ADDIU(9, 0, 0x4000), SW(9, 8, 8), SW(0, 0x20, 8), LI(9, 0xAA996655),
                  SW(9, 0x20, 8), LI(9, 0x556699AA), SW(9, 0x20, 8), ORI(9, 0, 0x8000), SW(9, 8, 8),
                  LW(10, 0, 8), WAIT);
    memset(rig->nvm_ram.cells.bytes + 0x21000, 0, 4096);
    rig->cut_number = 1;
    rig->cut_moment = POWER_AFTER;
    if (!setjmp(rig->dark)) {
        chip_run(&rig->chip);
        fail_msg("the power did not go");
    }
    assert_int_equal(rig->nvm_ram.cells.bytes[0x21000], 0xFF);
    rig->cut_number = 0;
    chip_power_on(&rig->chip, 2);
    assert_int_equal(rig->supply.operations, 0);
    assert_int_equal(chip_run(&rig->chip), CHIP_STOPPED);
    assert_int_equal(rig->chip.state.cpu.gpr[10] & 0x8000, 0x8000);
    assert_int_equal(rig->supply.operations, 1);
    assert_int_equal(rig->complaints, 0);
}

/* In the middle of each operation another life is lived through, to its end, and rolled back. */
static bool live_another_life(void *context, const struct power_operation *operation,
                              enum power_moment moment)
{
    struct chip_rig *rig = context;
    struct chip_moment *here = malloc(sizeof *here);

    rig->supply.goes = NULL;
    uint32_t nvm_mark = flash_ram_mark(&rig->nvm_ram);
    chip_save(&rig->chip, here);
    power_tear(operation, moment, 0);
    chip_power_on(&rig->chip, 7);
    assert_int_equal(chip_run(&rig->chip), CHIP_STOPPED);
    flash_ram_rollback(&rig->nvm_ram, nvm_mark);
    chip_restore(&rig->chip, here);
    rig->supply.goes = live_another_life;
    free(here);
    return false;
}

static void life_goes_on_as_if_its_forks_had_not_been(void **state)
{
    struct chip_rig *rig = *state;
    struct chip *chip = &rig->chip;
    struct chip_moment *moments = calloc(2, sizeof *moments);
    static uint8_t flash[0x22000];
    /* An operation of the kind in $10 at the address in $9, as a driver does it. */
    const uint32_t body[] = {
        LI(8, 0xBF800600),    SW(9, 0x30, 8),  SW(10, 0, 8),       ADDIU(11, 10, 0x4000),
        SW(11, 0, 8),         SW(0, 0x20, 8),  LI(11, 0xAA996655), SW(11, 0x20, 8),
        LI(11, 0x556699AA),   SW(11, 0x20, 8), ORI(11, 0, 0x8000), SW(11, 8, 8),
        LW(11, 0, 8),         SLL(11, 11, 16), BLTZ(11, -3),       NOP,
        ADDIU(11, 0, 0x4000), JR(31),          SW(11, 4, 8)};

    chip_rig_load(rig, BUS_FLASH + 0x1000, body, sizeof body / 4);
    CHIP_RIG_BOOT(rig, LI(20, 0xB0001000), LI(9, 0x10021000), ADDIU(10, 0, 4), JALR(31, 20), NOP,
                  LI(8, 0xBF800640), SW(9, 0, 8), SW(8, 16, 8), ADDIU(10, 0, 1), JALR(31, 20), NOP,
                  ADDIU(9, 9, 8), JALR(31, 20), NOP, WAIT);
    rig->supply.goes = NULL;
    assert_int_equal(chip_run(chip), CHIP_STOPPED);
    chip_save(chip, &moments[0]);
    memcpy(flash, rig->nvm_ram.cells.bytes, sizeof flash);
    assert_int_equal(rig->supply.operations, 3);

    chip_power_on(chip, 1);
    rig->supply.goes = live_another_life;
    assert_int_equal(chip_run(chip), CHIP_STOPPED);
    chip_save(chip, &moments[1]);
    assert_memory_equal(&moments[0].state, &moments[1].state, sizeof moments[0].state);
    assert_int_equal(moments[1].operations, 3);
    assert_memory_equal(flash, rig->nvm_ram.cells.bytes, sizeof flash);
    assert_int_equal(rig->complaints, 0);
    free(moments);
}

static void breakpoint_and_question_end_the_run(void **state)
{
    struct chip_rig *rig = *state;

    CHIP_RIG_BOOT(rig, ADDIU(2, 0, 1), ADDIU(3, 0, 1), BEQ(0, 0, -1), NOP);
    assert_true(code_set_breakpoint(&rig->chip.bus.code, 0xBFC00004));
    assert_int_equal(chip_run(&rig->chip), CHIP_BREAKPOINT);
    assert_int_equal(rig->chip.state.cpu.pc, 0xBFC00004);
    assert_int_equal(chip_step(&rig->chip), CHIP_STEPPED);
    chip_ask(&rig->chip);
    assert_int_equal(chip_run(&rig->chip), CHIP_ASKED);
    rig->chip.time_max = MS;
    assert_int_equal(chip_run(&rig->chip), CHIP_TIME);
    assert_int_equal(chip_now_ms(&rig->chip), 1);
}

static void unreadable_code_is_a_bus_error_exception(void **state)
{
    struct chip_rig *rig = *state;
    const uint32_t jump[] = {LI(2, 0xB0021000), JR(2), NOP}, wait[] = {WAIT};

    rig->nvm_ram.cells.marks[0x21000 / 8] = CELLS_TORN;
    chip_rig_load(rig, BUS_BOOT, jump, 4);
    chip_rig_load(rig, BUS_BOOT + 0x380, wait, 1);
    assert_int_equal(chip_run(&rig->chip), CHIP_STOPPED);
    assert_int_equal(rig->chip.state.cpu.cause >> 2 & 31, CP0_BUS_FETCH);
    assert_int_equal(rig->chip.state.cpu.epc, 0xB0021000);
}

static void every_end_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(chip_end_name(CHIP_RESET), "reset");
    assert_string_equal(chip_end_name(CHIP_WATCHDOG), "watchdog");
    assert_string_equal(chip_end_name(CHIP_STOPPED), "stopped");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(processor_starts_in_boot_flash, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(erased_boot_flash_is_no_program, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(ram_is_garbage_that_follows_from_the_seed, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(reset_spoils_ram_and_units_but_not_time, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(power_on_locks_the_spi_flash_and_a_reset_does_not,
                                        chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(timer_interrupts_at_its_time, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(stepping_and_running_meet_every_interrupt_alike,
                                        chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(wait_passes_the_time_to_the_next_interrupt, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(moment_is_come_back_to_with_its_code, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(instance_with_its_flashes_is_below_16_mb, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(only_flash_is_loaded, chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(power_cut_leaves_the_run_and_power_on_starts_anew,
                                        chip_rig_setup, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(life_goes_on_as_if_its_forks_had_not_been, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(breakpoint_and_question_end_the_run, chip_rig_setup,
                                        chip_rig_teardown),
        cmocka_unit_test_setup_teardown(unreadable_code_is_a_bus_error_exception,
                                        chip_rig_setup_ecc, chip_rig_teardown),
        cmocka_unit_test_setup_teardown(every_end_has_a_name, chip_rig_setup, chip_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
