#ifndef SIM_IMAGE_INSPECT_H
#define SIM_IMAGE_INSPECT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <json-c/json.h>

#include "core/image.h"

/* What a file is, for people: image files and those that are taken for one. */

/*
 * A raw slot of the original OTA service: its first page is the linked boot control page, told by
 * its STATUS byte and the boot address of the layout (harmony.md 1.2).
 */
bool inspect_is_harmony(const uint8_t *bytes, uint32_t size);

bool inspect_is_elf(const uint8_t *bytes, uint32_t size);
bool inspect_is_intel_hex(const uint8_t *bytes, uint32_t size);

/* One clause for why a device says OTA_ERR_FORMAT to the bytes ("an ELF file", "encrypted"). */
const char *inspect_reason(const uint8_t *bytes, uint32_t size);

/* A TLV of an image that image_parse() accepted. */
struct inspect_tlv {
    bool is_protected;
    uint16_t type, size;
    const uint8_t *value; /* in the image's bytes */
};

/* Step through the TLVs. *offset starts at 0; false behind the last one. */
bool inspect_next_tlv(const uint8_t *bytes, const struct image_info *info, uint32_t *offset,
                      struct inspect_tlv *ret_tlv);

/*
 * Everything a file says of itself: header, TLVs, sizes, digest; as aligned text or as JSON (the
 * caller's to json_object_put()). A raw slot of the original is described too.
 * OTA_ERR_FORMAT: neither; nothing is written then.
 */
OTA_MUST_USE enum ota_err inspect_text(FILE *out, const char *name, const uint8_t *bytes,
                                       uint32_t size);
OTA_MUST_USE enum ota_err inspect_json(const char *name, const uint8_t *bytes, uint32_t size,
                                       struct json_object **ret_json);

#endif
