#ifndef SIM_CLI_COMMANDS_H
#define SIM_CLI_COMMANDS_H

#include "sim/cli/cli.h"

/* All commands, in the order in which help lists them; NULL is behind the last. */
extern const struct cli_command *const commands_all[];

#endif
