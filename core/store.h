#ifndef CORE_STORE_H
#define CORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bootctl.h"
#include "core/crypto.h"
#include "core/database.h"
#include "core/err.h"
#include "core/flash.h"
#include "core/image.h"
#include "core/log.h"
#include "lfs2.h"

/*
 * The image store: a littlefs on the external flash.
 *
 *   /ota/v<version>-<8 digits of the digest>.bin   an image; the name is ours, never the server's
 *   /ota/factory_reset.bin                         the backup of what the factory programmed
 *   /ota/image_database.csv                        core/database.h
 *   /ota/download.part                             core/part.h
 *   /ota/<name>.tmp                                being written; removed at store_load()
 *
 * The database is rewritten whole to a temporary name and renamed, which littlefs does in one
 * commit. A file goes before its row, and comes before it: what a cut leaves between the two is
 * put right by store_load().
 */
#define STORE_BLOCKS_MAX 1024 /* sectors of the SST26VF032B, 4 MiB: pic32.md 1 */
#define STORE_CACHE_SIZE 1024 /* bytes; each open file and the file system have their own */
#define STORE_DIRECTORY  "/ota"
#define STORE_FACTORY    "factory_reset.bin"
#define STORE_PATH_MAX   (sizeof STORE_DIRECTORY + DATABASE_NAME_MAX)

/* What it takes to judge an image that has no row. */
struct store_judge {
    const struct image_policy *policy;
    struct crypto *crypto;
    struct bootctl *bootctl; /* remembers what became of images */
    uint8_t *buffer;         /* IMAGE_BUFFER_SIZE bytes */
};

struct store {
    struct flash *flash;
    struct log *log;
    bool is_mounted;
    lfs2_t lfs;
    struct lfs2_config config;
    uint8_t read_buffer[STORE_CACHE_SIZE];
    uint8_t program_buffer[STORE_CACHE_SIZE];
    uint8_t lookahead_buffer[STORE_BLOCKS_MAX / 8];
    uint8_t file_buffer[STORE_CACHE_SIZE]; /* of the one file a call opens and closes itself */
    char text[DATABASE_TEXT_MAX];
    struct database database;
};

/* An image file open for reading. */
struct store_file {
    struct image_source source;
    struct store *store;
    lfs2_file_t file;
    struct lfs2_file_config config;
    uint8_t buffer[STORE_CACHE_SIZE];
};

/*
 * Unlock the flash and mount. OTA_ERR_CORRUPT: there is no file system that mounts;
 * OTA_ERR_FLASH: the flash does not answer. Either leaves the store unmounted: every other call but
 * store_format() then returns OTA_ERR_STATE.
 * Power: changes nothing.
 */
OTA_MUST_USE enum ota_err store_mount(struct store *store, struct flash *flash, struct log *log);

/* Make an empty file system on the flash given to store_mount(), and mount it.
 * Power: a cut leaves the old file system, none, or the new one. */
OTA_MUST_USE enum ota_err store_format(struct store *store);

/*
 * Read the database and make it agree with the files: a missing or damaged one is rebuilt from the
 * images; images without a row are judged and entered, or removed when they cannot run here; rows
 * without a file are dropped, but for disabled ones, which are kept as a memory; left-over
 * temporary files are removed. Saves only when something changed.
 * OTA_ERR_FLASH: what was read is in store->database, and may be incomplete; nothing was rewritten.
 * Power: after a cut the next call does the same again.
 */
OTA_MUST_USE enum ota_err store_load(struct store *store, const struct store_judge *judge);

/* Write the database. Power: after a cut the old text or the new one is there. */
OTA_MUST_USE enum ota_err store_save(struct store *store);

/* Set the status of a row and save; nothing is written when it is that already.
 * Power: old status or new. */
OTA_MUST_USE enum ota_err store_set_status(struct store *store, struct database_row *row,
                                           enum bootctl_status status);

/* Remove a row with its file; keep_row: the file only. Power: file and row, only the row (which
 * store_load() then drops), or neither. */
OTA_MUST_USE enum ota_err store_remove(struct store *store, struct database_row *row,
                                       bool keep_row);

/* Remove all images but the factory image, with their rows. ret_count: how many there were.
 * Power: some are gone; called again, the others go too. */
OTA_MUST_USE enum ota_err store_clear(struct store *store, uint32_t *ret_count);

/*
 * Enter an image whose file is there under row->name; the file of a row of the same version is
 * removed, and the row replaced. When the table is full, the lowest disabled row without a file is
 * forgotten. OTA_ERR_FULL: no row may go. After any error the table is what it was, but for a
 * memory that was forgotten; the file that a row was of may be gone.
 * Power: the old table, maybe without that file, or the new one.
 */
OTA_MUST_USE enum ota_err store_enter(struct store *store, const struct database_row *row);

/*
 * Make room for one more image: disabled rows with their files go first, then the lowest version,
 * until less than images_max images are left; never the running version or the newest confirmed one
 * (all may go when images_max is 1), never the factory image. One that was downloaded and did not
 * start may go: the next one is newer.
 * OTA_ERR_FULL: nothing more may go.
 * Power: as store_remove().
 */
OTA_MUST_USE enum ota_err store_evict(struct store *store, uint32_t images_max,
                                      uint32_t running_version);

/* Free bytes, as whole blocks. Power: reads only. */
OTA_MUST_USE enum ota_err store_free_size(struct store *store, uint32_t *ret_size);

/* Whether the file is there. Power: reads only. */
bool store_has(struct store *store, const char *name);

/* Open an image for reading; OTA_ERR_NOT_FOUND. Close it before anything else changes the store.
 * Power: reads only. */
OTA_MUST_USE enum ota_err store_open(struct store *store, const char *name,
                                     struct store_file *ret_file);

/* image_check() of an open file, and once more before it is refused: for a verdict an image is
 * given up, its file removed or its version not fetched again, and the flash has no ECC.
 * Power: reads only. */
OTA_MUST_USE enum ota_err store_check(struct store_file *file, const struct image_policy *policy,
                                      struct crypto *crypto, uint8_t buffer[IMAGE_BUFFER_SIZE],
                                      struct image_info *ret_info);

/* Power: reads only. */
void store_close(struct store_file *file);

/* SHA-256 of a whole open file. Power: reads only. Cost: reads it all. */
OTA_MUST_USE enum ota_err store_digest(struct store_file *file, struct crypto *crypto,
                                       uint8_t buffer[IMAGE_BUFFER_SIZE],
                                       uint8_t ret_digest[CRYPTO_SHA256_SIZE]);

/* Write size bytes of source as the file name, whole or not at all.
 * OTA_ERR_FULL: no room. After an error a temporary file may be left, until store_load().
 * Power: the old file or the new one. */
OTA_MUST_USE enum ota_err store_write(struct store *store, const char *name,
                                      struct image_source *source, uint32_t size,
                                      uint8_t buffer[IMAGE_BUFFER_SIZE]);

/* The name of an image. Power: touches no flash. */
void store_name(uint32_t version, const uint8_t digest[CRYPTO_SHA256_SIZE],
                char ret_name[DATABASE_NAME_MAX]);

/* "/ota/<name>", for core/part.c. Power: touches no flash. */
void store_path(const char *name, char ret_path[STORE_PATH_MAX]);

/* What a littlefs error means here. */
enum ota_err store_error(int lfs_error);

#endif
