#include "sim/explore/states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/layout.h"
#include "sim/explore/view_bootctl.h"

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
    states->root_keys = calloc(count, sizeof *states->root_keys);
    states->root_erases = calloc(count, sizeof *states->root_erases);
    states->changed = calloc(count, sizeof *states->changed);
    states->units = calloc(count, sizeof *states->units);
    if (!states->root_keys || !states->root_erases || !states->changed || !states->units)
        err = OTA_ERR_FULL;
    if (err) {
        states_free(states);
        return err;
    }
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
    free(states->root_keys);
    free(states->root_erases);
    free(states->changed);
    free(states->units);
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
    struct view nvm = {.content = flash_keys_sum(&states->nvm)}, bootctl, spi;

    if (bootctl_view(states, &states->nvm.units[page], &bootctl)) {
        nvm.content = key_subtract(nvm.content, states->nvm.units[page]);
        nvm = (struct view){key_add(nvm.content, bootctl.content), bootctl.room};
    }
    if (!view_store_look(&states->store, &spi))
        spi = (struct view){.content = flash_keys_sum(&states->spi)};
    const struct key content[] = {nvm.content, spi.content, survivor_key(survivor, states->world)};
    const struct key all[] = {key_of(content, sizeof content, 2), nvm.room, spi.room};
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

struct state *states_take(struct states *states, const struct survivor *survivor)
{
    uint32_t nvm_count = cells_unit_count(&states->world->nvm.cells);
    uint32_t count = take_flash(states, &states->nvm, 0, 0, states->units);

    count += take_flash(states, &states->spi, nvm_count, STATE_SPI, states->units + count);
    struct state *state = malloc(sizeof *state + count * sizeof *state->units);
    if (!state) {
        fputs("brownout: out of memory\n", stderr);
        abort();
    }
    state->survivor = *survivor;
    state->unit_count = count;
    memcpy(state->units, states->units, count * sizeof *state->units);
    return state;
}

static void to_root(struct flash_ram *ram)
{
    flash_ram_rollback(ram, 0);
    (void)flash_ram_mark(ram);
}

void states_give(struct states *states, const struct state *state)
{
    struct world *world = states->world;
    uint32_t nvm_count = cells_unit_count(&world->nvm.cells);

    to_root(&world->nvm);
    to_root(&world->spi);
    for (uint32_t i = 0; i < state->unit_count; i++) {
        const struct state_unit *at = &state->units[i];
        bool is_spi = at->unit & STATE_SPI;
        uint32_t unit = at->unit & (STATE_SPI - 1u), first = is_spi ? nvm_count : 0;
        struct cells *cells = is_spi ? &world->spi.cells : &world->nvm.cells;
        pages_restore(states->pages.pages[at->page], cells, unit);
        cells->units[unit].erases = states->root_erases[first + unit] + at->erases;
    }
    survivor_give(&state->survivor, world);
}

void states_drop(struct states *states, struct state *state)
{
    for (uint32_t i = 0; i < state->unit_count; i++)
        pages_drop(&states->pages, state->units[i].page);
    free(state);
}
