/* The chip's crypto against the PC's: what one accepts the other must, or an image that runs in the
 * simulator would not on the device, or the other way round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "hal_pic32/crypto_bearssl.h"
#include "hal_posix/crypto_openssl.h"

static struct crypto bearssl;
static struct crypto_openssl openssl;
static uint8_t key[CRYPTO_KEY_SIZE], digest[CRYPTO_SHA256_SIZE];
static uint8_t signature[CRYPTO_SIG_MAX + 8];
static uint32_t signature_size;

static int setup(void **state)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pair, NULL);
    unsigned char *end = key;
    size_t size = sizeof signature;

    (void)state;
    crypto_bearssl_init(&bearssl);
    crypto_openssl_init(&openssl);
    for (uint8_t i = 0; i < sizeof digest; i++)
        digest[i] = (uint8_t)(i * 11);
    assert_int_equal(i2d_PUBKEY(pair, &end), CRYPTO_KEY_SIZE);
    assert_int_equal(EVP_PKEY_sign_init(context), 1);
    assert_int_equal(EVP_PKEY_sign(context, signature, &size, digest, sizeof digest), 1);
    signature_size = (uint32_t)size;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(pair);
    return 0;
}

static enum ota_err verify(void)
{
    enum ota_err err = crypto_p256_verify(&bearssl, key, digest, signature, signature_size);

    assert_int_equal(err,
                     crypto_p256_verify(&openssl.crypto, key, digest, signature, signature_size));
    return err;
}

static void hash_with(struct crypto *crypto, const uint8_t *data, uint32_t size, uint32_t step,
                      uint8_t *ret_digest)
{
    struct crypto_sha256 hash, copy;

    memset(&hash, 0xA5, sizeof hash);
    crypto_sha256_start(crypto, &hash);
    for (uint32_t at = 0; at < size; at += step) {
        memcpy(&copy, &hash, sizeof copy);
        crypto_sha256_update(crypto, &copy, data + at, size - at < step ? size - at : step);
        memset(&hash, 0xA5, sizeof hash);
        memcpy(&hash, &copy, sizeof hash);
    }
    crypto_sha256_finish(crypto, &hash, ret_digest);
}

static void digests_are_the_same_for_every_length(void **state)
{
    uint8_t data[300], ours[CRYPTO_SHA256_SIZE], theirs[CRYPTO_SHA256_SIZE];

    (void)state;
    for (uint32_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 31);
    for (uint32_t size = 0; size <= sizeof data; size++) {
        hash_with(&bearssl, data, size, size % 70 + 1, ours);
        hash_with(&openssl.crypto, data, size, 64, theirs);
        assert_memory_equal(ours, theirs, sizeof ours);
    }
}

static void equal_input_leaves_equal_hash_bytes(void **state)
{
    struct crypto_sha256 first, second;

    (void)state;
    memset(&first, 0x11, sizeof first);
    memset(&second, 0x22, sizeof second);
    crypto_sha256_start(&bearssl, &first);
    crypto_sha256_start(&bearssl, &second);
    crypto_sha256_update(&bearssl, &first, "abc", 3);
    crypto_sha256_update(&bearssl, &second, "abc", 3);
    assert_memory_equal(&first, &second, sizeof first);
}

static void signatures_of_every_length_are_accepted(void **state)
{
    uint32_t shortest = UINT32_MAX, longest = 0;

    (void)state;
    for (int i = 0; i < 60; i++) {
        setup(NULL);
        assert_int_equal(verify(), OTA_OK);
        if (signature_size < shortest)
            shortest = signature_size;
        if (signature_size > longest)
            longest = signature_size;
    }
    assert_true(shortest < longest);
}

static void any_changed_byte_is_refused(void **state)
{
    uint8_t *const parts[] = {signature, key, digest};
    const uint32_t sizes[] = {signature_size, sizeof key, sizeof digest};

    (void)state;
    for (int part = 0; part < 3; part++) {
        for (uint32_t i = 0; i < sizes[part]; i++) {
            for (int bit = 0; bit < 8; bit += part ? 3 : 1) {
                parts[part][i] ^= (uint8_t)(1 << bit);
                assert_int_equal(verify(), OTA_ERR_SIGNATURE);
                parts[part][i] ^= (uint8_t)(1 << bit);
            }
        }
    }
    assert_int_equal(verify(), OTA_OK);
}

static void every_other_length_is_refused(void **state)
{
    uint32_t right = signature_size;

    (void)state;
    for (signature_size = 0; signature_size < sizeof signature; signature_size++)
        if (signature_size != right)
            assert_int_equal(verify(), OTA_ERR_SIGNATURE);
    signature_size = 0;
    assert_int_equal(crypto_p256_verify(&bearssl, key, digest, NULL, 0), OTA_ERR_SIGNATURE);
}

static void set_signature(const char *r, const char *s)
{
    BIGNUM *numbers[2] = {NULL, NULL};
    ECDSA_SIG *made = ECDSA_SIG_new();
    unsigned char *end = signature;

    BN_hex2bn(&numbers[0], r);
    BN_hex2bn(&numbers[1], s);
    ECDSA_SIG_set0(made, numbers[0], numbers[1]);
    memset(signature, 0, sizeof signature);
    signature_size = (uint32_t)i2d_ECDSA_SIG(made, &end);
    ECDSA_SIG_free(made);
}

static void numbers_out_of_range_are_refused(void **state)
{
    static const char order[] = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";
    static const char *const bad[] = {
        "0", "-1", order,
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
        "FF",
        "10000000000000000000000000000000000000000000000000000000000000"
        "000"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        set_signature(bad[i], "1");
        assert_int_equal(verify(), OTA_ERR_SIGNATURE);
        set_signature("1", bad[i]);
        assert_int_equal(verify(), OTA_ERR_SIGNATURE);
    }
    set_signature("1", "1");
    assert_int_equal(verify(), OTA_ERR_SIGNATURE);
}

/* Until r is 32 bytes with its top bit clear, or 33 with a zero in front, and there is room. */
static void sign_until(uint8_t r_size)
{
    do
        setup(NULL);
    while (signature[3] != r_size || signature_size == CRYPTO_SIG_MAX);
}

