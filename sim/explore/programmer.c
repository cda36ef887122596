#include "sim/explore/programmer.h"

#include <string.h>

/* What has no room is not written. */
static void write_flash(struct cells *nvm, uint32_t offset, const uint8_t *bytes, uint32_t size)
{
    uint32_t end = layout_mzw1.app_offset + layout_mzw1.app_size;

    if (size > end - offset)
        size = end - offset;
    cells_touch(nvm, offset, end - offset);
    memset(nvm->bytes + offset, 0xFF, end - offset);
    memset(nvm->marks + offset / nvm->mark_size, 0, (end - offset) / nvm->mark_size);
    memcpy(nvm->bytes + offset, bytes, size);
    memset(nvm->marks + offset / nvm->mark_size, CELLS_PROGRAMMED,
           (size + nvm->mark_size - 1) / nvm->mark_size);
}

void programmer_write(struct world *world, int image)
{
    const struct fixture_image *file = &world->fixture.images[image];

    write_flash(&world->nvm.cells, layout_mzw1.bootctl_offset, file->bytes, file->size);
}

enum ota_err programmer_write_code(struct world *world, int image)
{
    const struct fixture_image *file = &world->fixture.images[image];

    if (file->size - IMAGE_HEADER_PAGE > layout_mzw1.app_size)
        return OTA_ERR_SIZE;
    write_flash(&world->nvm.cells, layout_mzw1.app_offset, file->bytes + IMAGE_HEADER_PAGE,
                file->size - IMAGE_HEADER_PAGE);
    return OTA_OK;
}
