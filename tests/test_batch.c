/*
 * Method: this file has an explore_run() of its own, which the linker takes for the product's, so
 * that a scenario's name says what its child does. What the real one does in a batch is shown at
 * the end of tests/test_batch_real.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sim/explore/batch.h"
#include "sim/explore/crew.h"

#define SCENARIOS_MAX 8

/* Shared with the children: how many are at work, and how many there were at most. */
static volatile uint32_t *at_work;

struct bench {
    struct scenario scenarios[SCENARIOS_MAX];
    struct batch_options options;
    uint32_t order[SCENARIOS_MAX], told;
    struct explore_result results[SCENARIOS_MAX];
    struct batch_progress last;
    uint32_t progress_calls, ended;
    char left[SCENARIOS_MAX][40];
};

static void die_of(int number)
{
    struct rlimit none = {0};

    setrlimit(RLIMIT_CORE, &none);
    signal(number, SIG_DFL);
    raise(number);
}

static void work(void *context, uint32_t item, FILE *to)
{
    uint32_t now = __atomic_add_fetch(&at_work[0], 1, __ATOMIC_SEQ_CST);

    (void)context;
    (void)item;
    (void)to;
    if (now > at_work[1])
        at_work[1] = now;
    usleep(20000);
    __atomic_sub_fetch(&at_work[0], 1, __ATOMIC_SEQ_CST);
}

static void ignore(void *context, uint32_t item)
{
    (void)context;
    (void)item;
}

/* A scenario whose states are run by a crew, and not by itself. */
static void run_crew(const struct explore_options *options, uint32_t count)
{
    const struct crew_work crew = {.count = count, .work = work, .ended = ignore};
    uint32_t done;

    __atomic_sub_fetch(&at_work[0], 1, __ATOMIC_SEQ_CST);
    if (!crew_run(&crew, options->slots, &done) || done != count)
        _exit(1);
    __atomic_add_fetch(&at_work[0], 1, __ATOMIC_SEQ_CST);
}

void explore_run(const struct scenario *scenario, const struct explore_options *options,
                 struct explore_result *ret_result)
{
    uint32_t now = __atomic_add_fetch(&at_work[0], 1, __ATOMIC_SEQ_CST);

    if (now > at_work[1])
        at_work[1] = now;
    if (strcmp(scenario->name, "early") == 0)
        die_of(SIGSEGV);
    while (strcmp(scenario->name, "hang") == 0)
        __asm__ volatile("");
    options->progress(options->context, &(struct explore_progress){
                                            .points = 7, .states = 5, .waiting = 3, .depth = 2});
    if (options->visited)
        options->visited(options->context, NULL, NULL, UINT32_MAX);
    if (strcmp(scenario->name, "crew") == 0)
        run_crew(options, scenario->interval_s);
    else
        usleep(scenario->interval_s * 1000);
    if (strcmp(scenario->name, "segv") == 0)
        die_of(SIGSEGV);
    if (strcmp(scenario->name, "abort") == 0)
        die_of(SIGABRT);
    if (strcmp(scenario->name, "kill") == 0)
        die_of(SIGKILL);
    if (strcmp(scenario->name, "exit") == 0)
        _exit(4);
    memset(ret_result, 0, sizeof *ret_result);
    ret_result->points = scenario->operations_max;
    if (options->until_ms && crew_now_ms() > options->until_ms)
        ret_result->verdict = EXPLORE_SHORT;
    if (strcmp(scenario->name, "failed") == 0) {
        ret_result->verdict = EXPLORE_FAILED;
        ret_result->failure_count = 1;
        strcpy(ret_result->failures[0].point, "17t");
    }
    if (strcmp(scenario->name, "fault") == 0) {
        ret_result->verdict = EXPLORE_FAULT;
        strcpy(ret_result->fault, "of its own");
    }
    __atomic_sub_fetch(&at_work[0], 1, __ATOMIC_SEQ_CST);
}

static void on_finished(void *context, uint32_t index, const struct explore_result *result)
{
    struct bench *bench = context;

    bench->order[bench->told++] = index;
    bench->results[index] = *result;
}

