#ifndef SIM_EXPLORE_PROGRAMMER_H
#define SIM_EXPLORE_PROGRAMMER_H

#include "sim/explore/world.h"

/* A programmer at the pins of the processor: it erases first, and asks no rule. The store is none
 * of its business. */

/* As the factory does it: the image file as it is, its header page as the boot control page. */
void programmer_write(struct world *world, int image);

/* The code alone, behind a boot control page that tells of another image. OTA_ERR_SIZE: it is
 * larger than program flash; nothing was done. */
OTA_MUST_USE enum ota_err programmer_write_code(struct world *world, int image);

#endif
