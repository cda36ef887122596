#ifndef SIM_EXPLORE_STATES_H
#define SIM_EXPLORE_STATES_H

#include "sim/explore/flash_keys.h"
#include "sim/explore/pages.h"
#include "sim/explore/survivor.h"
#include "sim/explore/view_bootctl.h"
#include "sim/explore/view_store.h"

/*
 * States of a world: all that is left of it when no firmware runs. A state is the survivor and, of
 * both flashes, the units that differ from those the scenario began with, as shared pages. So a
 * world can be put into any state it ever was in, without running anything again. Neighbouring
 * units make a part, and states share the parts in which they are alike: two states that are one
 * operation apart differ in one part, one page and one block of it.
 */
struct state_unit {
    uint32_t page;
    uint16_t unit; /* of the external flash: with STATE_SPI */
    uint16_t erases;
};

#define STATE_SPI        0x8000
#define STATE_PART_UNITS 16   /* neighbours that make a part */
#define STATE_UNITS_MAX  1400 /* of both flashes of the largest profile, with ghosts */

struct state {
    struct survivor survivor;
    uint32_t part_count;
    uint32_t parts[]; /* those with changed units, in order of place */
};

struct states {
    struct world *world;
    struct flash_keys nvm, spi;
    struct view_store store;
    struct key bootctl_raw; /* what the view of boot control is of */
    struct view bootctl_view;
    bool has_bootctl_view;
    struct pages pages;
    struct shelf parts;            /* units; they hold their pages */
    struct key *root_keys;         /* of all units as the scenario began, nvm then spi */
    struct key root_nvm, root_spi; /* and their sums */
    uint32_t *root_erases;
    uint32_t *changed; /* work space */
    struct state_unit *sorted;
};

/* From now on the present flashes are the root. OTA_ERR_FULL: no memory; nothing to free then. */
OTA_MUST_USE enum ota_err states_init(struct states *states, struct world *world);
void states_free(struct states *states);

/* The key of what the world is now, with this survivor. */
struct key states_key(struct states *states, const struct survivor *survivor);

/* The same as a view: alike for states that go on alike, though not all their bytes are the same
 * (view_bootctl.h, view_store.h). Never the key of a raw state. ret_content: without how near the
 * logs are to their ends; may be NULL. */
struct key states_view(struct states *states, const struct survivor *survivor,
                       struct key *ret_content);

/* The units that differ now, at most STATE_UNITS_MAX; their pages are held once more. Returns how
 * many. */
uint32_t states_list(struct states *states, struct state_unit *ret_units);

/* A state of these units in any order, each there once, whose held pages are taken over; the
 * caller's, to be given to states_drop(). */
struct state *states_make(struct states *states, const struct survivor *survivor,
                          const struct state_unit *units, uint32_t count);

/* The units of a state, at most STATE_UNITS_MAX, whose pages it goes on holding. Returns how many.
 */
uint32_t states_units(const struct states *states, const struct state *state,
                      struct state_unit *ret_units);

/* What the world is now, with this survivor: states_make() of states_list(). */
struct state *states_take(struct states *states, const struct survivor *survivor);

/* Make the world what it was. No mark but the root may be open in its flashes. */
void states_give(struct states *states, const struct state *state);

void states_drop(struct states *states, struct state *state);

#endif
