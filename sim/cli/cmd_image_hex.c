#include "sim/cli/cmd_image_hex.h"

#include <getopt.h>
#include <stdlib.h>

#include "sim/cli/cli.h"
#include "sim/cli/image_io.h"
#include "sim/image/file.h"
#include "sim/image/firmware.h"

enum option_id {
    OPTION_HELP = 'h',
    OPTION_OUTPUT = 'o',
    OPTION_ADDRESS = 256,
    OPTION_BINARY,
    OPTION_FROM,
    OPTION_SIZE,
};

struct arguments {
    const char *output;
    bool has_address, has_from, has_size, is_binary;
    uint32_t address, from, size;
};

static const struct cli_command command = {
    .name = "image hex",
    .summary = "convert between HEX, ELF and binary",
    .help =
        "Usage: brownout image hex [OPTION]... -o OUT IN\n"
        "\n"
        "Read an Intel HEX or ELF file, or a binary with its address, and write what it loads as\n"
        "Intel HEX, or as a binary. Addresses are physical: program flash begins at 0x10000000,\n"
        "boot flash at 0x1FC00000; KSEG0 and KSEG1 addresses of IN become so.\n"
        "\n"
        "      --address A  IN is a binary that lies at A\n"
        "      --binary     write a binary, 0xFF in the gaps\n"
        "      --from A     write from A on, default the first address there is\n"
        "      --size N     write N bytes of address space, default up to the last byte there is\n"
        "  -o, --output OUT where to write, never IN itself; '-' for stdout\n"
        "  -h, --help       this text\n"
        "\n"
        "Program flash of a device, as the simulator and 'srec_cat' know it:\n"
        "  brownout image hex --binary --from 0x10000000 --size 0x100000 -o nvm.bin factory.hex\n"
        "\n"
        "Exit status: 0 done, 2 bad usage or input.",
};

static bool take_option(int option, struct arguments *arguments)
{
    switch (option) {
    case OPTION_ADDRESS:
        arguments->has_address = true;
        return image_io_number("--address", optarg, 0, &arguments->address);
    case OPTION_BINARY:
        arguments->is_binary = true;
        return true;
    case OPTION_FROM:
        arguments->has_from = true;
        return image_io_number("--from", optarg, 0, &arguments->from);
    case OPTION_SIZE:
        arguments->has_size = true;
        return image_io_number("--size", optarg, 1, &arguments->size);
    case OPTION_OUTPUT:
        arguments->output = optarg;
        return true;
    default:
        cli_bad_option(&command);
        return false;
    }
}

static bool read_binary(const char *path, const struct image_io_bytes *input, uint32_t address,
                        struct blocks *ret_blocks)
{
    uint32_t taken;

    blocks_init(ret_blocks);
    if (!blocks_is_straight(address, input->size)) {
        cli_error("%s: reaches over the end of the address space from there", path);
        return false;
    }
    if (blocks_add(ret_blocks, blocks_physical(address), input->data, input->size, &taken) ==
        OTA_OK)
        return true;
    cli_error("%s: out of memory", path);
    return false;
}

static bool read_blocks(const char *path, const struct arguments *arguments,
                        struct blocks *ret_blocks)
{
    struct image_io_bytes input;
    bool is_good = false;

    if (!image_io_read(path, &input))
        return false;
    bool is_known = firmware_is(input.data, input.size);
    if (is_known && arguments->has_address)
        cli_error("%s: it has addresses; --address is for binaries", path);
    else if (!is_known && !arguments->has_address)
        cli_error("%s: neither an Intel HEX nor an ELF file; a binary needs --address A", path);
    else if (is_known)
        is_good = image_io_blocks(path, &input, ret_blocks);
    else
        is_good = read_binary(path, &input, arguments->address, ret_blocks);
    free(input.data);
    return is_good;
}

/* What of the address space is written; false: there is nothing. */
static bool find_range(const char *path, const struct arguments *arguments,
                       const struct blocks *blocks, uint32_t *ret_from, uint64_t *ret_to)
{
    uint32_t first;

    *ret_from = arguments->has_from ? blocks_physical(arguments->from) : 0;
    *ret_to = arguments->has_size ? (uint64_t)*ret_from + arguments->size : UINT64_MAX;
    if (!blocks_first(blocks, *ret_from, *ret_to, &first)) {
        cli_error("%s: nothing is there", path);
        return false;
    }
    if (!arguments->has_from) {
        *ret_from = first;
        if (arguments->has_size)
            *ret_to = (uint64_t)first + arguments->size;
    }
    if (!arguments->has_size) {
        const struct block *last = &blocks->list[blocks->count - 1];
        *ret_to = (uint64_t)last->address + last->size;
    }
    return true;
}

static int write_binary(const char *path, const char *output, const struct blocks *blocks,
                        uint32_t from, uint64_t to)
{
    uint64_t size = to - from;

    if (size > FILE_IMAGE_MAX) {
        cli_error("%s: a binary of %llu bytes: narrow it with --from and --size", path,
                  (unsigned long long)size);
        return CLI_USAGE;
    }
    uint8_t *bytes = malloc((size_t)size);
    if (!bytes) {
        cli_error("%s: out of memory", path);
        return CLI_FAULT;
    }
    blocks_copy(blocks, from, bytes, (uint32_t)size);
    int status = image_io_write(output, bytes, (uint32_t)size);
    free(bytes);
    return status;
}

static int write_hex(const char *path, const char *output, struct blocks *blocks, uint32_t from,
                     uint64_t to)
{
    if (blocks_remove(blocks, 0, from) ||
        (to <= UINT32_MAX && blocks_remove(blocks, (uint32_t)to, UINT64_MAX))) {
        cli_error("%s: out of memory", path);
        return CLI_FAULT;
    }
    return image_io_write_hex(output, blocks);
}

static int convert(const char *path, const struct arguments *arguments)
{
    struct blocks blocks;
    uint32_t from;
    uint64_t to;
    int status = CLI_USAGE;

    if (!read_blocks(path, arguments, &blocks))
        return CLI_USAGE;
    if (!find_range(path, arguments, &blocks, &from, &to))
        status = CLI_USAGE;
    else if (arguments->is_binary)
        status = write_binary(path, arguments->output, &blocks, from, to);
    else
        status = write_hex(path, arguments->output, &blocks, from, to);
    blocks_free(&blocks);
    return status;
}

int cmd_image_hex_run(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"address", required_argument, NULL, OPTION_ADDRESS},
        {"binary", no_argument, NULL, OPTION_BINARY},
        {"from", required_argument, NULL, OPTION_FROM},
        {"size", required_argument, NULL, OPTION_SIZE},
        {"output", required_argument, NULL, OPTION_OUTPUT},
        {"help", no_argument, NULL, OPTION_HELP},
        {0},
    };
    struct arguments arguments = {0};
    int option;

    while ((option = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return cli_help(&command);
        if (!take_option(option, &arguments))
            return CLI_USAGE;
    }
    if (!image_io_one_operand("hex", argc, argv))
        return CLI_USAGE;
    if (!arguments.output) {
        cli_error("image hex: -o OUT is needed");
        return CLI_USAGE;
    }
    if (!image_io_is_other(argv[optind], arguments.output))
        return CLI_USAGE;
    return convert(argv[optind], &arguments);
}
