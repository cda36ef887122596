#include "sim/cli/cmd_man.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/commands.h"
#include "sim/scenario/vocab_words.h"

/* A line as it is: troff sees commands in '.' and ''' at its start, and in every '\'. */
static void print_line(const char *line, size_t length)
{
    if (length && (*line == '.' || *line == '\''))
        fputs("\\&", stdout);
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '\\')
            fputs("\\e", stdout);
        else if (line[i] == '-')
            fputs("\\-", stdout);
        else if (line[i] == '\'')
            fputs("\\(aq", stdout);
        else
            putchar(line[i]);
    }
    putchar('\n');
}

/* In columns, as it is. */
static void print_text(const char *text)
{
    puts(".nf");
    while (*text) {
        size_t length = strcspn(text, "\n");
        print_line(text, length);
        text += length + (text[length] == '\n');
    }
    puts(".fi");
}

static void print_title(const char *name, int section, const char *summary)
{
    printf(".TH %s %d \"\" \"brownout " BROWNOUT_VERSION "\" \"Brownout\"\n", name, section);
    printf(".SH NAME\n%s \\- %s\n", name, summary);
}

static int print_brownout(void)
{
    print_title("brownout", 1, "prove that firmware updates survive power loss");
    puts(".SH SYNOPSIS\n.B brownout\n.I COMMAND\n.RI [ ARGUMENTS ]\n"
         ".SH DESCRIPTION\n"
         "Runs the bootloader and the update code of a device on a PC, cuts its power at every "
         "flash operation, serves it bad images over bad networks, and shows that it always comes "
         "back. What happens to it is told by scenario files; see\n"
         ".BR brownout-scenario (5).\n"
         ".SH COMMANDS");
    for (size_t i = 0; commands_all[i]; i++) {
        printf(".SS %s\n", commands_all[i]->name);
        print_line(commands_all[i]->summary, strlen(commands_all[i]->summary));
        puts(".PP");
        print_text(commands_all[i]->help);
    }
    puts(".SH EXIT STATUS\n"
         ".TP\n.B 0\nDone; every verdict passed.\n"
         ".TP\n.B 1\nA verdict failed.\n"
         ".TP\n.B 2\nBad usage or input, or an output that could not be written.\n"
         ".TP\n.B 3\nThe simulator itself failed.\n"
         ".TP\n.B 77\nSkipped.\n"
         ".SH ENVIRONMENT\n"
         ".TP\n.B NO_COLOR\nNo colours, on a terminal either.\n"
         ".SH SEE ALSO\n.BR brownout-scenario (5)");
    return CLI_PASS;
}

static int print_scenario(void)
{
    char *text = NULL;
    size_t size;
    FILE *words = open_memstream(&text, &size);

    if (!words) {
        cli_error("man: out of memory");
        return CLI_FAULT;
    }
    vocab_words(NULL, words);
    fclose(words);
    print_title("brownout-scenario", 5, "what happens to a device, and what must hold");
    puts(".SH DESCRIPTION\n"
         "A scenario is a JSON file: images, a device, a server, where the power goes, and claims "
         "about what the device then does.\n"
         ".B brownout run\nruns it,\n.B brownout check\npoints out its errors,\n"
         ".B brownout explain\nsays in words what it does.\n"
         ".SH WORDS\n"
         "A '*' marks a word that must be there.\n.PP");
    print_text(text);
    puts(".SH EXAMPLE\n.nf\n"
         "{\n"
         "  \"name\": \"update\",\n"
         "  \"why\": \"The power goes while a device updates itself.\",\n"
         "  \"images\": {\n"
         "    \"v1\": { \"version\": 1, \"size\": \"64K\" },\n"
         "    \"v2\": { \"version\": 2, \"size\": \"64K\" }\n"
         "  },\n"
         "  \"device\": { \"factory\": \"v1\" },\n"
         "  \"server\": [ { \"offers\": [\"v2\"] } ],\n"
         "  \"cuts\": [ { \"at\": \"every\" } ],\n"
         "  \"always\": { \"runs\": [\"v1\", \"v2\"] },\n"
         "  \"eventually\": { \"runs\": \"v2\", \"within\\-boots\": 4 }\n"
         "}\n.fi\n"
         ".SH SEE ALSO\n.BR brownout (1)");
    free(text);
    return CLI_PASS;
}

static int run(int argc, char **argv)
{
    static const struct option long_options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    int option;

    optind = 0; /* glibc: start over */
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        return option == 'h' ? cli_help(&cmd_man) : cli_bad_option(&cmd_man);
    const char *page = optind < argc ? argv[optind++] : "brownout";
    if (optind < argc) {
        cli_error("man: '%s': one page at a time", argv[optind]);
        return CLI_USAGE;
    }
    if (strcmp(page, "brownout") == 0)
        return print_brownout();
    if (strcmp(page, "scenario") == 0)
        return print_scenario();
    cli_error("man: there is no page '%s', only brownout and scenario", page);
    return CLI_USAGE;
}

const struct cli_command cmd_man = {
    .name = "man",
    .summary = "print a manual page",
    .help = "Usage: brownout man [PAGE]\n"
            "\n"
            "Print the source of a manual page: 'brownout' for brownout(1), all commands, or\n"
            "'scenario' for brownout-scenario(5), the words of scenario files. What is installed\n"
            "is this text.\n"
            "\n"
            "  -h, --help  this text\n"
            "\n"
            "Examples:\n"
            "  brownout man | man -l -\n"
            "  brownout man scenario | man -l -\n"
            "\n"
            "Exit status: 0 done, 2 bad usage.",
    .run = run,
};
