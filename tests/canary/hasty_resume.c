/* Goes on with an interrupted install by the first row of each page: a page that was cut behind it
 * is taken for done. */
#include "tests/canary/canary.h"

#include <string.h>

#include "bootloader/install.h"
#include "core/bytes.h"
#include "tests/scene.h"

#define ROW_SIZE 1024

enum ota_err __real_install_image(const struct hal *hal, struct image_source *source,
                                  const struct image_info *info, uint8_t buffer[IMAGE_BUFFER_SIZE]);
enum ota_err __wrap_install_image(const struct hal *hal, struct image_source *source,
                                  const struct image_info *info, uint8_t buffer[IMAGE_BUFFER_SIZE]);

static enum ota_err install_page(struct flash *nvm, uint32_t offset, const uint8_t *page)
{
    uint8_t row[ROW_SIZE];

    if (flash_read(nvm, offset, row, ROW_SIZE) == OTA_OK && memcmp(row, page, ROW_SIZE) == 0)
        return OTA_OK;
    enum ota_err err = flash_erase(nvm, offset);
    for (uint32_t at = 0; !err && at < nvm->erase_size; at += ROW_SIZE)
        if (!bytes_are_erased(page + at, ROW_SIZE))
            err = flash_program(nvm, offset + at, page + at, ROW_SIZE);
    return err;
}

enum ota_err __wrap_install_image(const struct hal *hal, struct image_source *source,
                                  const struct image_info *info, uint8_t buffer[IMAGE_BUFFER_SIZE])
{
    uint32_t image_size = info->total_size - IMAGE_HEADER_PAGE;

    if (!canary_is_awake)
        return __real_install_image(hal, source, info, buffer);
    log_event(hal->log, LOG_BOOT_INSTALL, info->version, image_size, 0);
    for (uint32_t offset = 0; offset < hal->layout->app_size; offset += IMAGE_BUFFER_SIZE) {
        uint32_t size = offset < image_size ? bytes_min(IMAGE_BUFFER_SIZE, image_size - offset) : 0;
        enum ota_err err = OTA_OK;

        memset(buffer + size, 0xFF, IMAGE_BUFFER_SIZE - size);
        if (size)
            err = source->read(source, IMAGE_HEADER_PAGE + offset, buffer, size);
        if (!err)
            err = install_page(hal->nvm, hal->layout->app_offset + offset, buffer);
        if (err)
            return err;
    }
    return OTA_OK;
}

static void make(struct scenario *scenario)
{
    scene_update(scenario);
    scene_cut(scenario, 1u << PHASE_INSTALL);
}

const struct canary canary = {make, true, CLAIM_NO_LOST_UPDATE,
                              "image1 was reported complete, and image0 runs"};
