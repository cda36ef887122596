#ifndef SIM_MOUNT_MOUNT_H
#define SIM_MOUNT_MOUNT_H

#include <stdbool.h>

#include "sim/device/folder.h"

/* A device that is switched off, shown as files (sim/mount/tree.h) until it is unmounted, or
 * SIGINT, SIGTERM or SIGHUP comes. */
struct mount_options {
    const char *device;  /* its folder */
    const char *point;   /* where to show it */
    const char *options; /* for libfuse, "a,b=c"; NULL: none */
    bool is_foreground;  /* else the caller's process ends at once, and another one serves */
};

/* Returns when it is unmounted, or in the background is mounted. false: ret_error says why not. */
bool mount_run(const struct mount_options *options, char ret_error[FOLDER_ERROR_SIZE]);

#endif
