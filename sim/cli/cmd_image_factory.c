#include "sim/cli/cmd_image_factory.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/image.h"
#include "core/product.h"
#include "hal_posix/crypto_openssl.h"
#include "sim/cli/cli.h"
#include "sim/cli/image_io.h"
#include "sim/image/firmware.h"
#include "sim/image/inspect.h"
#include "sim/image/keys.h"
#include "sim/image/memory_source.h"
#include "sim/image/pack.h"

enum option_id {
    OPTION_HELP = 'h',
    OPTION_OUTPUT = 'o',
    OPTION_KEY = 'k',
    OPTION_VERSION = 256,
    OPTION_VENDOR,
    OPTION_CLASS,
};

struct arguments {
    const char *output, *key_path, *vendor, *class_name;
    uint32_t version; /* 0: not given */
    EVP_PKEY *key;
    bool is_private;
    struct image_policy policy;
};

/* A file as it was named and read. */
struct input {
    const char *path;
    struct image_io_bytes bytes;
};

static const struct cli_command command = {
    .name = "image factory",
    .summary = "make the HEX file that a programmer writes",
    .help =
        "Usage: brownout image factory --key KEY.pem [OPTION]... -o OUT.hex BOOTLOADER APP\n"
        "\n"
        "Unite what a new device is programmed with into one Intel HEX file, with physical\n"
        "addresses: the bootloader (HEX or ELF), the product record that says what the device\n"
        "accepts, the factory image, the configuration words. APP is a signed image file, or a\n"
        "HEX or ELF file, of which an image is then made and signed as by 'image pack' and\n"
        "'image sign'.\n"
        "\n"
        "  -k, --key KEY.pem     the key: its public half is what the device knows; a private key\n"
        "                        is needed to sign a HEX or ELF file\n"
        "      --version N       version of the image made of a HEX or ELF file\n"
        "      --vendor V        vendor, a UUID or a name, default " IMAGE_IO_VENDOR "\n"
        "      --class C         device class, a UUID or a name, default " IMAGE_IO_CLASS "\n"
        "  -o, --output OUT.hex  where to write, never an input itself; '-' for stdout\n"
        "  -h, --help            this text\n"
        "\n"
        "Refused: files that both have bytes at one address; configuration words that differ; an\n"
        "image that the device would not start.\n"
        "\n"
        "Exit status: 0 done, 2 bad usage or input.",
};

static bool take_option(int option, struct arguments *arguments)
{
    switch (option) {
    case OPTION_KEY:
        arguments->key_path = optarg;
        return true;
    case OPTION_VERSION:
        return image_io_number("--version", optarg, 1, &arguments->version);
    case OPTION_VENDOR:
        arguments->vendor = optarg;
        return true;
    case OPTION_CLASS:
        arguments->class_name = optarg;
        return true;
    case OPTION_OUTPUT:
        arguments->output = optarg;
        return true;
    default:
        cli_bad_option(&command);
        return false;
    }
}

/* A private key, else a public one. */
static bool load_key(struct arguments *arguments)
{
    const char *reason;

    arguments->key = keys_load_private(arguments->key_path, &reason);
    arguments->is_private = arguments->key != NULL;
    if (!arguments->key)
        arguments->key = keys_load_public(arguments->key_path, &reason);
    if (arguments->key && keys_public_der(arguments->key, arguments->policy.key) == OTA_OK)
        return true;
    cli_error("%s: %s", arguments->key_path, arguments->key ? "not a P-256 key" : reason);
    return false;
}

static bool unite(struct blocks *blocks, const char *path, const struct blocks *extra,
                  const char *extra_path)
{
    struct firmware_conflict conflict;
    enum ota_err err = firmware_unify(blocks, extra, &conflict);

    if (!err)
        return true;
    if (err != OTA_ERR_STATE)
        cli_error("%s: out of memory", extra_path);
    else
        cli_error(conflict.is_config
                      ? "data conflict at 0x%08X: configuration word 0x%08X in %s, 0x%08X in %s"
                      : "data conflict at 0x%08X: byte 0x%02X in %s, 0x%02X in %s",
                  conflict.address, conflict.first, path, conflict.second, extra_path);
    return false;
}

static bool unite_bytes(struct blocks *blocks, uint32_t offset, const void *bytes, uint32_t size,
                        const char *path)
{
    uint32_t taken;

    if (blocks_add(blocks, FIRMWARE_FLASH + offset, bytes, size, &taken) == OTA_OK)
        return true;
    cli_error("%s: out of memory", path);
    return false;
}

/* Only its configuration words: the code goes into the image. */
static bool unite_config(struct blocks *blocks, const char *path, const struct input *app)
{
    struct blocks config;

    if (!image_io_blocks(app->path, &app->bytes, &config))
        return false;
    bool is_good = blocks_remove(&config, 0, FIRMWARE_CONFIG) == OTA_OK &&
                   unite(blocks, path, &config, app->path);
    blocks_free(&config);
    return is_good;
}

/* The image of a HEX or ELF file; the caller's to free(). */
static uint8_t *make_image(const struct arguments *arguments, const struct input *app,
                           uint32_t *ret_size)
{
    struct pack_options options = {
        .version = arguments->version, .has_vendor = true, .has_class = true};
    uint32_t code_size, size;
    uint8_t *image, *signed_image = NULL;

    if (!arguments->version || !arguments->is_private) {
        cli_error("%s: to make an image of it, %s is needed", app->path,
                  arguments->version ? "a private key" : "--version N");
        return NULL;
    }
    uint8_t *code = image_io_code(app->path, &app->bytes, &code_size);
    if (!code)
        return NULL;
    memcpy(options.vendor, arguments->policy.vendor, IMAGE_ID_SIZE);
    memcpy(options.class_id, arguments->policy.class_id, IMAGE_ID_SIZE);
    enum ota_err err = pack_unsigned(&options, code, code_size, &image, &size);
    free(code);
    if (!err) {
        err = pack_sign(image, size, arguments->key, &signed_image, ret_size);
        free(image);
    }
    if (err)
        cli_error("%s: %s", app->path, err_text(err));
    return err ? NULL : signed_image;
}

