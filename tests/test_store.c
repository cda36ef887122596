#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sim/image/memory_source.h"
#include "tests/rig.h"

#define CODE 5000

static struct database_row row_of(const struct rig_image *image, enum bootctl_status status)
{
    struct database_row row = {.status = status, .version = image->version};

    memcpy(row.name, image->name, sizeof row.name);
    memcpy(row.digest, image->digest, sizeof row.digest);
    return row;
}

static void assert_versions(struct rig *rig, const char *expected)
{
    char is[RIG_TEXT_MAX];

    rig_describe(rig, is);
    assert_string_equal(is, expected);
}

static bool has_file(struct rig *rig, const char *name)
{
    assert_int_equal(store_mount(&rig->store, rig->hal.spi, rig->hal.log), OTA_OK);
    return store_has(&rig->store, name);
}

/* Write text as the database, as it stands. */
static void put_database(struct rig *rig, const char *text)
{
    rig_store_file(rig, "image_database.csv", text, (uint32_t)strlen(text));
}

static void remove_file(struct rig *rig, const char *name)
{
    char path[STORE_PATH_MAX];

    rig_power_on(rig);
    assert_int_equal(store_mount(&rig->store, rig->hal.spi, rig->hal.log), OTA_OK);
    store_path(name, path);
    assert_int_equal(lfs2_remove(&rig->store.lfs, path), 0);
}

static void store_that_is_not_mounted_has_no_file(void **state)
{
    struct rig *rig = *state;

    rig_format(rig);
    rig_store_file(rig, STORE_FACTORY, "x", 1);
    assert_true(store_has(&rig->store, STORE_FACTORY));
    rig->store.is_mounted = false;
    assert_false(store_has(&rig->store, STORE_FACTORY));
}

static void blank_flash_does_not_mount_and_refuses_every_call(void **state)
{
    struct rig *rig = *state;
    struct store *store = &rig->store;
    struct store_judge judge = {&rig->policy, rig->hal.crypto, &rig->bootctl, rig->buffer};
    struct database_row row = {.name = "v1-00000000.bin", .status = BOOTCTL_VALID, .version = 1};
    struct store_file file;
    struct memory_source source;
    uint32_t size = 7, count;

    memory_source_init(&source, NULL, 0);
    assert_int_equal(store_mount(store, rig->hal.spi, rig->hal.log), OTA_ERR_CORRUPT);
    assert_false(store->is_mounted);
    assert_int_equal(store_load(store, &judge), OTA_ERR_STATE);
    assert_int_equal(store_save(store), OTA_ERR_STATE);
    assert_int_equal(store_remove(store, &row, false), OTA_ERR_STATE);
    assert_int_equal(store_enter(store, &row), OTA_ERR_STATE);
    assert_int_equal(store_free_size(store, &size), OTA_ERR_STATE);
    assert_int_equal(store_open(store, "x", &file), OTA_ERR_STATE);
    assert_int_equal(store_write(store, "x", &source.source, 0, rig->buffer), OTA_ERR_STATE);
    assert_int_equal(store_clear(store, &count), OTA_ERR_STATE);
    assert_false(store_has(store, "x"));
    assert_int_equal(size, 7);
    assert_int_equal(rig_operations(rig, false), 0);
}

static void dead_flash_is_an_error_of_the_flash(void **state)
{
    struct rig *rig = *state;

    rig->spi.is_dead = true;
    assert_int_equal(store_mount(&rig->store, rig->hal.spi, rig->hal.log), OTA_ERR_FLASH);
    assert_false(rig->store.is_mounted);
    rig->spi.is_dead = false;
    rig->spi.is_read_only = true;
    assert_int_equal(store_mount(&rig->store, rig->hal.spi, rig->hal.log), OTA_ERR_CORRUPT);
    assert_int_equal(store_format(&rig->store), OTA_ERR_FLASH);
    assert_false(rig->store.is_mounted);
}

static void formatted_store_is_empty(void **state)
{
    struct rig *rig = *state;
    uint32_t size;

    rig_format(rig);
    assert_int_equal(rig_load(rig), OTA_OK);
    assert_int_equal(rig->store.database.count, 0);
    assert_int_equal(rig_operations(rig, false), 0);
    assert_int_equal(store_free_size(&rig->store, &size), OTA_OK);
    assert_int_equal(size, 0x400000 - 4 * 4096);
}

