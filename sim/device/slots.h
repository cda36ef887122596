#ifndef SIM_DEVICE_SLOTS_H
#define SIM_DEVICE_SLOTS_H

#include <json-c/json.h>

#include "core/bootctl.h"

/* The boot control page record by record, old ones too; core/bootctl.h knows only the newest. */
enum slots_state {
    SLOTS_BLANK,
    SLOTS_DAMAGED, /* something is there, and no record that checks */
    SLOTS_RECORD,
};

/* How many slots a page of this flash has. */
uint32_t slots_count(const struct flash *flash);

/*
 * Read a slot of the page at offset as if it were the only one: the device's own reader judges it.
 * ret_words, of SLOTS_RECORD only: status words that were used. Changes nothing.
 */
enum slots_state slots_read(struct flash *flash, uint32_t offset, uint32_t slot,
                            struct bootctl_record *ret_record, uint32_t *ret_words);

/* The slot for a person or a script; NULL: blank. Give it back with json_object_put(). */
struct json_object *slots_describe(struct flash *flash, uint32_t offset, uint32_t slot);

/* "blank", "downloaded" and so on. */
const char *slots_status_name(enum bootctl_status status);

#endif
