#include "sim/device/slots.h"

#include <stdio.h>
#include <string.h>

#include "core/bytes.h"

/* A flash that shows one slot of a page, and is blank elsewhere. */
struct one_slot {
    struct flash flash;
    struct flash *page;
    uint32_t from; /* of the slot */
};

static enum ota_err read_one(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    struct one_slot *one = (struct one_slot *)flash;

    if (offset >= one->from && offset - one->from < BOOTCTL_SLOT_SIZE)
        return flash_read(one->page, offset, data, size);
    memset(data, 0xFF, size);
    return OTA_OK;
}

static const struct flash_ops one_slot_ops = {.read = read_one};

uint32_t slots_count(const struct flash *flash)
{
    return flash->erase_size / BOOTCTL_SLOT_SIZE;
}

const char *slots_status_name(enum bootctl_status status)
{
    switch (status) {
    case BOOTCTL_BLANK:
        return "blank";
    case BOOTCTL_DOWNLOADED:
        return "downloaded";
    case BOOTCTL_UNBOOTED:
        return "unbooted";
    case BOOTCTL_VALID:
        return "valid";
    case BOOTCTL_DISABLED:
        return "disabled";
    }
    return "unknown";
}

static bool is_blank(struct flash *flash, uint32_t offset)
{
    uint8_t bytes[BOOTCTL_SLOT_SIZE];

    return flash_read(flash, offset, bytes, sizeof bytes) == OTA_OK &&
           bytes_are_erased(bytes, sizeof bytes);
}

enum slots_state slots_read(struct flash *flash, uint32_t offset, uint32_t slot,
                            struct bootctl_record *ret_record, uint32_t *ret_words)
{
    struct one_slot one = {*flash, flash, offset + slot * BOOTCTL_SLOT_SIZE};
    struct bootctl bootctl;

    if (is_blank(flash, one.from))
        return SLOTS_BLANK;
    one.flash.ops = &one_slot_ops;
    if (bootctl_open(&bootctl, &one.flash, offset))
        return SLOTS_DAMAGED;
    *ret_record = bootctl.record;
    *ret_words = bootctl.word_next;
    return SLOTS_RECORD;
}

static void put_text(struct json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, json_object_new_string(text));
}

static void put_number(struct json_object *object, const char *key, uint64_t number)
{
    json_object_object_add(object, key, json_object_new_uint64(number));
}

static void put_record(struct json_object *object, const struct bootctl_record *record)
{
    char hash[2 * BOOTCTL_HASH_SIZE + 1];

    for (int i = 0; i < BOOTCTL_HASH_SIZE; i++)
        snprintf(hash + 2 * i, 3, "%02x", record->hash[i]);
    put_number(object, "sequence", record->sequence);
    put_number(object, "version", record->version);
    put_text(object, "type", record->type == BOOTCTL_FACTORY ? "factory" : "production");
    put_text(object, "status", slots_status_name(record->status));
    put_number(object, "trials", record->trials);
    json_object_object_add(object, "was_confirmed", json_object_new_boolean(record->was_confirmed));
    json_object_object_add(object, "wants_factory", json_object_new_boolean(record->wants_factory));
    put_number(object, "size", record->size);
    put_number(object, "boot_address", record->boot_address);
    put_number(object, "security_counter", record->security_counter);
    put_number(object, "counter_floor", record->counter_floor);
    put_text(object, "hash", hash);
}

struct json_object *slots_describe(struct flash *flash, uint32_t offset, uint32_t slot)
{
    struct bootctl_record record;
    uint32_t words;
    enum slots_state state = slots_read(flash, offset, slot, &record, &words);

    if (state == SLOTS_BLANK)
        return NULL;
    struct json_object *object = json_object_new_object();
    put_number(object, "slot", slot);
    put_text(object, "state", state == SLOTS_RECORD ? "ok" : "damaged");
    if (state == SLOTS_RECORD) {
        put_record(object, &record);
        put_number(object, "words_used", words);
    }
    return object;
}
