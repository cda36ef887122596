#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "hal_posix/crypto_openssl.h"
#include "sim/image/keys.h"
#include "sim/image/rfc6979.h"

/* RFC 6979 A.2.5: the key of the P-256 vectors. */
#define PRIVATE_KEY "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"
#define PUBLIC_KEY                                                                                 \
    "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95"  \
    "628BC64F2F1B20C2D7E9F5177A3C294D4462299"

static EVP_PKEY *make_key(const char *group, const char *private_key, const char *public_key)
{
    BIGNUM *number = NULL;
    EVP_PKEY *key = NULL;
    long size;
    unsigned char *point = OPENSSL_hexstr2buf(public_key, &size);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

    assert_true(OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, group, 0));
    if (private_key) {
        assert_true(BN_hex2bn(&number, private_key));
        assert_true(OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number));
    }
    assert_true(
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, (size_t)size));
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &key,
                                       private_key ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                                       parameters),
                     1);
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    BN_free(number);
    OPENSSL_free(point);
    return key;
}

static void check_vector(const char *message, const char *r, const char *s)
{
    EVP_PKEY *key = make_key("prime256v1", PRIVATE_KEY, PUBLIC_KEY);
    uint8_t digest[CRYPTO_SHA256_SIZE], signature[CRYPTO_SIG_MAX];
    uint32_t size;
    const unsigned char *at = signature;

    SHA256((const unsigned char *)message, strlen(message), digest);
    assert_int_equal(rfc6979_sign(key, digest, signature, &size), OTA_OK);
    ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &at, size);
    assert_non_null(parsed);
    assert_ptr_equal(at, signature + size);
    char *text = BN_bn2hex(ECDSA_SIG_get0_r(parsed));
    assert_string_equal(text, r);
    OPENSSL_free(text);
    text = BN_bn2hex(ECDSA_SIG_get0_s(parsed));
    assert_string_equal(text, s);
    OPENSSL_free(text);
    ECDSA_SIG_free(parsed);
    EVP_PKEY_free(key);
}

static void vectors_of_the_rfc_match(void **state)
{
    (void)state;
    check_vector("sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
                 "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
    check_vector("test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
                 "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083");
}

static void many_signatures_verify_and_repeat(void **state)
{
    EVP_PKEY *key = keys_from_seed("rfc6979", 7);
    struct crypto_openssl crypto;
    uint8_t der[CRYPTO_KEY_SIZE];
    uint32_t shortest = UINT32_MAX, longest = 0;

    (void)state;
    crypto_openssl_init(&crypto);
    assert_int_equal(keys_public_der(key, der), OTA_OK);
    for (uint32_t i = 0; i < 500; i++) {
        uint8_t digest[CRYPTO_SHA256_SIZE], first[CRYPTO_SIG_MAX], second[CRYPTO_SIG_MAX];
        uint32_t size, second_size;
        SHA256((const unsigned char *)&i, sizeof i, digest);
        assert_int_equal(rfc6979_sign(key, digest, first, &size), OTA_OK);
        assert_int_equal(rfc6979_sign(key, digest, second, &second_size), OTA_OK);
        assert_int_equal(size, second_size);
        assert_memory_equal(first, second, size);
        assert_int_equal(crypto_p256_verify(&crypto.crypto, der, digest, first, size), OTA_OK);
        digest[31] ^= 1;
        assert_int_equal(crypto_p256_verify(&crypto.crypto, der, digest, first, size),
                         OTA_ERR_SIGNATURE);
        shortest = size < shortest ? size : shortest;
        longest = size > longest ? size : longest;
    }
    assert_int_equal(longest, CRYPTO_SIG_MAX);
    assert_in_range(shortest, 8, 70);
    EVP_PKEY_free(key);
}

/* A digest is a number modulo the order: one at or above it must work too. */
static void digests_beyond_the_order_are_reduced(void **state)
{
    EVP_PKEY *key = keys_from_seed("x", 1);
    struct crypto_openssl crypto;
    uint8_t der[CRYPTO_KEY_SIZE], digest[CRYPTO_SHA256_SIZE], signature[CRYPTO_SIG_MAX];
    uint32_t size;

    (void)state;
    crypto_openssl_init(&crypto);
    assert_int_equal(keys_public_der(key, der), OTA_OK);
    for (int value = 0; value <= 0xFF; value += 0xFF) {
        memset(digest, value, sizeof digest);
        assert_int_equal(rfc6979_sign(key, digest, signature, &size), OTA_OK);
        assert_int_equal(crypto_p256_verify(&crypto.crypto, der, digest, signature, size), OTA_OK);
    }
    EVP_PKEY_free(key);
}

static void other_keys_are_refused(void **state)
{
    EVP_PKEY *public_key = make_key("prime256v1", NULL, PUBLIC_KEY);
    EVP_PKEY *p384 = EVP_EC_gen("P-384");
    EVP_PKEY *rsa = EVP_RSA_gen(1024);
    uint8_t digest[CRYPTO_SHA256_SIZE] = {0}, signature[CRYPTO_SIG_MAX];
    uint32_t size;

    (void)state;
    assert_int_equal(rfc6979_sign(public_key, digest, signature, &size), OTA_ERR_FORMAT);
    assert_int_equal(rfc6979_sign(p384, digest, signature, &size), OTA_ERR_FORMAT);
    assert_int_equal(rfc6979_sign(rsa, digest, signature, &size), OTA_ERR_FORMAT);
    EVP_PKEY_free(public_key);
    EVP_PKEY_free(p384);
    EVP_PKEY_free(rsa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_rfc_match),
        cmocka_unit_test(many_signatures_verify_and_repeat),
        cmocka_unit_test(digests_beyond_the_order_are_reduced),
        cmocka_unit_test(other_keys_are_refused),
    };

    return cmocka_run_group_tests_name("rfc6979", tests, NULL, NULL);
}
