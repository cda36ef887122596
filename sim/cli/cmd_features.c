#include "sim/cli/cmd_features.h"

#include <getopt.h>
#include <stdio.h>

#include "sim/cli/gather.h"
#include "sim/scenario/features.h"

static int run(int argc, char **argv)
{
    static const struct option known[] = {{"help", no_argument, NULL, 'h'}, {0}};
    struct gather gather;
    int option;

    optind = 0; /* glibc: start over */
    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1)
        return option == 'h' ? cli_help(&cmd_features) : cli_bad_option(&cmd_features);
    if (!gather_scenarios(argv + optind, argc - optind, &gather))
        return CLI_USAGE;
    uint32_t unproved = features_print(gather.scenarios, gather.count, stdout);
    gather_free(&gather);
    return unproved ? CLI_FAIL : CLI_PASS;
}

const struct cli_command cmd_features = {
    .name = "features",
    .summary = "which scenarios show which documented feature",
    .help = "Usage: brownout features [FILE|FOLDER...]\n"
            "\n"
            "Print a Markdown table of the documented features and the scenarios that show them, "
            "by their\n"
            "\"shows\"; without arguments of those in scenarios/. docs/FEATURES.md is this text.\n"
            "\n"
            "  -h, --help  this text\n"
            "\n"
            "Exit status: 0 each feature is shown; 1 one is not; 2 a scenario has errors, or bad "
            "usage.",
    .run = run,
};