static void names_tell_version_and_digest(void **state)
{
    uint8_t digest[CRYPTO_SHA256_SIZE] = {0x74, 0x51, 0x88, 0x9C, 0x11};
    char name[DATABASE_NAME_MAX], path[STORE_PATH_MAX];

    (void)state;
    store_name(3, digest, name);
    assert_string_equal(name, "v3-7451889c.bin");
    store_name(4294967295u, digest, name);
    assert_string_equal(name, "v4294967295-7451889c.bin");
    store_path(name, path);
    assert_string_equal(path, "/ota/v4294967295-7451889c.bin");
}

static void entered_images_are_there_after_a_power_cycle(void **state)
{
    struct rig *rig = *state;

    rig_format(rig);
    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DOWNLOADED);
    rig_store(rig, rig_image(rig, 3, CODE), BOOTCTL_DISABLED);
    assert_versions(rig, "1:F8 2:FE 3:F0");
    assert_int_equal(rig_operations(rig, false), 0);
    const struct database_row *row = database_find(&rig->store.database, 2);
    assert_string_equal(row->name, rig->images[1].name);
    assert_memory_equal(row->digest, rig->images[1].digest, CRYPTO_SHA256_SIZE);
}

static void image_reads_back_as_it_was_written(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = rig_image(rig, 1, 30001);
    struct store_file file;
    uint8_t digest[CRYPTO_SHA256_SIZE], byte;

    rig_format(rig);
    rig_store(rig, image, BOOTCTL_VALID);
    assert_int_equal(store_open(&rig->store, image->name, &file), OTA_OK);
    assert_int_equal(file.source.size, image->size);
    assert_int_equal(store_digest(&file, rig->hal.crypto, rig->buffer, digest), OTA_OK);
    assert_memory_equal(digest, image->digest, sizeof digest);
    for (uint32_t at = image->size; at-- > image->size - 9000; at -= 700) {
        assert_int_equal(file.source.read(&file.source, at, &byte, 1), OTA_OK);
        assert_int_equal(byte, image->bytes[at]);
    }
    assert_int_equal(file.source.read(&file.source, image->size, &byte, 1), OTA_ERR_FORMAT);
    assert_int_equal(file.source.read(&file.source, image->size - 1, rig->buffer, 2),
                     OTA_ERR_FORMAT);
    store_close(&file);
    assert_int_equal(store_open(&rig->store, "v9-00000000.bin", &file), OTA_ERR_NOT_FOUND);
}

/* littlefs must not take what a failed read left in its cache for data. */
static void read_after_a_failed_read_gives_the_right_bytes(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = rig_image(rig, 1, 30001);
    struct store_file file;
    uint8_t digest[CRYPTO_SHA256_SIZE];
    uint32_t failed = 0;

    rig_format(rig);
    rig_store(rig, image, BOOTCTL_VALID);
    for (uint32_t reads = 1; reads == failed + 1; reads++) {
        assert_int_equal(rig_load(rig), OTA_OK);
        assert_int_equal(store_open(&rig->store, image->name, &file), OTA_OK);
        rig->spi.fail_read_in = reads;
        rig->spi.fail_reads_more = 4;
        failed += store_digest(&file, rig->hal.crypto, rig->buffer, digest) == OTA_ERR_FLASH;
        rig->spi.fail_read_in = 0;
        assert_int_equal(store_digest(&file, rig->hal.crypto, rig->buffer, digest), OTA_OK);
        assert_memory_equal(digest, image->digest, sizeof digest);
        store_close(&file);
    }
    assert_true(failed > 5);
}

static void lost_database_is_rebuilt_from_the_images(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *running = rig_image(rig, 1, CODE), *newer = rig_image(rig, 2, CODE);

    rig_install(rig, running, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    rig_format(rig);
    rig_store(rig, running, BOOTCTL_VALID);
    rig_store(rig, newer, BOOTCTL_VALID);
    remove_file(rig, "image_database.csv");
    assert_versions(rig, "1:F8 2:FE"); /* boot control remembers 1 and nothing of 2 */
    assert_int_equal(rig_count_log(rig, LOG_STORE_REBUILT), 1);
    assert_int_equal(rig_count_log(rig, LOG_STORE_ADOPTED), 2);
    assert_memory_equal(database_find(&rig->store.database, 2)->digest, newer->digest,
                        CRYPTO_SHA256_SIZE);
    assert_versions(rig, "1:F8 2:FE");
    assert_int_equal(rig_operations(rig, false), 0);
}

static void damaged_database_is_rebuilt_from_the_images(void **state)
{
    static const char *const texts[] = {"\n", "a,b", "v1.bin,FE,1,0x01", "\xFF\xFF\xFF", ",,,,"};
    struct rig *rig = *state;

    rig_format(rig);
    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put_database(rig, texts[i]);
        assert_versions(rig, "1:FE");
        assert_int_equal(rig_count_log(rig, LOG_STORE_REBUILT), 1);
        assert_versions(rig, "1:FE");
        assert_int_equal(rig_count_log(rig, LOG_STORE_REBUILT), 0);
    }
}

