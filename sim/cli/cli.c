#include "sim/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

void cli_error(const char *format, ...)
{
    va_list args;

    fflush(stdout);
    fputs("brownout: error: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

int cli_help(const struct cli_command *command)
{
    printf("%s\n", command->help);
    return CLI_PASS;
}

int cli_bad_option(const struct cli_command *command)
{
    fprintf(stderr, "brownout: see 'brownout %s --help'\n", command->name);
    return CLI_USAGE;
}

bool cli_number(const char *option, const char *text, unsigned long min, unsigned long max,
                unsigned long *ret_value)
{
    char *end;

    errno = 0;
    unsigned long value = strtoul(text, &end, 0);
    if (errno || end == text || *end || *text == '-' || value < min || value > max) {
        cli_error("%s: '%s' is not a number from %lu to %lu", option, text, min, max);
        return false;
    }
    *ret_value = value;
    return true;
}
