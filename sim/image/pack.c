#include "sim/image/pack.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "core/bytes.h"
#include "hal_posix/crypto_openssl.h"
#include "sim/image/keys.h"
#include "sim/image/memory_source.h"
#include "sim/image/rfc6979.h"

#define TLV_HEADER_SIZE   4
#define COUNTER_SIZE      4
#define DIGEST_TLV_SIZE   (TLV_HEADER_SIZE + CRYPTO_SHA256_SIZE)
#define UNSIGNED_TLV_SIZE (TLV_HEADER_SIZE + DIGEST_TLV_SIZE)
#define SIGNED_TLV_MAX    (UNSIGNED_TLV_SIZE + DIGEST_TLV_SIZE + TLV_HEADER_SIZE + CRYPTO_SIG_MAX)
#define UUID_DASH_COUNT   4

const uint8_t pack_dns[IMAGE_ID_SIZE] = {0x6B, 0xA7, 0xB8, 0x10, 0x9D, 0xAD, 0x11, 0xD1,
                                         0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8};

static uint32_t protected_size(const struct pack_options *options)
{
    uint32_t size = 0;

    if (options->has_security_counter)
        size += TLV_HEADER_SIZE + COUNTER_SIZE;
    if (options->has_vendor)
        size += TLV_HEADER_SIZE + IMAGE_ID_SIZE;
    if (options->has_class)
        size += TLV_HEADER_SIZE + IMAGE_ID_SIZE;
    return size ? TLV_HEADER_SIZE + size : 0;
}

uint32_t pack_code_max(const struct pack_options *options, uint32_t app_size)
{
    uint32_t tlv_size = protected_size(options) + SIGNED_TLV_MAX;
    return app_size > tlv_size ? app_size - tlv_size : 0;
}

/* Each put_*() returns the place behind what it wrote. */
static uint8_t *put_pair(uint8_t *at, uint16_t first, uint16_t second)
{
    bytes_put16(at, first);
    bytes_put16(at + 2, second);
    return at + TLV_HEADER_SIZE;
}

static uint8_t *put_tlv(uint8_t *at, uint16_t type, const void *value, uint16_t size)
{
    at = put_pair(at, type, size);
    memcpy(at, value, size);
    return at + size;
}

static uint8_t *put_header(uint8_t *at, const struct pack_options *options, uint32_t code_size)
{
    memset(at, 0xFF, IMAGE_HEADER_PAGE);
    memset(at, 0, IMAGE_HEADER_SIZE);
    bytes_put32(at, IMAGE_MAGIC);
    bytes_put16(at + 8, IMAGE_HEADER_PAGE);
    bytes_put16(at + 10, (uint16_t)protected_size(options));
    bytes_put32(at + 12, code_size);
    at[20] = options->major;
    at[21] = options->minor;
    bytes_put16(at + 22, options->revision);
    bytes_put32(at + 24, options->version);
    return at + IMAGE_HEADER_PAGE;
}

static uint8_t *put_protected(uint8_t *at, const struct pack_options *options)
{
    uint8_t counter[COUNTER_SIZE];

    if (protected_size(options))
        at = put_pair(at, IMAGE_TLV_PROTECTED, (uint16_t)protected_size(options));
    if (options->has_security_counter) {
        bytes_put32(counter, options->security_counter);
        at = put_tlv(at, IMAGE_TLV_COUNTER, counter, sizeof counter);
    }
    if (options->has_vendor)
        at = put_tlv(at, IMAGE_TLV_VENDOR, options->vendor, IMAGE_ID_SIZE);
    if (options->has_class)
        at = put_tlv(at, IMAGE_TLV_CLASS, options->class_id, IMAGE_ID_SIZE);
    return at;
}

enum ota_err pack_unsigned(const struct pack_options *options, const void *code, uint32_t code_size,
                           uint8_t **ret_bytes, uint32_t *ret_size)
{
    uint64_t signed_size = (uint64_t)IMAGE_HEADER_PAGE + code_size + protected_size(options);
    uint8_t digest[CRYPTO_SHA256_SIZE];

    if (code_size == 0 || signed_size + SIGNED_TLV_MAX > UINT32_MAX)
        return OTA_ERR_SIZE;
    uint8_t *bytes = malloc((size_t)signed_size + UNSIGNED_TLV_SIZE);
    if (!bytes)
        return OTA_ERR_FULL;

    uint8_t *at = put_header(bytes, options, code_size);
    memcpy(at, code, code_size);
    at = put_protected(at + code_size, options);
    SHA256(bytes, (size_t)signed_size, digest);
    at = put_pair(at, IMAGE_TLV_MAGIC, UNSIGNED_TLV_SIZE);
    at = put_tlv(at, IMAGE_TLV_SHA256, digest, sizeof digest);
    *ret_bytes = bytes;
    *ret_size = (uint32_t)(at - bytes);
    return OTA_OK;
}

