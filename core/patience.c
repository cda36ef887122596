#include "core/patience.h"

#include <string.h>

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
