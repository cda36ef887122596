#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "core/manifest.h"
#include "hal_posix/crypto_openssl.h"
#include "sim/image/memory_source.h"
#include "sim/scenario/fixture.h"
#include "tests/scene.h"

struct bench {
    struct scenario scenario;
    struct fixture fixture;
    struct manifest manifest;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    scene_update(&bench->scenario);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    fixture_free(&bench->fixture);
    free(bench);
    return 0;
}

static void make(struct bench *bench)
{
    assert_int_equal(fixture_make(&bench->scenario, &bench->fixture), OTA_OK);
}

/* What a device with this fixture's policy says of an image. */
static enum ota_err check(const struct bench *bench, int image, struct image_info *info)
{
    const struct fixture_image *made = &bench->fixture.images[image];
    uint8_t buffer[IMAGE_BUFFER_SIZE];
    struct crypto_openssl crypto;
    struct memory_source source;

    crypto_openssl_init(&crypto);
    memory_source_init(&source, made->bytes, made->size);
    return image_check(&source.source, &bench->fixture.policy, &crypto.crypto, buffer, info);
}

static const struct server_file *file(const struct server *server, const char *path)
{
    for (uint32_t i = 0; i < server->count; i++)
        if (strcmp(server->files[i].path, path) == 0)
            return &server->files[i];
    fail_msg("no %s on the server", path);
    return NULL;
}

static const struct manifest *manifest(struct bench *bench, uint32_t stage)
{
    const struct server_file *json = file(&bench->fixture.servers[stage], "/ota.json");

    assert_int_equal(
        manifest_parse((const char *)json->bytes, (uint32_t)json->size, &bench->manifest), OTA_OK);
    return &bench->manifest;
}

static void images_verify_and_are_what_the_scenario_says(void **state)
{
    struct bench *bench = *state;
    struct image_info info;

    bench->scenario.images[1].security_counter = 7;
    make(bench);
    for (int i = 0; i < 2; i++) {
        const struct fixture_image *image = &bench->fixture.images[i];
        uint8_t digest[32];
        assert_int_equal(check(bench, i, &info), OTA_OK);
        assert_int_equal(info.version, i + 1);
        assert_int_equal(info.security_counter, i ? 7 : 0);
        assert_int_equal(info.total_size, image->size);
        assert_in_range(image->size, IMAGE_HEADER_PAGE + SCENE_SIZE - 8,
                        IMAGE_HEADER_PAGE + SCENE_SIZE);
        assert_memory_equal(image->hash, info.hash, 32);
        assert_memory_equal(image->digest, SHA256(image->bytes, image->size, digest), 32);
        assert_true(image->may_run);
    }
}

static void images_that_may_not_run_are_refused_for_their_reason(void **state)
{
    struct bench *bench = *state;
    struct image_info info;

    bench->scenario.images[scene_image(&bench->scenario, 3)].signer = SIGNER_OTHER;
    bench->scenario.images[scene_image(&bench->scenario, 4)].signer = SIGNER_NONE;
    bench->scenario.images[scene_image(&bench->scenario, 5)].product = PRODUCT_OTHER;
    make(bench);
    assert_int_equal(check(bench, 2, &info), OTA_ERR_KEY);
    assert_int_equal(check(bench, 3, &info), OTA_ERR_SIGNATURE);
    assert_int_equal(check(bench, 4, &info), OTA_ERR_PRODUCT);
    for (int i = 2; i < 5; i++)
        assert_false(bench->fixture.images[i].may_run);
}

/* An image that names no product is none for a device whose product is all zeros. */
static void no_product_is_not_a_nil_product(void **state)
{
    static const uint8_t nil[IMAGE_ID_SIZE];
    struct bench *bench = *state;
    struct image_info info;

    bench->scenario.has_nil_product = true;
    bench->scenario.images[scene_image(&bench->scenario, 3)].product = PRODUCT_NONE;
    make(bench);
    assert_memory_equal(bench->fixture.policy.vendor, nil, sizeof nil);
    assert_memory_equal(bench->fixture.policy.class_id, nil, sizeof nil);
    assert_int_equal(check(bench, 0, &info), OTA_OK);
    assert_int_equal(check(bench, 2, &info), OTA_ERR_PRODUCT);
    assert_false(info.has_vendor || info.has_class);
    assert_false(bench->fixture.images[2].may_run);
}

static void code_says_how_it_behaves(void **state)
{
    struct bench *bench = *state;

    for (int i = 0; i < APP_BEHAVIOUR_COUNT; i++)
        bench->scenario.images[scene_image(&bench->scenario, 10 + (uint32_t)i)].app =
            (enum app_behaviour)i;
    make(bench);
    for (int i = 0; i < APP_BEHAVIOUR_COUNT; i++)
        assert_int_equal(
            app_behaviour_of(bench->fixture.images[2 + i].bytes + IMAGE_HEADER_PAGE, 64), i);
}

