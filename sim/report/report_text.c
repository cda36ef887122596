#include "sim/report/report_text.h"

static void print_verdict(FILE *out, bool has_colour, enum explore_verdict verdict)
{
    static const char *const words[] = {"ok   ", "SHORT", "FAIL ", "FAULT"};
    static const char *const colours[] = {"\033[32m", "\033[1;33m", "\033[1;31m", "\033[1;35m"};

    fprintf(out, "  %s%s%s  ", has_colour ? colours[verdict] : "", words[verdict],
            has_colour ? "\033[0m" : "");
}

static void print_like(FILE *out, const struct explore_failure *failure)
{
    if (failure->points < 2)
        return;
    fprintf(out, "           also    %llu more point%s: same claim, same phase",
            (unsigned long long)(failure->points - 1), failure->points == 2 ? "" : "s");
    for (uint32_t i = 0; i < EXPLORE_LIKE_MAX && failure->like[i][0]; i++)
        fprintf(out, ", %s", failure->like[i]);
    fputc('\n', out);
}

static void print_failure(FILE *out, const struct scenario *scenario,
                          const struct explore_failure *failure)
{
    char text[4200];

    fprintf(out, "         %s: %s\n", failure->point, judge_claim_name(failure->claim));
    for (uint32_t i = 0; i < failure->step_count; i++) {
        report_step(&failure->steps[i], text, sizeof text);
        fprintf(out, "           %s\n", text);
    }
    if (failure->boots)
        fprintf(out, "           boot %u  %s\n", failure->boots, failure->text);
    else
        fprintf(out, "           %s\n", failure->text);
    print_like(out, failure);
    report_replay_command(scenario, failure, text, sizeof text);
    fprintf(out, "           replay  %s\n", text);
}

static void print_failures(FILE *out, const struct scenario *scenario,
                           const struct explore_result *result)
{
    uint64_t told = 0;

    fprintf(out, "         why: %s\n", scenario->why);
    if (scenario->row[0])
        fprintf(out, "         row: %s\n", scenario->setting);
    for (uint32_t i = 0; i < result->failure_count; i++) {
        print_failure(out, scenario, &result->failures[i]);
        told += result->failures[i].points;
    }
    if (result->points_failed > told)
        fprintf(out, "         and %llu more points with other causes\n",
                (unsigned long long)(result->points_failed - told));
}

static void print_short(FILE *out, const struct explore_result *result)
{
    if (!result->states)
        fprintf(out, "         cut short: %s\n", result->fault[0] ? result->fault : "not run");
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
    char statement[160];

    print_verdict(out, has_colour, result->verdict);
    fprintf(out, "%-28s %7llu points %8.2f s\n", scenario->name, (unsigned long long)result->points,
            result->seconds);
    if (result->is_any) {
        report_statement(result, statement, sizeof statement);
        fprintf(out, "         %s\n", statement);
    }
    if (result->verdict == EXPLORE_FAULT)
        fprintf(out, "         %s\n", result->fault);
    if (result->is_short)
        print_short(out, result);
    if (result->verdict == EXPLORE_FAILED)
        print_failures(out, scenario, result);
}

void report_text_totals(FILE *out, bool has_colour, const struct report_totals *totals,
                        uint32_t jobs)
{
    const char *colour = totals->failed ? "\033[1;31m" : "\033[32m";
    char cut_short[32] = "";

    if (totals->cut_short)
        snprintf(cut_short, sizeof cut_short, ", %u cut short", totals->cut_short);
    fprintf(out, "%s%u passed, %u failed%s%s: %u scenarios, %llu points, %llu states",
            has_colour ? colour : "", totals->passed, totals->failed, cut_short,
            has_colour ? "\033[0m" : "", totals->scenarios, (unsigned long long)totals->points,
            (unsigned long long)totals->states);
    if (totals->skipped)
        fprintf(out, ", %llu of them skipped (covered by a stage like it)",
                (unsigned long long)totals->skipped);
    fprintf(out, ", %llu boots, %llu operations in %.1f s, %u jobs; %llu points run twice\n",
            (unsigned long long)totals->boots, (unsigned long long)totals->operations,
            totals->seconds, jobs, (unsigned long long)totals->checked);
    if (totals->any)
        fprintf(out, "any number of cuts: %u of %u scenarios closed\n", totals->closed,
                totals->any);
}
