#include "sim/image/memory_source.h"

#include <string.h>

static enum ota_err read_memory(struct image_source *source, uint32_t offset, void *data,
                                uint32_t size)
{
    const struct memory_source *memory = (const struct memory_source *)source;

    if (offset > source->size || size > source->size - offset)
        return OTA_ERR_FORMAT;
    if (size)
        memcpy(data, memory->bytes + offset, size);
    return OTA_OK;
}

void memory_source_init(struct memory_source *source, const void *bytes, uint32_t size)
{
    *source = (struct memory_source){.source = {read_memory, size}, .bytes = bytes};
}
