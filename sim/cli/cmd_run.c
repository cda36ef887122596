#include "sim/cli/cmd_run.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/cli/firmware_option.h"
#include "sim/cli/gather.h"
#include "sim/cli/outputs.h"
#include "sim/cli/shard.h"
#include "sim/explore/batch.h"
#include "sim/explore/shield.h"
#include "sim/report/counts.h"
#include "sim/report/report_json.h"
#include "sim/report/report_map.h"
#include "sim/report/report_read.h"
#include "sim/report/report_runs.h"
#include "sim/report/report_text.h"
#include "sim/report/resume.h"

#define PLAIN_LINE_S 10 /* between two lines of progress that stay */

/* What the command line asks for. */
struct wishes {
    struct outputs outputs;
    const char *resume_path; /* NULL: none */
    uint32_t shard, shards;
    const char *counts_path; /* NULL: none */
    bool is_counts_update, is_counts_strict;
    struct firmware_option firmware;
    struct batch_options batch;
};

struct run {
    const struct gather *gather;
    const struct wishes *wishes;
    bool has_text, has_colour, is_terminal, has_line;
    const char *theme; /* of the last line */
    struct report_totals totals;
    double line_s; /* when the progress was told last, where it is no terminal */
    struct outputs outputs;
    struct resume resume; /* with wishes->resume_path */
    int resume_error;     /* the file could not be written */
    struct counts counts; /* with wishes->counts_path */
};

/* The number of the signal that wants an end. */
static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    stop = number;
}

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

static bool on_known(void *context, uint32_t index, struct explore_result *ret_result)
{
    struct run *run = context;
    struct json_object *known = resume_find(&run->resume, run->gather->numbers[index]);

    return known && report_read(known, ret_result);
}

static void on_ended(void *context, uint32_t index, const struct explore_result *result)
{
    struct run *run = context;
    const struct gather *gather = run->gather;

    if (run->wishes->resume_path && !run->resume_error)
        run->resume_error =
            resume_add(&run->resume, &gather->scenarios[index], gather->numbers[index], result);
}

static void on_finished(void *context, uint32_t index, const struct explore_result *result)
{
    struct run *run = context;
    const struct scenario *scenario = &run->gather->scenarios[index];

    report_add(&run->totals, result);
    if (run->wishes->counts_path && result->verdict != EXPLORE_SHORT)
        counts_add(&run->counts, scenario->name, result);
    clear_line(run);
    outputs_scenario(&run->outputs, scenario, run->gather->numbers[index], result,
                     resume_find(&run->resume, run->gather->numbers[index]));
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
    report_runs(&run->gather->scenarios[index], run->wishes->batch.firmware, result, to);
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

    if (!run->wishes->counts_path)
        return status;
    uint32_t different = counts_compare(&run->counts, run->has_text ? stdout : stderr);
    if (run->wishes->is_counts_update && different)
        err = counts_write(&run->counts, run->wishes->counts_path);
    counts_close(&run->counts);
    if (err) {
        cli_error("%s: %s", run->wishes->counts_path, strerror(err));
        return status == CLI_FAULT ? status : CLI_USAGE;
    }
    return run->wishes->is_counts_strict && different && status == CLI_PASS ? CLI_FAIL : status;
}

static bool write_resume(const struct run *run)
{
    if (run->resume_error)
        cli_error("%s: %s", run->wishes->resume_path, strerror(run->resume_error));
    return !run->resume_error;
}

/* A shell that waits for this program must see that it was interrupted. */
static void die_of_signal(void)
{
    cli_flush(CLI_SHORT);
    signal(stop, SIG_DFL);
    raise(stop);
}

