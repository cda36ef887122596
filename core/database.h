#ifndef CORE_DATABASE_H
#define CORE_DATABASE_H

#include <stdint.h>

#include "core/bootctl.h"
#include "core/crypto.h"
#include "core/err.h"

/*
 * The image database: the documented CSV without a header row, a row an image:
 *
 *   name,status,version,type,digest
 *   v3-7451889c.bin,FE,3,0x01,7451...fb22
 *
 * status in hex, version in decimal, type 0x01, digest the SHA-256 of the file in 64 hex digits
 * (harmony.md 2.2). The reader also takes quotes, 0x before the status, either case and a newline
 * at the end; everything else is damage. A longer text than DATABASE_TEXT_MAX has more rows than
 * DATABASE_ROWS_MAX, or damaged ones.
 */
#define DATABASE_NAME_MAX 64 /* bytes of a file name, with the closing NUL */
#define DATABASE_ROWS_MAX 12
#define DATABASE_TEXT_MAX (DATABASE_ROWS_MAX * (2 * DATABASE_NAME_MAX + 90))

struct database_row {
    char name[DATABASE_NAME_MAX];
    enum bootctl_status status; /* DOWNLOADED, VALID or DISABLED */
    uint32_t version;
    uint8_t digest[CRYPTO_SHA256_SIZE];
};

struct database {
    uint32_t count;
    struct database_row rows[DATABASE_ROWS_MAX];
};

/* Read size bytes of text. OTA_ERR_CORRUPT: not such a table, or a version twice; OTA_ERR_LIMIT:
 * more rows or longer names than there is room for. ret_database is written on success only. */
OTA_MUST_USE enum ota_err database_parse(const char *text, uint32_t size,
                                         struct database *ret_database);

/* Write the text, not NUL-terminated; returns its size, at most DATABASE_TEXT_MAX. */
uint32_t database_format(const struct database *database, char ret_text[DATABASE_TEXT_MAX]);

/* The row of a version or a file name, or NULL. */
struct database_row *database_find(struct database *database, uint32_t version);
struct database_row *database_find_name(struct database *database, const char *name);

/* Add a row; OTA_ERR_FULL when there is no room. */
OTA_MUST_USE enum ota_err database_add(struct database *database, const struct database_row *row);

void database_remove(struct database *database, struct database_row *row);

#endif
