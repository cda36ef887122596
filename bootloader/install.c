#include "bootloader/install.h"

#include <string.h>

#include "core/bytes.h"

#define COMPARE_SIZE 256

/* A page that ECC refuses to read is not right. */
static bool holds(struct flash *flash, uint32_t offset, const uint8_t *expected, uint32_t size)
{
    uint8_t is[COMPARE_SIZE];

    for (uint32_t at = 0; at < size; at += COMPARE_SIZE)
        if (flash_read(flash, offset + at, is, COMPARE_SIZE) != OTA_OK ||
            memcmp(is, expected + at, COMPARE_SIZE) != 0)
            return false;
    return true;
}

static enum ota_err write_page(struct flash *flash, uint32_t offset, const uint8_t *page)
{
    enum ota_err err = flash_erase(flash, offset);

    for (uint32_t at = 0; !err && at < flash->erase_size; at += flash->row_size)
        if (!bytes_are_erased(page + at, flash->row_size))
            err = flash_program(flash, offset + at, page + at, flash->row_size);
    return err;
}

/* An erase that was cut short may hold no data the first time; that is seen, and done again. */
static enum ota_err make_page_right(struct flash *flash, uint32_t offset, const uint8_t *page,
                                    bool *ret_is_written)
{
    *ret_is_written = false;
    for (int i = 0; i < INSTALL_TRIES; i++) {
        if (holds(flash, offset, page, flash->erase_size))
            return OTA_OK;
        enum ota_err err = write_page(flash, offset, page);
        if (err && err != OTA_ERR_FLASH)
            return err;
        *ret_is_written = true;
    }
    return holds(flash, offset, page, flash->erase_size) ? OTA_OK : OTA_ERR_FLASH;
}

enum ota_err install_image(const struct hal *hal, struct image_source *source,
                           const struct image_info *info, uint8_t buffer[IMAGE_BUFFER_SIZE])
{
    const struct layout *layout = hal->layout;
    uint32_t page_size = hal->nvm->erase_size;
    uint32_t image_size = info->total_size - IMAGE_HEADER_PAGE;
    uint32_t written = 0, kept = 0;

    log_event(hal->log, LOG_BOOT_INSTALL, info->version, image_size, 0);
    for (uint32_t offset = 0; offset < layout->app_size; offset += page_size) {
        uint32_t size = offset < image_size ? bytes_min(page_size, image_size - offset) : 0;
        bool is_written;
        enum ota_err err = OTA_OK;

        memset(buffer + size, 0xFF, page_size - size);
        if (size)
            err = source->read(source, IMAGE_HEADER_PAGE + offset, buffer, size);
        if (!err)
            err = make_page_right(hal->nvm, layout->app_offset + offset, buffer, &is_written);
        if (err)
            return err;
        written += is_written;
        kept += !is_written;
    }
    log_event(hal->log, LOG_BOOT_INSTALLED, info->version, written, kept);
    return OTA_OK;
}
