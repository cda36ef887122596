#ifndef SIM_CLI_CMD_MAN_H
#define SIM_CLI_CMD_MAN_H

#include "sim/cli/cli.h"

/* brownout man */
extern const struct cli_command cmd_man;

#endif
