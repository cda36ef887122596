#ifndef SIM_CLI_CMD_REPLAY_H
#define SIM_CLI_CMD_REPLAY_H

#include "sim/cli/cli.h"

/* brownout replay: one point of a scenario again, told step by step. */
extern const struct cli_command cmd_replay;

#endif
