#ifndef SIM_IMAGE_KEYS_H
#define SIM_IMAGE_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "core/crypto.h"
#include "core/err.h"

/*
 * ECDSA P-256 keys. The caller frees each with EVP_PKEY_free().
 *
 * The loaders return NULL and set *ret_reason, a clause that completes "key.pem: ..." (missing, not
 * PEM, encrypted, not an EC key, not P-256), when they cannot. They never ask on the terminal.
 */
EVP_PKEY *keys_load_private(const char *path, const char **ret_reason);
EVP_PKEY *keys_load_public(const char *path, const char **ret_reason);

/* Is there a certificate that can be read in this PEM file? *ret_reason as above when not. */
bool keys_has_certificate(const char *path, const char **ret_reason);

/* The same key for the same seed, everywhere: for scenarios and tests, never for a product.
 * NULL: out of memory. */
EVP_PKEY *keys_from_seed(const void *seed, uint32_t seed_size);

bool keys_is_p256(const EVP_PKEY *key);

/* The public half as DER SubjectPublicKeyInfo with an uncompressed point, however it was read:
 * what a device is provisioned with, and what the key hash is the SHA-256 of.
 * OTA_ERR_FORMAT: not a P-256 key. */
OTA_MUST_USE enum ota_err keys_public_der(const EVP_PKEY *key, uint8_t ret_der[CRYPTO_KEY_SIZE]);

/* Are these bytes what keys_public_der() makes of some key? */
bool keys_is_public_der(const uint8_t der[CRYPTO_KEY_SIZE]);

#endif
