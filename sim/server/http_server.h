#ifndef SIM_SERVER_HTTP_SERVER_H
#define SIM_SERVER_HTTP_SERVER_H

#include <stdint.h>

#include "core/err.h"

/*
 * The development server: a folder of images over real sockets, by libmicrohttpd, in a thread of
 * its own. GET and HEAD; one byte range a request, with If-Range; strong ETag (size, modification
 * time, inode) and Last-Modified. A file replaced by rename while it is sent goes on as the old
 * one; one that shrinks breaks the connection.
 *
 * Nothing outside the folder can be named, nor anything with a component that begins with a dot.
 * Symbolic links inside are followed: whoever fills the folder decides. No directory listings.
 */

struct http_server;

struct http_server_record {
    const char *method;
    const char *path;    /* decoded, without the query */
    unsigned status;     /* 0: the client left before there was one */
    uint64_t range_from; /* first byte of the body in the file; 0: from its start */
    uint64_t bytes;      /* of the body, handed to the network before the end or the break */
};

struct http_server_options {
    const char *directory;
    const char *address; /* numeric, IPv4 or IPv6; NULL: 127.0.0.1 */
    uint16_t port;       /* 0: pick a free one, see http_server_port() */

    /* Make the text of /ota.json, with malloc(); called for every request of it, so that it always
     * tells what is in the folder now. url_base: how this client names the server,
     * "http://<host>/", safe to put into JSON. NULL: /ota.json is a file like any other. */
    enum ota_err (*manifest)(void *context, const char *url_base, char **ret_text);

    /* One request is over. NULL: not wanted. */
    void (*log)(void *context, const struct http_server_record *record);

    void *context; /* of both, which are called from the server's thread, one at a time */
};

/*
 * Serve until http_server_stop(). The options are copied; the strings need not outlive the call.
 *
 * Returns OTA_OK, or, with nothing to stop,
 *   OTA_ERR_NOT_FOUND  directory is not one that can be opened
 *   OTA_ERR_FORMAT     address is not a numeric address
 *   OTA_ERR_NET        address and port cannot be listened on
 *   OTA_ERR_LIMIT      out of memory
 */
OTA_MUST_USE enum ota_err http_server_start(const struct http_server_options *options,
                                            struct http_server **ret_server);

uint16_t http_server_port(const struct http_server *server);

/* Break what is under way and free the server; its thread has ended when this returns. NULL is
 * fine. */
void http_server_stop(struct http_server *server);

#endif
