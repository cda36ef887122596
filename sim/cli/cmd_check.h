#ifndef SIM_CLI_CMD_CHECK_H
#define SIM_CLI_CMD_CHECK_H

#include "sim/cli/cli.h"

/* brownout check */
extern const struct cli_command cmd_check;

#endif
