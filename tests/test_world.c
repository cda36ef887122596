#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/prepare.h"
#include "tests/scene.h"

struct bench {
    struct scenario scenario;
    struct world world;
    uint64_t story; /* a hash of all that the firmware said and did */
};

static void tell(struct bench *bench, uint64_t value)
{
    bench->story = (bench->story ^ value) * 0x100000001B3u;
    bench->story ^= bench->story >> 31;
}

static void on_log(void *context, enum log_event event, const uint32_t args[3])
{
    tell(context, (uint64_t)event << 32 | args[0]);
    tell(context, (uint64_t)args[1] << 32 | args[2]);
}

static bool on_round(void *context)
{
    struct bench *bench = context;
    const struct ota *ota = device_ota(&bench->world.device);

    return ota_version(ota) == 2 && ota_is_confirmed(ota) && ota_is_settled(ota);
}

static enum device_end run_to_end(struct bench *bench)
{
    enum device_end end;

    device_power_on(&bench->world.device);
    do {
        end = device_boot(&bench->world.device);
    } while (end == DEVICE_RESET || end == DEVICE_WATCHDOG);
    return end;
}

static void on_operation(void *context, const struct power_operation *operation)
{
    tell(context, (uint64_t)operation->offset << 32 | operation->size);
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    char reason[JUDGE_TEXT_MAX];

    scene_update(&bench->scenario);
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

static void begin(struct bench *bench)
{
    const struct device_observer observer = {
        .log = on_log, .is_done = on_round, .operation = on_operation, .context = bench};

    world_begin(&bench->world, &bench->world.fixture.servers[0], &observer);
    bench->story = 1;
}

static uint32_t content_size(const struct flash_ram *ram)
{
    return cells_unit_count(&ram->cells) * ram->cells.flash.erase_size +
           cells_side_size(&ram->cells);
}

/* Nothing is left of a life but what its flashes hold: put back, it is lived again. */
static void life_on_flashes_that_were_put_back_is_the_same_again(void **state)
{
    struct bench *bench = *state;
    struct world *world = &bench->world;
    uint32_t nvm_mark = flash_ram_mark(&world->nvm), spi_mark = flash_ram_mark(&world->spi);
    uint32_t nvm_size = content_size(&world->nvm), spi_size = content_size(&world->spi);
    uint8_t *nvm = malloc(nvm_size), *spi = malloc(spi_size);

    begin(bench);
    assert_int_equal(run_to_end(bench), DEVICE_DONE);
    uint64_t story = bench->story;
    memcpy(nvm, world->nvm.memory, nvm_size);
    memcpy(spi, world->spi.memory, spi_size);
    flash_ram_rollback(&world->nvm, nvm_mark);
    flash_ram_rollback(&world->spi, spi_mark);
    begin(bench);
    assert_true(bench->story != story);
    assert_int_equal(run_to_end(bench), DEVICE_DONE);
    assert_true(bench->story == story);
    assert_memory_equal(world->nvm.memory, nvm, nvm_size);
    assert_memory_equal(world->spi.memory, spi, spi_size);
    free(nvm);
    free(spi);
}

static void device_is_configured_as_the_scenario_says(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images_max = 4;
    bench->scenario.interval_s = 77;
    bench->scenario.trials_max = 9;
    bench->scenario.time_max_s = 5;
    begin(bench);
    const struct device *device = &bench->world.device;
    assert_int_equal(device->config.ota.images_max, 4);
    assert_int_equal(device->config.ota.interval_s, 77);
    assert_int_equal(device->config.boot.trials_max, 9);
    assert_int_equal(device->config.time_max_ms, 5000);
    assert_string_equal(device->config.ota.manifest_url, "http://server/ota.json");
    assert_memory_equal(&device->config.policy, &bench->world.fixture.policy,
                        sizeof device->config.policy);
    assert_int_equal(device->now_ms, 0);
    assert_int_equal(bench->world.transport.requests, 0);
}

static void wear_is_counted_from_the_base(void **state)
{
    struct bench *bench = *state;
    struct world *world = &bench->world;

    world_note_wear(world);
    for (uint32_t i = 0; i < 256; i++)
        assert_int_equal(world->wear_base[i], world->nvm.cells.units[i].erases);
    for (uint32_t i = 0; i < 1024; i++)
        assert_int_equal(world->wear_base[256 + i], world->spi.cells.units[i].erases);
    assert_true(world->wear_base[256] + world->wear_base[257] > 0); /* it has lived */
}

static void ecc_is_a_matter_of_the_scenario(void **state)
{
    struct bench *bench = *state;
    struct world world;

    assert_false(bench->world.nvm.cells.has_ecc);
    bench->scenario.has_ecc = true;
    assert_int_equal(world_init(&world, &bench->scenario), OTA_OK);
    assert_true(world.nvm.cells.has_ecc);
    assert_false(world.spi.cells.has_ecc);
    world_free(&world);
}

static void image_that_does_not_fit_its_size_is_an_error_without_a_leak(void **state)
{
    struct bench *bench = *state;
    struct world world;

    bench->scenario.images[1].size = 64;
    assert_int_equal(world_init(&world, &bench->scenario), OTA_ERR_SIZE);
    assert_null(world.ram);
    assert_null(world.nvm.memory);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(life_on_flashes_that_were_put_back_is_the_same_again),
        TEST(device_is_configured_as_the_scenario_says),
        TEST(wear_is_counted_from_the_base),
        TEST(ecc_is_a_matter_of_the_scenario),
        TEST(image_that_does_not_fit_its_size_is_an_error_without_a_leak),
    };

    return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
