#ifndef SIM_MOUNT_TIMES_H
#define SIM_MOUNT_TIMES_H

#include <time.h>

/* When files were last changed. littlefs does not know it, and an editor asks; so it is remembered
 * as long as the mount lasts. */
struct times {
    struct timespec other; /* of all files that were not changed since */
    struct times_entry *first;
};

void times_init(struct times *times, const struct timespec *other);
void times_free(struct times *times);

/* when: NULL: now. Without memory it is forgotten. */
void times_set(struct times *times, const char *path, const struct timespec *when);
struct timespec times_get(const struct times *times, const char *path);

#endif
