/*
 * usage: test_chip_boot BOOTLOADER.elf BOOTLOADER_DEAF.elf, as ./dev firmware makes them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sim/explore/explore.h"
#include "sim/explore/run.h"
#include "sim/image/firmware.h"
#include "tests/scene.h"

#define SKIPPED 77

static const char *paths[2];

struct bench {
    struct scenario scenario;
    struct chip_boot_file file;
    struct explore_options options;
    struct explore_result result;
};

static int set_up(void **state, const char *path)
{
    struct bench *bench = calloc(1, sizeof *bench);
    char error[CHIP_BOOT_ERROR_MAX];

    assert_true(chip_boot_read(path, &bench->file, error));
    scene_update(&bench->scenario);
    bench->options.firmware = &bench->file;
    *state = bench;
    return 0;
}

static int setup(void **state)
{
    return set_up(state, paths[0]);
}

static int setup_deaf(void **state)
{
    return set_up(state, paths[1]);
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    chip_boot_file_free(&bench->file);
    free(bench);
    return 0;
}

static void run(struct bench *bench)
{
    explore_run(&bench->scenario, &bench->options, &bench->result);
}

static void cut_everywhere(struct scenario *scenario)
{
    scene_cut(scenario, 1u << PHASE_INSTALL)->moments =
        1u << POWER_INSIDE | 1u << POWER_WEAK | 1u << POWER_AFTER;
}

static void an_update_that_is_cut_is_lived_by_the_firmware(void **state)
{
    struct bench *bench = *state;

    cut_everywhere(&bench->scenario);
    run(bench);
    assert_string_equal(bench->result.failures[0].text, "");
    assert_int_equal(bench->result.verdict, EXPLORE_PASSED);
    assert_true(bench->result.points > 50);
}

/* Points, states, operations and all: answers that are remembered change nothing. */
static void it_comes_to_the_same_when_nothing_is_remembered(void **state)
{
    struct bench *bench = *state;

    cut_everywhere(&bench->scenario);
    bench->scenario.cuts[0].moments = 1u << POWER_AFTER;
    run(bench);
    struct explore_result first = bench->result;
    assert_true(bench->file.functions.p256_verify && bench->file.functions.sha256_update);
    bench->file.functions = (struct chip_memo_functions){0, 0};
    run(bench);
    first.seconds = bench->result.seconds;
    assert_memory_equal(&bench->result, &first, sizeof first);
}

static void a_bug_of_its_driver_is_a_difference(void **state)
{
    struct bench *bench = *state;

    bench->scenario.flash_fault_count = 1;
    bench->scenario.flash_faults[0] = (struct scenario_flash_fault){
        .place = FLASH_PLACE_PROGRAM_FLASH, .kind = FLASH_FAULT_REFUSE, .times = 2};
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_FAILED);
    assert_non_null(strstr(bench->result.failures[0].text, "the firmware: program nvm"));
    assert_true(bench->result.failures[0].is_of_firmware);
}

static void firmware_without_a_bug_meets_the_same_fault_alike(void **state)
{
    struct bench *bench = *state;

    bench->scenario.flash_fault_count = 1;
    bench->scenario.flash_faults[0] = (struct scenario_flash_fault){
        .place = FLASH_PLACE_PROGRAM_FLASH, .kind = FLASH_FAULT_REFUSE, .times = 2};
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_PASSED);
}

/* Its driver gives up a bus that stands still, and reads twice what may be a lie. */
static void bus_of_the_external_flash_fails_alike(void **state)
{
    struct bench *bench = *state;

    bench->scenario.flash_fault_count = 1;
    bench->scenario.is_virgin = true; /* so that the bootloader has something to write there */
    for (int kind = 0; kind < FLASH_FAULT_KIND_COUNT; kind++) {
        uint32_t passed = 0;
        for (uint32_t skip = 0; skip < 30; skip += 7) {
            bench->scenario.flash_faults[0] = (struct scenario_flash_fault){
                .place = FLASH_PLACE_STORE,
                .kind = (enum flash_fault_kind)kind,
                .skip = skip,
                .times = 2,
                .phases = 1u << PHASE_BOOT | 1u << PHASE_FIRST_BOOT | 1u << PHASE_INSTALL};
            run(bench);
            for (uint32_t i = 0; i < bench->result.failure_count; i++)
                assert_null(strstr(bench->result.failures[i].text, "the firmware"));
            passed += bench->result.verdict == EXPLORE_PASSED;
        }
        assert_true(passed);
    }
}

