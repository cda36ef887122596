/*
 * Method: every length is taken from the file and checked against what is left before it is used;
 * sums are done in 64 bits, so none can wrap. Nothing is believed but the hash, and the hash only
 * with the signature; what decides (version, counter, product) is read from the signed part alone.
 */
#include "core/image.h"

#include <string.h>

#include "core/bytes.h"

#define TLV_HEADER_SIZE 4

static enum ota_err parse_header(struct image_source *source, struct image_info *info,
                                 uint32_t *ret_protected_size)
{
    const uint8_t *header = info->header;
    enum ota_err err;

    if (source->size < IMAGE_HEADER_PAGE)
        return OTA_ERR_FORMAT;
    err = source->read(source, 0, info->header, IMAGE_HEADER_SIZE);
    if (err)
        return err;

    uint32_t load_address = bytes_get32(header + 4);
    uint16_t header_size = bytes_get16(header + 8);
    uint16_t protected_size = bytes_get16(header + 10);
    uint32_t flags = bytes_get32(header + 16);

    info->code_size = bytes_get32(header + 12);
    info->major = header[20];
    info->minor = header[21];
    info->revision = bytes_get16(header + 22);
    info->version = bytes_get32(header + 24);
    if (bytes_get32(header) != IMAGE_MAGIC || header_size != IMAGE_HEADER_PAGE ||
        load_address != 0 || flags != 0 || info->code_size == 0)
        return OTA_ERR_FORMAT;

    uint64_t signed_size = (uint64_t)IMAGE_HEADER_PAGE + info->code_size + protected_size;
    if (signed_size + TLV_HEADER_SIZE > source->size)
        return OTA_ERR_FORMAT;
    info->signed_size = (uint32_t)signed_size;
    *ret_protected_size = protected_size;
    return OTA_OK;
}

static enum ota_err take(struct image_source *source, uint32_t offset, void *data, uint32_t size,
                         uint32_t expected_size)
{
    return size == expected_size ? source->read(source, offset, data, size) : OTA_ERR_FORMAT;
}

/* Unknown types are passed over; meaning is taken from the area it belongs to and from no other. */
static enum ota_err parse_protected(struct image_source *source, struct image_info *info,
                                    uint16_t type, uint32_t offset, uint32_t size)
{
    uint8_t counter[4];
    enum ota_err err;

    switch (type) {
    case IMAGE_TLV_COUNTER:
        err = take(source, offset, counter, size, sizeof counter);
        if (!err)
            info->security_counter = bytes_get32(counter);
        return err;
    case IMAGE_TLV_VENDOR:
        info->has_vendor = true;
        return take(source, offset, info->vendor, size, IMAGE_ID_SIZE);
    case IMAGE_TLV_CLASS:
        info->has_class = true;
        return take(source, offset, info->class_id, size, IMAGE_ID_SIZE);
    default:
        return OTA_OK;
    }
}

static enum ota_err parse_unprotected(struct image_source *source, struct image_info *info,
                                      uint16_t type, uint32_t offset, uint32_t size)
{
    switch (type) {
    case IMAGE_TLV_SHA256:
        if (info->has_hash)
            return OTA_ERR_FORMAT;
        info->has_hash = true;
        return take(source, offset, info->hash, size, CRYPTO_SHA256_SIZE);
    case IMAGE_TLV_KEY_HASH:
        if (info->has_key_hash)
            return OTA_ERR_FORMAT;
        info->has_key_hash = true;
        return take(source, offset, info->key_hash, size, CRYPTO_SHA256_SIZE);
    case IMAGE_TLV_ECDSA:
        if (info->signature_size || size == 0 || size > CRYPTO_SIG_MAX)
            return OTA_ERR_FORMAT;
        info->signature_size = size;
        return take(source, offset, info->signature, size, size);
    default:
        info->has_foreign = true;
        return OTA_OK;
    }
}

/* Walk the TLV area at offset; expected_size 0: as large as it says. */
static enum ota_err parse_tlvs(struct image_source *source, struct image_info *info, uint16_t magic,
                               uint32_t offset, uint32_t expected_size, uint32_t *ret_end)
{
    uint8_t raw[TLV_HEADER_SIZE];
    enum ota_err err = source->read(source, offset, raw, sizeof raw);
    if (err)
        return err;

    uint32_t size = bytes_get16(raw + 2);
    if (bytes_get16(raw) != magic || size < TLV_HEADER_SIZE || size > source->size - offset ||
        (expected_size && size != expected_size))
        return OTA_ERR_FORMAT;

    uint32_t end = offset + size;
    for (offset += TLV_HEADER_SIZE; offset < end;) {
        if (end - offset < TLV_HEADER_SIZE)
            return OTA_ERR_FORMAT;
        err = source->read(source, offset, raw, sizeof raw);
        if (err)
            return err;
        uint16_t type = bytes_get16(raw);
        uint32_t value_size = bytes_get16(raw + 2);
        offset += TLV_HEADER_SIZE;
        if (value_size > end - offset)
            return OTA_ERR_FORMAT;
        err = magic == IMAGE_TLV_PROTECTED
                  ? parse_protected(source, info, type, offset, value_size)
                  : parse_unprotected(source, info, type, offset, value_size);
        if (err)
            return err;
        offset += value_size;
    }
    *ret_end = end;
    return OTA_OK;
}

