#ifndef SIM_PIC32_LONG_WAY_H
#define SIM_PIC32_LONG_WAY_H

#include "sim/pic32/bus.h"
#include "sim/pic32/cpu.h"

/*
 * The instructions that run() does not do by itself: loads and stores that are not plain memory,
 * traps, coprocessor 0. cpu->pc, is_in_slot and now are those of the instruction.
 */
enum long_way {
    LONG_WAY_NEXT, /* done: go on behind it */
    LONG_WAY_LOOK, /* done: go on behind it, and look at time and interrupts first */
    LONG_WAY_PC,   /* an exception, or its return: go on at cpu->pc */
    LONG_WAY_STOP, /* bus->stop says why */
};

enum long_way long_way(struct cpu *cpu, struct bus *bus, const struct op *op);

/* The instruction could not be fetched. */
enum long_way long_way_fetch_failed(struct cpu *cpu, enum bus_result result);

#endif
