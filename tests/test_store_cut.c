/*
 * Method: what is cut is done from the same flash again and again, with the power going inside and
 * behind each of its operations, and inside an erase that only looks done. After each the store is
 * opened as at the next start and must be the old one or the new one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/image/memory_source.h"
#include "tests/rig.h"

#define CODE 5000

/* What is cut, and the state before. */
static void enter_second(struct rig *rig)
{
    const struct rig_image *image = &rig->images[1];
    struct database_row row = {.status = BOOTCTL_DOWNLOADED, .version = image->version};

    memcpy(row.name, image->name, sizeof row.name);
    memcpy(row.digest, image->digest, sizeof row.digest);
    assert_int_equal(store_enter(&rig->store, &row), OTA_OK);
}

static void disable_first(struct rig *rig)
{
    assert_int_equal(
        store_set_status(&rig->store, database_find(&rig->store.database, 1), BOOTCTL_DISABLED),
        OTA_OK);
}

static void evict_first(struct rig *rig)
{
    assert_int_equal(store_evict(&rig->store, 1, 1), OTA_OK);
}

static void back_up(struct rig *rig)
{
    struct memory_source source;

    memory_source_init(&source, rig->images[2].bytes, rig->images[2].size);
    assert_int_equal(
        store_write(&rig->store, STORE_FACTORY, &source.source, rig->images[2].size, rig->buffer),
        OTA_OK);
}

static enum rig_end cut_once(struct rig *rig, void (*act)(struct rig *rig), uint32_t at,
                             const char *old, const char *new)
{
    char is[RIG_TEXT_MAX];

    assert_int_equal(rig_load(rig), OTA_OK);
    rig->cut_at = rig->supply.operations + at;
    enum rig_end end = rig_run(rig, act);
    rig_describe(rig, is);
    if (end == RIG_DONE || strcmp(is, old) != 0)
        assert_string_equal(is, new);
    assert_true(store_has(&rig->store, STORE_FACTORY));
    rig_describe(rig, is); /* and it is at rest */
    assert_int_equal(rig_operations(rig, false), 0);
    return end;
}

static void cut_everywhere(struct rig *rig, void (*act)(struct rig *rig), const char *old,
                           const char *new)
{
    static const enum power_moment moments[] = {POWER_INSIDE, POWER_AFTER, POWER_WEAK};
    uint32_t last = 0;

    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        enum rig_end end;
        uint32_t at = 0;
        rig->cut_moment = moments[i];
        do {
            rig_mark(rig);
            end = cut_once(rig, act, ++at, old, new);
            rig_rollback(rig);
        } while (moments[i] == POWER_WEAK ? at < last : end == RIG_CUT);
        last = at;
    }
    assert_true(last > 1);
}

static void prepare_cut(struct rig *rig)
{
    rig_image(rig, 1, CODE);
    rig_image(rig, 2, CODE);
    rig_image(rig, 3, 20000);
    rig_format(rig);
    rig_store_file(rig, STORE_FACTORY, "old", 3);
    rig_store(rig, &rig->images[0], BOOTCTL_VALID);
}

static void cut_save_leaves_the_old_table_or_the_new_one(void **state)
{
    prepare_cut(*state);
    cut_everywhere(*state, disable_first, "1:F8", "1:F0");
}

static void cut_enter_leaves_the_image(void **state)
{
    struct rig *rig = *state;

    prepare_cut(rig);
    rig_store_file(rig, rig->images[1].name, rig->images[1].bytes, rig->images[1].size);
    cut_everywhere(rig, enter_second, "1:F8 2:FE", "1:F8 2:FE");
}

static void cut_eviction_leaves_file_and_row_or_neither(void **state)
{
    prepare_cut(*state);
    cut_everywhere(*state, evict_first, "1:F8", "");
}

static void cut_write_leaves_the_old_file_or_the_new_one(void **state)
{
    prepare_cut(*state);
    cut_everywhere(*state, back_up, "1:F8", "1:F8");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cut_save_leaves_the_old_table_or_the_new_one),
        TEST(cut_enter_leaves_the_image),
        TEST(cut_eviction_leaves_file_and_row_or_neither),
        TEST(cut_write_leaves_the_old_file_or_the_new_one),
    };

    return cmocka_run_group_tests_name("store_cut", tests, NULL, NULL);
}
