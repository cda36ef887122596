#ifndef SIM_DEVICE_LIVE_CHIP_H
#define SIM_DEVICE_LIVE_CHIP_H

#include "sim/device/folder.h"
#include "sim/device/live.h"
#include "sim/image/blocks.h"

/*
 * The firmware of a device in a folder, on the model of the chip: power on, and reset after reset,
 * with its UART on stdout. Chip time never runs ahead of real time, but behind it on a slow
 * machine, and while a debugger holds the chip.
 */
struct live_chip_options {
    uint32_t until_version; /* stop when it runs and is valid in boot control; 0: run on */
    bool until_reset;       /* stop when the firmware resets the chip */
    uint32_t timeout_s;     /* of chip time, since the power came on or gdb left; 0: none */
    bool has_console;       /* what stdin has is typed into the UART */
    bool has_gdb;           /* wait for gdb before the first instruction */
    uint16_t gdb_port;      /* on 127.0.0.1; 0: any free one */
};

/* boot: boot flash and configuration words, of folder_read_boot(). A firmware that does what the
 * manuals forbid runs on, but ends in LIVE_NOT_REACHED. */
enum live_end live_chip_run(struct folder *folder, const struct blocks *boot,
                            const struct live_chip_options *options,
                            char ret_error[FOLDER_ERROR_SIZE]);

#endif
