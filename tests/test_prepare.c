#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/survey.h"
#include "sim/explore/prepare.h"
#include "tests/scene.h"

struct bench {
    struct scenario scenario;
    struct world world;
    char reason[JUDGE_TEXT_MAX];
    struct json_object *survey;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    scene_update(&bench->scenario);
    bench->scenario.images[scene_image(&bench->scenario, 3)].security_counter = 5;
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    json_object_put(bench->survey);
    world_free(&bench->world);
    free(bench);
    return 0;
}

static bool prepare(struct bench *bench)
{
    assert_int_equal(world_init(&bench->world, &bench->scenario), OTA_OK);
    bool is_fine = prepare_world(&bench->world, bench->reason);
    bench->survey = survey_device(&bench->world.nvm.cells, &bench->world.spi.cells, &layout_mzw1,
                                  &bench->world.fixture.policy);
    return is_fine;
}

/* A member of the survey: "store/database/state". */
static const char *at(const struct bench *bench, const char *path)
{
    struct json_object *object = bench->survey;
    char copy[80], *name, *rest = copy;

    strcpy(copy, path);
    while ((name = strsep(&rest, "/")))
        object = json_object_object_get(object, name);
    return object ? json_object_get_string(object) : "-";
}

static struct json_object *list(const struct bench *bench, bool is_database)
{
    struct json_object *store = json_object_object_get(bench->survey, "store");

    return is_database ? json_object_object_get(json_object_object_get(store, "database"), "rows")
                       : json_object_object_get(store, "files");
}

static void assert_row(const struct bench *bench, size_t index, int version, const char *status)
{
    struct json_object *row = json_object_array_get_idx(list(bench, true), index);

    assert_int_equal(json_object_get_int(json_object_object_get(row, "version")), version);
    assert_string_equal(json_object_get_string(json_object_object_get(row, "status")), status);
}

static void virgin_is_just_programmed(void **state)
{
    struct bench *bench = *state;
    const struct fixture_image *image = &bench->world.fixture.images[0];

    bench->scenario.is_virgin = true;
    assert_true(prepare(bench));
    const struct cells *nvm = &bench->world.nvm.cells;
    assert_memory_equal(nvm->bytes + 0x20000, image->bytes, image->size);
    assert_int_equal(nvm->bytes[0x1FFFF], 0xFF);
    assert_int_equal(nvm->bytes[0x20000 + image->size], 0xFF);
    for (uint32_t i = 0; i < nvm->flash.size / 8; i++)
        assert_int_equal(nvm->marks[i],
                         i >= 0x4000 && i < 0x4000 + (image->size + 7) / 8 ? CELLS_PROGRAMMED : 0);
    assert_string_equal(at(bench, "boot_control/state"), "factory-programmed, never started");
    assert_string_equal(at(bench, "wear/spi/erases"), "0");
}

static void factory_device_has_started_once(void **state)
{
    struct bench *bench = *state;

    assert_true(prepare(bench));
    assert_string_equal(at(bench, "boot_control/state"), "ok");
    assert_string_equal(at(bench, "boot_control/version"), "1");
    assert_string_equal(at(bench, "boot_control/type"), "factory");
    assert_string_equal(at(bench, "boot_control/status"), "valid");
    assert_string_equal(at(bench, "program_flash/state"), "verified");
    assert_int_equal(json_object_array_length(list(bench, false)), 1);
    assert_int_equal(json_object_array_length(list(bench, true)), 0);
}

static void installed_updates_are_gone_through(void **state)
{
    struct bench *bench = *state;

    bench->scenario.installed_count = 2;
    bench->scenario.installed[0] = 1;
    bench->scenario.installed[1] = 2;
    assert_true(prepare(bench));
    assert_string_equal(at(bench, "boot_control/version"), "3");
    assert_string_equal(at(bench, "boot_control/status"), "valid");
    assert_string_equal(at(bench, "boot_control/security_floor"), "5");
    assert_string_equal(at(bench, "program_flash/version"), "3");
    assert_int_equal(json_object_array_length(list(bench, true)), 2);
    assert_row(bench, 0, 2, "valid");
    assert_row(bench, 1, 3, "valid");
}

static void downloaded_image_waits_in_the_store(void **state)
{
    struct bench *bench = *state;

    bench->scenario.installed_count = 1;
    bench->scenario.installed[0] = 1;
    bench->scenario.downloaded_count = 1;
    bench->scenario.downloaded[0] = 2;
    assert_true(prepare(bench));
    assert_string_equal(at(bench, "boot_control/version"), "2");
    assert_string_equal(at(bench, "program_flash/version"), "2");
    assert_int_equal(json_object_array_length(list(bench, true)), 2);
    assert_row(bench, 1, 3, "downloaded");
}

