#include "sim/explore/batch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/explore/graph.h"

#define LOOK_MS 100

/* One scenario's place in memory that parent and child share. */
struct slot {
    struct explore_result result;
    volatile uint64_t points, states; /* while it runs */
    volatile uint32_t waiting, depth;
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
};

struct batch {
    const struct scenario *scenarios;
    const struct batch_options *options;
    uint32_t count, jobs;
    uint32_t started, ended, told;
    struct slot *slots;
    bool *is_ended;
    struct leaving *leavings;
    struct worker *workers;
    struct timespec began;
};

/* Preparing and the run without a cut are of this process; states are run by children that have a
 * shield of their own. seconds of processor time, then SIGPROF ends it; 0: no more shield. */
static void raise_shield(uint32_t seconds)
{
    const struct itimerval once = {.it_value = {seconds, 0}};

    setitimer(ITIMER_PROF, &once, NULL);
}

/* A scenario's run, in its own process. */
struct one {
    const struct batch *batch;
    uint32_t index;
};

static void on_progress(void *context, const struct explore_progress *progress)
{
    const struct one *one = context;
    struct slot *slot = &one->batch->slots[one->index];

    raise_shield(0);
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

static void run_here(const struct batch *batch, uint32_t index)
{
    struct one one = {batch, index};
    FILE *file = batch->leavings[index].file;
    struct explore_result *result = &batch->slots[index].result;
    uint32_t hang_s = batch->options->hang_s ? batch->options->hang_s : BATCH_HANG_S;
    struct explore_options options = {.progress = on_progress, .context = &one, .hang_s = hang_s};

    if (file && batch->options->seen) {
        options.visited = on_visited;
        options.keeps_cuts = true;
    }
    raise_shield(hang_s);
    explore_run(&batch->scenarios[index], &options, result);
    raise_shield(0);
    if (file && batch->options->ran)
        batch->options->ran(batch->options->context, index, result, file);
    if (file)
        fflush(file);
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

static void run_one(struct batch *batch, struct worker *worker)
{
    struct slot *slot = &batch->slots[batch->started];

    worker->index = batch->started;
    open_leaving(batch, batch->started);
    fflush(NULL);
    worker->pid = fork();
    if (worker->pid < 0) {
        worker->pid = 0;
        slot->result.verdict = EXPLORE_FAULT;
        snprintf(slot->result.fault, sizeof slot->result.fault, "cannot start a process");
        batch->is_ended[batch->started] = true;
        batch->ended++;
    } else if (worker->pid == 0) {
        run_here(batch, batch->started);
        _exit(0);
    }
    batch->started++;
}

static void note_hang(struct explore_result *result, uint32_t hang_s)
{
    struct explore_failure *failure = &result->failures[0];

    *result =
        (struct explore_result){.verdict = EXPLORE_FAILED, .points_failed = 1, .failure_count = 1};
    failure->claim = CLAIM_TIME;
    failure->points = 1;
    snprintf(failure->point, sizeof failure->point, "0");
    snprintf(failure->text, sizeof failure->text,
             "hangs: no end of the run without a cut in %u s of processor time",
             hang_s ? hang_s : BATCH_HANG_S);
}

static void note_end(struct batch *batch, struct worker *worker, int status)
{
    struct explore_result *result = &batch->slots[worker->index].result;
    bool has_crashed = !WIFEXITED(status) || WEXITSTATUS(status) != 0;

    close_leaving(&batch->leavings[worker->index], !has_crashed);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
        note_hang(result, batch->options->hang_s);
    else if (has_crashed) {
        result->verdict = EXPLORE_FAULT;
        snprintf(result->fault, sizeof result->fault, "the run crashed: %s, after %llu points",
                 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "an error exit",
                 (unsigned long long)batch->slots[worker->index].points);
    }
    batch->is_ended[worker->index] = true;
    batch->ended++;
    worker->pid = 0;
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
    struct timespec now;

    if (!batch->options->progress)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    progress.seconds = (double)(now.tv_sec - batch->began.tv_sec) +
                       (double)(now.tv_nsec - batch->began.tv_nsec) / 1e9;
    for (uint32_t i = 0; i < batch->started; i++)
        add_progress(&batch->slots[i], batch->is_ended[i], &progress);
    batch->options->progress(batch->options->context, &progress);
}

static void run_all(struct batch *batch)
{
    uint32_t looks = 0;

    while (batch->ended < batch->count) {
        for (uint32_t i = 0; i < batch->jobs && batch->started < batch->count; i++)
            if (!batch->workers[i].pid)
                run_one(batch, &batch->workers[i]);
        collect(batch);
        tell_finished(batch);
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
    clock_gettime(CLOCK_MONOTONIC, &batch.began);
    batch.slots = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    batch.is_ended = calloc(count + 1, sizeof *batch.is_ended);
    batch.leavings = calloc(count + 1, sizeof *batch.leavings);
    batch.workers = calloc(batch.jobs, sizeof *batch.workers);
    if (batch.slots != MAP_FAILED && batch.is_ended && batch.leavings && batch.workers) {
        run_all(&batch);
        verdict = worst(&batch);
    }
    if (batch.slots != MAP_FAILED)
        munmap(batch.slots, size);
    free(batch.is_ended);
    free(batch.leavings);
    free(batch.workers);
    return verdict;
}
