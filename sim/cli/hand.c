#include "sim/cli/hand.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cmd_device.h"
#include "sim/device/console_log.h"
#include "sim/device/copy.h"
#include "sim/device/forecast.h"

/* --- device fault ---------------------------------------------------------------------------- */

struct faulty {
    const char *path;
    struct folder folder;
    FILE *console;
};

/* Done: for who asked, and in the device's console. */
static void tell(const struct faulty *faulty, const char *text)
{
    char line[300];

    snprintf(line, sizeof line, "by hand: %s", text);
    puts(line);
    console_log_print(faulty->console, line);
}

/* "nvm:0x20010", then mark and a number where there is a mark. */
static bool parse_place(struct faulty *faulty, const char *option, const char *text, char mark,
                        unsigned long number_max, struct cells **ret_cells,
                        unsigned long *ret_offset, unsigned long *ret_number)
{
    struct cells *cells = strncmp(text, "nvm:", 4) == 0   ? &faulty->folder.nvm.cells
                          : strncmp(text, "spi:", 4) == 0 ? &faulty->folder.spi.cells
                                                          : NULL;
    const char *end = mark ? strchr(text, mark) : text + strlen(text);
    char offset[32] = "";

    if (!cells || !end || end - text - 4 >= (long)sizeof offset) {
        cli_error("%s: '%s' is not nvm:OFFSET%s or spi:OFFSET%s", option, text,
                  mark == '.'   ? ".BIT"
                  : mark == '=' ? "=ERASES"
                                : "",
                  mark == '.'   ? ".BIT"
                  : mark == '=' ? "=ERASES"
                                : "");
        return false;
    }
    memcpy(offset, text + 4, (size_t)(end - text - 4));
    *ret_cells = cells;
    return cli_number(option, offset, 0, cells->flash.size - 1, ret_offset) &&
           (!mark || cli_number(option, end + 1, 0, number_max, ret_number));
}

static bool flip(struct faulty *faulty, const char *text)
{
    struct cells *cells;
    unsigned long offset, bit;
    char line[200];

    if (!parse_place(faulty, "--flip", text, '.', 7, &cells, &offset, &bit))
        return false;
    cells->bytes[offset] ^= (uint8_t)(1u << bit);
    snprintf(line, sizeof line, "%s 0x%06lX: bit %lu flipped, the byte is 0x%02X",
             cells->flash.name, offset, bit, cells->bytes[offset]);
    tell(faulty, line);
    return true;
}

static bool wear(struct faulty *faulty, const char *text)
{
    struct cells *cells;
    unsigned long offset, erases;
    char line[200];

    if (!parse_place(faulty, "--wear", text, '=', UINT32_MAX, &cells, &offset, &erases))
        return false;
    cells->units[offset / cells->flash.erase_size].erases = (uint32_t)erases;
    snprintf(line, sizeof line, "%s 0x%06lX: its unit has %lu erases", cells->flash.name, offset,
             erases);
    tell(faulty, line);
    return true;
}

static bool tear(struct faulty *faulty, const char *text)
{
    struct cells *cells;
    unsigned long offset;
    char line[200];

    if (!parse_place(faulty, "--torn", text, '\0', 0, &cells, &offset, NULL))
        return false;
    cells->marks[offset / cells->mark_size] |= CELLS_PROGRAMMED | CELLS_TORN;
    snprintf(line, sizeof line, "%s 0x%06lX: %u bytes are torn", cells->flash.name, offset,
             cells->mark_size);
    tell(faulty, line);
    return true;
}

static void print_line(void *context, const char *text)
{
    console_log_print(((struct faulty *)context)->console, text);
    puts(text);
}

