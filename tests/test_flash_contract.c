/*
 * Method: one set of tests for everything that stands behind the flash seam on a PC. Each maker
 * below builds one stack of drivers; each test is run on each stack, through core/flash.h, and
 * knows nothing of what is below.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "hal_posix/flash_file.h"
#include "hal_posix/flash_nor.h"
#include "hal_posix/flash_ram.h"
#include "sim/device/power.h"
#include "tests/scene.h"

#define SPAN 0x5000u /* that the tests work in, from the start of unit 1 */

/* One stack of drivers. */
struct stack {
    bool is_spi, is_file, has_nor, has_power;
    char root[64];
    struct flash_ram ram;
    struct flash_file file;
    struct flash_nor nor;
    struct power power;
    struct power_supply supply;
    struct flash *flash; /* the top */
    uint8_t model[SPAN]; /* what must be there */
};

static struct cells *make_bottom(struct stack *stack)
{
    struct cells cells;
    char path[80], error[256];

    if (stack->is_spi)
        cells_init_sst26(&cells);
    else
        cells_init_nvm(&cells, false);
    if (!stack->is_file) {
        assert_int_equal(flash_ram_init(&stack->ram, &cells), OTA_OK);
        return &stack->ram.cells;
    }
    strcpy(stack->root, "/tmp/test_flash_contract.XXXXXX");
    assert_non_null(mkdtemp(stack->root));
    snprintf(path, sizeof path, "%s/flash", stack->root);
    assert_int_equal(flash_file_open(&stack->file, &cells, path, FLASH_FILE_CREATE, error), OTA_OK);
    return &stack->file.cells;
}

static int setup(void **state)
{
    struct stack *stack = calloc(1, sizeof *stack);
    const struct stack *kind = *state;

    *stack = *kind;
    struct cells *cells = make_bottom(stack);
    stack->flash = &cells->flash;
    if (stack->has_nor) {
        flash_nor_init(&stack->nor, cells, NULL, NULL);
        stack->flash = &stack->nor.flash;
    }
    if (stack->has_power) {
        power_init(&stack->power, &stack->nor, &stack->supply);
        stack->flash = &stack->power.flash;
    }
    assert_int_equal(flash_unlock(stack->flash), OTA_OK);
    memset(stack->model, 0xFF, SPAN);
    *state = stack;
    return 0;
}

static int teardown(void **state)
{
    struct stack *stack = *state;

    flash_ram_free(&stack->ram);
    flash_file_close(&stack->file);
    if (stack->is_file)
        scene_remove(stack->root);
    free(stack);
    return 0;
}

static void assert_model(struct stack *stack)
{
    uint8_t is[SPAN];

    assert_int_equal(flash_read(stack->flash, stack->flash->erase_size, is, SPAN), OTA_OK);
    assert_memory_equal(is, stack->model, SPAN);
}

static void program(struct stack *stack, uint32_t at, const uint8_t *data, uint32_t size)
{
    uint32_t offset = stack->flash->erase_size + at;

    assert_int_equal(flash_program(stack->flash, offset, data, size), OTA_OK);
    for (uint32_t i = 0; i < size; i++)
        stack->model[at + i] &= data[i];
}

