/*
 * Method: the description is built once, as a list of labelled values in a JSON object; the text is
 * that object printed with aligned labels. So text and JSON cannot tell different things.
 */
#include "sim/image/inspect.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "core/bootctl.h"
#include "core/bytes.h"
#include "core/layout.h"
#include "hal_posix/crypto_openssl.h"
#include "sim/image/memory_source.h"

#define TLV_HEADER_SIZE   4
#define FLAGS_ENCRYPTED   0x0Cu
#define FLAGS_COMPRESSED  0x0600u
#define HEX_RECORD_MIN    11 /* ':' and five bytes */
#define VENDOR_TLV_FIRST  0xA0
#define VENDOR_TLV_LAST   0xFE
#define LABEL_WIDTH       18
#define HARMONY_VERSION   8
#define HARMONY_BOOT_ADDR 12

bool inspect_is_harmony(const uint8_t *bytes, uint32_t size)
{
    static const uint8_t statuses[] = {BOOTCTL_BLANK, BOOTCTL_DOWNLOADED, BOOTCTL_UNBOOTED,
                                       BOOTCTL_VALID, BOOTCTL_DISABLED};

    return size >= IMAGE_HEADER_PAGE && memchr(statuses, bytes[0], sizeof statuses) &&
           bytes_get32(bytes + HARMONY_BOOT_ADDR) == layout_mzw1.boot_address;
}

bool inspect_is_elf(const uint8_t *bytes, uint32_t size)
{
    return size >= 4 && memcmp(bytes, "\177ELF", 4) == 0;
}

bool inspect_is_intel_hex(const uint8_t *bytes, uint32_t size)
{
    if (size < HEX_RECORD_MIN || bytes[0] != ':')
        return false;
    for (uint32_t i = 1; i < HEX_RECORD_MIN; i++)
        if (!isxdigit(bytes[i]))
            return false;
    return true;
}

static bool is_all(const uint8_t *bytes, uint32_t size, uint8_t value)
{
    for (uint32_t i = 0; i < size; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

static const char *reason_of_header(const uint8_t *bytes, uint32_t size)
{
    uint32_t flags = bytes_get32(bytes + 16);
    uint64_t end = (uint64_t)IMAGE_HEADER_PAGE + bytes_get32(bytes + 12) + bytes_get16(bytes + 10) +
                   TLV_HEADER_SIZE;

    if (bytes_get16(bytes + 8) != IMAGE_HEADER_PAGE)
        return "its header size is not 0x1000 (imgtool: -H 0x1000 --pad-header)";
    if (flags & FLAGS_ENCRYPTED)
        return "encrypted";
    if (flags & FLAGS_COMPRESSED)
        return "compressed";
    if (flags)
        return "it has header flags this device does not know";
    if (bytes_get32(bytes + 4))
        return "it has a load address";
    if (bytes_get32(bytes + 12) == 0)
        return "it holds no code";
    if (end > size)
        return "truncated";
    return NULL;
}

/* An image of which the device says no more than that its form is wrong. */
static const char *reason_of_image(const uint8_t *bytes, uint32_t size)
{
    struct memory_source source;
    struct image_info info;
    const char *reason = reason_of_header(bytes, size);

    if (reason)
        return reason;
    memory_source_init(&source, bytes, size);
    if (image_parse(&source.source, &info))
        return "its TLVs do not fit their sizes (truncated or damaged)";
    if (!is_all(bytes + IMAGE_HEADER_SIZE, IMAGE_HEADER_PAGE - IMAGE_HEADER_SIZE, 0xFF))
        return "the header page is not 0xFF behind the header";
    return info.has_foreign ? "it carries a TLV that nobody has signed" : "malformed";
}

const char *inspect_reason(const uint8_t *bytes, uint32_t size)
{
    if (size == 0)
        return "empty";
    if (inspect_is_harmony(bytes, size))
        return "a raw slot of the original OTA service; wrap it with 'brownout image pack'";
    if (inspect_is_elf(bytes, size))
        return "an ELF file";
    if (inspect_is_intel_hex(bytes, size))
        return "an Intel HEX file";
    if (size >= 4 && bytes_get32(bytes) == IMAGE_MAGIC)
        return size < IMAGE_HEADER_SIZE ? "truncated" : reason_of_image(bytes, size);
    if (is_all(bytes, size, 0xFF))
        return "nothing but 0xFF";
    if (is_all(bytes, size, 0))
        return "nothing but zeros";
    return "not an MCUboot image";
}

bool inspect_next_tlv(const uint8_t *bytes, const struct image_info *info, uint32_t *offset,
                      struct inspect_tlv *ret_tlv)
{
    if (*offset == 0) {
        *offset = IMAGE_HEADER_PAGE + info->code_size;
        if (*offset != info->signed_size)
            *offset += TLV_HEADER_SIZE;
    }
    if (*offset == info->signed_size)
        *offset += TLV_HEADER_SIZE;
    if (*offset >= info->total_size)
        return false;
    *ret_tlv = (struct inspect_tlv){
        .is_protected = *offset < info->signed_size,
        .type = bytes_get16(bytes + *offset),
        .size = bytes_get16(bytes + *offset + 2),
        .value = bytes + *offset + TLV_HEADER_SIZE,
    };
    *offset += TLV_HEADER_SIZE + ret_tlv->size;
    return true;
}

static const char *tlv_name(uint16_t type)
{
    static const struct {
        uint16_t type;
        const char *name;
    } names[] = {
        {0x01, "key hash"},          {0x02, "public key"},        {0x10, "SHA-256"},
        {0x11, "SHA-384"},           {0x12, "SHA-512"},           {0x20, "RSA-2048 signature"},
        {0x21, "ECDSA P-224 sig."},  {0x22, "ECDSA signature"},   {0x23, "RSA-3072 signature"},
        {0x24, "Ed25519 signature"}, {0x25, "pure signature"},    {0x30, "key (RSA-2048)"},
        {0x31, "key (AES-KW)"},      {0x32, "key (ECIES P-256)"}, {0x33, "key (X25519)"},
        {0x40, "dependency"},        {0x50, "security counter"},  {0x60, "boot record"},
        {0x70, "decompressed size"}, {0x71, "decompressed hash"}, {0x72, "decompressed sig."},
        {0x74, "vendor id"},         {0x75, "class id"},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].type == type)
            return names[i].name;
    uint8_t low = (uint8_t)type;
    return low >= VENDOR_TLV_FIRST && low <= VENDOR_TLV_LAST ? "vendor-specific" : "unknown";
}

static struct json_object *hex(const uint8_t *bytes, uint32_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * (size_t)size + 1);

    if (!text)
        return NULL;
    for (uint32_t i = 0; i < size; i++) {
        text[2 * (size_t)i] = digits[bytes[i] >> 4];
        text[2 * (size_t)i + 1] = digits[bytes[i] & 0xF];
    }
    struct json_object *value = json_object_new_string_len(text, (int)(2 * size));
    free(text);
    return value;
}