static void database_larger_than_there_is_room_for_is_rebuilt(void **state)
{
    static char text[DATABASE_TEXT_MAX + 2000];
    struct rig *rig = *state;

    rig_format(rig);
    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    memset(text, 'a', sizeof text - 1);
    put_database(rig, text);
    assert_versions(rig, "1:FE");
}

static void image_that_failed_is_remembered_by_boot_control(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *bad = rig_image(rig, 2, CODE);

    rig_install(rig, bad, BOOTCTL_PRODUCTION, BOOTCTL_DISABLED);
    rig_format(rig);
    rig_store(rig, bad, BOOTCTL_DISABLED);
    remove_file(rig, "image_database.csv");
    assert_versions(rig, "2:F0");
}

static void orphan_is_entered(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = rig_image(rig, 2, CODE);

    rig_format(rig);
    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    rig_store_file(rig, image->name, image->bytes, image->size);
    assert_versions(rig, "1:F8 2:FE");
    assert_int_equal(rig_count_log(rig, LOG_STORE_ADOPTED), 1);
    assert_memory_equal(database_find(&rig->store.database, 2)->digest, image->digest,
                        CRYPTO_SHA256_SIZE);
}

static void orphans_that_may_not_run_here_are_removed(void **state)
{
    static const struct rig_recipe recipes[] = {
        {.version = 2, .code_size = CODE, .is_unsigned = true},
        {.version = 3, .code_size = CODE, .has_other_key = true},
        {.version = 4, .code_size = CODE, .has_other_product = true},
        {.version = 5, .code_size = CODE, .counter = 3},
        {.version = 0, .code_size = CODE, .counter = 9},
        {.version = 6, .code_size = CODE, .counter = 4},
    };
    struct rig *rig = *state;

    rig_format(rig);
    rig->policy.counter_floor = 4;
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        const struct rig_image *image = rig_make(rig, &recipes[i]);
        rig_store_file(rig, image->name, image->bytes, image->size);
    }
    rig_store_file(rig, "short.bin", rig->images[5].bytes, 100);
    rig_store_file(rig, "cut.bin", rig->images[5].bytes, rig->images[5].size - 1);
    rig_store_file(rig, "empty.bin", "", 0);
    assert_versions(rig, "6:FE");
    for (uint32_t i = 0; i < 5; i++)
        assert_false(has_file(rig, rig->images[i].name));
    assert_false(has_file(rig, "short.bin"));
    assert_false(has_file(rig, "cut.bin"));
    assert_false(has_file(rig, "empty.bin"));
}

static void spoiled_orphan_is_removed(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *image = rig_image(rig, 2, CODE);

    rig_format(rig);
    rig_store_file(rig, image->name, image->bytes, image->size);
    rig_spoil(rig, image, IMAGE_HEADER_PAGE + 2000);
    assert_versions(rig, "");
    assert_false(has_file(rig, image->name));
}

static void second_image_of_a_version_is_removed(void **state)
{
    struct rig *rig = *state;
    struct rig_recipe recipe = {.version = 1, .code_size = CODE, .seed = 5};
    const struct rig_image *other = rig_make(rig, &recipe);

    rig_format(rig);
    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    rig_store_file(rig, other->name, other->bytes, other->size);
    assert_versions(rig, "1:F8");
    assert_false(has_file(rig, other->name));
    assert_true(has_file(rig, rig->images[1].name));
}

/* The cut between the file's name and its row, when an earlier image of the version had failed. */
static void orphan_takes_the_row_of_a_failed_image_of_its_version(void **state)
{
    struct rig *rig = *state;
    struct rig_recipe recipe = {.version = 2, .code_size = CODE, .seed = 5};
    const struct rig_image *failed = rig_image(rig, 2, CODE), *better = rig_make(rig, &recipe);

    rig_format(rig);
    rig_store(rig, failed, BOOTCTL_DISABLED);
    remove_file(rig, failed->name);
    rig_store_file(rig, better->name, better->bytes, better->size);
    assert_versions(rig, "2:FE");
    assert_string_equal(database_find(&rig->store.database, 2)->name, better->name);
}

