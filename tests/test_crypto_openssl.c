#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "hal_posix/crypto_openssl.h"

/* A device's crypto, and a key with a signature over a digest that OpenSSL made. */
struct fixture {
    struct crypto_openssl openssl;
    EVP_PKEY *pair;
    uint8_t key[CRYPTO_KEY_SIZE];
    uint8_t digest[CRYPTO_SHA256_SIZE];
    uint8_t signature[CRYPTO_SIG_MAX + 8]; /* with room for what must be refused */
    uint32_t signature_size;
};

static void sign(struct fixture *fixture)
{
    size_t size = sizeof fixture->signature;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(fixture->pair, NULL);

    assert_int_equal(EVP_PKEY_sign_init(context), 1);
    assert_int_equal(
        EVP_PKEY_sign(context, fixture->signature, &size, fixture->digest, sizeof fixture->digest),
        1);
    fixture->signature_size = (uint32_t)size;
    EVP_PKEY_CTX_free(context);
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    unsigned char *end = fixture->key;

    crypto_openssl_init(&fixture->openssl);
    fixture->pair = EVP_EC_gen("P-256");
    assert_non_null(fixture->pair);
    assert_int_equal(i2d_PUBKEY(fixture->pair, NULL), CRYPTO_KEY_SIZE);
    assert_int_equal(i2d_PUBKEY(fixture->pair, &end), CRYPTO_KEY_SIZE);
    for (uint8_t i = 0; i < sizeof fixture->digest; i++)
        fixture->digest[i] = (uint8_t)(i * 7);
    sign(fixture);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    EVP_PKEY_free(fixture->pair);
    free(fixture);
    return 0;
}

static enum ota_err verify(struct fixture *fixture)
{
    return crypto_p256_verify(&fixture->openssl.crypto, fixture->key, fixture->digest,
                              fixture->signature, fixture->signature_size);
}

/* ---- SHA-256 ---- */

