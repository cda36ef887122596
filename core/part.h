#ifndef CORE_PART_H
#define CORE_PART_H

#include "core/store.h"
#include "core/transport.h"

/*
 * The download in progress: one file of the store, written from the front, with what is needed to
 * go on after a power cut as attributes that littlefs commits in the same step as the data.
 */
#define PART_FILE      "download.part"
#define PART_SYNC_SIZE 0x10000 /* bytes between two commits: what a cut can cost */
#define PART_ATTRIBUTE 0x4C    /* number of the file's attribute that holds its label */

/* What the bytes in the file belong to. */
struct part_label {
    uint8_t digest[CRYPTO_SHA256_SIZE];      /* of the whole file, from the manifest */
    char validator[TRANSPORT_VALIDATOR_MAX]; /* the server's, of the file the bytes came from */
    uint32_t total;                          /* size of that file; 0: not said */
};

struct part {
    struct store_file file; /* readable as an image source, of what was written so far */
    struct part_label label;
    struct lfs2_attr attribute;
    uint32_t size;        /* bytes written */
    uint32_t synced_size; /* bytes a cut cannot take */
    bool is_open;
};

/*
 * Open the download of the file with this digest. Bytes of another one are dropped; part->size
 * tells how many are kept. After an error it may be open, too: close it, or it stays in the list of
 * littlefs. Power: the old bytes, or none.
 */
OTA_MUST_USE enum ota_err part_open(struct part *part, struct store *store,
                                    const uint8_t digest[CRYPTO_SHA256_SIZE]);

/* Add bytes; commits each PART_SYNC_SIZE. OTA_ERR_FULL: no room, the file holds what fitted.
 * Power: at least synced_size bytes stay. */
OTA_MUST_USE enum ota_err part_write(struct part *part, const void *data, uint32_t size);

/* Drop all bytes; the next ones come from a file with this validator ("": none) and size (0: not
 * known). Power: all bytes, or none. */
OTA_MUST_USE enum ota_err part_restart(struct part *part, const char *validator, uint32_t total);

/* Commit what was written. Power: all bytes stay, or synced_size. */
OTA_MUST_USE enum ota_err part_sync(struct part *part);

/* Commit and close; the file stays. Power: as part_sync(). */
void part_close(struct part *part);

/* Close and remove. Power: the file stays, or is gone. */
void part_remove(struct part *part);

/* Close the finished file, all of which is committed, and give it its name in the store; an
 * existing one is replaced. Power: it has the one name or the other. */
OTA_MUST_USE enum ota_err part_settle(struct part *part, const char *name);

#endif
