#ifndef SIM_EXPLORE_ENDURE_H
#define SIM_EXPLORE_ENDURE_H

#include "sim/explore/explore.h"

/*
 * Does a device get on whose power never stays? For each number of operations, from the scenario's
 * under_cuts up to what a power session has that is not cut: the power goes behind that operation
 * in each session, and within under_sessions of them the device must come to where the scenario
 * wants it. No search: one run after the other. A failure is the point "40a+".
 *
 * Nothing is done where the scenario does not claim it. firmware: see struct explore_options.
 */
void endure_run(const struct scenario *scenario, const struct chip_boot_file *firmware,
                struct explore_result *result);

#endif
