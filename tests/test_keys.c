#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/sha.h>

#include "sim/image/keys.h"
#include "tests/golden_file.h"

static char directory[] = "/tmp/test_keys.XXXXXX";
static char path[64];

static const char *golden(const char *name)
{
    static char golden_path[1024];

    snprintf(golden_path, sizeof golden_path, "%s/%s", GOLDEN_DIR, name);
    return golden_path;
}

static void write_text(const char *text)
{
    assert_int_equal(file_write(path, text, (uint32_t)strlen(text)), 0);
}

static void assert_refused(bool is_private, const char *file, const char *reason)
{
    const char *found = NULL;
    EVP_PKEY *key = is_private ? keys_load_private(file, &found) : keys_load_public(file, &found);

    assert_null(key);
    assert_string_equal(found, reason);
}

/* As PKCS #8 or in the older form; encrypted where there is a cipher. */
static void write_key(EVP_PKEY *key, const EVP_CIPHER *cipher, bool is_traditional)
{
    unsigned char password[] = "pass";
    BIO *bio = BIO_new_file(path, "w");
    int size = cipher ? 4 : 0;

    assert_non_null(bio);
    if (is_traditional)
        assert_true(
            PEM_write_bio_PrivateKey_traditional(bio, key, cipher, password, size, NULL, NULL));
    else
        assert_true(PEM_write_bio_PrivateKey(bio, key, cipher, password, size, NULL, NULL));
    BIO_free(bio);
}

static void write_public_key(EVP_PKEY *key)
{
    BIO *bio = BIO_new_file(path, "w");

    assert_non_null(bio);
    assert_true(PEM_write_bio_PUBKEY(bio, key));
    BIO_free(bio);
}

static void assert_same_public_half(const EVP_PKEY *left, const EVP_PKEY *right)
{
    uint8_t left_der[CRYPTO_KEY_SIZE], right_der[CRYPTO_KEY_SIZE];

    assert_non_null(left);
    assert_non_null(right);
    assert_int_equal(keys_public_der(left, left_der), OTA_OK);
    assert_int_equal(keys_public_der(right, right_der), OTA_OK);
    assert_memory_equal(left_der, right_der, CRYPTO_KEY_SIZE);
}

static void golden_keys_load(void **state)
{
    const char *reason;
    uint8_t der[CRYPTO_KEY_SIZE], key_hash[CRYPTO_SHA256_SIZE];
    EVP_PKEY *private_key = keys_load_private(golden("p256.pem"), &reason);
    EVP_PKEY *public_key = keys_load_public(golden("p256.pub.pem"), &reason);
    struct golden_file image = golden_file_read("p256.bin");

    (void)state;
    assert_same_public_half(private_key, public_key);
    assert_int_equal(keys_public_der(public_key, der), OTA_OK);
    SHA256(der, sizeof der, key_hash);
    assert_memory_equal(key_hash, image.bytes + 0x1C2C, sizeof key_hash);
    unsigned char *own_der = NULL;
    assert_int_equal(i2d_PUBKEY(public_key, &own_der), CRYPTO_KEY_SIZE);
    assert_memory_equal(own_der, der, sizeof der);
    OPENSSL_free(own_der);
    free(image.bytes);
    EVP_PKEY_free(private_key);
    EVP_PKEY_free(public_key);
}

static void every_pem_form_of_a_private_key_loads(void **state)
{
    EVP_PKEY *key = keys_from_seed("forms", 5);
    const char *reason;

    (void)state;
    for (int is_traditional = 0; is_traditional < 2; is_traditional++) {
        write_key(key, NULL, is_traditional);
        EVP_PKEY *loaded = keys_load_private(path, &reason);
        assert_same_public_half(key, loaded);
        EVP_PKEY_free(loaded);
    }
    EVP_PKEY_free(key);
}

static void a_compressed_point_gives_the_same_der(void **state)
{
    EVP_PKEY *key = keys_from_seed("compressed", 10);
    const char *reason;

    (void)state;
    assert_true(EVP_PKEY_set_utf8_string_param(key, "point-format", "compressed"));
    write_public_key(key);
    EVP_PKEY *loaded = keys_load_public(path, &reason);
    assert_int_not_equal(i2d_PUBKEY(loaded, NULL), CRYPTO_KEY_SIZE);
    assert_same_public_half(key, loaded);
    EVP_PKEY_free(loaded);
    EVP_PKEY_free(key);
}

static void files_without_a_certificate_are_told(void **state)
{
    static const char begin[] = "-----BEGIN CERTIFICATE-----\n";
    const char *reason;

    (void)state;
    assert_false(keys_has_certificate("/nonexistent/ca.pem", &reason));
    assert_string_equal(reason, "No such file or directory");
    assert_false(keys_has_certificate(directory, &reason));
    assert_string_equal(reason, "Is a directory");
    write_text("");
    assert_false(keys_has_certificate(path, &reason));
    assert_string_equal(reason, "no PEM certificate that can be read");
    write_text(begin);
    assert_false(keys_has_certificate(path, &reason));
    assert_false(keys_has_certificate(golden("p256.pub.pem"), &reason));
    assert_false(keys_has_certificate(golden("app.bin"), &reason));
}

