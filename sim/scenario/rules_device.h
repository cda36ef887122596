#ifndef SIM_SCENARIO_RULES_DEVICE_H
#define SIM_SCENARIO_RULES_DEVICE_H

#include "sim/scenario/ruling.h"

/* The rules about the device, what is done to it at rest, and its flashes; see rules.h. */
void rules_device_check(struct ruling *rules);

/* The image that runs when the power comes on for the first time. */
int rules_device_first(const struct scenario *scenario);

/* Is the image in the store then, by an update or because somebody put it there? */
bool rules_device_stores(const struct scenario *scenario, int image);

/* Does the device have the image, in whatever way and whatever it makes of it? */
bool rules_device_has(const struct scenario *scenario, int image);

/* Why no device may ever run this image; NULL: it may. */
const char *rules_device_why_not(const struct scenario_image *image);

#endif
