#ifndef SIM_DEVICE_CONSOLE_LOG_H
#define SIM_DEVICE_CONSOLE_LOG_H

#include <stdio.h>

/*
 * What a device in a folder has said, and what was done to it by hand: DEV/console.log, one line an
 * event with the date. It is begun anew when it is larger than CONSOLE_LOG_MAX as it is opened.
 */
#define CONSOLE_LOG_FILE "console.log"
#define CONSOLE_LOG_MAX  (1024 * 1024)

/* Open it to write on. NULL: errno says why; the other functions take that for silence. */
FILE *console_log_open(const char *folder);

void console_log_print(FILE *console, const char *line);
void console_log_close(FILE *console);

#endif
