#include "sim/cli/cmd_image.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/image.h"
#include "core/layout.h"
#include "hal_posix/crypto_openssl.h"
#include "sim/cli/cmd_image_factory.h"
#include "sim/cli/cmd_image_hex.h"
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
    OPTION_SEMVER,
    OPTION_COUNTER,
    OPTION_VENDOR,
    OPTION_CLASS,
    OPTION_JSON,
};

/* image pack */

struct pack_arguments {
    struct pack_options options;
    const char *vendor, *class_name, *output;
};

static const struct cli_command command_pack = {
    .name = "image pack",
    .summary = "make an image from an application",
    .help =
        "Usage: brownout image pack --version N [OPTION]... -o OUT.bin APP\n"
        "\n"
        "Make an unsigned image file (MCUboot image format v1 with a 4 KB header page) from an\n"
        "application: an Intel HEX file, an ELF file, or a raw binary, the bytes from program\n"
        "flash 0x90021000 (0xB0021000 uncached) on, as 'objcopy -O binary' writes them. Of HEX "
        "and\n"
        "ELF the bytes from there on are taken; configuration words are no part of an image. A\n"
        "raw slot of the original OTA service (hex2bin.py) is taken too; its first 4 KB, the\n"
        "linked boot control page, are dropped.\n"
        "\n"
        "      --version N           the version as the manifest names it, 1 to 4294967295\n"
        "      --semver A.B.C        semantic version for people and imgtool, default 0.0.0\n"
        "      --security-counter N  images below a device's counter are never run on it\n"
        "      --vendor V            vendor, a UUID or a name, default " IMAGE_IO_VENDOR "\n"
        "      --class C             device class, a UUID or a name, default " IMAGE_IO_CLASS "\n"
        "  -o, --output OUT.bin      the image, never APP itself; '-' for stdout\n"
        "  -h, --help                this text\n"
        "\n"
        "A vendor's name stands for its UUID in the DNS name space, a class's name for its UUID "
        "in\n"
        "the vendor's, as with imgtool's --vid and --cid. The result is what imgtool makes with\n"
        "  imgtool sign -H 0x1000 --pad-header --align 8 -S 0xDF000 -v A.B.C+N -s N --vid V --cid "
        "C\n"
        "\n"
        "Exit status: 0 done, 2 bad usage or input.",
};

static bool parse_semver(const char *text, struct pack_options *options)
{
    unsigned major, minor, revision;
    int end = 0;

    if (strspn(text, "0123456789.") == strlen(text) && strlen(text) <= 13 &&
        sscanf(text, "%5u.%5u.%5u%n", &major, &minor, &revision, &end) == 3 && text[end] == '\0' &&
        major <= UINT8_MAX && minor <= UINT8_MAX && revision <= UINT16_MAX) {
        options->major = (uint8_t)major;
        options->minor = (uint8_t)minor;
        options->revision = (uint16_t)revision;
        return true;
    }
    if (strchr(text, '+'))
        cli_error("--semver: '%s': the build number is given with --version", text);
    else
        cli_error("--semver: '%s' is not A.B.C with A, B up to 255 and C up to 65535", text);
    return false;
}

static bool take_pack_option(int option, struct pack_arguments *arguments)
{
    struct pack_options *options = &arguments->options;

    switch (option) {
    case OPTION_VERSION:
        return image_io_number("--version", optarg, 1, &options->version);
    case OPTION_SEMVER:
        return parse_semver(optarg, options);
    case OPTION_COUNTER:
        options->has_security_counter = true;
        return image_io_number("--security-counter", optarg, 0, &options->security_counter);
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
        cli_bad_option(&command_pack);
        return false;
    }
}

