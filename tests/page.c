#include "tests/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

uint32_t page_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static enum ota_err read_ram(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    struct page *page = (struct page *)flash;

    for (uint32_t unit = offset / PAGE_UNIT; unit * PAGE_UNIT < offset + size; unit++) {
        if (page->is_unreadable[unit]) {
            memset(data, 0x5A, size);
            return OTA_ERR_ECC;
        }
    }
    memcpy(data, page->bytes + offset, size);
    return OTA_OK;
}

static void program_unit(struct page *page, uint32_t offset, const uint8_t raw[PAGE_UNIT])
{
    uint32_t unit = offset / PAGE_UNIT;

    page->was_programmed_twice |= page->is_programmed[unit];
    page->is_programmed[unit] = true;
    for (uint32_t i = 0; i < PAGE_UNIT; i++)
        page->bytes[offset + i] &= raw[i];
    if (page->is_weak[unit])
        page->bytes[offset] |= 1;
}

static void tear_unit(struct page *page, uint32_t offset, const uint8_t raw[PAGE_UNIT])
{
    uint32_t keep = 1 + page_random(&page->seed) % (PAGE_UNIT - 1);
    uint8_t torn[PAGE_UNIT];

    memset(torn, 0xFF, PAGE_UNIT);
    for (uint32_t i = 0; i < PAGE_UNIT; i++) {
        if (page->tear == PAGE_TEAR_BEHIND || (page->tear == PAGE_TEAR_PREFIX && i < keep))
            torn[i] = raw[i];
        else if (page->tear == PAGE_TEAR_BITS)
            torn[i] = (uint8_t)(raw[i] | page_random(&page->seed));
    }
    page->is_unreadable[offset / PAGE_UNIT] = page->tear == PAGE_TEAR_ECC;
    program_unit(page, offset, torn);
    /* One that reads as erased cannot be told from one that is. */
    if (page->tear != PAGE_TEAR_ECC &&
        memcmp(torn, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", PAGE_UNIT) == 0)
        page->is_programmed[offset / PAGE_UNIT] = false;
}

static enum ota_err program_ram(struct flash *flash, uint32_t offset, const void *data,
                                uint32_t size)
{
    struct page *page = (struct page *)flash;
    const uint8_t *raw = data;

    if (page->is_write_failing)
        return OTA_ERR_FLASH;
    for (; size; offset += PAGE_UNIT, raw += PAGE_UNIT, size -= PAGE_UNIT) {
        if (++page->operations == page->cut_at) {
            tear_unit(page, offset, raw);
            longjmp(page->cut, 1);
        }
        program_unit(page, offset, raw);
    }
    return OTA_OK;
}

void page_erase_unit(struct page *page, uint32_t offset)
{
    memset(page->bytes + offset, 0xFF, PAGE_UNIT);
    page->is_programmed[offset / PAGE_UNIT] = false;
    page->is_unreadable[offset / PAGE_UNIT] = false;
}

/* A cut inside an erase: half of the page, a mix of old and set bits, or erased and unreadable. */
static void tear_erase(struct page *page, uint32_t offset)
{
    for (uint32_t at = offset; at < offset + PAGE_BYTES; at += PAGE_UNIT) {
        bool is_erased = page->tear == PAGE_TEAR_BEHIND ||
                         (page->tear == PAGE_TEAR_PREFIX && at < offset + PAGE_BYTES / 2);
        if (is_erased)
            page_erase_unit(page, at);
        for (uint32_t i = 0; page->tear == PAGE_TEAR_BITS && i < PAGE_UNIT; i++)
            page->bytes[at + i] |= (uint8_t)page_random(&page->seed);
        if (page->tear == PAGE_TEAR_ECC)
            page->is_unreadable[at / PAGE_UNIT] = true;
    }
}

static enum ota_err erase_ram(struct flash *flash, uint32_t offset)
{
    struct page *page = (struct page *)flash;

    if (page->is_erase_failing)
        return OTA_ERR_FLASH;
    if (++page->operations == page->cut_at) {
        tear_erase(page, offset);
        longjmp(page->cut, 1);
    }
    for (uint32_t at = offset; at < offset + PAGE_BYTES; at += PAGE_UNIT)
        page_erase_unit(page, at);
    return OTA_OK;
}

static enum ota_err unlock_ram(struct flash *flash)
{
    (void)flash;
    return OTA_OK;
}

static void protect_ram(struct flash *flash, uint32_t from, uint32_t to)
{
    (void)flash, (void)from, (void)to;
}

static const struct flash_ops ops_ram = {read_ram, program_ram, erase_ram, unlock_ram, protect_ram};

void page_init(struct page *page)
{
    memset(page, 0, sizeof *page);
    page->flash = (struct flash){.ops = &ops_ram,
                                 .name = "nvm",
                                 .size = PAGE_FLASH_SIZE,
                                 .erase_size = PAGE_BYTES,
                                 .row_size = 1024,
                                 .program_size = PAGE_UNIT,
                                 .write_once = true};
    memset(page->bytes, 0xC3, PAGE_FLASH_SIZE);
    memset(page->bytes + PAGE_AT, 0xFF, PAGE_BYTES);
    page->seed = 1;
}

int page_setup(void **state)
{
    struct page *page = malloc(sizeof *page);

    if (!page)
        return -1;
    page_init(page);
    *state = page;
    return 0;
}

bool page_is_sound(const struct page *page)
{
    for (uint32_t at = 0; at < PAGE_FLASH_SIZE; at++)
        if (at / PAGE_BYTES != 1 && page->bytes[at] != 0xC3)
            return false;
    return !page->was_programmed_twice;
}

int page_teardown(void **state)
{
    bool was_sound = page_is_sound(*state);

    free(*state);
    if (!was_sound)
        print_error("a double word was programmed twice, or another page was touched\n");
    return was_sound ? 0 : -1;
}

enum ota_err page_reopen(struct bootctl *bootctl, struct page *page)
{
    memset(bootctl, 0xA5, sizeof *bootctl);
    return bootctl_open(bootctl, &page->flash, PAGE_AT);
}

struct bootctl_record page_image(uint32_t version, enum bootctl_status status)
{
    struct bootctl_record record = {
        .version = version,
        .size = 0x1000 + version,
        .boot_address = 0xB0021000u,
        .security_counter = version / 10,
        .type = BOOTCTL_PRODUCTION,
        .status = status,
    };

    memset(record.hash, (int)version, sizeof record.hash);
    memset(record.image_header, (int)~version, sizeof record.image_header);
    return record;
}

bool page_is_same(const struct bootctl_record *a, const struct bootctl_record *b)
{
    return a->sequence == b->sequence && a->version == b->version && a->size == b->size &&
           a->boot_address == b->boot_address && a->security_counter == b->security_counter &&
           a->counter_floor == b->counter_floor && a->type == b->type && a->status == b->status &&
           a->trials == b->trials && a->was_confirmed == b->was_confirmed &&
           memcmp(a->hash, b->hash, sizeof a->hash) == 0 &&
           memcmp(a->image_header, b->image_header, sizeof a->image_header) == 0;
}

void page_append(struct bootctl *bootctl, uint32_t version, enum bootctl_status status)
{
    struct bootctl_record record = page_image(version, status);

    assert_int_equal(bootctl_append(bootctl, &record), OTA_OK);
}

void page_set(struct bootctl *bootctl, enum bootctl_status status, uint32_t trials)
{
    assert_int_equal(bootctl_set(bootctl, status, trials), OTA_OK);
}

void page_assert_kept(const struct bootctl *bootctl, struct page *page)
{
    struct bootctl again;

    assert_int_equal(page_reopen(&again, page), OTA_OK);
    assert_true(page_is_same(&bootctl->record, &again.record));
    assert_int_equal(bootctl_counter_floor(bootctl), bootctl_counter_floor(&again));
}

void page_assert_status_of(struct bootctl *bootctl, uint32_t version, enum bootctl_status expected)
{
    struct bootctl_record record = page_image(version, BOOTCTL_BLANK);

    assert_int_equal(bootctl_status_of(bootctl, record.hash), expected);
}
