#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <xxhash.h>

#include "sim/explore/damage.h"
#include "sim/explore/prepare.h"
#include "sim/explore/stock.h"
#include "tests/scene.h"

enum { V1, V2, V3 };

/* A device with version 1 from the factory and version 2 installed; version 3 is somewhere else. */
struct bench {
    struct scenario scenario;
    struct world world;
    struct store store;
    struct store_file file;
    uint8_t buffer[IMAGE_BUFFER_SIZE];
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    const struct device_observer nobody = {0};
    char reason[JUDGE_TEXT_MAX];

    scene_update(&bench->scenario);
    scene_image(&bench->scenario, 3);
    bench->scenario.installed[bench->scenario.installed_count++] = V2;
    assert_int_equal(world_init(&bench->world, &bench->scenario), OTA_OK);
    assert_true(prepare_world(&bench->world, reason));
    world_begin(&bench->world, &bench->world.fixture.servers[0], &nobody);
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

static void expect_stored(struct bench *bench, uint32_t images)
{
    bench->scenario.has_stored = true;
    bench->scenario.stored = images;
}

static void damage(struct bench *bench, enum damage_how how)
{
    const struct scenario_damage damage = {
        .target = DAMAGE_IMAGE, .how = how, .image = V2, .with = -1};

    assert_int_equal(damage_apply(&bench->world, &damage), OTA_OK);
}

/* A copy of the factory backup under this name. */
static void put(struct bench *bench, const char *name)
{
    struct store *store = &bench->store;

    assert_int_equal(store_mount(store, &bench->world.spi.cells.flash, &bench->world.device.log),
                     OTA_OK);
    assert_int_equal(store_open(store, STORE_FACTORY, &bench->file), OTA_OK);
    assert_int_equal(
        store_write(store, name, &bench->file.source, bench->file.source.size, bench->buffer),
        OTA_OK);
    store_close(&bench->file);
}

static void assert_stock(struct bench *bench, const char *text)
{
    stock_check(&bench->world.judge);
    assert_int_equal(bench->world.judge.claim, *text ? CLAIM_EVENTUALLY : CLAIM_NONE);
    assert_string_equal(bench->world.judge.text, text);
}

static void nothing_said_is_nothing_checked(void **state)
{
    struct bench *bench = *state;

    damage(bench, DAMAGE_REMOVE);
    assert_stock(bench, "");
}

static void store_as_it_should_be_is_fine(void **state)
{
    struct bench *bench = *state;

    expect_stored(bench, 1u << V2);
    bench->scenario.gone = 1u << V3;
    assert_stock(bench, "");
}

static void missing_image_fails(void **state)
{
    struct bench *bench = *state;

    expect_stored(bench, 1u << V2 | 1u << V3);
    assert_stock(bench, "image2 is not in the store");
}

static void image_that_should_not_be_there_fails(void **state)
{
    struct bench *bench = *state;

    expect_stored(bench, 0);
    assert_stock(bench, "image1 is still in the store");
}

static void image_that_should_be_gone_fails(void **state)
{
    struct bench *bench = *state;

    bench->scenario.gone = 1u << V2;
    assert_stock(bench, "image1 is still in the store");
}

static void image_is_compared_bit_for_bit(void **state)
{
    struct bench *bench = *state;

    expect_stored(bench, 1u << V2);
    damage(bench, DAMAGE_FLIP);
    assert_stock(bench, "image1 in the store is damaged");
}

static void half_an_image_is_none(void **state)
{
    struct bench *bench = *state;

    expect_stored(bench, 1u << V2);
    damage(bench, DAMAGE_TRUNCATE);
    assert_stock(bench, "image1 in the store is damaged");
}

static void file_that_is_none_of_the_images_fails(void **state)
{
    struct bench *bench = *state;

    put(bench, "v9-12345678.bin");
    bench->scenario.gone = 1u << V3;
    assert_stock(bench, "");
    expect_stored(bench, 1u << V2);
    assert_stock(bench, "v9-12345678.bin is in the store");
}

static void download_under_way_is_no_image(void **state)
{
    struct bench *bench = *state;

    put(bench, "download.part");
    expect_stored(bench, 1u << V2);
    assert_stock(bench, "");
}

static void store_that_does_not_mount_fails(void **state)
{
    struct bench *bench = *state;

    memset(bench->world.spi.cells.bytes, 0, 0x2000);
    expect_stored(bench, 0);
    assert_stock(bench, "the store does not mount");
}

static void cells_stay_as_they_are(void **state)
{
    struct bench *bench = *state;
    const struct cells *cells = &bench->world.spi.cells;

    expect_stored(bench, 1u << V2);
    uint64_t before = XXH3_64bits(cells->bytes, cells->flash.size);
    assert_stock(bench, "");
    assert_true(before == XXH3_64bits(cells->bytes, cells->flash.size));
}

static void part_of_a_download_may_be_unwanted(void **state)
{
    struct bench *bench = *state;
    char text[64];

    bench->scenario.has_nothing_begun = true;
    assert_stock(bench, "");
    put(bench, "download.part");
    snprintf(text, sizeof text, "%u bytes of a download lie in the store",
             bench->world.fixture.images[0].size);
    assert_stock(bench, text);
}

/* Another state is like this one only when it has the same there. */
static void looks_are_noted(void **state)
{
    struct bench *bench = *state;
    struct power_use use = {.looked = {0}};
    uint32_t looked = 0;

    bench->world.judge.use = &use;
    assert_stock(bench, "");
    for (uint32_t i = 0; i < POWER_USE_UNITS; i++)
        looked += (uint32_t)(use.looked[i / 64] >> i % 64 & 1);
    assert_true(looked >= 2 + bench->world.fixture.images[0].size / 4096);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_said_is_nothing_checked),
        TEST(store_as_it_should_be_is_fine),
        TEST(missing_image_fails),
        TEST(image_that_should_not_be_there_fails),
        TEST(image_that_should_be_gone_fails),
        TEST(image_is_compared_bit_for_bit),
        TEST(half_an_image_is_none),
        TEST(file_that_is_none_of_the_images_fails),
        TEST(download_under_way_is_no_image),
        TEST(store_that_does_not_mount_fails),
        TEST(cells_stay_as_they_are),
        TEST(part_of_a_download_may_be_unwanted),
        TEST(looks_are_noted),
    };

    return cmocka_run_group_tests_name("stock", tests, NULL, NULL);
}
