#ifndef TESTS_DESK_H
#define TESTS_DESK_H

#include "sim/device/folder.h"
#include "sim/scenario/fixture.h"

/* A device in a folder of its own, for tests of what looks into one. */
struct desk {
    char root[64];
    char path[80];
    struct scenario scenario; /* scene_update() */
    struct fixture fixture;
    struct folder folder;
    char error[FOLDER_ERROR_SIZE];
};

/* A new device with version 1; is_started: switched on once, so that it has a file system. */
void desk_init(struct desk *desk, bool is_started);
void desk_free(struct desk *desk);

#endif
