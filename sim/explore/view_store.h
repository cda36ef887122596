#ifndef SIM_EXPLORE_VIEW_STORE_H
#define SIM_EXPLORE_VIEW_STORE_H

#include "lfs2.h"
#include "sim/explore/flash_keys.h"
#include "sim/explore/key_map.h"

/*
 * The image store as its reader sees it: the files with their names, sizes, attributes and bytes,
 * and what littlefs has pending. Left out: in which blocks they lie, and what free blocks hold.
 * littlefs begins its search for a free block at a place that follows from all metadata, so after a
 * cut the same files come to lie elsewhere, and raw flashes never meet again.
 *
 * What is trusted to littlefs: that it treats two flashes with the same files alike, but for the
 * places. explore.c checks it on samples.
 */
#define VIEW_STORE_CACHE 1024
#define VIEW_STORE_SEEN  16384

struct view_store {
    struct flash_keys *keys;
    lfs2_t lfs;
    struct lfs2_config config;
    uint8_t read_buffer[VIEW_STORE_CACHE], program_buffer[VIEW_STORE_CACHE];
    uint8_t file_buffer[VIEW_STORE_CACHE], lookahead[128];

    uint32_t weak, ghost; /* look at the ghost in the weak unit's place; UINT32_MAX: none */

    /* The view that was made last, and what it is of. */
    struct key files;
    bool *is_used; /* by unit: a file or the file system has it */
    uint32_t *used, used_count;
    struct key used_sum;

    /* Views by the raw key of the flash. */
    struct key_map seen;
    struct key *seen_files;
    uint32_t seen_count;

    struct key *content_of; /* by unit: the raw key that its content key is of, and that; */
    struct key *content;    /* without the pointers that tell where the other blocks lie */
};

OTA_MUST_USE enum ota_err view_store_init(struct view_store *view, struct flash_keys *keys);
void view_store_free(struct view_store *view);

/* The store as it is now. false: it does not mount; compare it raw. */
bool view_store_look(struct view_store *view, struct key *ret_files);

#endif
