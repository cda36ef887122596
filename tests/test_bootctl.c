#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/bootctl.h"
#include "core/bytes.h"
#include "core/crc32.h"
#include "tests/page.h"

static void blank_page_has_no_record(void **state)
{
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    assert_false(bootctl.has_record);
    assert_int_equal(bootctl_counter_floor(&bootctl), 0);
    page_assert_status_of(&bootctl, 1, BOOTCTL_BLANK);
    assert_int_equal(bootctl_set(&bootctl, BOOTCTL_VALID, 0), OTA_ERR_STATE);
}

static void page_of_other_bytes_is_corrupt_and_can_be_appended_to(void **state)
{
    struct page *page = *state;
    struct bootctl bootctl;

    memcpy(page->bytes + PAGE_AT, "\x3D\xB8\xF3\x96", 4);
    page->is_programmed[PAGE_AT / PAGE_UNIT] = true;
    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_CORRUPT);
    assert_false(bootctl.has_record);
    page_append(&bootctl, 1, BOOTCTL_UNBOOTED);
    page_assert_kept(&bootctl, page);

    memset(page->bytes + PAGE_AT, 0, PAGE_BYTES);
    memset(page->is_programmed + PAGE_AT / PAGE_UNIT, true, PAGE_BYTES / PAGE_UNIT);
    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_CORRUPT);
    page_append(&bootctl, 2, BOOTCTL_UNBOOTED);
    page_assert_kept(&bootctl, page);
}

static void unreadable_page_is_corrupt_and_can_be_appended_to(void **state)
{
    struct page *page = *state;
    struct bootctl bootctl;

    memset(page->is_unreadable + PAGE_AT / PAGE_UNIT, true, PAGE_BYTES / PAGE_UNIT);
    memset(page->is_programmed + PAGE_AT / PAGE_UNIT, true, PAGE_BYTES / PAGE_UNIT);
    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_CORRUPT);
    page_append(&bootctl, 1, BOOTCTL_UNBOOTED);
    page_assert_kept(&bootctl, page);
}

static void appended_record_is_read_back(void **state)
{
    struct bootctl_record expected = page_image(7, BOOTCTL_DOWNLOADED);
    struct bootctl bootctl;

    expected.trials = 2;
    expected.type = BOOTCTL_FACTORY;
    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    assert_int_equal(bootctl_append(&bootctl, &expected), OTA_OK);
    expected.sequence = 1;
    assert_true(page_is_same(&bootctl.record, &expected));
    page_assert_kept(&bootctl, *state);
}

/* What could not be written is known in RAM, and written where that is possible again. */
static void assumed_record_is_written_with_the_next_change(void **state)
{
    struct bootctl_record seven = page_image(7, BOOTCTL_UNBOOTED);
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 6, BOOTCTL_VALID);
    uint32_t floor = bootctl_counter_floor(&bootctl);
    seven.security_counter = 0;
    bootctl_assume(&bootctl, &seven);
    assert_int_equal(bootctl.record.version, 7);
    assert_int_equal(bootctl_counter_floor(&bootctl), floor);
    assert_int_equal(bootctl_set(&bootctl, BOOTCTL_VALID, 1), OTA_OK);
    assert_int_equal(bootctl.record.version, 7);
    assert_int_equal(bootctl.record.sequence, 2);
    page_assert_kept(&bootctl, *state);
}

static void newest_record_wins(void **state)
{
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    for (uint32_t version = 1; version <= PAGE_SLOTS; version++) {
        page_append(&bootctl, version, BOOTCTL_UNBOOTED);
        page_assert_kept(&bootctl, *state);
        assert_int_equal(bootctl.record.version, version);
        assert_int_equal(bootctl.record.sequence, version);
    }
}

