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

#define LOOK_MS 100

/* One scenario's place in memory that parent and child share. */
struct slot {
    struct explore_result result;
    volatile uint64_t points; /* while it runs */
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

static void on_progress(void *context, const struct explore_progress *progress)
{
    raise_shield(0);
    ((struct slot *)context)->points = progress->points;
}

static void run_one(struct batch *batch, struct worker *worker)
{
    struct slot *slot = &batch->slots[batch->started];

    worker->index = batch->started;
    fflush(NULL);
    worker->pid = fork();
    if (worker->pid < 0) {
        worker->pid = 0;
        slot->result.verdict = EXPLORE_FAULT;
        snprintf(slot->result.fault, sizeof slot->result.fault, "cannot start a process");
        batch->is_ended[batch->started] = true;
        batch->ended++;
    } else if (worker->pid == 0) {
        uint32_t hang_s = batch->options->hang_s ? batch->options->hang_s : BATCH_HANG_S;
        struct explore_options options = {
            .progress = on_progress,
            .context = slot,
            .hang_s = hang_s,
            .has_no_shortcuts = batch->options->has_no_shortcuts,
        };
        raise_shield(hang_s);
        explore_run(&batch->scenarios[batch->started], &options, &slot->result);
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

    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGPROF)
        note_hang(result, batch->options->hang_s);
    else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
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
    for (; batch->told < batch->count && batch->is_ended[batch->told]; batch->told++)
        batch->options->finished(batch->options->context, batch->told,
                                 &batch->slots[batch->told].result);
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
        progress.points +=
            batch->is_ended[i] ? batch->slots[i].result.points : batch->slots[i].points;
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
    batch.workers = calloc(batch.jobs, sizeof *batch.workers);
    if (batch.slots != MAP_FAILED && batch.is_ended && batch.workers) {
        run_all(&batch);
        verdict = worst(&batch);
    }
    if (batch.slots != MAP_FAILED)
        munmap(batch.slots, size);
    free(batch.is_ended);
    free(batch.workers);
    return verdict;
}
