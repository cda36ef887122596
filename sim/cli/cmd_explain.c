#include "sim/cli/cmd_explain.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/scenario/explain.h"
#include "sim/scenario/find.h"
#include "sim/scenario/load.h"

static int explain(const struct find_list *list, bool is_all_found)
{
    struct scenario scenario;
    bool is_fine = is_all_found, is_first = true;

    for (uint32_t i = 0; i < list->count; i++) {
        enum load_result result = load_scenario(list->paths[i], stderr, &scenario);
        if (result == LOAD_NO_MEMORY)
            return CLI_FAULT;
        if (result != LOAD_OK) {
            is_fine = false;
            continue;
        }
        printf("%s%s: %s\n", is_first ? "" : "\n", scenario.name, scenario.why);
        explain_text(&scenario, stdout);
        is_first = false;
    }
    return is_fine ? CLI_PASS : CLI_USAGE;
}

static int run(int argc, char **argv)
{
    static const struct option long_options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    struct find_list list;
    int option;

    optind = 0; /* glibc: start over */
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        return option == 'h' ? cli_help(&cmd_explain) : cli_bad_option(&cmd_explain);
    if (optind == argc) {
        cli_error("explain: name scenario files or folders");
        return CLI_USAGE;
    }
    bool is_all_found = find_scenarios(argv + optind, argc - optind, stderr, &list);
    int status = explain(&list, is_all_found);
    find_free(&list);
    return status;
}

const struct cli_command cmd_explain = {
    .name = "explain",
    .summary = "say in sentences what scenarios do",
    .help = "Usage: brownout explain FILE|FOLDER...\n"
            "\n"
            "Say in plain sentences what happens to the device in each scenario, when the power "
            "goes, and\n"
            "what must come of it.\n"
            "\n"
            "  -h, --help  this text\n"
            "\n"
            "Exit status: 0 done, 2 errors in a file or bad usage.",
    .run = run,
};
