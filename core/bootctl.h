#ifndef CORE_BOOTCTL_H
#define CORE_BOOTCTL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/flash.h"

/*
 * The boot control log: one page of internal flash shared by bootloader and application.
 *
 * The page holds 16 slots of 256 bytes. A slot is a record, programmed once, and behind it 18
 * status words of 8 bytes, one for each later change; so no double word is ever programmed twice
 * and no change needs an erase. The newest record that checks is the installed image; its last word
 * that checks is the image's status. Torn records and words fail their CRC-32 and are passed over,
 * and so are those whose values cannot be: another type or status, more than 255 trials, a sequence
 * that no page lives to see.
 *
 * record  0 magic  4 layout version u16, type u8, status u8  8 sequence  12 version  16 size
 *         20 boot address  24 security counter  28 counter floor  32 image hash  64 image header
 *         96 trials u32  100 was confirmed u8, request u8, zero  108 CRC-32 of bytes 0..107
 * word    0 status u8, trials u8, request u8, zero   4 CRC-32 of the record's CRC-32 and bytes 0..3
 *
 * The page is a cache: when it is lost, bootloader/boot.c rebuilds it from the store.
 */
#define BOOTCTL_SLOT_SIZE   256
#define BOOTCTL_HEADER_SIZE 32
#define BOOTCTL_HASH_SIZE   32

/* The documented STATUS values, each the one before with one more bit cleared (harmony.md 1.3). */
enum bootctl_status {
    BOOTCTL_BLANK = 0xFF,
    BOOTCTL_DOWNLOADED = 0xFE,
    BOOTCTL_UNBOOTED = 0xFC,
    BOOTCTL_VALID = 0xF8,
    BOOTCTL_DISABLED = 0xF0,
};

/* The documented TYPE values that are used (harmony.md 1.4). */
enum bootctl_type {
    BOOTCTL_PRODUCTION = 0x01,
    BOOTCTL_FACTORY = 0x03,
};

/* An installed image. */
struct bootctl_record {
    uint32_t sequence;
    uint32_t version;
    uint32_t size; /* of the image file, bytes */
    uint32_t boot_address;
    uint32_t security_counter;
    uint32_t counter_floor; /* highest security counter that was confirmed before this record */
    enum bootctl_type type;
    enum bootctl_status status;
    uint32_t trials;    /* trial boots started so far */
    bool was_confirmed; /* VALID at some time, whatever it is now */
    bool wants_factory; /* the next start is to be a factory reset */
    uint8_t hash[BOOTCTL_HASH_SIZE];
    uint8_t image_header[BOOTCTL_HEADER_SIZE];
};

struct bootctl {
    struct flash *flash;
    uint32_t offset;
    bool has_record;
    struct bootctl_record record; /* the newest, with has_record; all zero before there was one */
    uint32_t slot;                /* where it lies */
    uint32_t record_crc;
    uint32_t slot_next; /* first slot never written; count of slots: page full */
    uint32_t word_next; /* first word of the record never written; count of words: full */
};

/*
 * Read the page at offset.
 * OTA_OK; OTA_ERR_NOT_FOUND: the page is blank; OTA_ERR_CORRUPT: it is not, and no record checks
 * (also a factory-programmed page, which starts with an image header). In both cases has_record is
 * false and bootctl_append() works.
 * Power: reads only.
 */
OTA_MUST_USE enum ota_err bootctl_open(struct bootctl *bootctl, struct flash *flash,
                                       uint32_t offset);

/*
 * Make record the newest; sequence is filled in, counter_floor never goes down. Read back; a slot
 * that does not hold it is given up and the next one taken. OTA_ERR_FLASH: the flash cannot hold a
 * record; the newest one before is still valid, unless the page was full and had to be erased.
 * Power: after a cut either the old record or the new one is the newest; when the page was full
 * and its erase was cut, the page is blank or corrupt.
 * Cost: 14 double words; an erase more when the page is full, or has no record.
 */
OTA_MUST_USE enum ota_err bootctl_append(struct bootctl *bootctl,
                                         const struct bootctl_record *record);

/*
 * Change status and trial count of the newest record.
 * OTA_ERR_STATE: there is none; OTA_ERR_LIMIT: more than 255 trials; OTA_ERR_FLASH as
 * bootctl_append(): the record is still known, as it was.
 * Power: after a cut the old status or the new one holds; when record and page were full, as
 * bootctl_append().
 * Cost: one double word; a record when the words are used up.
 */
OTA_MUST_USE enum ota_err bootctl_set(struct bootctl *bootctl, enum bootctl_status status,
                                      uint32_t trials);

/*
 * This is what runs, whatever the page says: it could not be told. Until a record can be written
 * again that is known in RAM only. counter_floor never goes down.
 * Power: touches no flash.
 */
void bootctl_assume(struct bootctl *bootctl, const struct bootctl_record *record);

/*
 * Ask the bootloader for a factory reset: the newest record becomes DISABLED with wants_factory,
 * which the next record, or the next bootctl_set(), takes back.
 * Errors and Cost as bootctl_set().
 * Power: as bootctl_set().
 */
OTA_MUST_USE enum ota_err bootctl_request_factory(struct bootctl *bootctl);

/* The last status an image with this hash had in any record of the page; BOOTCTL_BLANK when it is
 * in none. Power: reads only. */
enum bootctl_status bootctl_status_of(struct bootctl *bootctl,
                                      const uint8_t hash[BOOTCTL_HASH_SIZE]);

/* The lowest security counter that may run: the highest one confirmed so far; 0 without a record.
 * Power: reads nothing. */
uint32_t bootctl_counter_floor(const struct bootctl *bootctl);

#endif