static void same_scenario_prepares_the_same_device(void **state)
{
    struct bench *bench = *state, again = {0};

    bench->scenario.installed_count = 1;
    bench->scenario.installed[0] = 1;
    assert_true(prepare(bench));
    again.scenario = bench->scenario;
    assert_true(prepare(&again));
    assert_memory_equal(bench->world.nvm.memory, again.world.nvm.memory,
                        0x100000 + cells_side_size(&again.world.nvm.cells));
    assert_memory_equal(bench->world.spi.memory, again.world.spi.memory,
                        0x400000 + cells_side_size(&again.world.spi.cells));
    json_object_put(again.survey);
    world_free(&again.world);
}

static void update_that_the_device_refuses_is_the_reason(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images[1].signer = SIGNER_NONE;
    bench->scenario.installed_count = 1;
    bench->scenario.installed[0] = 1;
    assert_false(prepare(bench));
    assert_string_equal(bench->reason, "cannot prepare the device: update to image1");
}

static void download_that_the_device_refuses_is_the_reason(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images[1].product = PRODUCT_OTHER;
    bench->scenario.downloaded_count = 1;
    bench->scenario.downloaded[0] = 1;
    assert_false(prepare(bench));
    assert_string_equal(bench->reason, "cannot prepare the device: download of image1");
}

static void factory_image_that_does_not_start_is_the_reason(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images[0].signer = SIGNER_OTHER;
    assert_false(prepare(bench));
    assert_string_equal(bench->reason, "cannot prepare the device: first start of image0");
}

static void damage_to_nothing_is_the_reason(void **state)
{
    struct bench *bench = *state;

    bench->scenario.damage_count = 2;
    bench->scenario.damages[0] = (struct scenario_damage){
        .target = DAMAGE_PROGRAM_FLASH, .how = DAMAGE_FLIP, .image = -1, .with = -1};
    bench->scenario.damages[1] = (struct scenario_damage){
        .target = DAMAGE_IMAGE, .how = DAMAGE_FLIP, .image = 1, .with = -1};
    assert_false(prepare(bench));
    assert_string_equal(bench->reason, "damage 2: there is nothing to damage");
}

static void boot_control_can_be_used_up(void **state)
{
    struct bench *bench = *state;
    struct bootctl bootctl;

    bench->scenario.slots_used = 14;
    bench->scenario.words_used = 17;
    assert_true(prepare(bench));
    assert_int_equal(
        bootctl_open(&bootctl, &bench->world.nvm.cells.flash, layout_mzw1.bootctl_offset), OTA_OK);
    assert_int_equal(bootctl.slot_next, 14);
    assert_int_equal(bootctl.word_next, 17);
    assert_int_equal(bootctl.slot, 0);
    assert_int_equal(bootctl.record.status, BOOTCTL_VALID);
    assert_int_equal(bootctl.record.version, 1);
}

/* What runs on the device when the scenario begins is confirmed, with its counter: an older image
 * in the first boot is a downgrade already. */
static void judge_knows_what_the_device_has_confirmed(void **state)
{
    const struct device_observer nobody = {0};
    struct bench *bench = *state;

    bench->scenario.installed_count = 2;
    bench->scenario.installed[0] = 1;
    bench->scenario.installed[1] = 2;
    assert_true(prepare(bench));
    world_begin(&bench->world, &bench->world.fixture.servers[0], &nobody);
    assert_int_equal(bench->world.judge.confirmed, 2);
    assert_int_equal(bench->world.judge.counter_floor, 5);
}

static void judge_knows_that_a_virgin_has_confirmed_nothing(void **state)
{
    const struct device_observer nobody = {0};
    struct bench *bench = *state;

    bench->scenario.is_virgin = true;
    assert_true(prepare(bench));
    world_begin(&bench->world, &bench->world.fixture.servers[0], &nobody);
    assert_int_equal(bench->world.judge.confirmed, -1);
    assert_int_equal(bench->world.judge.counter_floor, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(virgin_is_just_programmed),
        TEST(factory_device_has_started_once),
        TEST(installed_updates_are_gone_through),
        TEST(downloaded_image_waits_in_the_store),
        TEST(same_scenario_prepares_the_same_device),
        TEST(update_that_the_device_refuses_is_the_reason),
        TEST(download_that_the_device_refuses_is_the_reason),
        TEST(factory_image_that_does_not_start_is_the_reason),
        TEST(damage_to_nothing_is_the_reason),
        TEST(boot_control_can_be_used_up),
        TEST(judge_knows_what_the_device_has_confirmed),
        TEST(judge_knows_that_a_virgin_has_confirmed_nothing),
    };

    return cmocka_run_group_tests_name("prepare", tests, NULL, NULL);
}
