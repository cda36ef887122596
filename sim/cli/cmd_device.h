#ifndef SIM_CLI_CMD_DEVICE_H
#define SIM_CLI_CMD_DEVICE_H

#include "sim/cli/cli.h"

/* brownout device new | boot | inspect */
extern const struct cli_command cmd_device;

#endif