static int execute(struct run *run)
{
    static const int exits[] = {CLI_PASS, CLI_SHORT, CLI_FAIL, CLI_FAULT};
    const struct sigaction action = {.sa_handler = on_signal};
    struct batch_options options = run->wishes->batch;
    double started_s = now_s();

    options.stop = &stop;
    options.known = on_known;
    options.ended = on_ended;
    options.finished = on_finished;
    options.progress = on_progress;
    options.context = run;
    if (run->outputs.html_path) {
        options.seen = on_seen;
        options.ran = on_ran;
        options.left = on_left;
    }
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    enum explore_verdict verdict = batch_run(run->gather->scenarios, run->gather->count, &options);
    clear_line(run);
    run->totals.seconds = now_s() - started_s;
    if (run->has_text)
        report_text_totals(stdout, run->has_colour, &run->totals, options.jobs);
    bool is_written = outputs_end(&run->outputs, &run->totals),
         is_resume_written = write_resume(run);
    if (stop)
        die_of_signal();
    return compare_counts(run, is_written && is_resume_written ? exits[verdict] : CLI_USAGE);
}

static bool open_counts(struct run *run)
{
    char reason[COUNTS_REASON_SIZE];

    if (!run->wishes->counts_path) {
        if (run->wishes->is_counts_update || run->wishes->is_counts_strict)
            cli_error("--counts-update and --counts-strict need --counts FILE");
        return !run->wishes->is_counts_update && !run->wishes->is_counts_strict;
    }
    if (counts_open(&run->counts, run->wishes->counts_path, run->wishes->is_counts_update, reason))
        return true;
    cli_error("%s", reason);
    return false;
}

static int prepare(const struct wishes *wishes, struct gather *gather, struct origin *origin)
{
    struct run run = {.gather = gather, .wishes = wishes, .outputs = wishes->outputs};
    const char *no_colour = getenv("NO_COLOR");
    char error[RESUME_ERROR_MAX];

    run.has_text = outputs_has_text(&run.outputs);
    run.has_colour = isatty(STDOUT_FILENO) && (!no_colour || !*no_colour);
    run.is_terminal = isatty(STDERR_FILENO);
    if (wishes->resume_path && !resume_open(&run.resume, wishes->resume_path, origin, error)) {
        cli_error("%s", error);
        return CLI_USAGE;
    }
    if (!open_counts(&run)) {
        resume_close(&run.resume);
        return CLI_USAGE;
    }
    outputs_begin(&run.outputs, origin, gather->count);
    int status = execute(&run);
    resume_close(&run.resume);
    return status;
}

/* "90", "90s", "5m" or "2h". */
static bool parse_seconds(const char *option, const char *text, uint32_t *ret_seconds)
{
    static const char units[] = "smh";
    static const unsigned long factors[] = {1, 60, 3600};
    char digits[16];
    size_t length = strspn(text, "0123456789");
    const char *unit = text[length] ? strchr(units, text[length]) : units;
    unsigned long count;

    if (!length || length >= sizeof digits || !unit || (text[length] && text[length + 1])) {
        cli_error("%s: '%s' is not a time such as 90s, 5m or 2h", option, text);
        return false;
    }
    memcpy(digits, text, length);
    digits[length] = '\0';
    unsigned long factor = factors[unit - units];
    if (!cli_number(option, digits, 1, 604800 / factor, &count))
        return false;
    *ret_seconds = (uint32_t)(count * factor);
    return true;
}

static bool parse_count(const char *option, const char *text, unsigned long max,
                        uint32_t *ret_count)
{
    unsigned long count;

    if (!cli_number(option, text, 1, max, &count))
        return false;
    *ret_count = (uint32_t)count;
    return true;
}

enum {
    OPTION_NO_MEMO = 256,
    OPTION_ISOLATE,
    OPTION_NO_TIMES,
    OPTION_COUNTS,
    OPTION_COUNTS_UPDATE,
    OPTION_COUNTS_STRICT,
    OPTION_NO_SHORTCUTS,
    OPTION_JUNIT,
    OPTION_HTML,
    OPTION_TAP,
    OPTION_TARGET,
    OPTION_BOOTLOADER,
};

