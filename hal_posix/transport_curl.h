#ifndef HAL_POSIX_TRANSPORT_CURL_H
#define HAL_POSIX_TRANSPORT_CURL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "core/transport.h"

/*
 * The transport seam by libcurl's multi interface: HTTP/1.1 and HTTP/2, plain or by TLS.
 *
 * Only http and https are spoken, in redirects too: at most 5 of them, and never from https back
 * to http. TLS is 1.2 or later; certificate and host name are always checked. Bodies come as the
 * server sends them (no compression is asked for or undone). The proxies of the environment
 * (http_proxy, https_proxy, no_proxy) are used, as by any tool.
 *
 * Bytes that came before a failure are handed out first: poll() says TRANSPORT_FAILED only when
 * they have been read. So a download over a bad line gets further with every try.
 *
 *   failure()        because of
 *   OTA_ERR_NET      resolve, connect, reset, a body shorter than announced
 *   OTA_ERR_TLS      the certificate, or no TLS version and cipher in common
 *   OTA_ERR_TIMEOUT  no connection in time, or slower than the limit
 *   OTA_ERR_HTTP     not HTTP, contradictory or endless headers, a redirect too many or not allowed
 */

#define TRANSPORT_CURL_BUFFER_SIZE 32768

struct transport_curl_options {
    const char *ca_file;         /* PEM; trust these CAs and no other; NULL: those of the system.
                                    Must stay valid until transport_curl_deinit() */
    uint32_t connect_timeout_ms; /* to resolve, connect and shake hands; 0: 300 s */
    uint32_t low_speed_bytes;    /* a transfer with fewer bytes per second than this ... */
    uint32_t low_speed_s;        /* ... for so many seconds is given up; 0: never */
};

/* What has been seen of the headers that are coming in. */
struct transport_curl_head {
    bool is_open;      /* between status line and empty line */
    bool has_location; /* with a 3xx: libcurl follows it */
    bool is_chunked;   /* Content-Length does not count */
    uint64_t range_to; /* last byte, with response.has_range */
    time_t date;       /* of the server; -1: not said */
    time_t retry_at;   /* Retry-After as a date; -1: not said */
    char modified[TRANSPORT_VALIDATOR_MAX];
};

/* To be read by transport_curl.c only. Must not be moved while a transfer is open. */
struct transport_curl {
    struct transport transport;
    struct transport_curl_options options;
    CURLM *multi;
    CURL *easy; /* NULL: none open */
    struct curl_slist *headers;
    struct transport_curl_head head;
    struct transport_response response;
    bool is_known;    /* the final response's headers are complete */
    bool is_paused;   /* the buffer was full */
    bool is_finished; /* libcurl is done, well or not */
    bool is_told;     /* poll() has said so */
    bool was_tls;     /* a request has gone over TLS: no way back */
    enum ota_err failure;
    char message[CURL_ERROR_SIZE];
    uint32_t header_size; /* of all headers so far */
    uint32_t buffer_start;
    uint32_t buffer_size;
    uint8_t buffer[TRANSPORT_CURL_BUFFER_SIZE];
};

/*
 * Set up a transport; end it with transport_curl_deinit().
 *
 * Returns OTA_OK, or, with nothing to end,
 *   OTA_ERR_NOT_FOUND  ca_file cannot be read
 *   OTA_ERR_NET        libcurl cannot start
 */
OTA_MUST_USE enum ota_err transport_curl_init(struct transport_curl *curl,
                                              const struct transport_curl_options *options);

/* Close what is open and let go of all connections. */
void transport_curl_deinit(struct transport_curl *curl);

/* What libcurl says about a failure ("SSL certificate problem: ..."); "" for nothing. For people;
 * valid until close(). */
const char *transport_curl_message(const struct transport_curl *curl);

/* Sleep until poll() or read() may have something new, at most ms milliseconds. Returns at once
 * while there are bytes to read, or an end that poll() has not told yet. With nothing under way it
 * sleeps for the whole time. */
void transport_curl_wait(struct transport_curl *curl, uint32_t ms);

#endif
