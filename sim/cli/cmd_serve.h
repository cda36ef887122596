#ifndef SIM_CLI_CMD_SERVE_H
#define SIM_CLI_CMD_SERVE_H

#include "sim/cli/cli.h"

/* brownout serve: a development server that writes the manifest itself. */
extern const struct cli_command cmd_serve;

#endif
