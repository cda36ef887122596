/*
 * Method: two stores with the same files, made in different ways, look alike though their flashes
 * differ; any difference in what a reader sees shows. Files are written by littlefs itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/part.h"
#include "core/store.h"
#include "hal_posix/log_none.h"
#include "sim/explore/view_store.h"

#define UNIT  4096u
#define LARGE 40000u /* of many blocks, some with more than one pointer */

struct bench {
    struct flash_ram ram;
    struct flash_keys keys;
    struct view_store view;
    struct store store;
    struct log log;
    uint8_t bytes[LARGE], buffer[STORE_CACHE_SIZE];
    uint32_t seed;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct cells cells;

    bench->log.ops = &log_none_ops;
    cells_init_sst26(&cells);
    cells.ghosts = CELLS_GHOSTS;
    assert_int_equal(flash_ram_init(&bench->ram, &cells), OTA_OK);
    assert_int_equal(flash_keys_init(&bench->keys, &bench->ram), OTA_OK);
    assert_int_equal(view_store_init(&bench->view, &bench->keys), OTA_OK);
    bench->seed = 6;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    view_store_free(&bench->view);
    flash_keys_free(&bench->keys);
    flash_ram_free(&bench->ram);
    free(bench);
    return 0;
}

static uint32_t random_below(struct bench *bench, uint32_t bound)
{
    bench->seed = bench->seed * 1664525u + 1013904223u;
    return (bench->seed >> 8) % bound;
}

/* --- a store and its files ------------------------------------------------------------------- */

static void mount(struct bench *bench)
{
    assert_int_equal(store_mount(&bench->store, &bench->ram.cells.flash, &bench->log), OTA_OK);
}

static void format(struct bench *bench)
{
    for (uint32_t unit = 0; unit < 2; unit++)
        assert_int_equal(flash_erase(&bench->ram.cells.flash, unit * UNIT), OTA_OK);
    err_ignore(store_mount(&bench->store, &bench->ram.cells.flash, &bench->log));
    assert_int_equal(store_format(&bench->store), OTA_OK);
}

/* A file of size bytes that follow from seed. */
static void write_file(struct bench *bench, const char *path, uint32_t size, uint32_t seed)
{
    const struct lfs2_file_config config = {.buffer = bench->buffer};
    lfs2_t *lfs = &bench->store.lfs;
    lfs2_file_t file;

    for (uint32_t i = 0; i < size; i++)
        bench->bytes[i] = (uint8_t)((i * 2654435761u + seed * 40503u) >> 13);
    assert_int_equal(
        lfs2_file_opencfg(lfs, &file, path, LFS2_O_WRONLY | LFS2_O_CREAT | LFS2_O_TRUNC, &config),
        0);
    assert_int_equal(lfs2_file_write(lfs, &file, bench->bytes, size), size);
    assert_int_equal(lfs2_file_close(lfs, &file), 0);
}

static void remove_file(struct bench *bench, const char *path)
{
    assert_int_equal(lfs2_remove(&bench->store.lfs, path), 0);
}

static struct key look(struct bench *bench)
{
    struct key view;

    assert_true(view_store_look(&bench->view, &view));
    return view;
}

/* Sees it for the first time. */
static struct key look_anew(struct bench *bench)
{
    struct view_store fresh;
    struct key view;

    assert_int_equal(view_store_init(&fresh, &bench->keys), OTA_OK);
    assert_true(view_store_look(&fresh, &view));
    view_store_free(&fresh);
    return view;
}

/* The block that a file ends in. */
static uint32_t last_unit_of(struct bench *bench, const char *path)
{
    const struct lfs2_file_config config = {.buffer = bench->buffer};
    lfs2_file_t file;

    assert_int_equal(lfs2_file_opencfg(&bench->store.lfs, &file, path, LFS2_O_RDONLY, &config), 0);
    uint32_t unit = file.ctz.head;
    assert_int_equal(lfs2_file_close(&bench->store.lfs, &file), 0);
    return unit;
}

/* --- what shows and what does not ------------------------------------------------------------ */

static void flash_that_does_not_mount_has_no_view(void **state)
{
    struct bench *bench = *state;
    struct key view;

    assert_false(view_store_look(&bench->view, &view));
    format(bench);
    assert_true(view_store_look(&bench->view, &view));
    memset(bench->ram.cells.bytes, 0, 2 * UNIT);
    bench->ram.cells.before_change(&bench->ram.cells, 0);
    bench->ram.cells.before_change(&bench->ram.cells, 1);
    assert_false(view_store_look(&bench->view, &view));
}

static void places_of_the_blocks_do_not_show(void **state)
{
    struct bench *bench = *state;

    format(bench);
    write_file(bench, "/ota/a", LARGE, 1);
    write_file(bench, "/ota/b", 5000, 2);
    const struct key straight = look(bench);
    const struct key raw = flash_keys_sum(&bench->keys);
    uint32_t place = last_unit_of(bench, "/ota/a");
    format(bench);
    write_file(bench, "/ota/c", 9000, 3);
    write_file(bench, "/ota/b", 5000, 2);
    write_file(bench, "/ota/a", LARGE, 4);
    write_file(bench, "/ota/a", LARGE, 1);
    remove_file(bench, "/ota/c");
    assert_int_not_equal(last_unit_of(bench, "/ota/a"), place);
    assert_false(key_equals(flash_keys_sum(&bench->keys), raw));
    assert_true(key_equals(look(bench), straight));
}

