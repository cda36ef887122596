#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/part.h"
#include "tests/rig.h"

#define TOTAL 200000

static const uint8_t digest[CRYPTO_SHA256_SIZE] = {1, 2, 3};
static const uint8_t other_digest[CRYPTO_SHA256_SIZE] = {1, 2, 4};

/* As the RAM of a power session; what a test knows after a cut is what was reported before it. */
static struct part part;
static uint8_t file[TOTAL];

static int set_up(void **state)
{
    uint32_t seed = 1;

    for (uint32_t i = 0; i < TOTAL; i++) {
        seed = seed * 1664525u + 1013904223u;
        file[i] = (uint8_t)(seed >> 24);
    }
    if (rig_setup(state))
        return -1;
    rig_format(*state);
    memset(&part, 0xA5, sizeof part);
    return 0;
}

/* The next power session: nothing of the one before is known. */
static void power_cycle(struct rig *rig)
{
    assert_int_equal(rig_load(rig), OTA_OK);
    memset(&part, 0xA5, sizeof part);
}

static enum ota_err open_part(struct rig *rig)
{
    return part_open(&part, &rig->store, digest);
}

static void write_to(uint32_t size)
{
    while (part.size < size) {
        uint32_t step = bytes_min(1460, size - part.size);
        assert_int_equal(part_write(&part, file + part.size, step), OTA_OK);
    }
}

static void assert_holds(uint32_t size)
{
    static uint8_t bytes[TOTAL];
    struct image_source *source = &part.file.source;

    assert_int_equal(part.size, size);
    assert_int_equal(source->size, size);
    assert_int_equal(source->read(source, 0, bytes, size), OTA_OK);
    assert_memory_equal(bytes, file, size);
    assert_int_equal(source->read(source, size, bytes, 1), OTA_ERR_FORMAT);
}

static void assert_label(const char *validator, uint32_t total)
{
    assert_memory_equal(part.label.digest, digest, sizeof digest);
    assert_string_equal(part.label.validator, validator);
    assert_int_equal(part.label.total, total);
}

static void first_download_is_empty(void **state)
{
    assert_int_equal(open_part(*state), OTA_OK);
    assert_true(part.is_open);
    assert_int_equal(part.synced_size, 0);
    assert_label("", 0);
    assert_holds(0);
    part_close(&part);
    assert_false(part.is_open);
    part_close(&part);
}

static void store_that_is_not_mounted_is_a_wrong_state(void **state)
{
    struct rig *rig = *state;

    rig->store.is_mounted = false;
    assert_int_equal(open_part(rig), OTA_ERR_STATE);
    assert_false(part.is_open);
    part_close(&part);
}

static void bytes_and_label_are_kept_over_a_power_cycle(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(open_part(rig), OTA_OK);
    assert_int_equal(part_restart(&part, "\"etag\"", TOTAL), OTA_OK);
    write_to(70001);
    assert_int_equal(part.synced_size, 1460 * 45);
    part_close(&part);

    power_cycle(rig);
    assert_int_equal(open_part(rig), OTA_OK);
    assert_int_equal(part.synced_size, 70001);
    assert_label("\"etag\"", TOTAL);
    assert_holds(70001);
    write_to(TOTAL); /* reading in between does not move the end */
    assert_int_equal(part_sync(&part), OTA_OK);
    assert_holds(TOTAL);
    part_close(&part);
}

static void bytes_of_another_file_are_dropped(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(open_part(rig), OTA_OK);
    assert_int_equal(part_restart(&part, "\"etag\"", TOTAL), OTA_OK);
    write_to(10000);
    part_close(&part);
    assert_int_equal(part_open(&part, &rig->store, other_digest), OTA_OK);
    assert_int_equal(part.size, 0);
    assert_string_equal(part.label.validator, "");
    assert_int_equal(part.label.total, 0);
    part_close(&part);

    power_cycle(rig);
    assert_int_equal(open_part(rig), OTA_OK);
    assert_label("", 0);
    assert_holds(0);
    part_close(&part);
}

