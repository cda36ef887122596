#ifndef SIM_MOUNT_INSIDES_H
#define SIM_MOUNT_INSIDES_H

#include <json-c/json.h>
#include <limits.h>
#include <time.h>

#include "core/store.h"
#include "hal_posix/flash_nor.h"
#include "sim/device/folder.h"

/* A device that is switched off and looked into: its flashes, and what is known of them. */
struct insides {
    char path[PATH_MAX]; /* of the device's folder, from the root */
    struct folder folder;
    struct flash_nor spi; /* what the device's file system writes to, with the data sheet's rules */
    struct store store;   /* mounted only while a call of sim/mount/store_files.h lasts */
    struct json_object *survey; /* NULL: something changed since */
    struct timespec opened;     /* the time of what has no other */
    /* Somebody changed the device by hand; one line. NULL: nobody wants to know. */
    void (*changed)(void *context, const char *line);
    void *context;
};

/* Open the device for oneself. false: ret_error says why. */
bool insides_open(struct insides *insides, const char *path, char ret_error[FOLDER_ERROR_SIZE]);
void insides_close(struct insides *insides);

/* What `brownout device inspect --json` says; stays the property of insides, until a change. */
struct json_object *insides_survey(struct insides *insides);

/* A change is done: what was known is not known any more. line: for who wants to know. */
void insides_note(struct insides *insides, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * A debugger's poke: these bytes are there now, whatever a flash could do. Their program units
 * count as programmed where they are not 0xFF, and their ECC as right. The range must be inside.
 */
void insides_poke(struct insides *insides, struct cells *cells, uint32_t offset, const void *data,
                  uint32_t size);

#endif
