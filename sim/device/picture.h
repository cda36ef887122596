#ifndef SIM_DEVICE_PICTURE_H
#define SIM_DEVICE_PICTURE_H

#include <json-c/json.h>
#include <stdio.h>

#include "sim/device/owners.h"

/* A device for a terminal: what happened to it in a sentence, and its flashes as maps. */
struct picture_style {
    uint32_t width; /* columns; a map needs 28 of them */
    bool has_colour;
    bool is_unicode; /* else ASCII */
};

/* Boot control as a story: what is installed, how sure the device is of it, what comes next.
 * survey: of survey_device(). */
void picture_story(struct json_object *survey, FILE *out);

/* A map of one flash, a sign an erase unit, and what the signs mean. map: owners->nvm or ->spi. */
void picture_map(const struct owners *owners, const uint8_t *map, const struct cells *cells,
                 const struct picture_style *style, FILE *out);

#endif
