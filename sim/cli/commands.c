#include "sim/cli/commands.h"

#include <stddef.h>

#include "sim/cli/cmd_check.h"
#include "sim/cli/cmd_device.h"
#include "sim/cli/cmd_explain.h"
#include "sim/cli/cmd_features.h"
#include "sim/cli/cmd_image.h"
#include "sim/cli/cmd_list.h"
#include "sim/cli/cmd_man.h"
#include "sim/cli/cmd_manifest.h"
#include "sim/cli/cmd_merge.h"
#include "sim/cli/cmd_mount.h"
#include "sim/cli/cmd_pin.h"
#include "sim/cli/cmd_replay.h"
#include "sim/cli/cmd_run.h"
#include "sim/cli/cmd_schema.h"
#include "sim/cli/cmd_serve.h"
#include "sim/cli/cmd_words.h"

const struct cli_command *const commands_all[] = {
    &cmd_run,      &cmd_list,   &cmd_check,    &cmd_explain, &cmd_replay, &cmd_pin,
    &cmd_merge,    &cmd_words,  &cmd_features, &cmd_schema,  &cmd_man,    &cmd_image,
    &cmd_manifest, &cmd_device, &cmd_mount,    &cmd_serve,   NULL,
};
