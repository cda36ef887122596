#ifndef SIM_PIC32_CP0_H
#define SIM_PIC32_CP0_H

#include "sim/pic32/cpu.h"

/*
 * Coprocessor 0: its registers, exceptions and interrupts, as a microAptiv core with an external
 * interrupt controller has them.
 */
enum cp0_exception {
    CP0_INTERRUPT = 0,
    CP0_ADDRESS_LOAD = 4, /* also of a fetch */
    CP0_ADDRESS_STORE = 5,
    CP0_BUS_FETCH = 6,
    CP0_BUS_DATA = 7,
    CP0_SYSCALL = 8,
    CP0_BREAK = 9,
    CP0_RESERVED = 10,
    CP0_UNUSABLE = 11,
    CP0_OVERFLOW = 12,
    CP0_TRAP = 13,
};

#define CP0_STATUS_IE  0x00000001u
#define CP0_STATUS_EXL 0x00000002u
#define CP0_STATUS_ERL 0x00000004u
#define CP0_STATUS_BEV 0x00400000u
#define CP0_CAUSE_IV   0x00800000u
#define CP0_CAUSE_BD   0x80000000u

/* Registers are named by number and select: 8 * number + select. */
#define CP0_REGISTER(number, select) ((number)*8u + (select))

/* false: the register is not modelled, or the value asks for something that is not; nothing done.
 * Writing Status, Cause, Compare or Count makes run() come back (cpu_call()). */
bool cp0_read(const struct cpu *cpu, uint32_t address, uint32_t *ret_value);
bool cp0_write(struct cpu *cpu, uint32_t address, uint32_t value);

/* Enter the exception of the instruction at cpu->pc; for CP0_UNUSABLE coprocessor says which. */
void cp0_raise(struct cpu *cpu, enum cp0_exception exception, uint32_t coprocessor);

/* Enter the interrupt handler before the instruction at cpu->pc: of this priority, at this offset
 * from EBASE when Cause.IV is set. */
void cp0_interrupt(struct cpu *cpu, uint32_t priority, uint32_t offset);

/* Whether an interrupt of this priority would be taken now. */
bool cp0_accepts(const struct cpu *cpu, uint32_t priority);

/* Return from exception: sets cpu->pc. */
void cp0_return(struct cpu *cpu);

/* Notice that Count has met Compare by now. */
void cp0_service_timer(struct cpu *cpu);

/* Count now. */
uint32_t cp0_count(const struct cpu *cpu);

#endif
