#ifndef SIM_CLI_CMD_RUN_H
#define SIM_CLI_CMD_RUN_H

#include "sim/cli/cli.h"

/* brownout run: scenarios, their verdicts, a report. */
extern const struct cli_command cmd_run;

#endif