static const struct option options[] = {
    {"jobs", required_argument, NULL, 'j'},
    {"json", required_argument, NULL, 'J'},
    {"junit", required_argument, NULL, OPTION_JUNIT},
    {"html", required_argument, NULL, OPTION_HTML},
    {"tap", no_argument, NULL, OPTION_TAP},
    {"target", required_argument, NULL, OPTION_TARGET},
    {"bootloader", required_argument, NULL, OPTION_BOOTLOADER},
    {"shard", required_argument, NULL, 's'},
    {"hang", required_argument, NULL, 'H'},
    {"resume", required_argument, NULL, 'r'},
    {"budget", required_argument, NULL, 'b'},
    {"no-memo", no_argument, NULL, OPTION_NO_MEMO},
    {"isolate", no_argument, NULL, OPTION_ISOLATE},
    {"no-times", no_argument, NULL, OPTION_NO_TIMES},
    {"counts", required_argument, NULL, OPTION_COUNTS},
    {"counts-update", no_argument, NULL, OPTION_COUNTS_UPDATE},
    {"counts-strict", no_argument, NULL, OPTION_COUNTS_STRICT},
    {"no-shortcuts", no_argument, NULL, OPTION_NO_SHORTCUTS},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/* false: it has no good value; one error was said. */
static bool take_option(struct wishes *wishes, int option, const char *value)
{
    struct batch_options *batch = &wishes->batch;

    switch (option) {
    case 'j':
        return parse_count("--jobs", value, 1000, &batch->jobs);
    case 's':
        return shard_parse(value, &wishes->shard, &wishes->shards);
    case 'H':
        return parse_count("--hang", value, 86400, &batch->hang_s);
    case 'b':
        return parse_seconds("--budget", value, &batch->budget_s);
    case 'J':
        wishes->outputs.json_path = value;
        break;
    case OPTION_JUNIT:
        wishes->outputs.junit_path = value;
        break;
    case OPTION_HTML:
        wishes->outputs.html_path = value;
        break;
    case OPTION_TAP:
        wishes->outputs.has_tap = true;
        break;
    case 'r':
        wishes->resume_path = value;
        break;
    case OPTION_TARGET:
        return firmware_option_target(value, &wishes->firmware.is_pic32);
    case OPTION_BOOTLOADER:
        wishes->firmware.bootloader = value;
        break;
    case OPTION_NO_MEMO:
        batch->has_no_memo = true;
        break;
    case OPTION_ISOLATE:
        batch->is_isolated = true;
        break;
    case OPTION_NO_SHORTCUTS:
        batch->has_no_shortcuts = true;
        break;
    case OPTION_COUNTS:
        wishes->counts_path = value;
        break;
    case OPTION_COUNTS_UPDATE:
        wishes->is_counts_update = true;
        break;
    case OPTION_COUNTS_STRICT:
        wishes->is_counts_strict = true;
        break;
    default:
        wishes->outputs.has_no_times = true;
    }
    return true;
}

/* Reports of another target are not put together with these. */
static int run_share(struct wishes *wishes, struct gather *gather)
{
    struct origin origin;

    if (wishes->batch.has_no_memo)
        wishes->firmware.file.functions = (struct chip_memo_functions){0, 0};
    origin_init(&origin, wishes->batch.firmware ? BROWNOUT_VERSION " on pic32" : BROWNOUT_VERSION);
    origin.shard = wishes->shard;
    origin.shards = wishes->shards;
    return gather_shard(gather, &origin) ? prepare(wishes, gather, &origin) : CLI_FAULT;
}

static int run_scenarios(int argc, char **argv)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    struct wishes wishes = {.shard = 1, .shards = 1, .batch = {.hang_s = SHIELD_HANG_S}};
    struct gather gather;
    int option;

    wishes.batch.jobs = processors > 0 ? (uint32_t)processors : 1;
    while ((option = getopt_long(argc, argv, "hj:", options, NULL)) != -1) {
        if (option == 'h')
            return cli_help(&cmd_run);
        if (option == '?')
            return cli_bad_option(&cmd_run);
        if (!take_option(&wishes, option, optarg))
            return CLI_USAGE;
    }
    if (!outputs_check(&wishes.outputs))
        return CLI_USAGE;
    if (!gather_scenarios(argv + optind, argc - optind, &gather))
        return CLI_USAGE;
    int status = CLI_USAGE;
    if (firmware_option_open(&wishes.firmware, &wishes.batch.firmware)) {
        status = run_share(&wishes, &gather);
        firmware_option_close(&wishes.firmware);
    }
    gather_free(&gather);
    return status;
}

