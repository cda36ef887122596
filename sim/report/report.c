#include "sim/report/report.h"

#include <string.h>

void report_add(struct report_totals *totals, const struct explore_result *result)
{
    totals->scenarios++;
    totals->passed += result->verdict == EXPLORE_PASSED;
    totals->cut_short += result->verdict == EXPLORE_SHORT;
    totals->failed += result->verdict > EXPLORE_SHORT;
    totals->any += result->is_any;
    totals->closed += result->is_any && result->is_closed;
    totals->points += result->points;
    totals->states += result->states;
    totals->skipped += result->skipped;
    totals->checked += result->checked;
    totals->boots += result->boots;
    totals->operations += result->operations;
}

void report_replay_command(const struct scenario *scenario, const struct explore_failure *failure,
                           char *ret_text, size_t size)
{
    const char *quote = scenario->row[0] ? "'" : ""; /* a shell has its own idea of [1,0] */
    const char *target = failure->is_of_firmware ? " --target pic32" : "";
    const char *option = failure->bootloader[0] ? " --bootloader '" : "";

    snprintf(ret_text, size, "brownout replay %s%s%s:%s%s%s%s%s%s", quote, scenario->file,
             scenario->row, failure->point, quote, target, option, failure->bootloader,
             option[0] ? "'" : "");
}

void report_step(const struct explore_step *step, char *ret_text, size_t size)
{
    char name[POINT_NAME_MAX], begin[80];
    const struct point point = {.count = 1, .steps = {step->step}};

    snprintf(begin, sizeof begin, "boot %u  %-10s", step->boot, device_phase_name(step->phase));
    if (step->step.moment == POINT_READ) {
        point_name(&point, name);
        snprintf(ret_text, size, "%s  weak unit reads as before its erase (%s)", begin, name);
        return;
    }
    snprintf(ret_text, size, "%s  op %-4u %s %s 0x%06X +%-5u power cut %s%s", begin,
             step->step.operation, step->kind == POWER_ERASE ? "erase  " : "program",
             step->is_spi ? "spi" : "nvm", step->offset, step->size,
             step->step.moment == POWER_AFTER || step->step.moment == POWER_INSIDE ? ""
                                                                                   : "inside: ",
             scenario_moment_name(step->step.moment));
}

void report_statement(const struct explore_result *result, char *ret_text, size_t size)
{
    if (result->is_closed)
        snprintf(ret_text, size,
                 "closed: %llu states, any number of cuts (up to file-system layout and boot "
                 "control history)",
                 (unsigned long long)result->states);
    else if (result->failure_count)
        snprintf(ret_text, size, "not closed: a failure ended the search at depth %u",
                 result->depth);
    else
        snprintf(ret_text, size, "not closed: %llu states, cut off behind depth %u",
                 (unsigned long long)result->states, result->depth);
}
