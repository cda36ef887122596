#ifndef HAL_PIC32_UART_H
#define HAL_PIC32_UART_H

#include <stdint.h>

/* UART 1 as the console: 8 data bits, no parity, BOARD_BAUD; polled. */

void uart_init(void);

/* Wait for room and send; what the line cannot take in a second is dropped. */
void uart_put(char c);
void uart_text(const char *text);
void uart_number(uint32_t value); /* decimal */
void uart_hex(uint32_t value);    /* "0x" and upper-case digits without leading zeros */

/* All that was sent has left the chip, or a second is over. Before a reset. */
void uart_flush(void);

/* The next byte that came in; -1: none. */
int uart_get(void);

#endif
