#include "sim/explore/states.h"

#include <stdlib.h>
#include <string.h>

#include "core/layout.h"

static void note_root(struct states *states, const struct flash_keys *keys, uint32_t first)
{
    const struct cells *cells = &keys->ram->cells;

    for (uint32_t unit = 0; unit < cells_unit_count(cells); unit++) {
        states->root_keys[first + unit] = keys->units[unit];
        states->root_erases[first + unit] = cells->units[unit].erases;
    }
}

enum ota_err states_init(struct states *states, struct world *world)
{
    uint32_t nvm_count = cells_unit_count(&world->nvm.cells);
    uint32_t count = nvm_count + cells_unit_count(&world->spi.cells);

    *states = (struct states){.world = world};
    enum ota_err err = flash_keys_init(&states->nvm, &world->nvm);
    if (!err)
        err = flash_keys_init(&states->spi, &world->spi);
    if (!err)
        err = view_store_init(&states->store, &states->spi);
    if (!err)
        err = pages_init(&states->pages);
    if (!err)
        err = shelf_init(&states->parts);
    states->root_keys = calloc(count, sizeof *states->root_keys);
    states->root_erases = calloc(count, sizeof *states->root_erases);
    states->changed = calloc(count, sizeof *states->changed);
    states->sorted = malloc(count * sizeof *states->sorted);
    if (!states->root_keys || !states->root_erases || !states->changed || !states->sorted)
        err = OTA_ERR_FULL;
    if (err) {
        states_free(states);
        return err;
    }
    for (uint32_t i = 0; i < count; i++)
        states->sorted[i].page = SHELF_NONE;
    note_root(states, &states->nvm, 0);
    note_root(states, &states->spi, nvm_count);
    states->root_nvm = flash_keys_sum(&states->nvm);
    states->root_spi = flash_keys_sum(&states->spi);
    (void)flash_ram_mark(&world->nvm);
    (void)flash_ram_mark(&world->spi);
    return OTA_OK;
}

void states_free(struct states *states)
{
    flash_keys_free(&states->nvm);
    flash_keys_free(&states->spi);
    view_store_free(&states->store);
    pages_free(&states->pages);
    shelf_free(&states->parts);
    free(states->root_keys);
    free(states->root_erases);
    free(states->changed);
    free(states->sorted);
    *states = (struct states){0};
}

struct key states_key(struct states *states, const struct survivor *survivor)
{
    const struct key parts[] = {flash_keys_sum(&states->nvm), flash_keys_sum(&states->spi),
                                survivor_key(survivor, states->world)};

    return key_of(parts, sizeof parts, 1);
}

/* The page changes far less often than it is looked at. */
static bool bootctl_view(struct states *states, const struct key *raw, struct view *ret_view)
{
    if (!key_equals(*raw, states->bootctl_raw)) {
        states->bootctl_raw = *raw;
        states->has_bootctl_view = view_bootctl(&states->world->nvm.cells,
                                                layout_mzw1.bootctl_offset, &states->bootctl_view);
    }
    *ret_view = states->bootctl_view;
    return states->has_bootctl_view;
}

struct key states_view(struct states *states, const struct survivor *survivor,
                       struct key *ret_content)
{
    uint32_t page = layout_mzw1.bootctl_offset / states->world->nvm.cells.flash.erase_size;
    struct view nvm = {.content = flash_keys_sum(&states->nvm)}, bootctl;
    struct key spi;

    if (bootctl_view(states, &states->nvm.units[page], &bootctl)) {
        nvm.content = key_subtract(nvm.content, states->nvm.units[page]);
        nvm = (struct view){key_add(nvm.content, bootctl.content), bootctl.room};
    }
    if (!view_store_look(&states->store, &spi))
        spi = flash_keys_sum(&states->spi);
    const struct key content[] = {nvm.content, spi, survivor_key(survivor, states->world)};
    const struct key all[] = {key_of(content, sizeof content, 2), nvm.room};
    if (ret_content)
        *ret_content = all[0];
    return key_of(all, sizeof all, 3);
}

/* first: where the flash's units begin in the root. Returns how many differ from it. */
static uint32_t take_flash(struct states *states, struct flash_keys *keys, uint32_t first,
                           uint16_t flag, struct state_unit *to)
{
    const struct cells *cells = &keys->ram->cells;
    uint32_t changed = flash_ram_list_changed(keys->ram, states->changed), count = 0;

    (void)flash_keys_sum(keys);
    for (uint32_t i = 0; i < changed; i++) {
        uint32_t unit = states->changed[i], erases = cells->units[unit].erases;
        if (key_equals(keys->units[unit], states->root_keys[first + unit]) &&
            erases == states->root_erases[first + unit])
            continue;
        to[count++] = (struct state_unit){
            .page = pages_hold_unit(&states->pages, cells, unit, keys->units[unit]),
            .unit = (uint16_t)(unit | flag),
            .erases = (uint16_t)(erases - states->root_erases[first + unit]),
        };
    }
    return count;
}

uint32_t states_list(struct states *states, struct state_unit *ret_units)
{
    uint32_t nvm_count = cells_unit_count(&states->world->nvm.cells);
    uint32_t count = take_flash(states, &states->nvm, 0, 0, ret_units);

    return count + take_flash(states, &states->spi, nvm_count, STATE_SPI, ret_units + count);
}

