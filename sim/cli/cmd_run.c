#include "sim/cli/cmd_run.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/gather.h"
#include "sim/cli/outputs.h"
#include "sim/explore/batch.h"
#include "sim/report/counts.h"
#include "sim/report/report_map.h"
#include "sim/report/report_runs.h"
#include "sim/report/report_text.h"

#define PLAIN_LINE_S 10 /* between two lines of progress that stay */

struct run {
    const struct gather *gather;
    uint32_t jobs, hang_s;
    bool has_text, has_colour, is_terminal, has_line;
    const char *theme; /* of the last line */
    double line_s;     /* when the progress was told last, where it is no terminal */
    struct report_totals totals;
    struct outputs outputs;
    const char *counts_path; /* NULL: none */
    bool is_counts_update, is_counts_strict;
    struct counts counts;
};

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void clear_line(struct run *run)
{
    if (run->has_line)
        fputs("\r\033[K", stderr);
    run->has_line = false;
}

static void on_finished(void *context, uint32_t index, const struct explore_result *result)
{
    struct run *run = context;
    const struct scenario *scenario = &run->gather->scenarios[index];

    report_add(&run->totals, result);
    if (run->counts_path)
        counts_add(&run->counts, scenario->name, result);
    clear_line(run);
    outputs_scenario(&run->outputs, scenario, result);
    if (!run->has_text)
        return;
    if (!run->theme || strcmp(run->theme, scenario->theme) != 0)
        printf("%s\n", scenario->theme);
    run->theme = scenario->theme;
    report_text_scenario(stdout, run->has_colour, scenario, result);
    fflush(stdout);
}

static void on_progress(void *context, const struct batch_progress *progress)
{
    struct run *run = context;
    double rate = progress->seconds > 0 ? (double)progress->points / progress->seconds : 0;
    double left_s = progress->done
                        ? progress->seconds * (progress->count - progress->done) / progress->done
                        : 0;

    if (!run->is_terminal && progress->seconds < run->line_s + PLAIN_LINE_S)
        return;
    run->line_s = progress->seconds;
    fprintf(stderr,
            "%s%u of %u scenarios, %llu points, %.0f a second, %llu states, %u waiting, depth %u, "
            "about %.0f s left%s",
            run->is_terminal ? "\r\033[K" : "", progress->done, progress->count,
            (unsigned long long)progress->points, rate, (unsigned long long)progress->states,
            progress->waiting, progress->depth, left_s, run->is_terminal ? "" : "\n");
    run->has_line = run->is_terminal;
}

/* --- in a scenario's process, for the HTML report -------------------------------------------- */

static void on_seen(void *context, uint32_t index, const struct graph *graph, FILE *to)
{
    (void)context;
    (void)index;
    fputs("\"map\":", to);
    report_map(graph, to);
    fputc(',', to);
}

static void on_ran(void *context, uint32_t index, const struct explore_result *result, FILE *to)
{
    const struct run *run = context;

    fputs("\"runs\":", to);
    report_runs(&run->gather->scenarios[index], result, to);
}

static void on_left(void *context, uint32_t index, const char *text, size_t size)
{
    (void)index;
    outputs_left(&((struct run *)context)->outputs, text, size);
}

/* Returns the status with what the counts have to say about it. */
static int compare_counts(struct run *run, int status)
{
    int err = 0;

    if (!run->counts_path)
        return status;
    uint32_t different = counts_compare(&run->counts, run->has_text ? stdout : stderr);
    if (run->is_counts_update && different)
        err = counts_write(&run->counts, run->counts_path);
    counts_close(&run->counts);
    if (err) {
        cli_error("%s: %s", run->counts_path, strerror(err));
        return status == CLI_FAULT ? status : CLI_USAGE;
    }
    return run->is_counts_strict && different && status == CLI_PASS ? CLI_FAIL : status;
}

static int execute(struct run *run)
{
    struct batch_options options = {
        .jobs = run->jobs,
        .hang_s = run->hang_s,
        .finished = on_finished,
        .progress = on_progress,
        .context = run,
    };
    static const int exits[] = {CLI_PASS, CLI_FAIL, CLI_FAULT};
    double started_s = now_s();

    if (run->outputs.html_path) {
        options.seen = on_seen;
        options.ran = on_ran;
        options.left = on_left;
    }
    run->has_text = outputs_has_text(&run->outputs);
    const char *no_colour = getenv("NO_COLOR");
    run->has_colour = isatty(STDOUT_FILENO) && (!no_colour || !*no_colour);
    run->is_terminal = isatty(STDERR_FILENO);
    outputs_begin(&run->outputs, run->gather->count);
    enum explore_verdict verdict = batch_run(run->gather->scenarios, run->gather->count, &options);
    clear_line(run);
    run->totals.seconds = now_s() - started_s;
    if (run->has_text)
        report_text_totals(stdout, run->has_colour, &run->totals, run->jobs);
    bool is_written = outputs_end(&run->outputs, &run->totals);
    return compare_counts(run, is_written ? exits[verdict] : CLI_USAGE);
}

