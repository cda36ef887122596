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
    /* at operation fork_at of the run, live lives other lives in between */
    uint32_t fork_at, forks, lives;
    bool is_inside;
    uint32_t boots;
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
        bench->boots++;
    } while (end == DEVICE_RESET || end == DEVICE_WATCHDOG);
    return end;
}

/* Everything that makes a world, byte by byte. */
struct picture {
    uint8_t *nvm, *spi;
    struct device device;
    struct transport_mem transport;
    struct judge judge;
};

static uint32_t content_size(const struct flash_ram *ram)
{
    return ram->cells.flash.size + cells_side_size(&ram->cells);
}

static void take(struct picture *picture, const struct world *world)
{
    picture->nvm = malloc(content_size(&world->nvm));
    picture->spi = malloc(content_size(&world->spi));
    memcpy(picture->nvm, world->nvm.memory, content_size(&world->nvm));
    memcpy(picture->spi, world->spi.memory, content_size(&world->spi));
    memcpy(&picture->device, &world->device, sizeof world->device);
    memcpy(&picture->transport, &world->transport, sizeof world->transport);
    memcpy(&picture->judge, &world->judge, sizeof world->judge);
}

static void assert_is(const struct world *world, struct picture *picture)
{
    assert_memory_equal(world->nvm.memory, picture->nvm, content_size(&world->nvm));
    assert_memory_equal(world->spi.memory, picture->spi, content_size(&world->spi));
    assert_memory_equal(&world->device, &picture->device, sizeof world->device);
    assert_memory_equal(&world->transport, &picture->transport, sizeof world->transport);
    assert_memory_equal(&world->judge, &picture->judge, sizeof world->judge);
    free(picture->nvm);
    free(picture->spi);
}

static void change_everything(struct world *world)
{
    memset(&world->judge, 0x11, sizeof world->judge);
    world->transport.requests = 77;
    world->transport.is_down = true;
    world->device.now_ms = 12345;
    world->device.cause = SYSTEM_EXTERNAL;
    world->device.random = 99;
    world->device.config.ota.images_max = 5;
    world->device.supply.operations = 1000;
    world->device.phase = PHASE_ENTER;
    cells_tear_erase(&world->nvm.cells, 0x20000, true, 1);
    cells_tear_erase(&world->spi.cells, 0x1000, false, 2);
}

/* The firmware is in the middle of an operation: other devices live on its flashes, to their end,
 * each with a mark of its own, one inside the other. */
static void on_operation(void *context, const struct power_operation *operation)
{
    struct bench *bench = context;
    struct world *world = &bench->world;
    struct picture picture;
    uint64_t story = bench->story;
    uint32_t boots = bench->boots;

    tell(bench, (uint64_t)operation->offset << 32 | operation->size);
    if (bench->is_inside || bench->lives == 0 || operation->number != bench->fork_at)
        return;
    bench->is_inside = true;
    for (uint32_t life = 0; life < bench->lives; life++) {
        take(&picture, world);
        world_mark(world);
        power_tear(operation, POWER_INSIDE, life);
        assert_int_equal(run_to_end(bench), DEVICE_DONE);
        world_rollback(world);
        assert_is(world, &picture);
        bench->forks++;
    }
    bench->is_inside = false;
    bench->story = story;
    bench->boots = boots;
    tell(bench, (uint64_t)operation->offset << 32 | operation->size);
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
    bench->boots = 0;
    bench->forks = 0;
}

static void rollback_brings_back_everything_bit_for_bit(void **state)
{
    struct bench *bench = *state;
    struct world *world = &bench->world;
    struct picture outer, inner;

    begin(bench);
    take(&outer, world);
    world_mark(world);
    take(&inner, world);
    world_mark(world);
    change_everything(world);
    world_rollback(world);
    assert_is(world, &inner);
    assert_int_equal(world->depth, 1);
    change_everything(world);
    world_rollback(world);
    assert_is(world, &outer);
    assert_int_equal(world->depth, 0);
}

static void marked_device_has_ram_of_its_own(void **state)
{
    struct bench *bench = *state;
    struct world *world = &bench->world;
    union device_ram *seen[WORLD_DEPTH_MAX];

    begin(bench);
    for (int i = 0; i < WORLD_DEPTH_MAX - 1; i++) {
        seen[i] = world->device.ram;
        for (int j = 0; j < i; j++)
            assert_ptr_not_equal(seen[i], seen[j]);
        world_mark(world);
    }
    for (int i = WORLD_DEPTH_MAX - 2; i >= 0; i--) {
        world_rollback(world);
        assert_ptr_equal(world->device.ram, seen[i]);
    }
}

/* A whole run with other lives lived in the middle of one of its operations ends as one without. */
static void firmware_goes_on_as_if_nobody_else_had_lived(void **state)
{
    static const uint32_t forks_at[] = {1, 2, 7, 30, 60, 90, 100};
    struct bench *bench = *state;
    struct picture start, end;

    begin(bench);
    take(&start, &bench->world);
    world_mark(&bench->world);
    begin(bench);
    assert_int_equal(run_to_end(bench), DEVICE_DONE);
    uint64_t story = bench->story;
    uint32_t boots = bench->boots;
    take(&end, &bench->world);
    for (size_t i = 0; i < sizeof forks_at / sizeof forks_at[0]; i++) {
        world_rollback(&bench->world);
        bench->fork_at = forks_at[i];
        bench->lives = 3;
        world_mark(&bench->world);
        begin(bench);
        assert_int_equal(run_to_end(bench), DEVICE_DONE);
        assert_int_equal(bench->forks, 3);
        assert_true(bench->story == story);
        assert_int_equal(bench->boots, boots);
        assert_memory_equal(bench->world.nvm.memory, end.nvm, content_size(&bench->world.nvm));
        assert_memory_equal(bench->world.spi.memory, end.spi, content_size(&bench->world.spi));
    }
    world_rollback(&bench->world);
    assert_memory_equal(bench->world.nvm.memory, start.nvm, content_size(&bench->world.nvm));
    assert_memory_equal(bench->world.spi.memory, start.spi, content_size(&bench->world.spi));
    free(start.nvm);
    free(start.spi);
    free(end.nvm);
    free(end.spi);
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
    assert_null(world.rams);
    assert_null(world.nvm.memory);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rollback_brings_back_everything_bit_for_bit),
        TEST(marked_device_has_ram_of_its_own),
        TEST(firmware_goes_on_as_if_nobody_else_had_lived),
        TEST(device_is_configured_as_the_scenario_says),
        TEST(wear_is_counted_from_the_base),
        TEST(ecc_is_a_matter_of_the_scenario),
        TEST(image_that_does_not_fit_its_size_is_an_error_without_a_leak),
    };

    return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
