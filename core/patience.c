#include "core/patience.h"

#include <string.h>

#include "core/bytes.h"

/* Note which file it is about. Returns whether it is the one of before. */
static bool is_same(uint8_t known[CRYPTO_SHA256_SIZE], const uint8_t digest[CRYPTO_SHA256_SIZE])
{
    bool is_known = memcmp(known, digest, CRYPTO_SHA256_SIZE) == 0;

    memcpy(known, digest, CRYPTO_SHA256_SIZE);
    return is_known;
}

bool patience_has_gained(struct patience *patience, const uint8_t digest[CRYPTO_SHA256_SIZE],
                         uint32_t size, uint32_t step)
{
    if (!is_same(patience->furthest_digest, digest))
        patience->furthest = 0;
    if (size < patience->furthest || size - patience->furthest < step)
        return false;
    patience->furthest = size;
    return true;
}

enum patience_verdict patience_after_wrong_file(struct patience *patience,
                                                const uint8_t digest[CRYPTO_SHA256_SIZE],
                                                uint64_t now_ms)
{
    if (!is_same(patience->bad_digest, digest) || !patience->bad_files) {
        patience->bad_files = 1;
        patience->bad_at_ms = now_ms;
        return PATIENCE_SOON;
    }
    if (now_ms - patience->bad_at_ms < (uint64_t)PATIENCE_APART_S * 1000)
        return PATIENCE_LATER;
    patience->bad_at_ms = now_ms;
    if (++patience->bad_files < PATIENCE_FILES_MAX)
        return PATIENCE_LATER;
    patience->bad_files = 0;
    return PATIENCE_OUT;
}

uint32_t patience_delay_s(const struct patience_limits *limits, uint32_t failures, uint32_t wish_s,
                          uint32_t random)
{
    uint64_t delay_s = limits->first_s;

    for (uint32_t i = 1; i < failures && delay_s < limits->longest_s; i++)
        delay_s *= 2;
    if (delay_s > limits->longest_s)
        delay_s = limits->longest_s;
    if (delay_s < wish_s)
        delay_s = bytes_min(wish_s, PATIENCE_WISH_S);
    return (uint32_t)(delay_s + random % (delay_s / 4 + 1));
}
