#ifndef SIM_DEVICE_FOLDER_H
#define SIM_DEVICE_FOLDER_H

#include <stdbool.h>

#include "core/image.h"
#include "hal_posix/flash_file.h"
#include "sim/image/blocks.h"

/*
 * A device kept in a folder: nvm.bin and spi.bin (the bytes of the flashes, and nothing else),
 * nvm.cells and spi.cells (what bytes do not show), device.json (what was fixed at the factory).
 * With a bootloader also boot.hex: what it has in boot flash and configuration words, where no
 * device writes.
 */
#define FOLDER_VERSION    1
#define FOLDER_ERROR_SIZE 5000 /* holds any path and the reason */

struct folder {
    int lock;     /* an open device.json, held by this process alone */
    char *holder; /* a file for who is refused; NULL: none */
    bool has_ecc;
    struct image_policy policy;
    const struct layout *layout;
    struct flash_file nvm, spi;
};

/* What the factory puts into a device. */
struct folder_content {
    struct image_policy policy;
    bool has_ecc;
    const uint8_t *image;
    uint32_t image_size;
    const struct blocks *bootloader; /* firmware_is_bootloader(); NULL: none, for the PC alone */
};

/*
 * Make a device in a folder of this name, which must not exist: program bootloader, product record
 * and image, as a programmer does. The folder appears whole or not at all.
 * false: ret_error says what stands in the way.
 */
bool folder_create(const char *name, const struct folder_content *content,
                   char ret_error[FOLDER_ERROR_SIZE]);

/* The same of a device that is somewhere else: its flashes as they are, with wear and damage; no
 * boot.hex. */
bool folder_save(const char *name, const struct image_policy *policy, const struct cells *nvm,
                 const struct cells *spi, char ret_error[FOLDER_ERROR_SIZE]);

/*
 * Open an existing device. to_change: nobody else may have it open; otherwise others may look too,
 * and no file changes or is made, so a folder that may only be read will do.
 * false: ret_error says why.
 */
bool folder_open(struct folder *folder, const char *path, bool to_change,
                 char ret_error[FOLDER_ERROR_SIZE]);
void folder_close(struct folder *folder);

/* Read boot.hex of the folder at path; the caller's to free. false: ret_error says why. */
bool folder_read_boot(const char *path, struct blocks *ret_blocks,
                      char ret_error[FOLDER_ERROR_SIZE]);

/*
 * Let who is refused from now on know what this process does with the device, "mounted at /mnt":
 * what and the process go to DEV/holder until folder_close(). path: from the root. A holder that
 * was killed leaves the file, but never the lock: then it is passed over, and replaced.
 */
void folder_tell_holder(struct folder *folder, const char *path, const char *what);

#endif
