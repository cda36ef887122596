#ifndef CORE_TRANSPORT_H
#define CORE_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/*
 * The transport seam: one HTTP GET at a time, never blocking. open() starts it, poll() says how far
 * it is, read() takes the bytes that are there, close() ends it in any state. Between open() and
 * close() only is there anything to poll(), read() or ask; an open() that fails has opened nothing.
 */
#define TRANSPORT_VALIDATOR_MAX 96 /* bytes of an ETag or a date, with the closing NUL */

struct transport;

struct transport_request {
    const char *url;       /* http:// or https://; NUL-terminated */
    uint32_t range_from;   /* ask for the bytes from here on; 0: the whole file, no Range header */
    const char *validator; /* If-Range: this ETag or date; NULL: none. Only with range_from */
};

struct transport_response {
    uint16_t status;        /* 200, 206, 404 ...; redirects are followed below the seam */
    bool has_length;        /* Content-Length was sent */
    uint64_t length;        /* bytes of the body, with has_length */
    bool has_range;         /* Content-Range was sent and well-formed */
    uint64_t range_from;    /* first byte of the body in the file, with has_range */
    uint64_t range_total;   /* size of the whole file, with has_range; 0: not said */
    uint32_t retry_after_s; /* Retry-After in seconds; 0: not sent */
    char validator[TRANSPORT_VALIDATOR_MAX]; /* strong ETag, else Last-Modified, else "" */
};

enum transport_state {
    TRANSPORT_WAITING, /* nothing new; ask again */
    TRANSPORT_BODY,    /* the response is known; read() gives bytes, maybe none yet */
    TRANSPORT_DONE,    /* all bytes of the body have been read, and as many as announced */
    TRANSPORT_FAILED   /* all bytes that came have been read; failure() says why */
};

struct transport_ops {
    /* Start a GET; only when none is open. OTA_ERR_FORMAT for a URL that is not one, OTA_ERR_NET
     * when it cannot even start. */
    enum ota_err (*open)(struct transport *transport,
                         const struct transport_request *request) OTA_MUST_USE;

    enum transport_state (*poll)(struct transport *transport);

    /* The response; valid from TRANSPORT_BODY on until close(). */
    const struct transport_response *(*response)(struct transport *transport);

    /* Take up to size bytes; returns how many, 0 when none are there now. */
    uint32_t (*read)(struct transport *transport, void *data, uint32_t size);

    /* Why it failed: OTA_ERR_NET, OTA_ERR_TLS, OTA_ERR_HTTP, OTA_ERR_TIMEOUT or OTA_ERR_FORMAT. */
    enum ota_err (*failure)(struct transport *transport);

    /* End the transfer; fine when none is open. */
    void (*close)(struct transport *transport);
};

struct transport {
    const struct transport_ops *ops;
};

OTA_MUST_USE static inline enum ota_err transport_open(struct transport *transport,
                                                       const struct transport_request *request)
{
    return transport->ops->open(transport, request);
}

static inline enum transport_state transport_poll(struct transport *transport)
{
    return transport->ops->poll(transport);
}

static inline const struct transport_response *transport_response(struct transport *transport)
{
    return transport->ops->response(transport);
}

static inline uint32_t transport_read(struct transport *transport, void *data, uint32_t size)
{
    return transport->ops->read(transport, data, size);
}

static inline enum ota_err transport_failure(struct transport *transport)
{
    return transport->ops->failure(transport);
}

static inline void transport_close(struct transport *transport)
{
    transport->ops->close(transport);
}

#endif
