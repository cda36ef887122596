#include "sim/report/origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/crc32.h"
#include "sim/image/file.h"

static void print_digest(XXH128_hash_t hash, char ret_digest[ORIGIN_DIGEST_MAX])
{
    snprintf(ret_digest, ORIGIN_DIGEST_MAX, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

void origin_init(struct origin *origin, const char *version)
{
    uint8_t *program;
    uint32_t size;

    memset(origin, 0, sizeof *origin);
    origin->shard = origin->shards = 1;
    snprintf(origin->version, sizeof origin->version, "%s", version);
    if (file_read("/proc/self/exe", UINT32_MAX, &program, &size))
        return; /* no program is like one that cannot be read, but for another one */
    print_digest(XXH3_128bits(program, size), origin->build);
    free(program);
}

void origin_add(struct origin *origin, const char *name, const char *digest)
{
    char text[ORIGIN_DIGEST_MAX + SCENARIO_ID_MAX + ORIGIN_DIGEST_MAX];
    int length = snprintf(text, sizeof text, "%s %s %s", origin->digest, name, digest);

    print_digest(XXH3_128bits(text, (size_t)length), origin->digest);
    origin->scenarios++;
}

uint32_t origin_shard_of(const char *name, uint32_t shards)
{
    return crc32_update(0, name, (uint32_t)strlen(name)) % shards + 1;
}

bool origin_is_alike(const struct origin *a, const struct origin *b, const char **ret_what)
{
    if (strcmp(a->version, b->version) != 0)
        *ret_what = "version of brownout";
    else if (strcmp(a->build, b->build) != 0)
        *ret_what = "build of brownout";
    else if (a->scenarios != b->scenarios || strcmp(a->digest, b->digest) != 0)
        *ret_what = "set of scenarios";
    else if (a->shards != b->shards)
        *ret_what = "number of shares";
    else
        return true;
    return false;
}