static void different_images_differ_in_every_page(void **state)
{
    struct bench *bench = *state;

    scene_image(&bench->scenario, 2);
    bench->scenario.images[2].signer = SIGNER_OTHER;
    make(bench);
    for (int a = 0; a < 3; a++)
        for (int b = a + 1; b < 3; b++)
            for (uint32_t page = 0x1000; page + 4096 <= 0x1000 + SCENE_SIZE; page += 4096)
                assert_memory_not_equal(bench->fixture.images[a].bytes + page,
                                        bench->fixture.images[b].bytes + page, 4096);
}

static void same_scenario_gives_the_same_bytes(void **state)
{
    struct bench *bench = *state;
    struct fixture again;

    make(bench);
    assert_int_equal(fixture_make(&bench->scenario, &again), OTA_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(again.images[i].size, bench->fixture.images[i].size);
        assert_memory_equal(again.images[i].bytes, bench->fixture.images[i].bytes,
                            again.images[i].size);
    }
    assert_memory_equal(&again.policy, &bench->fixture.policy, sizeof again.policy);
    assert_string_equal(again.manifests[0], bench->fixture.manifests[0]);
    fixture_free(&again);
}

static void server_holds_manifest_and_images(void **state)
{
    struct bench *bench = *state;

    make(bench);
    const struct server *server = &bench->fixture.servers[0];
    assert_int_equal(server->count, 2);
    const struct server_file *image = file(server, "/image1.bin");
    assert_ptr_equal(image->bytes, bench->fixture.images[1].bytes);
    assert_int_equal(image->size, bench->fixture.images[1].size);
    assert_int_equal(image->validator[0], '"');
    const struct manifest *offers = manifest(bench, 0);
    assert_int_equal(offers->count, 1);
    assert_int_equal(offers->entries[0].version, 2);
    assert_string_equal(offers->entries[0].url, "http://server/image1.bin");
    assert_memory_equal(offers->entries[0].digest, bench->fixture.images[1].digest, 32);
    assert_false(offers->entries[0].is_erase);
}

static void each_stage_has_its_own_server_and_validator(void **state)
{
    struct bench *bench = *state;

    scene_stage(&bench->scenario, 1);
    make(bench);
    assert_int_equal(manifest(bench, 0)->count, 1);
    assert_int_equal(manifest(bench, 1)->count, 0);
    assert_string_not_equal(file(&bench->fixture.servers[0], "/ota.json")->validator,
                            file(&bench->fixture.servers[1], "/ota.json")->validator);
}

static void offer_may_lie_about_version_digest_and_bytes(void **state)
{
    struct bench *bench = *state;

    scene_offer(&bench->scenario, 0)->version = 9;
    scene_offer(&bench->scenario, 1)->has_wrong_digest = true;
    bench->scenario.stages[0].offers[2].version = 10;
    struct scenario_offer *other = scene_offer(&bench->scenario, 1);
    other->version = 11;
    other->bytes_of = 0;
    make(bench);
    const struct manifest *offers = manifest(bench, 0);
    assert_int_equal(offers->count, 4);
    assert_int_equal(offers->entries[1].version, 9);
    assert_memory_equal(offers->entries[1].digest, bench->fixture.images[0].digest, 32);
    assert_int_equal(offers->entries[2].version, 10);
    assert_memory_not_equal(offers->entries[2].digest, bench->fixture.images[1].digest, 32);
    assert_string_equal(offers->entries[2].url, "http://server/image1.bin");
    assert_string_equal(offers->entries[3].url, "http://server/image0-as-image1.bin");
    assert_memory_equal(offers->entries[3].digest, bench->fixture.images[1].digest, 32);
    assert_ptr_equal(file(&bench->fixture.servers[0], "/image0-as-image1.bin")->bytes,
                     bench->fixture.images[0].bytes);
}

static void offer_may_have_a_file_name_of_its_own(void **state)
{
    struct bench *bench = *state;

    strcpy(scene_offer(&bench->scenario, 0)->file, "firmware");
    make(bench);
    assert_string_equal(manifest(bench, 0)->entries[1].url, "http://server/firmware.bin");
    assert_ptr_equal(file(&bench->fixture.servers[0], "/firmware.bin")->bytes,
                     bench->fixture.images[0].bytes);
}

static void image_larger_than_program_flash_never_runs(void **state)
{
    struct bench *bench = *state;

    bench->scenario.images[1].size = layout_mzw1.app_size + 1;
    make(bench);
    assert_true(bench->fixture.images[0].may_run);
    assert_false(bench->fixture.images[1].may_run);
}

static void manifest_may_be_said_word_for_word(void **state)
{
    struct bench *bench = *state;

    snprintf(bench->scenario.stages[0].manifest, sizeof bench->scenario.stages[0].manifest,
             "{'OTA': [{'Version': 7, 'URL': '<url>', 'Digest': '<digest>'}]}");
    make(bench);
    const struct manifest *said = manifest(bench, 0);
    const struct scenario_offer *first = &bench->scenario.stages[0].offers[0];
    assert_int_equal(said->count, 1);
    assert_int_equal(said->entries[0].version, 7);
    assert_memory_equal(said->entries[0].digest, bench->fixture.images[first->image].digest,
                        CRYPTO_SHA256_SIZE);
    file(&bench->fixture.servers[0], said->entries[0].url + strlen("http://server"));
}

