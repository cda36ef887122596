#ifndef SIM_CLI_CMD_LIST_H
#define SIM_CLI_CMD_LIST_H

#include "sim/cli/cli.h"

/* brownout list: the scenarios by theme. */
extern const struct cli_command cmd_list;

#endif