static void what_is_no_key_is_refused_with_the_reason(void **state)
{
    (void)state;
    for (int is_private = 0; is_private < 2; is_private++) {
        assert_refused(is_private, "/nonexistent/key.pem", "No such file or directory");
        assert_refused(is_private, directory, "Is a directory");
        assert_refused(is_private, golden("app.bin"), "not a PEM file");
        write_text("");
        assert_refused(is_private, path, "not a PEM file");
    }
    write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    assert_refused(true, path, "no PEM private key that can be read");
    write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n");
    assert_refused(false, path, "no PEM public key that can be read");
    write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert_refused(false, path, "no PEM public key that can be read");
}

static void the_wrong_half_is_named(void **state)
{
    (void)state;
    assert_refused(true, golden("p256.pub.pem"), "a public key; the private key is needed");
    assert_refused(false, golden("p256.pem"),
                   "a private key; make its public key with 'openssl pkey -pubout'");
}

static void other_key_types_are_refused(void **state)
{
    EVP_PKEY *p384 = EVP_EC_gen("P-384");
    uint8_t der[CRYPTO_KEY_SIZE];

    (void)state;
    assert_refused(true, golden("ed.pem"), "not an EC key");
    assert_refused(false, golden("ed.pub.pem"), "not an EC key");
    assert_refused(true, golden("rsa2048.pem"), "not an EC key");
    write_key(p384, NULL, false);
    assert_refused(true, path, "an EC key on another curve than P-256");
    write_public_key(p384);
    assert_refused(false, path, "an EC key on another curve than P-256");
    assert_int_equal(keys_public_der(p384, der), OTA_ERR_FORMAT);
    assert_false(keys_is_p256(p384));
    EVP_PKEY_free(p384);
}

static void encrypted_keys_are_refused_without_a_prompt(void **state)
{
    EVP_PKEY *key = keys_from_seed("secret", 6);

    (void)state;
    for (int is_traditional = 0; is_traditional < 2; is_traditional++) {
        write_key(key, EVP_aes_128_cbc(), is_traditional);
        assert_refused(true, path, "an encrypted key; decrypt it first with 'openssl pkey'");
    }
    EVP_PKEY_free(key);
}

/* The public half is fixed here: a scenario must not change because a library did. */
static void der_of_no_key_is_told(void **state)
{
    EVP_PKEY *key = keys_from_seed("x", 1);
    uint8_t der[CRYPTO_KEY_SIZE];

    (void)state;
    assert_int_equal(keys_public_der(key, der), OTA_OK);
    EVP_PKEY_free(key);
    assert_true(keys_is_public_der(der));
    for (uint32_t i = 0; i < sizeof der; i++) {
        der[i] ^= 0x10;
        assert_false(keys_is_public_der(der));
        der[i] ^= 0x10;
    }
    memset(der, 0, sizeof der);
    assert_false(keys_is_public_der(der));
}

static void a_seed_gives_the_same_key_for_ever(void **state)
{
    static const uint8_t expected[] = {0x14, 0x49, 0x56, 0xA7, 0xBF, 0xFE, 0x61, 0xDD};
    uint8_t der[CRYPTO_KEY_SIZE], digest[CRYPTO_SHA256_SIZE];
    EVP_PKEY *key = keys_from_seed("brownout", 8);
    EVP_PKEY *again = keys_from_seed("brownout", 8);
    EVP_PKEY *other = keys_from_seed("brownouu", 8);

    (void)state;
    assert_same_public_half(key, again);
    assert_int_equal(EVP_PKEY_eq(key, other), 0);
    assert_int_equal(keys_public_der(key, der), OTA_OK);
    SHA256(der, sizeof der, digest);
    assert_memory_equal(digest, expected, sizeof expected);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    assert_int_equal(EVP_PKEY_check(context), 1);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    EVP_PKEY_free(again);
    EVP_PKEY_free(other);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/key.pem", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_keys_load),
        cmocka_unit_test(every_pem_form_of_a_private_key_loads),
        cmocka_unit_test(a_compressed_point_gives_the_same_der),
        cmocka_unit_test(files_without_a_certificate_are_told),
        cmocka_unit_test(what_is_no_key_is_refused_with_the_reason),
        cmocka_unit_test(the_wrong_half_is_named),
        cmocka_unit_test(other_key_types_are_refused),
        cmocka_unit_test(encrypted_keys_are_refused_without_a_prompt),
        cmocka_unit_test(der_of_no_key_is_told),
        cmocka_unit_test(a_seed_gives_the_same_key_for_ever),
    };

    return cmocka_run_group_tests_name("keys", tests, set_up, tear_down);
}
