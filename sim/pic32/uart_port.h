#ifndef SIM_PIC32_UART_PORT_H
#define SIM_PIC32_UART_PORT_H

#include "sim/pic32/io.h"

/*
 * UART 1, the console. What is sent goes to chip.observer.console at once; the line takes its time
 * by U1BRG, and a firmware that polls for it is not kept waiting. What is typed (uart_port_type())
 * waits until it is read: no byte is lost.
 */
#define UART_PORT_INPUT 256u

struct uart_port {
    uint32_t mode, control, baud; /* control: the bits of U1STA that are written */
    uint64_t done_at;             /* when the last byte is sent */
    uint8_t input[UART_PORT_INPUT];
    uint32_t first, count;
};

void uart_port_reset(struct uart_port *uart);

bool uart_port_read(struct chip *chip, uint32_t reg, uint32_t *ret_value);
bool uart_port_write(struct chip *chip, const struct io_write *write);

/* Type a byte; false: too many were not read yet. */
bool uart_port_type(struct chip *chip, uint8_t byte);

bool uart_port_has_input(const struct chip *chip);

#endif
