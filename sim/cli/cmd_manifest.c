#include "sim/cli/cmd_manifest.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/image/file.h"
#include "sim/image/manifest_json.h"

enum option_id {
    OPTION_HELP = 'h',
    OPTION_OUTPUT = 'o',
    OPTION_URL_BASE = 256,
    OPTION_ERASE,
};

/* entries holds one for each argument, which is enough. */
struct arguments {
    struct manifest_json_entry *entries;
    uint32_t count;
    const char *url_base, *output;
};

static bool take_option(int option, struct arguments *arguments)
{
    unsigned long version;

    switch (option) {
    case OPTION_URL_BASE:
        arguments->url_base = optarg;
        return true;
    case OPTION_OUTPUT:
        arguments->output = optarg;
        return true;
    case OPTION_ERASE:
        if (!cli_number("--erase", optarg, 1, UINT32_MAX, &version))
            return false;
        arguments->entries[arguments->count++] =
            (struct manifest_json_entry){.version = (uint32_t)version, .is_erase = true};
        return true;
    default:
        cli_bad_option(&cmd_manifest);
        return false;
    }
}

static bool read_images(int count, char **paths, struct arguments *arguments)
{
    bool is_ok = true;

    for (int i = 0; i < count; i++) {
        const char *reason = manifest_json_read(paths[i], &arguments->entries[arguments->count++]);
        if (!reason && file_is_same(paths[i], arguments->output))
            reason = "is the output too, and would be lost";
        if (reason) {
            cli_error("%s: %s", paths[i], reason);
            is_ok = false;
        }
    }
    return is_ok;
}

/* The entries are sorted, so what stands twice stands side by side. */
static void explain_version(const struct arguments *arguments)
{
    for (uint32_t i = 1; i < arguments->count; i++) {
        const struct manifest_json_entry *a = &arguments->entries[i - 1], *b = a + 1;
        if (a->version == b->version)
            cli_error("version %u stands twice: %s and %s", a->version,
                      a->is_erase ? "--erase" : a->name, b->is_erase ? "--erase" : b->name);
    }
}

static int write_manifest(struct arguments *arguments)
{
    char *text;
    enum ota_err err =
        manifest_json_text(arguments->entries, arguments->count, arguments->url_base, &text);

    if (err == OTA_ERR_FORMAT)
        cli_error("--url-base: '%s' is no http:// or https:// address without query and blanks",
                  arguments->url_base);
    else if (err == OTA_ERR_VERSION)
        explain_version(arguments);
    else if (err)
        cli_error("manifest: %s", err_text(err));
    if (err)
        return err == OTA_ERR_FULL ? CLI_FAULT : CLI_USAGE;

    int error = file_write(arguments->output, text, (uint32_t)strlen(text));
    if (error)
        cli_error("%s: %s", strcmp(arguments->output, "-") == 0 ? "stdout" : arguments->output,
                  strerror(error));
    free(text);
    return error ? CLI_USAGE : CLI_PASS;
}

static int run_with(struct arguments *arguments, int argc, char **argv)
{
    static const struct option long_options[] = {
        {"url-base", required_argument, NULL, OPTION_URL_BASE},
        {"erase", required_argument, NULL, OPTION_ERASE},
        {"output", required_argument, NULL, OPTION_OUTPUT},
        {"help", no_argument, NULL, OPTION_HELP},
        {0},
    };
    int option;

    optind = 0; /* glibc: start over */
    while ((option = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
        if (option == OPTION_HELP)
            return cli_help(&cmd_manifest);
        if (!take_option(option, arguments))
            return CLI_USAGE;
    }
    if (optind == argc && arguments->count == 0) {
        cli_error("manifest: name the images");
        return CLI_USAGE;
    }
    if (optind < argc && !arguments->url_base) {
        cli_error("manifest: --url-base URL is needed");
        return CLI_USAGE;
    }
    if (!read_images(argc - optind, argv + optind, arguments))
        return CLI_USAGE;
    return write_manifest(arguments);
}

static int run(int argc, char **argv)
{
    struct arguments arguments = {.output = "-"};

    arguments.entries = calloc((size_t)argc + 1, sizeof *arguments.entries);
    if (!arguments.entries) {
        cli_error("manifest: out of memory");
        return CLI_FAULT;
    }
    int status = run_with(&arguments, argc, argv);
    free(arguments.entries);
    return status;
}

const struct cli_command cmd_manifest = {
    .name = "manifest",
    .summary = "write the manifest that announces images",
    .help =
        "Usage: brownout manifest --url-base URL [--erase N]... [-o ota.json] IMAGE.bin...\n"
        "\n"
        "Write the update manifest for images: version, URL and SHA-256 of each file, sorted by\n"
        "version, the newest last (the original OTA service reads the last entry only; devices "
        "here\n"
        "take the highest version wherever it stands).\n"
        "\n"
        "      --url-base URL  http:// or https:// address of the directory the files are served\n"
        "                      from; the file name is added, percent-encoded\n"
        "      --erase N       have devices erase version N; may be given more than once, and\n"
        "                      without any image\n"
        "  -o, --output FILE   where to write; default '-', stdout\n"
        "  -h, --help          this text\n"
        "\n"
        "Refused: what is not an image or does not match its own hash, version 0, a version that\n"
        "stands twice. Signatures are not looked at: 'brownout image verify --key' does that.\n"
        "\n"
        "Example:\n"
        "  brownout manifest v2.bin v3.bin --url-base http://192.168.1.10:8000/ -o ota.json\n"
        "\n"
        "Exit status: 0 done, 2 bad usage or input.",
    .run = run,
};
