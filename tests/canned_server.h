#ifndef TESTS_CANNED_SERVER_H
#define TESTS_CANNED_SERVER_H

#include <openssl/types.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A server that says what it is told to, right or wrong, by TCP or TLS: one connection for each
 * answer, one after the other, in a thread of its own. Asserts by CMocka. */

#define CANNED_ANSWERS_MAX 8
#define CANNED_REQUEST_MAX 2048

enum canned_ending {
    CANNED_CLOSE,
    CANNED_RESET,
    CANNED_HOLD /* until the client leaves */
};

struct canned {
    char *answer;
    enum canned_ending ending;
    bool is_early; /* answer the connection, not a request in it, and without TLS */
};

struct canned_server {
    int listener;
    uint16_t port;
    SSL_CTX *tls;
    bool is_running;
    pthread_t thread;
    struct canned answers[CANNED_ANSWERS_MAX];
    size_t answers_count;
    /* To be read after canned_server_stop(). */
    char requests[CANNED_ANSWERS_MAX][CANNED_REQUEST_MAX];
    size_t requests_count;
};

/* Listen on a free port of 127.0.0.1; until canned_server_start() nobody answers. */
void canned_server_init(struct canned_server *server);

/* Serve TLS with a new certificate for these names ("IP:127.0.0.1"), valid for so many seconds,
 * negative: expired. The new CA that signed it goes to ca_file. */
void canned_server_use_tls(struct canned_server *server, const char *names, long valid_s,
                           const char *ca_file);

/* Add the next answer; may be changed until canned_server_start(). */
struct canned *canned_server_add(struct canned_server *server, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void canned_server_start(struct canned_server *server);

/* Wait for the thread. A connection that is held must have been left by the client. */
void canned_server_stop(struct canned_server *server);

/* Stop and free all. */
void canned_server_deinit(struct canned_server *server);

#endif
