#ifndef CORE_FETCH_H
#define CORE_FETCH_H

#include "core/hal.h"
#include "core/part.h"

/*
 * One file from the server into the store's part file: hashed as it comes, committed at intervals,
 * resumed with Range and If-Range where the last try or the last power session ended. When in doubt
 * whether the bytes belong together, it starts again from the first.
 */
enum fetch_state {
    FETCH_REHASH,  /* hashing the bytes kept from before */
    FETCH_OPEN,    /* about to ask */
    FETCH_HEADERS, /* waiting for the response */
    FETCH_SIZED,   /* shown once: the size is known and nothing of this response written yet */
    FETCH_BODY,
    FETCH_DONE,   /* all there; digest is known, and not judged */
    FETCH_FAILED, /* error says why; what came is kept for the next try */
};

struct fetch {
    const struct hal *hal;
    enum fetch_state state;
    enum ota_err error;
    const char *url;
    uint32_t size_max;
    uint32_t total; /* bytes of the file; 0: not known */
    uint32_t hashed;
    uint32_t retry_after_s; /* the server's wish, with FETCH_FAILED; 0: none */
    uint8_t *buffer;        /* IMAGE_BUFFER_SIZE bytes */
    struct crypto_sha256 hash;
    uint8_t digest[CRYPTO_SHA256_SIZE];
    struct part part;
};

/*
 * Begin. url and buffer stay the caller's and must stay. Files above size_max are refused before a
 * byte is written.
 * Errors as part_open(); the fetch is then not started.
 * Power: as part_open().
 */
OTA_MUST_USE enum ota_err fetch_start(struct fetch *fetch, const struct hal *hal,
                                      struct store *store, const char *url,
                                      const uint8_t digest[CRYPTO_SHA256_SIZE], uint32_t size_max,
                                      uint8_t *buffer);

/*
 * Do a little; never waits. Returns the state reached.
 * Power: what was committed stays; the next fetch_start() goes on behind it.
 */
enum fetch_state fetch_step(struct fetch *fetch);

/* End it in any state; what came is committed and kept. Power: as part_close(). */
void fetch_stop(struct fetch *fetch);

#endif
