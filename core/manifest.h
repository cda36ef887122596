#ifndef CORE_MANIFEST_H
#define CORE_MANIFEST_H

#include <stdbool.h>
#include <stdint.h>

#include "core/crypto.h"
#include "core/err.h"

/*
 * The manifest: what the server offers, in the documented JSON (harmony.md 4.4).
 *
 *   {"ota": [{"Version": 3, "URL": "http://host/v3.bin", "Digest": "<64 hex>", "EraseVer": false}]}
 *
 * Keys are compared without case and unknown ones passed over. With "EraseVer": true only Version
 * is needed. The order of the entries means nothing.
 */
#define MANIFEST_TEXT_MAX    8192 /* bytes */
#define MANIFEST_ENTRIES_MAX 16
#define MANIFEST_TOKENS_MAX  256
#define MANIFEST_URL_MAX     512 /* bytes, with the closing NUL */

struct manifest_entry {
    uint32_t version;
    bool is_erase; /* "EraseVer": remove this version; url and digest mean nothing */
    char url[MANIFEST_URL_MAX];
    uint8_t digest[CRYPTO_SHA256_SIZE]; /* of the whole file */
};

struct manifest {
    uint32_t count;
    struct manifest_entry entries[MANIFEST_ENTRIES_MAX];
};

/*
 * Read size bytes of text.
 * OTA_ERR_FORMAT: not JSON, not this form, a value of a wrong type or out of range, a key or a
 * version twice; OTA_ERR_LIMIT: longer, deeper or more than the limits above. ret_manifest is then
 * undefined; the whole manifest is refused, never a part of it used.
 */
OTA_MUST_USE enum ota_err manifest_parse(const char *text, uint32_t size,
                                         struct manifest *ret_manifest);

#endif
