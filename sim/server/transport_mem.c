#include "sim/server/transport_mem.h"

#include <string.h>

#define SLOW_BYTES 64 /* a second */
#define SLOW_MS    60000
#define SAMPLE_MS  1000 /* speed is looked at so often */

static struct transport_mem *from_transport(struct transport *transport)
{
    return (struct transport_mem *)transport;
}

static uint64_t now_ms(const struct transport_mem *mem)
{
    return mem->clock ? clock_now_ms(mem->clock) : 0;
}

static void misuse(struct transport_mem *mem, const char *text)
{
    if (!mem->misuse)
        mem->misuse = text;
}

/* The path of http://host/path, or NULL. */
static const char *path_of(const char *url)
{
    const char *host = NULL;

    if (strncmp(url, "http://", 7) == 0)
        host = url + 7;
    else if (strncmp(url, "https://", 8) == 0)
        host = url + 8;
    return host ? strchr(host, '/') : NULL;
}

static enum ota_err transport_mem_open(struct transport *transport,
                                       const struct transport_request *request)
{
    struct transport_mem *mem = from_transport(transport);
    const char *path = path_of(request->url);

    if (!path)
        return OTA_ERR_FORMAT;
    if (mem->is_open) {
        misuse(mem, "opened while a request is open");
        return OTA_ERR_STATE;
    }
    mem->requests++;
    if (mem->is_down)
        return OTA_ERR_NET;
    server_answer_make(mem->server, &mem->memory, path, request, &mem->answer);
    if (mem->answer.is_refused)
        return mem->answer.failure;
    mem->is_open = true;
    mem->is_given_up = false;
    mem->next = mem->sample_bytes = 0;
    mem->opened_ms = mem->fast_ms = mem->sample_ms = now_ms(mem);
    return OTA_OK;
}

/* Bytes of the body that have arrived by now. */
static uint64_t arrived(const struct transport_mem *mem)
{
    return server_answer_arrived(&mem->answer, now_ms(mem) - mem->opened_ms);
}

static void give_up(struct transport_mem *mem, bool is_known)
{
    struct server_answer *answer = &mem->answer;

    mem->is_given_up = true;
    answer->size = arrived(mem);
    answer->rate = answer->stall_ms = 0;
    answer->ending = OTA_ERR_TIMEOUT;
    if (!is_known)
        answer->failure = OTA_ERR_TIMEOUT;
}

/* Nobody waits for ever for a line that is as good as dead. */
static void watch_speed(struct transport_mem *mem, bool is_known)
{
    uint64_t now = now_ms(mem), passed = now - mem->sample_ms, bytes = arrived(mem);

    if (mem->is_given_up || mem->answer.failure || (is_known && bytes == mem->answer.size))
        return;
    if (passed >= SAMPLE_MS) {
        if ((bytes - mem->sample_bytes) * 1000 >= SLOW_BYTES * passed)
            mem->fast_ms = now;
        mem->sample_ms = now;
        mem->sample_bytes = bytes;
    }
    if (now - mem->fast_ms >= SLOW_MS)
        give_up(mem, is_known);
}

static enum transport_state transport_mem_poll(struct transport *transport)
{
    struct transport_mem *mem = from_transport(transport);
    struct server_answer *answer = &mem->answer;

    if (!mem->is_open) {
        misuse(mem, "polled while no request is open");
        return TRANSPORT_FAILED;
    }
    bool is_known = server_answer_is_known(answer, now_ms(mem) - mem->opened_ms);
    watch_speed(mem, is_known);
    server_answer_reach(answer, &mem->memory, mem->next);
    if (answer->failure)
        return TRANSPORT_FAILED;
    if (!is_known)
        return TRANSPORT_WAITING;
    if (mem->next < answer->size)
        return TRANSPORT_BODY;
    return answer->ending ? TRANSPORT_FAILED : TRANSPORT_DONE;
}

static const struct transport_response *transport_mem_response(struct transport *transport)
{
    static const struct transport_response unknown = {0};
    struct transport_mem *mem = from_transport(transport);

    if (mem->is_open && !mem->answer.failure &&
        server_answer_is_known(&mem->answer, now_ms(mem) - mem->opened_ms))
        return &mem->answer.response;
    misuse(mem, "asked for a response that is not known");
    return &unknown;
}

static uint32_t transport_mem_read(struct transport *transport, void *data, uint32_t size)
{
    struct transport_mem *mem = from_transport(transport);
    struct server_answer *answer = &mem->answer;
    bool has_bytes = mem->is_open && !answer->failure;
    if (!mem->is_open)
        misuse(mem, "read while no request is open");
    uint64_t left = has_bytes ? arrived(mem) - mem->next : 0;

    if (size > answer->segment)
        size = answer->segment;
    if (size > left)
        size = (uint32_t)left;
    server_answer_read(answer, mem->next, data, size);
    mem->next += size;
    server_answer_reach(answer, &mem->memory, mem->next);
    return size;
}

static enum ota_err transport_mem_failure(struct transport *transport)
{
    const struct transport_mem *mem = from_transport(transport);
    enum ota_err failure = mem->answer.failure ? mem->answer.failure : mem->answer.ending;

    return mem->is_open && failure ? failure : OTA_ERR_NET;
}

static void transport_mem_close(struct transport *transport)
{
    from_transport(transport)->is_open = false;
}

static const struct transport_ops ops = {
    .open = transport_mem_open,
    .poll = transport_mem_poll,
    .response = transport_mem_response,
    .read = transport_mem_read,
    .failure = transport_mem_failure,
    .close = transport_mem_close,
};

void transport_mem_init(struct transport_mem *mem, const struct server *server)
{
    *mem = (struct transport_mem){.transport = {&ops}, .server = server};
}

void transport_mem_use_clock(struct transport_mem *mem, struct clock *clock)
{
    mem->clock = clock;
}

void transport_mem_serve(struct transport_mem *mem, const struct server *server)
{
    mem->server = server;
    mem->memory = (struct server_memory){0};
    mem->answer.waiting = 0;
}

void transport_mem_drop(struct transport_mem *mem)
{
    mem->is_open = false;
}
