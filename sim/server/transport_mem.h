#ifndef SIM_SERVER_TRANSPORT_MEM_H
#define SIM_SERVER_TRANSPORT_MEM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/transport.h"

/*
 * The update server of the scenarios: files in memory behind the transport seam, the same in every
 * run. The state is plain data, so that a copy of the struct is a snapshot.
 */
struct server_file {
    char path[128]; /* "/v2.bin" */
    const uint8_t *bytes;
    size_t size;
    char validator[40]; /* its ETag */
};

#define SERVER_FILES_MAX 32

struct server {
    uint32_t count;
    struct server_file files[SERVER_FILES_MAX];
};

struct transport_mem {
    struct transport transport;
    const struct server *server;
    bool is_down;      /* refuses connections */
    uint32_t requests; /* since the start of the run */
    bool is_open;
    const struct server_file *file; /* being sent; NULL: a response without a body */
    size_t next, end;
    struct transport_response response;
};

void transport_mem_init(struct transport_mem *mem, const struct server *server);

/* The other side lost its power: what was open is gone. */
void transport_mem_drop(struct transport_mem *mem);

#endif
