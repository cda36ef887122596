#include "sim/report/report.h"

void report_add(struct report_totals *totals, const struct explore_result *result)
{
    totals->scenarios++;
    totals->passed += result->verdict == EXPLORE_PASSED;
    totals->cut_short += result->verdict == EXPLORE_SHORT;
    totals->failed += result->verdict > EXPLORE_SHORT;
    totals->points += result->points;
    totals->checked += result->checked;
    totals->boots += result->boots;
    totals->operations += result->operations;
}

void report_replay_command(const struct scenario *scenario, const struct explore_failure *failure,
                           char *ret_text, size_t size)
{
    const char *quote = scenario->row[0] ? "'" : ""; /* a shell has its own idea of [1,0] */

    snprintf(ret_text, size, "brownout replay %s%s%s:%s%s", quote, scenario->file, scenario->row,
             failure->point, quote);
}
