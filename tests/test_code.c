#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sim/pic32/code.h"

static int setup(void **state)
{
    static struct code code;

    assert_int_equal(code_init(&code), OTA_OK);
    *state = &code;
    return 0;
}

static int teardown(void **state)
{
    code_free(*state);
    return 0;
}

static struct op *op_at(struct code *code, uint32_t address)
{
    struct code_view view = code_find(code, address);

    assert_non_null(view.ops);
    return view.ops + (address - view.base) / 4;
}

static void decode_at(struct code *code, uint32_t address)
{
    struct code_view view = code_find(code, address);

    code_note(code, view.memory, address - view.base);
    op_at(code, address)->code = OP_ADDU;
}

static void each_memory_is_found_through_both_segments(void **state)
{
    struct code *code = *state;

    assert_int_equal(code_find(code, 0x80000000).memory, CODE_RAM);
    assert_int_equal(code_find(code, 0xA004FFFC).memory, CODE_RAM);
    assert_int_equal(code_find(code, 0x900FFFFC).memory, CODE_FLASH_CACHED);
    assert_int_equal(code_find(code, 0xB0000000).memory, CODE_FLASH);
    assert_int_equal(code_find(code, 0xBFC00000).memory, CODE_BOOT);
    assert_int_equal(code_find(code, 0xBFC00000).base, 0xBFC00000);
    assert_null(code_find(code, 0x80050000).ops);
    assert_null(code_find(code, 0x00000000).ops);
    assert_null(code_find(code, 0xB0100000).ops);
    assert_null(code_find(code, 0xF0000000).ops);
}

static void memory_ends_with_an_op_of_its_own(void **state)
{
    struct code *code = *state;

    assert_int_equal(op_at(code, 0x8004FFFC)[1].code, OP_END);
    code_forget_all(code);
    assert_int_equal(op_at(code, 0x8004FFFC)[1].code, OP_END);
}

static void only_changed_words_are_forgotten(void **state)
{
    struct code *code = *state;

    for (uint32_t address = 0x90001FF8; address <= 0x90002008; address += 4)
        decode_at(code, address);
    decode_at(code, 0xB0001FFC);
    code_forget_flash(code, 0x1FFC, 10);
    assert_int_equal(op_at(code, 0x90001FF8)->code, OP_ADDU);
    assert_int_equal(op_at(code, 0x90001FFC)->code, OP_NONE);
    assert_int_equal(op_at(code, 0xB0001FFC)->code, OP_NONE);
    assert_int_equal(op_at(code, 0x90002004)->code, OP_NONE);
    assert_int_equal(op_at(code, 0x90002008)->code, OP_ADDU);
}

static void all_of_ram_is_forgotten_and_nothing_else(void **state)
{
    struct code *code = *state;

    decode_at(code, 0x80000000);
    decode_at(code, 0x80040010);
    decode_at(code, 0xB0000000);
    code_forget_all_ram(code);
    assert_int_equal(op_at(code, 0x80000000)->code, OP_NONE);
    assert_int_equal(op_at(code, 0x80040010)->code, OP_NONE);
    assert_int_equal(op_at(code, 0xB0000000)->code, OP_ADDU);
    code_forget_all(code);
    assert_int_equal(op_at(code, 0xB0000000)->code, OP_NONE);
}

static void breakpoint_is_the_same_through_both_segments(void **state)
{
    struct code *code = *state;

    decode_at(code, 0x90000100);
    decode_at(code, 0xB0000100);
    assert_true(code_set_breakpoint(code, 0xB0000100));
    assert_true(code_has_breakpoint(code, 0x90000100));
    assert_int_equal(op_at(code, 0x90000100)->code, OP_NONE);
    assert_int_equal(op_at(code, 0xB0000100)->code, OP_NONE);
    assert_true(code_clear_breakpoint(code, 0x90000100));
    assert_false(code_has_breakpoint(code, 0xB0000100));
    assert_false(code_clear_breakpoint(code, 0xB0000100));
}

static void breakpoints_are_limited_and_must_lie_in_code(void **state)
{
    struct code *code = *state;

    assert_false(code_set_breakpoint(code, 0x00000000));
    for (uint32_t i = 0; i < CODE_BREAKPOINTS_MAX; i++)
        assert_true(code_set_breakpoint(code, 0x80000000 + i * 4));
    assert_true(code_set_breakpoint(code, 0x80000000)); /* is there already */
    assert_false(code_set_breakpoint(code, 0x80001000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_memory_is_found_through_both_segments, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(memory_ends_with_an_op_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(only_changed_words_are_forgotten, setup, teardown),
        cmocka_unit_test_setup_teardown(all_of_ram_is_forgotten_and_nothing_else, setup, teardown),
        cmocka_unit_test_setup_teardown(breakpoint_is_the_same_through_both_segments, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(breakpoints_are_limited_and_must_lie_in_code, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