static void erasing_is_an_offer_without_an_image(void **state)
{
    struct bench *bench = *state;

    scene_offer(&bench->scenario, -1)->version = 1;
    make(bench);
    const struct manifest *offers = manifest(bench, 0);
    assert_int_equal(offers->count, 2);
    assert_true(offers->entries[1].is_erase);
    assert_int_equal(offers->entries[1].version, 1);
    assert_int_equal(bench->fixture.servers[0].count, 2);
}

/* Longest names, all offers: everything has its room. */
static void fullest_scenario_fits(void **state)
{
    struct bench *bench = *state;

    scene_init(&bench->scenario);
    bench->scenario.image_count = 0;
    for (uint32_t i = 0; i < SCENARIO_IMAGES_MAX; i++) {
        struct scenario_image *image =
            &bench->scenario.images[scene_image(&bench->scenario, UINT32_MAX - i)];
        memset(image->name, 'a' + (int)i, SCENARIO_NAME_MAX - 1);
    }
    bench->scenario.stage_count = 0;
    for (int stage = 0; stage < SCENARIO_STAGES_MAX; stage++) {
        scene_stage(&bench->scenario, -1);
        for (int i = 0; i < SCENARIO_OFFERS_MAX; i++) {
            struct scenario_offer *offer = scene_offer(&bench->scenario, i % SCENARIO_IMAGES_MAX);
            offer->version = UINT32_MAX - (uint32_t)i;
            offer->bytes_of = (i + 1) % SCENARIO_IMAGES_MAX;
        }
    }
    make(bench);
    for (uint32_t stage = 0; stage < SCENARIO_STAGES_MAX; stage++) {
        const struct manifest *offers = manifest(bench, stage);
        assert_int_equal(offers->count, SCENARIO_OFFERS_MAX);
        for (int i = 0; i < SCENARIO_OFFERS_MAX; i++)
            assert_ptr_equal(file(&bench->fixture.servers[stage],
                                  offers->entries[i].url + strlen("http://server"))
                                 ->bytes,
                             bench->fixture.images[(i + 1) % SCENARIO_IMAGES_MAX].bytes);
    }
}

static void image_without_room_for_its_code_is_an_error(void **state)
{
    static const uint32_t sizes[] = {0, 1, 100};
    struct bench *bench = *state;

    for (int i = 0; i < 3; i++) {
        bench->scenario.images[1].size = sizes[i];
        assert_int_equal(fixture_make(&bench->scenario, &bench->fixture), OTA_ERR_SIZE);
        assert_null(bench->fixture.images[0].bytes); /* nothing to free */
        assert_null(bench->fixture.manifests[0]);
    }
}

static void preparing_server_offers_one_image(void **state)
{
    struct bench *bench = *state;
    char text[FIXTURE_TEXT_MAX];
    struct server server;

    memset(bench->scenario.images[1].name, 'n', SCENARIO_NAME_MAX - 1);
    bench->scenario.images[1].version = UINT32_MAX;
    make(bench);
    assert_int_equal(fixture_offer_one(&bench->scenario, &bench->fixture, 1, &server, text),
                     OTA_OK);
    assert_int_equal(server.count, 2);
    const struct server_file *json = file(&server, "/ota.json");
    assert_int_equal(
        manifest_parse((const char *)json->bytes, (uint32_t)json->size, &bench->manifest), OTA_OK);
    assert_int_equal(bench->manifest.count, 1);
    assert_int_equal(bench->manifest.entries[0].version, UINT32_MAX);
    assert_ptr_equal(file(&server, bench->manifest.entries[0].url + strlen("http://server"))->bytes,
                     bench->fixture.images[1].bytes);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(images_verify_and_are_what_the_scenario_says),
        TEST(images_that_may_not_run_are_refused_for_their_reason),
        TEST(no_product_is_not_a_nil_product),
        TEST(code_says_how_it_behaves),
        TEST(different_images_differ_in_every_page),
        TEST(same_scenario_gives_the_same_bytes),
        TEST(server_holds_manifest_and_images),
        TEST(each_stage_has_its_own_server_and_validator),
        TEST(offer_may_lie_about_version_digest_and_bytes),
        TEST(offer_may_have_a_file_name_of_its_own),
        TEST(image_larger_than_program_flash_never_runs),
        TEST(manifest_may_be_said_word_for_word),
        TEST(erasing_is_an_offer_without_an_image),
        TEST(fullest_scenario_fits),
        TEST(image_without_room_for_its_code_is_an_error),
        TEST(preparing_server_offers_one_image),
    };

    return cmocka_run_group_tests_name("fixture", tests, NULL, NULL);
}
