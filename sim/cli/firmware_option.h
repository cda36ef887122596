#ifndef SIM_CLI_FIRMWARE_OPTION_H
#define SIM_CLI_FIRMWARE_OPTION_H

#include "sim/explore/chip_boot.h"

/* --target and --bootloader of the commands that run scenarios. All zero: neither was given. */
struct firmware_option {
    const char *bootloader; /* NULL: where ./dev firmware puts it */
    bool is_pic32;
    struct chip_boot_file file; /* from firmware_option_open() on */
};

/* What --target says: posix or pic32. false: it is neither; the error is on stderr. */
bool firmware_option_target(const char *value, bool *ret_is_pic32);

/* Read the firmware, if there is one. ret_file: NULL without. false: it cannot be read, or is given
 * without a target; the error is on stderr. */
bool firmware_option_open(struct firmware_option *option, const struct chip_boot_file **ret_file);
void firmware_option_close(struct firmware_option *option);

#define FIRMWARE_OPTION_HELP                                                                       \
    "  --target pic32 the bootloader is the firmware's, on the model of the chip; the one of\n"    \
    "                 this program runs beside it, and both must do the same, operation for\n"     \
    "                 operation. The application stays the simulated one\n"                        \
    "  --bootloader F an ELF or HEX file of the firmware; default:\n"                              \
    "                 build-pic32/hal_pic32/bootloader.elf, as ./dev firmware makes it\n"

#endif
