#ifndef SIM_SCENARIO_EXPLAIN_H
#define SIM_SCENARIO_EXPLAIN_H

#include <stdio.h>

#include "sim/scenario/scenario.h"

/* What a scenario does, in a few plain sentences, wrapped, with a newline at the end. */
void explain_text(const struct scenario *scenario, FILE *to);

#endif
