#include "sim/cli/cmd_device.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/manifest.h"
#include "hal_posix/crypto_openssl.h"
#include "sim/cli/firmware_option.h"
#include "sim/cli/hand.h"
#include "sim/cli/image_io.h"
#include "sim/cli/look.h"
#include "sim/device/folder.h"
#include "sim/device/live.h"
#include "sim/device/live_chip.h"
#include "sim/device/survey.h"
#include "sim/image/file.h"
#include "sim/image/firmware.h"
#include "sim/image/inspect.h"
#include "sim/image/keys.h"
#include "sim/image/memory_source.h"
#include "sim/image/pack.h"

#define VENDOR "microchip"
#define CLASS  "pic32mzw1"

#define INTERVAL_S 60

/* --- device new ------------------------------------------------------------------------------ */

struct new_options {
    const char *folder, *factory, *bootloader, *key, *vendor, *class_name;
    bool has_ecc;
};

static bool make_policy(const struct new_options *options, struct image_policy *policy)
{
    const char *reason = NULL;
    EVP_PKEY *key = keys_load_public(options->key, &reason);

    if (!key) {
        cli_error("%s: %s", options->key, reason);
        return false;
    }
    enum ota_err err = keys_public_der(key, policy->key);
    EVP_PKEY_free(key);
    if (!err)
        err = pack_uuid(options->vendor, pack_dns, policy->vendor);
    if (!err)
        err = pack_uuid(options->class_name, policy->vendor, policy->class_id);
    policy->app_size = layout_mzw1.app_size;
    if (err)
        cli_error("--vendor, --class: %s", err_text(err));
    return err == OTA_OK;
}

/* A factory programs nothing that the device would not start. */
static bool check_factory(const struct new_options *options, const struct image_policy *policy,
                          const uint8_t *bytes, uint32_t size)
{
    struct crypto_openssl crypto;
    struct memory_source source;
    struct image_info info;
    uint8_t buffer[IMAGE_BUFFER_SIZE];

    crypto_openssl_init(&crypto);
    memory_source_init(&source, bytes, size);
    enum ota_err err = image_check(&source.source, policy, &crypto.crypto, buffer, &info);
    if (err == OTA_ERR_FORMAT)
        cli_error("%s: %s", options->factory, inspect_reason(bytes, size));
    else if (err)
        cli_error("%s: the device would refuse this image: %s", options->factory, err_text(err));
    return err == OTA_OK;
}

static bool read_bootloader(const char *path, struct blocks *ret_blocks)
{
    char error[FIRMWARE_ERROR_SIZE];
    struct image_io_bytes bytes;

    if (!image_io_read(path, &bytes))
        return false;
    bool is_fine = image_io_blocks(path, &bytes, ret_blocks);
    free(bytes.data);
    if (!is_fine || firmware_is_bootloader(ret_blocks, &layout_mzw1, error))
        return is_fine;
    cli_error("%s: %s", path, error);
    blocks_free(ret_blocks);
    return false;
}

static bool create_with(const struct new_options *options, const struct folder_content *content)
{
    char error[FOLDER_ERROR_SIZE];

    if (!check_factory(options, &content->policy, content->image, content->image_size))
        return false;
    if (folder_create(options->folder, content, error))
        return true;
    cli_error("%s", error);
    return false;
}

static int create(const struct new_options *options)
{
    struct folder_content content = {.has_ecc = options->has_ecc};
    struct blocks bootloader;
    uint8_t *bytes;

    if (!make_policy(options, &content.policy))
        return CLI_USAGE;
    int err = file_read(options->factory, FILE_IMAGE_MAX, &bytes, &content.image_size);
    if (err) {
        cli_error("%s: %s", options->factory, strerror(err));
        return CLI_USAGE;
    }
    content.image = bytes;
    blocks_init(&bootloader);
    if (options->bootloader)
        content.bootloader = &bootloader;
    bool is_fine = (!options->bootloader || read_bootloader(options->bootloader, &bootloader)) &&
                   create_with(options, &content);
    blocks_free(&bootloader);
    free(bytes);
    if (!is_fine)
        return CLI_USAGE;
    printf("%s: a new device with %s\n", options->folder, options->factory);
    return CLI_PASS;
}

