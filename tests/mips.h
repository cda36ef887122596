#ifndef TESTS_MIPS_H
#define TESTS_MIPS_H

#include <stdint.h>

/* Instructions as words: registers by number, distances of branches in instructions from the delay
 * slot. */
#define MIPS_R(op, s, t, d, a, f)                                                                  \
    ((uint32_t)(op) << 26 | (uint32_t)(s) << 21 | (uint32_t)(t) << 16 | (uint32_t)(d) << 11 |      \
     (uint32_t)(a) << 6 | (uint32_t)(f))
#define MIPS_I(op, s, t, imm)                                                                      \
    ((uint32_t)(op) << 26 | (uint32_t)(s) << 21 | (uint32_t)(t) << 16 | ((uint32_t)(imm)&0xFFFF))

#define NOP               0u
#define ADD(d, s, t)      MIPS_R(0, s, t, d, 0, 0x20)
#define ADDU(d, s, t)     MIPS_R(0, s, t, d, 0, 0x21)
#define SUB(d, s, t)      MIPS_R(0, s, t, d, 0, 0x22)
#define MULT(s, t)        MIPS_R(0, s, t, 0, 0, 0x18)
#define DIV(s, t)         MIPS_R(0, s, t, 0, 0, 0x1A)
#define MFHI(d)           MIPS_R(0, 0, 0, d, 0, 0x10)
#define MTHI(s)           MIPS_R(0, s, 0, 0, 0, 0x11)
#define MTLO(s)           MIPS_R(0, s, 0, 0, 0, 0x13)
#define MFLO(d)           MIPS_R(0, 0, 0, d, 0, 0x12)
#define SLL(d, t, a)      MIPS_R(0, 0, t, d, a, 0x00)
#define JR(s)             MIPS_R(0, s, 0, 0, 0, 0x08)
#define JALR(d, s)        MIPS_R(0, s, 0, d, 0, 0x09)
#define SYSCALL           MIPS_R(0, 0, 0, 0, 0, 0x0C)
#define BREAK             MIPS_R(0, 0, 0, 0, 0, 0x0D)
#define TRAP(f, s, t)     MIPS_R(0, s, t, 0, 0, f)
#define REGIMM(t, s, imm) MIPS_I(1, s, t, imm)
#define BLTZ(s, imm)      REGIMM(0x00, s, imm)
#define BGEZAL(s, imm)    REGIMM(0x11, s, imm)
#define BLTZALL(s, imm)   REGIMM(0x12, s, imm)
#define SYNCI(s, imm)     REGIMM(0x1F, s, imm)
#define J(address)        (2u << 26 | ((uint32_t)(address) >> 2 & 0x3FFFFFF))
#define JAL(address)      (3u << 26 | ((uint32_t)(address) >> 2 & 0x3FFFFFF))
#define BEQ(s, t, imm)    MIPS_I(4, s, t, imm)
#define BNE(s, t, imm)    MIPS_I(5, s, t, imm)
#define BEQL(s, t, imm)   MIPS_I(0x14, s, t, imm)
#define BNEL(s, t, imm)   MIPS_I(0x15, s, t, imm)
#define ADDI(t, s, imm)   MIPS_I(8, s, t, imm)
#define ADDIU(t, s, imm)  MIPS_I(9, s, t, imm)
#define ORI(t, s, imm)    MIPS_I(0x0D, s, t, imm)
#define LUI(t, imm)       MIPS_I(0x0F, 0, t, imm)
#define LB(t, imm, s)     MIPS_I(0x20, s, t, imm)
#define LH(t, imm, s)     MIPS_I(0x21, s, t, imm)
#define LWL(t, imm, s)    MIPS_I(0x22, s, t, imm)
#define LW(t, imm, s)     MIPS_I(0x23, s, t, imm)
#define LBU(t, imm, s)    MIPS_I(0x24, s, t, imm)
#define LHU(t, imm, s)    MIPS_I(0x25, s, t, imm)
#define LWR(t, imm, s)    MIPS_I(0x26, s, t, imm)
#define SB(t, imm, s)     MIPS_I(0x28, s, t, imm)
#define SH(t, imm, s)     MIPS_I(0x29, s, t, imm)
#define SWL(t, imm, s)    MIPS_I(0x2A, s, t, imm)
#define SW(t, imm, s)     MIPS_I(0x2B, s, t, imm)
#define SWR(t, imm, s)    MIPS_I(0x2E, s, t, imm)
#define CACHE(o, imm, s)  MIPS_I(0x2F, s, o, imm)
#define LL(t, imm, s)     MIPS_I(0x30, s, t, imm)
#define SC(t, imm, s)     MIPS_I(0x38, s, t, imm)
#define MFC0(t, d, sel)   MIPS_R(0x10, 0, t, d, 0, sel)
#define MTC0(t, d, sel)   MIPS_R(0x10, 4, t, d, 0, sel)
#define DI(t)             MIPS_R(0x10, 0x0B, t, 12, 0, 0)
#define EI(t)             MIPS_R(0x10, 0x0B, t, 12, 0, 0x20)
#define ERET              0x42000018u
#define WAIT              0x42000020u
#define RDHWR(t, d)       MIPS_R(0x1F, 0, t, d, 0, 0x3B)

/* The two instructions that load a constant. */
#define LI(t, value) LUI(t, (uint32_t)(value) >> 16), ORI(t, t, (uint32_t)(value)&0xFFFF)

#endif
