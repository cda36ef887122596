#include "sim/report/report_tap.h"

#include "sim/report/report_write.h"

void report_tap_plan(FILE *out, uint32_t scenarios)
{
    fprintf(out, "TAP version 13\n1..%u\n", scenarios);
}

/* '#' would begin a directive. */
static void put_name(FILE *out, const char *name)
{
    for (; *name; name++) {
        if (*name == '#' || *name == '\\')
            fputc('\\', out);
        fputc(*name, out);
    }
}

static void put_entry(FILE *out, const char *begin, const char *key, const char *value)
{
    fprintf(out, "  %s%s: ", begin, key);
    report_write_text(out, value);
    fputc('\n', out);
}

static void put_failure(FILE *out, const struct scenario *scenario,
                        const struct explore_failure *failure)
{
    char text[4200];

    put_entry(out, "  - ", "point", failure->point);
    put_entry(out, "    ", "claim", judge_claim_name(failure->claim));
    put_entry(out, "    ", "text", failure->text);
    for (uint32_t i = 0; i < failure->step_count; i++) {
        report_step(&failure->steps[i], text, sizeof text);
        if (i == 0)
            fputs("      steps:\n", out);
        fputs("        - ", out);
        report_write_text(out, text);
        fputc('\n', out);
    }
    report_replay_command(scenario, failure, text, sizeof text);
    put_entry(out, "    ", "replay", text);
}

void report_tap_scenario(FILE *out, uint32_t number, const struct scenario *scenario,
                         const struct explore_result *result)
{
    fprintf(out, "%s %u - ", result->verdict == EXPLORE_PASSED ? "ok" : "not ok", number);
    put_name(out, scenario->theme);
    fputs(": ", out);
    put_name(out, scenario->name);
    fprintf(out, ", %llu points\n", (unsigned long long)result->points);
    if (result->verdict == EXPLORE_PASSED)
        return;
    fputs("  ---\n", out);
    put_entry(out, "", "why", scenario->why);
    if (result->verdict == EXPLORE_FAULT)
        put_entry(out, "", "fault", result->fault);
    if (result->failure_count)
        fputs("  failures:\n", out);
    for (uint32_t i = 0; i < result->failure_count; i++)
        put_failure(out, scenario, &result->failures[i]);
    fputs("  ...\n", out);
}
