#ifndef SIM_IMAGE_HEX_H
#define SIM_IMAGE_HEX_H

#include <stdio.h>

#include "sim/image/blocks.h"

/* Intel HEX: what programmers read, and what a compiler's objcopy and XC32 write. */

/*
 * Read all of a file. The record types 00 to 05 are known, addresses become physical
 * (blocks_physical()), start addresses are passed over.
 * false: ret_error says where and why ("line 3: the checksum is 5A, and should be 5B"); ret_blocks
 * is then empty.
 */
#define HEX_ERROR_SIZE 160

bool hex_read(const char *text, uint32_t size, struct blocks *ret_blocks,
              char ret_error[HEX_ERROR_SIZE]);

/* Write it: records of up to 16 bytes that do not reach over an address that is a multiple of 16,
 * in the order of their addresses. What went wrong stays in ferror(out). */
void hex_write(FILE *out, const struct blocks *blocks);

#endif