/* --- parts ----------------------------------------------------------------------------------- */

/* The part of these units, whose pages are taken over. */
static uint32_t hold_part(struct states *states, const struct state_unit *units, uint32_t count)
{
    struct key key = key_of(units, count * sizeof *units, 0);
    uint32_t part = shelf_find(&states->parts, key);

    if (part == SHELF_NONE)
        return shelf_add(&states->parts, key, 0, units, count * sizeof *units);
    for (uint32_t i = 0; i < count; i++)
        pages_drop(&states->pages, units[i].page);
    return part;
}

static void drop_part(struct states *states, uint32_t part)
{
    const struct shelf_item *item = states->parts.items[part];
    struct state_unit units[STATE_PART_UNITS];

    memcpy(units, item->content, item->size);
    if (shelf_is_last(&states->parts, part))
        for (uint32_t i = 0; i < item->size / sizeof *units; i++)
            pages_drop(&states->pages, units[i].page);
    shelf_drop(&states->parts, part);
}

/* Where the unit is among those of both flashes. */
static uint32_t place_of(const struct states *states, uint16_t unit)
{
    return unit & STATE_SPI
               ? cells_unit_count(&states->world->nvm.cells) + (unit & (STATE_SPI - 1u))
               : unit;
}

/* The units of the part at this place, which leave the sorted ones. */
static uint32_t take_sorted(struct states *states, uint32_t at, uint32_t end,
                            struct state_unit *ret_units)
{
    uint32_t count = 0;

    for (uint32_t i = at; i < end; i++) {
        if (states->sorted[i].page == SHELF_NONE)
            continue;
        ret_units[count++] = states->sorted[i];
        states->sorted[i].page = SHELF_NONE;
    }
    return count;
}

struct state *states_make(struct states *states, const struct survivor *survivor,
                          const struct state_unit *units, uint32_t count)
{
    const struct world *world = states->world;
    uint32_t all = cells_unit_count(&world->nvm.cells) + cells_unit_count(&world->spi.cells);
    uint32_t parts[STATE_UNITS_MAX / STATE_PART_UNITS + 1], part_count = 0;
    struct state_unit part[STATE_PART_UNITS];

    for (uint32_t i = 0; i < count; i++)
        states->sorted[place_of(states, units[i].unit)] = units[i];
    for (uint32_t at = 0; at < all; at += STATE_PART_UNITS) {
        uint32_t end = at + STATE_PART_UNITS < all ? at + STATE_PART_UNITS : all;
        uint32_t size = take_sorted(states, at, end, part);
        if (size)
            parts[part_count++] = hold_part(states, part, size);
    }
    struct state *state = shelf_need(malloc(sizeof *state + part_count * sizeof *parts));
    state->survivor = *survivor;
    state->part_count = part_count;
    memcpy(state->parts, parts, part_count * sizeof *parts);
    return state;
}

uint32_t states_units(const struct states *states, const struct state *state,
                      struct state_unit *ret_units)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < state->part_count; i++) {
        const struct shelf_item *part = states->parts.items[state->parts[i]];
        memcpy(ret_units + count, part->content, part->size);
        count += part->size / sizeof *ret_units;
    }
    return count;
}

void states_drop(struct states *states, struct state *state)
{
    for (uint32_t i = 0; i < state->part_count; i++)
        drop_part(states, state->parts[i]);
    free(state);
}

/* --- giving ---------------------------------------------------------------------------------- */

struct state *states_take(struct states *states, const struct survivor *survivor)
{
    struct state_unit units[STATE_UNITS_MAX];
    uint32_t count = states_list(states, units);

    return states_make(states, survivor, units, count);
}

/* The units of one flash of the state, of all the others what they were at the root. */
static void give_flash(struct states *states, struct flash_keys *keys, uint32_t first,
                       const struct state_unit *units, uint32_t count)
{
    struct cells *cells = &keys->ram->cells;
    bool is_of_state[STATE_UNITS_MAX] = {false};

    for (uint32_t i = 0; i < count; i++)
        is_of_state[units[i].unit & (STATE_SPI - 1u)] = true;
    flash_ram_rollback_units(keys->ram, is_of_state);
    (void)flash_keys_sum(keys);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t unit = units[i].unit & (STATE_SPI - 1u);
        uint32_t erases = states->root_erases[first + unit] + units[i].erases;
        if (!key_equals(keys->units[unit], pages_at(&states->pages, units[i].page)->key))
            pages_restore(&states->pages, units[i].page, cells, unit);
        else if (cells->units[unit].erases != erases)
            cells->before_change(cells, unit);
        cells->units[unit].erases = erases;
    }
}

/* Most of a state is what the one before was, so only what differs is given. */
void states_give(struct states *states, const struct state *state)
{
    struct world *world = states->world;
    struct state_unit units[STATE_UNITS_MAX];
    uint32_t count = states_units(states, state, units), nvm = 0;

    while (nvm < count && !(units[nvm].unit & STATE_SPI))
        nvm++;
    give_flash(states, &states->nvm, 0, units, nvm);
    give_flash(states, &states->spi, cells_unit_count(&world->nvm.cells), units + nvm, count - nvm);
    survivor_give(&state->survivor, world);
}