static int run_new(int argc, char **argv)
{
    static const struct option known[] = {
        {"factory", required_argument, NULL, 'f'}, {"bootloader", required_argument, NULL, 'b'},
        {"key", required_argument, NULL, 'k'},     {"vendor", required_argument, NULL, 'v'},
        {"class", required_argument, NULL, 'c'},   {"ecc", no_argument, NULL, 'e'},
        {"help", no_argument, NULL, 'h'},          {0},
    };
    struct new_options options = {.vendor = VENDOR, .class_name = CLASS};
    int option;

    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 'f')
            options.factory = optarg;
        else if (option == 'b')
            options.bootloader = optarg;
        else if (option == 'k')
            options.key = optarg;
        else if (option == 'v')
            options.vendor = optarg;
        else if (option == 'c')
            options.class_name = optarg;
        else if (option == 'e')
            options.has_ecc = true;
        else
            return option == 'h' ? cli_help(&cmd_device) : cli_bad_option(&cmd_device);
    }
    if (argc - optind != 1 || !options.factory || !options.key) {
        cli_error("device new: give one folder, --factory and --key");
        return cli_bad_option(&cmd_device);
    }
    options.folder = argv[optind];
    return create(&options);
}

/* --- device boot ----------------------------------------------------------------------------- */

#define UNTIL_TIMEOUT_S 600 /* what waits for something must end without it, too */

static bool parse_until(const char *text, struct live_options *options)
{
    unsigned long version;

    options->until_reset = strcmp(text, "reset") == 0;
    if (options->until_reset)
        return true;
    if (strncmp(text, "version=", 8) != 0) {
        cli_error("--until: '%s' is neither version=N nor reset", text);
        return false;
    }
    if (!cli_number("--until version", text + 8, 1, UINT32_MAX, &version))
        return false;
    options->until_version = (uint32_t)version;
    return true;
}

struct boot_options_given {
    struct live_options live;
    struct live_chip_options chip;
    bool is_chip; /* --target pic32 */
};

static enum live_end run_folder(struct folder *folder, const char *path,
                                const struct boot_options_given *options, char *ret_error)
{
    struct blocks boot;

    if (!options->is_chip)
        return live_run(folder, &options->live, ret_error);
    if (!folder_read_boot(path, &boot, ret_error))
        return LIVE_FAULT;
    enum live_end end = live_chip_run(folder, &boot, &options->chip, ret_error);
    blocks_free(&boot);
    return end;
}

static int start(const char *path, const struct boot_options_given *options)
{
    struct folder folder;
    char error[FOLDER_ERROR_SIZE];

    if (!folder_open(&folder, path, true, error)) {
        cli_error("%s", error);
        return CLI_USAGE;
    }
    enum live_end end = run_folder(&folder, path, options, error);
    folder_close(&folder);
    switch (end) {
    case LIVE_REACHED:
    case LIVE_INTERRUPTED:
        return CLI_PASS;
    case LIVE_NOT_REACHED:
        cli_error("%s: %s", path, error);
        return CLI_FAIL;
    case LIVE_FAULT:
        cli_error("%s: %s", path, error);
        return CLI_USAGE;
    case LIVE_STOPPED:
        cli_error("%s: %s", path, error);
        return CLI_FAULT;
    }
    return CLI_FAULT;
}

/* What only the chip has. */
static bool take_chip_option(int option, struct boot_options_given *options)
{
    unsigned long number;

    switch (option) {
    case 'T':
        return firmware_option_target(optarg, &options->is_chip);
    case 'C':
        options->chip.has_console = true;
        return true;
    case 'g':
        if (!cli_number("--gdb", optarg, 0, 65535, &number))
            return false;
        options->chip.has_gdb = true;
        options->chip.gdb_port = (uint16_t)number;
        return true;
    default:
        cli_bad_option(&cmd_device);
        return false;
    }
}

static bool take_boot_option(int option, struct boot_options_given *given)
{
    struct live_options *options = &given->live;
    unsigned long number;

    switch (option) {
    case 'm':
        options->manifest_url = optarg;
        return true;
    case 'u':
        return parse_until(optarg, options);
    case 'c':
        options->ca_file = optarg;
        return true;
    case 'y':
        options->is_interactive = true;
        return true;
    case 'i':
        if (!cli_number("--interval", optarg, 1, 7200, &number))
            return false;
        options->interval_s = (uint32_t)number;
        return true;
    case 't':
        if (!cli_number("--timeout", optarg, 1, 1000000, &number))
            return false;
        options->timeout_s = (uint32_t)number;
        return true;
    default:
        return take_chip_option(option, given);
    }
}

