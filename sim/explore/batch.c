#include "sim/explore/batch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/explore/crew.h"
#include "sim/explore/graph.h"
#include "sim/explore/shield.h"

#define LOOK_MS 100

/* One scenario's place in memory that parent and child share. */
struct slot {
    struct explore_result result;
    volatile uint64_t points, states; /* while it runs */
    volatile uint32_t waiting, depth;
    volatile bool is_searching; /* the run without a cut is over */
};

/* What its process leaves beside the result. */
struct leaving {
    FILE *file; /* while it runs */
    char *text; /* then */
    size_t size;
};

struct worker {
    pid_t pid; /* 0: free */
    uint32_t index;
    bool is_done; /* its processor is idle, or helps others */
};

struct batch {
    const struct scenario *scenarios;
    const struct batch_options *options;
    uint32_t count, jobs, hang_s;
    uint32_t started, ended, told;
    uint64_t began_ms, until_ms; /* 0: no limit */
    struct slot *slots;
    bool *is_ended;
    struct leaving *leavings;
    struct worker *workers;
    struct crew_slots *idle; /* processors that no scenario is left for */
};

static void end(struct batch *batch, uint32_t index)
{
    batch->is_ended[index] = true;
    batch->ended++;
}

/* A scenario's run, in its own process. */
struct one {
    const struct batch *batch;
    uint32_t index;
};

/* The run without a cut is over, and with it the shield of this process: states are run by children
 * that have one of their own. */
static void on_progress(void *context, const struct explore_progress *progress)
{
    const struct one *one = context;
    struct slot *slot = &one->batch->slots[one->index];

    shield_raise(0);
    slot->is_searching = true;
    slot->points = progress->points;
    slot->states = progress->states;
    slot->waiting = progress->waiting;
    slot->depth = progress->depth;
}

static void on_visited(void *context, const struct graph *graph, struct states *states,
                       uint32_t node)
{
    const struct one *one = context;
    const struct batch_options *options = one->batch->options;

    (void)states;
    if (node == NODE_NONE)
        options->seen(options->context, one->index, graph, one->batch->leavings[one->index].file);
}

static void open_leaving(struct batch *batch, uint32_t index)
{
    if (batch->options->left)
        batch->leavings[index].file = tmpfile();
}

/* The file is read at once, as there may be more scenarios than files can be open. */
static void close_leaving(struct leaving *leaving, bool is_whole)
{
    if (!leaving->file)
        return;
    long size = is_whole && fseek(leaving->file, 0, SEEK_END) == 0 ? ftell(leaving->file) : 0;
    leaving->text = size > 0 ? malloc((size_t)size) : NULL;
    rewind(leaving->file);
    if (leaving->text)
        leaving->size = fread(leaving->text, 1, (size_t)size, leaving->file);
    fclose(leaving->file);
    leaving->file = NULL;
}

/* What is left of the budget, shared by all that is left to run. */
static uint64_t until_ms(const struct batch *batch)
{
    uint64_t now = crew_now_ms();
    uint32_t left = batch->count - batch->started;

    if (!batch->until_ms)
        return 0;
    uint64_t share = (batch->until_ms - now) * batch->jobs / left;
    return now + share < batch->until_ms ? now + share : batch->until_ms;
}

__attribute__((noreturn)) static void be_worker(const struct batch *batch, uint32_t index)
{
    struct one one = {batch, index};
    FILE *file = batch->leavings[index].file;
    struct explore_result *result = &batch->slots[index].result;
    struct explore_options options = {
        .progress = on_progress,
        .context = &one,
        .slots = batch->idle,
        .hang_s = batch->hang_s,
        .until_ms = until_ms(batch),
        .has_no_memo = batch->options->has_no_memo,
        .has_no_shortcuts = batch->options->has_no_shortcuts,
        .is_isolated = batch->options->is_isolated,
        .firmware = batch->options->firmware,
    };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    if (file && batch->options->seen) {
        options.visited = on_visited;
        options.keeps_cuts = true;
    }
    shield_raise(batch->hang_s);
    explore_run(&batch->scenarios[index], &options, result);
    shield_raise(0);
    if (file && batch->options->ran)
        batch->options->ran(batch->options->context, index, result, file);
    if (file)
        fflush(file);
    _exit(0);
}

static void start(struct batch *batch, struct worker *worker)
{
    struct slot *slot = &batch->slots[batch->started];

    worker->index = batch->started;
    open_leaving(batch, batch->started);
    fflush(NULL);
    worker->pid = fork();
    if (worker->pid == 0)
        be_worker(batch, batch->started);
    if (worker->pid < 0) {
        worker->pid = 0;
        slot->result.verdict = EXPLORE_FAULT;
        snprintf(slot->result.fault, sizeof slot->result.fault, "cannot start a process");
        end(batch, batch->started);
    }
    batch->started++;
}

/* Neither a device that is being prepared nor the run without a cut has another process. */
static void note_lost(const struct batch *batch, struct explore_result *result, int status)
{
    struct explore_failure *failure = &result->failures[0];

    *result =
        (struct explore_result){.verdict = EXPLORE_FAILED, .points_failed = 1, .failure_count = 1};
    failure->claim = CLAIM_NEVER_BRICKED;
    failure->points = 1;
    snprintf(failure->point, sizeof failure->point, "0");
    shield_reason(status, batch->hang_s, failure->text);
}

static void note_short(struct explore_result *result)
{
    *result = (struct explore_result){.verdict = EXPLORE_SHORT, .is_short = true};
}