static void add(struct json_object *object, const char *key, struct json_object *value)
{
    json_object_object_add(object, key, value);
}

static void add_text(struct json_object *object, const char *key, const char *text)
{
    add(object, key, json_object_new_string(text));
}

static void add_number(struct json_object *object, const char *key, uint32_t number)
{
    add(object, key, json_object_new_int64(number));
}

static void add_hex32(struct json_object *object, const char *key, uint32_t number)
{
    char text[16];

    snprintf(text, sizeof text, "0x%08x", number);
    add_text(object, key, text);
}

static void add_file(struct json_object *object, const char *name, const char *format,
                     const uint8_t *bytes, uint32_t size)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];

    SHA256(bytes, size, digest);
    add_text(object, "file", name);
    add_text(object, "format", format);
    add_number(object, "size", size);
    add(object, "digest", hex(digest, sizeof digest));
}

static struct json_object *describe_harmony(const char *name, const uint8_t *bytes, uint32_t size)
{
    struct json_object *object = json_object_new_object();

    add_file(object, name, "raw slot of the original OTA service", bytes, size);
    add_number(object, "linked_version", bytes_get32(bytes + HARMONY_VERSION));
    add_hex32(object, "status", bytes[0]);
    add_hex32(object, "type", bytes[3]);
    add_hex32(object, "boot_address", bytes_get32(bytes + HARMONY_BOOT_ADDR));
    add_number(object, "header_page_size", IMAGE_HEADER_PAGE);
    add_number(object, "code_size", size - IMAGE_HEADER_PAGE);
    return object;
}

static struct json_object *describe_tlv(const struct inspect_tlv *tlv)
{
    struct json_object *object = json_object_new_object();
    char type[8];

    snprintf(type, sizeof type, "0x%04x", tlv->type);
    add_text(object, "area", tlv->is_protected ? "protected" : "unprotected");
    add_text(object, "type", type);
    add_text(object, "name", tlv_name(tlv->type));
    add_number(object, "size", tlv->size);
    if (tlv->type == IMAGE_TLV_COUNTER && tlv->size == 4)
        add_number(object, "value", bytes_get32(tlv->value));
    else
        add(object, "value", hex(tlv->value, tlv->size));
    return object;
}

