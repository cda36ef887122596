#ifndef SIM_REPORT_ORIGIN_H
#define SIM_REPORT_ORIGIN_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

/*
 * Where a report comes from: the program, all the scenarios that were named, and which share of
 * them was run. Reports of shares of one whole agree in all of it but the share.
 */
#define ORIGIN_DIGEST_MAX 33

struct origin {
    char version[16];
    char build[ORIGIN_DIGEST_MAX];  /* of the program's file */
    uint32_t shard, shards;         /* from 1 */
    uint32_t scenarios;             /* of all shares */
    char digest[ORIGIN_DIGEST_MAX]; /* of their names and their files, in order */
};

/* Of this program, the only share, with no scenario yet. */
void origin_init(struct origin *origin, const char *version);

/* One scenario more, with the digest of its file. */
void origin_add(struct origin *origin, const char *name, const char *digest);

/* The share, from 1, that a scenario is in: by its name, so that a new one moves no other. */
uint32_t origin_shard_of(const char *name, uint32_t shards);

/* Are both shares, maybe different ones, of one whole? If not, *ret_what differs. */
bool origin_is_alike(const struct origin *a, const struct origin *b, const char **ret_what);

#endif