static void on_progress(void *context, const struct batch_progress *progress)
{
    struct bench *bench = context;

    assert_true(progress->points >= bench->last.points);
    assert_true(progress->done >= bench->last.done);
    bench->last = *progress;
    bench->progress_calls++;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    at_work = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(at_work, MAP_FAILED);
    bench->options = (struct batch_options){
        .jobs = 2, .finished = on_finished, .progress = on_progress, .context = bench};
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    munmap((void *)at_work, 4096);
    free(*state);
    return 0;
}

static void add(struct bench *bench, uint32_t index, const char *name, uint32_t ms)
{
    strcpy(bench->scenarios[index].name, name);
    bench->scenarios[index].interval_s = ms;
    bench->scenarios[index].operations_max = 100 + index;
}

static void assert_in_order(const struct bench *bench, uint32_t count)
{
    assert_int_equal(bench->told, count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(bench->order[i], i);
}

static void results_come_in_the_order_of_the_scenarios(void **state)
{
    struct bench *bench = *state;

    for (uint32_t i = 0; i < SCENARIOS_MAX; i++)
        add(bench, i, "passed", 20 * (SCENARIOS_MAX - i)); /* the first takes longest */
    bench->options.jobs = 4;
    assert_int_equal(batch_run(bench->scenarios, SCENARIOS_MAX, &bench->options), EXPLORE_PASSED);
    assert_in_order(bench, SCENARIOS_MAX);
    for (uint32_t i = 0; i < SCENARIOS_MAX; i++) {
        assert_int_equal(bench->results[i].verdict, EXPLORE_PASSED);
        assert_int_equal(bench->results[i].points, 100 + i);
    }
}

static void no_more_run_at_once_than_there_are_jobs(void **state)
{
    struct bench *bench = *state;

    for (uint32_t jobs = 1; jobs <= 3; jobs++) {
        for (uint32_t i = 0; i < SCENARIOS_MAX; i++)
            add(bench, i, "passed", 30);
        at_work[0] = at_work[1] = 0;
        bench->told = 0;
        bench->last = (struct batch_progress){0};
        bench->options.jobs = jobs;
        assert_int_equal(batch_run(bench->scenarios, SCENARIOS_MAX, &bench->options),
                         EXPLORE_PASSED);
        assert_int_equal(at_work[0], 0);
        assert_int_equal(at_work[1], jobs);
        assert_in_order(bench, SCENARIOS_MAX);
    }
}

static void crash_is_a_result_with_the_signals_name(void **state)
{
    struct bench *bench = *state;

    add(bench, 0, "passed", 0);
    add(bench, 1, "segv", 0);
    add(bench, 2, "abort", 0);
    add(bench, 3, "kill", 0);
    add(bench, 4, "exit", 0);
    add(bench, 5, "passed", 0);
    assert_int_equal(batch_run(bench->scenarios, 6, &bench->options), EXPLORE_FAULT);
    assert_in_order(bench, 6);
    assert_int_equal(bench->results[0].verdict, EXPLORE_PASSED);
    for (int i = 1; i < 5; i++)
        assert_int_equal(bench->results[i].verdict, EXPLORE_FAULT);
    assert_string_equal(bench->results[1].fault,
                        "the run crashed: Segmentation fault, after 7 points");
    assert_string_equal(bench->results[2].fault, "the run crashed: Aborted, after 7 points");
    assert_string_equal(bench->results[3].fault, "the run crashed: Killed, after 7 points");
    assert_string_equal(bench->results[4].fault, "the run crashed: an error exit, after 7 points");
    assert_int_equal(bench->results[5].verdict, EXPLORE_PASSED);
    assert_int_equal(bench->results[5].points, 105);
}

static void crash_or_hang_before_the_first_cut_fails_point_0(void **state)
{
    struct bench *bench = *state;

    add(bench, 0, "early", 0);
    add(bench, 1, "hang", 0);
    add(bench, 2, "passed", 0);
    bench->options.hang_s = 1;
    assert_int_equal(batch_run(bench->scenarios, 3, &bench->options), EXPLORE_FAILED);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(bench->results[i].verdict, EXPLORE_FAILED);
        assert_int_equal(bench->results[i].failure_count, 1);
        assert_int_equal(bench->results[i].points_failed, 1);
        assert_string_equal(bench->results[i].failures[0].point, "0");
        assert_int_equal(bench->results[i].failures[0].claim, CLAIM_NEVER_BRICKED);
    }
    assert_string_equal(bench->results[0].failures[0].text,
                        "the firmware crashed: Segmentation fault");
    assert_string_equal(bench->results[1].failures[0].text,
                        "the firmware hangs: no end in 1 s of processor time");
    assert_int_equal(bench->results[2].verdict, EXPLORE_PASSED);
}

