/*
 * Method: each change is made once without a cut, then with one behind and inside each of its
 * operations, in every way a double word can tear. After the cut the page is opened as after a
 * reset, must hold the old state or the new one, and must take the change again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/bootctl.h"
#include "tests/page.h"

/* A change to be cut: how the page gets there, and the change. */
struct change {
    void (*prepare)(struct bootctl *bootctl);
    enum ota_err (*act)(struct bootctl *bootctl);
    bool may_lose_all; /* the page is erased in between */
};

/* Whether the power was cut in it. */
static bool act_until_cut(struct page *page, struct bootctl *bootctl, const struct change *change,
                          uint32_t cut_at, enum page_tear tear)
{
    page->cut_at = page->operations + cut_at;
    page->tear = tear;
    if (setjmp(page->cut) == 0) {
        assert_int_equal(change->act(bootctl), OTA_OK);
        page->cut_at = 0;
        return false;
    }
    page->cut_at = 0;
    return true;
}

static void prepare(struct page *page, struct bootctl *bootctl, const struct change *change)
{
    page_init(page);
    assert_int_equal(page_reopen(bootctl, page), OTA_ERR_NOT_FOUND);
    change->prepare(bootctl);
}

static void assert_old_or_new(struct page *page, const struct change *change,
                              const struct bootctl_record *old, const struct bootctl_record *new)
{
    struct bootctl bootctl;

    if (page_reopen(&bootctl, page) == OTA_OK) {
        assert_true(page_is_same(&bootctl.record, old) || page_is_same(&bootctl.record, new));
        assert_int_equal(change->act(&bootctl), OTA_OK);
        assert_int_equal(bootctl.record.version, new->version);
        assert_int_equal(bootctl.record.status, new->status);
    } else {
        assert_true(change->may_lose_all);
        page_append(&bootctl, new->version, new->status);
    }
    page_assert_kept(&bootctl, page);
    assert_true(page_is_sound(page));
}

/* Returns the number of operations that the change takes. */
static uint32_t cut_everywhere(struct page *page, const struct change *change)
{
    struct bootctl_record old, new;
    struct bootctl bootctl;

    prepare(page, &bootctl, change);
    old = bootctl.record;
    uint32_t before = page->operations;
    assert_int_equal(change->act(&bootctl), OTA_OK);
    new = bootctl.record;
    uint32_t operations = page->operations - before;

    for (int tear = 0; tear < PAGE_TEAR_COUNT; tear++) {
        for (uint32_t cut_at = 1; cut_at <= operations; cut_at++) {
            prepare(page, &bootctl, change);
            page->seed = cut_at;
            assert_true(act_until_cut(page, &bootctl, change, cut_at, (enum page_tear)tear));
            assert_old_or_new(page, change, &old, &new);
        }
    }
    prepare(page, &bootctl, change);
    assert_false(act_until_cut(page, &bootctl, change, operations + 1, PAGE_TEAR_BEHIND));
    return operations;
}

static void prepare_two_records(struct bootctl *bootctl)
{
    page_append(bootctl, 10, BOOTCTL_UNBOOTED);
    page_set(bootctl, BOOTCTL_VALID, 1);
    page_append(bootctl, 20, BOOTCTL_UNBOOTED);
    page_set(bootctl, BOOTCTL_UNBOOTED, 1);
}

static void prepare_used_up_words(struct bootctl *bootctl)
{
    page_append(bootctl, 10, BOOTCTL_UNBOOTED);
    for (uint32_t i = 0; i < PAGE_WORDS; i++)
        page_set(bootctl, BOOTCTL_UNBOOTED, i);
}

static void prepare_full_page(struct bootctl *bootctl)
{
    for (uint32_t version = 1; version <= PAGE_SLOTS; version++)
        page_append(bootctl, version, BOOTCTL_VALID);
}

static enum ota_err act_append(struct bootctl *bootctl)
{
    struct bootctl_record record = page_image(30, BOOTCTL_UNBOOTED);

