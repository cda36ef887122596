#ifndef SIM_SERVER_TRANSPORT_MEM_H
#define SIM_SERVER_TRANSPORT_MEM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/clock.h"
#include "core/transport.h"
#include "sim/server/server_answer.h"

/*
 * The update server of the scenarios: files in memory behind the transport seam, with faults, the
 * same in every run. The state is plain data, so that a copy of the struct is a snapshot.
 *
 * A device that does not keep to core/transport.h is noted in misuse: one that does not close what
 * is open, or asks for something while nothing is open or known. Errors are those of
 * hal_posix/transport_curl.h, with the limits of sim/device/live.c: slower than 64 bytes a second
 * for 60 seconds is OTA_ERR_TIMEOUT.
 */
struct transport_mem {
    struct transport transport;
    const struct server *server;
    struct clock *clock; /* NULL: no time passes */
    bool is_down;        /* refuses connections */
    uint32_t requests;   /* since the start of the run */
    struct server_memory memory;
    bool is_open;
    const char *misuse; /* the first one; NULL: none */
    bool is_given_up;   /* too slow; what has arrived is still handed out */
    struct server_answer answer;
    uint64_t next;      /* byte of the body to be read */
    uint64_t opened_ms; /* all times by clock */
    uint64_t fast_ms;   /* when it was fast enough, or began */
    uint64_t sample_ms, sample_bytes;
};

/* Without a clock: what takes time never comes. */
void transport_mem_init(struct transport_mem *mem, const struct server *server);

/* Of the device; none may be open. */
void transport_mem_use_clock(struct transport_mem *mem, struct clock *clock);

/* The server holds something else now, and remembers none of its faults. What is open goes on. */
void transport_mem_serve(struct transport_mem *mem, const struct server *server);

/* The other side lost its power: what was open is gone. */
void transport_mem_drop(struct transport_mem *mem);

#endif
