#include "core/bootctl.h"

#include <string.h>

#include "core/bytes.h"
#include "core/crc32.h"

#define MAGIC          0x4C544342u /* "BCTL"; its first byte is neither a STATUS nor an image's */
#define LAYOUT_VERSION 1
#define RECORD_SIZE    112
#define CRC_AT         108
#define WORD_SIZE      8
#define WORD_COUNT     ((BOOTCTL_SLOT_SIZE - RECORD_SIZE) / WORD_SIZE)
#define SEQUENCE_MAX   0xFFFFFFu /* a hundred times what a page endures */

static uint32_t slot_count(const struct bootctl *bootctl)
{
    return bootctl->flash->erase_size / BOOTCTL_SLOT_SIZE;
}

static uint32_t slot_offset(const struct bootctl *bootctl, uint32_t slot)
{
    return bootctl->offset + slot * BOOTCTL_SLOT_SIZE;
}

static void encode_record(const struct bootctl_record *record, uint8_t raw[RECORD_SIZE])
{
    memset(raw, 0, RECORD_SIZE);
    bytes_put32(raw, MAGIC);
    bytes_put16(raw + 4, LAYOUT_VERSION);
    raw[6] = (uint8_t)record->type;
    raw[7] = (uint8_t)record->status;
    bytes_put32(raw + 8, record->sequence);
    bytes_put32(raw + 12, record->version);
    bytes_put32(raw + 16, record->size);
    bytes_put32(raw + 20, record->boot_address);
    bytes_put32(raw + 24, record->security_counter);
    bytes_put32(raw + 28, record->counter_floor);
    memcpy(raw + 32, record->hash, BOOTCTL_HASH_SIZE);
    memcpy(raw + 64, record->image_header, BOOTCTL_HEADER_SIZE);
    bytes_put32(raw + 96, record->trials);
    raw[100] = record->was_confirmed;
    raw[101] = record->wants_factory;
    bytes_put32(raw + CRC_AT, crc32_update(0, raw, CRC_AT));
}

static bool is_known_status(uint8_t status)
{
    return status == BOOTCTL_BLANK || status == BOOTCTL_DOWNLOADED || status == BOOTCTL_UNBOOTED ||
           status == BOOTCTL_VALID || status == BOOTCTL_DISABLED;
}

/* A CRC proves that somebody wrote it, not that it was this code. A sequence near its end would
 * hide every record to come, and trials that no word can hold would hold off a factory reset. */
static bool is_plausible(const uint8_t raw[RECORD_SIZE])
{
    return (raw[6] == BOOTCTL_PRODUCTION || raw[6] == BOOTCTL_FACTORY) && is_known_status(raw[7]) &&
           bytes_get32(raw + 8) <= SEQUENCE_MAX && bytes_get32(raw + 96) <= UINT8_MAX;
}

static bool decode_record(const uint8_t raw[RECORD_SIZE], struct bootctl_record *ret_record)
{
    if (bytes_get32(raw) != MAGIC || bytes_get16(raw + 4) != LAYOUT_VERSION ||
        bytes_get32(raw + CRC_AT) != crc32_update(0, raw, CRC_AT) || !is_plausible(raw))
        return false;
    ret_record->type = (enum bootctl_type)raw[6];
    ret_record->status = (enum bootctl_status)raw[7];
    ret_record->sequence = bytes_get32(raw + 8);
    ret_record->version = bytes_get32(raw + 12);
    ret_record->size = bytes_get32(raw + 16);
    ret_record->boot_address = bytes_get32(raw + 20);
    ret_record->security_counter = bytes_get32(raw + 24);
    ret_record->counter_floor = bytes_get32(raw + 28);
    memcpy(ret_record->hash, raw + 32, BOOTCTL_HASH_SIZE);
    memcpy(ret_record->image_header, raw + 64, BOOTCTL_HEADER_SIZE);
    ret_record->trials = bytes_get32(raw + 96);
    ret_record->wants_factory = raw[101] != 0;
    ret_record->was_confirmed = raw[100] != 0 || ret_record->status == BOOTCTL_VALID;
    return true;
}

/* What a status word says. */
struct word {
    enum bootctl_status status;
    uint32_t trials;
    bool wants_factory;
};

static void encode_word(uint32_t record_crc, const struct word *word, uint8_t raw[WORD_SIZE])
{
    uint8_t crc_raw[4];

    bytes_put32(crc_raw, record_crc);
    raw[0] = (uint8_t)word->status;
    raw[1] = (uint8_t)word->trials;
    raw[2] = word->wants_factory;
    raw[3] = 0;
    bytes_put32(raw + 4, crc32_update(crc32_update(0, crc_raw, sizeof crc_raw), raw, 4));
}

