#ifndef SIM_CLI_CMD_SCHEMA_H
#define SIM_CLI_CMD_SCHEMA_H

#include "sim/cli/cli.h"

/* brownout schema */
extern const struct cli_command cmd_schema;

#endif
