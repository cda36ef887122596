#ifndef SIM_PIC32_RUN_H
#define SIM_PIC32_RUN_H

#include "sim/pic32/bus.h"
#include "sim/pic32/cpu.h"

/*
 * The interpreter. Instructions are decoded once (code.h) and then run by threaded code; time and
 * interrupts are looked at behind each jump and its delay slot, never in between, so that a run is
 * the same whether it is stepped through or not.
 */
enum run_end {
    RUN_LIMIT, /* cpu.now reached cpu.limit, behind a jump or an instruction that asked for it */
    RUN_BREAKPOINT, /* cpu.pc is at one; it was not executed */
    RUN_STEPPED,    /* one instruction that is no jump */
    RUN_STOPPED,    /* bus.stop says why */
};

/* Run on from cpu->pc. */
enum run_end run(struct cpu *cpu, struct bus *bus);

/* One instruction, or a jump with its delay slot; breakpoints are not looked at. RUN_STEPPED, or
 * RUN_LIMIT behind a jump, or RUN_STOPPED. */
enum run_end run_step(struct cpu *cpu, struct bus *bus);

#endif
