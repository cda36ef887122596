#include "sim/pic32/irq.h"

#include <stddef.h>

#include "sim/pic32/chip.h"

#define CONTROL    0x1F810000u
#define SHADOW     0x1F810010u
#define FLAGS      0x1F810040u
#define ENABLES    0x1F8100C0u
#define PRIORITIES 0x1F810140u

#define CONTROL_VECTORED 0x00001000u
#define OFFSET_BITS      0x0003FFFEu

static void set_flag(struct irq *irq, enum irq_source source, bool is_on)
{
    if (is_on)
        irq->flags[source / 32] |= 1u << source % 32;
}

/* Flags that are there as long as their reason is. */
static void update(struct chip *chip)
{
    struct irq *irq = &chip->state.irq;
    const struct cpu *cpu = &chip->state.cpu;

    set_flag(irq, IRQ_CORE_TIMER, cpu->is_timer_due);
    set_flag(irq, IRQ_SOFTWARE_0, cpu->cause & 0x100);
    set_flag(irq, IRQ_SOFTWARE_1, cpu->cause & 0x200);
    set_flag(irq, IRQ_UART1_RX, uart_port_has_input(chip));
    set_flag(irq, IRQ_SPI1_RX, spi_port_has_input(chip));
}

void irq_raise(struct chip *chip, enum irq_source source)
{
    set_flag(&chip->state.irq, source, true);
    cpu_call(&chip->state.cpu);
}

static uint32_t priority_of(const struct irq *irq, uint32_t source)
{
    return irq->priorities[source / 4] >> (source % 4 * 8 + 2) & 7;
}

static uint32_t rank_of(const struct irq *irq, uint32_t source)
{
    return irq->priorities[source / 4] >> source % 4 * 8 & 31;
}

/* Priority, then subpriority, then the lower number. */
uint32_t irq_pending(struct chip *chip, uint32_t *ret_offset)
{
    const struct irq *irq = &chip->state.irq;
    uint32_t best = IRQ_COUNT;

    update(chip);
    for (uint32_t i = 0; i < 8; i++)
        for (uint32_t bits = irq->flags[i] & irq->enables[i]; bits; bits &= bits - 1) {
            uint32_t source = i * 32 + (uint32_t)__builtin_ctz(bits);
            if (priority_of(irq, source) &&
                (best == IRQ_COUNT || rank_of(irq, source) > rank_of(irq, best)))
                best = source;
        }
    if (best == IRQ_COUNT)
        return 0;
    *ret_offset = irq->control & CONTROL_VECTORED ? irq->offsets[best] : 0x200;
    return priority_of(irq, best);
}

/* NULL: there is no such register. */
static uint32_t *find(struct irq *irq, uint32_t reg)
{
    if (reg >= IRQ_OFFSETS && reg < IRQ_OFFSETS + IRQ_COUNT * 4)
        return &irq->offsets[(reg - IRQ_OFFSETS) / 4];
    if (reg == CONTROL)
        return &irq->control;
    if (reg == SHADOW)
        return &irq->shadow_sets;
    if (reg >= FLAGS && reg < ENABLES)
        return &irq->flags[(reg - FLAGS) / 16];
    if (reg >= ENABLES && reg < PRIORITIES)
        return &irq->enables[(reg - ENABLES) / 16];
    if (reg >= PRIORITIES && reg < IRQ_OFFSETS)
        return &irq->priorities[(reg - PRIORITIES) / 16];
    return NULL;
}

static bool is_register(uint32_t reg)
{
    return reg >= IRQ_OFFSETS || reg % 16 == 0;
}

bool irq_read(struct chip *chip, uint32_t reg, uint32_t *ret_value)
{
    const uint32_t *content = is_register(reg) ? find(&chip->state.irq, reg) : NULL;

    update(chip);
    if (!content)
        return false;
    *ret_value = *content;
    return true;
}

bool irq_write(struct chip *chip, const struct io_write *write)
{
    uint32_t *content = find(&chip->state.irq, write->reg);

    if (!content)
        return false;
    uint32_t value = io_merge(write, *content);
    if (content == &chip->state.irq.shadow_sets && value)
        return false; /* one register set is modelled */
    *content = write->reg >= IRQ_OFFSETS ? value & OFFSET_BITS : value;
    cpu_call(&chip->state.cpu);
    return true;
}
