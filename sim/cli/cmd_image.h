#ifndef SIM_CLI_CMD_IMAGE_H
#define SIM_CLI_CMD_IMAGE_H

#include "sim/cli/cli.h"

/* brownout image pack | sign | verify | info */
extern const struct cli_command cmd_image;

#endif