/* What is to be signed must be a whole, undamaged image. */
static enum ota_err check(const uint8_t *bytes, uint32_t size, struct image_info *ret_info)
{
    uint8_t buffer[IMAGE_BUFFER_SIZE];
    struct memory_source source;
    struct crypto_openssl crypto;

    memory_source_init(&source, bytes, size);
    crypto_openssl_init(&crypto);
    enum ota_err err = image_parse(&source.source, ret_info);
    if (err)
        return err;
    return image_check_hash(&source.source, ret_info, &crypto.crypto, buffer);
}

enum ota_err pack_sign(const uint8_t *bytes, uint32_t size, const EVP_PKEY *key,
                       uint8_t **ret_bytes, uint32_t *ret_size)
{
    struct image_info info;
    uint8_t der[CRYPTO_KEY_SIZE], key_hash[CRYPTO_SHA256_SIZE], signature[CRYPTO_SIG_MAX];
    uint32_t signature_size;
    enum ota_err err = check(bytes, size, &info);

    if (!err)
        err = keys_public_der(key, der);
    if (!err)
        err = rfc6979_sign(key, info.hash, signature, &signature_size);
    if (err)
        return err;
    uint8_t *copy = malloc((size_t)info.signed_size + SIGNED_TLV_MAX);
    if (!copy)
        return OTA_ERR_FULL;

    uint32_t tlv_size = SIGNED_TLV_MAX - CRYPTO_SIG_MAX + signature_size;
    SHA256(der, sizeof der, key_hash);
    memcpy(copy, bytes, info.signed_size);
    uint8_t *at = put_pair(copy + info.signed_size, IMAGE_TLV_MAGIC, (uint16_t)tlv_size);
    at = put_tlv(at, IMAGE_TLV_SHA256, info.hash, sizeof info.hash);
    at = put_tlv(at, IMAGE_TLV_KEY_HASH, key_hash, sizeof key_hash);
    at = put_tlv(at, IMAGE_TLV_ECDSA, signature, (uint16_t)signature_size);
    *ret_bytes = copy;
    *ret_size = (uint32_t)(at - copy);
    return OTA_OK;
}

static bool is_dash_place(uint32_t digit_count)
{
    return digit_count == 8 || digit_count == 12 || digit_count == 16 || digit_count == 20;
}

static bool parse_uuid(const char *text, uint8_t ret_uuid[IMAGE_ID_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t uuid[IMAGE_ID_SIZE] = {0};
    uint32_t digit_count = 0, dash_count = 0;

    for (; *text; text++) {
        const char *digit = strchr(digits, tolower((unsigned char)*text));
        if (*text == '-' && is_dash_place(digit_count) && text[1] != '-') {
            dash_count++;
            continue;
        }
        if (!digit || digit_count == 2 * IMAGE_ID_SIZE)
            return false;
        uuid[digit_count / 2] = (uint8_t)(uuid[digit_count / 2] << 4 | (digit - digits));
        digit_count++;
    }
    if (digit_count != 2 * IMAGE_ID_SIZE || (dash_count && dash_count != UUID_DASH_COUNT))
        return false;
    memcpy(ret_uuid, uuid, sizeof uuid);
    return true;
}

enum ota_err pack_uuid(const char *text, const uint8_t name_space[IMAGE_ID_SIZE],
                       uint8_t ret_uuid[IMAGE_ID_SIZE])
{
    uint8_t digest[SHA_DIGEST_LENGTH];
    size_t size = strlen(text);

    if (size == 0)
        return OTA_ERR_FORMAT;
    if (parse_uuid(text, ret_uuid))
        return OTA_OK;
    uint8_t *name = malloc(IMAGE_ID_SIZE + size);
    if (!name)
        return OTA_ERR_FULL;
    memcpy(name, name_space, IMAGE_ID_SIZE);
    memcpy(name + IMAGE_ID_SIZE, text, size);
    SHA1(name, IMAGE_ID_SIZE + size, digest);
    free(name);
    memcpy(ret_uuid, digest, IMAGE_ID_SIZE);
    ret_uuid[6] = (uint8_t)((ret_uuid[6] & 0x0F) | 0x50);
    ret_uuid[8] = (uint8_t)((ret_uuid[8] & 0x3F) | 0x80);
    return OTA_OK;
}