static void last_status_word_holds(void **state)
{
    static const enum bootctl_status statuses[] = {BOOTCTL_UNBOOTED, BOOTCTL_VALID,
                                                   BOOTCTL_DISABLED, BOOTCTL_VALID};
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_DOWNLOADED);
    for (uint32_t i = 0; i < PAGE_WORDS; i++) {
        page_set(&bootctl, statuses[i % 4], i);
        assert_int_equal(bootctl.record.status, statuses[i % 4]);
        assert_int_equal(bootctl.record.trials, i);
        page_assert_kept(&bootctl, *state);
        assert_int_equal(bootctl.record.sequence, 1);
    }
}

static void trial_count_in_memory_is_the_one_in_flash(void **state)
{
    static const uint32_t counts[] = {0, 255, 256, 1000};
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_UNBOOTED);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        enum ota_err err = bootctl_set(&bootctl, BOOTCTL_UNBOOTED, counts[i]);
        if (counts[i] <= UINT8_MAX)
            assert_int_equal(err, OTA_OK);
        page_assert_kept(&bootctl, *state);
    }
}

static void torn_record_is_skipped(void **state)
{
    struct bootctl_record record = page_image(2, BOOTCTL_UNBOOTED);
    struct page *page = *state;

    for (uint32_t unit = 0; unit < PAGE_RECORD_SIZE / PAGE_UNIT; unit++) {
        struct bootctl bootctl;
        page_init(page);
        assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
        page_append(&bootctl, 1, BOOTCTL_VALID);
        assert_int_equal(bootctl_append(&bootctl, &record), OTA_OK);
        for (uint32_t left = unit; left < PAGE_RECORD_SIZE / PAGE_UNIT; left++)
            page_erase_unit(page, PAGE_AT + BOOTCTL_SLOT_SIZE + left * PAGE_UNIT);
        assert_int_equal(page_reopen(&bootctl, page), OTA_OK);
        assert_int_equal(bootctl.record.version, 1);
        page_append(&bootctl, 3, BOOTCTL_UNBOOTED);
        page_assert_kept(&bootctl, page);
        assert_true(page_is_sound(page));
    }
}

static void unreadable_record_is_skipped(void **state)
{
    struct page *page = *state;
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_VALID);
    page_append(&bootctl, 2, BOOTCTL_UNBOOTED);
    for (uint32_t unit = 0; unit < PAGE_RECORD_SIZE / PAGE_UNIT; unit++) {
        bool *is_unreadable =
            &page->is_unreadable[(PAGE_AT + BOOTCTL_SLOT_SIZE) / PAGE_UNIT + unit];
        *is_unreadable = true;
        assert_int_equal(page_reopen(&bootctl, page), OTA_OK);
        assert_int_equal(bootctl.record.version, 1);
        *is_unreadable = false;
    }
}

static void torn_or_unreadable_word_is_passed_over(void **state)
{
    struct page *page = *state;
    struct bootctl bootctl;
    uint32_t word = PAGE_AT + PAGE_RECORD_SIZE + PAGE_UNIT;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_DOWNLOADED);
    page_set(&bootctl, BOOTCTL_UNBOOTED, 1);
    page_set(&bootctl, BOOTCTL_VALID, 2);
    page->bytes[word + 5] |= 0xF0;
    page->bytes[word + 4] |= 0x0F;
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(page_reopen(&bootctl, page), OTA_OK);
        assert_int_equal(bootctl.record.status, BOOTCTL_UNBOOTED);
        assert_int_equal(bootctl.record.trials, 1);
        page->is_unreadable[word / PAGE_UNIT] = true;
    }
    page_set(&bootctl, BOOTCTL_DISABLED, 3);
    page_assert_kept(&bootctl, page);
}

static void word_behind_one_that_reads_as_erased_counts(void **state)
{
    struct page *page = *state;
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_DOWNLOADED);
    page_set(&bootctl, BOOTCTL_UNBOOTED, 1);
    page_set(&bootctl, BOOTCTL_VALID, 2);
    page_erase_unit(page, PAGE_AT + PAGE_RECORD_SIZE);
    page_assert_kept(&bootctl, page);
}

