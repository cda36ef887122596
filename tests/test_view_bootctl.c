/*
 * Method: boot control writes a page in a flash as it is, with the power cut here and there. Two
 * pages that look alike must be read alike and, whatever is done to them next, look alike again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bootctl.h"
#include "hal_posix/flash_ram.h"
#include "sim/explore/view_bootctl.h"

#define UNIT    4096u
#define AT      (3 * UNIT)
#define WORD_AT 112u
#define IMAGES  3

struct bench {
    struct flash_ram ram;
    uint32_t seed;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct cells cells;

    cells_init_nvm(&cells, false);
    cells.ghosts = CELLS_GHOSTS;
    assert_int_equal(flash_ram_init(&bench->ram, &cells), OTA_OK);
    bench->seed = 4;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    flash_ram_free(&bench->ram);
    free(bench);
    return 0;
}

static struct flash *flash_of(struct bench *bench)
{
    return &bench->ram.cells.flash;
}

static void erase(struct bench *bench)
{
    assert_int_equal(flash_erase(flash_of(bench), AT), OTA_OK);
}

static uint32_t random_below(struct bench *bench, uint32_t bound)
{
    bench->seed = bench->seed * 1664525u + 1013904223u;
    return (bench->seed >> 8) % bound;
}

/* --- what is done to a page ------------------------------------------------------------------ */

static struct bootctl_record record_of(uint8_t image)
{
    struct bootctl_record record = {
        .version = image,
        .size = 1000,
        .boot_address = 0xB0021000u,
        .type = BOOTCTL_PRODUCTION,
        .status = BOOTCTL_UNBOOTED,
    };

    memset(record.hash, image, sizeof record.hash);
    return record;
}

static void append(struct bench *bench, uint8_t image)
{
    const struct bootctl_record record = record_of(image);
    struct bootctl bootctl;

    err_ignore(bootctl_open(&bootctl, flash_of(bench), AT));
    assert_int_equal(bootctl_append(&bootctl, &record), OTA_OK);
}

static void set(struct bench *bench, enum bootctl_status status, uint32_t trials)
{
    struct bootctl bootctl;

    assert_int_equal(bootctl_open(&bootctl, flash_of(bench), AT), OTA_OK);
    assert_int_equal(bootctl_set(&bootctl, status, trials), OTA_OK);
}

static void request_factory(struct bench *bench)
{
    struct bootctl bootctl;

    assert_int_equal(bootctl_open(&bootctl, flash_of(bench), AT), OTA_OK);
    assert_int_equal(bootctl_request_factory(&bootctl), OTA_OK);
}

/* A record or a word that was cut while it was written: some bits of it are there. */
static void tear_record(struct bench *bench)
{
    struct bootctl bootctl;

    err_ignore(bootctl_open(&bootctl, flash_of(bench), AT));
    cells_tear_program(&bench->ram.cells, AT + bootctl.slot_next * BOOTCTL_SLOT_SIZE,
                       "BCTL\1\0\1\xFE", 8, TEAR_MOST_BITS);
}

static void tear_word(struct bench *bench)
{
    const uint8_t word[8] = {BOOTCTL_VALID, 1, 0, 0, 1, 2, 3, 4};
    struct bootctl bootctl;

    assert_int_equal(bootctl_open(&bootctl, flash_of(bench), AT), OTA_OK);
    cells_tear_program(&bench->ram.cells,
                       AT + bootctl.slot * BOOTCTL_SLOT_SIZE + WORD_AT + bootctl.word_next * 8,
                       word, 8, TEAR_MOST_BITS);
}

/* --- what it looks like ---------------------------------------------------------------------- */

static bool look(struct bench *bench, struct view *ret_view)
{
    return view_bootctl(&bench->ram.cells, AT, ret_view);
}

static struct view view_of(struct bench *bench)
{
    struct view view;

    assert_true(look(bench, &view));
    return view;
}

static bool is_same(struct view a, struct view b)
{
    return key_equals(a.content, b.content) && key_equals(a.room, b.room);
}

static void page_without_a_record_has_no_view(void **state)
{
    struct bench *bench = *state;
    struct view view;

    assert_false(look(bench, &view));
    tear_record(bench);
    assert_false(look(bench, &view));
    erase(bench);
    append(bench, 1);
    assert_true(look(bench, &view));
}

static void weak_page_has_no_view(void **state)
{
    struct bench *bench = *state;
    struct view view;

    append(bench, 1);
    cells_tear_erase(&bench->ram.cells, AT, TEAR_WEAK);
    cells_settle(&bench->ram.cells, AT / UNIT, true); /* reads as before */
    assert_false(look(bench, &view));
}

