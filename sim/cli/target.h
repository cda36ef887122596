#ifndef SIM_CLI_TARGET_H
#define SIM_CLI_TARGET_H

#include "sim/cli/gather.h"
#include "sim/explore/point.h"

/* One point of one scenario, as 'brownout run' names it: NAME:POINT, where the name is looked for
 * below scenarios/, or FILE:POINT; either may have a row, as update[1,0]:17t. */
struct target {
    struct gather gather;
    const struct scenario *scenario;
    struct point point;
};

/* Splits text, which stays with the caller. false: there is no such point; the error is on stderr.
 */
bool target_find(char *text, struct target *ret_target);
void target_free(struct target *target);

#endif
