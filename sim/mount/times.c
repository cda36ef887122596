#include "sim/mount/times.h"

#include <stdlib.h>
#include <string.h>

struct times_entry {
    struct times_entry *next;
    struct timespec when;
    char path[];
};

void times_init(struct times *times, const struct timespec *other)
{
    *times = (struct times){.other = *other};
}

void times_free(struct times *times)
{
    while (times->first) {
        struct times_entry *next = times->first->next;
        free(times->first);
        times->first = next;
    }
}

static struct times_entry *find(const struct times *times, const char *path)
{
    for (struct times_entry *at = times->first; at; at = at->next)
        if (strcmp(at->path, path) == 0)
            return at;
    return NULL;
}

void times_set(struct times *times, const char *path, const struct timespec *when)
{
    struct times_entry *entry = find(times, path);

    if (!entry) {
        size_t size = strlen(path) + 1;
        entry = malloc(sizeof *entry + size);
        if (!entry)
            return;
        memcpy(entry->path, path, size);
        entry->next = times->first;
        times->first = entry;
    }
    if (when)
        entry->when = *when;
    else
        clock_gettime(CLOCK_REALTIME, &entry->when);
}

struct timespec times_get(const struct times *times, const char *path)
{
    const struct times_entry *entry = find(times, path);

    return entry ? entry->when : times->other;
}
