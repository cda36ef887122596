#ifndef SIM_EXPLORE_PREPARE_H
#define SIM_EXPLORE_PREPARE_H

#include "sim/explore/world.h"

/*
 * Bring a new world to where its scenario begins, by what happens to a real device: the factory
 * programs it, it starts, it goes through the updates, one image is left in the store or has had
 * its first start; all of it twice where it had a life before. Then what cuts of the past have used
 * up of boot control, and the damage at rest. But for these two the firmware does all of it itself,
 * undisturbed. false: it did not get there; ret_reason says at which step. When it broke a data
 * sheet rule on the way, world->judge has that claim, and it is the scenario's verdict.
 */
bool prepare_world(struct world *world, char ret_reason[JUDGE_TEXT_MAX]);

#endif
