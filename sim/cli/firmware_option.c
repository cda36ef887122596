#include "sim/cli/firmware_option.h"

#include <string.h>

#include "sim/cli/cli.h"

#define DEFAULT_FILE "build-pic32/hal_pic32/bootloader.elf"

bool firmware_option_target(const char *value, bool *ret_is_pic32)
{
    *ret_is_pic32 = strcmp(value, "pic32") == 0;
    if (*ret_is_pic32 || strcmp(value, "posix") == 0)
        return true;
    cli_error("--target: '%s' is not posix or pic32", value);
    return false;
}

bool firmware_option_open(struct firmware_option *option, const struct chip_boot_file **ret_file)
{
    const char *path = option->bootloader ? option->bootloader : DEFAULT_FILE;
    char error[CHIP_BOOT_ERROR_MAX];

    *ret_file = NULL;
    if (!option->is_pic32) {
        if (option->bootloader)
            cli_error("--bootloader is for --target pic32");
        return !option->bootloader;
    }
    if (chip_boot_read(path, &option->file, error)) {
        if (option->bootloader && strlen(option->bootloader) < sizeof option->file.path)
            strcpy(option->file.path, option->bootloader); /* a longer one is left out, not cut */
        *ret_file = &option->file;
        return true;
    }
    cli_error("%s: %s%s", path, error, option->bootloader ? "" : "; ./dev firmware makes it");
    return false;
}

void firmware_option_close(struct firmware_option *option)
{
    if (option->is_pic32)
        chip_boot_file_free(&option->file);
}
