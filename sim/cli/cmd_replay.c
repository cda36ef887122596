#include "sim/cli/cmd_replay.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/firmware_option.h"
#include "sim/cli/target.h"
#include "sim/explore/replay.h"

struct options {
    char *target;
    char **gdb_arguments; /* behind "--"; the last is NULL */
    int gdb_argument_count;
    unsigned long stop_boot, stop_operation;
    const char *keep;
    bool is_table, is_gdb;
    struct firmware_option firmware;
    const struct chip_boot_file *firmware_file; /* NULL: none */
};

static int tell(const struct scenario *scenario, const struct replay *replay)
{
    const struct explore_result *result = &replay->result;

    if (result->verdict == EXPLORE_FAULT) {
        cli_error("%s: %s", scenario->name, result->fault);
        return CLI_FAULT;
    }
    for (uint32_t i = 0; i < result->failure_count; i++)
        printf("FAIL  %s: %s, in boot %u\n", judge_claim_name(result->failures[i].claim),
               result->failures[i].text, replay->boot);
    if (replay->is_stopped)
        puts("stopped");
    else if (result->verdict == EXPLORE_PASSED)
        puts("ok");
    return result->verdict == EXPLORE_PASSED ? CLI_PASS : CLI_FAIL;
}

/* --- in gdb ---------------------------------------------------------------------------------- */

#define GDB_ARGUMENTS_MAX 64

struct gdb {
    const char *arguments[GDB_ARGUMENTS_MAX];
    int count;
    char self[PATH_MAX], safe_path[PATH_MAX + 32], stop[96];
};

static void add(struct gdb *gdb, const char *argument)
{
    if (gdb->count + 1 < GDB_ARGUMENTS_MAX)
        gdb->arguments[gdb->count++] = argument;
}

static void add_command(struct gdb *gdb, const char *command)
{
    add(gdb, "-ex");
    add(gdb, command);
}

/* The script beside the program is loaded only from a folder that is said to be safe. */
static bool find_self(struct gdb *gdb)
{
    ssize_t length = readlink("/proc/self/exe", gdb->self, sizeof gdb->self - 1);

    if (length < 0)
        return false;
    gdb->self[length] = '\0';
    snprintf(gdb->safe_path, sizeof gdb->safe_path, "add-auto-load-safe-path %.*s",
             (int)(strrchr(gdb->self, '/') - gdb->self), gdb->self);
    return true;
}

/* At the operation that was asked for; else in the boot that fails, or the last one. */
static void add_stop(struct gdb *gdb, const struct options *options, uint32_t boot)
{
    if (options->stop_boot) {
        snprintf(gdb->stop, sizeof gdb->stop,
                 "break run_operation_starts if boot == %lu && number == %lu", options->stop_boot,
                 options->stop_operation);
        add_command(gdb, gdb->stop);
        add_command(gdb, "run");
        return;
    }
    snprintf(gdb->stop, sizeof gdb->stop, "tbreak run_boot_starts if boot == %u", boot);
    add_command(gdb, gdb->stop);
    add_command(gdb, "run");
    add_command(gdb, "tbreak boot_run");
    add_command(gdb, "continue");
}

static int run_in_gdb(const struct options *options, const char *target, uint32_t boot)
{
    struct gdb gdb = {.count = 0};

    if (!find_self(&gdb)) {
        cli_error("cannot find this program's file");
        return CLI_FAULT;
    }
    add(&gdb, "gdb");
    add(&gdb, "-q");
    add(&gdb, "-iex");
    add(&gdb, gdb.safe_path);
    add(&gdb, "-iex");
    add(&gdb, "set debuginfod enabled off");
    add_stop(&gdb, options, boot);
    add_command(&gdb, "break judge_claim_failed");
    for (int i = 0; i < options->gdb_argument_count; i++)
        add(&gdb, options->gdb_arguments[i]);
    add(&gdb, "--args");
    add(&gdb, gdb.self);
    add(&gdb, "replay");
    add(&gdb, target);
    if (options->is_table)
        add(&gdb, "--trace");
    fflush(stdout);
    execvp("gdb", (char **)gdb.arguments);
    cli_error("cannot start gdb: %s", strerror(errno));
    return CLI_SKIP;
}

/* --- the command ----------------------------------------------------------------------------- */

static bool parse_stop(char *text, struct options *options)
{
    char *colon = strchr(text, ':');

    if (!colon) {
        cli_error("--stop: '%s' is not BOOT:OP", text);
        return false;
    }
    *colon = '\0';
    return cli_number("--stop", text, 1, UINT32_MAX, &options->stop_boot) &&
           cli_number("--stop", colon + 1, 1, UINT32_MAX, &options->stop_operation);
}

static bool make_folder(const char *keep)
{
    if (!keep || mkdir(keep, 0777) == 0 || errno == EEXIST)
        return true;
    cli_error("%s: %s", keep, strerror(errno));
    return false;
}

static int check_options(const struct options *options, int operands)
{
    if (operands < 1 || (operands > 1 && !options->is_gdb)) {
        cli_error("replay: give one SCENARIO:POINT");
        return cli_bad_option(&cmd_replay);
    }
    if (options->is_gdb && options->keep) {
        cli_error("replay: --keep and --gdb exclude each other");
        return CLI_USAGE;
    }
    if (options->is_gdb && options->firmware.is_pic32) {
        cli_error("replay: gdb sees this program, not the firmware; see 'brownout device boot "
                  "--target pic32 --gdb'");
        return CLI_USAGE;
    }
    if (options->gdb_argument_count > GDB_ARGUMENTS_MAX - 24) {
        cli_error("replay: too many arguments for gdb");
        return CLI_USAGE;
    }
    return CLI_PASS;
}

