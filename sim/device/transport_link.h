#ifndef SIM_DEVICE_TRANSPORT_LINK_H
#define SIM_DEVICE_TRANSPORT_LINK_H

#include <stdbool.h>

#include "core/transport.h"
#include "sim/device/station.h"

/* A transport filter: what is under way fails when the station loses its link, and bytes that get
 * through count for the drops that wait for them. Plain data. */
struct transport_link {
    struct transport transport;
    struct transport *below;
    struct station *station;
    bool is_lost; /* the transfer that is open lost the link */
};

void transport_link_init(struct transport_link *link, struct transport *below,
                         struct station *station);

#endif
