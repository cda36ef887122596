#include "sim/report/report_junit.h"

#include <stdlib.h>
#include <string.h>

#include "sim/report/report_write.h"

static void put(FILE *to, const char *name, const char *value)
{
    fprintf(to, " %s=\"", name);
    report_write_xml(to, value);
    fputc('"', to);
}

static void open_suite(struct report_junit *junit)
{
    junit->cases = report_write_open(&junit->cases_text, &junit->cases_size);
    junit->tests = junit->failures = junit->errors = 0;
    junit->seconds = 0;
}

static void close_suite(struct report_junit *junit)
{
    fclose(junit->cases);
    if (junit->tests) {
        fputs("  <testsuite", junit->suites);
        put(junit->suites, "name", junit->theme);
        fprintf(junit->suites,
                " tests=\"%u\" failures=\"%u\" errors=\"%u\" time=\"%.3f\">\n%s  </testsuite>\n",
                junit->tests, junit->failures, junit->errors, junit->seconds, junit->cases_text);
    }
    free(junit->cases_text);
    junit->all_tests += junit->tests;
    junit->all_failures += junit->failures;
    junit->all_errors += junit->errors;
}

void report_junit_init(struct report_junit *junit)
{
    memset(junit, 0, sizeof *junit);
    junit->suites = report_write_open(&junit->suites_text, &junit->suites_size);
    open_suite(junit);
}

static void put_point(struct report_junit *junit, const struct scenario *scenario,
                      const struct explore_failure *failure)
{
    char text[4200];

    fputs("    <testcase", junit->cases);
    snprintf(text, sizeof text, "%s.%s", scenario->theme, scenario->name);
    put(junit->cases, "classname", text);
    put(junit->cases, "name", failure->point);
    put(junit->cases, "file", scenario->file);
    fputs(" time=\"0\">\n      <failure", junit->cases);
    put(junit->cases, "type", judge_claim_name(failure->claim));
    put(junit->cases, "message", failure->text);
    fputc('>', junit->cases);
    for (uint32_t i = 0; i < failure->step_count; i++) {
        report_step(&failure->steps[i], text, sizeof text);
        report_write_xml(junit->cases, text);
        fputc('\n', junit->cases);
    }
    report_replay_command(scenario, failure, text, sizeof text);
    report_write_xml(junit->cases, text);
    fputs("</failure>\n    </testcase>\n", junit->cases);
    junit->tests++;
    junit->failures++;
}

static void put_verdict(struct report_junit *junit, const struct scenario *scenario,
                        const struct explore_result *result)
{
    char text[80];

    if (result->verdict == EXPLORE_PASSED) {
        fputs("/>\n", junit->cases);
        return;
    }
    if (result->verdict == EXPLORE_FAULT) {
        fputs(">\n      <error", junit->cases);
        put(junit->cases, "message", result->fault);
        fputs("/>\n    </testcase>\n", junit->cases);
        junit->errors++;
        return;
    }
    snprintf(text, sizeof text, "%llu of %llu points", (unsigned long long)result->points_failed,
             (unsigned long long)result->points);
    fputs(">\n      <failure", junit->cases);
    put(junit->cases, "message", text);
    fputc('>', junit->cases);
    report_write_xml(junit->cases, scenario->why);
    fputs("</failure>\n    </testcase>\n", junit->cases);
    junit->failures++;
}

void report_junit_scenario(struct report_junit *junit, const struct scenario *scenario,
                           const struct explore_result *result)
{
    if (strcmp(junit->theme, scenario->theme) != 0) {
        close_suite(junit);
        open_suite(junit);
        snprintf(junit->theme, sizeof junit->theme, "%s", scenario->theme);
    }
    fputs("    <testcase", junit->cases);
    put(junit->cases, "classname", scenario->theme);
    put(junit->cases, "name", scenario->name);
    put(junit->cases, "file", scenario->file);
    fprintf(junit->cases, " time=\"%.3f\"", result->seconds);
    junit->tests++;
    junit->seconds += result->seconds;
    put_verdict(junit, scenario, result);
    for (uint32_t i = 0; i < result->failure_count; i++)
        put_point(junit, scenario, &result->failures[i]);
}

char *report_junit_end(struct report_junit *junit, const struct report_totals *totals)
{
    char *text = NULL;
    size_t size;
    FILE *out = report_write_open(&text, &size);

    close_suite(junit);
    fclose(junit->suites);
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<testsuites name=\"brownout\" tests=\"%u\" failures=\"%u\" errors=\"%u\" "
            "time=\"%.3f\">\n%s</testsuites>\n",
            junit->all_tests, junit->all_failures, junit->all_errors, totals->seconds,
            junit->suites_text);
    fclose(out);
    free(junit->suites_text);
    return text;
}
