#ifndef HAL_PIC32_CONSOLE_H
#define HAL_PIC32_CONSOLE_H

#include <stdint.h>

#include "core/ota.h"

/* The application's command line on the UART: the requests of the OTA service, by hand. */
#define CONSOLE_LINE_MAX 64

struct console {
    struct ota *ota;
    uint32_t size; /* of line; above CONSOLE_LINE_MAX: too long, and dropped at its end */
    char line[CONSOLE_LINE_MAX + 1];
};

void console_init(struct console *console, struct ota *ota);

/* Take what was typed; carry out each line that is complete. */
void console_task(struct console *console);

#endif
