/*
 * Method: RFC 6979 3.2 with qlen = hlen = 256, so that every bits2int() is plain big-endian. The
 * private key and the nonce are marked constant-time for OpenSSL's big numbers and wiped after use.
 */
#include "sim/image/rfc6979.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>

#include "sim/image/keys.h"

#define SIZE CRYPTO_SHA256_SIZE

struct generator {
    uint8_t key[SIZE];   /* K */
    uint8_t value[SIZE]; /* V */
};

/* K = HMAC(K, V || separator || seed); V = HMAC(K, V) */
static bool generator_update(struct generator *generator, uint8_t separator, const uint8_t *seed,
                             size_t seed_size)
{
    uint8_t data[SIZE + 1 + 2 * SIZE];

    memcpy(data, generator->value, SIZE);
    data[SIZE] = separator;
    if (seed_size)
        memcpy(data + SIZE + 1, seed, seed_size);
    bool is_ok =
        HMAC(EVP_sha256(), generator->key, SIZE, data, SIZE + 1 + seed_size, generator->key,
             NULL) &&
        HMAC(EVP_sha256(), generator->key, SIZE, generator->value, SIZE, generator->value, NULL);
    OPENSSL_cleanse(data, sizeof data);
    return is_ok;
}

static bool generator_start(struct generator *generator, const BIGNUM *private_key,
                            const BIGNUM *digest_mod_order)
{
    uint8_t seed[2 * SIZE];

    memset(generator->key, 0x00, SIZE);
    memset(generator->value, 0x01, SIZE);
    bool is_ok = BN_bn2binpad(private_key, seed, SIZE) == SIZE &&
                 BN_bn2binpad(digest_mod_order, seed + SIZE, SIZE) == SIZE &&
                 generator_update(generator, 0x00, seed, sizeof seed) &&
                 generator_update(generator, 0x01, seed, sizeof seed);
    OPENSSL_cleanse(seed, sizeof seed);
    return is_ok;
}

static bool generator_next(struct generator *generator, BIGNUM *ret_nonce)
{
    return HMAC(EVP_sha256(), generator->key, SIZE, generator->value, SIZE, generator->value,
                NULL) &&
           BN_bin2bn(generator->value, SIZE, ret_nonce);
}

/* r = (nonce * G).x mod n, s = (digest + r * private_key) / nonce mod n; either may come out 0. */
static bool sign_with(const EC_GROUP *group, const BIGNUM *private_key, const BIGNUM *digest,
                      const BIGNUM *nonce, BIGNUM *ret_r, BIGNUM *ret_s, BN_CTX *context)
{
    const BIGNUM *order = EC_GROUP_get0_order(group);
    EC_POINT *point = EC_POINT_new(group);
    BIGNUM *inverse = BN_secure_new();
    bool is_ok = point && inverse && EC_POINT_mul(group, point, nonce, NULL, NULL, context) &&
                 EC_POINT_get_affine_coordinates(group, point, ret_r, NULL, context) &&
                 BN_nnmod(ret_r, ret_r, order, context) &&
                 BN_mod_inverse(inverse, nonce, order, context) &&
                 BN_mod_mul(ret_s, ret_r, private_key, order, context) &&
                 BN_mod_add(ret_s, ret_s, digest, order, context) &&
                 BN_mod_mul(ret_s, ret_s, inverse, order, context);

    BN_clear_free(inverse);
    EC_POINT_clear_free(point);
    return is_ok;
}

static bool encode(const BIGNUM *r, const BIGNUM *s, uint8_t ret_signature[CRYPTO_SIG_MAX],
                   uint32_t *ret_size)
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *own_r = BN_dup(r), *own_s = BN_dup(s);
    int size = -1;

    if (signature && own_r && own_s && ECDSA_SIG_set0(signature, own_r, own_s)) {
        own_r = own_s = NULL;
        size = i2d_ECDSA_SIG(signature, NULL);
        if (size > 0 && size <= CRYPTO_SIG_MAX)
            size = i2d_ECDSA_SIG(signature, &(uint8_t *){ret_signature});
    }
    BN_free(own_r);
    BN_free(own_s);
    ECDSA_SIG_free(signature);
    if (size <= 0 || size > CRYPTO_SIG_MAX)
        return false;
    *ret_size = (uint32_t)size;
    return true;
}

static bool sign_digest(const EC_GROUP *group, BIGNUM *private_key,
                        const uint8_t digest[CRYPTO_SHA256_SIZE],
                        uint8_t ret_signature[CRYPTO_SIG_MAX], uint32_t *ret_size)
{
    const BIGNUM *order = EC_GROUP_get0_order(group);
    struct generator generator;
    BN_CTX *context = BN_CTX_new();
    BIGNUM *number = BN_bin2bn(digest, CRYPTO_SHA256_SIZE, NULL);
    BIGNUM *nonce = BN_secure_new(), *r = BN_new(), *s = BN_new();
    bool is_ok = context && number && nonce && r && s && BN_nnmod(number, number, order, context) &&
                 generator_start(&generator, private_key, number);
    bool is_done = false;

    if (nonce)
        BN_set_flags(nonce, BN_FLG_CONSTTIME);
    while (is_ok && !is_done) {
        is_ok = generator_next(&generator, nonce);
        if (is_ok && !BN_is_zero(nonce) && BN_cmp(nonce, order) < 0) {
            is_ok = sign_with(group, private_key, number, nonce, r, s, context);
            is_done = is_ok && !BN_is_zero(r) && !BN_is_zero(s);
        }
        if (is_ok && !is_done)
            is_ok = generator_update(&generator, 0x00, NULL, 0);
    }
    is_ok = is_ok && encode(r, s, ret_signature, ret_size);
    BN_free(r);
    BN_free(s);
    BN_clear_free(nonce);
    BN_free(number);
    BN_CTX_free(context);
    OPENSSL_cleanse(&generator, sizeof generator);
    return is_ok;
}

enum ota_err rfc6979_sign(const EVP_PKEY *key, const uint8_t digest[CRYPTO_SHA256_SIZE],
                          uint8_t ret_signature[CRYPTO_SIG_MAX], uint32_t *ret_size)
{
    BIGNUM *private_key = NULL;

    if (!keys_is_p256(key) || !EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &private_key))
        return OTA_ERR_FORMAT;
    BN_set_flags(private_key, BN_FLG_CONSTTIME);

    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    bool is_ok = group && sign_digest(group, private_key, digest, ret_signature, ret_size);
    EC_GROUP_free(group);
    BN_clear_free(private_key);
    return is_ok ? OTA_OK : OTA_ERR_FULL;
}
