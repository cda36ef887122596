#ifndef SIM_IMAGE_RFC6979_H
#define SIM_IMAGE_RFC6979_H

#include <stdint.h>

#include <openssl/evp.h>

#include "core/crypto.h"
#include "core/err.h"

/*
 * ECDSA over P-256 with the nonce of RFC 6979 (HMAC-SHA-256), so that signing the same bytes with
 * the same key gives the same image everywhere. OpenSSL itself can do so from 3.2 on only.
 *
 * key     a P-256 private key
 * digest  SHA-256 of what is signed
 *
 * ret_signature is DER, *ret_size bytes of it are used (8 to 72).
 * OTA_ERR_FORMAT: key is no P-256 private key; OTA_ERR_FULL: out of memory.
 */
OTA_MUST_USE enum ota_err rfc6979_sign(const EVP_PKEY *key,
                                       const uint8_t digest[CRYPTO_SHA256_SIZE],
                                       uint8_t ret_signature[CRYPTO_SIG_MAX], uint32_t *ret_size);

#endif
