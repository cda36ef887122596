#include "sim/mount/handles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "sim/mount/store_files.h"

struct handle *handles_writer(const struct handles *handles, const char *stored)
{
    for (struct handle *at = handles->writers; at; at = at->next)
        if (!at->is_gone && strcmp(at->path, stored) == 0)
            return at;
    return NULL;
}

static void free_handle(struct handle *handle)
{
    free(handle->bytes);
    free(handle);
}

static bool is_raw(const struct handle *handle)
{
    return handle->node.cells != NULL;
}

static int open_writer(struct handles *handles, struct handle *handle)
{
    struct handle *writer = handles_writer(handles, handle->node.stored);

    if (writer) {
        writer->opens++;
        return 0;
    }
    int err = tree_read(handles->insides, &handle->node, &handle->bytes, &handle->size);
    if (err)
        return err;
    snprintf(handle->path, sizeof handle->path, "%s", handle->node.stored);
    handle->next = handles->writers;
    handles->writers = handle;
    return 0;
}

static int open_found(struct handles *handles, struct handle *handle)
{
    const struct tree_node *node = &handle->node;

    if (node->is_folder)
        return -EISDIR;
    if (!handle->may_write)
        return tree_read(handles->insides, node, &handle->bytes, &handle->size);
    if (node->stored)
        return open_writer(handles, handle);
    handle->size = node->size;
    return node->may_poke ? 0 : -EACCES;
}

int handles_open(struct handles *handles, const char *path, bool to_write, bool truncate,
                 struct handle **ret_handle)
{
    struct handle *handle = calloc(1, sizeof *handle);

    if (!handle)
        return -ENOMEM;
    handle->may_write = to_write;
    handle->opens = 1;
    int err = tree_find(handles->insides, path, &handle->node);
    if (!err)
        err = open_found(handles, handle);
    if (err || (to_write && handle->node.stored && handles->writers != handle)) {
        *ret_handle = err ? NULL : handles_writer(handles, handle->node.stored);
        free_handle(handle);
    } else {
        *ret_handle = handle;
    }
    if (!err && truncate)
        err = handles_resize(handles, *ret_handle, 0);
    return err;
}

int handles_create(struct handles *handles, const char *path, bool must_be_new,
                   struct handle **ret_handle)
{
    struct tree_node node;
    int err = tree_find(handles->insides, path, &node);

    if (!node.stored)
        return -EPERM;
    if (err == -ENOENT)
        err = store_files_write(handles->insides, node.stored, "", 0, true);
    else if (!err && must_be_new)
        err = -EEXIST;
    return err ? err : handles_open(handles, path, true, false, ret_handle);
}

int handles_read(struct handle *handle, void *data, uint32_t size, uint64_t offset)
{
    const uint8_t *bytes = handle->bytes;

    if (offset >= handle->size)
        return 0;
    if (!bytes)
        bytes = handle->node.cells->bytes + handle->node.offset;
    size = bytes_min(size, handle->size - (uint32_t)offset);
    memcpy(data, bytes + offset, size);
    return (int)size;
}

/* --- writing --------------------------------------------------------------------------------- */

static void note_pokes(struct handles *handles, struct handle *handle)
{
    if (handle->poked_to > handle->poked_from)
        insides_note(handles->insides, "%s: bytes 0x%06X to 0x%06X poked",
                     handle->node.cells->flash.name, handle->node.offset + handle->poked_from,
                     handle->node.offset + handle->poked_to - 1);
    handle->poked_from = handle->poked_to = 0;
}

static int poke(struct handles *handles, struct handle *handle, const void *data, uint32_t size,
                uint32_t offset)
{
    if (offset >= handle->size)
        return -ENOSPC;
    size = bytes_min(size, handle->size - offset);
    if (offset != handle->poked_to) {
        note_pokes(handles, handle);
        handle->poked_from = offset;
    }
    handle->poked_to = offset + size;
    insides_poke(handles->insides, handle->node.cells, handle->node.offset + offset, data, size);
    return (int)size;
}

/* Larger than its flash a file can never be. */
static int resize(struct handles *handles, struct handle *handle, uint64_t size)
{
    if (size > handles->insides->spi.flash.size)
        return -EFBIG;
    if (size == handle->size)
        return 0;
    uint8_t *bytes = realloc(handle->bytes, (size_t)size + 1);
    if (!bytes)
        return -ENOMEM;
    if (size > handle->size)
        memset(bytes + handle->size, 0, (size_t)size - handle->size);
    handle->bytes = bytes;
    handle->size = (uint32_t)size;
    handle->is_dirty = true;
    return 0;
}

int handles_resize(struct handles *handles, struct handle *handle, uint64_t size)
{
    if (!handle->may_write)
        return -EBADF;
    return is_raw(handle) ? 0 : resize(handles, handle, size);
}

int handles_write(struct handles *handles, struct handle *handle, const void *data, uint32_t size,
                  uint64_t offset)
{
    if (!handle->may_write)
        return -EBADF;
    if (is_raw(handle))
        return offset > UINT32_MAX ? -ENOSPC : poke(handles, handle, data, size, (uint32_t)offset);
    int err = offset + size > handle->size ? resize(handles, handle, offset + size) : 0;
    if (err)
        return err;
    memcpy(handle->bytes + offset, data, size);
    handle->is_dirty = true;
    return (int)size;
}

int handles_flush(struct handles *handles, struct handle *handle)
{
    if (is_raw(handle))
        note_pokes(handles, handle);
    if (!handle->is_dirty || handle->is_gone)
        return 0;
    int err = store_files_write(handles->insides, handle->path, handle->bytes, handle->size, false);
    handle->is_dirty = err != 0;
    return err;
}

void handles_close(struct handles *handles, struct handle *handle)
{
    if (--handle->opens)
        return;
    (void)handles_flush(handles, handle); /* close() has told of what failed */
    for (struct handle **at = &handles->writers; *at; at = &(*at)->next) {
        if (*at == handle) {
            *at = handle->next;
            break;
        }
    }
    free_handle(handle);
}

void handles_renamed(struct handles *handles, const char *from, const char *to)
{
    size_t length = strlen(from);
    char path[PATH_MAX];

    for (struct handle *at = handles->writers; to && at; at = at->next)
        at->is_gone |= strcmp(at->path, to) == 0;
    for (struct handle *at = handles->writers; at; at = at->next) {
        if (strncmp(at->path, from, length) != 0 ||
            (at->path[length] != '\0' && at->path[length] != '/') || at->is_gone)
            continue;
        at->is_gone = to == NULL;
        if (to && (size_t)snprintf(path, sizeof path, "%s%s", to, at->path + length) < sizeof path)
            strcpy(at->path, path);
    }
}