static void label_of_an_empty_download_is_dropped_too(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(part_open(&part, &rig->store, other_digest), OTA_OK);
    assert_int_equal(part_restart(&part, "\"other\"", 5), OTA_OK);
    part_close(&part);
    assert_int_equal(open_part(rig), OTA_OK);
    assert_label("", 0);
    part_close(&part);
}

static void restart_begins_at_the_first_byte(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(open_part(rig), OTA_OK);
    for (int i = 0; i < 3; i++) {
        write_to(90000);
        assert_int_equal(part_restart(&part, "\"new\"", 77), OTA_OK);
        assert_int_equal(part.synced_size, 0);
        assert_label("\"new\"", 77);
        assert_holds(0);
    }
    write_to(3000);
    part_close(&part);
    power_cycle(rig);
    assert_int_equal(open_part(rig), OTA_OK);
    assert_label("\"new\"", 77);
    assert_holds(3000);
    part_close(&part);
}

static void validator_that_is_too_long_is_cut(void **state)
{
    struct rig *rig = *state;
    char longer[200];

    memset(longer, 'v', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(open_part(rig), OTA_OK);
    assert_int_equal(part_restart(&part, longer, 1), OTA_OK);
    part_close(&part);
    power_cycle(rig);
    assert_int_equal(open_part(rig), OTA_OK);
    assert_int_equal(strlen(part.label.validator), TRANSPORT_VALIDATOR_MAX - 1);
    part_close(&part);
}

static void removed_download_is_gone(void **state)
{
    struct rig *rig = *state;
    uint32_t before, after;

    assert_int_equal(store_free_size(&rig->store, &before), OTA_OK);
    assert_int_equal(open_part(rig), OTA_OK);
    write_to(TOTAL);
    part_remove(&part);
    assert_false(part.is_open);
    assert_false(store_has(&rig->store, PART_FILE));
    assert_int_equal(store_free_size(&rig->store, &after), OTA_OK);
    assert_int_equal(after, before);
    part_remove(&part);
}

static void finished_download_takes_its_name(void **state)
{
    struct rig *rig = *state;

    rig_store_file(rig, "v2-01020300.bin", "old", 3);
    assert_int_equal(open_part(rig), OTA_OK);
    write_to(50000);
    assert_int_equal(part_settle(&part, "v2-01020300.bin"), OTA_OK);
    assert_false(part.is_open);
    assert_false(store_has(&rig->store, PART_FILE));
    struct store_file opened;
    assert_int_equal(store_open(&rig->store, "v2-01020300.bin", &opened), OTA_OK);
    assert_int_equal(opened.source.size, 50000);
    for (uint32_t at = 0; at < 50000; at += 4096) {
        uint32_t size = bytes_min(4096, 50000 - at);
        assert_int_equal(opened.source.read(&opened.source, at, rig->buffer, size), OTA_OK);
        assert_memory_equal(rig->buffer, file + at, size);
    }
    store_close(&opened);
}

static void full_store_is_an_error_and_what_was_committed_stays(void **state)
{
    struct rig *rig = *state;
    uint32_t size;

    for (char name[] = "a.x"; name[0] < 'a' + 20; name[0]++)
        rig_store_file(rig, name, file, 196608);
    assert_int_equal(store_free_size(&rig->store, &size), OTA_OK);
    assert_in_range(size, 70000, 190000);
    power_cycle(rig);
    assert_int_equal(open_part(rig), OTA_OK);
    enum ota_err err = OTA_OK;
    while (!err && part.size < TOTAL - 1000)
        err = part_write(&part, file + part.size, 1000);
    assert_int_equal(err, OTA_ERR_FULL);
    uint32_t synced = part.synced_size;
    assert_true(synced >= PART_SYNC_SIZE);
    part_close(&part);
    power_cycle(rig);
    assert_int_equal(open_part(rig), OTA_OK);
    assert_in_range(part.size, synced, TOTAL);
    assert_holds(part.size);
    part_close(&part);
}

static void sync_that_fails_keeps_nothing_safe(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(open_part(rig), OTA_OK);
    write_to(10000);
    rig->spi.is_read_only = true;
    assert_int_equal(part_sync(&part), OTA_ERR_FLASH);
    assert_int_equal(part.synced_size, 0);
    rig->spi.is_read_only = false;
    part_close(&part);
}

static void bytes_that_cannot_be_dropped_are_still_there(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(open_part(rig), OTA_OK);
    write_to(10000);
    rig->spi.is_dead = true;
    assert_int_equal(part_restart(&part, "", 0), OTA_ERR_FLASH);
    assert_int_equal(part.size, 10000);
    rig->spi.is_dead = false;
    part_close(&part);
}

/* What the flash says is not believed to be a text. */
static void validator_without_its_end_gets_one(void **state)
{
    struct rig *rig = *state;
    struct part_label label;
    char path[STORE_PATH_MAX];

    assert_int_equal(open_part(rig), OTA_OK);
    write_to(10000);
    part_close(&part);
    store_path(PART_FILE, path);
    memset(&label, 'x', sizeof label);
    memcpy(label.digest, digest, sizeof digest);
    assert_int_equal(lfs2_setattr(&rig->store.lfs, path, PART_ATTRIBUTE, &label, sizeof label), 0);
    assert_int_equal(open_part(rig), OTA_OK);
    assert_int_equal(part.size, 10000);
    assert_int_equal(part.label.validator[TRANSPORT_VALIDATOR_MAX - 1], '\0');
    part_close(&part);
}

/* The write error may be over a moment later; the handle must not stay in littlefs' list. */
static void open_that_fails_can_be_closed(void **state)
{
    struct rig *rig = *state;

    assert_int_equal(part_open(&part, &rig->store, other_digest), OTA_OK);
    write_to(10000);
    part_close(&part);
    rig->spi.is_read_only = true;
    assert_int_equal(open_part(rig), OTA_ERR_FLASH);
    rig->spi.is_read_only = false;
    part_close(&part);
    assert_null(rig->store.lfs.mlist);
}

/* A download in sessions: what is there is checked, then it goes on. */
static void download(struct rig *rig)
{
    assert_int_equal(open_part(rig), OTA_OK);
    if (part.size == 0)
        assert_int_equal(part_restart(&part, "\"etag\"", TOTAL), OTA_OK);
    write_to(TOTAL);
    assert_int_equal(part_sync(&part), OTA_OK);
    part_close(&part);
}

static void assert_kept(struct rig *rig, uint32_t synced)
{
    power_cycle(rig);
    assert_int_equal(open_part(rig), OTA_OK);
    assert_in_range(part.size, synced, TOTAL);
    if (part.size)
        assert_label("\"etag\"", TOTAL);
    assert_holds(part.size);
    part_close(&part);
}

/* Where the size reported as committed goes up, the bytes are there from then on. */
static void cut_download_keeps_what_was_committed(void **state)
{
    static const enum power_moment moments[] = {POWER_INSIDE, POWER_WEAK, POWER_AFTER};
    struct rig *rig = *state;
    uint32_t kept_max = 0;

    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        uint32_t at = 0, last = 0;
        enum rig_end end;
        do {
            rig_mark(rig);
            power_cycle(rig);
            part.synced_size = 0;
            rig->cut_at = rig->supply.operations + ++at;
            rig->cut_moment = moments[i];
            end = rig_run(rig, download);
            last = rig->supply.operations;
            uint32_t synced = part.synced_size == 0xA5A5A5A5u ? 0 : part.synced_size;
            assert_kept(rig, synced);
            kept_max = synced > kept_max ? synced : kept_max;
            rig_rollback(rig);
        } while (end == RIG_CUT || (moments[i] == POWER_WEAK && at < last));
        assert_true(at > 800);
    }
    assert_int_equal(kept_max, TOTAL);
}

