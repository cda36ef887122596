#ifndef SIM_MOUNT_STORE_FILES_H
#define SIM_MOUNT_STORE_FILES_H

#include "sim/mount/insides.h"

/*
 * The device's own file system from outside: every call mounts it, does one thing and lets go, so
 * that it always works on what the flash holds now, also after a poke. Paths begin with '/'.
 * Functions return 0 or a negative errno; -EIO: it does not mount, or is damaged there.
 */
int store_files_stat(struct insides *insides, const char *path, struct lfs2_info *ret_info);

/* Call take for each entry of a folder but "." and "..". */
int store_files_list(struct insides *insides, const char *path,
                     void (*take)(void *context, const char *name), void *context);

/* A whole file, in memory that the caller frees; never NULL on success. */
int store_files_read(struct insides *insides, const char *path, uint8_t **ret_bytes,
                     uint32_t *ret_size);

/* Make a file hold these bytes, whole or not at all; must_be_new: -EEXIST when there is one. */
int store_files_write(struct insides *insides, const char *path, const void *bytes, uint32_t size,
                      bool must_be_new);

/* What is at to is replaced, unless must_be_new. */
int store_files_rename(struct insides *insides, const char *from, const char *to, bool must_be_new);

/* A file, or is_folder: an empty folder. */
int store_files_remove(struct insides *insides, const char *path, bool is_folder);

int store_files_make_folder(struct insides *insides, const char *path);

/* Bytes, as whole blocks. */
int store_files_free(struct insides *insides, uint32_t *ret_size);

#endif