static void note_end(struct batch *batch, struct worker *worker, int status)
{
    struct slot *slot = &batch->slots[worker->index];
    bool has_crashed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;

    close_leaving(&batch->leavings[worker->index], !has_crashed);
    if (shield_was_stopped(status)) {
        note_short(&slot->result);
    } else if (WIFSIGNALED(status) && !slot->is_searching) {
        note_lost(batch, &slot->result, status);
    } else if (has_crashed) {
        slot->result.verdict = EXPLORE_FAULT;
        snprintf(slot->result.fault, sizeof slot->result.fault,
                 "the run crashed: %s, after %llu points",
                 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "an error exit",
                 (unsigned long long)slot->points);
    }
    end(batch, worker->index);
    worker->pid = 0;
    if (batch->options->ended)
        batch->options->ended(batch->options->context, worker->index, &slot->result);
}

static void collect(struct batch *batch)
{
    for (uint32_t i = 0; i < batch->jobs; i++) {
        int status;
        struct worker *worker = &batch->workers[i];
        if (worker->pid && waitpid(worker->pid, &status, WNOHANG) == worker->pid)
            note_end(batch, worker, status);
    }
}

static void tell_finished(struct batch *batch)
{
    for (; batch->told < batch->count && batch->is_ended[batch->told]; batch->told++) {
        struct leaving *leaving = &batch->leavings[batch->told];
        if (leaving->text)
            batch->options->left(batch->options->context, batch->told, leaving->text,
                                 leaving->size);
        free(leaving->text);
        batch->options->finished(batch->options->context, batch->told,
                                 &batch->slots[batch->told].result);
    }
}

static void add_progress(const struct slot *slot, bool is_ended, struct batch_progress *progress)
{
    progress->points += is_ended ? slot->result.points : slot->points;
    progress->states += is_ended ? slot->result.states : slot->states;
    if (is_ended)
        return;
    progress->waiting += slot->waiting;
    if (slot->depth > progress->depth)
        progress->depth = slot->depth;
}

static void tell_progress(struct batch *batch)
{
    struct batch_progress progress = {.done = batch->ended, .count = batch->count};

    if (!batch->options->progress)
        return;
    progress.seconds = (double)(crew_now_ms() - batch->began_ms) / 1e3;
    for (uint32_t i = 0; i < batch->started; i++)
        add_progress(&batch->slots[i], batch->is_ended[i], &progress);
    batch->options->progress(batch->options->context, &progress);
}

static bool is_over(const struct batch *batch)
{
    return (batch->options->stop && *batch->options->stop) ||
           (batch->until_ms && crew_now_ms() >= batch->until_ms);
}

/* The next one that has to be run gets a process; those before it need none. */
static void start_next(struct batch *batch, struct worker *worker)
{
    const struct batch_options *options = batch->options;

    while (batch->started < batch->count) {
        struct explore_result *result = &batch->slots[batch->started].result;
        bool is_known = options->known && options->known(options->context, batch->started, result);
        if (!is_known && !is_over(batch)) {
            start(batch, worker);
            return;
        }
        if (!is_known)
            note_short(result);
        end(batch, batch->started++);
    }
    crew_slots_give(batch->idle);
    worker->is_done = true;
}

static void stop(struct batch *batch)
{
    for (uint32_t i = 0; i < batch->jobs; i++)
        if (batch->workers[i].pid)
            kill(batch->workers[i].pid, SIGTERM);
}

static void run_all(struct batch *batch)
{
    uint32_t looks = 0;

    while (batch->ended < batch->count) {
        for (uint32_t i = 0; i < batch->jobs; i++)
            if (!batch->workers[i].pid && !batch->workers[i].is_done)
                start_next(batch, &batch->workers[i]);
        collect(batch);
        tell_finished(batch);
        if (batch->options->stop && *batch->options->stop)
            stop(batch);
        usleep(1000);
        if (++looks % LOOK_MS == 0)
            tell_progress(batch);
    }
    tell_finished(batch);
}

static enum explore_verdict worst(const struct batch *batch)
{
    enum explore_verdict verdict = EXPLORE_PASSED;

    for (uint32_t i = 0; i < batch->count; i++)
        if (batch->slots[i].result.verdict > verdict)
            verdict = batch->slots[i].result.verdict;
    return verdict;
}

enum explore_verdict batch_run(const struct scenario *scenarios, uint32_t count,
                               const struct batch_options *options)
{
    struct batch batch = {.scenarios = scenarios, .options = options, .count = count};
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t size = (count + 1) * sizeof *batch.slots;
    enum explore_verdict verdict = EXPLORE_FAULT;

    batch.jobs = options->jobs ? options->jobs : processors > 0 ? (uint32_t)processors : 1;
    batch.hang_s = options->hang_s ? options->hang_s : SHIELD_HANG_S;
    batch.began_ms = crew_now_ms();
    batch.until_ms = options->budget_s ? batch.began_ms + options->budget_s * UINT64_C(1000) : 0;
    batch.slots = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    batch.is_ended = calloc(count + 1, sizeof *batch.is_ended);
    batch.leavings = calloc(count + 1, sizeof *batch.leavings);
    batch.workers = calloc(batch.jobs, sizeof *batch.workers);
    batch.idle = crew_slots_new(1); /* none is free yet */
    if (batch.slots != MAP_FAILED && batch.is_ended && batch.leavings && batch.workers &&
        batch.idle) {
        run_all(&batch);
        verdict = worst(&batch);
    }
    if (batch.slots != MAP_FAILED)
        munmap(batch.slots, size);
    crew_slots_free(batch.idle);
    free(batch.is_ended);
    free(batch.leavings);
    free(batch.workers);
    return verdict;
}
