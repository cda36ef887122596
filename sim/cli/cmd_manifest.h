#ifndef SIM_CLI_CMD_MANIFEST_H
#define SIM_CLI_CMD_MANIFEST_H

#include "sim/cli/cli.h"

/* brownout manifest */
extern const struct cli_command cmd_manifest;

#endif