    return bootctl_append(bootctl, &record);
}

static enum ota_err act_set(struct bootctl *bootctl)
{
    return bootctl_set(bootctl, BOOTCTL_DISABLED, 3);
}

static void cut_append_leaves_old_or_new(void **state)
{
    static const struct change change = {prepare_two_records, act_append, false};

    assert_int_equal(cut_everywhere(*state, &change), PAGE_RECORD_SIZE / PAGE_UNIT);
}

static void cut_set_leaves_old_or_new(void **state)
{
    static const struct change change = {prepare_two_records, act_set, false};

    assert_int_equal(cut_everywhere(*state, &change), 1);
}

static void cut_set_with_used_up_words_leaves_old_or_new(void **state)
{
    static const struct change change = {prepare_used_up_words, act_set, false};

    assert_int_equal(cut_everywhere(*state, &change), PAGE_RECORD_SIZE / PAGE_UNIT);
}

static void cut_compaction_leaves_old_new_or_nothing(void **state)
{
    static const struct change change = {prepare_full_page, act_append, true};

    assert_int_equal(cut_everywhere(*state, &change), 1 + PAGE_RECORD_SIZE / PAGE_UNIT);
}

/* One random change; the power goes in one of three. Returns whether it is known to be done. */
static bool random_change(struct page *page, struct bootctl *bootctl, uint32_t *seed)
{
    static const enum bootctl_status statuses[] = {BOOTCTL_DOWNLOADED, BOOTCTL_UNBOOTED,
                                                   BOOTCTL_VALID, BOOTCTL_DISABLED};
    uint32_t cut_at = page_random(seed) % 3 ? 0 : 1 + page_random(seed) % 15;

    page->cut_at = cut_at ? page->operations + cut_at : 0;
    page->tear = (enum page_tear)(page_random(seed) % PAGE_TEAR_COUNT);
    if (setjmp(page->cut))
        return false;
    enum bootctl_status status = statuses[page_random(seed) % 4];
    if (!bootctl->has_record || page_random(seed) % 8 == 0)
        page_append(bootctl, page_random(seed) % 200, status);
    else
        page_set(bootctl, status, page_random(seed) % 256);
    return true;
}

/* The page is never worse off than the model, which knows only what was reported as done. */
static void long_life_with_random_cuts_never_goes_back(void **state)
{
    struct page *page = *state;
    struct bootctl bootctl;
    uint32_t seed = 20260101, floor = 0, compactions_cut = 0;

    assert_int_equal(page_reopen(&bootctl, page), OTA_ERR_NOT_FOUND);
    for (int i = 0; i < 20000; i++) {
        struct bootctl_record before = bootctl.record;
        bool had_record = bootctl.has_record, was_full = bootctl.slot_next == PAGE_SLOTS;
        bool is_done = random_change(page, &bootctl, &seed);
        page->cut_at = 0;
        if (is_done) {
            page_assert_kept(&bootctl, page);
        } else if (page_reopen(&bootctl, page) == OTA_OK) {
            assert_true(!had_record || bootctl.record.sequence >= before.sequence);
        } else {
            assert_true(was_full || !had_record);
            compactions_cut += was_full;
            floor = 0;
        }
        assert_true(bootctl_counter_floor(&bootctl) >= floor);
        floor = bootctl_counter_floor(&bootctl);
        assert_false(page->was_programmed_twice);
    }
    assert_true(compactions_cut > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, page_setup, page_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cut_append_leaves_old_or_new),
        TEST(cut_set_leaves_old_or_new),
        TEST(cut_set_with_used_up_words_leaves_old_or_new),
        TEST(cut_compaction_leaves_old_new_or_nothing),
        TEST(long_life_with_random_cuts_never_goes_back),
    };

    return cmocka_run_group_tests_name("bootctl_cut", tests, NULL, NULL);
}
