#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hal_posix/flash_ram.h"
#include "sim/device/power.h"

#define UNIT 4096u

/* Two flashes on one supply, which goes at a question of choice. */
struct bench {
    struct flash_ram ram[2]; /* nvm, spi */
    struct flash_nor nor[2];
    struct power power[2];
    struct power_supply supply;
    char story[4096]; /* all that was asked and seen */
    uint32_t cut_number;
    enum power_moment cut_moment;
    jmp_buf dark;
};

static const char *const moments[] = {"inside", "weak", "after"};

__attribute__((format(printf, 2, 3))) static void tell(struct bench *bench, const char *format, ...)
{
    size_t used = strlen(bench->story);
    va_list args;

    va_start(args, format);
    vsnprintf(bench->story + used, sizeof bench->story - used, format, args);
    va_end(args);
}

static bool goes(void *context, const struct power_operation *operation, enum power_moment moment)
{
    struct bench *bench = context;

    tell(bench, " %s?", moments[moment]);
    return operation->number == bench->cut_number && moment == bench->cut_moment;
}

__attribute__((noreturn)) static void gone(void *context)
{
    longjmp(((struct bench *)context)->dark, 1);
}

static void seen(void *context, const struct power_operation *operation)
{
    tell(context, "\n%u %s %s 0x%X+%u", operation->number, operation->power->flash.name,
         operation->kind == POWER_ERASE ? "erase" : "program", operation->offset, operation->size);
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct cells cells;

    for (int i = 0; i < 2; i++) {
        if (i)
            cells_init_sst26(&cells);
        else
            cells_init_nvm(&cells, false);
        assert_int_equal(flash_ram_init(&bench->ram[i], &cells), OTA_OK);
        flash_nor_init(&bench->nor[i], &bench->ram[i].cells, NULL, NULL);
        power_init(&bench->power[i], &bench->nor[i], &bench->supply);
        assert_int_equal(flash_unlock(&bench->power[i].flash), OTA_OK);
    }
    bench->supply =
        (struct power_supply){.goes = goes, .gone = gone, .seen = seen, .context = bench};
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    flash_ram_free(&bench->ram[0]);
    flash_ram_free(&bench->ram[1]);
    free(bench);
    return 0;
}

static const uint8_t zero[4096];

/* Whether the power went. */
static bool program(struct bench *bench, int which, uint32_t offset, uint32_t size)
{
    if (setjmp(bench->dark))
        return true;
    assert_int_equal(flash_program(&bench->power[which].flash, offset, zero, size), OTA_OK);
    return false;
}

static bool erase(struct bench *bench, int which, uint32_t offset)
{
    if (setjmp(bench->dark))
        return true;
    assert_int_equal(flash_erase(&bench->power[which].flash, offset), OTA_OK);
    return false;
}

static void program_is_split_as_the_hardware_does_it(void **state)
{
    struct bench *bench = *state;

    assert_false(program(bench, 0, 1008, 16 + 1024 + 8));
    assert_string_equal(bench->story, "\n1 nvm program 0x3F0+8 inside? after?"
                                      "\n2 nvm program 0x3F8+8 inside? after?"
                                      "\n3 nvm program 0x400+1024 inside? after?"
                                      "\n4 nvm program 0x800+8 inside? after?");
    bench->story[0] = '\0';
    assert_false(program(bench, 1, 250, 300));
    assert_string_equal(bench->story, "\n5 spi program 0xFA+6 inside? after?"
                                      "\n6 spi program 0x100+256 inside? after?"
                                      "\n7 spi program 0x200+38 inside? after?");
}

static void erase_is_asked_about_in_three_moments(void **state)
{
    struct bench *bench = *state;

    assert_false(erase(bench, 0, UNIT));
    assert_false(erase(bench, 1, 2 * UNIT));
    assert_string_equal(bench->story, "\n1 nvm erase 0x1000+4096 inside? weak? after?"
                                      "\n2 spi erase 0x2000+4096 inside? weak? after?");
}

static void operations_of_all_flashes_are_counted_together(void **state)
{
    struct bench *bench = *state;

    assert_false(program(bench, 0, 0, 16));
    assert_false(program(bench, 1, 0, 1));
    assert_false(erase(bench, 0, UNIT));
    assert_int_equal(bench->supply.operations, 4);
    bench->supply.operations = 0; /* the power comes on again */
    bench->story[0] = '\0';
    assert_false(program(bench, 1, 256, 1));
    assert_string_equal(bench->story, "\n1 spi program 0x100+1 inside? after?");
}

static void cut_after_leaves_all_of_it_and_nothing_of_the_next(void **state)
{
    struct bench *bench = *state;
    const uint8_t *bytes = bench->ram[0].cells.bytes;

    bench->cut_number = 2;
    bench->cut_moment = POWER_AFTER;
    assert_true(program(bench, 0, 0, 3072));
    for (uint32_t i = 0; i < 3072; i++)
        assert_int_equal(bytes[i], i < 2048 ? 0x00 : 0xFF);
    assert_int_equal(bench->ram[0].cells.marks[255], CELLS_PROGRAMMED);
    assert_int_equal(bench->supply.operations, 2);
}

