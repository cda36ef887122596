#ifndef SIM_DEVICE_COMPARE_H
#define SIM_DEVICE_COMPARE_H

#include <stdio.h>

#include "sim/device/folder.h"

/* How two devices differ: boot control slot by slot, database, files, then pages by what they are
 * there for. Prints a line for each difference; true: there is none. Changes nothing. */
bool compare_devices(struct folder *a, struct folder *b, FILE *out);

#endif
