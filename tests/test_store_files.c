#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "sim/mount/store_files.h"
#include "tests/desk.h"

struct bench {
    struct desk desk;
    struct insides insides;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    desk_init(&bench->desk, true);
    assert_true(insides_open(&bench->insides, bench->desk.path, bench->desk.error));
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    insides_close(&bench->insides);
    desk_free(&bench->desk);
    free(bench);
    return 0;
}

static void what_is_written_is_read(void **state)
{
    struct bench *bench = *state;
    uint8_t *bytes;
    uint32_t size;

    assert_int_equal(store_files_write(&bench->insides, "/ota/a", "hello", 5, true), 0);
    assert_int_equal(store_files_write(&bench->insides, "/ota/a", "", 0, true), -EEXIST);
    assert_int_equal(store_files_write(&bench->insides, "/ota/a", "you", 3, false), 0);
    assert_int_equal(store_files_read(&bench->insides, "/ota/a", &bytes, &size), 0);
    assert_int_equal(size, 3);
    assert_memory_equal(bytes, "you", 3);
    free(bytes);
}

static void file_that_does_not_fit_leaves_the_old_one(void **state)
{
    struct bench *bench = *state;
    uint8_t *large = calloc(1, 5 << 20), *bytes;
    uint32_t size;

    assert_int_equal(store_files_write(&bench->insides, "/ota/a", "old", 3, true), 0);
    assert_int_equal(store_files_write(&bench->insides, "/ota/a", large, 5 << 20, false), -ENOSPC);
    assert_int_equal(store_files_read(&bench->insides, "/ota/a", &bytes, &size), 0);
    assert_int_equal(size, 3);
    free(bytes);
    free(large);
}

static void names_are_changed_and_removed(void **state)
{
    struct bench *bench = *state;
    struct insides *insides = &bench->insides;
    struct lfs2_info info;

    assert_int_equal(store_files_make_folder(insides, "/new"), 0);
    assert_int_equal(store_files_write(insides, "/ota/a", "a", 1, true), 0);
    assert_int_equal(store_files_write(insides, "/new/b", "b", 1, true), 0);
    assert_int_equal(store_files_rename(insides, "/ota/a", "/new/b", true), -EEXIST);
    assert_int_equal(store_files_rename(insides, "/ota/a", "/new/b", false), 0);
    assert_int_equal(store_files_stat(insides, "/ota/a", &info), -ENOENT);
    assert_int_equal(store_files_remove(insides, "/new", true), -ENOTEMPTY);
    assert_int_equal(store_files_remove(insides, "/new", false), -EISDIR);
    assert_int_equal(store_files_remove(insides, "/new/b", true), -ENOTDIR);
    assert_int_equal(store_files_remove(insides, "/new/b", false), 0);
    assert_int_equal(store_files_remove(insides, "/new", true), 0);
}

static void damaged_file_system_is_an_input_error(void **state)
{
    struct bench *bench = *state;
    struct lfs2_info info;
    uint32_t size;

    memset(bench->insides.folder.spi.cells.bytes, 0, 0x2000);
    assert_int_equal(store_files_stat(&bench->insides, "/ota", &info), -EIO);
    assert_int_equal(store_files_free(&bench->insides, &size), -EIO);
    assert_int_equal(store_files_write(&bench->insides, "/ota/a", "a", 1, true), -EIO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_is_read),
        TEST(file_that_does_not_fit_leaves_the_old_one),
        TEST(names_are_changed_and_removed),
        TEST(damaged_file_system_is_an_input_error),
    };

    return cmocka_run_group_tests_name("store_files", tests, NULL, NULL);
}
