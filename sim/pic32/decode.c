#include "sim/pic32/decode.h"

#include <stdbool.h>

#define NOWHERE 32 /* what $zero is as a destination */

static uint32_t field(uint32_t word, int low, int size)
{
    return word >> low & ((1u << size) - 1);
}

static uint8_t rs(uint32_t word)
{
    return (uint8_t)field(word, 21, 5);
}

static uint8_t rt(uint32_t word)
{
    return (uint8_t)field(word, 16, 5);
}

static uint8_t rd(uint32_t word)
{
    return (uint8_t)field(word, 11, 5);
}

static uint32_t signed_imm(uint32_t word)
{
    return (uint32_t)(int16_t)word;
}

static struct op make(enum op_code code, uint8_t d, uint8_t s, uint8_t t, uint32_t imm)
{
    return (struct op){.code = (uint8_t)code, .d = d ? d : NOWHERE, .s = s, .t = t, .imm = imm};
}

static struct op reserved(void)
{
    return make(OP_RESERVED, 0, 0, 0, 0);
}

/* rd from rs and rt. */
static struct op three(uint32_t word, enum op_code code)
{
    return make(code, rd(word), rs(word), rt(word), 0);
}

/* rt from rs and a 16-bit immediate. */
static struct op immediate(uint32_t word, enum op_code code, uint32_t imm)
{
    return make(code, rt(word), rs(word), 0, imm);
}

static struct op shift(uint32_t word, enum op_code code, enum op_code rotate)
{
    if (word == 0)
        return make(OP_NOP, 0, 0, 0, 0);
    return make(field(word, 21, 1) ? rotate : code, rd(word), 0, rt(word), field(word, 6, 5));
}

/* A branch: both operands are read, and imm is the distance in bytes from itself. */
static struct op branch(uint32_t word, enum op_code code)
{
    return make(code, 0, rs(word), rt(word), signed_imm(word) * 4 + 4);
}

static struct op trap_if(uint32_t word, enum op_code code)
{
    return make(code, 0, rs(word), rt(word), signed_imm(word));
}

static struct op decode_shift(uint32_t word)
{
    switch (field(word, 0, 6)) {
    case 0x00:
        return shift(word, OP_SLL, OP_RESERVED);
    case 0x02:
        return shift(word, OP_SRL, OP_ROTR);
    case 0x03:
        return shift(word, OP_SRA, OP_RESERVED);
    case 0x04:
        return three(word, OP_SLLV);
    case 0x06:
        return three(word, field(word, 6, 1) ? OP_ROTRV : OP_SRLV);
    default:
        return three(word, OP_SRAV);
    }
}

/* Arithmetic of SPECIAL; OP_NONE: none of it. */
static enum op_code special_code(uint32_t function)
{
    static const uint8_t codes[64] = {
        [0x0A] = OP_MOVZ, [0x0B] = OP_MOVN, [0x10] = OP_MFHI,  [0x11] = OP_MTHI, [0x12] = OP_MFLO,
        [0x13] = OP_MTLO, [0x18] = OP_MULT, [0x19] = OP_MULTU, [0x1A] = OP_DIV,  [0x1B] = OP_DIVU,
        [0x20] = OP_ADD,  [0x21] = OP_ADDU, [0x22] = OP_SUB,   [0x23] = OP_SUBU, [0x24] = OP_AND,
        [0x25] = OP_OR,   [0x26] = OP_XOR,  [0x27] = OP_NOR,   [0x2A] = OP_SLT,  [0x2B] = OP_SLTU,
        [0x30] = OP_TGE,  [0x31] = OP_TGEU, [0x32] = OP_TLT,   [0x33] = OP_TLTU, [0x34] = OP_TEQ,
        [0x36] = OP_TNE,
    };

    return (enum op_code)codes[function];
}

static struct op decode_special(uint32_t word)
{
    uint32_t function = field(word, 0, 6);
    enum op_code code = special_code(function);

