/*
 * Method: the memo and OpenSSL get the same calls; every answer must be the same, seen before or
 * not. The table holds 0x4000 entries and is emptied at three quarters, so the longer tests go
 * through several fillings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/sha.h>

#include "hal_posix/crypto_openssl.h"
#include "sim/device/crypto_memo.h"
#include "sim/image/keys.h"
#include "sim/image/rfc6979.h"

#define TABLE_LIMIT (0x4000 / 4 * 3)
#define DATA_SIZE   20000u

struct pair {
    struct crypto_openssl openssl;
    struct crypto_memo memo;
    struct crypto *crypto; /* the memo */
    uint8_t data[DATA_SIZE];
    uint32_t seed;
};

static uint32_t random_below(struct pair *pair, uint32_t bound)
{
    pair->seed = pair->seed * 1664525u + 1013904223u;
    return (pair->seed >> 8) % bound;
}

static int setup(void **state)
{
    struct pair *pair = calloc(1, sizeof *pair);

    crypto_openssl_init(&pair->openssl);
    assert_int_equal(crypto_memo_init(&pair->memo, &pair->openssl.crypto), OTA_OK);
    pair->crypto = &pair->memo.crypto;
    pair->seed = 1;
    for (uint32_t i = 0; i < DATA_SIZE; i++)
        pair->data[i] = (uint8_t)random_below(pair, 256);
    *state = pair;
    return 0;
}

static int teardown(void **state)
{
    struct pair *pair = *state;

    crypto_memo_free(&pair->memo);
    free(pair);
    return 0;
}

/* The hash of data[from, to) by the memo, in random pieces, and by OpenSSL in one. */
static void assert_same_hash(struct pair *pair, uint32_t from, uint32_t to)
{
    struct crypto_sha256 hash;
    uint8_t digest[32], expected[32];
    uint32_t at = from;

    crypto_sha256_start(pair->crypto, &hash);
    while (at < to) {
        uint32_t size = random_below(pair, to - at + 1);
        crypto_sha256_update(pair->crypto, &hash, pair->data + at, size);
        at += size;
    }
    crypto_sha256_finish(pair->crypto, &hash, digest);
    SHA256(pair->data + from, to - from, expected);
    assert_memory_equal(digest, expected, 32);
}

static void hash_of_nothing_is_sha256s(void **state)
{
    struct pair *pair = *state;
    struct crypto_sha256 hash;
    uint8_t digest[32], expected[32];

    for (int updates = 0; updates < 3; updates++) {
        crypto_sha256_start(pair->crypto, &hash);
        for (int i = 0; i < updates; i++)
            crypto_sha256_update(pair->crypto, &hash, NULL, 0);
        crypto_sha256_finish(pair->crypto, &hash, digest);
        assert_memory_equal(digest, SHA256(pair->data, 0, expected), 32);
    }
}

static void any_pieces_give_the_same_hash(void **state)
{
    struct pair *pair = *state;

    for (int i = 0; i < 3000; i++) {
        uint32_t from = random_below(pair, 3000), size = random_below(pair, 3000);
        assert_same_hash(pair, from, from + size);
    }
    assert_true(pair->memo.misses > 3000);
}

static void second_hash_of_the_same_is_remembered(void **state)
{
    struct pair *pair = *state;

    for (int round = 0; round < 5; round++) {
        pair->seed = 7;
        assert_same_hash(pair, 0, DATA_SIZE);
        uint64_t misses = pair->memo.misses, hits = pair->memo.hits;
        assert_true(misses > 0);
        assert_int_equal(hits, (uint64_t)round * misses);
    }
}

