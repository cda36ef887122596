#include "sim/cli/image_io.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/image/file.h"
#include "sim/image/firmware.h"
#include "sim/image/hex.h"
#include "sim/image/pack.h"

bool image_io_read(const char *path, struct image_io_bytes *ret_bytes)
{
    int error = file_read(path, FILE_IMAGE_MAX, &ret_bytes->data, &ret_bytes->size);

    if (error)
        cli_error("%s: %s", path, strerror(error));
    return !error;
}

int image_io_write(const char *path, const uint8_t *data, uint32_t size)
{
    int error = file_write(path, data, size);

    if (error)
        cli_error("%s: %s", strcmp(path, "-") == 0 ? "stdout" : path, strerror(error));
    return error ? CLI_USAGE : CLI_PASS;
}

int image_io_write_hex(const char *path, const struct blocks *blocks)
{
    char *text = NULL;
    size_t size = 0;
    FILE *memory = open_memstream(&text, &size);
    int status = CLI_FAULT;

    if (memory)
        hex_write(memory, blocks);
    if (!memory || fclose(memory) != 0 || size > UINT32_MAX)
        cli_error("%s: out of memory", path);
    else
        status = image_io_write(path, (const uint8_t *)text, (uint32_t)size);
    free(text);
    return status;
}

bool image_io_is_other(const char *input, const char *output)
{
    if (!file_is_same(input, output))
        return true;
    cli_error("%s: is the input, and would be lost", output);
    return false;
}

bool image_io_one_operand(const char *command, int argc, char **argv)
{
    if (argc - optind == 1)
        return true;
    if (argc == optind)
        cli_error("image %s: name the file", command);
    else
        cli_error("image %s: one file only, but there is '%s' too", command, argv[optind + 1]);
    return false;
}

bool image_io_product(const char *vendor, const char *class_name, uint8_t ret_vendor[IMAGE_ID_SIZE],
                      uint8_t ret_class[IMAGE_ID_SIZE])
{
    if (pack_uuid(vendor ? vendor : IMAGE_IO_VENDOR, pack_dns, ret_vendor)) {
        cli_error("--vendor: a name or a UUID is needed");
        return false;
    }
    if (pack_uuid(class_name ? class_name : IMAGE_IO_CLASS, ret_vendor, ret_class)) {
        cli_error("--class: a name or a UUID is needed");
        return false;
    }
    return true;
}

bool image_io_number(const char *option, const char *text, uint32_t min, uint32_t *ret_value)
{
    unsigned long value;

    if (!cli_number(option, text, min, UINT32_MAX, &value))
        return false;
    *ret_value = (uint32_t)value;
    return true;
}

bool image_io_blocks(const char *path, const struct image_io_bytes *input,
                     struct blocks *ret_blocks)
{
    char error[FIRMWARE_ERROR_SIZE];

    if (firmware_read(input->data, input->size, ret_blocks, error))
        return true;
    cli_error("%s: %s", path, error);
    return false;
}

uint8_t *image_io_code(const char *path, const struct image_io_bytes *input, uint32_t *ret_size)
{
    char error[FIRMWARE_ERROR_SIZE];
    struct blocks blocks;
    uint8_t *code = NULL;

    if (!image_io_blocks(path, input, &blocks))
        return NULL;
    if (!firmware_code(&blocks, &layout_mzw1, &code, ret_size, error))
        cli_error("%s: %s", path, error);
    blocks_free(&blocks);
    return code;
}
