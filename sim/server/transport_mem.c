#include "sim/server/transport_mem.h"

#include <string.h>

#define SEGMENT_SIZE 4096 /* bytes that are there at a time */

static struct transport_mem *from_transport(struct transport *transport)
{
    return (struct transport_mem *)transport;
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

static const struct server_file *find(const struct server *server, const char *path)
{
    for (uint32_t i = 0; i < server->count; i++)
        if (strcmp(server->files[i].path, path) == 0)
            return &server->files[i];
    return NULL;
}

static void answer(struct transport_mem *mem, const struct server_file *file,
                   const struct transport_request *request)
{
    struct transport_response *response = &mem->response;
    bool is_same = request->validator && strcmp(request->validator, file->validator) == 0;

    mem->file = file;
    mem->next = 0;
    mem->end = file->size;
    response->status = 200;
    memcpy(response->validator, file->validator, sizeof file->validator);
    if (request->range_from && is_same) {
        if (request->range_from >= file->size) {
            response->status = 416;
            mem->file = NULL;
            mem->end = 0;
        } else {
            response->status = 206;
            response->has_range = true;
            response->range_from = mem->next = request->range_from;
            response->range_total = file->size;
        }
    }
    response->has_length = true;
    response->length = mem->end - mem->next;
}

static enum ota_err transport_mem_open(struct transport *transport,
                                       const struct transport_request *request)
{
    struct transport_mem *mem = from_transport(transport);
    const char *path = path_of(request->url);

    if (!path)
        return OTA_ERR_FORMAT;
    mem->requests++;
    if (mem->is_down)
        return OTA_ERR_NET;
    memset(&mem->response, 0, sizeof mem->response);
    mem->is_open = true;
    mem->file = NULL;
    mem->next = mem->end = 0;
    const struct server_file *file = find(mem->server, path);
    if (file)
        answer(mem, file, request);
    else
        mem->response.status = 404;
    return OTA_OK;
}

static enum transport_state transport_mem_poll(struct transport *transport)
{
    struct transport_mem *mem = from_transport(transport);

    if (!mem->is_open)
        return TRANSPORT_FAILED;
    return mem->next < mem->end ? TRANSPORT_BODY : TRANSPORT_DONE;
}

static const struct transport_response *transport_mem_response(struct transport *transport)
{
    return &from_transport(transport)->response;
}

static uint32_t transport_mem_read(struct transport *transport, void *data, uint32_t size)
{
    struct transport_mem *mem = from_transport(transport);
    size_t left = mem->end - mem->next;

    if (size > SEGMENT_SIZE)
        size = SEGMENT_SIZE;
    if (size > left)
        size = (uint32_t)left;
    if (size)
        memcpy(data, mem->file->bytes + mem->next, size);
    mem->next += size;
    return size;
}

static enum ota_err transport_mem_failure(struct transport *transport)
{
    (void)transport;
    return OTA_ERR_NET;
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

void transport_mem_drop(struct transport_mem *mem)
{
    mem->is_open = false;
    mem->next = mem->end = 0;
}
