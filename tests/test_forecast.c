#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/forecast.h"
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

static void add_line(void *context, const char *text)
{
    strcat(strcat(context, text), "\n");
}

static void bootloader_says_what_it_does_and_the_files_stay(void **state)
{
    struct desk *desk = *state;
    char log[4000] = "";
    uint32_t version;

    memset(desk->folder.nvm.cells.bytes + layout_mzw1.bootctl_offset, 0xFF, 0x1000);
    assert_int_equal(forecast_run(&desk->folder, NULL, add_line, log, &version), DEVICE_JUMP);
    assert_int_equal(version, 1);
    assert_non_null(strstr(log, "boot: starting version 1\n"));
    folder_close(&desk->folder);
    assert_true(folder_open(&desk->folder, desk->path, false, desk->error));
    assert_int_not_equal(desk->folder.nvm.cells.bytes[layout_mzw1.bootctl_offset], 0xFF);
}

static void power_goes_at_the_cut(void **state)
{
    struct desk *desk = *state;
    const struct forecast_cut cut = {1, POWER_AFTER};
    struct cells *nvm = &desk->folder.nvm.cells;
    uint32_t version;

    memset(nvm->bytes + layout_mzw1.bootctl_offset, 0xFF, 0x1000);
    memset(nvm->marks, 0, nvm->flash.size / nvm->mark_size);
    assert_int_equal(forecast_run(&desk->folder, &cut, NULL, NULL, &version), DEVICE_CUT);
}

static void nothing_to_start_is_told(void **state)
{
    struct desk *desk = *state;
    uint32_t version;

    memset(desk->folder.nvm.cells.bytes, 0, layout_mzw1.app_offset + 0x10000);
    memset(desk->folder.spi.cells.bytes, 0, 4 << 20);
    assert_int_equal(forecast_run(&desk->folder, NULL, NULL, NULL, &version), DEVICE_STUCK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bootloader_says_what_it_does_and_the_files_stay),
        TEST(power_goes_at_the_cut),
        TEST(nothing_to_start_is_told),
    };

    return cmocka_run_group_tests_name("forecast", tests, NULL, NULL);
}
