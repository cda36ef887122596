#ifndef SIM_EXPLORE_CHIP_BOOT_H
#define SIM_EXPLORE_CHIP_BOOT_H

#include "sim/explore/boot_twin.h"
#include "sim/explore/chip_memo.h"
#include "sim/explore/world.h"
#include "sim/image/blocks.h"
#include "sim/image/firmware.h"
#include "sim/pic32/chip.h"

/*
 * The firmware's bootloader in a scenario: at each start of the world's device the binary runs on
 * the model of the chip, over the world's flashes, supply and faults, until it starts the
 * application; that is the simulated one again. What its UART says becomes events, as judge,
 * phases and marks know them. Before each start the bootloader of this PC runs from the same
 * flashes, and both must do the same (boot_twin.h).
 */
#define CHIP_BOOT_LINE_MAX  200
#define CHIP_BOOT_ERROR_MAX 200

/* The firmware, as a file has it. */
struct chip_boot_file {
    char path[FIRMWARE_PATH_MAX]; /* for who wants to see it again; "": where it is by default */
    struct blocks blocks;
    struct chip_memo_functions
        functions; /* as the file has symbols; all 0: nothing is remembered */
};

struct chip_boot {
    struct device_bootloader bootloader;
    struct world *world;
    const struct chip_boot_file *file;
    struct chip chip;
    struct boot_twin twin;
    struct chip_memo memo;
    struct flash_fault_bus spi; /* in use when the scenario has flash faults */
    uint8_t *code; /* program flash below boot control, as it was when it was executed last */
    char line[CHIP_BOOT_LINE_MAX];
    uint32_t line_size;
    uint32_t stays; /* how often it found nothing to start, in this boot */
};

/* An ELF or HEX file of the bootloader. false: it is none, for this reason; nothing to free then.
 */
bool chip_boot_read(const char *path, struct chip_boot_file *ret_file,
                    char ret_error[CHIP_BOOT_ERROR_MAX]);
void chip_boot_file_free(struct chip_boot_file *file);

/* Why the firmware cannot live through this scenario; NULL: it can. */
const char *chip_boot_obstacle(const struct scenario *scenario);

/* Put the firmware and the record of the product into the world's program flash, and let it be what
 * its device starts with, from now on. The world must stay where it is. OTA_ERR_FULL: no memory;
 * nothing to free then. */
OTA_MUST_USE enum ota_err chip_boot_init(struct chip_boot *boot, struct world *world,
                                         const struct chip_boot_file *file);
void chip_boot_free(struct chip_boot *boot);

#endif
