#ifndef SIM_MOUNT_HANDLES_H
#define SIM_MOUNT_HANDLES_H

#include "sim/mount/tree.h"

/*
 * Open files. Who opens to read gets the file as it is at that moment, and keeps it. Who opens to
 * write a file of the device's file system shares its new content with all who write it, and it is
 * committed as a whole at each handles_flush(). Who opens raw bytes to write sees and pokes them.
 */
struct handle {
    struct tree_node node; /* as found; strings are not to be used */
    bool may_write;
    bool is_dirty;
    bool is_gone; /* of a file that was removed since: nothing is committed */
    uint32_t opens;
    char path[PATH_MAX]; /* in the device's file system */
    uint8_t *bytes;
    uint32_t size;
    uint32_t poked_from, poked_to; /* not yet noted */
    struct handle *next;           /* of those that write to the device's file system */
};

struct handles {
    struct insides *insides;
    struct handle *writers;
};

/*
 * 0 or a negative errno. -EACCES: to write what can only be read; -EISDIR. truncate: its content
 * goes at once, where it is not raw bytes, whose size is what it is.
 */
int handles_open(struct handles *handles, const char *path, bool to_write, bool truncate,
                 struct handle **ret_handle);

/* A new file of the device's file system; -EPERM: elsewhere none can be made. */
int handles_create(struct handles *handles, const char *path, bool must_be_new,
                   struct handle **ret_handle);

/* How much there was to read or could be written; or a negative errno. */
int handles_read(struct handle *handle, void *data, uint32_t size, uint64_t offset);
int handles_write(struct handles *handles, struct handle *handle, const void *data, uint32_t size,
                  uint64_t offset);

/* Raw bytes keep their size, and take this for done, as a block device does. */
int handles_resize(struct handles *handles, struct handle *handle, uint64_t size);

/* Commit what was written. */
int handles_flush(struct handles *handles, struct handle *handle);

/* What was not flushed goes with the last one who has it open. */
void handles_close(struct handles *handles, struct handle *handle);

/* Who writes this path of the device's file system; NULL: nobody. */
struct handle *handles_writer(const struct handles *handles, const char *stored);

/* A file got another name, or to is NULL: was removed. */
void handles_renamed(struct handles *handles, const char *from, const char *to);

#endif
