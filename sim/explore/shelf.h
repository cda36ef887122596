#ifndef SIM_EXPLORE_SHELF_H
#define SIM_EXPLORE_SHELF_H

#include "core/err.h"
#include "sim/explore/key.h"

/*
 * Contents by their keys, each kept once however many hold it, and counted. Known by number while
 * held; a number is of use again when nobody holds it any more.
 */
struct shelf_item {
    struct key key;
    uint32_t next;  /* in the same bucket */
    uint32_t count; /* who holds it */
    bool is_new;    /* since shelf_mark() */
    bool is_told;   /* the holder's */
    uint32_t flags; /* the holder's */
    uint32_t size;
    uint8_t content[];
};

#define SHELF_NONE UINT32_MAX

struct shelf {
    struct shelf_item **items; /* by number; NULL: free */
    uint32_t *free;            /* numbers below used that are free */
    uint32_t capacity, used, free_count;
    uint32_t *buckets;
    uint32_t bucket_count;
    bool is_marking; /* new items are marked so */
    uint64_t bytes;
};

/* OTA_ERR_FULL: no memory; nothing to free then. */
OTA_MUST_USE enum ota_err shelf_init(struct shelf *shelf);
void shelf_free(struct shelf *shelf);

/* The number of the item with this key, held once more; or SHELF_NONE. */
uint32_t shelf_find(struct shelf *shelf, struct key key);

/* A new item, held once; there must be none with this key. */
uint32_t shelf_add(struct shelf *shelf, struct key key, uint32_t flags, const void *content,
                   uint32_t size);

/* Hold one that somebody holds already. */
void shelf_hold_again(struct shelf *shelf, uint32_t number);

/* Will the next shelf_drop() free it? Time to give up what its content stands for. */
bool shelf_is_last(const struct shelf *shelf, uint32_t number);

/* Give it up; whoever was last frees it. */
void shelf_drop(struct shelf *shelf, uint32_t number);

/* From now on new items are marked as new. */
void shelf_mark(struct shelf *shelf);

/* What is allocated must be there: ends the process with a message when it is not. */
void *shelf_need(void *memory);

#endif
