#ifndef SIM_PIC32_CPU_H
#define SIM_PIC32_CPU_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The state of the processor core (MIPS32r2, little endian, fixed address map, no floating point,
 * one register set): plain data, so that a copy of the bytes is a snapshot.
 *
 * Time is counted in processor cycles. An instruction takes one; the time nobody looks at (wait,
 * polling a busy device) is skipped.
 */
#define CPU_MHZ   200
#define CPU_NEVER UINT64_MAX

struct cpu {
    uint32_t gpr[33]; /* the last one takes what is written to $zero */
    uint32_t hi, lo;
    /* The next instruction; while the bus is asked or an exception raised: the present one. */
    uint32_t pc;
    bool is_in_slot; /* only while pc is the present instruction: it stands in a delay slot */
    bool is_linked;  /* from ll to the next eret: sc stores */
    bool is_waiting; /* for an interrupt */

    uint64_t now;     /* cycles since the power came on */
    uint64_t skipped; /* of these: without an instruction */
    uint64_t limit;   /* run() comes back behind the first jump at or after this moment */

    uint32_t status, cause, epc, error_epc, bad_address, compare, ebase, hwrena;
    uint32_t config, srsctl, intctl, user_local;
    uint64_t count_zero; /* the moment at which Count was 0, in cycles; may lie before the start */
    uint64_t match_at;   /* when Count meets Compare next */
    bool is_timer_due;   /* Count met Compare, and Compare was not written since */
};

/* What the core is after a reset. General registers are undefined: garbage by seed. Time goes on.
 */
void cpu_reset(struct cpu *cpu, uint32_t seed);

/* Let time pass without an instruction. */
void cpu_skip(struct cpu *cpu, uint64_t cycles);

/* Make run() come back behind the present block: something happened that it must know. */
void cpu_call(struct cpu *cpu);

#endif
