#ifndef SIM_DEVICE_OWNERS_H
#define SIM_DEVICE_OWNERS_H

#include "core/layout.h"
#include "core/store.h"
#include "hal_posix/cells.h"

/* What each erase unit of a device's flashes is there for. */
enum owner {
    OWNER_NOBODY, /* erased */
    OWNER_REST,   /* something is there that nobody needs any more */
    OWNER_BOOTLOADER,
    OWNER_BOOT_CONTROL,
    OWNER_APPLICATION,
    OWNER_PROVISIONING,
    OWNER_DIRECTORY, /* of the file system */
    OWNER_FILE,      /* owners.files[owner - OWNER_FILE] */
};

#define OWNERS_FILES_MAX 16
#define OWNERS_UNITS_MAX 1024

struct owners {
    uint8_t nvm[OWNERS_UNITS_MAX];
    uint8_t spi[OWNERS_UNITS_MAX];
    uint32_t file_count; /* of those that lie in blocks of their own; at most OWNERS_FILES_MAX */
    char files[OWNERS_FILES_MAX][LFS2_NAME_MAX + 1];
};

/* Reads only. A file system that does not mount owns nothing. */
void owners_find(struct owners *owners, struct cells *nvm, struct cells *spi,
                 const struct layout *layout);

/* "application", or the name of a file. */
const char *owners_name(const struct owners *owners, uint8_t owner);

#endif