    if (function <= 0x07 && function != 0x01 && function != 0x05)
        return decode_shift(word);
    if (code != OP_NONE)
        return three(word, code);
    switch (function) {
    case 0x01: /* movf, movt ask the floating point unit */
        return make(OP_COPROCESSOR, 0, 0, 0, 1);
    case 0x08:
        return three(word, OP_JR);
    case 0x09:
        return three(word, OP_JALR);
    case 0x0C:
        return make(OP_SYSCALL, 0, 0, 0, 0);
    case 0x0D:
        return make(OP_BREAK, 0, 0, 0, 0);
    case 0x0F: /* sync */
        return make(OP_NOP, 0, 0, 0, 0);
    default:
        return reserved();
    }
}

static struct op decode_special2(uint32_t word)
{
    switch (field(word, 0, 6)) {
    case 0x00:
        return three(word, OP_MADD);
    case 0x01:
        return three(word, OP_MADDU);
    case 0x02:
        return three(word, OP_MUL);
    case 0x04:
        return three(word, OP_MSUB);
    case 0x05:
        return three(word, OP_MSUBU);
    case 0x20:
        return three(word, OP_CLZ);
    case 0x21:
        return three(word, OP_CLO);
    default:
        return reserved();
    }
}

static struct op decode_bshfl(uint32_t word)
{
    switch (field(word, 6, 5)) {
    case 0x02:
        return three(word, OP_WSBH);
    case 0x10:
        return three(word, OP_SEB);
    case 0x18:
        return three(word, OP_SEH);
    default:
        return reserved();
    }
}

/* ext and ins: t is the lowest bit of the field, imm its size. */
static struct op decode_field(uint32_t word, bool is_insert)
{
    uint32_t low = field(word, 6, 5), top = field(word, 11, 5);
    uint32_t size = is_insert ? top + 1 - low : top + 1;

    if ((is_insert && top < low) || low + size > 32)
        return reserved();
    struct op op = make(is_insert ? OP_INS : OP_EXT, rt(word), rs(word), 0, size);
    op.t = (uint8_t)low;
    return op;
}

static struct op decode_special3(uint32_t word)
{
    switch (field(word, 0, 6)) {
    case 0x00:
        return decode_field(word, false);
    case 0x04:
        return decode_field(word, true);
    case 0x20:
        return decode_bshfl(word);
    case 0x3B:
        return make(OP_RDHWR, rt(word), 0, 0, rd(word));
    default:
        return reserved();
    }
}

static struct op decode_regimm(uint32_t word)
{
    static const uint8_t branches[32] = {
        [0x00] = OP_BLTZ,   [0x01] = OP_BGEZ,   [0x02] = OP_BLTZL,   [0x03] = OP_BGEZL,
        [0x10] = OP_BLTZAL, [0x11] = OP_BGEZAL, [0x12] = OP_BLTZALL, [0x13] = OP_BGEZALL,
    };
    static const uint8_t traps[32] = {
        [0x08] = OP_TGEI,  [0x09] = OP_TGEIU, [0x0A] = OP_TLTI,
        [0x0B] = OP_TLTIU, [0x0C] = OP_TEQI,  [0x0E] = OP_TNEI,
    };
    uint8_t which = rt(word);

    if (branches[which])
        return branch(word, (enum op_code)branches[which]);
    if (traps[which])
        return trap_if(word, (enum op_code)traps[which]);
    if (which == 0x1F)
        return immediate(word, OP_SYNCI, signed_imm(word));
    return reserved();
}

static struct op decode_cop0(uint32_t word)
{
    uint32_t address = rd(word) * 8u + field(word, 0, 3);

    if (field(word, 25, 1))
        switch (field(word, 0, 6)) {
        case 0x18:
            return make(OP_ERET, 0, 0, 0, 0);
        case 0x20:
            return make(OP_WAIT, 0, 0, 0, 0);
        default:
            return reserved();
        }
    switch (rs(word)) {
    case 0x00:
        return make(OP_MFC0, rt(word), 0, 0, address);
    case 0x04:
        return make(OP_MTC0, 0, 0, rt(word), address);
    case 0x0A: /* rdpgpr, wrpgpr: with one register set in use they only move */
        return make(OP_ADDU, rd(word), rt(word), 0, 0);
    case 0x0E:
        return make(OP_ADDU, rd(word), rt(word), 0, 0);
    case 0x0B:
        return make(field(word, 5, 1) ? OP_EI : OP_DI, rt(word), 0, 0, 0);
    default:
        return reserved();
    }
}

