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

void cells_touch(struct cells *cells, uint32_t offset, uint32_t size)
{
    for (uint32_t at = offset - offset % cells->flash.erase_size; at < offset + size;
         at += cells->flash.erase_size)
        note_change(cells, at);
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

/* Offsets are round numbers: mixed well, or only some edges would ever be torn. */
static uint32_t seed_of(uint32_t offset, enum cells_tear tear)
{
    uint32_t seed = offset * 16 + (uint32_t)tear + 1;

    seed = (seed ^ seed >> 16) * 0x7FEB352Du;
    seed = (seed ^ seed >> 15) * 0x846CA68Bu;
    return seed ^ seed >> 16;
}

/* The ghost of a weak unit; the number of units: it has none. */
static uint32_t ghost_of(const struct cells *cells, uint32_t unit)
{
    uint32_t at = cells->flash.size / cells->flash.erase_size;

    for (uint32_t end = at + cells->ghosts; at < end; at++)
        if (cells->units[at].flags == (CELLS_GHOST | unit << CELLS_GHOST_OF))
            return at;
    return cells_unit_count(cells);
}

static uint8_t *unit_bytes(const struct cells *cells, uint32_t unit)
{
    return cells->bytes + (size_t)unit * cells->flash.erase_size;
}

static void lay_ghost(struct cells *cells, uint32_t unit)
{
    uint32_t ghost = ghost_of(cells, unit);

    if (ghost == cells_unit_count(cells))
        return;
    cells->before_change(cells, ghost);
    memset(unit_bytes(cells, ghost), 0xFF, cells->flash.erase_size);
    cells->units[ghost].flags = 0;
}

static bool is_erased(const uint8_t *bytes, uint32_t size)
{
    return bytes[0] == 0xFF && memcmp(bytes, bytes + 1, size - 1) == 0;
}

/* Remember what the unit holds now; where all ghosts are taken, the last one is given up. */
static void raise_ghost(struct cells *cells, uint32_t unit)
{
    uint32_t end = cells_unit_count(cells), ghost = ghost_of(cells, unit);

    if (!cells->ghosts || is_erased(unit_bytes(cells, unit), cells->flash.erase_size))
        return;
    if (ghost == end)
        for (ghost = end - cells->ghosts; ghost + 1 < end; ghost++)
            if (!(cells->units[ghost].flags & CELLS_GHOST))
                break;
    cells->before_change(cells, ghost);
    memcpy(unit_bytes(cells, ghost), unit_bytes(cells, unit), cells->flash.erase_size);
    cells->units[ghost].flags = CELLS_GHOST | unit << CELLS_GHOST_OF;
}

static void swap_with_ghost(struct cells *cells, uint32_t unit, uint32_t ghost)
{
    uint8_t *a = unit_bytes(cells, unit), *b = unit_bytes(cells, ghost);

    cells->before_change(cells, unit);
    cells->before_change(cells, ghost);
    for (uint32_t i = 0; i < cells->flash.erase_size; i++) {
        uint8_t byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

void cells_settle(struct cells *cells, uint32_t unit, bool otherwise)
{
    cells->before_change(cells, unit);
    cells->units[unit].flags |= CELLS_SETTLED;
    if (otherwise)
        swap_with_ghost(cells, unit, ghost_of(cells, unit));
}

/* The first read of a weak unit in a boot settles what it reads as. */
static void settle(struct cells *cells, uint32_t unit)
{
    if (ghost_of(cells, unit) == cells_unit_count(cells))
        return;
    cells_settle(cells, unit,
                 cells->reads_otherwise && cells->reads_otherwise(cells->context, cells, unit));
}

static void settle_range(struct cells *cells, uint32_t offset, uint32_t size)
{
    uint32_t unit_size = cells->flash.erase_size;

    for (uint32_t unit = offset / unit_size; size && unit <= (offset + size - 1) / unit_size;
         unit++)
        if ((cells->units[unit].flags & (CELLS_WEAK | CELLS_SETTLED)) == CELLS_WEAK)
            settle(cells, unit);
}

/* What reads as before goes back to its ghost, so that a unit has one look where nobody looks. */
void cells_start(struct cells *cells)
{
    uint32_t end = cells_unit_count(cells);

    for (uint32_t ghost = end - cells->ghosts; ghost < end; ghost++) {
        uint32_t unit = cells->units[ghost].flags >> CELLS_GHOST_OF;
        if (!(cells->units[ghost].flags & CELLS_GHOST) ||
            !(cells->units[unit].flags & CELLS_SETTLED))
            continue;
        cells->before_change(cells, unit);
        cells->units[unit].flags &= ~(uint32_t)CELLS_SETTLED;
        if (!is_erased(unit_bytes(cells, unit), cells->flash.erase_size))
            swap_with_ghost(cells, unit, ghost);
    }
}

static enum ota_err cells_flash_read(struct flash *flash, uint32_t offset, void *data,
                                     uint32_t size)
{
    struct cells *cells = from_flash(flash);

    if (cells->ghosts)
        settle_range(cells, offset, size);
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
    if (!size)
        return;
    uint8_t *at = cells->marks + offset / cells->mark_size;
    const uint8_t *last = cells->marks + (offset + size - 1) / cells->mark_size;

    while (at <= last)
        *at++ |= value;
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
    unit_at(cells, offset)->flags = 0;
    lay_ghost(cells, offset / cells->flash.erase_size);
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
    if (unit->flags & CELLS_WEAK)
        lay_ghost(cells, offset / flash->erase_size);
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

uint32_t cells_unit_count(const struct cells *cells)
{
    return cells->flash.size / cells->flash.erase_size + cells->ghosts;
}

uint32_t cells_side_size(const struct cells *cells)
{
    uint32_t units = cells_unit_count(cells);

    return units * (uint32_t)(sizeof(struct cells_unit)) +
           units * (cells->flash.erase_size / cells->mark_size);
}

/* How many bits the program is to clear. */
static uint32_t count_clearing(const uint8_t *bytes, const uint8_t *data, uint32_t size)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < size; i++)
        count += (uint32_t)__builtin_popcount(bytes[i] & ~data[i] & 0xFF);
    return count;
}

/* Clear the bit, of those to be cleared, that has this number; others: all but it. */
static void clear_numbered(uint8_t *bytes, const uint8_t *data, uint32_t size, uint32_t number,
                           bool others)
{
    uint32_t at = 0, bits;

    for (; (bits = (uint32_t)__builtin_popcount(bytes[at] & ~data[at] & 0xFF)) <= number; at++)
        number -= bits;
    uint32_t clearing = bytes[at] & ~data[at] & 0xFF;
    while (number--)
        clearing &= clearing - 1;
    uint8_t bit = (uint8_t)(clearing & -clearing);
    if (others)
        for (uint32_t i = 0; i < size; i++)
            bytes[i] &= i == at ? data[i] | bit : data[i];
    else
        bytes[at] &= (uint8_t)~bit;
}

static bool only_clears_to(const uint8_t *bytes, const uint8_t *data, uint32_t size)
{
    uint8_t left = 0;

    for (uint32_t i = 0; i < size; i++)
        left |= (uint8_t)(bytes[i] & ~data[i]);
    return left == 0;
}

static void tear_bits(struct cells *cells, uint32_t offset, const uint8_t *data, uint32_t size,
                      enum cells_tear tear)
{
    uint8_t *bytes = cells->bytes + offset;
    uint32_t seed = seed_of(offset, tear), count = count_clearing(bytes, data, size);

    if (tear != TEAR_SOME_BITS && count)
        clear_numbered(bytes, data, size, scramble(&seed) % count, tear == TEAR_MOST_BITS);
    for (uint32_t i = 0; tear == TEAR_SOME_BITS && i < size; i++)
        bytes[i] &= data[i] | (uint8_t)scramble(&seed);
    mark(cells, offset, size, CELLS_PROGRAMMED);
    for (uint32_t i = 0; i < size; i += cells->mark_size)
        if (!only_clears_to(bytes + i, data + i,
                            size - i < cells->mark_size ? size - i : cells->mark_size))
            mark(cells, offset + i, 1, CELLS_TORN);
}

/* All from done on, or all before it; the program unit there is undefined. */
static void tear_part(struct cells *cells, uint32_t offset, const uint8_t *data, uint32_t size,
                      enum cells_tear tear)
{
    uint32_t edge_size = cells->flash.program_size, seed = seed_of(offset, tear);
    uint32_t edge = scramble(&seed) % (size / edge_size) * edge_size;
    uint32_t from = tear == TEAR_PREFIX ? 0 : edge + edge_size;
    uint32_t to = tear == TEAR_PREFIX ? edge : size;

    clear_bits(cells->bytes + offset + from, data + from, to - from);
    for (uint32_t i = edge; i < edge + edge_size; i++)
        cells->bytes[offset + i] &= data[i] | (uint8_t)scramble(&seed);
    mark(cells, offset + from, to - from, CELLS_PROGRAMMED);
    mark(cells, offset + edge, edge_size, CELLS_PROGRAMMED | CELLS_TORN);
}

void cells_tear_program(struct cells *cells, uint32_t offset, const void *data, uint32_t size,
                        enum cells_tear tear)
{
    note_change(cells, offset);
    if (tear == TEAR_PREFIX || tear == TEAR_SUFFIX)
        tear_part(cells, offset, data, size, tear);
    else
        tear_bits(cells, offset, data, size, tear);
}

static void tear_weakly(struct cells *cells, uint32_t offset)
{
    struct cells_unit *unit = unit_at(cells, offset);

    raise_ghost(cells, offset / cells->flash.erase_size);
    unit->flags = 0;                                      /* or the erase lays the ghost */
    err_ignore(cells_flash_erase(&cells->flash, offset)); /* cannot fail */
    unit->flags = CELLS_WEAK;
}

/* Bits come back; what is half done must not be programmed. */
void cells_tear_erase(struct cells *cells, uint32_t offset, enum cells_tear tear)
{
    uint32_t size = cells->flash.erase_size, seed = seed_of(offset, tear);
    uint8_t *bytes = cells->bytes + offset;

    note_change(cells, offset);
    if (tear == TEAR_WEAK) {
        tear_weakly(cells, offset);
        return;
    }
    if (tear == TEAR_LOW_HALF || tear == TEAR_HIGH_HALF)
        memset(bytes + (tear == TEAR_HIGH_HALF) * size / 2, 0xFF, size / 2);
    for (uint32_t i = 0; tear == TEAR_SOME_BITS && i < size; i++)
        bytes[i] |= (uint8_t)scramble(&seed);
    mark(cells, offset, size, CELLS_PROGRAMMED | (tear == TEAR_SOME_BITS ? CELLS_TORN : 0));
    if (unit_at(cells, offset)->flags & CELLS_WEAK)
        lay_ghost(cells, offset / size);
    unit_at(cells, offset)->flags = 0;
    unit_at(cells, offset)->erases++;
}

uint32_t cells_wear_max(const struct cells *cells)
{
    uint32_t count = cells->flash.size / cells->flash.erase_size, max = 0;

    for (uint32_t i = 0; i < count; i++)
        if (cells->units[i].erases > max)
            max = cells->units[i].erases;
    return max;
}