static void record_of_another_layout_is_skipped(void **state)
{
    struct page *page = *state;
    uint8_t *raw = page->bytes + PAGE_AT + BOOTCTL_SLOT_SIZE;
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_UNBOOTED);
    page_append(&bootctl, 2, BOOTCTL_UNBOOTED);
    for (uint32_t at = 0; at <= 4; at += 4) { /* its magic number, its layout version */
        raw[at]++;
        bytes_put32(raw + PAGE_RECORD_SIZE - 4, crc32_update(0, raw, PAGE_RECORD_SIZE - 4));
        assert_int_equal(page_reopen(&bootctl, page), OTA_OK);
        assert_int_equal(bootctl.record.version, 1);
        raw[at]--;
    }
}

/* Whoever wrote them knew how to make a CRC, and no more. */
static void records_of_absurd_values_are_skipped(void **state)
{
    static const struct {
        uint32_t at, value, size;
    } absurd[] = {{6, 0, 1},         {6, 2, 1},    {6, 0xFF, 1},
                  {7, 0, 1},         {7, 0xFD, 1}, {8, 0xFFFFFFFF, 4},
                  {8, 0x1000000, 4}, {96, 256, 4}, {96, 0xFFFFFFFF, 4}};
    struct page *page = *state;
    uint8_t *raw = page->bytes + PAGE_AT + BOOTCTL_SLOT_SIZE;
    struct bootctl bootctl;

    for (size_t i = 0; i < sizeof absurd / sizeof absurd[0]; i++) {
        page_init(page);
        assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
        page_append(&bootctl, 1, BOOTCTL_UNBOOTED);
        page_append(&bootctl, 2, BOOTCTL_UNBOOTED);
        for (uint32_t byte = 0; byte < absurd[i].size; byte++)
            raw[absurd[i].at + byte] = (uint8_t)(absurd[i].value >> 8 * byte);
        bytes_put32(raw + PAGE_RECORD_SIZE - 4, crc32_update(0, raw, PAGE_RECORD_SIZE - 4));
        assert_int_equal(page_reopen(&bootctl, page), OTA_OK);
        assert_int_equal(bootctl.record.version, 1);
        page_append(&bootctl, 3, BOOTCTL_UNBOOTED);
        page_set(&bootctl, BOOTCTL_VALID, 1);
        page_assert_kept(&bootctl, page);
    }
}

static void words_of_absurd_status_are_passed_over(void **state)
{
    struct page *page = *state;
    uint8_t *record = page->bytes + PAGE_AT, *word = record + PAGE_RECORD_SIZE;
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_UNBOOTED);
    page_set(&bootctl, BOOTCTL_VALID, 1);
    word[0] = 0x42;
    bytes_put32(word + 4, crc32_update(crc32_update(0, record + PAGE_RECORD_SIZE - 4, 4), word, 4));
    assert_int_equal(page_reopen(&bootctl, page), OTA_OK);
    assert_int_equal(bootctl.record.status, BOOTCTL_UNBOOTED);
}

/* The highest sequence there is: the next record begins again, on an empty page. */
static void sequence_that_is_used_up_begins_again(void **state)
{
    struct page *page = *state;
    uint8_t *raw = page->bytes + PAGE_AT;
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_VALID);
    bytes_put32(raw + 8, 0xFFFFFF);
    bytes_put32(raw + PAGE_RECORD_SIZE - 4, crc32_update(0, raw, PAGE_RECORD_SIZE - 4));
    assert_int_equal(page_reopen(&bootctl, page), OTA_OK);
    assert_int_equal(bootctl.record.sequence, 0xFFFFFF);
    page_append(&bootctl, 2, BOOTCTL_UNBOOTED);
    assert_int_equal(bootctl.record.sequence, 1);
    page_assert_kept(&bootctl, page);
}

static void word_of_another_record_does_not_count(void **state)
{
    struct page *page = *state;
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_UNBOOTED);
    page_set(&bootctl, BOOTCTL_VALID, 1);
    page_append(&bootctl, 2, BOOTCTL_UNBOOTED);
    memcpy(page->bytes + PAGE_AT + BOOTCTL_SLOT_SIZE + PAGE_RECORD_SIZE,
           page->bytes + PAGE_AT + PAGE_RECORD_SIZE, PAGE_UNIT);
    assert_int_equal(page_reopen(&bootctl, page), OTA_OK);
    assert_int_equal(bootctl.record.version, 2);
    assert_int_equal(bootctl.record.status, BOOTCTL_UNBOOTED);
}