/* Another form of the same numbers is another signature, and none. */
static void other_encodings_of_the_numbers_are_refused(void **state)
{
    (void)state;
    sign_until(32);
    memmove(signature + 5, signature + 4, signature_size - 4); /* a zero that r does not need */
    signature[4] = 0;
    signature[3]++;
    signature[1]++;
    signature_size++;
    assert_int_equal(verify(), OTA_ERR_SIGNATURE);

    sign_until(33);
    memmove(signature + 4, signature + 5, signature_size - 5); /* without it r is negative */
    signature[3]--;
    signature[1]--;
    signature_size--;
    assert_int_equal(verify(), OTA_ERR_SIGNATURE);

    sign_until(32);
    memmove(signature + 2, signature + 1, signature_size - 1); /* the length in two bytes */
    signature[1] = 0x81;
    signature_size++;
    assert_int_equal(verify(), OTA_ERR_SIGNATURE);

    sign_until(32);
    signature[signature_size++] = 0; /* a byte behind the numbers, in the list */
    signature[1]++;
    assert_int_equal(verify(), OTA_ERR_SIGNATURE);
}

static void a_point_off_the_curve_and_a_hybrid_one_are_refused(void **state)
{
    (void)state;
    key[26] = 0x06 | (key[CRYPTO_KEY_SIZE - 1] & 1);
    assert_int_equal(verify(), OTA_ERR_SIGNATURE);
    key[26] = 0x04;
    memset(key + 27, 0, 64);
    assert_int_equal(verify(), OTA_ERR_SIGNATURE);
    memset(key + 27, 0xFF, 64);
    assert_int_equal(verify(), OTA_ERR_SIGNATURE);
    memset(key, 0xFF, sizeof key);
    assert_int_equal(verify(), OTA_ERR_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(digests_are_the_same_for_every_length, setup),
        cmocka_unit_test_setup(equal_input_leaves_equal_hash_bytes, setup),
        cmocka_unit_test_setup(signatures_of_every_length_are_accepted, setup),
        cmocka_unit_test_setup(any_changed_byte_is_refused, setup),
        cmocka_unit_test_setup(every_other_length_is_refused, setup),
        cmocka_unit_test_setup(numbers_out_of_range_are_refused, setup),
        cmocka_unit_test_setup(other_encodings_of_the_numbers_are_refused, setup),
        cmocka_unit_test_setup(a_point_off_the_curve_and_a_hybrid_one_are_refused, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
