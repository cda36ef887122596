#ifndef SIM_DEVICE_SURVEY_H
#define SIM_DEVICE_SURVEY_H

#include <json-c/json.h>
#include <stdio.h>

#include "core/image.h"
#include "hal_posix/cells.h"

/* What a device that is switched off holds: boot control, program flash, database, files, wear.
 * Reads only. Returns an object to give back with json_object_put(). */
struct json_object *survey_device(struct cells *nvm, struct cells *spi, const struct layout *layout,
                                  const struct image_policy *policy);

/* The same of a device that may be running: it looks at copies. NULL: no memory. */
struct json_object *survey_running(const struct cells *nvm, const struct cells *spi,
                                   const struct layout *layout, const struct image_policy *policy);

/* For people. */
void survey_print(struct json_object *survey, FILE *out);

#endif
