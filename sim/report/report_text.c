#include "sim/report/report_text.h"

static void print_verdict(FILE *out, bool has_colour, enum explore_verdict verdict)
{
    static const char *const words[] = {"ok   ", "SHORT", "FAIL ", "FAULT"};
    static const char *const colours[] = {"\033[32m", "\033[1;33m", "\033[1;31m", "\033[1;35m"};

    fprintf(out, "  %s%s%s  ", has_colour ? colours[verdict] : "", words[verdict],
            has_colour ? "\033[0m" : "");
}

static void print_failure(FILE *out, const struct scenario *scenario,
                          const struct explore_failure *failure)
{
    char command[4200];

    report_replay_command(scenario, failure, command, sizeof command);
    fprintf(out, "         %s: %s: %s\n           %s\n", failure->point,
            judge_claim_name(failure->claim), failure->text, command);
}

static void print_short(FILE *out, const struct explore_result *result)
{
    if (!result->states)
        fputs("         cut short: not run\n", out);
    else if (!result->depth)
        fputs("         cut short: no point was run to its end\n", out);
    else
        fprintf(out,
                "         cut short: all points of up to %u cuts were run; %u of %llu states are "
                "left\n",
                result->depth - 1, result->left, (unsigned long long)result->states);
}

void report_text_scenario(FILE *out, bool has_colour, const struct scenario *scenario,
                          const struct explore_result *result)
{
    print_verdict(out, has_colour, result->verdict);
    fprintf(out, "%-28s %7llu points %8.2f s\n", scenario->name, (unsigned long long)result->points,
            result->seconds);
    if (result->verdict == EXPLORE_FAULT)
        fprintf(out, "         %s\n", result->fault);
    if (result->is_short)
        print_short(out, result);
    if (result->verdict == EXPLORE_FAILED)
        fprintf(out, "         why: %s\n", scenario->why);
    if (result->verdict == EXPLORE_FAILED && scenario->row[0])
        fprintf(out, "         row: %s\n", scenario->setting);
    for (uint32_t i = 0; i < result->failure_count; i++)
        print_failure(out, scenario, &result->failures[i]);
    if (result->points_failed > result->failure_count)
        fprintf(out, "         and %llu more\n",
                (unsigned long long)(result->points_failed - result->failure_count));
}

void report_text_totals(FILE *out, bool has_colour, const struct report_totals *totals,
                        uint32_t jobs)
{
    const char *colour = totals->failed ? "\033[1;31m" : "\033[32m";
    char cut_short[32] = "";

    if (totals->cut_short)
        snprintf(cut_short, sizeof cut_short, ", %u cut short", totals->cut_short);
    fprintf(out,
            "%s%u passed, %u failed%s%s: %u scenarios, %llu points, %llu boots, %llu operations in "
            "%.1f s, %u jobs; %llu points run twice\n",
            has_colour ? colour : "", totals->passed, totals->failed, cut_short,
            has_colour ? "\033[0m" : "", totals->scenarios, (unsigned long long)totals->points,
            (unsigned long long)totals->boots, (unsigned long long)totals->operations,
            totals->seconds, jobs, (unsigned long long)totals->checked);
}
