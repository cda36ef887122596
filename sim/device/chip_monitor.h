#ifndef SIM_DEVICE_CHIP_MONITOR_H
#define SIM_DEVICE_CHIP_MONITOR_H

#include <stdio.h>

#include "sim/device/folder.h"
#include "sim/device/power.h"

/*
 * What gdb's "monitor" shows of a device on the model of the chip, for sim/gdb/brownout-gdb.py and
 * for people: the flashes as they are, whatever the firmware is doing, and what happened last. It
 * looks at copies, so nothing is changed or settled by it.
 *
 *   boot                 the boot control page, as flash does
 *   flash nvm|spi PAGE   a page as JSON: wear, flags, bytes and marks in hex
 *   store                the image store as JSON, as in 'brownout device inspect --json'
 *   trace [N]            the last N operations and lines of the console, 20 without a number
 */
#define CHIP_MONITOR_LINES    256
#define CHIP_MONITOR_LINE_MAX 160

struct chip_monitor {
    struct folder *folder;
    char lines[CHIP_MONITOR_LINES][CHIP_MONITOR_LINE_MAX]; /* the last ones, round and round */
    uint32_t count;                                        /* all there were */
    char console[CHIP_MONITOR_LINE_MAX];                   /* a line that has not ended */
    uint32_t console_size;
};

void chip_monitor_init(struct chip_monitor *monitor, struct folder *folder);

/* An operation is about to be done / the console has a byte more. */
void chip_monitor_operation(struct chip_monitor *monitor, uint64_t ms,
                            const struct power_operation *operation);
void chip_monitor_console(struct chip_monitor *monitor, uint64_t ms, uint8_t byte);

/* What a command is answered; one that is none gets the list of them. */
void chip_monitor_answer(struct chip_monitor *monitor, const char *command, FILE *out);

#endif