/* Returns CLI_PASS to go on, another status to end; -1: the help was asked for. */
static int parse(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {
        {"trace", no_argument, NULL, 't'},        {"stop", required_argument, NULL, 's'},
        {"keep", required_argument, NULL, 'k'},   {"gdb", no_argument, NULL, 'g'},
        {"target", required_argument, NULL, 'T'}, {"bootloader", required_argument, NULL, 'B'},
        {"help", no_argument, NULL, 'h'},         {0}};
    int option;

    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 't')
            options->is_table = true;
        else if (option == 'k')
            options->keep = optarg;
        else if (option == 'g')
            options->is_gdb = true;
        else if (option == 'B')
            options->firmware.bootloader = optarg;
        else if (option == 's' && !parse_stop(optarg, options))
            return CLI_USAGE;
        else if (option == 'T' && !firmware_option_target(optarg, &options->firmware.is_pic32))
            return CLI_USAGE;
        else if (option == 'h')
            return -1;
        else if (option == '?')
            return cli_bad_option(&cmd_replay);
    }
    options->target = argv[optind];
    options->gdb_arguments = argv + optind + 1;
    options->gdb_argument_count = argc > optind ? argc - optind - 1 : 0;
    return check_options(options, argc - optind);
}

/* Which boot is it that fails? The last one of a run that nobody looks at. */
static uint32_t find_boot(const struct options *options, const struct target *target)
{
    const struct replay_options silent = {.firmware = options->firmware_file};
    struct replay replay;

    replay_point(target->scenario, &target->point, &silent, &replay);
    return replay.boot;
}

static int replay_aloud(const struct options *options, const struct target *target)
{
    struct replay_options told = {.out = stdout,
                                  .is_table = options->is_table,
                                  .stop_boot = (uint32_t)options->stop_boot,
                                  .stop_operation = (uint32_t)options->stop_operation,
                                  .keep = options->keep,
                                  .firmware = options->firmware_file};
    struct replay replay;

    if (!make_folder(options->keep))
        return CLI_USAGE;
    if (options->keep)
        told.keep_boot = told.stop_boot ? told.stop_boot : find_boot(options, target);
    printf("%s: %s\n", target->scenario->name, target->scenario->why);
    replay_point(target->scenario, &target->point, &told, &replay);
    int status = tell(target->scenario, &replay);
    if (options->stop_boot && !replay.is_stopped && status != CLI_FAULT) {
        cli_error("--stop: this run has no operation %lu in boot %lu", options->stop_operation,
                  options->stop_boot);
        return CLI_USAGE;
    }
    return status;
}

static int replay(int argc, char **argv)
{
    struct options options = {0};
    struct target target;
    char name[PATH_MAX];
    int status = parse(argc, argv, &options);

    if (status)
        return status < 0 ? cli_help(&cmd_replay) : status;
    snprintf(name, sizeof name, "%s", options.target);
    if (!target_find(options.target, &target))
        return CLI_USAGE;
    if (!firmware_option_open(&options.firmware, &options.firmware_file))
        status = CLI_USAGE;
    else if (options.is_gdb)
        status = run_in_gdb(&options, name, options.stop_boot ? 0 : find_boot(&options, &target));
    else
        status = replay_aloud(&options, &target);
    if (options.firmware_file)
        firmware_option_close(&options.firmware);
    target_free(&target);
    return status;
}

const struct cli_command cmd_replay = {
    .name = "replay",
    .summary = "one point of a scenario again, told step by step",
    .help = "usage: brownout replay SCENARIO:POINT [--trace] [--stop BOOT:OP] [--keep DIR]\n"
            "                       [--target pic32 [--bootloader FILE]]\n"
            "       brownout replay SCENARIO:POINT --gdb [--stop BOOT:OP] [-- GDB-ARGUMENT...]\n"
            "\n"
            "SCENARIO is a file, or a name from scenarios/. POINT says where the power goes:\n"
            "17t inside operation 17 of the power session, 17a behind it, 17w inside an erase\n"
            "that looks done and is not; 17t.3a: then behind operation 3 of the next session;\n"
            "40a+ behind operation 40 of every session, for ever; 0: nowhere. A failure of\n"
            "'brownout run' names its point. A row of a matrix has its numbers behind the name,\n"
            "and quotes keep the shell from reading them:\n"
            "\n"
            "  brownout replay 'scenarios/update/update.json[1,0]:17t'\n"
            "  brownout replay 'update[1,0]:17t'\n"
            "\n"
            "  --trace         as a table, a line an event, with every flash operation\n"
            "  --stop BOOT:OP  stop before operation OP of boot BOOT, as the table counts them,\n"
            "                  and show what the device holds then\n"
            "  --keep DIR      leave the device as it is before the boot that fails, in\n"
            "                  DIR/before, and after it, in DIR/after, for 'brownout device\n"
            "                  inspect'; of a run that passes: the last boot\n" FIRMWARE_OPTION_HELP
            "  --gdb           in gdb, stopped in the bootloader of the boot that fails, or\n"
            "                  before the operation of --stop; 'continue' goes to where a claim\n"
            "                  fails. What stands behind '--' goes to gdb:\n"
            "\n"
            "  brownout replay update:17t --gdb -- -batch -ex backtrace -ex 'ota boot'\n"
            "\n"
            "docs/DEBUGGING.md goes through a failure with it.\n"
            "\n"
            "Exit status: 0 it passes, or has stopped; 1 it fails; 2 bad usage; 3 simulator\n"
            "fault; 77 there is no gdb.",
    .run = replay,
};