static void free_blocks_do_not_show(void **state)
{
    struct bench *bench = *state;
    const uint8_t noise[64] = "noise";

    format(bench);
    write_file(bench, "/ota/a", LARGE, 1);
    const struct key before = look(bench);
    const struct key raw = flash_keys_sum(&bench->keys);
    assert_int_equal(flash_program(&bench->ram.cells.flash, 900 * UNIT, noise, 64), OTA_OK);
    cells_tear_erase(&bench->ram.cells, 900 * UNIT, TEAR_WEAK);
    assert_false(key_equals(flash_keys_sum(&bench->keys), raw));
    assert_true(key_equals(look(bench), before));
    assert_true(key_equals(look_anew(bench), before));
}

static void everything_a_reader_sees_shows(void **state)
{
    static const uint8_t label[8] = "label";
    struct bench *bench = *state;
    struct key views[9];

    for (int what = 0; what < 9; what++) {
        format(bench);
        write_file(bench, what == 1 ? "/ota/A" : "/ota/a", what == 2 ? LARGE - 1 : LARGE,
                   what == 3 ? 9 : 1);
        write_file(bench, "/ota/small", what == 4 ? 99 : 100, what == 5 ? 9 : 2);
        if (what == 6)
            assert_int_equal(
                lfs2_setattr(&bench->store.lfs, "/ota/a", PART_ATTRIBUTE, label, sizeof label), 0);
        if (what == 7)
            assert_int_equal(lfs2_mkdir(&bench->store.lfs, "/ota/folder"), 0);
        if (what == 8)
            write_file(bench, "/empty", 0, 0);
        views[what] = look(bench);
        for (int i = 0; i < what; i++)
            assert_false(key_equals(views[what], views[i]));
    }
}

/* One byte of one block, the last one that is written, wherever it is in the file. */
static void any_byte_of_a_file_shows(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->ram.cells;

    format(bench);
    write_file(bench, "/ota/a", LARGE, 1);
    const struct key before = look(bench);
    uint32_t unit = last_unit_of(bench, "/ota/a");
    for (uint32_t block = 0; block < 9; block++) {
        uint32_t mark = flash_ram_mark(&bench->ram), last = unit * UNIT + UNIT - 1;
        while (cells->bytes[last] == 0xFF)
            last--;
        cells->before_change(cells, unit);
        cells->bytes[last] ^= 1;
        assert_false(key_equals(look(bench), before));
        flash_ram_rollback(&bench->ram, mark);
        assert_true(key_equals(look(bench), before));
        unit = bytes_get32(cells->bytes + unit * UNIT);
    }
}

/* --- weak blocks ----------------------------------------------------------------------------- */

/* The one without pointers, so that the file system mounts whatever it holds. */
static uint32_t first_unit_of(struct bench *bench, const char *path)
{
    uint32_t unit = last_unit_of(bench, path);

    for (uint32_t i = LARGE / UNIT; i; i--)
        unit = bytes_get32(bench->ram.cells.bytes + unit * UNIT);
    return unit;
}

static void weak_block_of_a_file_counts_with_what_it_may_read_as(void **state)
{
    struct bench *bench = *state;
    struct cells *cells = &bench->ram.cells;
    struct key views[3];

    format(bench);
    write_file(bench, "/ota/a", LARGE, 1);
    uint32_t unit = first_unit_of(bench, "/ota/a");
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t mark = flash_ram_mark(&bench->ram);
        if (i == 2) {
            cells->before_change(cells, unit);
            cells->bytes[unit * UNIT + 100] ^= 1;
        }
        if (i)
            cells_tear_erase(cells, unit * UNIT, TEAR_WEAK);
        views[i] = look(bench);
        flash_ram_rollback(&bench->ram, mark);
    }
    assert_false(key_equals(views[0], views[1]));
    assert_false(key_equals(views[1], views[2])); /* both read as erased, if not as before */
}

/* --- a look that remembers ------------------------------------------------------------------- */

static void do_anything(struct bench *bench)
{
    static const char *const paths[] = {"/ota/a", "/ota/b", "/ota/c", "/d"};
    const char *path = paths[random_below(bench, 4)];

    mount(bench);
    switch (random_below(bench, 4)) {
    case 0:
        (void)lfs2_remove(&bench->store.lfs, path);
        break;
    case 1:
        cells_tear_erase(&bench->ram.cells, (500 + random_below(bench, 4)) * UNIT, TEAR_WEAK);
        break;
    default:
        write_file(bench, path, random_below(bench, 3) * 9000, random_below(bench, 3));
        break;
    }
}

static void look_is_that_of_a_new_observer_over_any_life(void **state)
{
    struct bench *bench = *state;
    uint32_t marks[4], depth = 0;

    format(bench);
    for (int i = 0; i < 400; i++) {
        if (i % 5 == 1 && depth < 4)
            marks[depth++] = flash_ram_mark(&bench->ram);
        do_anything(bench);
        if (i % 11 == 10 && depth)
            flash_ram_rollback(&bench->ram, marks[--depth]);
        assert_true(key_equals(look(bench), look_anew(bench)));
    }
    while (depth)
        flash_ram_rollback(&bench->ram, marks[--depth]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(flash_that_does_not_mount_has_no_view),
        TEST(places_of_the_blocks_do_not_show),
        TEST(free_blocks_do_not_show),
        TEST(everything_a_reader_sees_shows),
        TEST(any_byte_of_a_file_shows),
        TEST(weak_block_of_a_file_counts_with_what_it_may_read_as),
        TEST(look_is_that_of_a_new_observer_over_any_life),
    };

    return cmocka_run_group_tests_name("view_store", tests, NULL, NULL);
}
