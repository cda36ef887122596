#include "tests/rig_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static enum ota_err read_below(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    struct rig_flash *rig_flash = (struct rig_flash *)flash;

    if (rig_flash->is_dead)
        return OTA_ERR_FLASH;
    if (rig_flash->fail_read_in && --rig_flash->fail_read_in == 0) {
        rig_flash->fail_read_in = rig_flash->fail_reads_more ? 1 : 0;
        rig_flash->fail_reads_more -= rig_flash->fail_read_in;
        return OTA_ERR_FLASH;
    }
    return rig_flash->below->ops->read(rig_flash->below, offset, data, size);
}

static enum ota_err program_below(struct flash *flash, uint32_t offset, const void *data,
                                  uint32_t size)
{
    struct rig_flash *rig_flash = (struct rig_flash *)flash;

    if (rig_flash->is_dead || rig_flash->is_read_only)
        return OTA_ERR_FLASH;
    if (offset / flash->erase_size == rig_flash->bad_page && rig_flash->bad_times) {
        rig_flash->bad_times--;
        return OTA_ERR_FLASH;
    }
    return rig_flash->below->ops->program(rig_flash->below, offset, data, size);
}

static enum ota_err erase_below(struct flash *flash, uint32_t offset)
{
    struct rig_flash *rig_flash = (struct rig_flash *)flash;

    if (rig_flash->is_dead || rig_flash->is_read_only)
        return OTA_ERR_FLASH;
    return rig_flash->below->ops->erase(rig_flash->below, offset);
}

static enum ota_err unlock_below(struct flash *flash)
{
    struct rig_flash *rig_flash = (struct rig_flash *)flash;

    return rig_flash->is_dead ? OTA_ERR_FLASH : flash_unlock(rig_flash->below);
}

static void protect_below(struct flash *flash, uint32_t from, uint32_t to)
{
    struct rig_flash *rig_flash = (struct rig_flash *)flash;

    rig_note_protect(rig_flash->rig, from, to);
    flash_protect(rig_flash->below, from, to);
}

static const struct flash_ops flash_ops = {read_below, program_below, erase_below, unlock_below,
                                           protect_below};

void rig_flash_init(struct rig_flash *flash, struct flash *below, struct rig *rig)
{
    *flash =
        (struct rig_flash){*below, below, rig, .bad_page = UINT32_MAX, .bad_times = UINT32_MAX};
    flash->flash.ops = &flash_ops;
}

static enum ota_err open_next(struct transport *transport, const struct transport_request *request)
{
    struct rig_server *server = (struct rig_server *)transport;
    struct rig_request *noted = &server->requests[server->request_count];

    assert_false(server->is_open);
    assert_true(server->request_count < RIG_REQUESTS_MAX);
    *noted = (struct rig_request){.range_from = request->range_from,
                                  .has_validator = request->validator};
    snprintf(noted->url, sizeof noted->url, "%s", request->url);
    if (request->validator)
        snprintf(noted->validator, sizeof noted->validator, "%s", request->validator);
    server->request_count++;
    if (server->answered == server->answer_count)
        return OTA_ERR_NET;

    const struct rig_answer *answer = &server->answers[server->answered++];
    server->now = *answer;
    server->waited = server->sent = 0;
    server->response = (struct transport_response){
        .status = answer->status,
        .has_length = !answer->has_no_length,
        .length = answer->length ? answer->length : answer->body_size,
        .has_range = answer->has_range,
        .range_from = answer->range_from,
        .range_total = answer->range_total,
        .retry_after_s = answer->retry_after_s,
    };
    if (answer->validator)
        snprintf(server->response.validator, TRANSPORT_VALIDATOR_MAX, "%s", answer->validator);
    server->is_open = answer->open_err == OTA_OK;
    return answer->open_err;
}

static enum transport_state poll_now(struct transport *transport)
{
    struct rig_server *server = (struct rig_server *)transport;

    assert_true(server->is_open);
    if (server->waited < server->now.waits) {
        server->waited++;
        return TRANSPORT_WAITING;
    }
    if (server->sent < server->now.body_size)
        return TRANSPORT_BODY;
    if (server->now.is_endless)
        return server->now.status ? TRANSPORT_BODY : TRANSPORT_WAITING;
    return server->now.end ? TRANSPORT_FAILED : TRANSPORT_DONE;
}

static const struct transport_response *response_now(struct transport *transport)
{
    return &((struct rig_server *)transport)->response;
}

static uint32_t read_now(struct transport *transport, void *data, uint32_t size)
{
    struct rig_server *server = (struct rig_server *)transport;
    uint32_t left = server->now.body_size - server->sent;

    assert_true(server->is_open);
    size = size < left ? size : left;
    size = size < server->segment ? size : server->segment;
    if (size)
        memcpy(data, (const uint8_t *)server->now.body + server->sent, size);
    server->sent += size;
    return size;
}

static enum ota_err failure_now(struct transport *transport)
{
    return ((struct rig_server *)transport)->now.end;
}

static void close_now(struct transport *transport)
{
    ((struct rig_server *)transport)->is_open = false;
}

static const struct transport_ops server_ops = {open_next, poll_now,    response_now,
                                                read_now,  failure_now, close_now};

void rig_server_init(struct rig_server *server)
{
    *server = (struct rig_server){.transport = {&server_ops}, .segment = 4096};
}

void rig_answers(struct rig *rig, const struct rig_answer *answers, uint32_t count)
{
    rig->server.answers = answers;
    rig->server.answer_count = count;
    rig->server.answered = 0;
    rig->server.request_count = 0;
}
