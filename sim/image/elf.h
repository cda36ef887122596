#ifndef SIM_IMAGE_ELF_H
#define SIM_IMAGE_ELF_H

#include "sim/image/blocks.h"

/*
 * The bytes that an ELF file of this chip (32 bit, little-endian, MIPS, executable) loads, by
 * physical load address.
 * false: ret_error says why ("not for MIPS"); ret_blocks is then empty.
 */
#define ELF_ERROR_SIZE 160

bool elf_read(const uint8_t *bytes, uint32_t size, struct blocks *ret_blocks,
              char ret_error[ELF_ERROR_SIZE]);

/* Where the function or variable of this name is, in such a file that elf_read() takes; false: it
 * has no such symbol, or is not such a file. */
bool elf_find_symbol(const uint8_t *bytes, uint32_t size, const char *name, uint32_t *ret_address);

#endif
