#include "core/check.h"

enum ota_err check_start(struct check *check, struct transport *transport, const char *url)
{
    struct transport_request request = {.url = url};

    check->transport = transport;
    check->error = OTA_OK;
    check->retry_after_s = 0;
    check->size = 0;
    return transport_open(transport, &request);
}

static enum check_state end(struct check *check, enum ota_err err)
{
    transport_close(check->transport);
    check->error = err;
    return err ? CHECK_FAILED : CHECK_DONE;
}

enum check_state check_step(struct check *check)
{
    struct transport *transport = check->transport;
    enum transport_state state = transport_poll(transport);
    uint32_t room = MANIFEST_TEXT_MAX - check->size;
    uint8_t extra;

    if (state == TRANSPORT_WAITING)
        return CHECK_WAITING;
    if (state == TRANSPORT_FAILED)
        return end(check, transport_failure(transport));
    const struct transport_response *response = transport_response(transport);
    if (response->status != 200) {
        check->retry_after_s = response->retry_after_s;
        return end(check, OTA_ERR_HTTP);
    }
    uint32_t size = room ? transport_read(transport, check->text + check->size, room)
                         : transport_read(transport, &extra, 1);
    if (size && !room)
        return end(check, OTA_ERR_LIMIT);
    check->size += size;
    if (size)
        return CHECK_GOING;
    return state == TRANSPORT_DONE ? end(check, OTA_OK) : CHECK_WAITING;
}