static void fill(uint8_t *bytes, uint32_t size, uint32_t seed)
{
    for (uint32_t i = 0; i < size; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

static void fresh_flash_reads_as_erased(void **state)
{
    struct stack *stack = *state;
    uint8_t *bytes = malloc(stack->flash->size);

    assert_int_equal(flash_read(stack->flash, 0, bytes, stack->flash->size), OTA_OK);
    assert_true(bytes_are_erased(bytes, stack->flash->size));
    free(bytes);
}

static void what_is_programmed_is_read(void **state)
{
    struct stack *stack = *state;
    uint8_t data[SPAN];

    fill(data, SPAN, 1);
    program(stack, 0, data, SPAN);
    assert_model(stack);
}

static void read_takes_any_range(void **state)
{
    struct stack *stack = *state;
    uint8_t data[3072], back[3072];

    fill(data, sizeof data, 2);
    program(stack, 0, data, sizeof data);
    for (uint32_t from = 0; from < sizeof data; from += 251)
        for (uint32_t size = 0; size <= sizeof data - from; size += 509) {
            memset(back, 0x77, sizeof back);
            assert_int_equal(flash_read(stack->flash, stack->flash->erase_size + from, back, size),
                             OTA_OK);
            assert_memory_equal(back, data + from, size);
            if (size < sizeof back)
                assert_int_equal(back[size], 0x77);
        }
}

/* Rows do not show: wherever a range begins and ends, all of it is programmed and nothing else. */
static void range_over_rows_and_units_is_programmed_whole(void **state)
{
    struct stack *stack = *state;
    uint32_t unit = stack->flash->program_size, row = stack->flash->row_size;
    const uint32_t starts[] = {0, row - unit, row / 2, 4096 - unit, 4096 - row, unit};
    const uint32_t sizes[] = {unit, row, row + unit, 3 * row - unit, 2 * row, 4096 + unit};
    uint8_t data[3 * 4096];

    fill(data, sizeof data, 3);
    for (uint32_t i = 0; i < 6; i++)
        for (uint32_t j = 0; j < 6; j++) {
            for (uint32_t at = 0; at < SPAN; at += 4096)
                assert_int_equal(flash_erase(stack->flash, 4096 + at), OTA_OK);
            memset(stack->model, 0xFF, SPAN);
            program(stack, starts[i], data, sizes[j]);
            assert_model(stack);
        }
}

static void programming_again_clears_more_bits(void **state)
{
    struct stack *stack = *state;
    const uint8_t first[8] = {0xF0, 0xF0, 0xF0, 0xF0, 0xFF, 0xFF, 0x00, 0x55};
    const uint8_t second[8] = {0x30, 0xF0, 0x00, 0x10, 0xFF, 0x0F, 0x00, 0x44};

    program(stack, 8, first, 8);
    program(stack, 8, second, 8);
    assert_model(stack);
    assert_int_equal(stack->model[8], 0x30);
}

static void erase_takes_one_unit_and_no_more(void **state)
{
    struct stack *stack = *state;
    uint8_t data[SPAN];

    fill(data, SPAN, 4);
    program(stack, 0, data, SPAN);
    assert_int_equal(flash_erase(stack->flash, 2 * 4096), OTA_OK);
    memset(stack->model + 4096, 0xFF, 4096);
    assert_model(stack);
    program(stack, 4096, data, 4096);
    assert_model(stack);
}

static void last_unit_is_like_any_other(void **state)
{
    struct stack *stack = *state;
    uint32_t offset = stack->flash->size - 4096;
    uint8_t data[4096], back[4096];

    fill(data, 4096, 5);
    assert_int_equal(flash_erase(stack->flash, offset), OTA_OK);
    assert_int_equal(flash_program(stack->flash, offset, data, 4096), OTA_OK);
    assert_int_equal(flash_read(stack->flash, offset, back, 4096), OTA_OK);
    assert_memory_equal(back, data, 4096);
}

static void nothing_outside_or_unaligned_is_done(void **state)
{
    struct stack *stack = *state;
    struct flash *flash = stack->flash;
    uint32_t unit = flash->program_size;
    uint8_t data[16] = {0};

    assert_int_equal(flash_read(flash, flash->size, data, 1), OTA_ERR_BOUNDS);
    assert_int_equal(flash_read(flash, flash->size - 8, data, 9), OTA_ERR_BOUNDS);
    assert_int_equal(flash_read(flash, UINT32_MAX, data, 2), OTA_ERR_BOUNDS);
    assert_int_equal(flash_program(flash, flash->size - unit, data, 2 * unit), OTA_ERR_BOUNDS);
    assert_int_equal(flash_erase(flash, flash->size), OTA_ERR_BOUNDS);
    assert_int_equal(flash_erase(flash, 4096 + 1), OTA_ERR_BOUNDS);
    if (unit > 1) {
        assert_int_equal(flash_program(flash, 4096 + 1, data, unit), OTA_ERR_BOUNDS);
        assert_int_equal(flash_program(flash, 4096, data, unit + 1), OTA_ERR_BOUNDS);
    }
    assert_model(stack);
}

static void empty_range_is_fine_and_nothing(void **state)
{
    struct stack *stack = *state;
    uint8_t byte = 0x42;

    assert_int_equal(flash_read(stack->flash, 4096, &byte, 0), OTA_OK);
    assert_int_equal(byte, 0x42);
    assert_int_equal(flash_program(stack->flash, 4096, &byte, 0), OTA_OK);
    assert_int_equal(flash_read(stack->flash, stack->flash->size, &byte, 0), OTA_OK);
    assert_model(stack);
}

static void unlock_may_be_repeated_and_changes_nothing(void **state)
{
    struct stack *stack = *state;
    uint8_t data[8] = "content";

    program(stack, 0, data, 8);
    assert_int_equal(flash_unlock(stack->flash), OTA_OK);
    assert_model(stack);
}

static void random_life_is_that_of_the_model(void **state)
{
    struct stack *stack = *state;
    uint32_t unit = stack->flash->program_size, seed = 42;
    bool is_used[SPAN] = {false};
    uint8_t data[2048];

    for (int step = 0; step < 3000; step++) {
        fill(data, sizeof data, seed);
        seed = seed * 1664525u + 1013904223u;
        uint32_t at = (seed >> 8) % SPAN / unit * unit;
        uint32_t size = bytes_min((seed >> 4) % 2048 / unit * unit, SPAN - at);
        if ((seed >> 28) < 4) {
            at = at / 4096 * 4096;
            assert_int_equal(flash_erase(stack->flash, 4096 + at), OTA_OK);
            memset(stack->model + at, 0xFF, 4096);
            memset(is_used + at, 0, 4096);
        } else if (size && !memchr(is_used + at, true, size)) {
            program(stack, at, data, size);
            memset(is_used + at, true, size);
        }
        if (step % 100 == 0)
            assert_model(stack);
    }
    assert_model(stack);
}

static const struct {
    const char *name;
    CMUnitTestFunction function;
} contract[] = {
#define T(function)                                                                                \
    {                                                                                              \
#function, function                                                                        \
    }
    T(fresh_flash_reads_as_erased),
    T(what_is_programmed_is_read),
    T(read_takes_any_range),
    T(range_over_rows_and_units_is_programmed_whole),
    T(programming_again_clears_more_bits),
    T(erase_takes_one_unit_and_no_more),
    T(last_unit_is_like_any_other),
    T(nothing_outside_or_unaligned_is_done),
    T(empty_range_is_fine_and_nothing),
    T(unlock_may_be_repeated_and_changes_nothing),
    T(random_life_is_that_of_the_model),
#undef T
};

#define CONTRACT_COUNT (sizeof contract / sizeof contract[0])
#define STACK_COUNT    10

int main(void)
{
    static const char *const names[] = {"ram", "file", "nor over ram", "nor over file",
                                        "power over nor over ram"};
    static struct stack kinds[STACK_COUNT];
    static char test_names[STACK_COUNT][CONTRACT_COUNT][96];
    struct CMUnitTest tests[STACK_COUNT * CONTRACT_COUNT];
    size_t count = 0;

    for (int kind = 0; kind < STACK_COUNT; kind++) {
        int what = kind / 2;
        kinds[kind].is_spi = kind % 2;
        kinds[kind].is_file = what == 1 || what == 3;
        kinds[kind].has_nor = what >= 2;
        kinds[kind].has_power = what == 4;
        for (size_t i = 0; i < CONTRACT_COUNT; i++) {
            /* The data sheet forbids it, and test_flash_nor.c shows that. */
            if (contract[i].function == programming_again_clears_more_bits && kinds[kind].has_nor &&
                !kinds[kind].is_spi)
                continue;
            snprintf(test_names[kind][i], sizeof test_names[kind][i], "%s, %s: %s",
                     kind % 2 ? "spi" : "nvm", names[what], contract[i].name);
            tests[count++] = (struct CMUnitTest){test_names[kind][i], contract[i].function, setup,
                                                 teardown, &kinds[kind]};
        }
    }
    return _cmocka_run_group_tests("flash_contract", tests, count, NULL, NULL);
}
