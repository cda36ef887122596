#ifndef SIM_CLI_CMD_MOUNT_H
#define SIM_CLI_CMD_MOUNT_H

#include "sim/cli/cli.h"

/* brownout mount: a device as files. */
extern const struct cli_command cmd_mount;

#endif
