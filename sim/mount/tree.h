#ifndef SIM_MOUNT_TREE_H
#define SIM_MOUNT_TREE_H

#include <stdio.h>

#include "sim/mount/insides.h"

/*
 * The files that a mounted device shows:
 *
 *   nvm/bootloader.bin                      bytes of program flash
 *   nvm/boot_control/page.bin               the page; may be poked
 *   nvm/boot_control/records/NN.json        its slots that are not blank
 *   nvm/application.bin  application.json   bytes; what the device says of them
 *   spi/raw.bin                             the whole flash; may be poked
 *   spi/fs/...                              its file system; may be changed
 *   images/<name>.json                      what the store's images are, name without ".bin"
 *   wear/nvm.csv  wear/spi.csv              a line an erase unit
 *   status.json  console.log
 *
 * Functions return 0 or a negative errno. Paths begin with '/'.
 */
struct tree_node {
    bool is_folder;
    const char *stored;  /* its path in the device's file system, a part of path; NULL: elsewhere */
    struct cells *cells; /* raw bytes of this flash from offset on; NULL: something else */
    uint32_t offset;
    bool may_poke;
    uint32_t size; /* of a file */
    /* A text, made when it is read; false: there is no such file. */
    bool (*print)(struct insides *insides, const char *name, FILE *out);
    const char *name; /* for print; a part of path */
};

int tree_find(struct insides *insides, const char *path, struct tree_node *ret_node);

/* Call take for each name in a folder. */
int tree_list(struct insides *insides, const char *path,
              void (*take)(void *context, const char *name), void *context);

/* A whole file as it is now, in memory that the caller frees; never NULL on success. */
int tree_read(struct insides *insides, const struct tree_node *node, uint8_t **ret_bytes,
              uint32_t *ret_size);

#endif
