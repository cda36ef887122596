#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/chip_rig.h"

/*
 * Random programs that mostly work on registers: the model stays whole, says why it stops, and does
 * the same again, stepped through or not.
 */
#define PROGRAMS 400
#define WORDS    300
#define CYCLES   20000

static const uint32_t places[] = {0xBF800080, 0xBF800600, 0xBF800800, 0xBF801260, 0xBF810000,
                                  0xBF810140, 0xBF820000, 0xBF840600, 0xBF840C00, 0x80002000,
                                  0xB0021000, 0x90021000, 0xA0004FFC};

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 32);
}

/* Registers 8 to 15 tend to hold addresses. */
static uint32_t random_word(uint64_t *seed)
{
    uint32_t kind = next_random(seed) % 10, value = next_random(seed);
    uint32_t pointer = 8 + (value & 7), place = places[(value >> 8) % 13];

    switch (kind) {
    case 0:
        return LUI(pointer, place >> 16);
    case 1:
        return ORI(pointer, pointer, place & 0xFFFF);
    case 2:
        return SW(value >> 16 & 31, value >> 21 & 0x7C, pointer);
    case 3:
        return LW(value >> 16 & 31, value >> 21 & 0x7C, pointer);
    case 4:
        return value & 0x03FFFFFF; /* SPECIAL */
    case 5:
        return MIPS_I(4 + (value >> 30), value & 31, value >> 5 & 31, (value >> 10) % 16 - 4);
    case 6:
        return MTC0(value & 31, (value >> 5) % 16, 0);
    default:
        return value;
    }
}

static void load_program(struct chip_rig *rig, uint64_t seed)
{
    uint32_t words[WORDS];

    for (int i = 0; i < WORDS; i++)
        words[i] = random_word(&seed);
    chip_rig_load(rig, BUS_BOOT, words, WORDS);
    chip_rig_load(rig, BUS_FLASH + 0x21000, words, WORDS);
}

static enum chip_end live(struct chip *chip, uint32_t seed, bool is_stepped)
{
    enum chip_end end;

    chip_power_on(chip, seed);
    chip->time_max = CYCLES;
    do
        end = is_stepped ? chip_step(chip) : chip_run(chip);
    while (end == CHIP_STEPPED || end == CHIP_RESET || end == CHIP_WATCHDOG);
    chip->state.cpu.limit = 0; /* says nothing of the program */
    return end;
}

static void random_programs_do_the_same_again(void **state)
{
    struct chip_rig *rig = *state;
    struct chip *chip = &rig->chip;
    struct chip_state *first = malloc(sizeof *first);
    uint32_t stops = 0;

    for (uint32_t seed = 1; seed <= PROGRAMS; seed++) {
        uint32_t nvm_mark = flash_ram_mark(&rig->nvm_ram), spi_mark = flash_ram_mark(&rig->spi_ram);
        load_program(rig, seed);
        enum chip_end end = live(chip, seed, false);
        memcpy(first, &chip->state, sizeof *first);
        flash_ram_rollback(&rig->spi_ram, spi_mark);
        flash_ram_rollback(&rig->nvm_ram, nvm_mark);
        load_program(rig, seed);
        assert_int_equal(live(chip, seed, true), end);
        if (memcmp(first, &chip->state, sizeof *first) != 0)
            fail_msg("program %u ends otherwise when it is stepped through", seed);
        assert_true(end == CHIP_TIME || end == CHIP_STOPPED);
        assert_int_equal(end == CHIP_STOPPED, chip_reason(chip)[0] != '\0');
        assert_int_equal(chip->state.cpu.gpr[0], 0);
        stops += end == CHIP_STOPPED;
    }
    assert_in_range(stops, PROGRAMS / 10, PROGRAMS - PROGRAMS / 10); /* both ends occur */
    free(first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_programs_do_the_same_again, chip_rig_setup_ecc,
                                        chip_rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
