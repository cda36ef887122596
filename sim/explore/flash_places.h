#ifndef SIM_EXPLORE_FLASH_PLACES_H
#define SIM_EXPLORE_FLASH_PLACES_H

#include "sim/explore/world.h"

/* The flash faults of the scenario become rules for the erase units where the things they are about
 * lie now; the device of world_begin() then stands on filters that keep to them. */
void flash_places_use(struct world *world);

/* Does the place lie in program flash? */
bool flash_places_is_internal(enum flash_place place);

#endif