static bool is_web_address(const char *url)
{
    const char *host = strncasecmp(url, "https://", 8) == 0  ? url + 8
                       : strncasecmp(url, "http://", 7) == 0 ? url + 7
                                                             : "";

    if (*host == '\0' || *host == '/')
        return false;
    for (; *url; url++)
        if (*url <= ' ' || *url > '~')
            return false;
    return true;
}

static bool check_target(const struct boot_options_given *options)
{
    if (options->is_chip && options->live.manifest_url)
        cli_error("--manifest-url: the firmware has no network; download with --target posix");
    else if (!options->is_chip && (options->chip.has_gdb || options->chip.has_console))
        cli_error("device boot: %s is for --target pic32",
                  options->chip.has_gdb ? "--gdb" : "--console");
    else
        return true;
    return false;
}

/* What the device could only fail at, again and again, is refused before it starts. */
static bool check_boot_options(const struct live_options *options)
{
    const char *reason;

    if (!options->manifest_url) {
        if (options->ca_file || options->interval_s)
            cli_error("device boot: %s means nothing without --manifest-url",
                      options->ca_file ? "--ca-file" : "--interval");
        return !options->ca_file && !options->interval_s;
    }
    if (strlen(options->manifest_url) >= MANIFEST_URL_MAX) {
        cli_error("--manifest-url: longer than %d characters", MANIFEST_URL_MAX - 1);
        return false;
    }
    if (!is_web_address(options->manifest_url)) {
        cli_error("--manifest-url: '%s' is no http:// or https:// address", options->manifest_url);
        return false;
    }
    if (options->ca_file && !keys_has_certificate(options->ca_file, &reason)) {
        cli_error("%s: %s", options->ca_file, reason);
        return false;
    }
    return true;
}

static int run_boot(int argc, char **argv)
{
    static const struct option known[] = {
        {"manifest-url", required_argument, NULL, 'm'},
        {"until", required_argument, NULL, 'u'},
        {"ca-file", required_argument, NULL, 'c'},
        {"interval", required_argument, NULL, 'i'},
        {"timeout", required_argument, NULL, 't'},
        {"target", required_argument, NULL, 'T'},
        {"console", no_argument, NULL, 'C'},
        {"gdb", required_argument, NULL, 'g'},
        {"interactive", no_argument, NULL, 'y'},
        {"help", no_argument, NULL, 'h'},
        {0},
    };
    struct boot_options_given options = {0};
    struct live_options *live = &options.live;
    int option;

    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 'h')
            return cli_help(&cmd_device);
        if (!take_boot_option(option, &options))
            return CLI_USAGE;
    }
    if ((live->until_version || live->until_reset) && !live->timeout_s)
        live->timeout_s = UNTIL_TIMEOUT_S;
    if (argc - optind != 1) {
        cli_error("device boot: give one device folder");
        return cli_bad_option(&cmd_device);
    }
    if (!check_boot_options(live) || !check_target(&options))
        return CLI_USAGE;
    if (!live->interval_s)
        live->interval_s = INTERVAL_S;
    options.chip.until_version = live->until_version;
    options.chip.until_reset = live->until_reset;
    options.chip.timeout_s = live->timeout_s;
    /* With gdb it is in the background, as a rule: reading the terminal there would stop it. */
    options.chip.has_console |= !options.chip.has_gdb && isatty(STDIN_FILENO);
    live->folder = argv[optind];
    return start(argv[optind], &options);
}

/* --- device -------------------------------------------------------------------------------- */

static int run(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } subcommands[] = {{"new", run_new},         {"boot", run_boot},    {"inspect", look_inspect},
                       {"diff", look_diff},      {"fault", hand_fault}, {"snapshot", hand_snapshot},
                       {"restore", hand_restore}};

    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        return cli_help(&cmd_device);
    for (size_t i = 0; argc > 1 && i < sizeof subcommands / sizeof subcommands[0]; i++)
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    if (argc > 1)
        cli_error("device: '%s' is not new, boot, inspect, diff, fault, snapshot or restore",
                  argv[1]);
    else
        cli_error("device: say new, boot, inspect, diff, fault, snapshot or restore");
    return cli_bad_option(&cmd_device);
}

