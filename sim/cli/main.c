#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/cli/commands.h"

static void print_overview(FILE *out)
{
    fputs("usage: brownout COMMAND [ARGUMENTS]\n\n", out);
    for (size_t i = 0; commands_all[i]; i++)
        fprintf(out, "  %-10s %s\n", commands_all[i]->name, commands_all[i]->summary);
    fputs("\n'brownout COMMAND --help' tells more.\n"
          "Exit status: 0 pass, 1 a verdict failed, 2 bad usage or input, 3 simulator fault, "
          "4 cut short, 77 skipped.\n",
          out);
}

static int dispatch(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";

    if (strcmp(name, "--version") == 0) {
        puts("brownout " BROWNOUT_VERSION);
        return CLI_PASS;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        print_overview(stdout);
        return CLI_PASS;
    }
    for (size_t i = 0; commands_all[i]; i++)
        if (strcmp(name, commands_all[i]->name) == 0)
            return commands_all[i]->run(argc - 1, argv + 1);
    if (*name)
        cli_error("'%s' is not a command", name);
    print_overview(stderr);
    return CLI_USAGE;
}

/* A standard file that is closed must not become the number of a file that is opened next, or what
 * is printed would go there. Writing to these in their place fails. */
static void occupy_standard_files(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd)
            exit(CLI_FAULT);
}

int main(int argc, char **argv)
{
    occupy_standard_files();
    return cli_flush(dispatch(argc, argv));
}
