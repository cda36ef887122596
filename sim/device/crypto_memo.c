#include "sim/device/crypto_memo.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define ENTRIES   0x4000 /* a power of two; the table is emptied when it is three quarters full */
#define STATE_MAX 112    /* bytes of the context below; crypto_openssl.c asserts its own */

/* What was found out for one input: the hash state behind it, or the verdict on a signature. */
struct crypto_memo_entry {
    XXH128_hash_t key; /* all zero: free */
    enum ota_err verdict;
    uint8_t state[STATE_MAX];
};

/* The caller's struct crypto_sha256: the state below, then the key of all input so far. */
struct running {
    uint8_t state[STATE_MAX];
    XXH128_hash_t key;
};

_Static_assert(sizeof(struct running) <= sizeof(struct crypto_sha256), "must fit the caller's");

static struct crypto_memo *from_crypto(struct crypto *crypto)
{
    return (struct crypto_memo *)crypto;
}

/* The entry of key, or the free one where it belongs; *ret_is_known tells which. */
static struct crypto_memo_entry *find(struct crypto_memo *memo, XXH128_hash_t key,
                                      bool *ret_is_known)
{
    if (memo->is_off) {
        memo->misses++;
        *ret_is_known = false;
        return memo->scratch;
    }
    if (memo->used > ENTRIES / 4 * 3) {
        memset(memo->entries, 0, ENTRIES * sizeof *memo->entries);
        memo->used = 0;
    }
    for (uint64_t at = key.low64;; at++) {
        struct crypto_memo_entry *entry = &memo->entries[at & (ENTRIES - 1)];
        bool is_free = !entry->key.low64 && !entry->key.high64;

        if (!is_free && !XXH128_isEqual(entry->key, key))
            continue;
        *ret_is_known = !is_free;
        memo->hits += !is_free;
        memo->misses += is_free;
        memo->used += is_free;
        entry->key = key;
        return entry;
    }
}

static void to_below(struct crypto_sha256 *below, const uint8_t state[STATE_MAX])
{
    memset(below, 0, sizeof *below);
    memcpy(below, state, STATE_MAX);
}

static void crypto_memo_start(struct crypto *crypto, struct crypto_sha256 *hash)
{
    struct crypto_memo *memo = from_crypto(crypto);
    struct running running = {.key = {1, 1}};
    struct crypto_sha256 below;

    crypto_sha256_start(memo->below, &below);
    memcpy(running.state, &below, STATE_MAX);
    memcpy(hash, &running, sizeof running);
}

static XXH128_hash_t extend(XXH128_hash_t key, const void *data, size_t size)
{
    XXH128_hash_t next = XXH3_128bits_withSeed(data, size, key.low64);

    next.low64 ^= key.high64 * 0x9E3779B97F4A7C15u;
    next.high64 += key.low64 ^ size;
    return next;
}

static void crypto_memo_update(struct crypto *crypto, struct crypto_sha256 *hash, const void *data,
                               uint32_t size)
{
    struct crypto_memo *memo = from_crypto(crypto);
    struct running running;
    struct crypto_sha256 below;
    bool is_known;

    memcpy(&running, hash, sizeof running);
    if (!memo->is_off)
        running.key = extend(running.key, data, size);
    struct crypto_memo_entry *entry = find(memo, running.key, &is_known);
    if (!is_known) {
        to_below(&below, running.state);
        crypto_sha256_update(memo->below, &below, data, size);
        memcpy(entry->state, &below, STATE_MAX);
    }
    memcpy(running.state, entry->state, STATE_MAX);
    memcpy(hash, &running, sizeof running);
}

static void crypto_memo_finish(struct crypto *crypto, struct crypto_sha256 *hash,
                               uint8_t ret_digest[CRYPTO_SHA256_SIZE])
{
    struct crypto_memo *memo = from_crypto(crypto);
    struct running running;
    struct crypto_sha256 below;

    memcpy(&running, hash, sizeof running);
    to_below(&below, running.state);
    crypto_sha256_finish(memo->below, &below, ret_digest);
}

static enum ota_err crypto_memo_verify(struct crypto *crypto, const uint8_t key[CRYPTO_KEY_SIZE],
                                       const uint8_t digest[CRYPTO_SHA256_SIZE],
                                       const uint8_t *signature, uint32_t signature_size)
{
    struct crypto_memo *memo = from_crypto(crypto);
    bool is_known;
    XXH128_hash_t all = extend((XXH128_hash_t){2, 2}, key, CRYPTO_KEY_SIZE);

    all = extend(all, digest, CRYPTO_SHA256_SIZE);
    all = extend(all, signature, signature_size);
    struct crypto_memo_entry *entry = find(memo, all, &is_known);
    if (!is_known)
        entry->verdict = crypto_p256_verify(memo->below, key, digest, signature, signature_size);
    return entry->verdict;
}

static const struct crypto_ops ops = {
    .sha256_start = crypto_memo_start,
    .sha256_update = crypto_memo_update,
    .sha256_finish = crypto_memo_finish,
    .p256_verify = crypto_memo_verify,
};

enum ota_err crypto_memo_init(struct crypto_memo *memo, struct crypto *below)
{
    *memo = (struct crypto_memo){.crypto = {&ops}, .below = below};
    memo->entries = calloc(ENTRIES + 1, sizeof *memo->entries);
    if (memo->entries)
        memo->scratch = &memo->entries[ENTRIES];
    return memo->entries ? OTA_OK : OTA_ERR_FULL;
}

void crypto_memo_free(struct crypto_memo *memo)
{
    free(memo->entries);
    *memo = (struct crypto_memo){0};
}
