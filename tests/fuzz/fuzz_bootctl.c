/*
 * The boot control page. The input patches a page with a history; with its first bit set, records
 * and words get the right CRC back, so that only their values are absurd. Whatever is there, the
 * next record and the next status hold.
 */
#include <string.h>

#include "core/bootctl.h"
#include "core/bytes.h"
#include "core/crc32.h"
#include "hal_posix/flash_nor.h"
#include "hal_posix/flash_ram.h"
#include "tests/fuzz/fuzz.h"

#define PAGE_AT     0x20000u
#define PAGE_SIZE   4096u
#define RECORD_SIZE 112u
#define CRC_AT      108u
#define WORD_SIZE   8u
#define PATCH_HEAD  3 /* offset u16, number of bytes u8 */

static struct flash_ram ram;
static struct flash_nor nor;

static void on_violation(void *context, const char *rule, const struct flash *flash,
                         uint32_t offset, uint32_t size)
{
    (void)context;
    fprintf(stderr, "%s 0x%X+%u: %s\n", flash->name, offset, size, rule);
    abort();
}

static struct bootctl_record make_record(uint32_t version)
{
    struct bootctl_record record = {.version = version,
                                    .size = 20000 + version,
                                    .boot_address = 0xB0021000,
                                    .security_counter = version / 2,
                                    .type = BOOTCTL_PRODUCTION,
                                    .status = BOOTCTL_UNBOOTED};

    memset(record.hash, (int)version, sizeof record.hash);
    return record;
}

/* Three images, the first two confirmed. */
static void set_up(void)
{
    struct bootctl bootctl;
    struct cells cells;

    if (ram.memory)
        return;
    cells_init_nvm(&cells, false);
    FUZZ_CHECK(flash_ram_init(&ram, &cells) == OTA_OK);
    flash_nor_init(&nor, &ram.cells, on_violation, NULL);
    flash_nor_reset(&nor, true);
    FUZZ_CHECK(flash_unlock(&nor.flash) == OTA_OK);
    FUZZ_CHECK(bootctl_open(&bootctl, &nor.flash, PAGE_AT) == OTA_ERR_NOT_FOUND);
    for (uint32_t version = 1; version <= 3; version++) {
        struct bootctl_record record = make_record(version);
        FUZZ_CHECK(bootctl_append(&bootctl, &record) == OTA_OK);
        FUZZ_CHECK(bootctl_set(&bootctl, BOOTCTL_UNBOOTED, 1) == OTA_OK);
        if (version < 3)
            FUZZ_CHECK(bootctl_set(&bootctl, BOOTCTL_VALID, 1) == OTA_OK);
    }
}

static void patch(uint8_t *page, const uint8_t *data, size_t size)
{
    while (size > PATCH_HEAD) {
        uint32_t at = bytes_get16(data) % PAGE_SIZE;
        uint32_t length =
            bytes_min(data[2], bytes_min((uint32_t)size - PATCH_HEAD, PAGE_SIZE - at));
        memcpy(page + at, data + PATCH_HEAD, length);
        data += PATCH_HEAD + length;
        size -= PATCH_HEAD + length;
    }
}

static void restore_crcs(uint8_t *page)
{
    for (uint8_t *slot = page; slot < page + PAGE_SIZE; slot += BOOTCTL_SLOT_SIZE) {
        if (bytes_are_erased(slot, RECORD_SIZE))
            continue;
        bytes_put32(slot + CRC_AT, crc32_update(0, slot, CRC_AT));
        for (uint32_t at = RECORD_SIZE; at < BOOTCTL_SLOT_SIZE; at += WORD_SIZE)
            if (!bytes_are_erased(slot + at, WORD_SIZE))
                bytes_put32(slot + at + 4,
                            crc32_update(crc32_update(0, slot + CRC_AT, 4), slot + at, 4));
    }
}

/* What reads as blank is blank: a weak erase is another test's concern. */
static void mark_programmed(struct cells *cells)
{
    for (uint32_t at = PAGE_AT; at < PAGE_AT + PAGE_SIZE; at += cells->mark_size) {
        bool is_blank = bytes_are_erased(cells->bytes + at, cells->mark_size);
        cells->marks[at / cells->mark_size] = is_blank ? 0 : CELLS_PROGRAMMED;
    }
}

static void check_record(const struct bootctl_record *record)
{
    FUZZ_CHECK(record->type == BOOTCTL_PRODUCTION || record->type == BOOTCTL_FACTORY);
    FUZZ_CHECK(record->trials <= UINT8_MAX);
    FUZZ_CHECK(record->status == BOOTCTL_BLANK || record->status == BOOTCTL_DOWNLOADED ||
               record->status == BOOTCTL_UNBOOTED || record->status == BOOTCTL_VALID ||
               record->status == BOOTCTL_DISABLED);
}

static void check_page(void)
{
    struct bootctl_record next = make_record(77);
    struct bootctl bootctl;

    if (bootctl_open(&bootctl, &nor.flash, PAGE_AT) == OTA_OK) {
        check_record(&bootctl.record);
        FUZZ_CHECK(bootctl_request_factory(&bootctl) == OTA_OK);
        FUZZ_CHECK(bootctl_open(&bootctl, &nor.flash, PAGE_AT) == OTA_OK);
        FUZZ_CHECK(bootctl.record.wants_factory);
    }
    uint32_t floor = bootctl_counter_floor(&bootctl);
    FUZZ_CHECK(bootctl_append(&bootctl, &next) == OTA_OK);
    FUZZ_CHECK(bootctl_open(&bootctl, &nor.flash, PAGE_AT) == OTA_OK);
    FUZZ_CHECK(bootctl.record.version == 77 && bootctl_counter_floor(&bootctl) >= floor);
    for (uint32_t i = 0; i < 20; i++)
        FUZZ_CHECK(bootctl_set(&bootctl, BOOTCTL_UNBOOTED, i) == OTA_OK);
    FUZZ_CHECK(bootctl_set(&bootctl, BOOTCTL_VALID, 2) == OTA_OK);
    FUZZ_CHECK(bootctl_open(&bootctl, &nor.flash, PAGE_AT) == OTA_OK);
    FUZZ_CHECK(bootctl.record.version == 77 && bootctl.record.status == BOOTCTL_VALID);
    FUZZ_CHECK(bootctl_status_of(&bootctl, next.hash) == BOOTCTL_VALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    set_up();
    if (!size)
        return 0;
    uint32_t mark = flash_ram_mark(&ram);
    ram.cells.before_change(&ram.cells, PAGE_AT / PAGE_SIZE);
    patch(ram.cells.bytes + PAGE_AT, data + 1, size - 1);
    if (data[0] & 1)
        restore_crcs(ram.cells.bytes + PAGE_AT);
    mark_programmed(&ram.cells);
    check_page();
    flash_ram_rollback(&ram, mark);
    return 0;
}
