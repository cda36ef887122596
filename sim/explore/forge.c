#include "sim/explore/forge.h"

#include <string.h>

#include "core/bytes.h"
#include "core/crc32.h"

/* Of a slot, as core/bootctl.c writes it: a record with its CRC, then status words with theirs. */
#define CRC_AT    108
#define WORDS_AT  112
#define WORD_SIZE 8

static const struct {
    uint8_t at, size;
} places[DAMAGE_FIELD_COUNT] = {
    [DAMAGE_FIELD_MAGIC] = {0, 4},    [DAMAGE_FIELD_LAYOUT] = {4, 2},
    [DAMAGE_FIELD_TYPE] = {6, 1},     [DAMAGE_FIELD_STATUS] = {7, 1},
    [DAMAGE_FIELD_SEQUENCE] = {8, 4}, [DAMAGE_FIELD_VERSION] = {12, 4},
    [DAMAGE_FIELD_SIZE] = {16, 4},    [DAMAGE_FIELD_COUNTER] = {24, 4},
    [DAMAGE_FIELD_TRIALS] = {96, 4},
};

static uint32_t word_crc(const uint8_t record_crc[4], const uint8_t word[4])
{
    return crc32_update(crc32_update(0, record_crc, 4), word, 4);
}

/* A word holds for the record it stands behind; so does one that held for it as it was. */
static void sign_words(uint8_t *slot, const uint8_t old_crc[4])
{
    for (uint8_t *word = slot + WORDS_AT; word < slot + BOOTCTL_SLOT_SIZE; word += WORD_SIZE)
        if (bytes_get32(word + 4) == word_crc(old_crc, word))
            bytes_put32(word + 4, word_crc(slot + CRC_AT, word));
}

static void set_field(uint8_t *slot, enum damage_field field, uint32_t value)
{
    uint8_t old_crc[4], raw[4];

    memcpy(old_crc, slot + CRC_AT, sizeof old_crc);
    bytes_put32(raw, value);
    memcpy(slot + places[field].at, raw, places[field].size);
    bytes_put32(slot + CRC_AT, crc32_update(0, slot, CRC_AT));
    sign_words(slot, old_crc);
}

static enum ota_err add_word(struct cells *nvm, uint8_t *slot, uint32_t index, uint32_t value)
{
    uint8_t *word = slot + WORDS_AT + index * WORD_SIZE;

    if (word >= slot + BOOTCTL_SLOT_SIZE)
        return OTA_ERR_FULL;
    bytes_put32(word, value);
    bytes_put32(word + 4, word_crc(slot + CRC_AT, word));
    nvm->marks[(word - nvm->bytes) / nvm->mark_size] = CELLS_PROGRAMMED;
    return OTA_OK;
}

enum ota_err forge_field(struct world *world, enum damage_field field, uint32_t value)
{
    struct cells *nvm = &world->nvm.cells;
    uint8_t *page = nvm->bytes + layout_mzw1.bootctl_offset;
    struct bootctl bootctl;
    enum ota_err err = bootctl_open(&bootctl, &nvm->flash, layout_mzw1.bootctl_offset);

    if (err)
        return OTA_ERR_NOT_FOUND;
    cells_touch(nvm, layout_mzw1.bootctl_offset, nvm->flash.erase_size);
    uint8_t *slot = page + bootctl.slot * BOOTCTL_SLOT_SIZE;
    if (field == DAMAGE_FIELD_WORD)
        return add_word(nvm, slot, bootctl.word_next, value);
    if (field == DAMAGE_FIELD_PAGE)
        bytes_put32(page, value);
    else
        set_field(slot, field, value);
    return OTA_OK;
}
