#include "sim/cli/cmd_replay.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/gather.h"
#include "sim/explore/replay.h"

/* Where FILE:POINT is split: the last colon. */
static bool split(char *text, struct point *ret_point)
{
    char *colon = strrchr(text, ':');

    if (!colon || colon == text || !point_parse(colon + 1, ret_point)) {
        cli_error(
            "'%s' is not a scenario and a point, such as update:17t, update:17t.3a or update:0",
            text);
        return false;
    }
    *colon = '\0';
    return true;
}

static bool find_file(char *path, struct gather *gather)
{
    if (!gather_scenarios(&path, 1, gather))
        return false;
    if (gather->count == 1)
        return true;
    cli_error("%s: %u scenarios; name one, such as '%s%s:0'", path, gather->count,
              gather->scenarios[0].file, gather->scenarios[0].row);
    gather_free(gather);
    return false;
}

/* The name of a scenario below scenarios/. */
static bool find_name(const char *name, struct gather *gather, uint32_t *ret_index)
{
    if (!gather_scenarios(NULL, 0, gather))
        return false;
    for (*ret_index = 0; *ret_index < gather->count; ++*ret_index) {
        const struct scenario *scenario = &gather->scenarios[*ret_index];
        if (strcmp(scenario->name, name) == 0)
            return true;
        if (scenario->row[0] && strlen(name) == strcspn(scenario->name, "[") &&
            strncmp(scenario->name, name, strlen(name)) == 0) {
            cli_error("'%s' has rows; name one, such as '%s:0'", name, scenario->name);
            gather_free(gather);
            return false;
        }
    }
    cli_error("'%s' is neither a file nor a scenario in scenarios/", name);
    gather_free(gather);
    return false;
}

static bool find(char *name, struct gather *gather, uint32_t *ret_index)
{
    *ret_index = 0;
    if (access(name, F_OK) == 0 || strchr(name, '/') || strstr(name, ".json["))
        return find_file(name, gather);
    return find_name(name, gather, ret_index);
}

static int tell(const struct scenario *scenario, const struct explore_result *result)
{
    if (result->verdict == EXPLORE_FAULT) {
        cli_error("%s: %s", scenario->name, result->fault);
        return CLI_FAULT;
    }
    for (uint32_t i = 0; i < result->failure_count; i++)
        printf("FAIL  %s: %s\n", judge_claim_name(result->failures[i].claim),
               result->failures[i].text);
    if (result->verdict == EXPLORE_PASSED)
        puts("ok");
    return result->verdict == EXPLORE_PASSED ? CLI_PASS : CLI_FAIL;
}

/* The same command under gdb, stopped where the power goes or a claim fails. */
static int run_in_gdb(char *target)
{
    char self[PATH_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

    if (length < 0) {
        cli_error("cannot find this program's file");
        return CLI_FAULT;
    }
    self[length] = '\0';
    execlp("gdb", "gdb", "-q", "-ex", "break run_power_cut", "-ex", "break run_claim_failed", "-ex",
           "run", "--args", self, "replay", target, (char *)NULL);
    cli_error("cannot start gdb");
    return CLI_FAULT;
}

static int replay(int argc, char **argv)
{
    static const struct option known[] = {{"trace", no_argument, NULL, 't'},
                                          {"gdb", no_argument, NULL, 'g'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    struct explore_result result;
    struct gather gather;
    struct point point;
    bool is_verbose = false, is_gdb = false;
    uint32_t index;
    int option;

    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 't')
            is_verbose = true;
        else if (option == 'g')
            is_gdb = true;
        else
            return option == 'h' ? cli_help(&cmd_replay) : cli_bad_option(&cmd_replay);
    }
    if (argc - optind != 1) {
        cli_error("replay: give one SCENARIO:POINT");
        return cli_bad_option(&cmd_replay);
    }
    if (is_gdb && is_verbose) {
        cli_error("replay: --trace and --gdb exclude each other");
        return CLI_USAGE;
    }
    if (is_gdb)
        return run_in_gdb(argv[optind]);
    if (!split(argv[optind], &point) || !find(argv[optind], &gather, &index))
        return CLI_USAGE;
    const struct scenario *scenario = &gather.scenarios[index];
    printf("%s: %s\nboot       s\n", scenario->name, scenario->why);
    replay_point(scenario, &point, stdout, is_verbose, &result);
    int status = tell(scenario, &result);
    gather_free(&gather);
    return status;
}

const struct cli_command cmd_replay = {
    .name = "replay",
    .summary = "one point of a scenario again, told step by step",
    .help = "usage: brownout replay SCENARIO:POINT [--trace] [--gdb]\n"
            "\n"
            "SCENARIO is a file, or a name from scenarios/. POINT says where the power goes:\n"
            "17t inside operation 17 of the power session, 17a behind it, 17w inside an erase\n"
            "that looks done and is not; 17t.3a: then behind operation 3 of the next session;\n"
            "0: nowhere. A failure of 'brownout run' names its point. A row of a matrix has its\n"
            "numbers behind the name, and quotes keep the shell from reading them:\n"
            "\n"
            "  brownout replay 'scenarios/update/update.json[1,0]:17t'\n"
            "  brownout replay 'update[1,0]:17t'\n"
            "\n"
            "  --trace   every flash operation, too\n"
            "  --gdb     in gdb, stopped where the power goes and where a claim fails\n"
            "\n"
            "Exit status: 0 it passes; 1 it fails; 2 bad usage; 3 simulator fault.",
    .run = replay,
};
