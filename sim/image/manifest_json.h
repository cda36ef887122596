#ifndef SIM_IMAGE_MANIFEST_JSON_H
#define SIM_IMAGE_MANIFEST_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "core/crypto.h"
#include "core/err.h"

/*
 * Writes the documented manifest:
 *   {"ota": [{"Version": 2, "URL": "http://host/v2.bin", "Digest": "<SHA-256 of the file>",
 *             "EraseVer": false}]}
 * by ascending version, so that the newest one is the last, which is all the original reads.
 */
struct manifest_json_entry {
    uint32_t version; /* not 0: a device takes that for "none" */
    bool is_erase;    /* {"Version": n, "EraseVer": true}; name and digest are not used */
    char name[256];   /* of the file below the base URL */
    uint8_t digest[CRYPTO_SHA256_SIZE];
};

/*
 * entries   are sorted in place
 * url_base  http:// or https:// and where the files lie; a '/' at the end is added when it is
 * missing
 *
 * *ret_text is the caller's to free().
 * OTA_ERR_FORMAT: url_base is no such URL, or it is NULL and a file is announced;
 * OTA_ERR_VERSION: a version is 0 or stands twice, which a device refuses;
 * OTA_ERR_FULL: out of memory.
 */
OTA_MUST_USE enum ota_err manifest_json_text(struct manifest_json_entry *entries, uint32_t count,
                                             const char *url_base, char **ret_text);

/* Describe the image file at path. NULL, or one clause for why it cannot be announced (missing, not
 * an image, damaged, version 0); ret_entry is written on success only. */
const char *manifest_json_read(const char *path, struct manifest_json_entry *ret_entry);

/* Called for each file passed over: its name in the directory and one clause why. */
typedef void manifest_json_warn(void *context, const char *name, const char *reason);

/*
 * The manifest of all images *.bin in a directory. What cannot be announced is passed over, and of
 * two files of one version the one whose name sorts later; warn may be NULL.
 * As manifest_json_text(), and OTA_ERR_NOT_FOUND: the directory cannot be read.
 */
OTA_MUST_USE enum ota_err manifest_json_directory(const char *directory, const char *url_base,
                                                  manifest_json_warn *warn, void *context,
                                                  char **ret_text);

#endif
