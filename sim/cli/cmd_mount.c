#include "sim/cli/cmd_mount.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/mount/mount.h"

#define OPTIONS_SIZE 1000

/* Several -o are one list. */
static bool add_options(char options[OPTIONS_SIZE], const char *more)
{
    size_t length = strlen(options);

    if ((size_t)snprintf(options + length, OPTIONS_SIZE - length, "%s%s", length ? "," : "", more) <
        OPTIONS_SIZE - length)
        return true;
    cli_error("-o: longer than %d characters", OPTIONS_SIZE - 1);
    return false;
}

static int run(int argc, char **argv)
{
    static const struct option known[] = {
        {"foreground", no_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'}, {0}};
    char list[OPTIONS_SIZE] = "", error[FOLDER_ERROR_SIZE];
    struct mount_options options = {0};
    int option;

    while ((option = getopt_long(argc, argv, "fho:", known, NULL)) != -1) {
        if (option == 'f')
            options.is_foreground = true;
        else if (option == 'o' && !add_options(list, optarg))
            return CLI_USAGE;
        else if (option != 'o')
            return option == 'h' ? cli_help(&cmd_mount) : cli_bad_option(&cmd_mount);
    }
    if (argc - optind != 2) {
        cli_error("mount: give a device folder and a folder to mount it on");
        return cli_bad_option(&cmd_mount);
    }
    options.device = argv[optind];
    options.point = argv[optind + 1];
    options.options = *list ? list : NULL;
    if (mount_run(&options, error))
        return CLI_PASS;
    cli_error("%s", error);
    return CLI_USAGE;
}

const struct cli_command cmd_mount = {
    .name = "mount",
    .summary = "show a device that is switched off as files",
    .help =
        "usage: brownout mount [-f] [-o OPTIONS] DEV MNT\n"
        "\n"
        "Mounts the device in the folder DEV on the folder MNT (by FUSE) and returns; unmount it\n"
        "with 'fusermount3 -u MNT', or by SIGINT or SIGTERM to the process. While it is mounted\n"
        "the device cannot be booted.\n"
        "\n"
        "  -f, --foreground   stay, and tell on stderr what is changed\n"
        "  -o OPTIONS         for libfuse: allow_other, auto_unmount, ro, ...\n"
        "\n"
        "  nvm/bootloader.bin                     what lies in program flash\n"
        "  nvm/boot_control/page.bin              the page; a write is a debugger's poke\n"
        "  nvm/boot_control/records/NN.json       each of its slots that is not blank\n"
        "  nvm/application.bin, application.json  what it holds, and whether it verifies\n"
        "  spi/raw.bin                            the SPI flash; a write is a debugger's poke\n"
        "  spi/fs/...                             its file system: read, write, rename, remove\n"
        "  images/<name>.json                     what the images of the store are\n"
        "  wear/nvm.csv, wear/spi.csv             erases of each unit\n"
        "  status.json                            what 'device inspect --json' says\n"
        "  console.log                            what the device has said, and what was changed\n"
        "\n"
        "Who opens a file to read gets it as it is then. A file of spi/fs is committed as a whole\n"
        "when it is closed, by the device's own littlefs. A poke obeys no rule of the flash, "
        "keeps\n"
        "the size, and is a line in console.log. All else is read-only: EACCES, names EPERM.\n"
        "\n"
        "Exit status: 0 mounted, or unmounted with -f; 2 bad usage, or it cannot be mounted.",
    .run = run,
};
