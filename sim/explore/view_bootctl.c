#include "sim/explore/view_bootctl.h"

#include <string.h>

#include "core/bootctl.h"
#include "core/bytes.h"
#include "core/crc32.h"

/* Of core/bootctl.h, read here by code of its own. */
#define MAGIC       0x4C544342u
#define RECORD_SIZE 112
#define CRC_AT      108
#define WORD_SIZE   8
#define WORDS       ((BOOTCTL_SLOT_SIZE - RECORD_SIZE) / WORD_SIZE)
#define SLOTS       16
#define NEAR_END    3 /* words and slots before the last that are told apart */

/* A record that checks, as its words have left it. */
struct live {
    uint32_t sequence;
    uint8_t record[RECORD_SIZE]; /* without what is told below, sequence and CRC */
    uint8_t status, trials, wants_factory, was_confirmed;
    uint32_t words_used;
};

struct page {
    const struct cells *cells;
    uint32_t offset;
};

static bool is_readable(const struct page *page, uint32_t at, uint32_t size)
{
    const struct cells *cells = page->cells;
    uint32_t first = (page->offset + at) / cells->mark_size;
    uint32_t last = (page->offset + at + size - 1) / cells->mark_size;

    for (uint32_t mark = first; cells->has_ecc && mark <= last; mark++)
        if (cells->marks[mark] & CELLS_TORN)
            return false;
    return true;
}

static const uint8_t *bytes_at(const struct page *page, uint32_t at)
{
    return page->cells->bytes + page->offset + at;
}

static bool is_blank(const struct page *page, uint32_t at, uint32_t size)
{
    const uint8_t *bytes = bytes_at(page, at);

    return bytes[0] == 0xFF && memcmp(bytes, bytes + 1, size - 1) == 0 &&
           is_readable(page, at, size);
}

static bool word_checks(const uint8_t *record, const uint8_t *word)
{
    uint32_t crc = crc32_update(crc32_update(0, record + CRC_AT, 4), word, 4);

    return bytes_get32(word + 4) == crc;
}

static bool read_live(const struct page *page, uint32_t slot, struct live *ret_live)
{
    uint32_t at = slot * BOOTCTL_SLOT_SIZE;
    const uint8_t *record = bytes_at(page, at);

    if (!is_readable(page, at, RECORD_SIZE) || bytes_get32(record) != MAGIC ||
        bytes_get32(record + CRC_AT) != crc32_update(0, record, CRC_AT))
        return false;
    memset(ret_live, 0, sizeof *ret_live);
    ret_live->sequence = bytes_get32(record + 8);
    ret_live->status = record[7];
    ret_live->trials = record[96];
    ret_live->was_confirmed = record[100] || record[7] == BOOTCTL_VALID;
    ret_live->wants_factory = record[101];
    memcpy(ret_live->record, record, 96);
    memset(ret_live->record + 7, 0, 5);
    for (uint32_t i = 0; i < WORDS; i++) {
        uint32_t word_at = at + RECORD_SIZE + i * WORD_SIZE;
        const uint8_t *word = bytes_at(page, word_at);
        if (is_blank(page, word_at, WORD_SIZE))
            continue;
        ret_live->words_used = i + 1;
        if (!is_readable(page, word_at, WORD_SIZE) || !word_checks(record, word))
            continue;
        ret_live->status = word[0];
        ret_live->trials = word[1];
        ret_live->wants_factory = word[2];
        ret_live->was_confirmed |= word[0] == BOOTCTL_VALID;
    }
    return true;
}

/* Is there a newer record of the same image? */
static bool is_replaced(const struct live *lives, uint32_t count, uint32_t index)
{
    for (uint32_t i = 0; i < count; i++)
        if (i != index && lives[i].sequence >= lives[index].sequence &&
            memcmp(lives[i].record + 32, lives[index].record + 32, BOOTCTL_HASH_SIZE) == 0 &&
            (lives[i].sequence > lives[index].sequence || i > index))
            return true;
    return false;
}

/* Of an older image only what became of it is asked. */
static struct key older_key(const struct live *live)
{
    uint8_t told[BOOTCTL_HASH_SIZE + 1];

    memcpy(told, live->record + 32, BOOTCTL_HASH_SIZE);
    told[BOOTCTL_HASH_SIZE] = live->status;
    return key_of(told, sizeof told, 3);
}

static uint32_t newest(const struct live *lives, uint32_t count)
{
    uint32_t best = 0;

    for (uint32_t i = 1; i < count; i++)
        if (lives[i].sequence >= lives[best].sequence)
            best = i;
    return best;
}

/* How much is used does not matter until it is all but all. */
static uint32_t room_class(uint32_t used, uint32_t count)
{
    return used + NEAR_END < count ? 0 : used;
}

/* A word that reads as blank, was programmed since its erase, and will not take what comes, counts
 * for the device where it is: there is no view then. */
static bool has_false_blank(const struct page *page)
{
    const struct cells *cells = page->cells;

    for (uint32_t at = 0; at < cells->flash.erase_size; at += WORD_SIZE)
        if (cells->marks[(page->offset + at) / cells->mark_size] & CELLS_PROGRAMMED &&
            is_blank(page, at, WORD_SIZE))
            return true;
    return false;
}

bool view_bootctl(const struct cells *cells, uint32_t offset, struct view *ret_view)
{
    const struct page page = {cells, offset};
    struct live lives[SLOTS];
    uint32_t count = 0, slots_used = 0;

    if (cells->units[offset / cells->flash.erase_size].flags || has_false_blank(&page))
        return false;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        count += read_live(&page, slot, &lives[count]);
        if (!is_blank(&page, slot * BOOTCTL_SLOT_SIZE, BOOTCTL_SLOT_SIZE))
            slots_used = slot + 1;
    }
    if (!count)
        return false;
    uint32_t best = newest(lives, count);
    lives[best].sequence = 0;
    const uint32_t room[] = {room_class(lives[best].words_used, WORDS),
                             room_class(slots_used, SLOTS)};
    lives[best].words_used = 0;
    struct key key = key_of(&lives[best], sizeof lives[best], 0);
    lives[best].sequence = UINT32_MAX;
    for (uint32_t i = 0; i < count; i++)
        if (i != best && !is_replaced(lives, count, i))
            key = key_add(key, older_key(&lives[i]));
    *ret_view = (struct view){key, key_of(room, sizeof room, 12)};
    return true;
}
