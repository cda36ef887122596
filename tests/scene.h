#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include "sim/explore/world.h"
#include "sim/scenario/scenario.h"

/* Scenarios made by hand, for tests of what runs them. */

#define SCENE_ALL_PHASES ((1u << PHASE_COUNT) - 1)
#define SCENE_SIZE       0x4000 /* of program flash that an image takes */

/* No images, no server; the first image becomes the factory's. */
void scene_init(struct scenario *scenario);

/* An image that is signed by us and healthy; returns its index. */
int scene_image(struct scenario *scenario, uint32_t version);

/* What the server holds from the moment on that an image runs, confirmed; -1: from the start. */
void scene_stage(struct scenario *scenario, int when_runs);

/* An offer of the stage added last; it stays valid until the next one. */
struct scenario_offer *scene_offer(struct scenario *scenario, int image);

/* One cut at each operation of these phases, both flashes, all moments. */
struct scenario_cut *scene_cut(struct scenario *scenario, uint32_t phases);

/* A device with version 1 finds version 2 on the server, and in the end runs it. No cut. */
void scene_update(struct scenario *scenario);

/* That device with version 2 installed, as a world at its first start; world_free() it. false: it
 * cannot be made. */
bool scene_installed(struct scenario *scenario, struct world *ret_world);

/* Remove a folder made by mkdtemp() with all that is in it. */
void scene_remove(const char *folder);

#endif
