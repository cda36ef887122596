#ifndef SIM_IMAGE_PACK_H
#define SIM_IMAGE_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "core/err.h"
#include "core/image.h"

/*
 * Makes image files (core/image.h) in memory, byte for byte what
 *   imgtool sign -H 0x1000 --pad-header --align 8 -S 0xDF000 [-s counter] [--vid V --cid C]
 * makes. Images returned through ret_bytes are the caller's to free().
 */
struct pack_options {
    uint32_t version; /* the build number */
    uint8_t major, minor;
    uint16_t revision;
    bool has_security_counter, has_vendor, has_class;
    uint32_t security_counter;
    uint8_t vendor[IMAGE_ID_SIZE];
    uint8_t class_id[IMAGE_ID_SIZE];
};

/* The largest code that, packed so and signed, fits into app_size bytes; 0 when none does. */
uint32_t pack_code_max(const struct pack_options *options, uint32_t app_size);

/* An image with a hash and no signature. Any size is made, also one that fits no device.
 * OTA_ERR_SIZE: no code, or beyond what the format's fields hold; OTA_ERR_FULL: out of memory. */
OTA_MUST_USE enum ota_err pack_unsigned(const struct pack_options *options, const void *code,
                                        uint32_t code_size, uint8_t **ret_bytes,
                                        uint32_t *ret_size);

/*
 * A copy of an image, signed by key. Header page, code and protected TLVs are the same bytes; the
 * TLVs behind them are made anew (hash, key hash, signature), and what follows is dropped: nothing
 * vouched for it. The signature depends on the image and the key alone (RFC 6979).
 *
 * OTA_ERR_FORMAT: not an image (see image_parse()), or key is no P-256 private key;
 * OTA_ERR_HASH: its bytes do not match its hash, so it is not what was packed;
 * OTA_ERR_FULL: out of memory.
 */
OTA_MUST_USE enum ota_err pack_sign(const uint8_t *bytes, uint32_t size, const EVP_PKEY *key,
                                    uint8_t **ret_bytes, uint32_t *ret_size);

/*
 * The UUID that text spells (32 hex digits, with or without the usual dashes), else the name-based
 * UUID (RFC 9562, version 5) of text in name_space. imgtool's rule: a vendor is a name in
 * pack_dns, the name space of domain names; a class is a name in the vendor's UUID.
 * OTA_ERR_FORMAT: text is empty.
 */
extern const uint8_t pack_dns[IMAGE_ID_SIZE];
OTA_MUST_USE enum ota_err pack_uuid(const char *text, const uint8_t name_space[IMAGE_ID_SIZE],
                                    uint8_t ret_uuid[IMAGE_ID_SIZE]);

#endif
