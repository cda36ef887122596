#include "hal_posix/flash_ram.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct flash_ram_copy {
    uint32_t unit;
    uint32_t saved_at; /* before this copy was made */
    struct cells_unit state;
    uint8_t bytes[4096];
    uint8_t marks[512];
};

static uint32_t memory_size(const struct cells *cells)
{
    return cells->flash.size + cells_side_size(cells);
}

static uint32_t unit_count(const struct cells *cells)
{
    return cells->flash.size / cells->flash.erase_size;
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

static void save_unit(struct cells *cells, uint32_t unit)
{
    struct flash_ram *ram = (struct flash_ram *)cells;
    uint32_t size = cells->flash.erase_size;
    uint32_t marks = marks_per_unit(cells);

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

/* Shared with child processes, for --isolate. */
enum ota_err flash_ram_init(struct flash_ram *ram, const struct cells *cells)
{
    uint32_t size = memory_size(cells);
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    *ram = (struct flash_ram){.cells = *cells};
    if (memory == MAP_FAILED)
        return OTA_ERR_FULL;
    ram->memory = memory;
    ram->saved_at = calloc(unit_count(cells), sizeof *ram->saved_at);
    if (!ram->saved_at) {
        munmap(memory, size);
        return OTA_ERR_FULL;
    }
    ram->cells.bytes = ram->memory;
    ram->cells.units = (void *)(ram->memory + cells->flash.size);
    ram->cells.marks = (uint8_t *)(ram->cells.units + unit_count(cells));
    ram->cells.before_change = save_unit;
    memset(ram->cells.bytes, 0xFF, cells->flash.size);
    return OTA_OK;
}

void flash_ram_free(struct flash_ram *ram)
{
    if (ram->memory)
        munmap(ram->memory, memory_size(&ram->cells));
    free(ram->saved_at);
    free(ram->copies);
    *ram = (struct flash_ram){0};
}

uint32_t flash_ram_mark(struct flash_ram *ram)
{
    ram->marks++;
    return ram->count;
}

void flash_ram_rollback(struct flash_ram *ram, uint32_t mark)
{
    struct cells *cells = &ram->cells;
    uint32_t size = cells->flash.erase_size;
    uint32_t marks = marks_per_unit(cells);

    while (ram->count > mark) {
        const struct flash_ram_copy *copy = &ram->copies[--ram->count];
        memcpy(cells->bytes + (size_t)copy->unit * size, copy->bytes, size);
        memcpy(cells->marks + (size_t)copy->unit * marks, copy->marks, marks);
        cells->units[copy->unit] = copy->state;
        ram->saved_at[copy->unit] = copy->saved_at;
    }
    ram->marks--;
}

uint32_t flash_ram_changed(const struct flash_ram *ram, uint32_t mark)
{
    return ram->count - mark;
}

void flash_ram_copy_from(struct flash_ram *ram, const struct flash_ram *from)
{
    memcpy(ram->memory, from->memory, memory_size(&ram->cells));
}