static void temporary_files_are_removed_and_strange_ones_left_alone(void **state)
{
    struct rig *rig = *state;

    rig_format(rig);
    rig_store_file(rig, "download.part", "abc", 3);
    rig_store_file(rig, "notes.txt", "abc", 3);
    rig_power_on(rig);
    assert_int_equal(store_mount(&rig->store, rig->hal.spi, rig->hal.log), OTA_OK);
    for (int i = 0; i < 2; i++) {
        lfs2_file_t file;
        struct lfs2_file_config config = {.buffer = rig->buffer};
        const char *path = i ? "/ota/image_database.tmp" : "/ota/v2-00000000.tmp";
        assert_int_equal(
            lfs2_file_opencfg(&rig->store.lfs, &file, path, LFS2_O_WRONLY | LFS2_O_CREAT, &config),
            0);
        assert_int_equal(lfs2_file_close(&rig->store.lfs, &file), 0);
    }
    assert_versions(rig, "");
    assert_false(has_file(rig, "v2-00000000.tmp"));
    assert_false(has_file(rig, "image_database.tmp"));
    assert_true(has_file(rig, "download.part"));
    assert_true(has_file(rig, "notes.txt"));
}

static void row_without_file_is_dropped_and_a_failed_one_kept(void **state)
{
    struct rig *rig = *state;

    rig_format(rig);
    for (uint32_t version = 1; version <= 3; version++) {
        static const enum bootctl_status statuses[] = {BOOTCTL_VALID, BOOTCTL_DOWNLOADED,
                                                       BOOTCTL_DISABLED};
        rig_store(rig, rig_image(rig, version, CODE), statuses[version - 1]);
    }
    for (uint32_t i = 0; i < 3; i++)
        remove_file(rig, rig->images[i].name);
    assert_versions(rig, "3:F0-");
    assert_int_equal(rig_count_log(rig, LOG_STORE_DROPPED), 2);
    assert_versions(rig, "3:F0-");
    assert_int_equal(rig_operations(rig, false), 0);
}

/* Reads that fail are no reason to forget what the database knew. */
static void read_error_does_not_rewrite_the_database(void **state)
{
    struct rig *rig = *state;

    rig_format(rig);
    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_DISABLED);
    remove_file(rig, rig->images[1].name);
    for (uint32_t reads = 0; reads < 60; reads++) {
        struct store_judge judge = {&rig->policy, rig->hal.crypto, &rig->bootctl, rig->buffer};
        rig_power_on(rig);
        err_ignore(bootctl_open(&rig->bootctl, rig->hal.nvm, layout_mzw1.bootctl_offset));
        assert_int_equal(store_mount(&rig->store, rig->hal.spi, rig->hal.log), OTA_OK);
        rig->spi.fail_read_in = reads + 1;
        rig->spi.fail_reads_more = 4;
        err_ignore(store_load(&rig->store, &judge)); /* the flash after it is what counts */
        rig->spi.fail_read_in = 0;
        assert_versions(rig, "1:F8 2:F0-");
    }
}

static void set_status_writes_only_a_change(void **state)
{
    struct rig *rig = *state;

    rig_format(rig);
    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_DOWNLOADED);
    assert_int_equal(rig_load(rig), OTA_OK);
    struct database_row *row = database_find(&rig->store.database, 1);
    assert_int_equal(store_set_status(&rig->store, row, BOOTCTL_DOWNLOADED), OTA_OK);
    assert_int_equal(rig_operations(rig, false), 0);
    assert_int_equal(store_set_status(&rig->store, row, BOOTCTL_VALID), OTA_OK);
    assert_versions(rig, "1:F8");
}

static void remove_takes_file_and_row_or_the_file_only(void **state)
{
    struct rig *rig = *state;

    rig_format(rig);
    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_DISABLED);
    rig_store(rig, rig_image(rig, 2, CODE), BOOTCTL_VALID);
    struct database *database = &rig->store.database;
    assert_int_equal(store_remove(&rig->store, database_find(database, 1), true), OTA_OK);
    assert_int_equal(store_remove(&rig->store, database_find(database, 2), false), OTA_OK);
    assert_versions(rig, "1:F0-");
}

