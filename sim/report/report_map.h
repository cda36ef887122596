#ifndef SIM_REPORT_REPORT_MAP_H
#define SIM_REPORT_REPORT_MAP_H

#include <stdio.h>

#include "sim/explore/graph.h"

/*
 * What came of each first cut, and of each second one behind it, as JSON; of a graph that keeps its
 * cuts. Equal results and equal rows stand once:
 *
 *   {"results": [{"boots": 2, "runs": "v2"}, {"boots": 4, "runs": null, "claim": "...", "text":
 *    "..."}, {"run": false}],
 *    "first": [[17, "tma", [0, 0, 1], [0, 1, 0]], ...],
 *    "rows": [[[1, 30, "a", 0], [31, 1, "tma", 0, "a", 1], ...], ...]}
 *
 * first: an operation of the control run, the moments of a cut there, the result of each, and the
 * row of second cuts behind it, or -1. A row's part: the first operation, so many, and for each of
 * them moments and the result they have in common. A state that was not run, as failures had ended
 * the search before, has {"run": false}.
 */
void report_map(const struct graph *graph, FILE *to);

#endif
