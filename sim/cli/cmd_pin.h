#ifndef SIM_CLI_CMD_PIN_H
#define SIM_CLI_CMD_PIN_H

#include "sim/cli/cli.h"

/* brownout pin: a failing point becomes a scenario. */
extern const struct cli_command cmd_pin;

#endif
