#ifndef SIM_PIC32_OP_H
#define SIM_PIC32_OP_H

#include <stdint.h>

/*
 * An instruction as the interpreter wants it: what to do, and with which registers. One word of
 * memory becomes one op, the first time it is executed.
 */
struct op {
    uint8_t code;    /* enum op_code */
    uint8_t d, s, t; /* indices into cpu.gpr; a d of 0 became 32, so that $zero stays 0 */
    uint32_t imm;    /* immediate, shift amount, branch distance in bytes, CP0 register */
};

/* All zero: not decoded yet. */
#define OP_INTERNAL(X)                                                                             \
    X(NONE)                                                                                        \
    X(END)        /* behind the last word of a memory */                                           \
    X(BREAKPOINT) /* of a debugger */                                                              \
    X(STEPPED)    /* behind the only instruction of a step */                                      \
    X(GO)         /* behind a delay slot: go on at the target of the jump */

#define OP_PLAIN(X)                                                                                \
    X(NOP)                                                                                         \
    X(ADDU)                                                                                        \
    X(SUBU)                                                                                        \
    X(AND)                                                                                         \
    X(OR)                                                                                          \
    X(XOR)                                                                                         \
    X(NOR)                                                                                         \
    X(SLT)                                                                                         \
    X(SLTU)                                                                                        \
    X(MOVZ)                                                                                        \
    X(MOVN)                                                                                        \
    X(SLL)                                                                                         \
    X(SRL)                                                                                         \
    X(SRA)                                                                                         \
    X(ROTR)                                                                                        \
    X(SLLV)                                                                                        \
    X(SRLV)                                                                                        \
    X(SRAV)                                                                                        \
    X(ROTRV)                                                                                       \
    X(ADDIU)                                                                                       \
    X(ANDI)                                                                                        \
    X(ORI)                                                                                         \
    X(XORI)                                                                                        \
    X(SLTI)                                                                                        \
    X(SLTIU)                                                                                       \
    X(LUI)                                                                                         \
    X(CLZ)                                                                                         \
    X(CLO)                                                                                         \
    X(SEB)                                                                                         \
    X(SEH)                                                                                         \
    X(WSBH)                                                                                        \
    X(EXT)                                                                                         \
    X(INS)                                                                                         \
    X(MUL)                                                                                         \
    X(MULT)                                                                                        \
    X(MULTU)                                                                                       \
    X(MADD)                                                                                        \
    X(MADDU)                                                                                       \
    X(MSUB)                                                                                        \
    X(MSUBU)                                                                                       \
    X(DIV)                                                                                         \
    X(DIVU)                                                                                        \
    X(MFHI)                                                                                        \
    X(MFLO)                                                                                        \
    X(MTHI)                                                                                        \
    X(MTLO)

/* Those that may trap. */
#define OP_TRAPPING(X)                                                                             \
    X(ADD)                                                                                         \
    X(SUB)                                                                                         \
    X(ADDI)                                                                                        \
    X(TGE)                                                                                         \
    X(TGEU)                                                                                        \
    X(TLT)                                                                                         \
    X(TLTU)                                                                                        \
    X(TEQ)                                                                                         \
    X(TNE)                                                                                         \
    X(TGEI)                                                                                        \
    X(TGEIU)                                                                                       \
    X(TLTI)                                                                                        \
    X(TLTIU)                                                                                       \
    X(TEQI)                                                                                        \
    X(TNEI)                                                                                        \
    X(SYSCALL)                                                                                     \
    X(BREAK)                                                                                       \
    X(RESERVED)                                                                                    \
    X(COPROCESSOR)

#define OP_MEMORY(X)                                                                               \
    X(LB)                                                                                          \
    X(LBU)                                                                                         \
    X(LH)                                                                                          \
    X(LHU)                                                                                         \
    X(LW)                                                                                          \
    X(LL)                                                                                          \
    X(LWL)                                                                                         \
    X(LWR)                                                                                         \
    X(SB)                                                                                          \
    X(SH)                                                                                          \
    X(SW)                                                                                          \
    X(SC)                                                                                          \
    X(SWL)                                                                                         \
    X(SWR)                                                                                         \
    X(CACHE)                                                                                       \
    X(SYNCI)

#define OP_SYSTEM(X)                                                                               \
    X(MFC0)                                                                                        \
    X(MTC0)                                                                                        \
    X(DI)                                                                                          \
    X(EI)                                                                                          \
    X(RDHWR)                                                                                       \
    X(WAIT)

/* Those that may not stand in a delay slot; keep them last. */
#define OP_JUMPING(X)                                                                              \
    X(BEQ)                                                                                         \
    X(BNE)                                                                                         \
    X(BLEZ)                                                                                        \
    X(BGTZ)                                                                                        \
    X(BLTZ)                                                                                        \
    X(BGEZ)                                                                                        \
    X(BLTZAL)                                                                                      \
    X(BGEZAL)                                                                                      \
    X(BEQL)                                                                                        \
    X(BNEL)                                                                                        \
    X(BLEZL)                                                                                       \
    X(BGTZL)                                                                                       \
    X(BLTZL)                                                                                       \
    X(BGEZL)                                                                                       \
    X(BLTZALL)                                                                                     \
    X(BGEZALL)                                                                                     \
    X(J)                                                                                           \
    X(JAL)                                                                                         \
    X(JR)                                                                                          \
    X(JALR)                                                                                        \
    X(ERET)

#define OP_LIST(X)                                                                                 \
    OP_INTERNAL(X)                                                                                 \
    OP_PLAIN(X) OP_TRAPPING(X) OP_MEMORY(X) OP_SYSTEM(X) OP_JUMPING(X)

enum op_code {
#define X(name) OP_##name,
    OP_LIST(X)
#undef X
};

#define OP_FIRST_JUMPING OP_BEQ

#endif
