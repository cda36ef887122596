#include "sim/cli/cmd_explain.h"

#include <getopt.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/cli/gather.h"
#include "sim/scenario/explain.h"

static int run(int argc, char **argv)
{
    static const struct option long_options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    struct gather gather;
    int option;

    optind = 0; /* glibc: start over */
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        return option == 'h' ? cli_help(&cmd_explain) : cli_bad_option(&cmd_explain);
    if (optind == argc) {
        cli_error("explain: name scenario files or folders");
        return CLI_USAGE;
    }
    if (!gather_scenarios(argv + optind, argc - optind, &gather))
        return CLI_USAGE;
    for (uint32_t i = 0; i < gather.count; i++) {
        const struct scenario *scenario = &gather.scenarios[i];
        printf("%s%s: %s\n", i ? "\n" : "", scenario->name, scenario->why);
        explain_text(scenario, stdout);
    }
    gather_free(&gather);
    return CLI_PASS;
}

const struct cli_command cmd_explain = {
    .name = "explain",
    .summary = "say in sentences what scenarios do",
    .help = "Usage: brownout explain FILE|FOLDER...\n"
            "\n"
            "Say in plain sentences what happens to the device in each scenario, when the power "
            "goes, and\n"
            "what must come of it; of a matrix each row, of 'FILE[1,0]' only this one.\n"
            "\n"
            "  -h, --help  this text\n"
            "\n"
            "Exit status: 0 done, 2 errors in a file or bad usage.",
    .run = run,
};