static bool decode_word(uint32_t record_crc, const uint8_t raw[WORD_SIZE], struct word *ret_word)
{
    struct word word = {(enum bootctl_status)raw[0], raw[1], raw[2] == 1};
    uint8_t expected[WORD_SIZE];

    encode_word(record_crc, &word, expected);
    if (memcmp(raw, expected, WORD_SIZE) != 0 || !is_known_status(raw[0]))
        return false;
    *ret_word = word;
    return true;
}

static void apply_word(struct bootctl_record *record, const struct word *word)
{
    record->status = word->status;
    record->trials = word->trials;
    record->wants_factory = word->wants_factory;
    record->was_confirmed |= word->status == BOOTCTL_VALID;
}

/* A double word that ECC refuses to read was programmed, if not with success. */
static bool is_blank(struct bootctl *bootctl, uint32_t offset, uint32_t size)
{
    uint8_t raw[WORD_SIZE];

    for (uint32_t at = 0; at < size; at += WORD_SIZE)
        if (flash_read(bootctl->flash, offset + at, raw, WORD_SIZE) != OTA_OK ||
            !bytes_are_erased(raw, WORD_SIZE))
            return false;
    return true;
}

/* Apply the status words of a slot to its record; returns the first word never written. */
static uint32_t replay_words(struct bootctl *bootctl, uint32_t slot, uint32_t record_crc,
                             struct bootctl_record *record)
{
    uint32_t next = 0;
    uint8_t raw[WORD_SIZE];

    for (uint32_t word = 0; word < WORD_COUNT; word++) {
        uint32_t at = slot_offset(bootctl, slot) + RECORD_SIZE + word * WORD_SIZE;
        enum ota_err err = flash_read(bootctl->flash, at, raw, WORD_SIZE);

        if (err == OTA_OK && bytes_are_erased(raw, WORD_SIZE))
            continue;
        next = word + 1;
        struct word said;
        if (err == OTA_OK && decode_word(record_crc, raw, &said))
            apply_word(record, &said);
    }
    return next;
}

static bool read_slot(struct bootctl *bootctl, uint32_t slot, struct bootctl_record *ret_record,
                      uint32_t *ret_crc, uint32_t *ret_word_next)
{
    uint8_t raw[RECORD_SIZE];

    if (flash_read(bootctl->flash, slot_offset(bootctl, slot), raw, RECORD_SIZE) != OTA_OK ||
        !decode_record(raw, ret_record))
        return false;
    *ret_crc = bytes_get32(raw + CRC_AT);
    *ret_word_next = replay_words(bootctl, slot, *ret_crc, ret_record);
    return true;
}

enum ota_err bootctl_open(struct bootctl *bootctl, struct flash *flash, uint32_t offset)
{
    *bootctl = (struct bootctl){.flash = flash, .offset = offset};
    for (uint32_t slot = 0; slot < slot_count(bootctl); slot++) {
        struct bootctl_record record;
        uint32_t crc, word_next;

        if (!is_blank(bootctl, slot_offset(bootctl, slot), BOOTCTL_SLOT_SIZE))
            bootctl->slot_next = slot + 1;
        if (!read_slot(bootctl, slot, &record, &crc, &word_next))
            continue;
        if (bootctl->has_record && record.sequence < bootctl->record.sequence)
            continue;
        bootctl->has_record = true;
        bootctl->record = record;
        bootctl->slot = slot;
        bootctl->record_crc = crc;
        bootctl->word_next = word_next;
    }
    if (bootctl->has_record)
        return OTA_OK;
    return bootctl->slot_next ? OTA_ERR_CORRUPT : OTA_ERR_NOT_FOUND;
}

static enum ota_err erase_page(struct bootctl *bootctl)
{
    enum ota_err err = flash_erase(bootctl->flash, bootctl->offset);
    if (err)
        return err;
    bootctl->has_record = false;
    bootctl->slot_next = 0;
    return OTA_OK;
}

static enum ota_err program_and_compare(struct bootctl *bootctl, uint32_t offset, const void *raw,
                                        uint32_t size)
{
    uint8_t back[RECORD_SIZE];
    enum ota_err err = flash_program(bootctl->flash, offset, raw, size);

    if (!err)
        err = flash_read(bootctl->flash, offset, back, size);
    if (!err && memcmp(raw, back, size) != 0)
        err = OTA_ERR_FLASH;
    return err;
}

