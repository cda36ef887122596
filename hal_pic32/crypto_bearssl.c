#include "hal_pic32/crypto_bearssl.h"

#include <bearssl.h>
#include <stdbool.h>
#include <string.h>

_Static_assert(sizeof(br_sha256_context) <= sizeof(struct crypto_sha256),
               "the hash state must fit");

#define NUMBER_SIZE 32 /* of P-256 */
#define POINT_SIZE  (1 + 2 * NUMBER_SIZE)
#define DER_INTEGER 0x02
#define DER_LIST    0x30

/* All that stands before the two coordinates in a SubjectPublicKeyInfo of CRYPTO_KEY_SIZE bytes:
 * id-ecPublicKey, prime256v1, bit string. The point follows, with its 0x04 for "uncompressed". */
static const uint8_t key_prefix[] = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01,
    0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
};

_Static_assert(sizeof key_prefix + POINT_SIZE == CRYPTO_KEY_SIZE, "prefix and point are the key");

/* The state is copied in and out, as the caller's block has another type; it holds a pointer only
 * to the function table in flash. */
static void sha256_start(struct crypto *crypto, struct crypto_sha256 *hash)
{
    br_sha256_context context;

    (void)crypto;
    memset(&context, 0, sizeof context);
    memset(hash, 0, sizeof *hash);
    br_sha256_init(&context);
    memcpy(hash, &context, sizeof context);
}

static void sha256_update(struct crypto *crypto, struct crypto_sha256 *hash, const void *data,
                          uint32_t size)
{
    br_sha256_context context;

    (void)crypto;
    if (!size)
        return;
    memcpy(&context, hash, sizeof context);
    br_sha256_update(&context, data, size);
    memcpy(hash, &context, sizeof context);
}

static void sha256_finish(struct crypto *crypto, struct crypto_sha256 *hash,
                          uint8_t ret_digest[CRYPTO_SHA256_SIZE])
{
    br_sha256_context context;

    (void)crypto;
    memcpy(&context, hash, sizeof context);
    br_sha256_out(&context, ret_digest);
}

/* The next INTEGER of a DER list as NUMBER_SIZE bytes; NULL unless it is positive, in its shortest
 * form, and fits. */
static const uint8_t *take_number(const uint8_t *at, const uint8_t *end,
                                  uint8_t ret_number[NUMBER_SIZE])
{
    if (end - at < 3 || at[0] != DER_INTEGER || at[1] == 0 || at[1] > end - at - 2)
        return NULL;
    uint32_t size = at[1];
    const uint8_t *number = at + 2;
    bool has_zero = number[0] == 0;

    if (number[0] & 0x80 || (has_zero && (size < 2 || !(number[1] & 0x80))))
        return NULL;
    at = number + size;
    number += has_zero;
    size -= has_zero;
    if (size > NUMBER_SIZE)
        return NULL;
    memset(ret_number, 0, NUMBER_SIZE - size);
    memcpy(ret_number + NUMBER_SIZE - size, number, size);
    return at;
}

/* All lengths are below 128, so each is one byte. */
static bool parse_signature(const uint8_t *der, uint32_t size, uint8_t ret_raw[2 * NUMBER_SIZE])
{
    if (size < 2 || der[0] != DER_LIST || der[1] != size - 2)
        return false;
    const uint8_t *end = der + size;
    const uint8_t *at = take_number(der + 2, end, ret_raw);

    at = at ? take_number(at, end, ret_raw + NUMBER_SIZE) : NULL;
    return at == end;
}

static enum ota_err p256_verify(struct crypto *crypto, const uint8_t key[CRYPTO_KEY_SIZE],
                                const uint8_t digest[CRYPTO_SHA256_SIZE], const uint8_t *signature,
                                uint32_t signature_size)
{
    uint8_t raw[2 * NUMBER_SIZE], point[POINT_SIZE];
    br_ec_public_key public = {.curve = BR_EC_secp256r1, .q = point, .qlen = POINT_SIZE};

    (void)crypto;
    if (!signature || signature_size > CRYPTO_SIG_MAX ||
        memcmp(key, key_prefix, sizeof key_prefix) != 0 ||
        !parse_signature(signature, signature_size, raw))
        return OTA_ERR_SIGNATURE;
    memcpy(point, key + sizeof key_prefix, POINT_SIZE);
    return br_ecdsa_i31_vrfy_raw(&br_ec_p256_m31, digest, CRYPTO_SHA256_SIZE, &public, raw,
                                 sizeof raw) == 1
               ? OTA_OK
               : OTA_ERR_SIGNATURE;
}

static const struct crypto_ops ops = {
    .sha256_start = sha256_start,
    .sha256_update = sha256_update,
    .sha256_finish = sha256_finish,
    .p256_verify = p256_verify,
};

void crypto_bearssl_init(struct crypto *crypto)
{
    crypto->ops = &ops;
}
