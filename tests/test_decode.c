#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sim/pic32/decode.h"
#include "tests/mips.h"

static void assert_op(uint32_t word, enum op_code code, uint8_t d, uint8_t s, uint8_t t,
                      uint32_t imm)
{
    struct op op = decode(word);

    assert_int_equal(op.code, code);
    assert_int_equal(op.d, d);
    assert_int_equal(op.s, s);
    assert_int_equal(op.t, t);
    assert_int_equal(op.imm, imm);
}

static void registers_and_immediates_are_taken_apart(void **state)
{
    (void)state;
    assert_op(ADDU(3, 4, 5), OP_ADDU, 3, 4, 5, 0);
    assert_op(ADDIU(3, 4, -2), OP_ADDIU, 3, 4, 0, 0xFFFFFFFE);
    assert_op(ORI(3, 4, 0x8000), OP_ORI, 3, 4, 0, 0x8000);
    assert_op(LUI(3, 0x8000), OP_LUI, 3, 0, 0, 0x80000000);
    assert_op(SLL(3, 5, 7), OP_SLL, 3, 0, 5, 7);
    assert_op(LW(3, -4, 29), OP_LW, 3, 29, 3, 0xFFFFFFFC);
    assert_op(SW(0, 4, 29), OP_SW, 32, 29, 0, 4);
    assert_op(MFC0(8, 12, 1), OP_MFC0, 8, 0, 0, 97);
    assert_op(MTC0(8, 11, 0), OP_MTC0, 32, 0, 8, 88);
    assert_op(RDHWR(2, 29), OP_RDHWR, 2, 0, 0, 29);
}

static void zero_as_a_destination_is_nowhere(void **state)
{
    (void)state;
    assert_int_equal(decode(ADDU(0, 4, 5)).d, 32);
    assert_int_equal(decode(LW(0, 4, 29)).d, 32);
    assert_int_equal(decode(JALR(0, 25)).d, 32);
}

static void branches_know_their_distance_in_bytes(void **state)
{
    (void)state;
    assert_op(BEQ(1, 2, 3), OP_BEQ, 32, 1, 2, 16);
    assert_op(BNE(1, 2, -1), OP_BNE, 32, 1, 2, 0);
    assert_op(BNEL(1, 2, -2), OP_BNEL, 32, 1, 2, 0xFFFFFFFC);
    assert_int_equal(decode(J(0x80001234)).imm, 0x1234);
    assert_int_equal(decode(JAL(0xB0021000)).imm, 0x00021000);
}

static void shifts_and_rotations_differ_by_a_bit(void **state)
{
    (void)state;
    assert_int_equal(decode(MIPS_R(0, 0, 5, 3, 7, 2)).code, OP_SRL);
    assert_int_equal(decode(MIPS_R(0, 1, 5, 3, 7, 2)).code, OP_ROTR);
    assert_int_equal(decode(MIPS_R(0, 4, 5, 3, 0, 6)).code, OP_SRLV);
    assert_int_equal(decode(MIPS_R(0, 4, 5, 3, 1, 6)).code, OP_ROTRV);
    assert_int_equal(decode(MIPS_R(0, 1, 5, 3, 7, 0)).code, OP_RESERVED);
    assert_int_equal(decode(NOP).code, OP_NOP);
}

static void fields_keep_their_place_and_size(void **state)
{
    (void)state;
    assert_op(MIPS_R(0x1F, 4, 3, 7, 5, 0x00), OP_EXT, 3, 4, 5, 8);
    assert_op(MIPS_R(0x1F, 4, 3, 12, 5, 0x04), OP_INS, 3, 4, 5, 8);
    assert_op(MIPS_R(0x1F, 4, 3, 31, 0, 0x00), OP_EXT, 3, 4, 0, 32);
    assert_int_equal(decode(MIPS_R(0x1F, 4, 3, 31, 5, 0x00)).code, OP_RESERVED);
    assert_int_equal(decode(MIPS_R(0x1F, 4, 3, 4, 5, 0x04)).code, OP_RESERVED);
}

static void what_the_core_has_not_is_reserved_or_a_coprocessor(void **state)
{
    (void)state;
    assert_int_equal(decode(0xFC000000).code, OP_RESERVED);
    assert_int_equal(decode(MIPS_R(0, 0, 0, 0, 0, 0x05)).code, OP_RESERVED);
    assert_int_equal(decode(MIPS_R(0x1C, 0, 0, 0, 0, 0x3F)).code, OP_RESERVED); /* sdbbp */
    assert_int_equal(decode(0x46000000).code, OP_COPROCESSOR);                  /* add.s */
    assert_int_equal(decode(0x46000000).imm, 1);
    assert_int_equal(decode(0x48000000).imm, 2);
    assert_int_equal(decode(MIPS_I(0x31, 4, 0, 0)).code, OP_COPROCESSOR);    /* lwc1 */
    assert_int_equal(decode(MIPS_R(0, 4, 0, 3, 0, 1)).code, OP_COPROCESSOR); /* movf */
}

static void hints_do_nothing_and_jumps_come_last(void **state)
{
    (void)state;
    assert_int_equal(decode(MIPS_I(0x33, 4, 0, 0)).code, OP_NOP); /* pref */
    assert_int_equal(decode(0x0000000F).code, OP_NOP);            /* sync */
    assert_true(decode(JR(31)).code >= OP_FIRST_JUMPING);
    assert_true(decode(ERET).code >= OP_FIRST_JUMPING);
    assert_true(decode(BLTZALL(3, 4)).code >= OP_FIRST_JUMPING);
    assert_true(decode(WAIT).code < OP_FIRST_JUMPING);
    assert_true(decode(SYSCALL).code < OP_FIRST_JUMPING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registers_and_immediates_are_taken_apart),
        cmocka_unit_test(zero_as_a_destination_is_nowhere),
        cmocka_unit_test(branches_know_their_distance_in_bytes),
        cmocka_unit_test(shifts_and_rotations_differ_by_a_bit),
        cmocka_unit_test(fields_keep_their_place_and_size),
        cmocka_unit_test(what_the_core_has_not_is_reserved_or_a_coprocessor),
        cmocka_unit_test(hints_do_nothing_and_jumps_come_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