/* The code in a raw binary; NULL, after one error, when it is nothing that can be packed. */
static const uint8_t *find_raw_code(const char *path, const struct image_io_bytes *input,
                                    uint32_t *ret_size)
{
    const uint8_t *data = input->data;
    uint32_t size = input->size;

    if (inspect_is_harmony(data, size)) {
        fprintf(stderr,
                "brownout: %s: a raw slot of the original OTA service; dropped its 4096-byte "
                "header page\n",
                path);
        data += IMAGE_HEADER_PAGE;
        size -= IMAGE_HEADER_PAGE;
    } else if (size >= 4 && bytes_get32(data) == IMAGE_MAGIC) {
        cli_error("%s: already an image; sign it with 'brownout image sign'", path);
        return NULL;
    }
    if (size == 0) {
        cli_error("%s: empty", path);
        return NULL;
    }
    *ret_size = size;
    return data;
}

/* The same, the caller's to free(), of whatever kind the file is. */
static uint8_t *find_code(const char *path, const struct image_io_bytes *input, uint32_t *ret_size)
{
    if (firmware_is(input->data, input->size))
        return image_io_code(path, input, ret_size);
    const uint8_t *raw = find_raw_code(path, input, ret_size);
    uint8_t *code = raw ? malloc(*ret_size) : NULL;
    if (code)
        memcpy(code, raw, *ret_size);
    return code;
}

static int pack(const char *path, const struct image_io_bytes *input,
                const struct pack_arguments *arguments)
{
    uint32_t code_size, size, limit = pack_code_max(&arguments->options, layout_mzw1.app_size);
    uint8_t *code = find_code(path, input, &code_size);
    uint8_t *image;

    if (!code)
        return CLI_USAGE;
    if (code_size > limit) {
        cli_error("%s: too large for the slot: %u bytes of code, at most %u fit with a signature",
                  path, code_size, limit);
        if (code[code_size - 1] == 0xFF)
            fputs("brownout: it ends in 0xFF: trim it (hex2bin.py: -f 1)\n", stderr);
        free(code);
        return CLI_USAGE;
    }
    enum ota_err err = pack_unsigned(&arguments->options, code, code_size, &image, &size);
    free(code);
    if (err) {
        cli_error("%s: %s", path, err_text(err));
        return CLI_FAULT;
    }
    int status = image_io_write(arguments->output, image, size);
    free(image);
    return status;
}

static int run_pack(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"version", required_argument, NULL, OPTION_VERSION},
        {"semver", required_argument, NULL, OPTION_SEMVER},
        {"security-counter", required_argument, NULL, OPTION_COUNTER},
        {"vendor", required_argument, NULL, OPTION_VENDOR},
        {"class", required_argument, NULL, OPTION_CLASS},
        {"output", required_argument, NULL, OPTION_OUTPUT},
        {"help", no_argument, NULL, OPTION_HELP},
        {0},
    };
    struct pack_arguments arguments = {.options = {.has_vendor = true, .has_class = true}};
    struct pack_options *options = &arguments.options;
    struct image_io_bytes input;
    int option;

    while ((option = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return cli_help(&command_pack);
        if (!take_pack_option(option, &arguments))
            return CLI_USAGE;
    }
    if (!image_io_one_operand("pack", argc, argv) ||
        !image_io_product(arguments.vendor, arguments.class_name, options->vendor,
                          options->class_id))
        return CLI_USAGE;
    if (!options->version || !arguments.output) {
        cli_error("image pack: %s is needed", arguments.output ? "--version N" : "-o OUT.bin");
        return CLI_USAGE;
    }
    if (!image_io_is_other(argv[optind], arguments.output) || !image_io_read(argv[optind], &input))
        return CLI_USAGE;
    int status = pack(argv[optind], &input, &arguments);
    free(input.data);
    return status;
}

/* image sign */

static const struct cli_command command_sign = {
    .name = "image sign",
    .summary = "sign an image",
    .help =
        "Usage: brownout image sign --key KEY.pem [-o OUT.bin] IN.bin\n"
        "\n"
        "Sign an image with an ECDSA P-256 key. A signature that is there is replaced; header, "
        "code\n"
        "and protected TLVs stay as they are. Without -o the file itself is replaced, as a whole:\n"
        "an interruption leaves the old one. The signature depends on image and key alone\n"
        "(RFC 6979), so signing twice gives the same file.\n"
        "\n"
        "  -k, --key KEY.pem     private key, not encrypted: 'openssl genpkey -algorithm EC\n"
        "                        -pkeyopt ec_paramgen_curve:P-256 -out KEY.pem' makes one\n"
        "  -o, --output OUT.bin  where to write instead; '-' for stdout\n"
        "  -h, --help            this text\n"
        "\n"
        "Refused: what is not an image, an image that does not match its own hash, one too large\n"
        "for the slot.\n"
        "\n"
        "Exit status: 0 done, 2 bad usage or input.",
};