enum ota_err image_parse(struct image_source *source, struct image_info *ret_info)
{
    struct image_info info = {0};
    uint32_t protected_size, end;
    enum ota_err err = parse_header(source, &info, &protected_size);

    if (!err && protected_size)
        err = parse_tlvs(source, &info, IMAGE_TLV_PROTECTED, info.signed_size - protected_size,
                         protected_size, &end);
    if (!err)
        err = parse_tlvs(source, &info, IMAGE_TLV_MAGIC, info.signed_size, 0, &end);
    if (err)
        return err;
    info.total_size = end;
    *ret_info = info;
    return OTA_OK;
}

enum ota_err image_check_policy(const struct image_info *info, const struct image_policy *policy)
{
    if (info->total_size - IMAGE_HEADER_PAGE > policy->app_size)
        return OTA_ERR_SIZE;
    if (!info->has_vendor || !info->has_class ||
        memcmp(info->vendor, policy->vendor, IMAGE_ID_SIZE) != 0 ||
        memcmp(info->class_id, policy->class_id, IMAGE_ID_SIZE) != 0)
        return OTA_ERR_PRODUCT;
    if (info->security_counter < policy->counter_floor)
        return OTA_ERR_COUNTER;
    return OTA_OK;
}

enum ota_err image_check_hash(struct image_source *source, const struct image_info *info,
                              struct crypto *crypto, uint8_t buffer[IMAGE_BUFFER_SIZE])
{
    struct crypto_sha256 hash;
    uint8_t digest[CRYPTO_SHA256_SIZE];

    crypto_sha256_start(crypto, &hash);
    for (uint32_t offset = 0, size; offset < info->signed_size; offset += size) {
        size = bytes_min(IMAGE_BUFFER_SIZE, info->signed_size - offset);
        enum ota_err err = source->read(source, offset, buffer, size);
        if (err)
            return err;
        if (offset == 0 &&
            !bytes_are_erased(buffer + IMAGE_HEADER_SIZE, IMAGE_HEADER_PAGE - IMAGE_HEADER_SIZE))
            return OTA_ERR_FORMAT;
        crypto_sha256_update(crypto, &hash, buffer, size);
    }
    crypto_sha256_finish(crypto, &hash, digest);
    return memcmp(digest, info->hash, sizeof digest) == 0 ? OTA_OK : OTA_ERR_HASH;
}

enum ota_err image_check_signature(const struct image_info *info,
                                   const uint8_t key[CRYPTO_KEY_SIZE], struct crypto *crypto)
{
    struct crypto_sha256 hash;
    uint8_t key_hash[CRYPTO_SHA256_SIZE];

    if (!info->signature_size)
        return OTA_ERR_SIGNATURE;
    if (info->has_foreign)
        return OTA_ERR_FORMAT;
    crypto_sha256_start(crypto, &hash);
    crypto_sha256_update(crypto, &hash, key, CRYPTO_KEY_SIZE);
    crypto_sha256_finish(crypto, &hash, key_hash);
    if (memcmp(key_hash, info->key_hash, sizeof key_hash) != 0)
        return OTA_ERR_KEY;
    return crypto_p256_verify(crypto, key, info->hash, info->signature, info->signature_size);
}

enum ota_err image_check(struct image_source *source, const struct image_policy *policy,
                         struct crypto *crypto, uint8_t buffer[IMAGE_BUFFER_SIZE],
                         struct image_info *ret_info)
{
    enum ota_err err = image_parse(source, ret_info);

    if (!err)
        err = image_check_policy(ret_info, policy);
    if (!err)
        err = image_check_signature(ret_info, policy->key, crypto);
    if (!err)
        err = image_check_hash(source, ret_info, crypto, buffer);
    return err;
}

static enum ota_err read_flash_image(struct image_source *source, uint32_t offset, void *data,
                                     uint32_t size)
{
    struct image_flash *image = (struct image_flash *)source;
    uint8_t *to = data;

    for (; size && offset < IMAGE_HEADER_PAGE; offset++, size--)
        *to++ = offset < IMAGE_HEADER_SIZE ? image->header[offset] : 0xFF;
    if (!size)
        return OTA_OK;
    if (offset > source->size || size > source->size - offset)
        return OTA_ERR_FORMAT;
    return flash_read(image->flash, image->layout->app_offset + offset - IMAGE_HEADER_PAGE, to,
                      size);
}

void image_flash_init(struct image_flash *image, struct flash *flash, const struct layout *layout,
                      const uint8_t header[IMAGE_HEADER_SIZE])
{
    *image = (struct image_flash){
        .source = {read_flash_image, IMAGE_HEADER_PAGE + layout->app_size},
        .flash = flash,
        .layout = layout,
        .header = header,
    };
}

void image_describe(const struct image_info *info, const struct layout *layout,
                    enum bootctl_type type, struct bootctl_record *ret_record)
{
    *ret_record = (struct bootctl_record){
        .version = info->version,
        .size = info->total_size,
        .boot_address = layout->boot_address,
        .security_counter = info->security_counter,
        .type = type,
    };
    memcpy(ret_record->hash, info->hash, sizeof ret_record->hash);
    memcpy(ret_record->image_header, info->header, sizeof ret_record->image_header);
}
