#ifndef SIM_EXPLORE_PAGES_H
#define SIM_EXPLORE_PAGES_H

#include "hal_posix/cells.h"
#include "sim/explore/key.h"

/*
 * Contents of erase units, each kept once however many states have it, and counted. A page is known
 * by its key (flash_keys.h), which tells the unit it belongs to as well.
 */
struct page {
    struct key key;
    uint32_t next;  /* in the same bucket */
    uint32_t count; /* who holds it */
    bool is_new;    /* since pages_mark() */
    bool is_told;   /* the holder's */
    uint32_t flags; /* of the unit */
    uint32_t size;  /* of bytes and marks, one behind the other */
    uint8_t content[];
};

#define PAGES_NONE UINT32_MAX

struct pages {
    struct page **pages; /* by number; NULL: free */
    uint32_t *free;      /* numbers below used that are free */
    uint32_t capacity, used, free_count;
    uint32_t *buckets;
    uint32_t bucket_count;
    bool is_marking; /* new pages are marked so */
    uint64_t bytes;
};

/* OTA_ERR_FULL: no memory. */
OTA_MUST_USE enum ota_err pages_init(struct pages *pages);
void pages_free(struct pages *pages);

/* The number of the page of what the unit holds now, which has this key; held once more. */
uint32_t pages_hold_unit(struct pages *pages, const struct cells *cells, uint32_t unit,
                         struct key key);

/* The number of the page with this content, held once more. */
uint32_t pages_hold(struct pages *pages, struct key key, uint32_t flags, const uint8_t *content,
                    uint32_t size);

/* Hold a page that somebody holds already. */
void pages_hold_again(struct pages *pages, uint32_t number);

/* Give it up; whoever was last frees it. */
void pages_drop(struct pages *pages, uint32_t number);

/* From now on new pages are marked as new. */
void pages_mark(struct pages *pages);

/* The number of the page with this key, held once more; or PAGES_NONE. */
uint32_t pages_find(struct pages *pages, struct key key);

/* Put it into the cells, as unit. */
void pages_restore(const struct page *page, struct cells *cells, uint32_t unit);

#endif