/* The last one has the processors of all others, and no more. */
static void long_scenario_at_the_end_uses_all_processors(void **state)
{
    struct bench *bench = *state;

    for (uint32_t jobs = 1; jobs <= 4; jobs++) {
        add(bench, 0, "passed", 0);
        add(bench, 1, "passed", 0);
        add(bench, 2, "crew", 60);
        at_work[0] = at_work[1] = 0;
        bench->told = 0;
        bench->last = (struct batch_progress){0};
        bench->options.jobs = jobs;
        assert_int_equal(batch_run(bench->scenarios, 3, &bench->options), EXPLORE_PASSED);
        assert_int_equal(at_work[0], 0);
        assert_int_equal(at_work[1], jobs);
    }
}

static bool on_known(void *context, uint32_t index, struct explore_result *ret_result)
{
    (void)context;
    if (index % 2)
        return false;
    *ret_result = (struct explore_result){.points = 4000 + index};
    return true;
}

static void on_ended(void *context, uint32_t index, const struct explore_result *result)
{
    struct bench *bench = context;

    (void)result;
    assert_int_equal(index % 2, 1);
    bench->ended++;
}

static void what_is_known_is_not_run_again(void **state)
{
    struct bench *bench = *state;

    for (uint32_t i = 0; i < 5; i++)
        add(bench, i, i % 2 ? "passed" : "segv", 0);
    bench->options.known = on_known;
    bench->options.ended = on_ended;
    assert_int_equal(batch_run(bench->scenarios, 5, &bench->options), EXPLORE_PASSED);
    assert_in_order(bench, 5);
    assert_int_equal(bench->ended, 2);
    assert_int_equal(bench->results[2].points, 4002);
    assert_int_equal(bench->results[3].points, 103);
}

static void each_scenario_has_its_share_of_the_budget(void **state)
{
    struct bench *bench = *state;

    add(bench, 0, "passed", 600); /* of two seconds, a quarter is its own */
    add(bench, 1, "passed", 100);
    add(bench, 2, "passed", 2000);
    add(bench, 3, "passed", 0);
    bench->options.jobs = 1;
    bench->options.budget_s = 2;
    assert_int_equal(batch_run(bench->scenarios, 4, &bench->options), EXPLORE_SHORT);
    assert_in_order(bench, 4);
    assert_int_equal(bench->results[0].verdict, EXPLORE_SHORT);
    assert_int_equal(bench->results[1].verdict, EXPLORE_PASSED);
    assert_int_equal(bench->results[2].verdict, EXPLORE_SHORT);
    assert_int_equal(bench->results[3].verdict, EXPLORE_SHORT);
    assert_true(bench->results[3].is_short); /* it was not begun */
    assert_int_equal(bench->results[3].points, 0);
}

static volatile sig_atomic_t stop;

static void stop_it(void *context, const struct batch_progress *progress)
{
    (void)context;
    (void)progress;
    stop = SIGINT;
}

