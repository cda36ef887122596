#include "sim/cli/cmd_list.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "sim/cli/gather.h"

static int list(int argc, char **argv)
{
    static const struct option known[] = {{"help", no_argument, NULL, 'h'}, {0}};
    struct gather gather;
    const char *theme = "";
    int option;

    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1)
        return option == 'h' ? cli_help(&cmd_list) : cli_bad_option(&cmd_list);
    if (!gather_scenarios(argv + optind, argc - optind, &gather))
        return CLI_USAGE;
    for (uint32_t i = 0; i < gather.count; i++) {
        const struct scenario *scenario = &gather.scenarios[i];
        if (strcmp(theme, scenario->theme) != 0)
            printf("%s%s\n", i ? "\n" : "", scenario->theme);
        theme = scenario->theme;
        printf("  %-28s %s\n", scenario->name, scenario->why);
    }
    gather_free(&gather);
    return CLI_PASS;
}

const struct cli_command cmd_list = {
    .name = "list",
    .summary = "the scenarios by theme, and why each is there",
    .help = "usage: brownout list [FILE|DIR...]\n"
            "\n"
            "Lists scenarios without running them; without arguments those in scenarios/.\n"
            "\n"
            "Exit status: 0; 2 a scenario has errors.",
    .run = list,
};
