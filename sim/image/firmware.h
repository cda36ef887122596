#ifndef SIM_IMAGE_FIRMWARE_H
#define SIM_IMAGE_FIRMWARE_H

#include "core/layout.h"
#include "sim/image/blocks.h"

/*
 * HEX and ELF files of the chip, and the one file a programmer writes in the factory: bootloader,
 * product record, factory image, configuration words. Functions that return false say why in
 * ret_error, a clause that completes "app.hex: ...".
 */
#define FIRMWARE_PATH_MAX   200 /* of its file, as far as it is remembered */
#define FIRMWARE_ERROR_SIZE 160

/* Physical addresses of PIC32MZ1025W104132 (pic32.md 1). */
#define FIRMWARE_FLASH       0x10000000u
#define FIRMWARE_FLASH_SIZE  0x00100000u
#define FIRMWARE_BOOT        0x1FC00000u /* boot flash */
#define FIRMWARE_BOOT_SIZE   0x00010000u
#define FIRMWARE_CONFIG      0x1FC55E80u /* configuration words and their alternates */
#define FIRMWARE_CONFIG_SIZE 0x00000180u

/* Whether the bytes look like an ELF or an Intel HEX file. */
bool firmware_is(const uint8_t *bytes, uint32_t size);

/* What such a file loads. false: ret_blocks is empty. */
bool firmware_read(const uint8_t *bytes, uint32_t size, struct blocks *ret_blocks,
                   char ret_error[FIRMWARE_ERROR_SIZE]);

/*
 * The code of an application as an image holds it: from layout->app_offset to the last byte there,
 * 0xFF in the gaps; the caller's to free(). Configuration words and the linked boot control page
 * that applications of the original have are left out. false: there is no code at the entry, or
 * something lies where an application may not be.
 */
bool firmware_code(const struct blocks *blocks, const struct layout *layout, uint8_t **ret_code,
                   uint32_t *ret_size, char ret_error[FIRMWARE_ERROR_SIZE]);

/* Whether all of it is in boot flash, in the bootloader's part of program flash, before the product
 * record, and in the configuration words; and whether there is something to start. */
bool firmware_is_bootloader(const struct blocks *blocks, const struct layout *layout,
                            char ret_error[FIRMWARE_ERROR_SIZE]);

/* Two files disagree. */
struct firmware_conflict {
    uint32_t address;
    uint32_t first, second; /* what each has there: a configuration word, else a byte */
    bool is_config;
};

/*
 * Put the blocks of extra among those of blocks. Configuration words may be in both, if they are
 * the same; everything else may be in one only.
 * OTA_ERR_STATE: ret_conflict is the lowest address at which that is not so; OTA_ERR_FULL: out of
 * memory, and blocks holds a part of extra.
 */
OTA_MUST_USE enum ota_err firmware_unify(struct blocks *blocks, const struct blocks *extra,
                                         struct firmware_conflict *ret_conflict);

#endif
