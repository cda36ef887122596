#ifndef SIM_CLI_SHARD_H
#define SIM_CLI_SHARD_H

#include <stdint.h>

/*
 * Which share of the scenarios is run here: "I/N", I from 1 to N, or "auto", which asks the
 * environment, where the usual engines say which of how many tasks this is. The first of the table
 * that is set is taken, and said on stderr; one that does not make sense, or whose count is
 * nowhere, is an error, and never all of them.
 *
 * false: one error was said.
 */
_Bool shard_parse(const char *text, uint32_t *ret_index, uint32_t *ret_count);

#endif
