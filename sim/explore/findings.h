#ifndef SIM_EXPLORE_FINDINGS_H
#define SIM_EXPLORE_FINDINGS_H

#include "sim/explore/expand.h"
#include "sim/explore/explore.h"

/* What a search has come to: its failures by cause, the shortest first; and whether all that the
 * scenario declared has happened. */
struct findings {
    uint32_t marks;                       /* seen in any run */
    uint32_t faults[SCENARIO_STAGES_MAX]; /* that took effect in any run */
    uint32_t fired[SCENARIO_CUTS_MAX];    /* moments of each cut that came up */
    uint32_t requests;                    /* carried out, or refused, in the control run */
};

/* A stage was run. */
void findings_note(struct findings *findings, const struct told_stage *told);

/* A failure that is of no point. */
void findings_add(struct explore_result *result, enum judge_claim claim, const char *text);

/* The run could not begin: by the fault in result, or by one of the device that breaks this claim.
 */
void findings_not_begun(struct explore_result *result, enum judge_claim claim);

/* The failures of all states that a step leads to. */
void findings_gather(const struct graph *graph, struct explore_result *result);

/* States that were taken for one: those that were run both ways went on alike. */
void findings_compare_twins(const struct graph *graph, struct explore_result *result);

/* What was declared has happened, or the scenario says nothing. */
void findings_check_vacuity(const struct findings *findings, const struct scenario *scenario,
                            struct explore_result *result);

#endif
