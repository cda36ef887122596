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

    tell(bench, " %c", POWER_LETTERS[moment]);
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

static bool is_erased(const uint8_t *bytes, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        if (bytes[i] != 0xFF)
            return false;
    return true;
}

static void program_is_split_as_the_hardware_does_it(void **state)
{
    struct bench *bench = *state;

    assert_false(program(bench, 0, 1008, 16 + 1024 + 8));
    assert_string_equal(bench->story, "\n1 nvm program 0x3F0+8 t s o m x a"
                                      "\n2 nvm program 0x3F8+8 t s o m x a"
                                      "\n3 nvm program 0x400+1024 t s o m x a"
                                      "\n4 nvm program 0x800+8 t s o m x a");
    bench->story[0] = '\0';
    assert_false(program(bench, 1, 250, 300));
    assert_string_equal(bench->story, "\n5 spi program 0xFA+6 t s o m x a"
                                      "\n6 spi program 0x100+256 t s o m x a"
                                      "\n7 spi program 0x200+38 t s o m x a");
}

static void erase_is_asked_about_in_each_of_its_moments(void **state)
{
    struct bench *bench = *state;

    assert_false(erase(bench, 0, UNIT));
    assert_false(erase(bench, 1, 2 * UNIT));
    assert_string_equal(bench->story, "\n1 nvm erase 0x1000+4096 t n l h w a"
                                      "\n2 spi erase 0x2000+4096 t n l h w a");
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
    assert_string_equal(bench->story, "\n1 spi program 0x100+1 t s o m x a");
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

static void cut_erase_is_as_its_moment_says(void **state)
{
    static const struct {
        enum power_moment moment;
        uint8_t mark;
        bool is_low_erased, is_high_erased;
    } cases[] = {
        {POWER_INSIDE, CELLS_PROGRAMMED | CELLS_TORN, false, false},
        {POWER_NOTHING, CELLS_PROGRAMMED, false, false},
        {POWER_LOW_HALF, CELLS_PROGRAMMED, true, false},
        {POWER_HIGH_HALF, CELLS_PROGRAMMED, false, true},
        {POWER_WEAK, 0, true, true},
        {POWER_AFTER, 0, true, true},
    };
    struct bench *bench = *state;
    struct cells *cells = &bench->ram[0].cells;

    bench->cut_number = 1;
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(cells->bytes, 0, UNIT);
        memset(cells->marks, 0, UNIT / 8);
        bench->supply.operations = 0;
        bench->cut_moment = cases[i].moment;
        assert_true(erase(bench, 0, 0));
        assert_int_equal(cells->units[0].erases, i + 1);
        assert_int_equal(cells->units[0].flags, cases[i].moment == POWER_WEAK ? CELLS_WEAK : 0);
        assert_int_equal(cells->marks[0], cases[i].mark);
        assert_int_equal(is_erased(cells->bytes, UNIT / 2), cases[i].is_low_erased);
        assert_int_equal(is_erased(cells->bytes + UNIT / 2, UNIT / 2), cases[i].is_high_erased);
        assert_int_equal(memcmp(cells->bytes, zero, UNIT) == 0, cases[i].moment == POWER_NOTHING);
    }
}

/* A program of zeros over 0xFF: how many of its bits are done tells the moments apart. */
static void cut_program_is_as_its_moment_says(void **state)
{
    static const struct {
        enum power_moment moment;
        uint32_t min, max;
    } cases[] = {
        {POWER_INSIDE, 1, 8191},       {POWER_SUFFIX, 1, 8191},       {POWER_ONE_BIT, 1, 1},
        {POWER_MOST_BITS, 8191, 8191}, {POWER_SOME_BITS, 3500, 4700}, {POWER_AFTER, 8192, 8192},
    };
    struct bench *bench = *state;
    struct cells *cells = &bench->ram[0].cells;

    bench->cut_number = 1;
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t done = 0;
        memset(cells->bytes, 0xFF, UNIT);
        memset(cells->marks, 0, UNIT / 8);
        bench->supply.operations = 0;
        bench->cut_moment = cases[i].moment;
        assert_true(program(bench, 0, 0, 1024));
        for (uint32_t at = 0; at < 1024; at++)
            done += 8 - (uint32_t)__builtin_popcount(cells->bytes[at]);
        assert_in_range(done, cases[i].min, cases[i].max);
        assert_true(is_erased(cells->bytes + 1024, UNIT - 1024));
    }
}

/* What is asked is what there is, in order, and each is a letter of a point's name. */
static void moments_belong_to_their_kind(void **state)
{
    static const char *const letters[] = {[POWER_PROGRAM] = "tsomxa", [POWER_ERASE] = "tnlhwa"};

    (void)state;
    assert_int_equal(strlen(POWER_LETTERS), POWER_MOMENT_COUNT);
    for (int kind = POWER_PROGRAM; kind <= POWER_ERASE; kind++) {
        char has[POWER_MOMENT_COUNT + 1] = "";
        size_t count = 0;
        for (int moment = 0; moment < POWER_MOMENT_COUNT; moment++)
            if (power_has_moment((enum power_kind)kind, (enum power_moment)moment))
                has[count++] = POWER_LETTERS[moment];
        assert_string_equal(has, letters[kind]);
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

    power_tear(&operation, POWER_INSIDE);
    memcpy(first, cells->bytes + 1024, 1024);
    memset(cells->bytes + 1024, 0xFF, 1024);
    operation.number = 100; /* when it is says nothing: two ways here are one state */
    power_tear(&operation, POWER_INSIDE);
    assert_memory_equal(first, cells->bytes + 1024, 1024);
    for (uint32_t row = 2; row < 22; row++) {
        operation.offset = row * 1024;
        power_tear(&operation, POWER_INSIDE);
        different += memcmp(first, cells->bytes + operation.offset, 1024) != 0;
    }
    assert_true(different >= 19);
}

static void tearing_after_an_operation_does_nothing(void **state)
{
    struct bench *bench = *state;
    const struct power_operation operation = {
        .number = 1, .kind = POWER_ERASE, .power = &bench->power[0], .size = UNIT};

    memset(bench->ram[0].cells.bytes, 0x42, UNIT);
    power_tear(&operation, POWER_AFTER);
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
    assert_string_equal(bench->story, "\n1 nvm program 0x0+8 t s o m x"
                                      "\n2 nvm erase 0x0+4096 t n l h w");
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
        TEST(erase_is_asked_about_in_each_of_its_moments),
        TEST(operations_of_all_flashes_are_counted_together),
        TEST(cut_after_leaves_all_of_it_and_nothing_of_the_next),
        TEST(cut_inside_leaves_a_prefix_and_a_torn_edge),
        TEST(cut_program_is_as_its_moment_says),
        TEST(moments_belong_to_their_kind),
        TEST(cut_erase_is_as_its_moment_says),
        TEST(same_cut_does_the_same_damage),
        TEST(tearing_after_an_operation_does_nothing),
        TEST(refused_operation_has_no_after),
        TEST(supply_that_nobody_looks_at_holds),
        TEST(protection_reaches_the_flash_below),
    };

    return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
