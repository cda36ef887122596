#ifndef SIM_CLI_CMD_FEATURES_H
#define SIM_CLI_CMD_FEATURES_H

#include "sim/cli/cli.h"

/* brownout features */
extern const struct cli_command cmd_features;

#endif
