#ifndef SIM_DEVICE_FORECAST_H
#define SIM_DEVICE_FORECAST_H

#include "sim/device/device.h"
#include "sim/device/folder.h"

/* What would the bootloader do, if this device were switched on? */
struct forecast_cut {
    uint32_t operation; /* from 1, since the power came on; 0: none */
    enum power_moment moment;
};

/*
 * Run the real bootloader on the flashes of a folder, in virtual time, until it starts the
 * application, gives up, or the power goes at the cut. Opened to look, the files stay as they are;
 * opened to change, this is what happens to the device. line: each of its log; may be NULL.
 * ret_version: what it starts, with DEVICE_JUMP.
 */
enum device_end forecast_run(struct folder *folder, const struct forecast_cut *cut,
                             void (*line)(void *context, const char *text), void *context,
                             uint32_t *ret_version);

#endif