static void what_it_cannot_live_through_is_said_and_not_run(void **state)
{
    struct bench *bench = *state;

    assert_null(chip_boot_obstacle(&bench->scenario));
    bench->scenario.is_factory_pin_held = true;
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_SHORT);
    assert_string_equal(bench->result.fault,
                        "not for the firmware: its board has no factory reset button");
    bench->scenario.is_factory_pin_held = false;
    bench->scenario.trials_max = 1;
    assert_non_null(strstr(chip_boot_obstacle(&bench->scenario), "trial boots"));
    bench->scenario.trials_max = 3;
    bench->scenario.flash_fault_count = 1;
    bench->scenario.flash_faults[0].place = FLASH_PLACE_BOOT_CONTROL;
    assert_null(chip_boot_obstacle(&bench->scenario));
    bench->scenario.flash_faults[0].kind = FLASH_FAULT_LIE;
    assert_non_null(strstr(chip_boot_obstacle(&bench->scenario), "no such flash fault"));
    bench->scenario.flash_faults[0].phases = 1u << PHASE_RUN; /* it is over then */
    assert_null(chip_boot_obstacle(&bench->scenario));
    bench->scenario.flash_faults[0].phases |= 1u << PHASE_INSTALL;
    assert_non_null(chip_boot_obstacle(&bench->scenario));
    bench->scenario.flash_faults[0].place = FLASH_PLACE_STORE;
    assert_null(chip_boot_obstacle(&bench->scenario));
}

/* It reads where nothing is: the model stops, and says where. */
static void firmware_that_goes_astray_breaks_the_data_sheet_claim(void **state)
{
    struct bench *bench = *state;

    static const uint8_t load[4] = {0, 0, 0x08, 0x8C}; /* lw t0, 0(zero) */

    for (uint32_t i = 0; i < bench->file.blocks.count; i++)
        if (bench->file.blocks.list[i].address == FIRMWARE_BOOT)
            memcpy(bench->file.blocks.list[i].bytes, load, sizeof load);
    run(bench);
    assert_int_equal(bench->result.verdict, EXPLORE_FAILED);
    assert_non_null(strstr(bench->result.failures[0].text, "nothing is there"));
}

static void other_files_are_no_firmware(void **state)
{
    struct chip_boot_file file;
    char error[CHIP_BOOT_ERROR_MAX];

    (void)state;
    assert_false(chip_boot_read("/nowhere/bootloader.elf", &file, error));
    assert_string_equal(error, "No such file or directory");
    assert_false(chip_boot_read("/proc/self/exe", &file, error));
    assert_string_equal(error, "an ELF file, but not a 32-bit little-endian one");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(an_update_that_is_cut_is_lived_by_the_firmware),
        TEST(it_comes_to_the_same_when_nothing_is_remembered),
        cmocka_unit_test_setup_teardown(a_bug_of_its_driver_is_a_difference, setup_deaf, teardown),
        TEST(firmware_without_a_bug_meets_the_same_fault_alike),
        TEST(bus_of_the_external_flash_fails_alike),
        TEST(what_it_cannot_live_through_is_said_and_not_run),
        TEST(firmware_that_goes_astray_breaks_the_data_sheet_claim),
        cmocka_unit_test(other_files_are_no_firmware),
    };

    if (argc != 3)
        return 2;
    paths[0] = argv[1];
    paths[1] = argv[2];
    if (access(paths[0], R_OK) || access(paths[1], R_OK)) {
        puts("1..0 # SKIP the firmware is not built: ./dev firmware");
        return SKIPPED;
    }
    return cmocka_run_group_tests_name("chip_boot", tests, NULL, NULL);
}
