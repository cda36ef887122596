#ifndef SIM_EXPLORE_DAMAGE_H
#define SIM_EXPLORE_DAMAGE_H

#include "sim/explore/world.h"

/* Do what happened to the device while it lay on the shelf. OTA_ERR_NOT_FOUND: what is to be
 * damaged is not there, so the scenario would test nothing; OTA_ERR_FULL: what is put there has no
 * room, OTA_ERR_SIZE: nor in program flash. */
OTA_MUST_USE enum ota_err damage_apply(struct world *world, const struct scenario_damage *damage);

/* Before a start: do what waited for something that has happened by now. Where there is nothing to
 * damage it waits for that again. Returns the bit set of what was done. */
uint32_t damage_begin(struct world *world);

#endif
