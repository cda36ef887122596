#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

/* What every command of the command line shares. One command a file: cmd_<name>.c exports one
 * struct cli_command of that name; main.c only dispatches. */

/* Exit codes, the same for every command (docs/DESIGN.md 7). */
enum cli_exit {
    CLI_PASS = 0,  /* it did what was asked */
    CLI_FAIL = 1,  /* a verdict failed: a scenario, an image that does not verify */
    CLI_USAGE = 2, /* bad usage or bad input */
    CLI_FAULT = 3, /* the simulator itself failed */
    CLI_SHORT = 4, /* nothing failed, but not all was run */
    CLI_SKIP = 77,
};

struct cli_command {
    const char *name;
    const char *summary;               /* one line for the overview */
    const char *help;                  /* usage and options, printed by --help */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name; returns enum cli_exit */
};

/* "brownout: error: ..." on stderr, one line. */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Print the help of a command on stdout; returns CLI_PASS. */
int cli_help(const struct cli_command *command);

/* Handle what getopt_long() returned for an unknown option: points to --help; returns CLI_USAGE. */
int cli_bad_option(const struct cli_command *command);

/* An option's number within [min, max], decimal or 0x hex; false, with one error that names the
 * option, for anything else (empty, a sign, blanks, trailing text, out of range). */
_Bool cli_number(const char *option, const char *text, unsigned long min, unsigned long max,
                 unsigned long *ret_value);

/* What a command printed has reached stdout: status. Else one error, and CLI_USAGE. */
int cli_flush(int status);

#endif
