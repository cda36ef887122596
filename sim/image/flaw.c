#include "sim/image/flaw.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "core/bytes.h"
#include "core/image.h"
#include "sim/image/keys.h"
#include "sim/image/memory_source.h"
#include "sim/image/rfc6979.h"

#define LONG_SIZE    1024 /* of a signature */
#define GROWTH_MAX   (2 * LONG_SIZE)
#define TLV_UNKNOWN  0x00A0 /* free for a vendor's use */
#define FLAG_ENCRYPT 0x04

struct maker {
    enum flaw flaw;
    const EVP_PKEY *ours, *other;
    uint8_t *bytes, *at; /* at: what comes next goes here */
};

static void put_bytes(struct maker *maker, const void *bytes, uint32_t size)
{
    memcpy(maker->at, bytes, size);
    maker->at += size;
}

static void put_pair(struct maker *maker, uint16_t first, uint32_t second)
{
    bytes_put16(maker->at, first);
    bytes_put16(maker->at + 2, (uint16_t)second);
    maker->at += 4;
}

static void put_tlv(struct maker *maker, uint16_t type, const void *value, uint32_t size)
{
    put_pair(maker, type, size);
    put_bytes(maker, value, size);
}

/* More signed TLVs, which the header counts and their area only where the flaw is another one. */
static void put_signed_rest(struct maker *maker, uint8_t *area)
{
    static const uint8_t rest[2] = {0xA0, 0x00};
    const uint8_t *begin = maker->at;

    if (maker->flaw == FLAW_TLV_BEYOND)
        put_pair(maker, TLV_UNKNOWN, 8);
    else if (maker->flaw == FLAW_TLV_REST)
        put_bytes(maker, rest, sizeof rest);
    else if (maker->flaw == FLAW_TLV_LONG)
        put_tlv(maker, IMAGE_TLV_COUNTER, (uint8_t[64]){0}, 64);
    else if (maker->flaw == FLAW_TLV_SIZE)
        put_pair(maker, TLV_UNKNOWN, 0);
    uint16_t grown = (uint16_t)(maker->at - begin);
    bytes_put16(maker->bytes + 10, (uint16_t)(bytes_get16(maker->bytes + 10) + grown));
    if (maker->flaw != FLAW_TLV_SIZE)
        bytes_put16(area + 2, (uint16_t)(bytes_get16(area + 2) + grown));
}

/* The value of a TLV of the area, or NULL. */
static uint8_t *find_tlv(uint8_t *area, const uint8_t *end, uint16_t type)
{
    uint8_t *at = area + 4;

    while (at < end && bytes_get16(at) != type)
        at += 4 + bytes_get16(at + 2);
    return at < end ? at + 4 : NULL;
}

static void spoil_vendor(uint8_t *area, const uint8_t *end)
{
    uint8_t *vendor = find_tlv(area, end, IMAGE_TLV_VENDOR);

    if (vendor)
        vendor[0] ^= 0xFF;
}

static enum ota_err raise_counter(uint8_t *area, const uint8_t *end)
{
    uint8_t *counter = find_tlv(area, end, IMAGE_TLV_COUNTER);

    if (counter)
        bytes_put32(counter, UINT32_MAX);
    return counter ? OTA_OK : OTA_ERR_FORMAT;
}

static void spoil_header(enum flaw flaw, uint8_t *header)
{
    if (flaw == FLAW_HEADER_PAGE)
        memset(header + IMAGE_HEADER_SIZE, 0, IMAGE_HEADER_SIZE);
    else if (flaw == FLAW_MAGIC)
        header[1] ^= 0xFF;
    else if (flaw == FLAW_HEADER_SIZE)
        bytes_put16(header + 8, IMAGE_HEADER_SIZE);
    else if (flaw == FLAW_LOAD_ADDRESS)
        bytes_put32(header + 4, 0x1000);
    else if (flaw == FLAW_FLAGS)
        bytes_put32(header + 16, FLAG_ENCRYPT);
    else if (flaw == FLAW_NO_CODE)
        bytes_put32(header + 12, 0);
}

