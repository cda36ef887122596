#ifndef SIM_CLI_CMD_EXPLAIN_H
#define SIM_CLI_CMD_EXPLAIN_H

#include "sim/cli/cli.h"

/* brownout explain */
extern const struct cli_command cmd_explain;

#endif