/* Programmed since its erase, and 0xFF: the next word would not go there. */
static void word_that_only_reads_as_blank_has_no_view(void **state)
{
    struct bench *bench = *state;
    uint8_t ones[8];
    struct view view;

    memset(ones, 0xFF, sizeof ones);
    append(bench, 1);
    assert_int_equal(flash_program(flash_of(bench), AT + UNIT - 8, ones, 8), OTA_OK);
    assert_false(look(bench, &view));
}

/* The same in the end, by a longer way. */
static void history_does_not_show(void **state)
{
    struct bench *bench = *state;

    append(bench, 1);
    set(bench, BOOTCTL_VALID, 1);
    const struct view straight = view_of(bench);
    for (int what = 0; what < 5; what++) {
        erase(bench);
        append(bench, 1);
        if (what == 0)
            append(bench, 1); /* the one before it is replaced */
        if (what == 1)
            tear_word(bench);
        if (what == 2)
            set(bench, BOOTCTL_UNBOOTED, 1);
        if (what == 3) {
            erase(bench);
            append(bench, 1);
            tear_record(bench);
            append(bench, 1);
        }
        set(bench, BOOTCTL_VALID, 1);
        if (what == 4)
            tear_record(bench);
        assert_true(is_same(view_of(bench), straight));
    }
}

static void what_the_device_acts_on_shows(void **state)
{
    struct bench *bench = *state;
    struct view views[8];

    for (int what = 0; what < 8; what++) {
        erase(bench);
        if (what == 1 || what == 2)
            append(bench, 7); /* another image came before */
        if (what == 2)
            set(bench, BOOTCTL_DISABLED, 3);
        append(bench, what == 3 ? 2 : 1);
        if (what == 4)
            set(bench, BOOTCTL_VALID, 0);
        if (what == 5)
            set(bench, BOOTCTL_UNBOOTED, 1);
        if (what == 6)
            set(bench, BOOTCTL_DISABLED, 0);
        if (what == 7)
            request_factory(bench);
        views[what] = view_of(bench);
        for (int i = 0; i < what; i++)
            assert_false(key_equals(views[what].content, views[i].content));
    }
}

/* An image that was VALID once is known as confirmed, whatever came then. */
static void that_it_was_confirmed_once_shows(void **state)
{
    struct bench *bench = *state;

    append(bench, 1);
    set(bench, BOOTCTL_DISABLED, 0);
    const struct view never = view_of(bench);
    erase(bench);
    append(bench, 1);
    set(bench, BOOTCTL_VALID, 0);
    set(bench, BOOTCTL_DISABLED, 0);
    assert_false(is_same(view_of(bench), never));
}

static void torn_word_that_ecc_refuses_is_passed_over(void **state)
{
    struct bench *bench = *state;

    bench->ram.cells.has_ecc = true;
    append(bench, 1);
    const struct view before = view_of(bench);
    tear_word(bench);
    assert_true(is_same(view_of(bench), before));
    append(bench, 2);
    const struct view newer = view_of(bench);
    assert_false(is_same(newer, before));
    bench->ram.cells.marks[(AT + 3 * BOOTCTL_SLOT_SIZE) / 8] |= CELLS_TORN;
    assert_true(is_same(view_of(bench), newer)); /* a slot lost, far from the end */
    bench->ram.cells.marks[(AT + BOOTCTL_SLOT_SIZE) / 8] |= CELLS_TORN;
    assert_true(key_equals(view_of(bench).content, before.content)); /* the record is lost */
}

/* Near its end each word and each slot counts, as something else happens behind the last one. */
static void last_words_and_slots_are_told_apart(void **state)
{
    struct bench *bench = *state;
    struct view before, now;
    uint32_t words = 0, slots = 0;

    append(bench, 1);
    before = view_of(bench);
    for (int i = 0; i < 18; i++, before = now) {
        set(bench, BOOTCTL_UNBOOTED, 0);
        now = view_of(bench);
        assert_true(key_equals(now.content, before.content));
        words += !key_equals(now.room, before.room);
    }
    assert_int_equal(words, 4); /* 15, 16, 17, 18 of 18 */
    append(bench, 1);
    before = view_of(bench);
    for (int i = 2; i < 16; i++, before = now) {
        append(bench, 1);
        now = view_of(bench);
        assert_true(key_equals(now.content, before.content));
        slots += !key_equals(now.room, before.room);
    }
    assert_int_equal(slots, 4); /* 13, 14, 15, 16 of 16 */
}

