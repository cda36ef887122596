#ifndef SIM_CLI_IMAGE_IO_H
#define SIM_CLI_IMAGE_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "core/image.h"
#include "sim/image/blocks.h"

/* What the subcommands of 'brownout image' share. What fails has said why, in one error. */

#define IMAGE_IO_VENDOR "microchip" /* the default product */
#define IMAGE_IO_CLASS  "pic32mzw1"

struct image_io_bytes {
    uint8_t *data;
    uint32_t size;
};

bool image_io_read(const char *path, struct image_io_bytes *ret_bytes);

/* Returns enum cli_exit. */
int image_io_write(const char *path, const uint8_t *data, uint32_t size);

/* The same, as Intel HEX. */
int image_io_write_hex(const char *path, const struct blocks *blocks);

/* The output is not the input itself, which would be lost. */
bool image_io_is_other(const char *input, const char *output);

/* Exactly one operand is left in argv. */
bool image_io_one_operand(const char *command, int argc, char **argv);

/* NULL stands for the default. */
bool image_io_product(const char *vendor, const char *class_name, uint8_t ret_vendor[IMAGE_ID_SIZE],
                      uint8_t ret_class[IMAGE_ID_SIZE]);

bool image_io_number(const char *option, const char *text, uint32_t min, uint32_t *ret_value);

/* What a HEX or ELF file loads. */
bool image_io_blocks(const char *path, const struct image_io_bytes *input,
                     struct blocks *ret_blocks);

/* The code of the application in a HEX or ELF file; the caller's to free(). NULL: refused. */
uint8_t *image_io_code(const char *path, const struct image_io_bytes *input, uint32_t *ret_size);

#endif
