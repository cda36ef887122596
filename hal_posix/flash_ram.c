#include "hal_posix/flash_ram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct flash_ram_copy {
    uint32_t unit;
    uint32_t saved_at; /* before this copy was made */
    struct cells_unit state;
    uint8_t bytes[4096];
    uint8_t marks[512];
};

/* The units of the flash, and the ghosts behind them. */
static uint32_t bytes_size(const struct cells *cells)
{
    return cells_unit_count(cells) * cells->flash.erase_size;
}

static uint32_t memory_size(const struct cells *cells)
{
    return bytes_size(cells) + cells_side_size(cells);
}

static uint32_t marks_per_unit(const struct cells *cells)
{
    return cells->flash.erase_size / cells->mark_size;
}

static struct flash_ram_copy *push(struct flash_ram *ram)
{
    if (ram->count == ram->capacity) {
        uint32_t capacity = ram->capacity ? 2 * ram->capacity : 64;
        struct flash_ram_copy *copies = realloc(ram->copies, capacity * sizeof *copies);
        if (!copies) {
            fputs("brownout: out of memory\n", stderr);
            abort();
        }
        ram->copies = copies;
        ram->capacity = capacity;
    }
    return &ram->copies[ram->count++];
}

static void note(struct flash_ram *ram, uint32_t unit)
{
    if (!ram->is_noted[unit])
        ram->noted[ram->noted_count++] = unit;
    ram->is_noted[unit] = true;
}

static void save_unit(struct cells *cells, uint32_t unit)
{
    struct flash_ram *ram = (struct flash_ram *)cells;
    uint32_t size = cells->flash.erase_size;
    uint32_t marks = marks_per_unit(cells);

    note(ram, unit);
    if (ram->saved_at[unit] >= ram->marks)
        return;
    struct flash_ram_copy *copy = push(ram);
    copy->unit = unit;
    copy->saved_at = ram->saved_at[unit];
    copy->state = cells->units[unit];
    memcpy(copy->bytes, cells->bytes + (size_t)unit * size, size);
    memcpy(copy->marks, cells->marks + (size_t)unit * marks, marks);
    ram->saved_at[unit] = ram->marks;
}

enum ota_err flash_ram_init(struct flash_ram *ram, const struct cells *cells)
{
    *ram = (struct flash_ram){.cells = *cells};
    ram->cells.ghosts = CELLS_GHOSTS;
    uint32_t count = cells_unit_count(&ram->cells);
    ram->memory = calloc(1, memory_size(&ram->cells));
    ram->saved_at = calloc(count, sizeof *ram->saved_at);
    ram->noted = calloc(count, sizeof *ram->noted);
    ram->is_noted = calloc(count, sizeof *ram->is_noted);
    if (!ram->memory || !ram->saved_at || !ram->noted || !ram->is_noted) {
        flash_ram_free(ram);
        return OTA_ERR_FULL;
    }
    ram->cells.bytes = ram->memory;
    ram->cells.units = (void *)(ram->memory + bytes_size(&ram->cells));
    ram->cells.marks = (uint8_t *)(ram->cells.units + count);
    ram->cells.before_change = save_unit;
    memset(ram->cells.bytes, 0xFF, bytes_size(&ram->cells));
    for (uint32_t unit = 0; unit < count; unit++)
        note(ram, unit);
    return OTA_OK;
}

void flash_ram_free(struct flash_ram *ram)
{
    free(ram->memory);
    free(ram->saved_at);
    free(ram->noted);
    free(ram->is_noted);
    free(ram->copies);
    *ram = (struct flash_ram){0};
}

uint32_t flash_ram_mark(struct flash_ram *ram)
{
    ram->marks++;
    return ram->count;
}

static void put_back(struct flash_ram *ram, const struct flash_ram_copy *copy)
{
    struct cells *cells = &ram->cells;
    uint32_t size = cells->flash.erase_size;
    uint32_t marks = marks_per_unit(cells);

    note(ram, copy->unit);
    memcpy(cells->bytes + (size_t)copy->unit * size, copy->bytes, size);
    memcpy(cells->marks + (size_t)copy->unit * marks, copy->marks, marks);
    cells->units[copy->unit] = copy->state;
    ram->saved_at[copy->unit] = copy->saved_at;
}

void flash_ram_rollback(struct flash_ram *ram, uint32_t mark)
{
    while (ram->count > mark)
        put_back(ram, &ram->copies[--ram->count]);
    ram->marks--;
}

void flash_ram_rollback_units(struct flash_ram *ram, const bool *is_kept)
{
    for (uint32_t i = 0; i < ram->count;) {
        if (is_kept[ram->copies[i].unit]) {
            i++;
            continue;
        }
        put_back(ram, &ram->copies[i]);
        if (i != --ram->count)
            ram->copies[i] = ram->copies[ram->count];
    }
}

uint32_t flash_ram_changed(const struct flash_ram *ram, uint32_t mark)
{
    return ram->count - mark;
}

/* A younger mark's copy of the same unit was made when there was one already. */
uint32_t flash_ram_list_changed(const struct flash_ram *ram, uint32_t *ret_units)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < ram->count; i++)
        if (ram->copies[i].saved_at == 0)
            ret_units[count++] = ram->copies[i].unit;
    return count;
}

void flash_ram_copy_from(struct flash_ram *ram, const struct flash_ram *from)
{
    memcpy(ram->memory, from->memory, memory_size(&ram->cells));
    for (uint32_t unit = 0; unit < cells_unit_count(&ram->cells); unit++)
        note(ram, unit);
}
