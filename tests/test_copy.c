#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "sim/device/copy.h"
#include "tests/desk.h"

static int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);

    desk_init(desk, true);
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    desk_free(*state);
    free(*state);
    return 0;
}

static const char *beside(const struct desk *desk, const char *name)
{
    static char path[160];

    snprintf(path, sizeof path, "%s/%s", desk->root, name);
    return path;
}

static uint8_t first_byte(struct desk *desk, uint8_t change)
{
    assert_true(folder_open(&desk->folder, desk->path, true, desk->error));
    uint8_t *byte = &desk->folder.nvm.cells.bytes[0x21000];
    *byte ^= change;
    uint8_t is = *byte;
    folder_close(&desk->folder);
    return is;
}

static void snapshot_brings_the_device_back(void **state)
{
    struct desk *desk = *state;
    const char *snapshot = beside(desk, "snapshot");
    uint8_t was = first_byte(desk, 0);

    assert_true(copy_device(desk->path, snapshot, desk->error));
    assert_int_not_equal(first_byte(desk, 1), was);
    assert_true(copy_restore(desk->path, snapshot, desk->error));
    assert_int_equal(first_byte(desk, 0), was);
    assert_true(copy_restore(desk->path, snapshot, desk->error));
}

static void what_cannot_be_copied_is_told_and_leaves_nothing(void **state)
{
    struct desk *desk = *state;
    const char *snapshot = beside(desk, "snapshot");

    assert_true(copy_device(desk->path, snapshot, desk->error));
    assert_false(copy_device(desk->path, snapshot, desk->error));
    assert_non_null(strstr(desk->error, "snapshot: File exists"));
    assert_false(copy_device(beside(desk, "none"), "/tmp/none", desk->error));
    assert_false(copy_restore(desk->path, beside(desk, "none"), desk->error));
    assert_false(copy_device(desk->path, "/no/folder/here", desk->error));
    assert_int_equal(access(beside(desk, "none"), F_OK), -1);
}

static void device_that_is_used_is_not_restored(void **state)
{
    struct desk *desk = *state;
    const char *snapshot = beside(desk, "snapshot");

    assert_true(copy_device(desk->path, snapshot, desk->error));
    assert_true(folder_open(&desk->folder, desk->path, true, desk->error));
    assert_false(copy_restore(desk->path, snapshot, desk->error));
    folder_close(&desk->folder);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(snapshot_brings_the_device_back),
        TEST(what_cannot_be_copied_is_told_and_leaves_nothing),
        TEST(device_that_is_used_is_not_restored),
    };

    return cmocka_run_group_tests_name("copy", tests, NULL, NULL);
}
