#ifndef CORE_CHECK_H
#define CORE_CHECK_H

#include "core/manifest.h"
#include "core/transport.h"

/* Fetching the text of the manifest: short, from the first byte each time, into memory. */
enum check_state {
    CHECK_WAITING, /* nothing new; ask again in a moment */
    CHECK_GOING,   /* something came; ask again at once */
    CHECK_DONE,    /* text is complete */
    CHECK_FAILED,  /* error says why */
};

struct check {
    struct transport *transport;
    enum ota_err error;
    uint32_t retry_after_s; /* the server's wish, with CHECK_FAILED; 0: none */
    uint32_t size;
    char text[MANIFEST_TEXT_MAX];
};

/* Errors as transport_open(); nothing is then under way. */
OTA_MUST_USE enum ota_err check_start(struct check *check, struct transport *transport,
                                      const char *url);

/* Do a little; never waits. At CHECK_DONE and CHECK_FAILED the transport is closed.
 * OTA_ERR_LIMIT: longer than MANIFEST_TEXT_MAX; OTA_ERR_HTTP: not status 200. */
enum check_state check_step(struct check *check);

#endif