/* --- any two that look alike ----------------------------------------------------------------- */

#define PAGES   1500
#define CHANGES 5

struct known {
    uint8_t bytes[UNIT], marks[UNIT / 8];
    struct view view;
    struct view after[CHANGES];
    bool has_after[CHANGES];
    struct bootctl_record record;
    enum bootctl_status status[IMAGES];
};

static void save(const struct bench *bench, struct known *to)
{
    memcpy(to->bytes, bench->ram.cells.bytes + AT, UNIT);
    memcpy(to->marks, bench->ram.cells.marks + AT / 8, UNIT / 8);
}

static void restore(struct bench *bench, const struct known *from)
{
    memcpy(bench->ram.cells.bytes + AT, from->bytes, UNIT);
    memcpy(bench->ram.cells.marks + AT / 8, from->marks, UNIT / 8);
}

static void change(struct bench *bench, uint32_t what, uint8_t image, uint32_t trials)
{
    if (what == 0)
        append(bench, image);
    if (what == 1)
        set(bench, BOOTCTL_UNBOOTED, trials);
    if (what == 2)
        set(bench, BOOTCTL_VALID, trials);
    if (what == 3)
        set(bench, BOOTCTL_DISABLED, trials);
    if (what == 4)
        request_factory(bench);
}

static void live_a_life(struct bench *bench)
{
    erase(bench);
    append(bench, 1);
    for (uint32_t i = random_below(bench, 24); i; i--) {
        uint32_t what = random_below(bench, 9);
        if (what == 5 || what == 6)
            tear_word(bench);
        else if (what == 7)
            tear_record(bench);
        else
            change(bench, what == 8 ? 2 : what, (uint8_t)(1 + random_below(bench, IMAGES)),
                   random_below(bench, 2));
    }
}

static void learn(struct bench *bench, struct known *known)
{
    struct bootctl bootctl;

    save(bench, known);
    assert_int_equal(bootctl_open(&bootctl, flash_of(bench), AT), OTA_OK);
    known->record = bootctl.record;
    known->record.sequence = 0;
    for (uint32_t i = 0; i < IMAGES; i++)
        known->status[i] = bootctl_status_of(&bootctl, record_of((uint8_t)(i + 1)).hash);
    for (uint32_t what = 0; what < CHANGES; what++) {
        change(bench, what, 2, 1);
        known->has_after[what] = look(bench, &known->after[what]);
        restore(bench, known);
    }
}

static void assert_alike(const struct known *a, const struct known *b)
{
    assert_memory_equal(a->record.hash, b->record.hash, sizeof a->record.hash);
    assert_int_equal(a->record.status, b->record.status);
    assert_int_equal(a->record.trials, b->record.trials);
    assert_int_equal(a->record.was_confirmed, b->record.was_confirmed);
    assert_int_equal(a->record.wants_factory, b->record.wants_factory);
    assert_memory_equal(a->status, b->status, sizeof a->status);
    for (uint32_t what = 0; what < CHANGES; what++) {
        assert_int_equal(a->has_after[what], b->has_after[what]);
        assert_true(!a->has_after[what] ||
                    key_equals(a->after[what].content, b->after[what].content));
    }
}

static void pages_that_look_alike_go_on_alike(void **state)
{
    struct bench *bench = *state;
    struct known *known = calloc(PAGES, sizeof *known);
    uint32_t count = 0, alike = 0;

    for (int i = 0; i < PAGES; i++) {
        live_a_life(bench);
        if (!look(bench, &known[count].view))
            continue;
        learn(bench, &known[count]);
        for (uint32_t j = 0; j < count; j++)
            if (is_same(known[j].view, known[count].view) &&
                memcmp(known[j].bytes, known[count].bytes, UNIT) != 0) {
                assert_alike(&known[j], &known[count]);
                alike++;
                break;
            }
        count++;
    }
    assert_true(alike > 200);
    free(known);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(page_without_a_record_has_no_view),
        TEST(weak_page_has_no_view),
        TEST(word_that_only_reads_as_blank_has_no_view),
        TEST(history_does_not_show),
        TEST(what_the_device_acts_on_shows),
        TEST(that_it_was_confirmed_once_shows),
        TEST(torn_word_that_ecc_refuses_is_passed_over),
        TEST(last_words_and_slots_are_told_apart),
        TEST(pages_that_look_alike_go_on_alike),
    };

    return cmocka_run_group_tests_name("view_bootctl", tests, NULL, NULL);
}
