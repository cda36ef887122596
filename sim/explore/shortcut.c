#include "sim/explore/shortcut.h"

#include <string.h>

static bool has_bit(const uint64_t *bits, uint32_t unit)
{
    return bits[unit / 64] >> unit % 64 & 1;
}

static void forget(struct shortcut *shortcut)
{
    for (uint32_t i = 0; i < shortcut->entry_count; i++)
        if (shortcut->entries[i].next)
            states_drop(shortcut->states, shortcut->entries[i].next);
    shortcut->entry_count = shortcut->look_count = 0;
    key_map_clear(&shortcut->known);
    shortcut->is_full = false;
}

void shortcut_make_room(struct shortcut *shortcut)
{
    if (shortcut->is_full)
        forget(shortcut);
}

void shortcut_free(struct shortcut *shortcut)
{
    forget(shortcut);
    key_map_free(&shortcut->known);
}

/* --- keys ------------------------------------------------------------------------------------ */

/* Sums of the units' keys: of the internal flash, and of the external one where looked has them
 * (NULL: all). */
static void sum_units(const struct states *states, const struct state *state,
                      const uint64_t *looked, struct key *ret_nvm, struct key *ret_spi)
{
    uint32_t nvm_count = cells_unit_count(&states->world->nvm.cells);
    uint32_t spi_count = cells_unit_count(&states->world->spi.cells);
    struct key nvm = states->root_nvm, spi = states->root_spi;
    struct state_unit units[STATE_UNITS_MAX];
    uint32_t count = states_units(states, state, units);

    if (looked) {
        spi = (struct key){0, 0};
        for (uint32_t unit = 0; unit < spi_count; unit++)
            if (has_bit(looked, unit))
                spi = key_add(spi, states->root_keys[nvm_count + unit]);
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t unit = units[i].unit & (STATE_SPI - 1u);
        struct key key = pages_at(&states->pages, units[i].page)->key;
        if (!(units[i].unit & STATE_SPI))
            nvm = key_add(key_subtract(nvm, states->root_keys[unit]), key);
        else if (!looked || has_bit(looked, unit))
            spi = key_add(key_subtract(spi, states->root_keys[nvm_count + unit]), key);
    }
    *ret_nvm = nvm;
    *ret_spi = spi;
}

static struct key key_with(const struct shortcut *shortcut, const struct state *state,
                           const uint64_t *looked)
{
    const struct states *states = shortcut->states;
    struct key parts[4] = {{0, 0}};

    sum_units(states, state, looked, &parts[0], &parts[1]);
    parts[2] = survivor_key(&state->survivor, states->world);
    parts[3] = key_of(looked, sizeof(uint64_t) * POWER_USE_WORDS, 0);
    return key_of(parts, sizeof parts, 10);
}

struct key shortcut_key(const struct shortcut *shortcut, const struct state *state)
{
    const struct states *states = shortcut->states;
    struct key parts[3];

    sum_units(states, state, NULL, &parts[0], &parts[1]);
    parts[2] = survivor_key(&state->survivor, states->world);
    return key_of(parts, sizeof parts, 1);
}

/* --- entries --------------------------------------------------------------------------------- */

static void note_look(struct shortcut *shortcut, const uint64_t *looked)
{
    for (uint32_t i = 0; i < shortcut->look_count; i++)
        if (memcmp(shortcut->looks[i], looked, sizeof shortcut->looks[i]) == 0)
            return;
    memcpy(shortcut->looks[shortcut->look_count++], looked, sizeof shortcut->looks[0]);
}

void shortcut_add(struct shortcut *shortcut, uint32_t node, const struct state *state,
                  const struct power_use *use, struct state *next)
{
    struct key key = key_with(shortcut, state, use->looked);

    shortcut->is_full |=
        shortcut->entry_count == SHORTCUT_ENTRIES || shortcut->look_count == SHORTCUT_LOOKS;
    if (shortcut->is_full || key_map_find(&shortcut->known, key) != KEY_MAP_NONE) {
        if (next)
            states_drop(shortcut->states, next);
        return;
    }
    note_look(shortcut, use->looked);
    key_map_add(&shortcut->known, key, shortcut->entry_count);
    shortcut->entries[shortcut->entry_count++] =
        (struct shortcut_entry){.node = node, .next = next, .use = *use, .before = state->survivor};
}

const struct shortcut_entry *shortcut_find(const struct shortcut *shortcut,
                                           const struct state *state)
{
    for (uint32_t i = shortcut->look_count; i-- > 0;) {
        uint32_t found =
            key_map_find(&shortcut->known, key_with(shortcut, state, shortcut->looks[i]));
        if (found != KEY_MAP_NONE)
            return &shortcut->entries[found];
    }
    return NULL;
}

/* --- following ------------------------------------------------------------------------------- */

/* The past of one, and what the stage added to the past of the other. */
static struct survivor follow_survivor(const struct survivor *from,
                                       const struct shortcut_entry *entry)
{
    const struct survivor *before = &entry->before;
    struct survivor next = entry->next->survivor;

    next.now_ms += from->now_ms - before->now_ms;
    next.operations += from->operations - before->operations;
    next.session_operations += from->session_operations - before->session_operations;
    next.session_boots += from->session_boots - before->session_boots;
    next.boots += from->boots - before->boots;
    next.requests += from->requests - before->requests;
    next.judge.marks |= from->judge.marks;
    next.judge.trace ^= from->judge.trace;
    return next;
}

/* What the stage touched, as it left it; the internal flash is as it left it, too, as it began
 * alike. */
static bool is_of_entry(const struct shortcut_entry *entry, uint16_t unit)
{
    return !(unit & STATE_SPI) || has_bit(entry->use.touched, unit & (STATE_SPI - 1u));
}

/* What a weak unit may read as otherwise is gone once it was erased. */
static bool is_laid(const struct shortcut *shortcut, const struct shortcut_entry *entry,
                    const struct state_unit *at)
{
    uint32_t flags = pages_at(&shortcut->states->pages, at->page)->flags;

    return at->unit & STATE_SPI && flags & CELLS_GHOST &&
           has_bit(entry->use.touched, flags >> CELLS_GHOST_OF);
}

struct state *shortcut_follow(struct shortcut *shortcut, const struct shortcut_entry *entry,
                              const struct state *state)
{
    struct states *states = shortcut->states;
    const struct state *sources[] = {entry->next, state};
    struct state_unit units[STATE_UNITS_MAX], next[STATE_UNITS_MAX];
    uint32_t count = 0;

    for (int from = 0; from < 2; from++) {
        uint32_t of_source = states_units(states, sources[from], units);
        for (uint32_t i = 0; i < of_source; i++) {
            const struct state_unit *at = &units[i];
            if (is_of_entry(entry, at->unit) != (from == 0) || is_laid(shortcut, entry, at))
                continue;
            pages_hold_again(&states->pages, at->page);
            next[count++] = *at;
        }
    }
    const struct survivor survivor = follow_survivor(&state->survivor, entry);
    return states_make(states, &survivor, next, count);
}
