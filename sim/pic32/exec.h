#ifndef SIM_PIC32_EXEC_H
#define SIM_PIC32_EXEC_H

#include "sim/pic32/bus.h"
#include "sim/pic32/cpu.h"

/*
 * The interpreter. Instructions are decoded once (code.h) and then run by threaded code; time and
 * interrupts are looked at behind each jump and its delay slot, never in between, so that a run is
 * the same whether it is stepped through or not.
 */
enum exec_end {
    EXEC_LIMIT, /* cpu.now reached cpu.limit, behind a jump or an instruction that asked for it */
    EXEC_BREAKPOINT, /* cpu.pc is at one; it was not executed */
    EXEC_STEPPED,    /* one instruction that is no jump */
    EXEC_STOPPED,    /* bus.stop says why */
};

/* Run on from cpu->pc. */
enum exec_end exec(struct cpu *cpu, struct bus *bus);

/* One instruction, or a jump with its delay slot; breakpoints are not looked at. EXEC_STEPPED, or
 * EXEC_LIMIT behind a jump, or EXEC_STOPPED. */
enum exec_end exec_step(struct cpu *cpu, struct bus *bus);

#endif
