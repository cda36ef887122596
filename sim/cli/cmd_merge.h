#ifndef SIM_CLI_CMD_MERGE_H
#define SIM_CLI_CMD_MERGE_H

#include "sim/cli/cli.h"

extern const struct cli_command cmd_merge;

#endif
