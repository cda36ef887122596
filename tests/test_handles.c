#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "sim/mount/handles.h"
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

#define DATABASE "/spi/fs/ota/a"

static void reader_keeps_what_he_opened(void **state)
{
    struct bench *bench = *state;
    struct handles handles = {.insides = &bench->insides};
    struct handle *reader, *writer;
    char data[8] = "";

    assert_int_equal(handles_create(&handles, DATABASE, true, &writer), 0);
    assert_int_equal(handles_write(&handles, writer, "old", 3, 0), 3);
    assert_int_equal(handles_flush(&handles, writer), 0);
    assert_int_equal(handles_open(&handles, DATABASE, false, false, &reader), 0);
    assert_int_equal(handles_write(&handles, writer, "new", 3, 0), 3);
    assert_int_equal(handles_flush(&handles, writer), 0);
    assert_int_equal(handles_read(reader, data, 8, 0), 3);
    assert_string_equal(data, "old");
    assert_int_equal(handles_write(&handles, reader, "x", 1, 0), -EBADF);
    handles_close(&handles, reader);
    handles_close(&handles, writer);
}

static void writers_share_and_commit_at_the_flush(void **state)
{
    struct bench *bench = *state;
    struct handles handles = {.insides = &bench->insides};
    struct handle *a, *b, *reader;
    char data[8] = "";

    assert_int_equal(handles_create(&handles, DATABASE, true, &a), 0);
    assert_int_equal(handles_create(&handles, DATABASE, true, &b), -EEXIST);
    assert_int_equal(handles_open(&handles, DATABASE, true, false, &b), 0);
    assert_ptr_equal(a, b);
    assert_int_equal(handles_write(&handles, a, "xy", 2, 2), 2);
    assert_int_equal(handles_open(&handles, DATABASE, false, false, &reader), 0);
    assert_int_equal(handles_read(reader, data, 8, 0), 0);
    handles_close(&handles, reader);
    handles_close(&handles, a);
    handles_close(&handles, b);
    assert_null(handles.writers);
    assert_int_equal(handles_open(&handles, DATABASE, true, true, &a), 0);
    assert_int_equal(a->size, 0);
    assert_int_equal(handles_resize(&handles, a, 1u << 30), -EFBIG);
    handles_close(&handles, a);
}

static void renamed_file_is_committed_under_its_new_name(void **state)
{
    struct bench *bench = *state;
    struct handles handles = {.insides = &bench->insides};
    struct handle *a, *gone;

    assert_int_equal(handles_create(&handles, DATABASE, true, &a), 0);
    handles_renamed(&handles, "/ota/a", "/ota/b");
    assert_ptr_equal(handles_writer(&handles, "/ota/b"), a);
    assert_null(handles_writer(&handles, "/ota/a"));
    assert_int_equal(handles_open(&handles, DATABASE, true, false, &gone), 0);
    handles_renamed(&handles, "/ota/a", NULL);
    assert_int_equal(handles_write(&handles, gone, "z", 1, 0), 1);
    assert_int_equal(handles_flush(&handles, gone), 0);
    assert_true(gone->is_dirty); /* nobody was asked to keep it */
    handles_close(&handles, gone);
    handles_close(&handles, a);
}

static void raw_bytes_keep_their_size_and_are_poked(void **state)
{
    struct bench *bench = *state;
    struct handles handles = {.insides = &bench->insides};
    struct handle *raw;
    char data[2];

    assert_int_equal(handles_open(&handles, "/spi/raw.bin", true, true, &raw), 0);
    assert_int_equal(raw->size, 4 << 20);
    assert_int_equal(handles_resize(&handles, raw, 0), 0);
    assert_int_equal(handles_write(&handles, raw, "ab", 2, (4 << 20) - 1), 1);
    assert_int_equal(handles_write(&handles, raw, "ab", 2, 4 << 20), -ENOSPC);
    assert_int_equal(handles_read(raw, data, 2, (4 << 20) - 1), 1);
    assert_int_equal(data[0], 'a');
    assert_int_equal(bench->insides.folder.spi.cells.bytes[(4 << 20) - 1], 'a');
    handles_close(&handles, raw);
}

static void what_can_only_be_read_is_refused(void **state)
{
    struct bench *bench = *state;
    struct handles handles = {.insides = &bench->insides};
    struct handle *handle;

    assert_int_equal(handles_open(&handles, "/status.json", true, false, &handle), -EACCES);
    assert_int_equal(handles_open(&handles, "/nvm/bootloader.bin", true, false, &handle), -EACCES);
    assert_int_equal(handles_open(&handles, "/nvm", false, false, &handle), -EISDIR);
    assert_int_equal(handles_open(&handles, "/spi/fs/none", true, false, &handle), -ENOENT);
    assert_int_equal(handles_create(&handles, "/nvm/new", false, &handle), -EPERM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reader_keeps_what_he_opened),
        TEST(writers_share_and_commit_at_the_flush),
        TEST(renamed_file_is_committed_under_its_new_name),
        TEST(raw_bytes_keep_their_size_and_are_poked),
        TEST(what_can_only_be_read_is_refused),
    };

    return cmocka_run_group_tests_name("handles", tests, NULL, NULL);
}
