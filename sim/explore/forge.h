#ifndef SIM_EXPLORE_FORGE_H
#define SIM_EXPLORE_FORGE_H

#include "sim/explore/world.h"

/* Make boot control say what no device of ours writes, with a CRC that fits: what another release,
 * or a bug in one, may have left there. OTA_ERR_NOT_FOUND: there is no record; OTA_ERR_FULL: no
 * room for a status word more. */
OTA_MUST_USE enum ota_err forge_field(struct world *world, enum damage_field field, uint32_t value);

#endif