static void full_page_is_compacted(void **state)
{
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    for (uint32_t version = 1; version <= 3 * PAGE_SLOTS; version++) {
        page_append(&bootctl, version, BOOTCTL_UNBOOTED);
        page_assert_kept(&bootctl, *state);
        assert_int_equal(bootctl.slot, (version - 1) % PAGE_SLOTS);
        assert_int_equal(bootctl.record.sequence, version);
    }
}

static void used_up_words_start_a_new_record(void **state)
{
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_DOWNLOADED);
    for (uint32_t i = 0; i < 3 * PAGE_SLOTS * (PAGE_WORDS + 1); i++) {
        page_set(&bootctl, BOOTCTL_UNBOOTED, i % 200);
        assert_int_equal(bootctl.record.version, 1);
        assert_int_equal(bootctl.record.trials, i % 200);
        if (i % 7 == 0)
            page_assert_kept(&bootctl, *state);
    }
    /* One change in the record itself, the rest in its words. */
    assert_int_equal(bootctl.record.sequence, 1 + 3 * PAGE_SLOTS);
}

static void confirmation_is_remembered_when_words_are_used_up(void **state)
{
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_UNBOOTED);
    page_set(&bootctl, BOOTCTL_VALID, 0);
    for (uint32_t i = 0; i < 2 * PAGE_WORDS; i++) {
        page_set(&bootctl, BOOTCTL_DISABLED, i);
        assert_true(bootctl.record.was_confirmed);
        page_assert_kept(&bootctl, *state);
    }
}

static void status_of_older_records_is_known(void **state)
{
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_UNBOOTED);
    page_set(&bootctl, BOOTCTL_VALID, 1);
    page_append(&bootctl, 2, BOOTCTL_UNBOOTED);
    page_set(&bootctl, BOOTCTL_DISABLED, 3);
    page_append(&bootctl, 3, BOOTCTL_DOWNLOADED);
    for (int pass = 0; pass < 2; pass++) {
        page_assert_status_of(&bootctl, 1, BOOTCTL_VALID);
        page_assert_status_of(&bootctl, 2, BOOTCTL_DISABLED);
        page_assert_status_of(&bootctl, 3, BOOTCTL_DOWNLOADED);
        page_assert_status_of(&bootctl, 4, BOOTCTL_BLANK);
        assert_int_equal(page_reopen(&bootctl, *state), OTA_OK);
    }
    page_append(&bootctl, 2, BOOTCTL_UNBOOTED);
    page_assert_status_of(&bootctl, 2, BOOTCTL_UNBOOTED);
}

/* A page whose slots have changed places: what is newest says its sequence, not its place. */
static void newest_record_of_an_image_tells_its_status(void **state)
{
    struct page *page = *state;
    struct bootctl bootctl;
    uint8_t slot[BOOTCTL_SLOT_SIZE], *slots = page->bytes + PAGE_AT;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_VALID);
    page_append(&bootctl, 1, BOOTCTL_DISABLED);
    memcpy(slot, slots, sizeof slot);
    memcpy(slots, slots + sizeof slot, sizeof slot);
    memcpy(slots + sizeof slot, slot, sizeof slot);
    assert_int_equal(page_reopen(&bootctl, page), OTA_OK);
    page_assert_status_of(&bootctl, 1, BOOTCTL_DISABLED);
}

