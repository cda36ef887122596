#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/programmer.h"
#include "tests/scene.h"

static struct scenario scenario;
static struct world world;

static int setup(void **state)
{
    (void)state;
    memset(&scenario, 0, sizeof scenario);
    return scene_installed(&scenario, &world) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    world_free(&world);
    return 0;
}

static void the_code_alone_leaves_boot_control_as_it_was(void **state)
{
    const uint8_t *nvm = world.nvm.cells.bytes;
    uint8_t page[4096];

    (void)state;
    memcpy(page, nvm + layout_mzw1.bootctl_offset, sizeof page);
    assert_int_equal(programmer_write_code(&world, 0), OTA_OK);
    assert_memory_equal(page, nvm + layout_mzw1.bootctl_offset, sizeof page);
    assert_int_equal(judge_installed(&world.judge), 0); /* and 0xFF behind it */
}

static void what_is_larger_than_program_flash_is_not_written(void **state)
{
    (void)state;
    world.fixture.images[0].size = IMAGE_HEADER_PAGE + layout_mzw1.app_size + 1;
    assert_int_equal(programmer_write_code(&world, 0), OTA_ERR_SIZE);
    assert_int_equal(judge_installed(&world.judge), 1);
}

static void a_device_programmed_anew_starts_for_the_first_time(void **state)
{
    const struct fixture_image *image = &world.fixture.images[0];
    const uint8_t *nvm = world.nvm.cells.bytes;
    uint32_t erased = layout_mzw1.app_offset + image->size;

    (void)state;
    programmer_write(&world, 0);
    assert_memory_equal(nvm + layout_mzw1.bootctl_offset, image->bytes, image->size);
    assert_int_equal(judge_installed(&world.judge), 0);
    assert_int_equal(world.nvm.cells.marks[layout_mzw1.bootctl_offset / 8], CELLS_PROGRAMMED);
    assert_int_equal(world.nvm.cells.marks[erased / 8], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_code_alone_leaves_boot_control_as_it_was),
        TEST(what_is_larger_than_program_flash_is_not_written),
        TEST(a_device_programmed_anew_starts_for_the_first_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
