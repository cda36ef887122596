#include "sim/cli/cmd_schema.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "sim/report/report_page.h"
#include "sim/scenario/vocab_schema.h"

static int run(int argc, char **argv)
{
    static const struct option long_options[] = {
        {"report", no_argument, NULL, 'r'}, {"help", no_argument, NULL, 'h'}, {0}};
    bool is_report = false;
    int option;

    optind = 0; /* glibc: start over */
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (option != 'r')
            return option == 'h' ? cli_help(&cmd_schema) : cli_bad_option(&cmd_schema);
        is_report = true;
    }
    if (optind < argc) {
        cli_error("schema: '%s': no argument is expected", argv[optind]);
        return CLI_USAGE;
    }
    if (is_report) {
        fputs(report_page_schema, stdout);
        return CLI_PASS;
    }
    char *text = vocab_schema();
    if (!text) {
        cli_error("schema: out of memory");
        return CLI_FAULT;
    }
    fputs(text, stdout);
    free(text);
    return CLI_PASS;
}

const struct cli_command cmd_schema = {
    .name = "schema",
    .summary = "print the JSON schema of scenario files, or of reports",
    .help = "Usage: brownout schema [--report]\n"
            "\n"
            "Print the JSON schema (draft-07) of scenario files: scenarios/schema.json is this "
            "text. An\n"
            "editor that finds it by a scenario's \"$schema\" completes, explains and checks the "
            "words.\n"
            "\n"
            "  --report    the schema of what 'brownout run --json' writes\n"
            "  -h, --help  this text\n"
            "\n"
            "Exit status: 0 done, 2 bad usage.",
    .run = run,
};
