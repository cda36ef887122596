#ifndef CORE_PATIENCE_H
#define CORE_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/crypto.h"

/*
 * What failures say about the line and the offer: is it worth another try, and how soon? Lives in
 * RAM; a restart begins with new patience. All zero is where it begins.
 */
#define PATIENCE_FILES_MAX 3          /* wrong files before the offer is at fault */
#define PATIENCE_APART_S   (4 * 3600) /* between two of them that count */

/* A copy that was damaged in the store may be damaged again, for what was wrong with it is not
 * known: it is fetched again once the device has run so long, so that each try has its hours. */
#define PATIENCE_COPY_S PATIENCE_APART_S

struct patience {
    uint32_t furthest; /* bytes that any try got of the file of furthest_digest */
    uint8_t furthest_digest[CRYPTO_SHA256_SIZE];
    uint32_t bad_files; /* that were not the file of bad_digest, and count */
    uint64_t bad_at_ms; /* the last of them */
    uint8_t bad_digest[CRYPTO_SHA256_SIZE];
};

/* A try ended with so many bytes of the file with this digest. Did it get further than any before
 * it, by step bytes at least? Then the line is bad and not dead. */
bool patience_has_gained(struct patience *patience, const uint8_t digest[CRYPTO_SHA256_SIZE],
                         uint32_t size, uint32_t step);

/* Something else came than the file with this digest. */
enum patience_verdict {
    PATIENCE_SOON,  /* the first time: the line may have spoilt it */
    PATIENCE_LATER, /* after PATIENCE_APART_S: a portal may want a login first */
    PATIENCE_OUT,   /* PATIENCE_FILES_MAX times, hours apart: it is the offer's own fault */
};

enum patience_verdict patience_after_wrong_file(struct patience *patience,
                                                const uint8_t digest[CRYPTO_SHA256_SIZE],
                                                uint64_t now_ms);

/* How long to wait after so many failures in a row: doubles from the first to the longest, not
 * less than the server's wish (0: none) within PATIENCE_WISH_S; up to a quarter more by random, as
 * a fleet that failed together must not come back together. */
#define PATIENCE_WISH_S 86400 /* a server may slow us down, not switch us off */

struct patience_limits {
    uint32_t first_s, longest_s;
};

uint32_t patience_delay_s(const struct patience_limits *limits, uint32_t failures, uint32_t wish_s,
                          uint32_t random);

#endif