static enum ota_err put_key_hash(struct maker *maker, const EVP_PKEY *key)
{
    uint8_t der[CRYPTO_KEY_SIZE], hash[CRYPTO_SHA256_SIZE];
    enum ota_err err = keys_public_der(key, der);

    SHA256(der, sizeof der, hash);
    put_tlv(maker, IMAGE_TLV_KEY_HASH, hash, sizeof hash);
    return err;
}

static enum ota_err put_signature(struct maker *maker, const EVP_PKEY *key,
                                  const uint8_t hash[CRYPTO_SHA256_SIZE])
{
    uint8_t signature[LONG_SIZE] = {0};
    uint32_t size = 0;
    enum ota_err err = rfc6979_sign(key, hash, signature, &size);

    put_tlv(maker, IMAGE_TLV_ECDSA, signature,
            maker->flaw == FLAW_LONG_SIGNATURE ? LONG_SIZE : size);
    return err;
}

static enum ota_err put_unsigned(struct maker *maker)
{
    static const uint8_t nothing[CRYPTO_SHA256_SIZE];
    uint8_t hash[CRYPTO_SHA256_SIZE], *area = maker->at;
    enum flaw flaw = maker->flaw;
    enum ota_err err = OTA_OK;

    SHA256(maker->bytes, (size_t)(maker->at - maker->bytes), hash);
    put_pair(maker, flaw == FLAW_TLV_MAGIC ? IMAGE_TLV_MAGIC ^ 0xFF : IMAGE_TLV_MAGIC, 0);
    if (flaw == FLAW_TWO_HASHES)
        put_tlv(maker, IMAGE_TLV_SHA256, nothing, sizeof nothing);
    put_tlv(maker, IMAGE_TLV_SHA256, hash, sizeof hash);
    if (flaw == FLAW_TWO_KEYS)
        err = put_key_hash(maker, maker->other);
    if (!err)
        err = put_key_hash(maker, flaw == FLAW_KEY_HASH ? maker->other : maker->ours);
    if (!err && flaw == FLAW_TWO_SIGNATURES)
        err = put_signature(maker, maker->other, hash);
    if (flaw == FLAW_EMPTY_SIGNATURE)
        put_pair(maker, IMAGE_TLV_ECDSA, 0);
    if (!err)
        err = put_signature(maker, flaw == FLAW_FORGED ? maker->other : maker->ours, hash);
    if (flaw == FLAW_EXTRA_TLV)
        put_tlv(maker, TLV_UNKNOWN, nothing, 4);
    bytes_put16(area + 2, (uint16_t)(maker->at - area));
    return err;
}

enum ota_err flaw_make(enum flaw flaw, const uint8_t *bytes, uint32_t size, const EVP_PKEY *ours,
                       const EVP_PKEY *other, uint8_t **ret_bytes, uint32_t *ret_size)
{
    struct maker maker = {.flaw = flaw, .ours = ours, .other = other};
    struct memory_source source;
    struct image_info info;

    memory_source_init(&source, bytes, size);
    enum ota_err err = image_parse(&source.source, &info);
    if (err)
        return err;
    maker.at = maker.bytes = malloc((size_t)size + GROWTH_MAX);
    if (!maker.bytes)
        return OTA_ERR_FULL;

    uint32_t code_end = IMAGE_HEADER_PAGE + info.code_size;
    put_bytes(&maker, bytes, flaw == FLAW_NO_CODE ? IMAGE_HEADER_PAGE : code_end);
    spoil_header(flaw, maker.bytes);
    uint8_t *area = maker.at;
    put_bytes(&maker, bytes + code_end, info.signed_size - code_end);
    if (flaw == FLAW_VENDOR)
        spoil_vendor(area, maker.at);
    put_signed_rest(&maker, area);
    uint8_t *signed_end = maker.at;
    err = put_unsigned(&maker);
    if (!err && flaw == FLAW_COUNTER)
        err = raise_counter(area, signed_end);
    if (err) {
        free(maker.bytes);
        return err;
    }
    *ret_bytes = maker.bytes;
    *ret_size = (uint32_t)(maker.at - maker.bytes);
    return OTA_OK;
}