static void stop_ends_what_runs_and_keeps_what_is_done(void **state)
{
    struct bench *bench = *state;

    add(bench, 0, "passed", 0);
    add(bench, 1, "passed", 60000);
    add(bench, 2, "passed", 0);
    add(bench, 3, "passed", 60000);
    add(bench, 4, "passed", 0);
    stop = 0;
    bench->options.stop = &stop;
    bench->options.progress = stop_it;
    assert_int_equal(batch_run(bench->scenarios, 5, &bench->options), EXPLORE_SHORT);
    assert_in_order(bench, 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(bench->results[i].verdict,
                         i == 0 || i == 2 ? EXPLORE_PASSED : EXPLORE_SHORT);
}

static void worst_verdict_is_the_batchs(void **state)
{
    struct bench *bench = *state;

    add(bench, 0, "failed", 0);
    add(bench, 1, "passed", 0);
    assert_int_equal(batch_run(bench->scenarios, 2, &bench->options), EXPLORE_FAILED);
    assert_int_equal(bench->results[0].failure_count, 1);
    assert_string_equal(bench->results[0].failures[0].point, "17t");
    add(bench, 1, "fault", 0);
    assert_int_equal(batch_run(bench->scenarios, 2, &bench->options), EXPLORE_FAULT);
    assert_string_equal(bench->results[1].fault, "of its own");
}

static void nothing_to_run_passes_at_once(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(batch_run(bench->scenarios, 0, &bench->options), EXPLORE_PASSED);
    assert_int_equal(bench->told, 0);
}

static void jobs_may_be_more_than_scenarios_or_left_to_the_machine(void **state)
{
    struct bench *bench = *state;

    add(bench, 0, "passed", 0);
    add(bench, 1, "passed", 0);
    bench->options.jobs = 100;
    assert_int_equal(batch_run(bench->scenarios, 2, &bench->options), EXPLORE_PASSED);
    bench->options.jobs = 0;
    bench->options.progress = NULL;
    assert_int_equal(batch_run(bench->scenarios, 2, &bench->options), EXPLORE_PASSED);
    assert_int_equal(bench->told, 4);
}

static void progress_tells_points_and_scenarios_done(void **state)
{
    struct bench *bench = *state;

    add(bench, 0, "passed", 0);
    add(bench, 1, "passed", 700);
    assert_int_equal(batch_run(bench->scenarios, 2, &bench->options), EXPLORE_PASSED);
    assert_in_range(bench->progress_calls, 1, 20);
    assert_int_equal(bench->last.count, 2);
    assert_int_equal(bench->last.done, 1);
    assert_int_equal(bench->last.points, 100 + 7); /* one ended, one at its seventh */
    assert_int_equal(bench->last.states, 5);
    assert_int_equal(bench->last.waiting, 3);
    assert_int_equal(bench->last.depth, 2);
    assert_true(bench->last.seconds > 0);
}

static void on_seen(void *context, uint32_t index, const struct graph *graph, FILE *to)
{
    (void)context;
    assert_null(graph);
    fprintf(to, "seen %u, ", index);
}

static void on_ran(void *context, uint32_t index, const struct explore_result *result, FILE *to)
{
    (void)context;
    fprintf(to, "ran %u: %llu", index, (unsigned long long)result->points);
}

static void on_left(void *context, uint32_t index, const char *text, size_t size)
{
    struct bench *bench = context;

    assert_int_equal(bench->told, index); /* before its result */
    snprintf(bench->left[index], sizeof bench->left[index], "%.*s", (int)size, text);
}

static void what_a_scenarios_process_leaves_arrives_here_unless_it_crashed(void **state)
{
    struct bench *bench = *state;

    bench->options.seen = on_seen;
    bench->options.ran = on_ran;
    bench->options.left = on_left;
    add(bench, 0, "passed", 20);
    add(bench, 1, "segv", 0);
    add(bench, 2, "failed", 0);
    batch_run(bench->scenarios, 3, &bench->options);
    assert_string_equal(bench->left[0], "seen 0, ran 0: 100");
    assert_string_equal(bench->left[1], "");
    assert_string_equal(bench->left[2], "seen 2, ran 2: 102");
    assert_int_equal(bench->told, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(results_come_in_the_order_of_the_scenarios),
        TEST(no_more_run_at_once_than_there_are_jobs),
        TEST(crash_is_a_result_with_the_signals_name),
        TEST(crash_or_hang_before_the_first_cut_fails_point_0),
        TEST(long_scenario_at_the_end_uses_all_processors),
        TEST(what_is_known_is_not_run_again),
        TEST(each_scenario_has_its_share_of_the_budget),
        TEST(stop_ends_what_runs_and_keeps_what_is_done),
        TEST(worst_verdict_is_the_batchs),
        TEST(nothing_to_run_passes_at_once),
        TEST(jobs_may_be_more_than_scenarios_or_left_to_the_machine),
        TEST(progress_tells_points_and_scenarios_done),
        TEST(what_a_scenarios_process_leaves_arrives_here_unless_it_crashed),
    };

    return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