static int sign(const char *path, const struct image_io_bytes *input, const EVP_PKEY *key,
                const char *output)
{
    uint8_t *image;
    uint32_t size;
    enum ota_err err = pack_sign(input->data, input->size, key, &image, &size);

    if (err == OTA_ERR_FORMAT) {
        cli_error("%s: cannot be signed: %s", path, inspect_reason(input->data, input->size));
        return CLI_USAGE;
    }
    if (err) {
        cli_error("%s: cannot be signed: %s", path, err_text(err));
        return err == OTA_ERR_FULL ? CLI_FAULT : CLI_USAGE;
    }
    int status = CLI_USAGE;
    if (size - IMAGE_HEADER_PAGE > layout_mzw1.app_size)
        cli_error("%s: cannot be signed: %s", path, err_text(OTA_ERR_SIZE));
    else
        status = image_io_write(output, image, size);
    free(image);
    return status;
}

static int run_sign(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"key", required_argument, NULL, OPTION_KEY},
        {"output", required_argument, NULL, OPTION_OUTPUT},
        {"help", no_argument, NULL, OPTION_HELP},
        {0},
    };
    const char *key_path = NULL, *output = NULL, *reason;
    struct image_io_bytes input;
    int option;

    while ((option = getopt_long(argc, argv, "k:o:h", long_options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return cli_help(&command_sign);
        if (option == OPTION_KEY)
            key_path = optarg;
        else if (option == OPTION_OUTPUT)
            output = optarg;
        else
            return cli_bad_option(&command_sign);
    }
    if (!image_io_one_operand("sign", argc, argv))
        return CLI_USAGE;
    if (!key_path) {
        cli_error("image sign: --key KEY.pem is needed");
        return CLI_USAGE;
    }
    EVP_PKEY *key = keys_load_private(key_path, &reason);
    if (!key) {
        cli_error("%s: %s", key_path, reason);
        return CLI_USAGE;
    }
    int status = CLI_USAGE;
    if (image_io_read(argv[optind], &input)) {
        status = sign(argv[optind], &input, key, output ? output : argv[optind]);
        free(input.data);
    }
    EVP_PKEY_free(key);
    return status;
}

/* image verify */

struct verify_arguments {
    bool has_key, has_product;
    struct image_policy policy;
};

static const struct cli_command command_verify = {
    .name = "image verify",
    .summary = "check images as a device does",
    .help =
        "Usage: brownout image verify [OPTION]... IMAGE.bin...\n"
        "\n"
        "Check images with the code that runs on the device: format, size, security counter,\n"
        "product, signature, content. One line a file: 'v2.bin: ok, ...' or 'v2.bin: refused: "
        "why'.\n"
        "\n"
        "  -k, --key PUB.pem             public key; without it signatures are not checked\n"
        "      --vendor V, --class C     the product, each a UUID or a name; checked when one of\n"
        "                                them is given, the other is then " IMAGE_IO_VENDOR " or\n"
        "                                " IMAGE_IO_CLASS "\n"
        "      --min-security-counter N  refuse images below it\n"
        "  -h, --help                    this text\n"
        "\n"
        "Exit status: 0 all are ok, 1 one is refused, 2 bad usage or a file that cannot be read.",
};

static enum ota_err check(struct image_source *source, const struct verify_arguments *arguments,
                          struct image_info *ret_info)
{
    uint8_t buffer[IMAGE_BUFFER_SIZE];
    struct image_policy policy = arguments->policy;
    struct crypto_openssl crypto;
    enum ota_err err = image_parse(source, ret_info);

    if (err)
        return err;
    struct image_info claim = *ret_info;
    if (!arguments->has_product) {
        /* Not asked for: whatever it is made for is right. */
        claim.has_vendor = claim.has_class = true;
        memcpy(policy.vendor, claim.vendor, sizeof policy.vendor);
        memcpy(policy.class_id, claim.class_id, sizeof policy.class_id);
    }
    crypto_openssl_init(&crypto);
    err = image_check_policy(&claim, &policy);
    if (!err && arguments->has_key)
        err = image_check_signature(ret_info, policy.key, &crypto.crypto);
    if (!err)
        err = image_check_hash(source, ret_info, &crypto.crypto, buffer);
    return err;
}

static void print_ok(const char *path, uint32_t size, const struct image_info *info, bool has_key)
{
    printf("%s: ok, version %u (%u.%u.%u), security counter %u, %s", path, info->version,
           info->major, info->minor, info->revision, info->security_counter,
           has_key                ? "signature good"
           : info->signature_size ? "signature not checked (no --key)"
                                  : "no ECDSA signature");
    if (size > info->total_size)
        printf(", %u bytes behind the image are not part of it", size - info->total_size);
    putchar('\n');
}

static int verify(const char *path, const struct verify_arguments *arguments)
{
    struct memory_source source;
    struct image_info info;
    struct image_io_bytes input;

    if (!image_io_read(path, &input))
        return CLI_USAGE;
    memory_source_init(&source, input.data, input.size);
    enum ota_err err = check(&source.source, arguments, &info);
    if (!err)
        print_ok(path, input.size, &info, arguments->has_key);
    else if (err != OTA_ERR_FORMAT)
        printf("%s: refused: %s\n", path, err_text(err));
    else
        printf("%s: refused: %s\n", path, inspect_reason(input.data, input.size));
    free(input.data);
    return err ? CLI_FAIL : CLI_PASS;
}

static bool load_policy_key(const char *path, struct verify_arguments *arguments)
{
    const char *reason;
    EVP_PKEY *key = keys_load_public(path, &reason);

    if (!key) {
        cli_error("%s: %s", path, reason);
        return false;
    }
    arguments->has_key = keys_public_der(key, arguments->policy.key) == OTA_OK;
    EVP_PKEY_free(key);
    if (!arguments->has_key)
        cli_error("%s: not a P-256 key", path);
    return arguments->has_key;
}

static int verify_all(int argc, char **argv, const struct verify_arguments *arguments)
{
    int worst = CLI_PASS;

    if (optind == argc) {
        cli_error("image verify: name the files");
        return CLI_USAGE;
    }
    for (int i = optind; i < argc; i++) {
        int status = verify(argv[i], arguments);
        if (status > worst)
            worst = status;
    }
    return worst;
}

static int run_verify(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"key", required_argument, NULL, OPTION_KEY},
        {"vendor", required_argument, NULL, OPTION_VENDOR},
        {"class", required_argument, NULL, OPTION_CLASS},
        {"min-security-counter", required_argument, NULL, OPTION_COUNTER},
        {"help", no_argument, NULL, OPTION_HELP},
        {0},
    };
    struct verify_arguments arguments = {.policy = {.app_size = layout_mzw1.app_size}};
    struct image_policy *policy = &arguments.policy;
    const char *vendor = NULL, *class_name = NULL;
    int option;

    while ((option = getopt_long(argc, argv, "k:h", long_options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return cli_help(&command_verify);
        if (option == OPTION_VENDOR)
            vendor = optarg;
        else if (option == OPTION_CLASS)
            class_name = optarg;
        else if (option != OPTION_KEY && option != OPTION_COUNTER)
            return cli_bad_option(&command_verify);
        else if (option == OPTION_KEY ? !load_policy_key(optarg, &arguments)
                                      : !image_io_number("--min-security-counter", optarg, 0,
                                                         &policy->counter_floor))
            return CLI_USAGE;
    }
    arguments.has_product = vendor || class_name;
    if (!image_io_product(vendor, class_name, policy->vendor, policy->class_id))
        return CLI_USAGE;
    return verify_all(argc, argv, &arguments);
}

/* image info */

static const struct cli_command command_info = {
    .name = "image info",
    .summary = "print header, TLVs, sizes and digest",
    .help = "Usage: brownout image info [--json] IMAGE.bin\n"
            "\n"
            "Print what an image says of itself: header, TLVs, sizes, and the SHA-256 of the file, "
            "which\n"
            "is the manifest's Digest. Nothing is believed by it: 'brownout image verify' checks. "
            "A raw\n"
            "slot of the original OTA service is told as such.\n"
            "\n"
            "      --json  as one JSON object\n"
            "  -h, --help  this text\n"
            "\n"
            "Exit status: 0 done, 2 bad usage or not an image.",
};

static enum ota_err print_json(const char *path, const struct image_io_bytes *input)
{
    struct json_object *object;
    enum ota_err err = inspect_json(path, input->data, input->size, &object);

    if (err)
        return err;
    puts(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                                    JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(object);
    return OTA_OK;
}

static int run_info(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"json", no_argument, NULL, OPTION_JSON},
        {"help", no_argument, NULL, OPTION_HELP},
        {0},
    };
    bool as_json = false;
    struct image_io_bytes input;
    int option;

    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return cli_help(&command_info);
        if (option != OPTION_JSON)
            return cli_bad_option(&command_info);
        as_json = true;
    }
    if (!image_io_one_operand("info", argc, argv) || !image_io_read(argv[optind], &input))
        return CLI_USAGE;
    enum ota_err err = as_json ? print_json(argv[optind], &input)
                               : inspect_text(stdout, argv[optind], input.data, input.size);
    if (err)
        cli_error("%s: %s", argv[optind], inspect_reason(input.data, input.size));
    free(input.data);
    return err ? CLI_USAGE : CLI_PASS;
}