static void enter_replaces_a_row_and_its_file(void **state)
{
    struct rig *rig = *state;
    struct rig_recipe recipe = {.version = 1, .code_size = CODE, .seed = 5};
    const struct rig_image *old = rig_image(rig, 1, CODE), *new = rig_make(rig, &recipe);

    rig_format(rig);
    rig_store(rig, old, BOOTCTL_DISABLED);
    rig_store_file(rig, new->name, new->bytes, new->size);
    struct database_row row = row_of(new, BOOTCTL_DOWNLOADED);
    struct store_judge judge = {&rig->policy, rig->hal.crypto, &rig->bootctl, rig->buffer};
    row.name[0] = 'x'; /* under another name, so that loading does not judge it */
    assert_int_equal(store_load(&rig->store, &judge), OTA_OK);
    rig_store_file(rig, row.name, new->bytes, new->size);
    rig->store.database.count = 1;
    rig->store.database.rows[0] = row_of(old, BOOTCTL_DISABLED);
    assert_int_equal(store_enter(&rig->store, &row), OTA_OK);
    assert_versions(rig, "1:FE");
    assert_string_equal(rig->store.database.rows[0].name, row.name);
    assert_false(has_file(rig, old->name));
}

/* A row that the flash does not have would say of the next offer that it is there. */
static void row_that_cannot_be_saved_is_not_there(void **state)
{
    struct rig *rig = *state;
    struct rig_recipe recipe = {.version = 1, .code_size = CODE, .seed = 5};
    struct database_row first = row_of(rig_image(rig, 1, CODE), BOOTCTL_DISABLED);
    struct database_row again = row_of(rig_make(rig, &recipe), BOOTCTL_DOWNLOADED);
    const struct database *database = &rig->store.database;

    rig_format(rig);
    rig->spi.is_read_only = true;
    assert_int_equal(store_enter(&rig->store, &first), OTA_ERR_FLASH);
    assert_int_equal(database->count, 0);
    rig->spi.is_read_only = false;
    assert_int_equal(store_enter(&rig->store, &first), OTA_OK);
    rig->spi.is_read_only = true;
    assert_int_equal(store_enter(&rig->store, &again), OTA_ERR_FLASH);
    assert_int_equal(database->count, 1);
    assert_memory_equal(&database->rows[0], &first, sizeof first);
}

static void full_table_forgets_the_lowest_memory(void **state)
{
    struct rig *rig = *state;
    struct database_row row = {.status = BOOTCTL_DISABLED, .version = 90, .name = "x.bin"};

    rig_format(rig);
    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_DISABLED);
    for (uint32_t version = 40; version > 40 - (DATABASE_ROWS_MAX - 1); version--) {
        row.version = version;
        snprintf(row.name, sizeof row.name, "v%u-0.bin", version);
        assert_int_equal(store_enter(&rig->store, &row), OTA_OK);
    }
    row.version = 50;
    assert_int_equal(store_enter(&rig->store, &row), OTA_OK);
    assert_versions(rig, "1:F0 31:F0- 32:F0- 33:F0- 34:F0- 35:F0- 36:F0- 37:F0- 38:F0- 39:F0- "
                         "40:F0- 50:F0-");
}

static void full_table_of_images_takes_no_more(void **state)
{
    struct rig *rig = *state;
    struct database_row row = {.status = BOOTCTL_DOWNLOADED, .name = "x.bin"};

    rig_format(rig);
    assert_int_equal(rig_load(rig), OTA_OK);
    for (row.version = 1; row.version <= DATABASE_ROWS_MAX; row.version++)
        assert_int_equal(store_enter(&rig->store, &row), OTA_OK);
    assert_int_equal(store_enter(&rig->store, &row), OTA_ERR_FULL);
    assert_int_equal(rig->store.database.count, DATABASE_ROWS_MAX);
    assert_null(database_find(&rig->store.database, row.version));
}

