#ifndef BOOTLOADER_BOOT_H
#define BOOTLOADER_BOOT_H

#include "core/bootctl.h"
#include "core/hal.h"
#include "core/store.h"

/*
 * The bootloader's one question: which image starts now? It never jumps into bytes that it has not
 * verified in this boot, and never erases a page of program flash before the image that will take
 * its place has been verified in the store.
 */
struct boot_options {
    uint32_t trials_max;  /* trial boots an image has to be confirmed in; those that the power
                             ended do not count */
    uint32_t watchdog_ms; /* armed before the application starts */
};

extern const struct boot_options boot_options_default; /* 3 trials, 10 s */

enum boot_outcome {
    BOOT_START, /* start the application at boot->bootctl.record.boot_address */
    BOOT_STAY,  /* nothing may run: wait a little, and call boot_run() again */
};

struct boot {
    const struct hal *hal;
    struct boot_options options;
    struct image_policy policy;
    struct bootctl bootctl;
    bool is_recorded; /* boot control could be written where it had to be */
    struct store store;
    struct store_file file;
    uint8_t buffer[IMAGE_BUFFER_SIZE];
};

/*
 * Decide, install if need be, and prepare the start. Everything in boot is written here; nothing
 * in it need be initialised.
 *
 * With a confirmed image and nothing newer waiting it reads, verifies, and writes nothing.
 *
 * Power: after a cut anywhere the next call comes to the same image.
 */
enum boot_outcome boot_run(struct boot *boot, const struct hal *hal,
                           const struct boot_options *options);

#endif
