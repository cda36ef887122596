#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/database.h"
#include "sim/explore/damage.h"
#include "sim/explore/explore.h"
#include "tests/scene.h"

#define DATABASE "image_database.csv"

/* A device with version 1 from the factory and version 2 installed, and its store. */
struct bench {
    struct scenario scenario;
    struct world world;
    struct store store;
    struct store_file file;
    char image_name[DATABASE_NAME_MAX];
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    assert_non_null(bench);
    assert_true(scene_installed(&bench->scenario, &bench->world));
    store_name(2, bench->world.fixture.images[1].digest, bench->image_name);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    world_free(&bench->world);
    free(bench);
    return 0;
}

static enum ota_err damage(struct bench *bench, enum damage_target target, enum damage_how how)
{
    const struct scenario_damage damage = {
        .target = target, .how = how, .image = target == DAMAGE_IMAGE ? 1 : -1, .with = -1};

    return damage_apply(&bench->world, &damage);
}

/* The bytes of a file of the store, or NULL; the caller frees them. */
static uint8_t *read_file(struct bench *bench, const char *name, uint32_t *ret_size)
{
    assert_int_equal(
        store_mount(&bench->store, &bench->world.spi.cells.flash, &bench->world.device.log),
        OTA_OK);
    if (store_open(&bench->store, name, &bench->file))
        return NULL;
    *ret_size = bench->file.source.size;
    uint8_t *bytes = malloc(*ret_size + 1);
    assert_int_equal(bench->file.source.read(&bench->file.source, 0, bytes, *ret_size), OTA_OK);
    store_close(&bench->file);
    return bytes;
}

static void assert_spoilt(const uint8_t *is, uint32_t is_size, const uint8_t *was, uint32_t size,
                          enum damage_how how)
{
    if (how == DAMAGE_TRUNCATE || how == DAMAGE_EMPTY) {
        assert_int_equal(is_size, how == DAMAGE_EMPTY ? 0 : size / 2);
        assert_memory_equal(is, was, is_size);
        return;
    }
    assert_int_equal(is_size, size);
    if (how == DAMAGE_SWAP) {
        assert_memory_equal(is, was + size - size / 2, size / 2);
        assert_memory_equal(is + size - size / 2, was, size / 2);
        return;
    }
    for (uint32_t i = 0; i < size; i++) {
        if (how == DAMAGE_FLIP)
            assert_int_equal(is[i], i == size / 2 ? was[i] ^ 0x10 : was[i]);
        else if (how == DAMAGE_BYTE)
            assert_int_equal(is[i], i == 0 ? 0 : was[i]);
        else
            assert_int_equal(is[i], how == DAMAGE_BLANK ? 0xFF : 0x00);
    }
}

static void damage_file_in_every_way(struct bench *bench, enum damage_target target,
                                     const char *name)
{
    uint32_t size, is_size;
    uint8_t *was = read_file(bench, name, &size);

    assert_non_null(was);
    for (int how = 0; how < DAMAGE_DISABLE; how++) {
        uint32_t nvm_mark = flash_ram_mark(&bench->world.nvm);
        uint32_t spi_mark = flash_ram_mark(&bench->world.spi);
        assert_int_equal(damage(bench, target, (enum damage_how)how), OTA_OK);
        uint8_t *is = read_file(bench, name, &is_size);
        if (how == DAMAGE_REMOVE)
            assert_null(is);
        else
            assert_spoilt(is, is_size, was, size, (enum damage_how)how);
        free(is);
        flash_ram_rollback(&bench->world.nvm, nvm_mark);
        flash_ram_rollback(&bench->world.spi, spi_mark);
    }
    free(was);
}

static void image_is_damaged_in_every_way(void **state)
{
    struct bench *bench = *state;

    damage_file_in_every_way(bench, DAMAGE_IMAGE, bench->image_name);
}

static void factory_backup_is_damaged_in_every_way(void **state)
{
    damage_file_in_every_way(*state, DAMAGE_FACTORY, STORE_FACTORY);
}

