#include "hal_posix/cells.h"

#include <string.h>

#define SST26_ENDURANCE 100000 /* data sheet DS20005119J, front page */

static struct cells *from_flash(struct flash *flash)
{
    return (struct cells *)flash;
}

static void note_change(struct cells *cells, uint32_t offset)
{
    if (cells->before_change)
        cells->before_change(cells, offset / cells->flash.erase_size);
}

static struct cells_unit *unit_at(struct cells *cells, uint32_t offset)
{
    return &cells->units[offset / cells->flash.erase_size];
}

/* Numerical Recipes' generator: enough to spoil bits with, and the same everywhere. */
static uint32_t scramble(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static enum ota_err cells_flash_read(struct flash *flash, uint32_t offset, void *data,
                                     uint32_t size)
{
    struct cells *cells = from_flash(flash);

    if (cells->has_ecc && size)
        for (uint32_t at = offset / cells->mark_size; at <= (offset + size - 1) / cells->mark_size;
             at++)
            if (cells->marks[at] & CELLS_TORN)
                return OTA_ERR_ECC;
    memcpy(data, cells->bytes + offset, size);
    return OTA_OK;
}

static void mark(struct cells *cells, uint32_t offset, uint32_t size, uint8_t value)
{
    if (size)
        for (uint32_t at = offset / cells->mark_size; at <= (offset + size - 1) / cells->mark_size;
             at++)
            cells->marks[at] |= value;
}

static void clear_bits(uint8_t *bytes, const uint8_t *data, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        bytes[i] &= data[i];
}

/* A weak unit takes one operation badly: every fourth bit that should go stays. */
static void program_weakly(struct cells *cells, uint32_t offset, const uint8_t *data, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        cells->bytes[offset + i] &= data[i] | 0x88;
    mark(cells, offset, size, CELLS_TORN);
    unit_at(cells, offset)->flags &= ~(uint32_t)CELLS_WEAK;
}

static enum ota_err cells_flash_program(struct flash *flash, uint32_t offset, const void *data,
                                        uint32_t size)
{
    struct cells *cells = from_flash(flash);
    const uint8_t *from = data;

    while (size) {
        uint32_t part = flash_operation_size(flash, offset, size);
        note_change(cells, offset);
        mark(cells, offset, part, CELLS_PROGRAMMED);
        if (unit_at(cells, offset)->flags & CELLS_WEAK)
            program_weakly(cells, offset, from, part);
        else
            clear_bits(cells->bytes + offset, from, part);
        offset += part;
        from += part;
        size -= part;
    }
    return OTA_OK;
}

static enum ota_err cells_flash_erase(struct flash *flash, uint32_t offset)
{
    struct cells *cells = from_flash(flash);
    struct cells_unit *unit = unit_at(cells, offset);

    note_change(cells, offset);
    memset(cells->bytes + offset, 0xFF, flash->erase_size);
    memset(cells->marks + offset / cells->mark_size, 0, flash->erase_size / cells->mark_size);
    unit->flags = 0;
    unit->erases++;
    return OTA_OK;
}

static enum ota_err cells_flash_unlock(struct flash *flash)
{
    (void)flash;
    return OTA_OK;
}

static void cells_flash_protect(struct flash *flash, uint32_t from, uint32_t to)
{
    (void)flash;
    (void)from;
    (void)to;
}

static const struct flash_ops ops = {
    .read = cells_flash_read,
    .program = cells_flash_program,
    .erase = cells_flash_erase,
    .unlock = cells_flash_unlock,
    .protect = cells_flash_protect,
};

void cells_init_nvm(struct cells *cells, bool has_ecc)
{
    *cells = (struct cells){
        .flash = {.ops = &ops,
                  .name = "nvm",
                  .size = 0x100000,
                  .erase_size = 4096,
                  .row_size = 1024,
                  .program_size = 8,
                  .write_once = true},
        .has_ecc = has_ecc,
        .mark_size = 8,
    };
}

void cells_init_sst26(struct cells *cells)
{
    *cells = (struct cells){
        .flash = {.ops = &ops,
                  .name = "spi",
                  .size = 0x400000,
                  .erase_size = 4096,
                  .row_size = 256,
                  .program_size = 1,
                  .erase_max = SST26_ENDURANCE},
        .mark_size = 256,
    };
}

uint32_t cells_side_size(const struct cells *cells)
{
    const struct flash *flash = &cells->flash;

    return flash->size / flash->erase_size * (uint32_t)sizeof(struct cells_unit) +
           flash->size / cells->mark_size;
}

void cells_tear_program(struct cells *cells, uint32_t offset, const void *data, uint32_t size,
                        uint32_t seed)
{
    const uint8_t *from = data;
    uint32_t edge_size = cells->flash.program_size;
    uint32_t done = scramble(&seed) % (size / edge_size) * edge_size;

    note_change(cells, offset);
    clear_bits(cells->bytes + offset, from, done);
    for (uint32_t i = done; i < done + edge_size; i++)
        cells->bytes[offset + i] &= from[i] | (uint8_t)scramble(&seed);
    mark(cells, offset, done + edge_size, CELLS_PROGRAMMED);
    mark(cells, offset + done, edge_size, CELLS_TORN);
}

void cells_tear_erase(struct cells *cells, uint32_t offset, bool is_weak, uint32_t seed)
{
    struct flash *flash = &cells->flash;
    uint32_t erases = unit_at(cells, offset)->erases;

    if (is_weak) {
        err_ignore(cells_flash_erase(flash, offset)); /* cannot fail */
        unit_at(cells, offset)->flags = CELLS_WEAK;
        return;
    }
    note_change(cells, offset);
    for (uint32_t i = 0; i < flash->erase_size; i++)
        cells->bytes[offset + i] |= (uint8_t)scramble(&seed);
    mark(cells, offset, flash->erase_size, CELLS_PROGRAMMED | CELLS_TORN);
    unit_at(cells, offset)->erases = erases + 1;
}

uint32_t cells_wear_max(const struct cells *cells)
{
    uint32_t count = cells->flash.size / cells->flash.erase_size, max = 0;

    for (uint32_t i = 0; i < count; i++)
        if (cells->units[i].erases > max)
            max = cells->units[i].erases;
    return max;
}