/* However often the power goes, each session that commits brings the download further. */
static void download_with_a_cut_in_each_session_comes_to_its_end(void **state)
{
    struct rig *rig = *state;
    uint32_t sessions = 0, size = 0;

    do {
        power_cycle(rig);
        rig->cut_at = rig->supply.operations + 300;
        rig->cut_moment = POWER_INSIDE;
        enum rig_end end = rig_run(rig, download);
        power_cycle(rig);
        assert_int_equal(open_part(rig), OTA_OK);
        assert_true(part.size > size || end == RIG_DONE);
        size = part.size;
        assert_holds(size);
        part_close(&part);
        sessions++;
    } while (size < TOTAL);
    assert_in_range(sessions, 3, 6);
}

static void change_to_another_file(struct rig *rig)
{
    assert_int_equal(open_part(rig), OTA_OK);
    part_close(&part);
}

/* Bytes of one file under the label of another would be a wrong image. */
static void cut_change_of_the_file_keeps_bytes_and_label_together(void **state)
{
    struct rig *rig = *state;
    enum rig_end end;
    uint32_t at = 0;

    power_cycle(rig);
    assert_int_equal(part_open(&part, &rig->store, other_digest), OTA_OK);
    assert_int_equal(part_restart(&part, "\"other\"", 9), OTA_OK);
    write_to(10000);
    part_close(&part);
    do {
        rig_mark(rig);
        power_cycle(rig);
        rig->cut_at = rig->supply.operations + (++at + 1) / 2;
        rig->cut_moment = at % 2 ? POWER_INSIDE : POWER_AFTER;
        end = rig_run(rig, change_to_another_file);
        power_cycle(rig);
        assert_int_equal(part_open(&part, &rig->store, other_digest), OTA_OK);
        assert_true(part.size == 0 || part.size == 10000);
        assert_string_equal(part.label.validator, part.size ? "\"other\"" : "");
        assert_holds(part.size);
        part_close(&part);
        rig_rollback(rig);
    } while (end == RIG_CUT);
    assert_true(at > 2);
}

