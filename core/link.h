#ifndef CORE_LINK_H
#define CORE_LINK_H

#include <stdbool.h>

/* The network link seam: on the product a Wi-Fi station that joins its access point by itself. */
struct link;

struct link_ops {
    /* Joined, and an IP address is there. */
    bool (*is_up)(struct link *link);
};

struct link {
    const struct link_ops *ops;
};

/* Without a link (NULL) the network is always up. */
static inline bool link_is_up(struct link *link)
{
    return !link || link->ops->is_up(link);
}

#endif