static uint8_t *copy_image(const struct arguments *arguments, const struct input *app,
                           uint32_t *ret_size)
{
    if (arguments->version) {
        cli_error("%s: neither an Intel HEX nor an ELF file, and --version is for those",
                  app->path);
        return NULL;
    }
    uint8_t *image = malloc(app->bytes.size + (size_t)1);
    if (!image) {
        cli_error("%s: out of memory", app->path);
        return NULL;
    }
    memcpy(image, app->bytes.data, app->bytes.size);
    *ret_size = app->bytes.size;
    return image;
}

/* As the bootloader will check it; what lies behind the image is not programmed. */
static bool check_image(const struct arguments *arguments, const char *path, const uint8_t *image,
                        uint32_t *size)
{
    uint8_t buffer[IMAGE_BUFFER_SIZE];
    struct memory_source source;
    struct crypto_openssl crypto;
    struct image_info info;

    memory_source_init(&source, image, *size);
    crypto_openssl_init(&crypto);
    enum ota_err err =
        image_check(&source.source, &arguments->policy, &crypto.crypto, buffer, &info);
    if (err) {
        cli_error("%s: the device would refuse it: %s", path,
                  err == OTA_ERR_FORMAT ? inspect_reason(image, *size) : err_text(err));
        return false;
    }
    *size = info.total_size;
    return true;
}

static bool add_image(const struct arguments *arguments, struct blocks *blocks,
                      const struct input *bootloader, const struct input *app)
{
    bool is_program = firmware_is(app->bytes.data, app->bytes.size);
    uint32_t size;
    uint8_t *image =
        is_program ? make_image(arguments, app, &size) : copy_image(arguments, app, &size);

    if (!image)
        return false;
    bool is_good = check_image(arguments, app->path, image, &size) &&
                   (!is_program || unite_config(blocks, bootloader->path, app)) &&
                   unite_bytes(blocks, layout_mzw1.bootctl_offset, image, size, app->path);
    free(image);
    return is_good;
}

static bool add_product(const struct arguments *arguments, struct blocks *blocks)
{
    uint8_t record[PRODUCT_SIZE];

    product_encode(&arguments->policy, record);
    return unite_bytes(blocks, layout_mzw1.product_offset, record, sizeof record,
                       arguments->key_path);
}

static int make(const struct arguments *arguments, const struct input *bootloader,
                const struct input *app)
{
    char error[FIRMWARE_ERROR_SIZE];
    struct blocks blocks;
    int status = CLI_USAGE;

    if (!firmware_is(bootloader->bytes.data, bootloader->bytes.size)) {
        cli_error("%s: the bootloader is neither an Intel HEX nor an ELF file", bootloader->path);
        return CLI_USAGE;
    }
    if (!image_io_blocks(bootloader->path, &bootloader->bytes, &blocks))
        return CLI_USAGE;
    if (!firmware_is_bootloader(&blocks, &layout_mzw1, error))
        cli_error("%s: %s", bootloader->path, error);
    else if (add_image(arguments, &blocks, bootloader, app) && add_product(arguments, &blocks))
        status = image_io_write_hex(arguments->output, &blocks);
    blocks_free(&blocks);
    return status;
}

static int read_and_make(const struct arguments *arguments, char **paths)
{
    struct input bootloader = {.path = paths[0]}, app = {.path = paths[1]};
    int status = CLI_USAGE;

    if (image_io_read(bootloader.path, &bootloader.bytes)) {
        if (image_io_read(app.path, &app.bytes)) {
            status = make(arguments, &bootloader, &app);
            free(app.bytes.data);
        }
        free(bootloader.bytes.data);
    }
    return status;
}

int cmd_image_factory_run(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"key", required_argument, NULL, OPTION_KEY},
        {"version", required_argument, NULL, OPTION_VERSION},
        {"vendor", required_argument, NULL, OPTION_VENDOR},
        {"class", required_argument, NULL, OPTION_CLASS},
        {"output", required_argument, NULL, OPTION_OUTPUT},
        {"help", no_argument, NULL, OPTION_HELP},
        {0},
    };
    struct arguments arguments = {.policy = {.app_size = layout_mzw1.app_size}};
    int option;

    while ((option = getopt_long(argc, argv, "k:o:h", long_options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return cli_help(&command);
        if (!take_option(option, &arguments))
            return CLI_USAGE;
    }
    if (argc - optind != 2) {
        cli_error("image factory: name the bootloader and the application");
        return CLI_USAGE;
    }
    if (!arguments.key_path || !arguments.output) {
        cli_error("image factory: %s is needed", arguments.output ? "--key KEY.pem" : "-o OUT.hex");
        return CLI_USAGE;
    }
    if (!image_io_product(arguments.vendor, arguments.class_name, arguments.policy.vendor,
                          arguments.policy.class_id))
        return CLI_USAGE;
    if (!image_io_is_other(argv[optind], arguments.output) ||
        !image_io_is_other(argv[optind + 1], arguments.output))
        return CLI_USAGE;
    int status = load_key(&arguments) ? read_and_make(&arguments, argv + optind) : CLI_USAGE;
    EVP_PKEY_free(arguments.key);
    return status;
}
