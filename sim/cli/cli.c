#include "sim/cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    bool is_hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    char *end;

    errno = 0;
    unsigned long value = strtoul(text, &end, is_hex ? 16 : 10);
    if (errno || !isdigit((unsigned char)*text) || *end || value < min || value > max) {
        cli_error("%s: '%s' is not a number from %lu to %lu", option, text, min, max);
        return false;
    }
    *ret_value = value;
    return true;
}

int cli_flush(int status)
{
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    cli_error("stdout: %s", errno ? strerror(errno) : "not all of the output could be written");
    return status == CLI_FAULT ? status : CLI_USAGE;
}
