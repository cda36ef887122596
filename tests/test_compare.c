#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/compare.h"
#include "tests/desk.h"

static int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);

    desk_init(desk, true);
    assert_true(folder_open(&desk->folder, desk->path, false, desk->error));
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    folder_close(&desk->folder);
    desk_free(desk);
    free(desk);
    return 0;
}

/* What is said of the device and one that was changed; the caller frees it. */
static char *compare(struct desk *desk, struct folder *other, bool *ret_is_same)
{
    size_t size;
    char *text;
    FILE *out = open_memstream(&text, &size);

    *ret_is_same = compare_devices(&desk->folder, other, out);
    fclose(out);
    return text;
}

static void device_is_the_same_as_itself(void **state)
{
    struct desk *desk = *state;
    struct folder other;
    bool is_same;

    assert_true(folder_open(&other, desk->path, false, desk->error));
    char *text = compare(desk, &other, &is_same);
    assert_true(is_same);
    assert_string_equal(text, "");
    free(text);
    folder_close(&other);
}

static void records_files_and_pages_are_told(void **state)
{
    struct desk *desk = *state;
    struct folder other;
    bool is_same;

    assert_true(folder_open(&other, desk->path, false, desk->error));
    other.nvm.cells.bytes[0x20010] ^= 1;
    memset(other.nvm.cells.bytes + 0x90000, 0, 0x2000);
    memset(other.nvm.cells.bytes + 0xFE000, 0, 0x2000);
    char *text = compare(desk, &other, &is_same);
    assert_false(is_same);
    assert_string_equal(text, "record 00      v1 factory valid, 0 trials, 0 words  ->  damaged\n"
                              "nvm 0x020000     4 KiB: boot control  ->  boot control\n"
                              "nvm 0x090000     8 KiB: erased  ->  application\n"
                              "nvm 0x0FE000     4 KiB: erased  ->  application\n"
                              "nvm 0x0FF000     4 KiB: erased  ->  provisioning\n");
    free(text);
    folder_close(&other);
}

static void lost_store_is_told(void **state)
{
    struct desk *desk = *state;
    struct folder other;
    bool is_same;

    assert_true(folder_open(&other, desk->path, false, desk->error));
    memset(other.spi.cells.bytes, 0xFF, 4 << 20);
    char *text = compare(desk, &other, &is_same);
    assert_non_null(strstr(text, "store          ok  ->  does not mount\n"));
    assert_non_null(strstr(text, "file           factory_reset.bin: "));
    assert_non_null(strstr(text, "factory_reset.bin  ->  erased\n"));
    free(text);
    folder_close(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(device_is_the_same_as_itself),
        TEST(records_files_and_pages_are_told),
        TEST(lost_store_is_told),
    };

    return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