static bool parse_shard(const char *text, unsigned long *ret_index, unsigned long *ret_count)
{
    char index[16];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : 0;

    if (!length || length >= sizeof index) {
        cli_error("--shard: '%s' is not I/N", text);
        return false;
    }
    memcpy(index, text, length);
    index[length] = '\0';
    return cli_number("--shard", slash + 1, 1, 10000, ret_count) &&
           cli_number("--shard", index, 1, *ret_count, ret_index);
}

static bool open_counts(struct run *run)
{
    char reason[COUNTS_REASON_SIZE];

    if (!run->counts_path) {
        if (run->is_counts_update || run->is_counts_strict)
            cli_error("--counts-update and --counts-strict need --counts FILE");
        return !run->is_counts_update && !run->is_counts_strict;
    }
    if (counts_open(&run->counts, run->counts_path, run->is_counts_update, reason))
        return true;
    cli_error("%s", reason);
    return false;
}

static void note_output(struct outputs *outputs, int option)
{
    if (option == 'J')
        outputs->json_path = optarg;
    else if (option == 'U')
        outputs->junit_path = optarg;
    else if (option == 'M')
        outputs->html_path = optarg;
    else if (option == 'T')
        outputs->has_tap = true;
}

static int run_scenarios(int argc, char **argv)
{
    static const struct option known[] = {
        {"jobs", required_argument, NULL, 'j'},    {"json", required_argument, NULL, 'J'},
        {"junit", required_argument, NULL, 'U'},   {"html", required_argument, NULL, 'M'},
        {"tap", no_argument, NULL, 'T'},           {"shard", required_argument, NULL, 's'},
        {"hang", required_argument, NULL, 'H'},    {"counts", required_argument, NULL, 'c'},
        {"counts-update", no_argument, NULL, 'u'}, {"counts-strict", no_argument, NULL, 'x'},
        {"help", no_argument, NULL, 'h'},          {0}};
    struct gather gather;
    struct run run = {0};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned long jobs = processors > 0 ? (unsigned long)processors : 1;
    unsigned long shard = 1, shards = 1, hang_s = BATCH_HANG_S;
    int option;

    while ((option = getopt_long(argc, argv, "hj:", known, NULL)) != -1) {
        if (option == 'j' && !cli_number("--jobs", optarg, 1, 1000, &jobs))
            return CLI_USAGE;
        if (option == 's' && !parse_shard(optarg, &shard, &shards))
            return CLI_USAGE;
        if (option == 'H' && !cli_number("--hang", optarg, 1, 86400, &hang_s))
            return CLI_USAGE;
        note_output(&run.outputs, option);
        if (option == 'c')
            run.counts_path = optarg;
        run.is_counts_update |= option == 'u';
        run.is_counts_strict |= option == 'x';
        if (option == 'h')
            return cli_help(&cmd_run);
        if (option == '?')
            return cli_bad_option(&cmd_run);
    }
    if (!outputs_check(&run.outputs) || !open_counts(&run))
        return CLI_USAGE;
    if (!gather_scenarios(argv + optind, argc - optind, &gather)) {
        counts_close(&run.counts);
        return CLI_USAGE;
    }
    gather_shard(&gather, (uint32_t)shard, (uint32_t)shards);
    run.gather = &gather;
    run.jobs = (uint32_t)jobs;
    run.hang_s = (uint32_t)hang_s;
    int status = execute(&run);
    gather_free(&gather);
    return status;
}

const struct cli_command cmd_run = {
    .name = "run",
    .summary = "run scenarios: every cut they ask for, every claim they make",
    .help =
        "usage: brownout run [FILE|DIR...] [-j N] [--shard I/N] [--hang S]\n"
        "                    [--json FILE] [--junit FILE] [--html FILE] [--tap]\n"
        "                    [--counts FILE [--counts-update] [--counts-strict]]\n"
        "\n"
        "Runs scenario files, or all below a folder; without arguments those in scenarios/.\n"
        "'FILE[1,0]' is one row of a file's matrix.\n"
        "A line for each on stdout, failures with the command that replays them, a summary.\n"
        "\n"
        "  -j, --jobs N   so many at a time; default: as many as there are processors\n"
        "  --shard I/N    only the I-th of N shares, for machines that divide the work; a\n"
        "                 scenario stays in its share when others come or go\n"
        "  --json FILE    the report as JSON; 'brownout schema --report' is its schema\n"
        "  --junit FILE   the report as JUnit XML: a test case for each scenario, and one for\n"
        "                 each failing point\n"
        "  --html FILE    the report as one page to look at: maps of all cuts, timelines, wear\n"
        "  --tap          the report in the Test Anything Protocol, on stdout\n"
        "                 FILE '-': on stdout; what is on stdout is there instead of the text\n"
        "  --hang S       seconds of processor time without a flash operation or a boot that\n"
        "                 fail a point; default: 60\n"
        "  --counts FILE  compare points and operations with those recorded in FILE, as\n"
        "                 scenarios/counts.json, and note what differs: the device writes\n"
        "                 more or less than it did; --counts-strict makes that exit status 1,\n"
        "                 --counts-update records what was counted now\n"
        "\n"
        "Exit status: 0 all passed; 1 a verdict failed; 2 bad usage, a scenario with errors,\n"
        "or a FILE that cannot be written (then none is run); 3 the simulator could not run\n"
        "one. NO_COLOR in the environment: no colours on a terminal either.",
    .run = run_scenarios,
};
