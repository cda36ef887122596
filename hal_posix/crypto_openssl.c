/* A running hash must be a plain block of bytes, so that a copy of a device is a snapshot. Only the
 * low-level SHA256_CTX is one; EVP_MD_CTX hides pointers. And the decoders of EVP_PKEY take twice
 * the time of the verification itself. OpenSSL 3 calls the low level deprecated, not gone. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "hal_posix/crypto_openssl.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>
#include <stdbool.h>
#include <string.h>

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct crypto_sha256), "the hash state must fit");

/* All that stands before the two coordinates in a SubjectPublicKeyInfo of CRYPTO_KEY_SIZE bytes:
 * id-ecPublicKey, prime256v1, uncompressed point. To compare it settles key type, curve, DER form
 * and size at once, and a port without an ASN.1 reader can do the same. */
static const uint8_t key_prefix[] = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06,
    0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
};

_Static_assert(sizeof key_prefix + 2 * 32 == CRYPTO_KEY_SIZE, "prefix and point are the key");

static void sha256_start(struct crypto *crypto, struct crypto_sha256 *hash)
{
    SHA256_CTX context;

    (void)crypto;
    SHA256_Init(&context);
    memset(hash, 0, sizeof *hash);
    memcpy(hash, &context, sizeof context);
}

static void sha256_update(struct crypto *crypto, struct crypto_sha256 *hash, const void *data,
                          uint32_t size)
{
    SHA256_CTX context;

    (void)crypto;
    if (!size)
        return;
    memcpy(&context, hash, sizeof context);
    SHA256_Update(&context, data, size);
    memcpy(hash, &context, sizeof context);
}

static void sha256_finish(struct crypto *crypto, struct crypto_sha256 *hash,
                          uint8_t ret_digest[CRYPTO_SHA256_SIZE])
{
    SHA256_CTX context;

    (void)crypto;
    memcpy(&context, hash, sizeof context);
    SHA256_Final(ret_digest, &context);
    memcpy(hash, &context, sizeof context);
}

/* NULL for anything but a point on P-256. */
static EC_KEY *key_load(const uint8_t key[CRYPTO_KEY_SIZE])
{
    const size_t point_at =
        sizeof key_prefix - 1; /* the point begins with the prefix's last byte */

    if (memcmp(key, key_prefix, sizeof key_prefix) != 0)
        return NULL;

    EC_KEY *loaded = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    if (loaded && !EC_KEY_oct2key(loaded, key + point_at, CRYPTO_KEY_SIZE - point_at, NULL)) {
        EC_KEY_free(loaded);
        return NULL;
    }
    return loaded;
}

static enum ota_err p256_verify(struct crypto *crypto, const uint8_t key[CRYPTO_KEY_SIZE],
                                const uint8_t digest[CRYPTO_SHA256_SIZE], const uint8_t *signature,
                                uint32_t signature_size)
{
    (void)crypto;
    if (!signature || signature_size == 0 || signature_size > CRYPTO_SIG_MAX)
        return OTA_ERR_SIGNATURE;

    ERR_set_mark();
    EC_KEY *loaded = key_load(key);
    /* ECDSA_verify() reads the signature as strict DER: what follows it is refused, too. */
    bool is_good = loaded && ECDSA_verify(0, digest, CRYPTO_SHA256_SIZE, signature,
                                          (int)signature_size, loaded) == 1;
    EC_KEY_free(loaded);
    ERR_pop_to_mark();
    return is_good ? OTA_OK : OTA_ERR_SIGNATURE;
}

static const struct crypto_ops ops = {
    .sha256_start = sha256_start,
    .sha256_update = sha256_update,
    .sha256_finish = sha256_finish,
    .p256_verify = p256_verify,
};

void crypto_openssl_init(struct crypto_openssl *openssl)
{
    *openssl = (struct crypto_openssl){.crypto = {.ops = &ops}};
}