static void database_is_damaged_in_every_way(void **state)
{
    damage_file_in_every_way(*state, DAMAGE_DATABASE, DATABASE);
}

static void other_files_stay_as_they_were(void **state)
{
    struct bench *bench = *state;
    uint32_t size, is_size;
    uint8_t *was = read_file(bench, STORE_FACTORY, &size);

    assert_int_equal(damage(bench, DAMAGE_IMAGE, DAMAGE_ZERO), OTA_OK);
    uint8_t *is = read_file(bench, STORE_FACTORY, &is_size);
    assert_int_equal(is_size, size);
    assert_memory_equal(is, was, size);
    free(is);
    free(was);
}

static void copy_swapped(uint8_t *to, const uint8_t *from, uint32_t size)
{
    memcpy(to, from + size / 2, size / 2);
    memcpy(to + size / 2, from, size / 2);
}

/* Raw flash from offset on, size bytes; nothing else of the device may change. */
static void damage_flash_in_every_way(struct bench *bench, enum damage_target target,
                                      struct flash_ram *ram, uint32_t offset, uint32_t size)
{
    struct cells *cells = &ram->cells;
    uint8_t *was = malloc(cells->flash.size), *all = malloc(cells->flash.size);
    uint8_t *marks = malloc(cells->flash.size / cells->mark_size);

    memcpy(all, cells->bytes, cells->flash.size);
    memcpy(marks, cells->marks, cells->flash.size / cells->mark_size);
    for (int how = 0; how < DAMAGE_DISABLE; how++) {
        bool is_blank = how == DAMAGE_BLANK || how == DAMAGE_REMOVE || how == DAMAGE_EMPTY;
        memcpy(cells->bytes, all, cells->flash.size);
        memcpy(cells->marks, marks, cells->flash.size / cells->mark_size);
        memcpy(was, all, cells->flash.size);
        assert_int_equal(damage(bench, target, (enum damage_how)how), OTA_OK);
        if (how == DAMAGE_FLIP)
            was[offset + size / 2] ^= 0x10;
        else if (how == DAMAGE_BYTE)
            was[offset] = 0;
        else if (how == DAMAGE_TRUNCATE)
            memset(was + offset + size / 2, 0xFF, size - size / 2);
        else if (how == DAMAGE_SWAP)
            copy_swapped(was + offset, all + offset, size);
        else
            memset(was + offset, is_blank ? 0xFF : 0x00, size);
        assert_memory_equal(cells->bytes, was, cells->flash.size);
        for (uint32_t at = 0; at < cells->flash.size; at += cells->mark_size) {
            const uint8_t *now = cells->bytes + at;
            bool is_changed = memcmp(all + at, now, cells->mark_size) != 0;
            bool is_erased = now[0] == 0xFF && memcmp(now, now + 1, cells->mark_size - 1) == 0;
            assert_int_equal(cells->marks[at / cells->mark_size], !is_changed
                                                                      ? marks[at / cells->mark_size]
                                                                  : is_erased ? 0
                                                                              : CELLS_PROGRAMMED);
        }
    }
    free(was);
    free(all);
    free(marks);
}

static void file_system_is_damaged_at_its_first_two_blocks(void **state)
{
    struct bench *bench = *state;

    damage_flash_in_every_way(bench, DAMAGE_FILE_SYSTEM, &bench->world.spi, 0, 8192);
}

static void boot_control_is_damaged_as_a_whole(void **state)
{
    struct bench *bench = *state;

    damage_flash_in_every_way(bench, DAMAGE_BOOT_CONTROL, &bench->world.nvm, 0x20000, 4096);
}

static void program_flash_is_damaged_in_its_first_pages(void **state)
{
    struct bench *bench = *state;

    damage_flash_in_every_way(bench, DAMAGE_PROGRAM_FLASH, &bench->world.nvm, 0x21000, 4 * 4096);
}

