#ifndef CORE_CRYPTO_H
#define CORE_CRYPTO_H

#include <stdint.h>

#include "core/err.h"

/* The crypto seam: what an update needs to know that bytes are the right ones. */

#define CRYPTO_SHA256_SIZE 32
#define CRYPTO_KEY_SIZE    91 /* DER SubjectPublicKeyInfo of a P-256 key, uncompressed point */
#define CRYPTO_SIG_MAX     72 /* DER ECDSA signature over P-256: two integers of up to 33 bytes */

struct crypto;

/* A running hash. The caller owns it; it holds no pointer, so a copy of it is a snapshot. */
struct crypto_sha256 {
    uint64_t opaque[20]; /* the port's state; the largest known is 112 bytes */
};

struct crypto_ops {
    void (*sha256_start)(struct crypto *crypto, struct crypto_sha256 *hash);
    void (*sha256_update)(struct crypto *crypto, struct crypto_sha256 *hash, const void *data,
                          uint32_t size);
    void (*sha256_finish)(struct crypto *crypto, struct crypto_sha256 *hash,
                          uint8_t ret_digest[CRYPTO_SHA256_SIZE]);

    /* OTA_OK, or OTA_ERR_SIGNATURE for everything else: wrong, malformed, out of range, a key that
     * is not a point on P-256. */
    enum ota_err (*p256_verify)(struct crypto *crypto, const uint8_t key[CRYPTO_KEY_SIZE],
                                const uint8_t digest[CRYPTO_SHA256_SIZE], const uint8_t *signature,
                                uint32_t signature_size) OTA_MUST_USE;
};

struct crypto {
    const struct crypto_ops *ops;
};

static inline void crypto_sha256_start(struct crypto *crypto, struct crypto_sha256 *hash)
{
    crypto->ops->sha256_start(crypto, hash);
}

static inline void crypto_sha256_update(struct crypto *crypto, struct crypto_sha256 *hash,
                                        const void *data, uint32_t size)
{
    crypto->ops->sha256_update(crypto, hash, data, size);
}

static inline void crypto_sha256_finish(struct crypto *crypto, struct crypto_sha256 *hash,
                                        uint8_t ret_digest[CRYPTO_SHA256_SIZE])
{
    crypto->ops->sha256_finish(crypto, hash, ret_digest);
}

OTA_MUST_USE static inline enum ota_err crypto_p256_verify(struct crypto *crypto,
                                                           const uint8_t key[CRYPTO_KEY_SIZE],
                                                           const uint8_t digest[CRYPTO_SHA256_SIZE],
                                                           const uint8_t *signature,
                                                           uint32_t signature_size)
{
    return crypto->ops->p256_verify(crypto, key, digest, signature, signature_size);
}

#endif
