#include "sim/image/keys.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include "sim/image/file.h"

#define PEM_FILE_MAX (64 * 1024)
#define CA_FILE_MAX  (4 * 1024 * 1024) /* a bundle of all authorities is 200 KiB */
#define NUMBER_SIZE  32
#define POINT_SIZE   (1 + 2 * NUMBER_SIZE)

/* Asked for when a PEM block is encrypted; to give none keeps OpenSSL from asking on the terminal.
 */
static int refuse_password(char *password, int size, int is_writing, void *was_asked)
{
    (void)password, (void)size, (void)is_writing;
    *(bool *)was_asked = true;
    return -1;
}

static bool contains(const uint8_t *text, uint32_t size, const char *word)
{
    return memmem(text, size, word, strlen(word)) != NULL;
}

/* NULL when key is what was wanted. */
static const char *why_not_p256(const EVP_PKEY *key)
{
    if (!EVP_PKEY_is_a(key, "EC"))
        return "not an EC key";
    return keys_is_p256(key) ? NULL : "an EC key on another curve than P-256";
}

static EVP_PKEY *parse(const uint8_t *text, uint32_t size, bool is_private, const char **ret_reason)
{
    bool was_asked = false;
    BIO *bio = BIO_new_mem_buf(text, (int)size);
    EVP_PKEY *key = NULL;

    if (bio)
        key = is_private ? PEM_read_bio_PrivateKey(bio, NULL, refuse_password, &was_asked)
                         : PEM_read_bio_PUBKEY(bio, NULL, refuse_password, &was_asked);
    BIO_free(bio);
    ERR_clear_error();
    if (key)
        *ret_reason = why_not_p256(key);
    else if (!contains(text, size, "-----BEGIN "))
        *ret_reason = "not a PEM file";
    else if (was_asked || contains(text, size, "BEGIN ENCRYPTED PRIVATE KEY"))
        *ret_reason = "an encrypted key; decrypt it first with 'openssl pkey'";
    else if (!is_private && contains(text, size, "PRIVATE KEY-----"))
        *ret_reason = "a private key; make its public key with 'openssl pkey -pubout'";
    else if (is_private && contains(text, size, "BEGIN PUBLIC KEY-----"))
        *ret_reason = "a public key; the private key is needed";
    else
        *ret_reason = is_private ? "no PEM private key that can be read"
                                 : "no PEM public key that can be read";
    if (key && *ret_reason) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

static EVP_PKEY *load(const char *path, bool is_private, const char **ret_reason)
{
    uint8_t *text;
    uint32_t size;
    int error = file_read(path, PEM_FILE_MAX, &text, &size);

    if (error) {
        *ret_reason = strerror(error);
        return NULL;
    }
    EVP_PKEY *key = parse(text, size, is_private, ret_reason);
    OPENSSL_cleanse(text, size);
    free(text);
    return key;
}

EVP_PKEY *keys_load_private(const char *path, const char **ret_reason)
{
    return load(path, true, ret_reason);
}

EVP_PKEY *keys_load_public(const char *path, const char **ret_reason)
{
    return load(path, false, ret_reason);
}

bool keys_has_certificate(const char *path, const char **ret_reason)
{
    X509 *certificate = NULL;
    uint8_t *text;
    uint32_t size;
    int error = file_read(path, CA_FILE_MAX, &text, &size);

    if (error) {
        *ret_reason = strerror(error);
        return false;
    }
    BIO *bio = BIO_new_mem_buf(text, (int)size);
    if (bio)
        certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    free(text);
    ERR_clear_error();
    *ret_reason = "no PEM certificate that can be read";
    X509_free(certificate);
    return certificate != NULL;
}

static EVP_PKEY *from_numbers(const BIGNUM *private_key, const uint8_t point[POINT_SIZE])
{
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    OSSL_PARAM *parameters = NULL;
    EVP_PKEY *key = NULL;

    if (builder && context &&
        OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, SN_X9_62_prime256v1,
                                        0) &&
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, private_key) &&
        OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, POINT_SIZE))
        parameters = OSSL_PARAM_BLD_to_param(builder);
    if (parameters && EVP_PKEY_fromdata_init(context) > 0 &&
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_KEYPAIR, parameters) <= 0)
        key = NULL;
    OSSL_PARAM_free(parameters);
    OSSL_PARAM_BLD_free(builder);
    EVP_PKEY_CTX_free(context);
    return key;
}

EVP_PKEY *keys_from_seed(const void *seed, uint32_t seed_size)
{
    uint8_t digest[NUMBER_SIZE], point[POINT_SIZE];
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_POINT *public_key = group ? EC_POINT_new(group) : NULL;
    BN_CTX *context = BN_CTX_new();
    BIGNUM *private_key = BN_secure_new();
    EVP_PKEY *key = NULL;

    if (public_key && context && private_key) {
        SHA256(seed, seed_size, digest);
        while (BN_bin2bn(digest, sizeof digest, private_key) &&
               BN_nnmod(private_key, private_key, EC_GROUP_get0_order(group), context) &&
               BN_is_zero(private_key))
            SHA256(digest, sizeof digest, digest);
        if (EC_POINT_mul(group, public_key, private_key, NULL, NULL, context) &&
            EC_POINT_point2oct(group, public_key, POINT_CONVERSION_UNCOMPRESSED, point,
                               sizeof point, context) == sizeof point)
            key = from_numbers(private_key, point);
    }
    BN_clear_free(private_key);
    BN_CTX_free(context);
    EC_POINT_free(public_key);
    EC_GROUP_free(group);
    return key;
}

bool keys_is_p256(const EVP_PKEY *key)
{
    char curve[64];
    size_t size;

    return EVP_PKEY_is_a(key, "EC") &&
           EVP_PKEY_get_group_name(key, curve, sizeof curve, &size) == 1 &&
           strcmp(curve, SN_X9_62_prime256v1) == 0;
}

enum ota_err keys_public_der(const EVP_PKEY *key, uint8_t ret_der[CRYPTO_KEY_SIZE])
{
    /* RFC 5480: SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING { point } } */
    static const uint8_t prefix[CRYPTO_KEY_SIZE - 2 * NUMBER_SIZE] = {
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
        0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
    uint8_t point[2 * NUMBER_SIZE];
    BIGNUM *x = NULL, *y = NULL;
    bool is_ok = keys_is_p256(key) && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_X, &x) &&
                 EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_EC_PUB_Y, &y) &&
                 BN_bn2binpad(x, point, NUMBER_SIZE) == NUMBER_SIZE &&
                 BN_bn2binpad(y, point + NUMBER_SIZE, NUMBER_SIZE) == NUMBER_SIZE;

    BN_free(x);
    BN_free(y);
    if (!is_ok)
        return OTA_ERR_FORMAT;
    memcpy(ret_der, prefix, sizeof prefix);
    memcpy(ret_der + sizeof prefix, point, sizeof point);
    return OTA_OK;
}

bool keys_is_public_der(const uint8_t der[CRYPTO_KEY_SIZE])
{
    const uint8_t *at = der;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, CRYPTO_KEY_SIZE);
    uint8_t again[CRYPTO_KEY_SIZE];
    bool is_same =
        key && keys_public_der(key, again) == OTA_OK && memcmp(der, again, sizeof again) == 0;

    EVP_PKEY_free(key);
    ERR_clear_error();
    return is_same;
}