static void damage_to_what_is_not_there_is_an_error(void **state)
{
    struct bench *bench = *state;

    for (int how = 0; how < DAMAGE_ADD; how++) {
        const struct scenario_damage absent = {
            .target = DAMAGE_IMAGE, .how = (enum damage_how)how, .image = 0, .with = -1};
        assert_int_equal(damage_apply(&bench->world, &absent), OTA_ERR_NOT_FOUND);
    }
    assert_int_equal(damage(bench, DAMAGE_FACTORY, DAMAGE_REMOVE), OTA_OK);
    assert_int_equal(damage(bench, DAMAGE_FACTORY, DAMAGE_REMOVE), OTA_ERR_NOT_FOUND);
    assert_int_equal(damage(bench, DAMAGE_FACTORY, DAMAGE_FLIP), OTA_ERR_NOT_FOUND);
    assert_int_equal(damage(bench, DAMAGE_TARGET_COUNT, DAMAGE_FLIP), OTA_ERR_NOT_FOUND);
    assert_int_equal(damage(bench, DAMAGE_IMAGE, DAMAGE_DISABLE), OTA_ERR_NOT_FOUND);
    assert_int_equal(damage(bench, DAMAGE_BOOT_CONTROL, DAMAGE_FORGET), OTA_ERR_NOT_FOUND);
    assert_int_equal(damage(bench, DAMAGE_DATABASE, DAMAGE_ZERO), OTA_OK);
    assert_int_equal(damage(bench, DAMAGE_DATABASE, DAMAGE_FORGET), OTA_ERR_CORRUPT);
}

/* The status in the only row, which is version 2's. */
static enum bootctl_status status_in_database(struct bench *bench)
{
    struct database database;
    uint32_t size;
    uint8_t *text = read_file(bench, DATABASE, &size);

    assert_non_null(text);
    assert_int_equal(database_parse((const char *)text, size, &database), OTA_OK);
    assert_int_equal(database.count, 1);
    free(text);
    return database.rows[0].status;
}

static void rows_say_something_else_of_their_images(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(status_in_database(bench), BOOTCTL_VALID);
    assert_int_equal(damage(bench, DAMAGE_DATABASE, DAMAGE_FORGET), OTA_OK);
    assert_int_equal(status_in_database(bench), BOOTCTL_DOWNLOADED);
    assert_int_equal(damage(bench, DAMAGE_DATABASE, DAMAGE_DISABLE), OTA_OK);
    assert_int_equal(status_in_database(bench), BOOTCTL_DISABLED);
}

static void a_database_says_what_it_is_told(void **state)
{
    static const char text[] = "v7.bin,F0,7,0x01,\nno row";
    struct bench *bench = *state;
    struct scenario_damage rewrite = {.target = DAMAGE_DATABASE, .how = DAMAGE_REWRITE};
    uint32_t size;

    memcpy(rewrite.text, text, sizeof text);
    assert_int_equal(damage_apply(&bench->world, &rewrite), OTA_OK);
    uint8_t *is = read_file(bench, "image_database.csv", &size);
    assert_non_null(is);
    assert_int_equal(size, sizeof text - 1);
    assert_memory_equal(is, text, size);
    free(is);
    rewrite.target = DAMAGE_FACTORY;
    assert_int_equal(damage_apply(&bench->world, &rewrite), OTA_ERR_NOT_FOUND);
}

static void two_files_change_places(void **state)
{
    struct bench *bench = *state;
    struct scenario_damage swap = {
        .target = DAMAGE_IMAGE, .how = DAMAGE_SWAP, .image = 1, .with = 0};
    struct image_source *source;
    char other_name[DATABASE_NAME_MAX];
    uint32_t size, is_size;

    /* Version 1 lies in the store as an update would. */
    store_name(1, bench->world.fixture.images[0].digest, other_name);
    assert_int_equal(damage_apply(&bench->world, &swap), OTA_ERR_NOT_FOUND);
    uint8_t *first = read_file(bench, STORE_FACTORY, &size);
    assert_int_equal(store_open(&bench->store, STORE_FACTORY, &bench->file), OTA_OK);
    source = &bench->file.source;
    assert_int_equal(store_write(&bench->store, other_name, source, size,
                                 bench->world.device.ram->app.ota.buffer),
                     OTA_OK);
    store_close(&bench->file);
    uint8_t *second = read_file(bench, bench->image_name, &size);

    assert_int_equal(damage_apply(&bench->world, &swap), OTA_OK);
    uint8_t *is = read_file(bench, bench->image_name, &is_size);
    assert_int_equal(is_size, size);
    assert_memory_equal(is, first, size);
    free(is);
    is = read_file(bench, other_name, &is_size);
    assert_memory_equal(is, second, size);
    free(is);
    free(first);
    free(second);
}

