#ifndef SIM_IMAGE_MEMORY_SOURCE_H
#define SIM_IMAGE_MEMORY_SOURCE_H

#include <stdint.h>

#include "core/image.h"

/* An image file that lies in memory. A read outside it is OTA_ERR_FORMAT, as in program flash. */
struct memory_source {
    struct image_source source;
    const uint8_t *bytes;
};

/* bytes stay the caller's and must outlive source; NULL is fine when size is 0. */
void memory_source_init(struct memory_source *source, const void *bytes, uint32_t size);

#endif
