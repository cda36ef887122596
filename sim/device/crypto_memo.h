#ifndef SIM_DEVICE_CRYPTO_MEMO_H
#define SIM_DEVICE_CRYPTO_MEMO_H

#include <stdbool.h>

#include "core/crypto.h"

/*
 * A crypto filter that remembers. A sweep hashes and verifies the same images thousands of times;
 * each answer below is asked for once and then known by the 128-bit XXH3 of all input up to there.
 * The answers are those of the crypto below, for every input it has not seen as for the others;
 * what is given up is a real hash's resistance to made-up collisions, which no device can exploit
 * here.
 */
struct crypto_memo {
    struct crypto crypto;
    struct crypto *below;
    struct crypto_memo_entry *entries;
    struct crypto_memo_entry *scratch; /* what is forgotten at once */
    uint32_t used;
    bool is_off; /* nothing is remembered: each answer is asked for each time */
    uint64_t hits, misses;
};

/* OTA_ERR_FULL: no memory. */
OTA_MUST_USE enum ota_err crypto_memo_init(struct crypto_memo *memo, struct crypto *below);
void crypto_memo_free(struct crypto_memo *memo);

#endif