static int run(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } subcommands[] = {
        {"pack", run_pack},
        {"sign", run_sign},
        {"verify", run_verify},
        {"info", run_info},
        {"factory", cmd_image_factory_run},
        {"hex", cmd_image_hex_run},
    };

    if (argc < 2) {
        cli_error("image: pack, sign, verify, info, factory or hex?");
        return cli_bad_option(&cmd_image);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return cli_help(&cmd_image);
    for (size_t i = 0; i < sizeof subcommands / sizeof *subcommands; i++) {
        if (strcmp(argv[1], subcommands[i].name) == 0) {
            optind = 0; /* glibc: start over */
            return subcommands[i].run(argc - 1, argv + 1);
        }
    }
    cli_error("image: no subcommand '%s': pack, sign, verify, info, factory or hex", argv[1]);
    return cli_bad_option(&cmd_image);
}

const struct cli_command cmd_image = {
    .name = "image",
    .summary = "pack, sign, verify and describe image files",
    .help = "Usage: brownout image SUBCOMMAND [OPTION]... FILE...\n"
            "\n"
            "Work on image files: MCUboot's image format v1 with a 4 KB header page, signed with "
            "ECDSA\n"
            "P-256. imgtool reads what this makes, and the other way round.\n"
            "\n"
            "  pack     make an unsigned image from an application (HEX, ELF, raw binary)\n"
            "  sign     sign an image, reproducibly\n"
            "  verify   check images with the code that runs on the device\n"
            "  info     print header, TLVs, sizes and the manifest's Digest\n"
            "  factory  make the HEX file that a programmer writes: bootloader and image\n"
            "  hex      convert between HEX, ELF and binary\n"
            "\n"
            "'brownout image SUBCOMMAND --help' tells the options.\n"
            "\n"
            "Example:\n"
            "  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem\n"
            "  openssl pkey -in key.pem -pubout -out pub.pem\n"
            "  brownout image pack --version 2 --semver 1.1.0 app.bin -o v2.bin\n"
            "  brownout image sign --key key.pem v2.bin\n"
            "  brownout image verify --key pub.pem v2.bin\n"
            "\n"
            "Exit status: 0 done, 1 an image is refused, 2 bad usage or input.",
    .run = run,
};