static void settle(struct rig *rig)
{
    assert_int_equal(open_part(rig), OTA_OK);
    assert_int_equal(part_settle(&part, "v2-01020300.bin"), OTA_OK);
}

static void cut_settle_leaves_one_name_or_the_other(void **state)
{
    struct rig *rig = *state;
    uint32_t at = 0, old = 0, new = 0;
    enum rig_end end;

    download(rig);
    do {
        rig_mark(rig);
        power_cycle(rig);
        rig->cut_at = rig->supply.operations + (++at + 1) / 2;
        rig->cut_moment = at % 2 ? POWER_INSIDE : POWER_AFTER;
        end = rig_run(rig, settle);
        rig_power_on(rig);
        assert_int_equal(store_mount(&rig->store, rig->hal.spi, rig->hal.log), OTA_OK);
        bool has_old = store_has(&rig->store, PART_FILE);
        assert_int_not_equal(has_old, store_has(&rig->store, "v2-01020300.bin"));
        old += has_old;
        new += !has_old;
        if (has_old) {
            assert_int_equal(open_part(rig), OTA_OK);
            assert_holds(TOTAL);
            part_close(&part);
        }
        rig_rollback(rig);
    } while (end == RIG_CUT);
    assert_true(old > 0 && new > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(first_download_is_empty),
        TEST(store_that_is_not_mounted_is_a_wrong_state),
        TEST(bytes_and_label_are_kept_over_a_power_cycle),
        TEST(bytes_of_another_file_are_dropped),
        TEST(label_of_an_empty_download_is_dropped_too),
        TEST(restart_begins_at_the_first_byte),
        TEST(validator_that_is_too_long_is_cut),
        TEST(removed_download_is_gone),
        TEST(finished_download_takes_its_name),
        TEST(full_store_is_an_error_and_what_was_committed_stays),
        TEST(sync_that_fails_keeps_nothing_safe),
        TEST(bytes_that_cannot_be_dropped_are_still_there),
        TEST(validator_without_its_end_gets_one),
        TEST(open_that_fails_can_be_closed),
        TEST(cut_download_keeps_what_was_committed),
        TEST(download_with_a_cut_in_each_session_comes_to_its_end),
        TEST(cut_change_of_the_file_keeps_bytes_and_label_together),
        TEST(cut_settle_leaves_one_name_or_the_other),
    };

    return cmocka_run_group_tests_name("part", tests, NULL, NULL);
}