static void one_bit_makes_another_hash(void **state)
{
    struct pair *pair = *state;

    for (uint32_t bit = 0; bit < 2048; bit++) {
        pair->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        pair->seed = 3; /* the same pieces each time */
        assert_same_hash(pair, 0, 256);
        pair->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

/* Same bytes, cut otherwise; same pieces, in another order. */
static void pieces_are_not_mixed_up(void **state)
{
    struct pair *pair = *state;
    uint8_t digest[32], expected[32];
    const uint32_t size = 64;

    for (uint32_t a = 0; a < size; a++)
        for (int swapped = 0; swapped < 2; swapped++) {
            const uint8_t *first = swapped ? pair->data + size : pair->data;
            const uint8_t *second = swapped ? pair->data : pair->data + size;
            struct crypto_sha256 hash;
            crypto_sha256_start(pair->crypto, &hash);
            crypto_sha256_update(pair->crypto, &hash, first, a);
            crypto_sha256_update(pair->crypto, &hash, second, size - a);
            crypto_sha256_update(pair->crypto, &hash, first, a);
            crypto_sha256_finish(pair->crypto, &hash, digest);
            crypto_sha256_start(&pair->openssl.crypto, &hash);
            crypto_sha256_update(&pair->openssl.crypto, &hash, first, a);
            crypto_sha256_update(&pair->openssl.crypto, &hash, second, size - a);
            crypto_sha256_update(&pair->openssl.crypto, &hash, first, a);
            crypto_sha256_finish(&pair->openssl.crypto, &hash, expected);
            assert_memory_equal(digest, expected, 32);
        }
}

static void copy_of_a_running_hash_goes_its_own_way(void **state)
{
    struct pair *pair = *state;
    uint8_t digest[32], expected[32], joined[2000];

    for (int i = 0; i < 2000; i++) {
        uint32_t size = 1 + random_below(pair, 1000), more = 1 + random_below(pair, 999);
        uint32_t other = 2000 + random_below(pair, 5000);
        struct crypto_sha256 hash, copy;
        crypto_sha256_start(pair->crypto, &hash);
        crypto_sha256_update(pair->crypto, &hash, pair->data, size);
        memcpy(&copy, &hash, sizeof copy);
        crypto_sha256_update(pair->crypto, &hash, pair->data + size, more);
        crypto_sha256_finish(pair->crypto, &hash, digest);
        assert_memory_equal(digest, SHA256(pair->data, size + more, expected), 32);
        crypto_sha256_update(pair->crypto, &copy, pair->data + other, more);
        crypto_sha256_finish(pair->crypto, &copy, digest);
        memcpy(joined, pair->data, size);
        memcpy(joined + size, pair->data + other, more);
        assert_memory_equal(digest, SHA256(joined, size + more, expected), 32);
    }
}

static void full_table_is_emptied_and_goes_on(void **state)
{
    struct pair *pair = *state;
    struct crypto_sha256 hash;
    uint8_t digest[32], expected[32];
    uint32_t used_max = 0, resets = 0, used_before = 0;

    crypto_sha256_start(pair->crypto, &hash); /* lives through all of it */
    uint8_t *all = malloc(4u * TABLE_LIMIT * 4u);
    for (uint32_t i = 0; i < 4 * TABLE_LIMIT; i++) {
        memcpy(all + 4 * (size_t)i, &i, 4);
        crypto_sha256_update(pair->crypto, &hash, &i, 4);
        resets += pair->memo.used < used_before;
        used_before = pair->memo.used;
        used_max = used_before > used_max ? used_before : used_max;
        if (i % 4096 == 0) {
            assert_same_hash(pair, i % 1000, 2000);
            used_before = pair->memo.used;
        }
    }
    crypto_sha256_finish(pair->crypto, &hash, digest);
    assert_memory_equal(digest, SHA256(all, 16 * TABLE_LIMIT, expected), 32);
    assert_int_equal(used_max, TABLE_LIMIT + 1);
    assert_in_range(resets, 3, 5);
    free(all);
}

struct signed_digest {
    uint8_t key[CRYPTO_KEY_SIZE], other_key[CRYPTO_KEY_SIZE];
    uint8_t digest[32];
    uint8_t signature[CRYPTO_SIG_MAX];
    uint32_t size;
};

static void sign(struct pair *pair, struct signed_digest *to)
{
    EVP_PKEY *key = keys_from_seed("a", 1), *other = keys_from_seed("b", 1);

    assert_non_null(key);
    assert_int_equal(keys_public_der(key, to->key), OTA_OK);
    assert_int_equal(keys_public_der(other, to->other_key), OTA_OK);
    SHA256(pair->data, 100, to->digest);
    assert_int_equal(rfc6979_sign(key, to->digest, to->signature, &to->size), OTA_OK);
    EVP_PKEY_free(key);
    EVP_PKEY_free(other);
}

static void signature_verdicts_are_the_same_each_time(void **state)
{
    struct pair *pair = *state;
    struct signed_digest is;

    sign(pair, &is);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(crypto_p256_verify(pair->crypto, is.key, is.digest, is.signature, is.size),
                         OTA_OK);
        assert_int_equal(
            crypto_p256_verify(pair->crypto, is.other_key, is.digest, is.signature, is.size),
            OTA_ERR_SIGNATURE);
        assert_int_equal(
            crypto_p256_verify(pair->crypto, is.key, is.digest, is.signature, is.size - 1),
            OTA_ERR_SIGNATURE);
        assert_int_equal(crypto_p256_verify(pair->crypto, is.key, is.digest, is.signature, 0),
                         OTA_ERR_SIGNATURE);
        assert_int_equal(crypto_p256_verify(pair->crypto, is.key, is.digest, NULL, 0),
                         OTA_ERR_SIGNATURE);
    }
    assert_int_equal(pair->memo.misses, 4); /* of size 0 there is one, wherever it points */
    assert_int_equal(pair->memo.hits, 11);
}

static void wrong_bit_anywhere_is_never_taken_for_the_right_one(void **state)
{
    struct pair *pair = *state;
    struct signed_digest is;

    sign(pair, &is);
    assert_int_equal(crypto_p256_verify(pair->crypto, is.key, is.digest, is.signature, is.size),
                     OTA_OK);
    uint8_t *parts[] = {is.key, is.digest, is.signature};
    const uint32_t sizes[] = {CRYPTO_KEY_SIZE, 32, is.size};
    for (int part = 0; part < 3; part++)
        for (uint32_t bit = 0; bit < 8 * sizes[part]; bit++) {
            parts[part][bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(
                crypto_p256_verify(pair->crypto, is.key, is.digest, is.signature, is.size),
                OTA_ERR_SIGNATURE);
            parts[part][bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    assert_int_equal(crypto_p256_verify(pair->crypto, is.key, is.digest, is.signature, is.size),
                     OTA_OK);
}

static void verdict_survives_that_the_table_is_emptied(void **state)
{
    struct pair *pair = *state;
    struct signed_digest is;

    sign(pair, &is);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(crypto_p256_verify(pair->crypto, is.key, is.digest, is.signature, is.size),
                         OTA_OK);
        while (pair->memo.used <= TABLE_LIMIT)
            assert_same_hash(pair, random_below(pair, 9000), 9000 + random_below(pair, 9000));
    }
}

/* Switched off, it asks below each time, and answers the same; on again, it knows what it knew. */
static void switched_off_it_remembers_nothing(void **state)
{
    struct pair *pair = *state;
    struct signed_digest is;

    sign(pair, &is);
    pair->memo.is_off = true;
    for (uint64_t i = 1; i <= 3; i++) {
        uint64_t before = pair->memo.misses;
        assert_same_hash(pair, 9, 9000);
        assert_true(pair->memo.misses > before);
        assert_int_equal(crypto_p256_verify(pair->crypto, is.key, is.digest, is.signature, is.size),
                         OTA_OK);
        assert_int_equal(
            crypto_p256_verify(pair->crypto, is.other_key, is.digest, is.signature, is.size),
            OTA_ERR_SIGNATURE);
    }
    assert_int_equal(pair->memo.hits, 0);
    assert_int_equal(pair->memo.used, 0);
    pair->memo.is_off = false;
    for (int i = 0; i < 2; i++)
        assert_int_equal(crypto_p256_verify(pair->crypto, is.key, is.digest, is.signature, is.size),
                         OTA_OK);
    assert_int_equal(pair->memo.hits, 1);
}

static void free_can_be_called_twice(void **state)
{
    struct pair *pair = *state;

    crypto_memo_free(&pair->memo);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(hash_of_nothing_is_sha256s),
        TEST(any_pieces_give_the_same_hash),
        TEST(second_hash_of_the_same_is_remembered),
        TEST(one_bit_makes_another_hash),
        TEST(pieces_are_not_mixed_up),
        TEST(copy_of_a_running_hash_goes_its_own_way),
        TEST(full_table_is_emptied_and_goes_on),
        TEST(signature_verdicts_are_the_same_each_time),
        TEST(wrong_bit_anywhere_is_never_taken_for_the_right_one),
        TEST(verdict_survives_that_the_table_is_emptied),
        TEST(switched_off_it_remembers_nothing),
        TEST(free_can_be_called_twice),
    };

    return cmocka_run_group_tests_name("crypto_memo", tests, NULL, NULL);
}
