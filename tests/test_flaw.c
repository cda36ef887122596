#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/layout.h"
#include "hal_posix/crypto_openssl.h"
#include "sim/image/flaw.h"
#include "sim/image/keys.h"
#include "sim/image/memory_source.h"
#include "sim/image/pack.h"

struct bench {
    EVP_PKEY *ours, *other;
    struct image_policy policy;
    uint8_t *sound;
    uint32_t size;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct pack_options options = {.version = 7,
                                   .has_security_counter = true,
                                   .has_vendor = true,
                                   .has_class = true,
                                   .security_counter = 3};
    uint8_t code[500] = {1, 2, 3}, *bytes;
    uint32_t size;

    assert_non_null(bench);
    bench->ours = keys_from_seed("ours", 4);
    bench->other = keys_from_seed("other", 5);
    assert_int_equal(keys_public_der(bench->ours, bench->policy.key), OTA_OK);
    bench->policy.app_size = layout_mzw1.app_size;
    assert_int_equal(pack_unsigned(&options, code, sizeof code, &bytes, &size), OTA_OK);
    assert_int_equal(pack_sign(bytes, size, bench->ours, &bench->sound, &bench->size), OTA_OK);
    free(bytes);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    EVP_PKEY_free(bench->ours);
    EVP_PKEY_free(bench->other);
    free(bench->sound);
    free(bench);
    return 0;
}

/* What the device says of the sound image with this flaw. */
static enum ota_err verdict(struct bench *bench, enum flaw flaw)
{
    static uint8_t buffer[IMAGE_BUFFER_SIZE];
    struct crypto_openssl crypto;
    struct memory_source source;
    struct image_info info;
    uint8_t *bytes;
    uint32_t size;

    assert_int_equal(
        flaw_make(flaw, bench->sound, bench->size, bench->ours, bench->other, &bytes, &size),
        OTA_OK);
    crypto_openssl_init(&crypto);
    memory_source_init(&source, bytes, size);
    enum ota_err err = image_check(&source.source, &bench->policy, &crypto.crypto, buffer, &info);
    free(bytes);
    return err;
}

static void without_a_flaw_it_is_the_same_file(void **state)
{
    struct bench *bench = *state;
    uint8_t *bytes;
    uint32_t size;

    assert_int_equal(
        flaw_make(FLAW_NONE, bench->sound, bench->size, bench->ours, bench->other, &bytes, &size),
        OTA_OK);
    assert_int_equal(size, bench->size);
    assert_memory_equal(bytes, bench->sound, size);
    free(bytes);
    assert_int_equal(verdict(bench, FLAW_NONE), OTA_OK);
}

static void each_flaw_is_refused_for_what_it_is(void **state)
{
    for (enum flaw flaw = FLAW_FORGED; flaw < FLAW_COUNT; flaw++) {
        enum ota_err expected = flaw == FLAW_FORGED     ? OTA_ERR_SIGNATURE
                                : flaw == FLAW_KEY_HASH ? OTA_ERR_KEY
                                : flaw == FLAW_VENDOR   ? OTA_ERR_PRODUCT
                                : flaw == FLAW_COUNTER  ? OTA_ERR_HASH
                                                        : OTA_ERR_FORMAT;
        assert_int_equal(verdict(*state, flaw), expected);
    }
}

static void no_image_has_no_flaw(void **state)
{
    struct bench *bench = *state;
    uint8_t *bytes;
    uint32_t size;

    assert_int_equal(
        flaw_make(FLAW_FORGED, bench->sound, 100, bench->ours, bench->other, &bytes, &size),
        OTA_ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(without_a_flaw_it_is_the_same_file, setup, teardown),
        cmocka_unit_test_setup_teardown(each_flaw_is_refused_for_what_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(no_image_has_no_flaw, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