const struct cli_command cmd_device = {
    .name = "device",
    .summary = "one device kept in a folder: make it, run it, look into it",
    .help =
        "usage: brownout device new DIR --factory IMAGE --key PUBLIC.pem [--ecc]\n"
        "                           [--vendor NAME] [--class NAME] [--bootloader HEX]\n"
        "       brownout device boot DIR [--manifest-url URL] [--until WHAT]\n"
        "                            [--ca-file PEM] [--interval S] [--timeout S]\n"
        "                            [--interactive]\n"
        "       brownout device boot DIR --target pic32 [--until WHAT] [--timeout S]\n"
        "                            [--console] [--gdb PORT]\n"
        "       brownout device inspect DIR [--json] [--why] [--width N]\n"
        "       brownout device diff A B\n"
        "       brownout device fault DIR [--flip F:OFFSET.BIT] [--torn F:OFFSET]\n"
        "                             [--wear F:OFFSET=ERASES] [--cut OPERATION]\n"
        "       brownout device snapshot DIR SNAPSHOT\n"
        "       brownout device restore DIR SNAPSHOT\n"
        "\n"
        "new      Program a factory image into a new device and provision it with the public key\n"
        "         and the product that its images must have. DIR must not exist.\n"
        "           --factory IMAGE   the image, signed; the device must accept it\n"
        "           --key PEM         the P-256 public key of whoever signs the images\n"
        "           --vendor, --class the product; default microchip, pic32mzw1\n"
        "           --ecc             flash ECC on: a torn double word cannot be read\n"
        "           --bootloader HEX  the bootloader as firmware (HEX or ELF): --target pic32\n"
        "\n"
        "boot     Switch the device on, in real time, against any HTTP(S) server. Its console "
        "goes\n"
        "         to stdout. Interrupt it or kill it whenever you like: that is a power cut.\n"
        "           --manifest-url URL  where it looks for updates; without: it does not\n"
        "           --until version=N   stop when this version runs and is confirmed\n"
        "           --until reset       stop when the device resets itself\n"
        "           --ca-file PEM       trust these certificate authorities and no others\n"
        "           --interval S        seconds between two checks (60)\n"
        "           --interactive       keys on stdin: reset, plug, factory reset button, clock,\n"
        "                               update check, confirm, roll back; h lists them\n"
        "           --timeout S         give up after so many seconds (with --until 600, else "
        "never)\n"
        "           --target pic32      run the firmware in the flashes, on a model of the chip\n"
        "           --console           type what stdin has into its UART; on a terminal this\n"
        "                               is so without --gdb\n"
        "           --gdb PORT          wait for gdb on 127.0.0.1:PORT (0: any free port); once "
        "it\n"
        "                               detaches, the chip runs on by itself\n"
        "\n"
        "inspect  Show boot control, program flash, database, images and wear; changes nothing.\n"
        "         On a terminal with maps of both flashes (NO_COLOR: without colour).\n"
        "           --why      run the real bootloader on a copy: what it would do next, and why\n"
        "           --width N  the maps also elsewhere, for so many columns\n"
        "           --json     for scripts\n"
        "\n"
        "diff     How two devices or snapshots differ: records, rows, files, pages. Status 1: they "
        "do.\n"
        "\n"
        "fault    Damage it, in this order of options; F is nvm or spi:\n"
        "           --flip nvm:0x20010.3    turn a bit, as rot does\n"
        "           --torn nvm:0x20010      what a program unit holds cannot be read (with ECC)\n"
        "           --wear spi:0x1000=9999  its erase unit has been erased so often\n"
        "           --cut 17t               start it and let the power go at operation 17, as in\n"
        "                                   the name of a point\n"
        "\n"
        "snapshot Copy a device that is off to a new folder, itself a device; restore makes the\n"
        "         device what a snapshot is, at once or not at all.\n"
        "\n"
        "A device that runs is locked: a second 'boot' or 'inspect' of it is refused with status "
        "2.\n"
        "Any number may inspect at once. The lock goes with the process, also when it is killed.\n"
        "\n"
        "Exit status: 0 done; 1 the device did not get there, or its firmware did what the chip's\n"
        "manuals forbid; 2 bad usage or input; 3 the model of the chip cannot go on.",
    .run = run,
};
