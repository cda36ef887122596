#ifndef HAL_PIC32_NETWORK_NONE_H
#define HAL_PIC32_NETWORK_NONE_H

#include "core/link.h"
#include "core/transport.h"

/* The network seams of a board without one: the link is down, and a transfer cannot start. */
struct network_none {
    struct link link;
    struct transport transport;
};

void network_none_init(struct network_none *none);

#endif
