#ifndef SIM_REPORT_REPORT_RUNS_H
#define SIM_REPORT_REPORT_RUNS_H

#include <stdio.h>

#include "sim/explore/explore.h"

/*
 * The control run and the run of each failure, once more, as a JSON array to draw them from:
 *
 *   [null, {"point": "0", "operations": [code, offset, size, ...], "marks": [["boot", at, ms],
 *     ["cut", at, "17t"], ["text", at, ms, "..."], ...],
 *     "units": [256, 1024], "wear": {"nvm": [unit, erases, ...], "spi": [...]}}, ...]
 *
 * code: 4 times enum device_phase, 2 for the external flash, 1 for an erase. at: operations before.
 * units: erase units of NVM and of the external flash. wear: of units that were erased. Each run
 * has a process of its own: one that crashes or hangs is left out. firmware: as for replay_point().
 */
void report_runs(const struct scenario *scenario, const struct chip_boot_file *firmware,
                 const struct explore_result *result, FILE *to);

#endif