const struct cli_command cmd_run = {
    .name = "run",
    .summary = "run scenarios: every cut they ask for, every claim they make",
    .help =
        "usage: brownout run [FILE|DIR...] [OPTION...]\n"
        "\n"
        "Runs scenario files, or all below a folder; without arguments those in scenarios/.\n"
        "'FILE[1,0]' is one row of a file's matrix.\n"
        "A line for each on stdout, failures with the command that replays them, a summary.\n"
        "\n"
        "  -j, --jobs N   keep so many processors busy; default: all there are\n"
        "  --shard I/N    only the I-th of N shares, for machines that divide the work; a\n"
        "                 scenario stays in its share when others come or go. 'brownout merge'\n"
        "                 puts the reports together\n"
        "  --shard auto   the share that the environment says: BROWNOUT_SHARD=I/N, or the\n"
        "                 variables of Slurm, Kubernetes, GitLab, MPI, Bazel, GNU parallel and\n"
        "                 others; where they have no count, BROWNOUT_SHARDS=N\n"
        "  --json FILE    the report as JSON; 'brownout schema --report' is its schema\n"
        "  --junit FILE   the report as JUnit XML: a test case for each scenario, and one for\n"
        "                 each failing point\n"
        "  --html FILE    the report as one page to look at: maps of all cuts, timelines, wear\n"
        "  --tap          the report in the Test Anything Protocol, on stdout\n"
        "                 FILE '-': on stdout; what is on stdout is there instead of the text\n"
        "  --no-times     without seconds in it, so that equal runs give equal bytes\n"
        "  --resume FILE  scenarios that are in FILE are taken from there, and those that were\n"
        "                 run to their end are put there at once: a run that was interrupted\n"
        "                 goes on\n"
        "  --budget T     60s, 5m, 2h: each scenario gets its share of what is left, points of\n"
        "                 fewer cuts first; says what was not run\n"
        "  --counts FILE  compare points and operations with those recorded in FILE, as\n"
        "                 scenarios/counts.json, and note what differs: the device writes\n"
        "                 more or less than it did; --counts-strict makes that exit status 1,\n"
        "                 --counts-update records what was counted now\n"
        "  --hang S       a stage that uses so many seconds of processor time hangs, which\n"
        "                 fails its point; default: 60\n" FIRMWARE_OPTION_HELP
        "  --no-memo      hash and verify each time, not once for each content; slower, and\n"
        "                 the same result\n"
        "  --no-shortcuts run every stage, also those that go as one that was run\n"
        "  --isolate      a process of its own for each stage; slower, and the same result\n"
        "\n"
        "SIGINT and SIGTERM end it; what was finished is reported.\n"
        "\n"
        "Exit status: 0 all passed; 1 a verdict failed; 2 bad usage, a scenario with errors,\n"
        "or a FILE that cannot be written (then none is run); 3 the simulator could not run\n"
        "one; 4 nothing failed, but not all was run, as the budget was used up. After a\n"
        "signal: that signal's. NO_COLOR in the environment: no colours on a terminal either.",
    .run = run_scenarios,
};
