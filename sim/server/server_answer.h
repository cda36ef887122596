#ifndef SIM_SERVER_SERVER_ANSWER_H
#define SIM_SERVER_SERVER_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/transport.h"
#include "sim/server/server.h"

/*
 * What the server makes of one request, its faults included: an answer, or why there is none. It is
 * what hal_posix/transport_curl.c shows of a real server that does the same.
 *
 * All faults that hit a request do so together, but for two groups of which the first in the list
 * is alone: those that leave nothing of the answer, and those that send another body. A fault
 * counts the requests that it could change: for its target, with a range when it is about ranges,
 * and not taken by another one of its group. So two faults of a group come one after the other.
 *
 * Bytes are counted in the body of the answer; a percentage is of that body too. Without a length
 * the end of the connection is the end of the body, so a truncated one looks complete.
 */
#define SERVER_ANSWER_ENDLESS UINT64_MAX

enum server_content {
    CONTENT_FILE,
    CONTENT_CHANGED, /* other bytes, as many */
    CONTENT_NOISE,   /* as many */
    CONTENT_HTML,
    CONTENT_DEEP,
    CONTENT_ENDLESS, /* the file, then blanks for ever */
};

/* What the server remembers of its faults. Plain data. */
struct server_memory {
    uint32_t seen[SCENARIO_FAULTS_MAX]; /* requests counted */
    uint32_t fired;                     /* bit set of the faults that have taken effect */
};

/* Plain data, too. */
struct server_answer {
    enum ota_err failure; /* there is nothing but this; OTA_OK: there is an answer */
    bool is_refused;      /* it shows at once: the request does not even start */
    struct transport_response response;
    enum server_content content;
    const struct server_file *file; /* NULL: no body */
    uint64_t start;                 /* where in the content the body begins */
    uint64_t size;                  /* of the body as it is sent, or SERVER_ANSWER_ENDLESS */
    enum ota_err ending;            /* behind its last byte; OTA_OK: it is complete */
    uint32_t segment;               /* bytes that come at a time */
    uint32_t rate;                  /* bytes a second; 0: all at once */
    uint64_t stall_at;              /* nothing comes behind this byte, not even headers at 0 ... */
    uint32_t stall_ms;              /* ... for so long; 0: no stall */
    uint32_t waiting;               /* bit set of faults that take effect at a byte of the body */
    uint32_t flips;                 /* bit set of them that flip a bit of it */
    uint64_t at[SCENARIO_FAULTS_MAX];
};

/* Answer a GET of path. */
void server_answer_make(const struct server *server, struct server_memory *memory, const char *path,
                        const struct transport_request *request, struct server_answer *ret_answer);

/* The headers are there / so many bytes of the body are there, so long after the request. */
bool server_answer_is_known(const struct server_answer *answer, uint64_t ms);
uint64_t server_answer_arrived(const struct server_answer *answer, uint64_t ms);

/* Bytes of the body from offset on, which are there. */
void server_answer_read(const struct server_answer *answer, uint64_t offset, uint8_t *data,
                        uint32_t size);

/* Whoever asked has the first offset bytes, and wants more: what happens up to there has happened.
 */
void server_answer_reach(struct server_answer *answer, struct server_memory *memory,
                         uint64_t offset);

#endif
