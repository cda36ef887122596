#include "hal_pic32/network_none.h"

#include <stddef.h>

static bool is_up(struct link *link)
{
    (void)link;
    return false;
}

static enum ota_err open(struct transport *transport, const struct transport_request *request)
{
    (void)transport;
    (void)request;
    return OTA_ERR_NET;
}

static enum transport_state poll(struct transport *transport)
{
    (void)transport;
    return TRANSPORT_FAILED;
}

/* Asked for only once a transfer is open, which none ever is. */
static const struct transport_response *response(struct transport *transport)
{
    (void)transport;
    return NULL;
}

static uint32_t read(struct transport *transport, void *data, uint32_t size)
{
    (void)transport;
    (void)data;
    (void)size;
    return 0;
}

static enum ota_err failure(struct transport *transport)
{
    (void)transport;
    return OTA_ERR_NET;
}

static void close(struct transport *transport)
{
    (void)transport;
}

static const struct link_ops link_ops = {.is_up = is_up};
static const struct transport_ops transport_ops = {
    .open = open,
    .poll = poll,
    .response = response,
    .read = read,
    .failure = failure,
    .close = close,
};

void network_none_init(struct network_none *none)
{
    none->link.ops = &link_ops;
    none->transport.ops = &transport_ops;
}
