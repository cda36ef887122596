#ifndef SIM_EXPLORE_PAGES_H
#define SIM_EXPLORE_PAGES_H

#include "hal_posix/cells.h"
#include "sim/explore/shelf.h"

/*
 * Contents of erase units, each kept once however many states have it. A page is known by its key
 * (flash_keys.h), which tells the unit it belongs to as well. It is a list of blocks, which are
 * kept once, too: a page and the same one a program operation later share all but one of them.
 */
#define PAGES_BLOCK    256  /* bytes; what one program operation of the external flash writes */
#define PAGES_SIZE_MAX 8192 /* of a page: bytes and marks of an erase unit */

struct pages {
    struct shelf lists; /* numbers of blocks; flags: the unit's */
    struct shelf blocks;
};

/* OTA_ERR_FULL: no memory; nothing to free then. */
OTA_MUST_USE enum ota_err pages_init(struct pages *pages);
void pages_free(struct pages *pages);

/* The page, as long as it is held. */
struct shelf_item *pages_at(const struct pages *pages, uint32_t number);

/* The number of the page of what the unit holds now, which has this key; held once more. */
uint32_t pages_hold_unit(struct pages *pages, const struct cells *cells, uint32_t unit,
                         struct key key);

/* The number of the page with this content, held once more: bytes and marks of the unit, one
 * behind the other. */
uint32_t pages_hold(struct pages *pages, struct key key, uint32_t flags, const uint8_t *content,
                    uint32_t size);

/* Hold a page that somebody holds already. */
void pages_hold_again(struct pages *pages, uint32_t number);

/* Give it up; whoever was last frees it. */
void pages_drop(struct pages *pages, uint32_t number);

/* From now on new pages are marked as new. */
void pages_mark(struct pages *pages);

/* The number of the page with this key, held once more; or SHELF_NONE. */
uint32_t pages_find(struct pages *pages, struct key key);

/* Its content, at most PAGES_SIZE_MAX bytes. Returns how many. */
uint32_t pages_read(const struct pages *pages, uint32_t number, uint8_t *ret_content);

/* Put it into the cells, as unit. */
void pages_restore(const struct pages *pages, uint32_t number, struct cells *cells, uint32_t unit);

#endif
