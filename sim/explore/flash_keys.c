#include "sim/explore/flash_keys.h"

#include <stdlib.h>

#define MARKS_MAX 512 /* of a unit */

/* What of the marks a device can see: without ECC nobody is told that a word is torn, and where a
 * word may be programmed twice, nobody asks whether it was. */
static struct key marks_key(const struct cells *cells, uint32_t unit, uint64_t seed)
{
    uint8_t seen[MARKS_MAX];
    uint32_t count = cells->flash.erase_size / cells->mark_size;
    uint8_t mask = cells->has_ecc ? CELLS_PROGRAMMED | CELLS_TORN : CELLS_PROGRAMMED;

    if (!cells->flash.write_once && !cells->has_ecc)
        return (struct key){0, 0};
    for (uint32_t i = 0; i < count; i++)
        seen[i] = cells->marks[(size_t)unit * count + i] & mask;
    return key_of(seen, count, seed);
}

struct key flash_keys_of(const struct cells *cells, uint32_t unit)
{
    uint32_t size = cells->flash.erase_size;
    uint64_t seed = (uint64_t)cells->units[unit].flags << 32 | unit;
    struct key key = key_of(cells->bytes + (size_t)unit * size, size, seed);
    struct key beside = marks_key(cells, unit, key.low);

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