static void counter_floor_rises_with_a_confirmation_only(void **state)
{
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 50, BOOTCTL_UNBOOTED);
    assert_int_equal(bootctl_counter_floor(&bootctl), 0);
    page_set(&bootctl, BOOTCTL_VALID, 1);
    assert_int_equal(bootctl_counter_floor(&bootctl), 5);
    page_append(&bootctl, 70, BOOTCTL_UNBOOTED);
    assert_int_equal(bootctl_counter_floor(&bootctl), 5);
    page_set(&bootctl, BOOTCTL_DISABLED, 3);
    assert_int_equal(bootctl_counter_floor(&bootctl), 5);
    page_append(&bootctl, 90, BOOTCTL_VALID);
    assert_int_equal(bootctl_counter_floor(&bootctl), 9);
    page_assert_kept(&bootctl, *state);
}

static void counter_floor_never_falls(void **state)
{
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, *state), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 90, BOOTCTL_UNBOOTED);
    page_set(&bootctl, BOOTCTL_VALID, 0);
    page_set(&bootctl, BOOTCTL_DISABLED, 0);
    page_assert_kept(&bootctl, *state);
    for (uint32_t i = 0; i < 2 * PAGE_WORDS; i++) {
        page_set(&bootctl, BOOTCTL_DISABLED, i);
        assert_int_equal(bootctl_counter_floor(&bootctl), 9);
    }
    for (uint32_t version = 1; version <= 2 * PAGE_SLOTS; version++) {
        page_append(&bootctl, version, version % 2 ? BOOTCTL_VALID : BOOTCTL_UNBOOTED);
        assert_int_equal(bootctl_counter_floor(&bootctl), 9);
        page_assert_kept(&bootctl, *state);
    }
}

static void slot_that_does_not_hold_is_given_up(void **state)
{
    struct page *page = *state;
    struct bootctl bootctl;

    page->is_weak[PAGE_AT / PAGE_UNIT + 2] = true;
    page->is_weak[(PAGE_AT + 2 * BOOTCTL_SLOT_SIZE) / PAGE_UNIT + 4] = true;
    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    for (uint32_t version = 2; version <= 3 * PAGE_SLOTS; version += 2) {
        page_append(&bootctl, version, BOOTCTL_UNBOOTED);
        page_assert_kept(&bootctl, page);
        assert_int_not_equal(bootctl.slot, 0);
        assert_int_not_equal(bootctl.slot, 2);
    }
}

static void word_that_does_not_hold_is_given_up(void **state)
{
    struct page *page = *state;
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_DOWNLOADED);
    memset(page->is_weak + (PAGE_AT + PAGE_RECORD_SIZE) / PAGE_UNIT, true, PAGE_WORDS);
    page_set(&bootctl, BOOTCTL_VALID, 1);
    assert_int_equal(bootctl.slot, 1);
    page_assert_kept(&bootctl, page);
}

static void flash_that_holds_nothing_is_reported(void **state)
{
    struct bootctl_record record = page_image(2, BOOTCTL_UNBOOTED);
    struct page *page = *state;
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    memset(page->is_weak, true, sizeof page->is_weak);
    assert_int_equal(bootctl_append(&bootctl, &record), OTA_ERR_FLASH);
    assert_false(bootctl.has_record);
    memset(page->is_weak, false, sizeof page->is_weak);
    page_append(&bootctl, 3, BOOTCTL_UNBOOTED);
    page_assert_kept(&bootctl, page);
}

static void record_stays_when_nothing_can_be_changed(void **state)
{
    struct bootctl_record record = page_image(2, BOOTCTL_UNBOOTED);
    struct page *page = *state;
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_UNBOOTED);
    page_set(&bootctl, BOOTCTL_VALID, 1);
    page->is_write_failing = page->is_erase_failing = true;
    assert_int_equal(bootctl_append(&bootctl, &record), OTA_ERR_FLASH);
    page_assert_kept(&bootctl, page);
    assert_int_equal(bootctl_set(&bootctl, BOOTCTL_DISABLED, 9), OTA_ERR_FLASH);
    assert_int_equal(bootctl.record.status, BOOTCTL_VALID);
    page_assert_kept(&bootctl, page);
}

