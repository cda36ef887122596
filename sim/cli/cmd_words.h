#ifndef SIM_CLI_CMD_WORDS_H
#define SIM_CLI_CMD_WORDS_H

#include "sim/cli/cli.h"

/* brownout words */
extern const struct cli_command cmd_words;

#endif