static struct json_object *describe_tlvs(const uint8_t *bytes, const struct image_info *info)
{
    struct json_object *list = json_object_new_array();
    struct inspect_tlv tlv;
    uint32_t offset = 0;

    while (inspect_next_tlv(bytes, info, &offset, &tlv))
        json_object_array_add(list, describe_tlv(&tlv));
    return list;
}

static const char *describe_hash(struct memory_source *source, const struct image_info *info)
{
    uint8_t buffer[IMAGE_BUFFER_SIZE];
    struct crypto_openssl crypto;

    if (!info->has_hash)
        return "missing";
    crypto_openssl_init(&crypto);
    enum ota_err err = image_check_hash(&source->source, info, &crypto.crypto, buffer);
    if (err == OTA_ERR_FORMAT)
        return "the header page is not 0xFF behind the header";
    return err ? err_text(err) : "matches the content";
}

static struct json_object *describe_image(const char *name, const uint8_t *bytes, uint32_t size,
                                          struct memory_source *source,
                                          const struct image_info *info)
{
    struct json_object *object = json_object_new_object();
    char version[32];

    snprintf(version, sizeof version, "%u.%u.%u+%u", info->major, info->minor, info->revision,
             info->version);
    add_file(object, name, "MCUboot image v1", bytes, size);
    add_number(object, "version", info->version);
    add_text(object, "semantic_version", version);
    add_number(object, "security_counter", info->security_counter);
    add_text(object, "hash", describe_hash(source, info));
    add_text(object, "signature", info->signature_size ? "ECDSA P-256" : "none");
    add_hex32(object, "magic", IMAGE_MAGIC);
    add_hex32(object, "load_address", bytes_get32(info->header + 4));
    add_hex32(object, "flags", bytes_get32(info->header + 16));
    add_number(object, "header_size", bytes_get16(info->header + 8));
    add_number(object, "code_size", info->code_size);
    add_number(object, "protected_size", bytes_get16(info->header + 10));
    add_number(object, "signed_size", info->signed_size);
    add_number(object, "image_size", info->total_size);
    add_number(object, "trailing_size", size - info->total_size);
    add(object, "tlvs", describe_tlvs(bytes, info));
    return object;
}

enum ota_err inspect_json(const char *name, const uint8_t *bytes, uint32_t size,
                          struct json_object **ret_json)
{
    struct memory_source source;
    struct image_info info;

    if (inspect_is_harmony(bytes, size)) {
        *ret_json = describe_harmony(name, bytes, size);
        return OTA_OK;
    }
    memory_source_init(&source, bytes, size);
    enum ota_err err = image_parse(&source.source, &info);
    if (err)
        return err;
    *ret_json = describe_image(name, bytes, size, &source, &info);
    return OTA_OK;
}

static void print_value(FILE *out, const char *key, struct json_object *value)
{
    char label[LABEL_WIDTH + 1];
    size_t i = 0;

    for (; key[i] && i < LABEL_WIDTH; i++)
        label[i] = key[i] == '_' ? ' ' : key[i];
    label[i] = '\0';
    fprintf(out, "%-*s  %s\n", LABEL_WIDTH, label, json_object_get_string(value));
}

static void print_tlvs(FILE *out, struct json_object *list)
{
    size_t count = json_object_array_length(list);

    fprintf(out, "\n%-11s  %-6s  %-18s  %4s  %s\n", "area", "type", "name", "size", "value");
    for (size_t i = 0; i < count; i++) {
        struct json_object *tlv = json_object_array_get_idx(list, i);
        fprintf(out, "%-11s  %-6s  %-18s  %4s  %s\n",
                json_object_get_string(json_object_object_get(tlv, "area")),
                json_object_get_string(json_object_object_get(tlv, "type")),
                json_object_get_string(json_object_object_get(tlv, "name")),
                json_object_get_string(json_object_object_get(tlv, "size")),
                json_object_get_string(json_object_object_get(tlv, "value")));
    }
}

enum ota_err inspect_text(FILE *out, const char *name, const uint8_t *bytes, uint32_t size)
{
    struct json_object *object;
    enum ota_err err = inspect_json(name, bytes, size, &object);

    if (err)
        return err;
    json_object_object_foreach(object, key, value)
    {
        if (json_object_is_type(value, json_type_array))
            print_tlvs(out, value);
        else
            print_value(out, key, value);
    }
    json_object_put(object);
    return OTA_OK;
}
