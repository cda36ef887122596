#ifndef SIM_PIC32_IRQ_H
#define SIM_PIC32_IRQ_H

#include "sim/pic32/io.h"

/* The interrupt controller: flags, enables, priorities and vector offsets of 256 sources. */
#define IRQ_COUNT   256u
#define IRQ_OFFSETS 0x1F810540u /* physical; one word a source */

enum irq_source {
    IRQ_CORE_TIMER = 0,
    IRQ_SOFTWARE_0 = 1,
    IRQ_SOFTWARE_1 = 2,
    IRQ_NVM = 30,
    IRQ_SPI1_FAULT = 35,
    IRQ_SPI1_RX = 36,
    IRQ_SPI1_TX = 37,
    IRQ_UART1_FAULT = 38,
    IRQ_UART1_RX = 39,
    IRQ_UART1_TX = 40,
};

struct irq {
    uint32_t flags[8], enables[8], priorities[64], offsets[IRQ_COUNT];
    uint32_t control, shadow_sets; /* INTCON, PRISS */
};

bool irq_read(struct chip *chip, uint32_t reg, uint32_t *ret_value);
bool irq_write(struct chip *chip, const struct io_write *write);

/* Something happened once: set its flag. */
void irq_raise(struct chip *chip, enum irq_source source);

/* The flagged and enabled source of the highest priority (1..7); 0: none. */
uint32_t irq_pending(struct chip *chip, uint32_t *ret_offset);

#endif