static void a_database_is_full_of_what_was_given_up(void **state)
{
    const struct scenario_damage fill = {
        .target = DAMAGE_DATABASE, .how = DAMAGE_FILL, .value = DATABASE_ROWS_MAX};
    struct bench *bench = *state;
    struct database database;
    uint32_t size;

    assert_int_equal(damage_apply(&bench->world, &fill), OTA_OK);
    uint8_t *text = read_file(bench, DATABASE, &size);
    assert_int_equal(database_parse((const char *)text, size, &database), OTA_OK);
    assert_int_equal(database.count, DATABASE_ROWS_MAX);
    for (uint32_t i = 0; i < database.count; i++)
        assert_int_equal(database.rows[i].status, BOOTCTL_DISABLED);
    free(text);
}

static void somebody_puts_a_file_into_the_store(void **state)
{
    struct scenario_damage add = {.target = DAMAGE_IMAGE, .how = DAMAGE_ADD, .image = 0};
    struct bench *bench = *state;
    const struct fixture_image *image = &bench->world.fixture.images[0];
    char name[DATABASE_NAME_MAX];
    uint32_t size;

    store_name(1, image->digest, name);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(damage_apply(&bench->world, &add), OTA_OK);
        uint8_t *bytes = read_file(bench, i ? "a,b.bin" : name, &size);
        assert_non_null(bytes);
        assert_int_equal(size, image->size);
        assert_memory_equal(bytes, image->bytes, size);
        free(bytes);
        memcpy(add.text, "a,b.bin", sizeof "a,b.bin");
    }
}

static void only_boot_control_is_set_and_only_program_flash_programmed(void **state)
{
    struct bench *bench = *state;

    for (int target = 0; target < DAMAGE_TARGET_COUNT; target++) {
        enum ota_err set = target == DAMAGE_BOOT_CONTROL ? OTA_OK : OTA_ERR_NOT_FOUND;
        enum ota_err program = target == DAMAGE_PROGRAM_FLASH ? OTA_OK : OTA_ERR_NOT_FOUND;
        const struct scenario_damage by_programmer = {.target = (enum damage_target)target,
                                                      .how = DAMAGE_PROGRAM};
        assert_int_equal(damage(bench, (enum damage_target)target, DAMAGE_SET), set);
        assert_int_equal(damage_apply(&bench->world, &by_programmer), program);
    }
    assert_int_equal(judge_installed(&bench->world.judge), 0);
}

/* A device with any one thing damaged in any one way runs an image in the end. */
static void device_gets_over_any_one_damage(void **state)
{
    const struct explore_options options = {0};
    struct bench *bench = *state;
    struct scenario *scenario = &bench->scenario;
    struct explore_result result;

    for (int target = 0; target < DAMAGE_TARGET_COUNT; target++)
        for (int how = 0; how < DAMAGE_SET; how++) {
            if (how >= DAMAGE_DISABLE && target != DAMAGE_DATABASE)
                continue;
            scenario->damage_count = 1;
            scenario->damages[0] =
                (struct scenario_damage){.target = (enum damage_target)target,
                                         .how = (enum damage_how)how,
                                         .image = target == DAMAGE_IMAGE ? 1 : -1,
                                         .with = -1,
                                         .value = 3};
            explore_run(scenario, &options, &result);
            if (result.verdict != EXPLORE_PASSED)
                fail_msg("target %d, how %d: %s%s", target, how, result.fault,
                         result.failures[0].text);
        }
}

