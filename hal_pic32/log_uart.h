#ifndef HAL_PIC32_LOG_UART_H
#define HAL_PIC32_LOG_UART_H

#include "core/log.h"

/* The log seam on the console: one line an event, in the words of core/log.h. */
void log_uart_init(struct log *log);

#endif