static enum op_code memory_code(uint32_t opcode)
{
    static const uint8_t codes[64] = {
        [0x20] = OP_LB,  [0x21] = OP_LH,  [0x22] = OP_LWL,   [0x23] = OP_LW, [0x24] = OP_LBU,
        [0x25] = OP_LHU, [0x26] = OP_LWR, [0x28] = OP_SB,    [0x29] = OP_SH, [0x2A] = OP_SWL,
        [0x2B] = OP_SW,  [0x2E] = OP_SWR, [0x2F] = OP_CACHE, [0x30] = OP_LL, [0x38] = OP_SC,
    };

    return (enum op_code)codes[opcode];
}

static struct op decode_memory(uint32_t word, enum op_code code)
{
    struct op op = immediate(word, code, signed_imm(word));

    op.t = rt(word);
    return op;
}

static struct op decode_branch(uint32_t word)
{
    static const uint8_t codes[64] = {
        [0x04] = OP_BEQ,  [0x05] = OP_BNE,  [0x06] = OP_BLEZ,  [0x07] = OP_BGTZ,
        [0x14] = OP_BEQL, [0x15] = OP_BNEL, [0x16] = OP_BLEZL, [0x17] = OP_BGTZL,
    };

    return branch(word, (enum op_code)codes[field(word, 26, 6)]);
}

static struct op decode_immediate(uint32_t word)
{
    switch (field(word, 26, 6)) {
    case 0x08:
        return immediate(word, OP_ADDI, signed_imm(word));
    case 0x09:
        return immediate(word, OP_ADDIU, signed_imm(word));
    case 0x0A:
        return immediate(word, OP_SLTI, signed_imm(word));
    case 0x0B:
        return immediate(word, OP_SLTIU, signed_imm(word));
    case 0x0C:
        return immediate(word, OP_ANDI, word & 0xFFFF);
    case 0x0D:
        return immediate(word, OP_ORI, word & 0xFFFF);
    case 0x0E:
        return immediate(word, OP_XORI, word & 0xFFFF);
    default:
        return immediate(word, OP_LUI, word << 16);
    }
}

struct op decode(uint32_t word)
{
    uint32_t opcode = field(word, 26, 6);

    if (memory_code(opcode) != OP_NONE)
        return decode_memory(word, memory_code(opcode));
    switch (opcode) {
    case 0x00:
        return decode_special(word);
    case 0x01:
        return decode_regimm(word);
    case 0x02:
        return make(OP_J, 0, 0, 0, word << 2 & 0x0FFFFFFF);
    case 0x03:
        return make(OP_JAL, 0, 0, 0, word << 2 & 0x0FFFFFFF);
    case 0x10:
        return decode_cop0(word);
    case 0x11:
    case 0x12:
    case 0x13: /* the floating point unit, coprocessor 2, and what would be COP1X */
        return make(OP_COPROCESSOR, 0, 0, 0, opcode == 0x12 ? 2 : 1);
    case 0x1C:
        return decode_special2(word);
    case 0x1F:
        return decode_special3(word);
    case 0x33: /* pref */
        return make(OP_NOP, 0, 0, 0, 0);
    default:
        if (opcode >= 0x08 && opcode <= 0x0F)
            return decode_immediate(word);
        if ((opcode >= 0x04 && opcode <= 0x07) || (opcode >= 0x14 && opcode <= 0x17))
            return decode_branch(word);
        if (opcode == 0x31 || opcode == 0x35 || opcode == 0x39 || opcode == 0x3D)
            return make(OP_COPROCESSOR, 0, 0, 0, 1);
        return reserved();
    }
}