static void damage_that_waits_comes_before_the_next_start(void **state)
{
    struct bench *bench = *state;
    struct judge *judge = &bench->world.judge;
    const uint32_t args[3] = {2, 0, 0};

    bench->scenario.damage_count = 1;
    bench->scenario.damages[0] = (struct scenario_damage){.target = DAMAGE_BOOT_CONTROL,
                                                          .how = DAMAGE_BYTE,
                                                          .at = 3,
                                                          .value = 0x77,
                                                          .has_mark = true,
                                                          .mark = LOG_OTA_ENTERED};
    const uint8_t *byte = bench->world.nvm.cells.bytes + layout_mzw1.bootctl_offset + 3;
    judge_log(judge, LOG_OTA_VERIFIED, args);
    damage_begin(&bench->world);
    assert_int_equal(judge->damaged, 0);
    judge_log(judge, LOG_OTA_ENTERED, args);
    assert_int_not_equal(*byte, 0x77);
    damage_begin(&bench->world);
    assert_int_equal(*byte, 0x77);
    assert_int_equal(judge->damaged, 1);
    assert_int_equal(judge->damages_due, 0);
    judge_log(judge, LOG_OTA_ENTERED, args);
    assert_int_equal(judge->damages_due, 0);
}

static void damage_of_what_is_not_there_waits_on(void **state)
{
    struct bench *bench = *state;
    struct judge *judge = &bench->world.judge;
    const uint32_t args[3] = {2, 0, 0};

    bench->scenario.damage_count = 1;
    bench->scenario.damages[0] = (struct scenario_damage){.target = DAMAGE_DATABASE,
                                                          .how = DAMAGE_BYTE,
                                                          .at = 100000,
                                                          .has_mark = true,
                                                          .mark = LOG_OTA_ENTERED};
    judge_log(judge, LOG_OTA_ENTERED, args);
    damage_begin(&bench->world);
    assert_int_equal(judge->damaged | judge->damages_due, 0);
    judge_log(judge, LOG_OTA_ENTERED, args);
    assert_int_equal(judge->damages_due, 1);
}

/* What was damaged is excused, and what was only to be damaged is not. */
static void damage_that_waits_excuses_nothing_yet(void **state)
{
    struct bench *bench = *state;
    struct judge *judge = &bench->world.judge;

    bench->scenario.damage_count = 1;
    bench->scenario.damages[0] = (struct scenario_damage){
        .target = DAMAGE_FACTORY, .how = DAMAGE_FLIP, .has_mark = true, .mark = LOG_OTA_ENTERED};
    assert_false(judge_is_backup_excused(judge));
    judge_damaged(judge, 0);
    assert_true(judge_is_backup_excused(judge));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(image_is_damaged_in_every_way),
        TEST(factory_backup_is_damaged_in_every_way),
        TEST(database_is_damaged_in_every_way),
        TEST(other_files_stay_as_they_were),
        TEST(file_system_is_damaged_at_its_first_two_blocks),
        TEST(boot_control_is_damaged_as_a_whole),
        TEST(program_flash_is_damaged_in_its_first_pages),
        TEST(damage_to_what_is_not_there_is_an_error),
        TEST(rows_say_something_else_of_their_images),
        TEST(a_database_says_what_it_is_told),
        TEST(two_files_change_places),
        TEST(a_database_is_full_of_what_was_given_up),
        TEST(somebody_puts_a_file_into_the_store),
        TEST(only_boot_control_is_set_and_only_program_flash_programmed),
        TEST(device_gets_over_any_one_damage),
        TEST(damage_that_waits_comes_before_the_next_start),
        TEST(damage_of_what_is_not_there_waits_on),
        TEST(damage_that_waits_excuses_nothing_yet),
    };

    return cmocka_run_group_tests_name("damage", tests, NULL, NULL);
}
