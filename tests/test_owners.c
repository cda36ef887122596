#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/owners.h"
#include "sim/mount/store_files.h"
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

static uint32_t count(const uint8_t *map, uint32_t units, uint8_t owner)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < units; i++)
        sum += map[i] == owner;
    return sum;
}

/* The factory image's backup lies in blocks of its own, as many as littlefs says it takes. */
static void each_unit_has_its_owner(void **state)
{
    struct desk *desk = *state;
    uint32_t size = desk->fixture.images[0].size;
    struct owners owners;

    owners_find(&owners, &desk->folder.nvm.cells, &desk->folder.spi.cells, &layout_mzw1);
    assert_int_equal(owners.nvm[0], OWNER_NOBODY);
    assert_int_equal(owners.nvm[0x20], OWNER_BOOT_CONTROL);
    assert_int_equal(owners.nvm[0x21], OWNER_APPLICATION);
    assert_int_equal(count(owners.nvm, 256, OWNER_APPLICATION), (size - 0x1000 + 0xFFF) / 0x1000);
    assert_int_equal(owners.spi[0], OWNER_DIRECTORY);
    assert_int_equal(owners.file_count, 1);
    assert_string_equal(owners.files[0], "factory_reset.bin");
    assert_in_range(count(owners.spi, 1024, OWNER_FILE), size / 4096, size / 4080 + 1);
    assert_string_equal(owners_name(&owners, OWNER_FILE), "factory_reset.bin");
    assert_string_equal(owners_name(&owners, OWNER_BOOT_CONTROL), "boot control");
}

static void all_bytes_of_a_file_lie_in_its_units(void **state)
{
    struct desk *desk = *state;
    const struct fixture_image *image = &desk->fixture.images[0];
    struct cells *spi = &desk->folder.spi.cells;
    struct owners owners;

    owners_find(&owners, &desk->folder.nvm.cells, spi, &layout_mzw1);
    for (uint32_t unit = 0; unit < 1024; unit++)
        if (owners.spi[unit] == OWNER_FILE)
            memset(spi->bytes + unit * 4096, 0xFF, 4096);
    for (uint32_t at = 0; at + 64 <= 4 << 20; at++)
        assert_int_not_equal(memcmp(spi->bytes + at, image->bytes + 0x2000, 64), 0);
}

/* Also where a block more or less is a matter of a byte: littlefs itself is asked. */
static void file_has_as_many_units_as_the_file_system_took(void **state)
{
    static const uint32_t sizes[] = {2000,  4096,  4097,   8184,   8185,    8188,    8189,
                                     12276, 12277, 100000, 409000, 1000000, 1044000, 2000000};
    struct desk *desk = *state;
    uint8_t *bytes = calloc(1, 2000000);
    struct insides insides;

    folder_close(&desk->folder);
    assert_true(insides_open(&insides, desk->path, desk->error));
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint32_t before, after;
        struct owners owners;
        assert_int_equal(store_files_write(&insides, "/ota/a", "", 0, false), 0);
        assert_int_equal(store_files_free(&insides, &before), 0);
        assert_int_equal(store_files_write(&insides, "/ota/a", bytes, sizes[i], false), 0);
        assert_int_equal(store_files_free(&insides, &after), 0);
        owners_find(&owners, &insides.folder.nvm.cells, &insides.folder.spi.cells, &layout_mzw1);
        assert_string_equal(owners.files[0], "a");
        assert_int_equal(count(owners.spi, 1024, OWNER_FILE), (before - after) / 4096);
    }
    free(bytes);
    insides_close(&insides);
    assert_true(folder_open(&desk->folder, desk->path, false, desk->error));
}

static void what_no_image_needs_is_a_rest(void **state)
{
    struct desk *desk = *state;
    struct owners owners;

    desk->folder.nvm.cells.bytes[0x90000] = 0;
    desk->folder.nvm.cells.bytes[0xFF000] = 0;
    memset(desk->folder.spi.cells.bytes, 0, 0x2000);
    owners_find(&owners, &desk->folder.nvm.cells, &desk->folder.spi.cells, &layout_mzw1);
    assert_int_equal(owners.nvm[0x90], OWNER_REST);
    assert_int_equal(owners.nvm[0xFF], OWNER_PROVISIONING);
    assert_int_equal(owners.spi[0], OWNER_REST);
    assert_int_equal(owners.file_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_unit_has_its_owner),
        TEST(all_bytes_of_a_file_lie_in_its_units),
        TEST(file_has_as_many_units_as_the_file_system_took),
        TEST(what_no_image_needs_is_a_rest),
    };

    return cmocka_run_group_tests_name("owners", tests, NULL, NULL);
}
