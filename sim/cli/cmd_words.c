#include "sim/cli/cmd_words.h"

#include <getopt.h>
#include <stdio.h>

#include "sim/scenario/guess.h"
#include "sim/scenario/vocab_words.h"

static int unknown(const char *object)
{
    struct guess guess = {.word = object};

    for (unsigned i = 0; vocab_words_object(i); i++)
        guess_offer(&guess, vocab_words_object(i));
    cli_error("words: there is no object '%s'", object);
    if (guess.best) {
        fprintf(stderr, "  hint: did you mean '%s'?\n", guess.best);
        return CLI_USAGE;
    }
    fputs("  hint: one of:", stderr);
    for (unsigned i = 0; vocab_words_object(i); i++)
        fprintf(stderr, " %s", vocab_words_object(i));
    fputc('\n', stderr);
    return CLI_USAGE;
}

static int run(int argc, char **argv)
{
    static const struct option long_options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    int option, status = CLI_PASS;

    optind = 0; /* glibc: start over */
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        return option == 'h' ? cli_help(&cmd_words) : cli_bad_option(&cmd_words);
    if (optind == argc)
        vocab_words(NULL, stdout);
    for (; optind < argc; optind++)
        if (!vocab_words(argv[optind], stdout))
            status = unknown(argv[optind]);
    return status;
}

const struct cli_command cmd_words = {
    .name = "words",
    .summary = "list the words of scenario files with what they mean",
    .help = "Usage: brownout words [OBJECT]...\n"
            "\n"
            "Print the words of scenario files: of every kind of object, or of these: scenario, "
            "image,\n"
            "device, damage, stage, offer, cut, always, eventually, budget; mark lists what "
            "\"sometimes\"\n"
            "can ask for. A '*' marks a word that must be there. What \"shows\" can name is listed "
            "by\n"
            "'brownout features'.\n"
            "\n"
            "  -h, --help  this text\n"
            "\n"
            "Examples:\n"
            "  brownout words cut\n"
            "  brownout words mark\n"
            "\n"
            "Exit status: 0 done, 2 bad usage.",
    .run = run,
};
