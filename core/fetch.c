#include "core/fetch.h"

#include <string.h>

#include "core/bytes.h"

#define HTTP_OK        200
#define HTTP_PARTIAL   206
#define HTTP_BAD_RANGE 416

enum ota_err fetch_start(struct fetch *fetch, const struct hal *hal, struct store *store,
                         const char *url, const uint8_t digest[CRYPTO_SHA256_SIZE],
                         uint32_t size_max, uint8_t *buffer)
{
    fetch->hal = hal;
    fetch->state = FETCH_REHASH;
    fetch->error = OTA_OK;
    fetch->url = url;
    fetch->size_max = size_max;
    fetch->hashed = 0;
    fetch->retry_after_s = 0;
    fetch->buffer = buffer;
    crypto_sha256_start(hal->crypto, &fetch->hash);
    enum ota_err err = part_open(&fetch->part, store, digest);
    if (!err && fetch->part.size && !fetch->part.label.validator[0] &&
        fetch->part.size != fetch->part.label.total)
        err = part_restart(&fetch->part, "", 0);
    if (err)
        part_close(&fetch->part);
    fetch->total = fetch->part.label.total;
    return err;
}

static enum fetch_state fail(struct fetch *fetch, enum ota_err err)
{
    fetch->error = err;
    fetch_stop(fetch);
    return fetch->state = FETCH_FAILED;
}

static enum fetch_state finish(struct fetch *fetch)
{
    crypto_sha256_finish(fetch->hal->crypto, &fetch->hash, fetch->digest);
    transport_close(fetch->hal->transport);
    enum ota_err err = part_sync(&fetch->part);
    return err ? fail(fetch, err) : (fetch->state = FETCH_DONE);
}

static enum fetch_state rehash(struct fetch *fetch)
{
    struct part *part = &fetch->part;
    uint32_t size = bytes_min(IMAGE_BUFFER_SIZE, part->size - fetch->hashed);

    if (size) {
        struct image_source *source = &part->file.source;
        enum ota_err err = source->read(source, fetch->hashed, fetch->buffer, size);
        if (err)
            return fail(fetch, err);
        crypto_sha256_update(fetch->hal->crypto, &fetch->hash, fetch->buffer, size);
        fetch->hashed += size;
    }
    if (fetch->hashed < part->size)
        return fetch->state;
    if (part->size && part->size == fetch->total)
        return finish(fetch);
    return fetch->state = FETCH_OPEN;
}

static enum fetch_state ask(struct fetch *fetch)
{
    struct transport_request request = {
        .url = fetch->url,
        .range_from = fetch->part.size,
        .validator = fetch->part.size ? fetch->part.label.validator : NULL,
    };
    enum ota_err err = transport_open(fetch->hal->transport, &request);

    return err ? fail(fetch, err) : (fetch->state = FETCH_HEADERS);
}

/* Drop what is there: the next byte is the first of a file with this validator and size. */
static enum ota_err start_again(struct fetch *fetch, const char *validator, uint32_t total)
{
    fetch->total = total;
    fetch->hashed = 0;
    crypto_sha256_start(fetch->hal->crypto, &fetch->hash);
    return part_restart(&fetch->part, validator, total);
}

/* Only with bytes that are dropped here, so once. */
static enum fetch_state ask_again(struct fetch *fetch)
{
    transport_close(fetch->hal->transport);
    log_event(fetch->hal->log, LOG_OTA_RESTART, OTA_ERR_CHANGED, 0, 0);
    enum ota_err err = start_again(fetch, "", 0);
    return err ? fail(fetch, err) : (fetch->state = FETCH_OPEN);
}

/* The rest of the file we have the front of? */
static bool is_continuation(const struct fetch *fetch, const struct transport_response *response)
{
    const struct part_label *label = &fetch->part.label;

    if (!response->has_range || response->range_from != fetch->part.size)
        return false;
    if (response->range_total && label->total && response->range_total != label->total)
        return false;
    return strncmp(response->validator, label->validator, sizeof label->validator) == 0;
}

static enum fetch_state accept_whole(struct fetch *fetch, const struct transport_response *response)
{
    uint64_t total = response->has_length ? response->length : 0;

    if (total > fetch->size_max)
        return fail(fetch, OTA_ERR_SIZE);
    if (fetch->part.size)
        log_event(fetch->hal->log, LOG_OTA_RESTART, OTA_ERR_CHANGED, 0, 0);
    enum ota_err err = start_again(fetch, response->validator, (uint32_t)total);
    return err ? fail(fetch, err) : (fetch->state = FETCH_SIZED);
}

static enum fetch_state take_headers(struct fetch *fetch)
{
    struct transport *transport = fetch->hal->transport;
    enum transport_state state = transport_poll(transport);

    if (state == TRANSPORT_WAITING)
        return fetch->state;
    if (state == TRANSPORT_FAILED)
        return fail(fetch, transport_failure(transport));

    const struct transport_response *response = transport_response(transport);
    switch (response->status) {
    case HTTP_OK:
        return accept_whole(fetch, response);
    case HTTP_PARTIAL:
        if (!fetch->part.size)
            return fail(fetch, OTA_ERR_HTTP);
        if (!is_continuation(fetch, response))
            return ask_again(fetch);
        return fetch->state = FETCH_SIZED;
    case HTTP_BAD_RANGE:
        if (fetch->part.size)
            return ask_again(fetch);
        return fail(fetch, OTA_ERR_HTTP);
    default:
        fetch->retry_after_s = response->retry_after_s;
        return fail(fetch, OTA_ERR_HTTP);
    }
}

static enum fetch_state take_body(struct fetch *fetch)
{
    struct transport *transport = fetch->hal->transport;
    enum transport_state state = transport_poll(transport);

    if (state == TRANSPORT_FAILED)
        return fail(fetch, transport_failure(transport));
    uint32_t size = transport_read(transport, fetch->buffer, IMAGE_BUFFER_SIZE);
    if (size) {
        uint32_t limit = fetch->total ? fetch->total : fetch->size_max;
        if (size > limit - fetch->part.size)
            return fail(fetch, fetch->total ? OTA_ERR_HTTP : OTA_ERR_SIZE);
        crypto_sha256_update(fetch->hal->crypto, &fetch->hash, fetch->buffer, size);
        enum ota_err err = part_write(&fetch->part, fetch->buffer, size);
        return err ? fail(fetch, err) : fetch->state;
    }
    if (state != TRANSPORT_DONE)
        return fetch->state;
    if (fetch->total && fetch->part.size != fetch->total)
        return fail(fetch, OTA_ERR_NET);
    return finish(fetch);
}

enum fetch_state fetch_step(struct fetch *fetch)
{
    switch (fetch->state) {
    case FETCH_REHASH:
        return rehash(fetch);
    case FETCH_OPEN:
        return ask(fetch);
    case FETCH_HEADERS:
        return take_headers(fetch);
    case FETCH_SIZED:
        fetch->state = FETCH_BODY;
        return take_body(fetch);
    case FETCH_BODY:
        return take_body(fetch);
    case FETCH_DONE:
    case FETCH_FAILED:
        break;
    }
    return fetch->state;
}

void fetch_stop(struct fetch *fetch)
{
    transport_close(fetch->hal->transport);
    part_close(&fetch->part);
}