/* A part that refuses to program for a while (low voltage, a locked sequence) still erases. */
static void record_of_a_page_with_room_outlives_failing_writes(void **state)
{
    struct bootctl_record record = page_image(2, BOOTCTL_UNBOOTED);
    struct page *page = *state;
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    page_append(&bootctl, 1, BOOTCTL_VALID);
    page->is_write_failing = true;
    assert_int_equal(bootctl_append(&bootctl, &record), OTA_ERR_FLASH);
    assert_int_equal(page_reopen(&bootctl, page), OTA_OK);
    assert_int_equal(bootctl.record.version, 1);
}

/* What an erase that was cut leaves: it reads as blank but for the first slot, and is not. */
static void page_without_a_record_is_erased_before_one_is_written(void **state)
{
    struct page *page = *state;
    struct bootctl bootctl;

    memset(page->bytes + PAGE_AT, 0x3D, 4);
    memset(page->is_programmed + PAGE_AT / PAGE_UNIT, true, PAGE_BYTES / PAGE_UNIT);
    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_CORRUPT);
    page_append(&bootctl, 50, BOOTCTL_VALID);
    assert_int_equal(bootctl.slot, 0);
    page_assert_kept(&bootctl, page);
}

static void single_bit_flip_never_makes_up_a_record(void **state)
{
    struct bootctl_record known[16];
    uint32_t known_count = 0;
    struct page *page = *state;
    struct bootctl bootctl;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    for (uint32_t version = 10; version <= 40; version += 10) {
        page_append(&bootctl, version, BOOTCTL_UNBOOTED);
        known[known_count++] = bootctl.record;
        page_set(&bootctl, BOOTCTL_UNBOOTED, 1);
        known[known_count++] = bootctl.record;
        page_set(&bootctl, version == 40 ? BOOTCTL_DISABLED : BOOTCTL_VALID, 2);
        known[known_count++] = bootctl.record;
    }
    for (uint32_t bit = 0; bit < 8 * PAGE_BYTES; bit++) {
        bool is_known = false;
        page->bytes[PAGE_AT + bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(page_reopen(&bootctl, page), OTA_OK);
        for (uint32_t i = 0; i < known_count; i++)
            is_known |= page_is_same(&bootctl.record, &known[i]);
        assert_true(is_known);
        page->bytes[PAGE_AT + bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, page_setup, page_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(blank_page_has_no_record),
        TEST(page_of_other_bytes_is_corrupt_and_can_be_appended_to),
        TEST(unreadable_page_is_corrupt_and_can_be_appended_to),
        TEST(appended_record_is_read_back),
        TEST(assumed_record_is_written_with_the_next_change),
        TEST(newest_record_wins),
        TEST(last_status_word_holds),
        TEST(trial_count_in_memory_is_the_one_in_flash),
        TEST(torn_record_is_skipped),
        TEST(unreadable_record_is_skipped),
        TEST(torn_or_unreadable_word_is_passed_over),
        TEST(word_behind_one_that_reads_as_erased_counts),
        TEST(record_of_another_layout_is_skipped),
        TEST(records_of_absurd_values_are_skipped),
        TEST(words_of_absurd_status_are_passed_over),
        TEST(sequence_that_is_used_up_begins_again),
        TEST(word_of_another_record_does_not_count),
        TEST(full_page_is_compacted),
        TEST(used_up_words_start_a_new_record),
        TEST(confirmation_is_remembered_when_words_are_used_up),
        TEST(status_of_older_records_is_known),
        TEST(newest_record_of_an_image_tells_its_status),
        TEST(counter_floor_rises_with_a_confirmation_only),
        TEST(counter_floor_never_falls),
        TEST(slot_that_does_not_hold_is_given_up),
        TEST(word_that_does_not_hold_is_given_up),
        TEST(flash_that_holds_nothing_is_reported),
        TEST(record_stays_when_nothing_can_be_changed),
        TEST(record_of_a_page_with_room_outlives_failing_writes),
        TEST(page_without_a_record_is_erased_before_one_is_written),
        TEST(single_bit_flip_never_makes_up_a_record),
    };

    return cmocka_run_group_tests_name("bootctl", tests, NULL, NULL);
}
