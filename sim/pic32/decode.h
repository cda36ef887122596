#ifndef SIM_PIC32_DECODE_H
#define SIM_PIC32_DECODE_H

#include "sim/pic32/op.h"

/* The integer instructions of MIPS32 release 2. A word that is none of them becomes OP_RESERVED,
 * one for a coprocessor that is not there OP_COPROCESSOR (imm: its number). */
struct op decode(uint32_t word);

#endif
