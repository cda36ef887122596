#ifndef SIM_EXPLORE_LOOK_H
#define SIM_EXPLORE_LOOK_H

#include <stdio.h>

#include "sim/device/device.h"

/* Looks into the flashes of a device whatever its firmware is doing, and changes nothing: what
 * 'brownout device inspect' shows. For a run that has stopped, and for a debugger. */
void look_print(const struct device *device, FILE *out);

/* The same as JSON; free() it. NULL: no memory. */
char *look_json(const struct device *device);

#endif
