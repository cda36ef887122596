#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/explore.h"
#include "sim/explore/flash_places.h"
#include "sim/explore/prepare.h"
#include "tests/scene.h"

/* Version 1 from the factory, version 2 installed; one flash fault. */
struct bench {
    struct scenario scenario;
    struct world world;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    char reason[JUDGE_TEXT_MAX];

    scene_update(&bench->scenario);
    bench->scenario.installed[bench->scenario.installed_count++] = 1;
    assert_int_equal(world_init(&bench->world, &bench->scenario), OTA_OK);
    assert_true(prepare_world(&bench->world, reason));
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

static void use(struct bench *bench, enum flash_place place, int image)
{
    const struct device_observer nobody = {0};

    bench->scenario.flash_fault_count = 1;
    bench->scenario.flash_faults[0] =
        (struct scenario_flash_fault){.place = place, .image = image, .kind = FLASH_FAULT_REFUSE};
    world_begin(&bench->world, &bench->world.fixture.servers[0], &nobody);
    flash_places_use(&bench->world);
}

static uint32_t count_units(const struct flash_fault_rule *rule)
{
    uint32_t count = 0;

    for (uint32_t unit = 0; unit < FLASH_FAULT_UNITS_MAX; unit++)
        count += rule->units[unit / 32] >> unit % 32 & 1;
    return count;
}

static bool has_unit(const struct flash_fault_rule *rule, uint32_t unit)
{
    return rule->units[unit / 32] >> unit % 32 & 1;
}

static void ranges_are_those_of_the_layout(void **state)
{
    struct bench *bench = *state;

    use(bench, FLASH_PLACE_BOOT_CONTROL, -1);
    assert_int_equal(count_units(bench->world.nvm_rules), 1);
    assert_true(has_unit(bench->world.nvm_rules, 0x20));
    assert_int_equal(count_units(bench->world.spi_rules), 0);
    use(bench, FLASH_PLACE_PROGRAM_FLASH, -1);
    assert_int_equal(count_units(bench->world.nvm_rules), 0xDE);
    assert_true(has_unit(bench->world.nvm_rules, 0x21));
    assert_false(has_unit(bench->world.nvm_rules, 0xFF));
    use(bench, FLASH_PLACE_STORE, -1);
    assert_int_equal(count_units(bench->world.nvm_rules), 0);
    assert_int_equal(count_units(bench->world.spi_rules), 1024);
}

/* 16 KiB behind a blank page, in sectors with some bytes of littlefs each. */
static void file_is_where_its_bytes_are(void **state)
{
    struct bench *bench = *state;

    use(bench, FLASH_PLACE_IMAGE, 1);
    assert_in_range(count_units(bench->world.spi_rules), 4, 6);
    struct flash_fault_rule second = bench->world.spi_rules[0];
    use(bench, FLASH_PLACE_IMAGE, 0);
    for (uint32_t unit = 0; unit < FLASH_FAULT_UNITS_MAX; unit++)
        assert_false(has_unit(&second, unit) && has_unit(bench->world.spi_rules, unit));
}

static void device_stands_on_the_faulty_flash(void **state)
{
    struct bench *bench = *state;

    use(bench, FLASH_PLACE_BOOT_CONTROL, -1);
    assert_int_equal(flash_erase(bench->world.device.hal.nvm, 0x20000), OTA_ERR_FLASH);
    assert_int_equal(bench->world.judge.flash_fired, 1);
}

static void without_faults_there_is_no_filter(void **state)
{
    struct bench *bench = *state;
    const struct device_observer nobody = {0};

    world_begin(&bench->world, &bench->world.fixture.servers[0], &nobody);
    flash_places_use(&bench->world);
    assert_ptr_equal(bench->world.device.hal.nvm, &bench->world.device.nvm_power.flash);
}

/* A fault that never comes says nothing; behind a cut it may stay away. */
static void fault_that_never_happens_fails_the_control_run(void **state)
{
    static struct explore_result result;
    const struct explore_options options = {0};
    struct bench *bench = *state;

    use(bench, FLASH_PLACE_BOOT_CONTROL, -1);
    bench->scenario.flash_faults[0].times = 1;
    explore_run(&bench->scenario, &options, &result);
    assert_int_equal(result.failures[0].claim, CLAIM_CONTROL);
    assert_string_equal(result.failures[0].text,
                        "every declared cut fires: flash fault 1 never happened");
    bench->scenario.flash_faults[0].kind = FLASH_FAULT_LIE;
    explore_run(&bench->scenario, &options, &result);
    assert_int_equal(result.verdict, EXPLORE_PASSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ranges_are_those_of_the_layout),
        TEST(file_is_where_its_bytes_are),
        TEST(device_stands_on_the_faulty_flash),
        TEST(without_faults_there_is_no_filter),
        TEST(fault_that_never_happens_fails_the_control_run),
    };

    return cmocka_run_group_tests_name("flash_places", tests, NULL, NULL);
}
