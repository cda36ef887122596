#include "sim/cli/cmd_pin.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/target.h"
#include "sim/explore/pin.h"
#include "sim/image/file.h"
#include "sim/scenario/load.h"

#define DEFAULT_FOLDER "scenarios/regress"

/* Does what was written fail as the point does? */
static int check(const char *path, const struct explore_failure *failure)
{
    const struct explore_options options = {0};
    struct explore_result result;
    struct load_rows rows;

    if (load_file(path, stderr, &rows) != LOAD_OK) {
        cli_error("%s: was written, and is not a good scenario", path);
        return CLI_FAULT;
    }
    explore_run(&rows.scenarios[0], &options, &result);
    load_free(&rows);
    if (result.verdict == EXPLORE_FAILED && result.failures[0].claim != CLAIM_FIRED) {
        printf("%s: %s: %s\n", path, judge_claim_name(result.failures[0].claim),
               result.failures[0].text);
        puts("Now fill in \"why\".");
        return CLI_PASS;
    }
    cli_error("%s: was written, and does not fail as the point does (%s: %s)", path,
              judge_claim_name(failure->claim), failure->text);
    return CLI_FAULT;
}

static int write_text(const char *path, const char *text)
{
    char *line = NULL;
    int length = asprintf(&line, "%s\n", text);
    int err = length < 0 ? ENOMEM : file_write(path, line, (uint32_t)length);

    if (length >= 0)
        free(line);
    return err;
}

static int write_pin(const char *folder, const struct target *target, const struct replay *replay)
{
    char path[PATH_MAX], name[SCENARIO_NAME_MAX], reason[PIN_REASON_SIZE];

    pin_name(target->scenario, &target->point, name);
    if ((size_t)snprintf(path, sizeof path, "%s/%s.json", folder, name) >= sizeof path) {
        cli_error("%.60s...: the path is too long", folder);
        return CLI_USAGE;
    }
    if (access(path, F_OK) == 0) {
        cli_error("%s: exists already", path);
        return CLI_USAGE;
    }
    struct json_object *pinned = pin_scenario(target->scenario, &target->point, replay, reason);
    if (!pinned) {
        cli_error("%s", reason);
        return CLI_USAGE;
    }
    const char *text = json_object_to_json_string_ext(
        pinned, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE);
    int err = mkdir(folder, 0777) && errno != EEXIST ? errno : 0;
    if (!err)
        err = write_text(path, text);
    json_object_put(pinned);
    if (err) {
        cli_error("%s: %s", path, strerror(err));
        return CLI_USAGE;
    }
    return check(path, &replay->result.failures[0]);
}

static int pin_target(const char *folder, const struct target *target)
{
    const struct replay_options silent = {0};
    struct replay replay;

    replay_point(target->scenario, &target->point, &silent, &replay);
    if (replay.result.verdict == EXPLORE_FAULT) {
        cli_error("%s: %s", target->scenario->name, replay.result.fault);
        return CLI_FAULT;
    }
    if (replay.result.verdict == EXPLORE_PASSED) {
        cli_error("pin: this point passes; there is nothing to pin");
        return CLI_FAIL;
    }
    if (replay.result.failures[0].claim == CLAIM_FIRED) {
        cli_error("pin: %s", replay.result.failures[0].text);
        return CLI_USAGE;
    }
    return write_pin(folder, target, &replay);
}

static int pin(int argc, char **argv)
{
    static const struct option known[] = {
        {"to", required_argument, NULL, 't'}, {"help", no_argument, NULL, 'h'}, {0}};
    const char *folder = DEFAULT_FOLDER;
    struct target target;
    int option;

    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 't')
            folder = optarg;
        else
            return option == 'h' ? cli_help(&cmd_pin) : cli_bad_option(&cmd_pin);
    }
    if (argc - optind != 1) {
        cli_error("pin: give one SCENARIO:POINT");
        return cli_bad_option(&cmd_pin);
    }
    if (!target_find(argv[optind], &target))
        return CLI_USAGE;
    int status = pin_target(folder, &target);
    target_free(&target);
    return status;
}

const struct cli_command cmd_pin = {
    .name = "pin",
    .summary = "a failing point becomes a scenario that outlives a change of the code",
    .help =
        "usage: brownout pin SCENARIO:POINT [--to DIR]\n"
        "\n"
        "Writes DIR/NAME-POINT.json; DIR is scenarios/regress when nothing else is said.\n"
        "Its cuts are at addresses: a cut has flash, address, kind and phase of its operation,\n"
        "which one of those it is since the power came on, and the moment. So it is still\n"
        "the same one when the code does something more before it. The new scenario is\n"
        "run, and must fail. Then fill in its \"why\": why it failed, and what mends it. When\n"
        "the code no longer comes to such an operation, 'cut 1 never happened' says so.\n"
        "\n"
        "  brownout pin 'update[1,0]:17t.3a'\n"
        "\n"
        "Exit status: 0 written, and it fails as the point does; 1 the point passes; 2 bad\n"
        "usage, or the file cannot be written or is there already; 3 simulator fault.",
    .run = pin,
};
