#include "sim/explore/flash_keys.h"

#include <stdlib.h>

struct key flash_keys_of(const struct cells *cells, uint32_t unit)
{
    uint32_t size = cells->flash.erase_size, marks = size / cells->mark_size;
    uint64_t seed = (uint64_t)cells->units[unit].flags << 32 | unit;
    struct key key = key_of(cells->bytes + (size_t)unit * size, size, seed);
    struct key beside = key_of(cells->marks + (size_t)unit * marks, marks, key.low);

    return (struct key){key.low ^ beside.high, key.high ^ beside.low};
}

enum ota_err flash_keys_init(struct flash_keys *keys, struct flash_ram *ram)
{
    *keys = (struct flash_keys){.ram = ram};
    keys->units = calloc(cells_unit_count(&ram->cells), sizeof *keys->units);
    if (!keys->units)
        return OTA_ERR_FULL;
    for (uint32_t unit = 0; unit < cells_unit_count(&ram->cells); unit++)
        ram->cells.before_change(&ram->cells, unit);
    (void)flash_keys_sum(keys);
    return OTA_OK;
}

void flash_keys_free(struct flash_keys *keys)
{
    free(keys->units);
    *keys = (struct flash_keys){0};
}

struct key flash_keys_sum(struct flash_keys *keys)
{
    struct flash_ram *ram = keys->ram;

    for (uint32_t i = 0; i < ram->noted_count; i++) {
        uint32_t unit = ram->noted[i];
        struct key key = flash_keys_of(&ram->cells, unit);
        keys->sum = key_add(key_subtract(keys->sum, keys->units[unit]), key);
        keys->units[unit] = key;
        ram->is_noted[unit] = false;
    }
    ram->noted_count = 0;
    return keys->sum;
}