static void assert_sha256(struct fixture *fixture, const char *text, const char *hex)
{
    struct crypto *crypto = &fixture->openssl.crypto;
    struct crypto_sha256 hash;
    uint8_t digest[CRYPTO_SHA256_SIZE];
    uint8_t expected[CRYPTO_SHA256_SIZE];

    for (size_t i = 0; i < sizeof expected; i++) {
        const char byte[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        expected[i] = (uint8_t)strtoul(byte, NULL, 16);
    }
    crypto_sha256_start(crypto, &hash);
    for (const char *at = text; *at; at++)
        crypto_sha256_update(crypto, &hash, at, 1);
    crypto_sha256_finish(crypto, &hash, digest);
    assert_memory_equal(digest, expected, sizeof digest);
}

static void sha256_gives_the_published_digests(void **state)
{
    assert_sha256(*state, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_sha256(*state, "abc",
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_sha256(*state, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void copied_hash_goes_on_by_itself(void **state)
{
    struct crypto *crypto = &((struct fixture *)*state)->openssl.crypto;
    struct crypto_sha256 first, second;
    uint8_t digest[CRYPTO_SHA256_SIZE];
    uint8_t other[CRYPTO_SHA256_SIZE];

    crypto_sha256_start(crypto, &first);
    crypto_sha256_update(crypto, &first, "one ", 4);
    memcpy(&second, &first, sizeof second);
    crypto_sha256_update(crypto, &first, "two", 3);
    crypto_sha256_finish(crypto, &first, digest);
    memset(&first, 0xA5, sizeof first);

    crypto_sha256_update(crypto, &second, "two", 3);
    crypto_sha256_finish(crypto, &second, other);
    assert_memory_equal(digest, other, sizeof digest);
}

static void equal_input_leaves_equal_hash_bytes(void **state)
{
    struct crypto *crypto = &((struct fixture *)*state)->openssl.crypto;
    struct crypto_sha256 first, second;

    memset(&first, 0xA5, sizeof first);
    memset(&second, 0x5A, sizeof second);
    crypto_sha256_start(crypto, &first);
    crypto_sha256_start(crypto, &second);
    crypto_sha256_update(crypto, &first, "a piece", 7);
    crypto_sha256_update(crypto, &second, "a piece", 7);
    crypto_sha256_update(crypto, &second, NULL, 0);
    assert_memory_equal(&first, &second, sizeof first);
}

/* ---- Signatures ---- */

static void good_signature_is_accepted(void **state)
{
    assert_int_equal(verify(*state), OTA_OK);
}

static void signatures_of_every_length_are_accepted(void **state)
{
    struct fixture *fixture = *state;
    uint32_t seen = 0;

    for (uint8_t i = 0; i < 64; i++) {
        fixture->digest[0] = i;
        sign(fixture);
        assert_int_equal(verify(fixture), OTA_OK);
        seen |= 1U << (CRYPTO_SIG_MAX - fixture->signature_size);
    }
    assert_int_not_equal(seen & (seen - 1), 0); /* more than one length */
}

static void any_changed_bit_of_the_digest_is_refused(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof fixture->digest; i++) {
        fixture->digest[i] ^= 0x01;
        assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
        fixture->digest[i] ^= 0x01;
    }
    assert_int_equal(verify(fixture), OTA_OK);
}

static void any_changed_byte_of_the_signature_is_refused(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < fixture->signature_size; i++) {
        fixture->signature[i] ^= 0x80;
        assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
        fixture->signature[i] ^= 0x80;
    }
    assert_int_equal(verify(fixture), OTA_OK);
}

static void any_changed_byte_of_the_key_is_refused(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof fixture->key; i++) {
        fixture->key[i] ^= 0x02;
        assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
        fixture->key[i] ^= 0x02;
    }
    assert_int_equal(verify(fixture), OTA_OK);
}

static void bytes_after_the_signature_are_refused(void **state)
{
    struct fixture *fixture = *state;

    fixture->signature[fixture->signature_size] = 0;
    fixture->signature_size++;
    assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
    fixture->signature_size = sizeof fixture->signature;
    assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
}

static void cut_signature_is_refused_at_every_length(void **state)
{
    struct fixture *fixture = *state;

    while (fixture->signature_size--)
        assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
    fixture->signature_size = 0;
    assert_int_equal(
        crypto_p256_verify(&fixture->openssl.crypto, fixture->key, fixture->digest, NULL, 0),
        OTA_ERR_SIGNATURE);
}

/* The same two numbers with a length in the long form: BER, but not DER. */
static void signature_that_is_not_der_is_refused(void **state)
{
    struct fixture *fixture = *state;
    uint8_t *signature = fixture->signature;

    /* One of the shorter ones, so that what is refused is not just too long. */
    for (uint8_t i = 0; fixture->signature_size >= CRYPTO_SIG_MAX; i++) {
        fixture->digest[0] = i;
        sign(fixture);
    }
    memmove(signature + 2, signature + 1, fixture->signature_size - 1);
    signature[1] = 0x81;
    fixture->signature_size++;
    assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
}

static void set_signature(struct fixture *fixture, const BIGNUM *r, const BIGNUM *s)
{
    ECDSA_SIG *numbers = ECDSA_SIG_new();
    unsigned char *end = fixture->signature;

    assert_int_equal(ECDSA_SIG_set0(numbers, BN_dup(r), BN_dup(s)), 1);
    fixture->signature_size = (uint32_t)i2d_ECDSA_SIG(numbers, &end);
    ECDSA_SIG_free(numbers);
}

static void numbers_out_of_range_are_refused(void **state)
{
    struct fixture *fixture = *state;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    const BIGNUM *order = EC_GROUP_get0_order(group);
    BIGNUM *zero = BN_new();

    BN_zero(zero);
    const BIGNUM *const pairs[][2] = {
        {zero, zero},
        {zero, BN_value_one()},
        {BN_value_one(), zero},
        {order, order},
        {order, BN_value_one()},
        {BN_value_one(), order},
        {BN_value_one(), BN_value_one()},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        set_signature(fixture, pairs[i][0], pairs[i][1]);
        assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
    }
    BN_free(zero);
    EC_GROUP_free(group);
}

/* ---- Keys ---- */

static void signature_by_another_key_is_refused(void **state)
{
    struct fixture *fixture = *state;

    EVP_PKEY_free(fixture->pair);
    fixture->pair = EVP_EC_gen("P-256");
    sign(fixture);
    assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
}

/* A good signature by a key on another curve of 256 bits, whose DER is cut or filled to size. */
static void keys_on_other_curves_are_refused(void **state)
{
    static const char *const curves[] = {"secp256k1", "P-224", "P-384"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        uint8_t key[256] = {0};
        uint8_t signature[256];
        size_t size = sizeof signature;
        unsigned char *end = key;
        EVP_PKEY *pair = EVP_EC_gen(curves[i]);
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pair, NULL);

        assert_true(i2d_PUBKEY(pair, &end) > 0);
        assert_int_equal(EVP_PKEY_sign_init(context), 1);
        assert_int_equal(
            EVP_PKEY_sign(context, signature, &size, fixture->digest, sizeof fixture->digest), 1);
        assert_int_equal(crypto_p256_verify(&fixture->openssl.crypto, key, fixture->digest,
                                            signature, (uint32_t)size),
                         OTA_ERR_SIGNATURE);
        EVP_PKEY_CTX_free(context);
        EVP_PKEY_free(pair);
    }
}

static void point_off_the_curve_is_refused(void **state)
{
    struct fixture *fixture = *state;

    memset(fixture->key + CRYPTO_KEY_SIZE - 64, 0, 64);
    assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
    memset(fixture->key + CRYPTO_KEY_SIZE - 64, 0xFF, 64);
    assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
}

/* 06 and 07 say in the first byte what the second coordinate says again. OpenSSL would take it. */
static void hybrid_point_is_refused(void **state)
{
    struct fixture *fixture = *state;

    fixture->key[CRYPTO_KEY_SIZE - 65] = (uint8_t)(6 + (fixture->key[CRYPTO_KEY_SIZE - 1] & 1));
    assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
}

static void blank_key_is_refused(void **state)
{
    struct fixture *fixture = *state;

    memset(fixture->key, 0xFF, sizeof fixture->key);
    assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
    memset(fixture->key, 0x00, sizeof fixture->key);
    assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
}

static void refusal_leaves_no_openssl_error_behind(void **state)
{
    struct fixture *fixture = *state;

    ERR_clear_error();
    fixture->signature[0] = 0;
    assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
    memset(fixture->key + CRYPTO_KEY_SIZE - 64, 0, 64);
    assert_int_equal(verify(fixture), OTA_ERR_SIGNATURE);
    assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sha256_gives_the_published_digests, setup, teardown),
        cmocka_unit_test_setup_teardown(copied_hash_goes_on_by_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_input_leaves_equal_hash_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(good_signature_is_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(signatures_of_every_length_are_accepted, setup, teardown),
        cmocka_unit_test_setup_teardown(any_changed_bit_of_the_digest_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(any_changed_byte_of_the_signature_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(any_changed_byte_of_the_key_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_after_the_signature_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(cut_signature_is_refused_at_every_length, setup, teardown),
        cmocka_unit_test_setup_teardown(signature_that_is_not_der_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(numbers_out_of_range_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(signature_by_another_key_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(keys_on_other_curves_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(point_off_the_curve_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(hybrid_point_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(blank_key_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(refusal_leaves_no_openssl_error_behind, setup, teardown),
    };

    return cmocka_run_group_tests_name("crypto_openssl", tests, NULL, NULL);
}
