#include "sim/device/transport_link.h"

static struct transport_link *from_transport(struct transport *transport)
{
    return (struct transport_link *)transport;
}

static enum ota_err transport_link_open(struct transport *transport,
                                        const struct transport_request *request)
{
    struct transport_link *link = from_transport(transport);

    link->is_lost = false;
    if (station_state(link->station) != STATION_UP)
        return OTA_ERR_NET;
    return transport_open(link->below, request);
}

static enum transport_state transport_link_poll(struct transport *transport)
{
    struct transport_link *link = from_transport(transport);

    if (station_state(link->station) != STATION_UP)
        link->is_lost = true;
    return link->is_lost ? TRANSPORT_FAILED : transport_poll(link->below);
}

static const struct transport_response *transport_link_response(struct transport *transport)
{
    return transport_response(from_transport(transport)->below);
}

static uint32_t transport_link_read(struct transport *transport, void *data, uint32_t size)
{
    struct transport_link *link = from_transport(transport);

    if (link->is_lost)
        return 0;
    uint32_t taken = transport_read(link->below, data, size);
    station_received(link->station, taken);
    return taken;
}

static enum ota_err transport_link_failure(struct transport *transport)
{
    struct transport_link *link = from_transport(transport);

    return link->is_lost ? OTA_ERR_NET : transport_failure(link->below);
}

static void transport_link_close(struct transport *transport)
{
    transport_close(from_transport(transport)->below);
}

static const struct transport_ops ops = {
    .open = transport_link_open,
    .poll = transport_link_poll,
    .response = transport_link_response,
    .read = transport_link_read,
    .failure = transport_link_failure,
    .close = transport_link_close,
};

void transport_link_init(struct transport_link *link, struct transport *below,
                         struct station *station)
{
    *link = (struct transport_link){.transport = {&ops}, .below = below, .station = station};
}
