#include "sim/pic32/cpu.h"

#include <string.h>

/* Power-on values of the device file (facts: pic32.md 1). */
#define STATUS_RESET 0x00400004u /* BEV, ERL */
#define CONFIG_RESET 0x80000400u
#define EBASE_RESET  0x80000000u
#define SRSCTL_RESET 0x1C000000u /* eight sets; only the first is modelled */

void cpu_reset(struct cpu *cpu, uint32_t seed)
{
    uint64_t now = cpu->now, skipped = cpu->skipped;

    memset(cpu, 0, sizeof *cpu);
    cpu->now = now;
    cpu->skipped = skipped;
    for (int i = 1; i < 32; i++) {
        seed = seed * 1664525u + 1013904223u;
        cpu->gpr[i] = seed;
    }
    cpu->hi = seed ^ 0x5A5A5A5Au;
    cpu->lo = ~cpu->hi;
    cpu->pc = 0xBFC00000;
    cpu->status = STATUS_RESET;
    cpu->config = CONFIG_RESET;
    cpu->ebase = EBASE_RESET;
    cpu->srsctl = SRSCTL_RESET;
    cpu->count_zero = now;
    cpu->match_at = CPU_NEVER; /* Compare is undefined until it is written */
}

void cpu_skip(struct cpu *cpu, uint64_t cycles)
{
    cpu->now += cycles;
    cpu->skipped += cycles;
}

void cpu_call(struct cpu *cpu)
{
    cpu->limit = 0;
}