/* One line a case: what is there ("*": disabled), what runs, how many may be, what is left. */
static void lowest_image_is_evicted_first(void **state)
{
    static const struct {
        const char *rows;
        uint32_t running, images_max;
        enum ota_err err;
        const char *left;
    } cases[] = {
        {"1", 1, 2, OTA_OK, "1:F8"},
        {"12", 2, 2, OTA_OK, "2:F8"},
        {"12", 1, 2, OTA_ERR_FULL, "1:F8 2:F8"},
        {"123", 1, 2, OTA_ERR_FULL, "1:F8 3:F8"},
        {"123", 3, 2, OTA_OK, "3:F8"},
        {"123", 2, 3, OTA_OK, "2:F8 3:F8"},
        {"12*", 1, 2, OTA_OK, "1:F8 2:F0-"},
        {"12*3*", 1, 2, OTA_OK, "1:F8 2:F0- 3:F0-"},
        {"12*3", 3, 3, OTA_OK, "1:F8 2:F0- 3:F8"},
        {"12", 9, 2, OTA_OK, "2:F8"},
        {"12", 2, 1, OTA_OK, ""},
        {"1*", 9, 1, OTA_OK, "1:F0-"},
        {"12345", 5, 6, OTA_OK, "1:F8 2:F8 3:F8 4:F8 5:F8"},
        {"", 1, 1, OTA_OK, ""},
    };
    struct rig *rig = *state;

    rig_format(rig);
    for (uint32_t version = 1; version <= 5; version++)
        rig_image(rig, version, 100);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rig_format(rig);
        rig_store_file(rig, STORE_FACTORY, "factory", 7);
        for (const char *at = cases[i].rows; *at; at++)
            if (*at != '*')
                rig_store(rig, &rig->images[*at - '1'],
                          at[1] == '*' ? BOOTCTL_DISABLED : BOOTCTL_VALID);
        assert_int_equal(rig_load(rig), OTA_OK);
        assert_int_equal(store_evict(&rig->store, cases[i].images_max, cases[i].running),
                         cases[i].err);
        assert_versions(rig, cases[i].left);
        assert_true(has_file(rig, STORE_FACTORY));
    }
}

static void write_is_whole_or_not_at_all_when_there_is_no_room(void **state)
{
    static uint8_t bytes[0x3F0000];
    struct rig *rig = *state;
    struct memory_source source;
    uint32_t before, after;

    memset(bytes, 0x11, sizeof bytes);
    rig_format(rig);
    rig_store_file(rig, STORE_FACTORY, bytes, 0x100000);
    assert_int_equal(store_free_size(&rig->store, &before), OTA_OK);
    memory_source_init(&source, bytes, sizeof bytes);
    assert_int_equal(store_write(&rig->store, "a.bin", &source.source, sizeof bytes, rig->buffer),
                     OTA_ERR_FULL);
    assert_false(store_has(&rig->store, "a.bin"));
    assert_int_equal(store_free_size(&rig->store, &after), OTA_OK);
    assert_int_equal(after, before);
    assert_true(store_has(&rig->store, STORE_FACTORY));
}

static void source_that_fails_leaves_nothing_behind_the_next_start(void **state)
{
    struct rig *rig = *state;
    struct memory_source source;

    rig_format(rig);
    memory_source_init(&source, rig->steps, 5000);
    assert_int_equal(store_write(&rig->store, "a.bin", &source.source, 9000, rig->buffer),
                     OTA_ERR_FORMAT);
    assert_false(store_has(&rig->store, "a.bin"));
    assert_int_equal(rig_load(rig), OTA_OK);
    assert_false(store_has(&rig->store, "a.tmp"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(store_that_is_not_mounted_has_no_file),
        TEST(blank_flash_does_not_mount_and_refuses_every_call),
        TEST(dead_flash_is_an_error_of_the_flash),
        TEST(formatted_store_is_empty),
        TEST(names_tell_version_and_digest),
        TEST(entered_images_are_there_after_a_power_cycle),
        TEST(image_reads_back_as_it_was_written),
        TEST(read_after_a_failed_read_gives_the_right_bytes),
        TEST(lost_database_is_rebuilt_from_the_images),
        TEST(damaged_database_is_rebuilt_from_the_images),
        TEST(database_larger_than_there_is_room_for_is_rebuilt),
        TEST(image_that_failed_is_remembered_by_boot_control),
        TEST(orphan_is_entered),
        TEST(orphans_that_may_not_run_here_are_removed),
        TEST(spoiled_orphan_is_removed),
        TEST(second_image_of_a_version_is_removed),
        TEST(orphan_takes_the_row_of_a_failed_image_of_its_version),
        TEST(temporary_files_are_removed_and_strange_ones_left_alone),
        TEST(row_without_file_is_dropped_and_a_failed_one_kept),
        TEST(read_error_does_not_rewrite_the_database),
        TEST(set_status_writes_only_a_change),
        TEST(remove_takes_file_and_row_or_the_file_only),
        TEST(enter_replaces_a_row_and_its_file),
        TEST(row_that_cannot_be_saved_is_not_there),
        TEST(full_table_forgets_the_lowest_memory),
        TEST(full_table_of_images_takes_no_more),
        TEST(lowest_image_is_evicted_first),
        TEST(write_is_whole_or_not_at_all_when_there_is_no_room),
        TEST(source_that_fails_leaves_nothing_behind_the_next_start),
    };

    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