static bool write_slot(struct bootctl *bootctl, uint32_t slot, const struct bootctl_record *record,
                       const uint8_t raw[RECORD_SIZE])
{
    if (program_and_compare(bootctl, slot_offset(bootctl, slot), raw, RECORD_SIZE))
        return false;
    bootctl->has_record = true;
    bootctl->record = *record;
    bootctl->record.was_confirmed |= record->status == BOOTCTL_VALID;
    bootctl->slot = slot;
    bootctl->record_crc = bytes_get32(raw + CRC_AT);
    bootctl->word_next = 0;
    return true;
}

/* A sequence that begins needs an empty page. A page without a record may come from an erase that
 * was cut, and then what reads as blank is not. After a factory reset the past is forgotten. */
static enum ota_err write_record(struct bootctl *bootctl, const struct bootctl_record *record)
{
    uint8_t raw[RECORD_SIZE];

    if (record->sequence == 1 || bootctl->record.wants_factory ||
        bootctl->slot_next == slot_count(bootctl)) {
        enum ota_err err = erase_page(bootctl);
        if (err)
            return err;
    }
    encode_record(record, raw);
    while (bootctl->slot_next < slot_count(bootctl))
        if (write_slot(bootctl, bootctl->slot_next++, record, raw))
            return OTA_OK;
    return OTA_ERR_FLASH;
}

static uint32_t next_sequence(const struct bootctl *bootctl)
{
    return bootctl->has_record && bootctl->record.sequence < SEQUENCE_MAX
               ? bootctl->record.sequence + 1
               : 1;
}

enum ota_err bootctl_append(struct bootctl *bootctl, const struct bootctl_record *record)
{
    struct bootctl_record next = *record;

    if (next.counter_floor < bootctl_counter_floor(bootctl))
        next.counter_floor = bootctl_counter_floor(bootctl);
    next.sequence = next_sequence(bootctl);
    return write_record(bootctl, &next);
}

void bootctl_assume(struct bootctl *bootctl, const struct bootctl_record *record)
{
    uint32_t floor = bootctl_counter_floor(bootctl);
    uint32_t sequence = bootctl->has_record ? bootctl->record.sequence : 0;

    bootctl->has_record = true;
    bootctl->record = *record;
    bootctl->record.sequence = sequence;
    bootctl->record.was_confirmed |= record->status == BOOTCTL_VALID;
    if (floor > record->counter_floor)
        bootctl->record.counter_floor = floor;
    bootctl->word_next = WORD_COUNT; /* there is no slot that words could go to */
}

static enum ota_err write_word(struct bootctl *bootctl, const struct word *word)
{
    uint8_t raw[WORD_SIZE];

    if (!bootctl->has_record)
        return OTA_ERR_STATE;
    if (word->trials > UINT8_MAX)
        return OTA_ERR_LIMIT;
    encode_word(bootctl->record_crc, word, raw);
    while (bootctl->word_next < WORD_COUNT) {
        uint32_t at =
            slot_offset(bootctl, bootctl->slot) + RECORD_SIZE + bootctl->word_next++ * WORD_SIZE;
        if (program_and_compare(bootctl, at, raw, WORD_SIZE))
            continue;
        apply_word(&bootctl->record, word);
        return OTA_OK;
    }

    struct bootctl_record before = bootctl->record, next = before;
    next.sequence = next_sequence(bootctl);
    apply_word(&next, word);
    enum ota_err err = write_record(bootctl, &next);
    if (err)
        bootctl_assume(bootctl, &before);
    return err;
}

enum ota_err bootctl_set(struct bootctl *bootctl, enum bootctl_status status, uint32_t trials)
{
    struct word word = {status, trials, false};

    return write_word(bootctl, &word);
}

enum ota_err bootctl_request_factory(struct bootctl *bootctl)
{
    struct word word = {BOOTCTL_DISABLED, bootctl->record.trials, true};

    return write_word(bootctl, &word);
}

enum bootctl_status bootctl_status_of(struct bootctl *bootctl,
                                      const uint8_t hash[BOOTCTL_HASH_SIZE])
{
    enum bootctl_status status = BOOTCTL_BLANK;
    uint32_t sequence = 0;

    for (uint32_t slot = 0; slot < bootctl->slot_next; slot++) {
        struct bootctl_record record;
        uint32_t crc, word_next;

        if (read_slot(bootctl, slot, &record, &crc, &word_next) && record.sequence >= sequence &&
            memcmp(record.hash, hash, BOOTCTL_HASH_SIZE) == 0) {
            sequence = record.sequence;
            status = record.status;
        }
    }
    return status;
}

uint32_t bootctl_counter_floor(const struct bootctl *bootctl)
{
    const struct bootctl_record *record = &bootctl->record;

    if (!bootctl->has_record)
        return 0;
    if (record->was_confirmed && record->security_counter > record->counter_floor)
        return record->security_counter;
    return record->counter_floor;
}
