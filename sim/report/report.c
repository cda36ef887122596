#include "sim/report/report.h"

void report_add(struct report_totals *totals, const struct explore_result *result)
{
    totals->scenarios++;
    totals->passed += result->verdict == EXPLORE_PASSED;
    totals->failed += result->verdict != EXPLORE_PASSED;
    totals->points += result->points;
    totals->checked += result->checked;
    totals->boots += result->boots;
    totals->operations += result->operations;
}

void report_replay_command(const struct scenario *scenario, const struct explore_failure *failure,
                           char *ret_text, size_t size)
{
    snprintf(ret_text, size, "brownout replay %s:%s", scenario->file, failure->point);
}
