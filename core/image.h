#ifndef CORE_IMAGE_H
#define CORE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bootctl.h"
#include "core/crypto.h"
#include "core/err.h"
#include "core/flash.h"
#include "core/layout.h"

/*
 * The image file: MCUboot's image format v1 with a header page.
 *
 *   0        32-byte header, then 0xFF to the end of the page (imgtool: -H 0x1000 --pad-header)
 *   0x1000   what is programmed at layout.app_offset: the code,
 *            the protected TLVs (security counter, vendor, class),
 *            the TLVs (SHA-256, key hash, signature)
 *
 * Header page, code and protected TLVs are what is hashed and signed. The TLVs are installed with
 * the code, so that program flash can be verified without the store. Nothing behind them is.
 * Numbers: MCUboot docs/design.md, boot/bootutil/include/bootutil/image.h.
 */
#define IMAGE_MAGIC         0x96F3B83Du
#define IMAGE_HEADER_SIZE   32
#define IMAGE_HEADER_PAGE   0x1000
#define IMAGE_TLV_MAGIC     0x6907
#define IMAGE_TLV_PROTECTED 0x6908
#define IMAGE_TLV_KEY_HASH  0x01
#define IMAGE_TLV_SHA256    0x10
#define IMAGE_TLV_ECDSA     0x22
#define IMAGE_TLV_COUNTER   0x50
#define IMAGE_TLV_VENDOR    0x74
#define IMAGE_TLV_CLASS     0x75
#define IMAGE_ID_SIZE       16 /* vendor and class: UUIDs (RFC 9124) */

/* Where an image is read from. */
struct image_source {
    enum ota_err (*read)(struct image_source *source, uint32_t offset, void *data,
                         uint32_t size) OTA_MUST_USE;
    uint32_t size; /* bytes that can be read */
};

/* What an image says of itself. Everything but the signature and the key hash is signed. */
struct image_info {
    uint8_t header[IMAGE_HEADER_SIZE];
    uint8_t major, minor;
    uint16_t revision;
    uint32_t version;          /* the build number: the integer version of manifest and database */
    uint32_t code_size;        /* bytes behind the header page, before the TLVs */
    uint32_t signed_size;      /* header page, code and protected TLVs */
    uint32_t total_size;       /* up to the last TLV */
    uint32_t security_counter; /* 0 when absent */
    bool has_vendor, has_class, has_hash, has_key_hash;
    bool has_foreign; /* other TLVs behind the signed part: nothing vouches for them */
    uint8_t vendor[IMAGE_ID_SIZE];
    uint8_t class_id[IMAGE_ID_SIZE];
    uint8_t hash[CRYPTO_SHA256_SIZE];
    uint8_t key_hash[CRYPTO_SHA256_SIZE];
    uint32_t signature_size; /* 0: none */
    uint8_t signature[CRYPTO_SIG_MAX];
};

/* What this device accepts. */
struct image_policy {
    uint8_t key[CRYPTO_KEY_SIZE];
    uint8_t vendor[IMAGE_ID_SIZE];
    uint8_t class_id[IMAGE_ID_SIZE];
    uint32_t counter_floor; /* the lowest security counter that may run */
    uint32_t app_size;      /* bytes there are behind the header page */
};

/* Work space of the functions that read a whole image. Must hold IMAGE_HEADER_PAGE bytes. */
#define IMAGE_BUFFER_SIZE IMAGE_HEADER_PAGE

/*
 * Read header and TLVs.
 * OTA_ERR_FORMAT: not an image, or one with features this device does not have (encrypted,
 * compressed, other load address, other header size), or TLVs that do not fit their sizes;
 * else what source returns.
 */
OTA_MUST_USE enum ota_err image_parse(struct image_source *source, struct image_info *ret_info);

/* Does it fit and is it meant for this device? OTA_ERR_SIZE, OTA_ERR_PRODUCT, OTA_ERR_COUNTER. */
OTA_MUST_USE enum ota_err image_check_policy(const struct image_info *info,
                                             const struct image_policy *policy);

/* Do the bytes match the image's own hash? OTA_ERR_HASH; OTA_ERR_FORMAT when the header page is not
 * 0xFF behind the header. Cost: reads signed_size bytes. */
OTA_MUST_USE enum ota_err image_check_hash(struct image_source *source,
                                           const struct image_info *info, struct crypto *crypto,
                                           uint8_t buffer[IMAGE_BUFFER_SIZE]);

/* Is info->hash signed by the owner of key? OTA_ERR_SIGNATURE: absent or wrong; OTA_ERR_KEY: signed
 * by another key; OTA_ERR_FORMAT: bytes that nobody signed would be installed with it. */
OTA_MUST_USE enum ota_err image_check_signature(const struct image_info *info,
                                                const uint8_t key[CRYPTO_KEY_SIZE],
                                                struct crypto *crypto);

/* All of the above, cheapest first: may this image run here? ret_info is written when it parses. */
OTA_MUST_USE enum ota_err image_check(struct image_source *source,
                                      const struct image_policy *policy, struct crypto *crypto,
                                      uint8_t buffer[IMAGE_BUFFER_SIZE],
                                      struct image_info *ret_info);

/* The installed image, read as if it were its file: the header from a boot control record, 0xFF to
 * the end of the page, then program flash. */
struct image_flash {
    struct image_source source;
    struct flash *flash;
    const struct layout *layout;
    const uint8_t *header;
};

void image_flash_init(struct image_flash *image, struct flash *flash, const struct layout *layout,
                      const uint8_t header[IMAGE_HEADER_SIZE]);

/* The boot control record that describes this image; status, trials and sequence are left 0. */
void image_describe(const struct image_info *info, const struct layout *layout,
                    enum bootctl_type type, struct bootctl_record *ret_record);

#endif