/* The next start, which the power ends. */
static bool cut(struct faulty *faulty, const char *text)
{
    struct forecast_cut cut;
    size_t length = strlen(text);
    const char *letter = length > 1 ? strchr(POWER_LETTERS, text[length - 1]) : NULL;
    char number[16] = "", line[200];
    unsigned long operation;
    uint32_t version;

    if (!letter || length > sizeof number) {
        cli_error("--cut: '%s' is not the number of an operation and one of the letters %s", text,
                  POWER_LETTERS);
        return false;
    }
    memcpy(number, text, length - 1);
    if (!cli_number("--cut", number, 1, UINT32_MAX, &operation))
        return false;
    cut.operation = (uint32_t)operation;
    cut.moment = (enum power_moment)(letter - POWER_LETTERS);
    enum device_end end = forecast_run(&faulty->folder, &cut, print_line, faulty, &version);
    snprintf(line, sizeof line,
             end == DEVICE_CUT ? "the power went at %s" : "the start has no operation %s", text);
    tell(faulty, line);
    if (end != DEVICE_CUT)
        cli_error("--cut: the start has no operation %s; it was done to its end", text);
    return end == DEVICE_CUT;
}

static int apply(struct faulty *faulty, int argc, char **argv)
{
    static const struct option known[] = {
        {"flip", required_argument, NULL, 'f'}, {"wear", required_argument, NULL, 'w'},
        {"torn", required_argument, NULL, 't'}, {"cut", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},       {0}};
    uint32_t count = 0;
    int option;
    bool is_fine = true;

    optind = 1;
    while (is_fine && (option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        count++;
        is_fine = option == 'f'   ? flip(faulty, optarg)
                  : option == 'w' ? wear(faulty, optarg)
                  : option == 't' ? tear(faulty, optarg)
                                  : cut(faulty, optarg);
    }
    if (is_fine && !count) {
        cli_error("device fault: say --flip, --wear, --torn or --cut");
        return cli_bad_option(&cmd_device);
    }
    return is_fine ? CLI_PASS : CLI_USAGE;
}

/* The folder first: the options are done to it as they come. */
static int find_folder(int argc, char **argv, const char **ret_path)
{
    static const struct option known[] = {
        {"flip", required_argument, NULL, 'f'}, {"wear", required_argument, NULL, 'w'},
        {"torn", required_argument, NULL, 't'}, {"cut", required_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},       {0}};
    int option;

    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1)
        if (option == 'h' || option == '?')
            return option == 'h' ? cli_help(&cmd_device) : cli_bad_option(&cmd_device);
    if (argc - optind != 1) {
        cli_error("device fault: give one device folder");
        return cli_bad_option(&cmd_device);
    }
    *ret_path = argv[optind];
    return CLI_PASS;
}

int hand_fault(int argc, char **argv)
{
    struct faulty faulty = {0};
    char error[FOLDER_ERROR_SIZE];
    int status = find_folder(argc, argv, &faulty.path);

    if (!faulty.path)
        return status;
    if (!folder_open(&faulty.folder, faulty.path, true, error)) {
        cli_error("%s", error);
        return CLI_USAGE;
    }
    faulty.console = console_log_open(faulty.path);
    status = apply(&faulty, argc, argv);
    console_log_close(faulty.console);
    folder_close(&faulty.folder);
    return status;
}

/* --- device snapshot and restore ------------------------------------------------------------- */

static int copy(int argc, char **argv, bool (*run)(const char *, const char *, char *),
                const char *done)
{
    char error[FOLDER_ERROR_SIZE];

    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return cli_help(&cmd_device);
    if (argc != 3) {
        cli_error("device %s: give the device folder and the snapshot's", argv[0]);
        return cli_bad_option(&cmd_device);
    }
    if (!run(argv[1], argv[2], error)) {
        cli_error("%s", error);
        return CLI_USAGE;
    }
    printf(done, argv[1], argv[2]);
    return CLI_PASS;
}

int hand_snapshot(int argc, char **argv)
{
    return copy(argc, argv, copy_device, "%s: a snapshot of it is %s\n");
}

int hand_restore(int argc, char **argv)
{
    return copy(argc, argv, copy_restore, "%s: is now what %s is\n");
}