static void cut_inside_leaves_a_prefix_and_a_torn_edge(void **state)
{
    struct bench *bench = *state;
    const uint8_t *marks = bench->ram[0].cells.marks;
    uint32_t torn = 0;

    bench->cut_number = 2;
    bench->cut_moment = POWER_INSIDE;
    assert_true(program(bench, 0, 0, 3072));
    for (uint32_t i = 0; i < 128; i++)
        assert_int_equal(marks[i], CELLS_PROGRAMMED);
    for (uint32_t i = 128; i < 256; i++)
        torn += marks[i] == (CELLS_PROGRAMMED | CELLS_TORN);
    assert_int_equal(torn, 1);
    for (uint32_t i = 256; i < 384; i++)
        assert_int_equal(marks[i], 0);
}

static void cut_erase_is_half_done_weak_or_done(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->ram[0].cells;
    const uint8_t *marks = cells->marks;

    bench->cut_number = 1;
    for (int moment = 0; moment < POWER_MOMENT_COUNT; moment++) {
        memset(cells->bytes, 0, UNIT);
        bench->supply.operations = 0;
        bench->cut_moment = (enum power_moment)moment;
        assert_true(erase(bench, 0, 0));
        assert_int_equal(cells->units[0].erases, moment + 1);
        assert_int_equal(cells->units[0].flags, moment == POWER_WEAK ? CELLS_WEAK : 0);
        assert_int_equal(marks[0], moment == POWER_INSIDE ? CELLS_PROGRAMMED | CELLS_TORN : 0);
        assert_int_equal(memcmp(cells->bytes, zero, UNIT) == 0, 0);
    }
}

static void same_cut_does_the_same_damage(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->ram[0].cells;
    struct power_operation operation = {.number = 9,
                                        .kind = POWER_PROGRAM,
                                        .power = &bench->power[0],
                                        .offset = 1024,
                                        .size = 1024,
                                        .data = zero};
    uint8_t first[1024];
    uint32_t different = 0;

    power_tear(&operation, POWER_INSIDE, 0);
    memcpy(first, cells->bytes + 1024, 1024);
    memset(cells->bytes + 1024, 0xFF, 1024);
    power_tear(&operation, POWER_INSIDE, 0);
    assert_memory_equal(first, cells->bytes + 1024, 1024);
    for (uint32_t salt = 1; salt <= 20; salt++) {
        memset(cells->bytes + 1024, 0xFF, 1024);
        power_tear(&operation, POWER_INSIDE, salt);
        different += memcmp(first, cells->bytes + 1024, 1024) != 0;
    }
    assert_true(different >= 19);
}

static void tearing_after_an_operation_does_nothing(void **state)
{
    struct bench *bench = *state;
    const struct power_operation operation = {
        .number = 1, .kind = POWER_ERASE, .power = &bench->power[0], .size = UNIT};

    memset(bench->ram[0].cells.bytes, 0x42, UNIT);
    power_tear(&operation, POWER_AFTER, 0);
    for (uint32_t i = 0; i < UNIT; i++)
        assert_int_equal(bench->ram[0].cells.bytes[i], 0x42);
    assert_int_equal(bench->ram[0].cells.units[0].erases, 0);
}

static void refused_operation_has_no_after(void **state)
{
    struct bench *bench = *state;

    flash_nor_reset(&bench->nor[0], true);
    assert_int_equal(flash_program(&bench->power[0].flash, 0, zero, 16), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(&bench->power[0].flash, 0), OTA_ERR_FLASH);
    assert_string_equal(bench->story, "\n1 nvm program 0x0+8 inside?"
                                      "\n2 nvm erase 0x0+4096 inside? weak?");
}

static void supply_that_nobody_looks_at_holds(void **state)
{
    struct bench *bench = *state;

    bench->supply = (struct power_supply){.operations = 0};
    assert_false(program(bench, 0, 0, 2048));
    assert_false(erase(bench, 0, UNIT));
    assert_int_equal(bench->supply.operations, 3);
}

static void protection_reaches_the_flash_below(void **state)
{
    struct bench *bench = *state;

    flash_protect(&bench->power[0].flash, UNIT, 2 * UNIT);
    assert_int_equal(bench->nor[0].open_from, UNIT);
    assert_int_equal(bench->nor[0].open_to, 2 * UNIT);
    flash_nor_reset(&bench->nor[1], true);
    assert_int_equal(flash_unlock(&bench->power[1].flash), OTA_OK);
    assert_true(bench->nor[1].is_unlocked);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(program_is_split_as_the_hardware_does_it),
        TEST(erase_is_asked_about_in_three_moments),
        TEST(operations_of_all_flashes_are_counted_together),
        TEST(cut_after_leaves_all_of_it_and_nothing_of_the_next),
        TEST(cut_inside_leaves_a_prefix_and_a_torn_edge),
        TEST(cut_erase_is_half_done_weak_or_done),
        TEST(same_cut_does_the_same_damage),
        TEST(tearing_after_an_operation_does_nothing),
        TEST(refused_operation_has_no_after),
        TEST(supply_that_nobody_looks_at_holds),
        TEST(protection_reaches_the_flash_below),
    };

    return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
