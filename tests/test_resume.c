#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/report/report_read.h"
#include "sim/report/resume.h"
#include "tests/scene.h"

struct bench {
    char folder[32], path[48], error[RESUME_ERROR_MAX];
    struct origin origin;
    struct scenario scenario;
    struct resume resume;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    strcpy(bench->folder, "/tmp/resume-XXXXXX");
    assert_non_null(mkdtemp(bench->folder));
    snprintf(bench->path, sizeof bench->path, "%s/kept.json", bench->folder);
    origin_init(&bench->origin, "1.0");
    for (int i = 0; i < 4; i++)
        origin_add(&bench->origin, "name", "digest");
    scene_init(&bench->scenario);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    scene_remove(bench->folder);
    free(bench);
    return 0;
}

static void open_it(struct bench *bench)
{
    if (!resume_open(&bench->resume, bench->path, &bench->origin, bench->error))
        fail_msg("%s", bench->error);
}

static void assert_refused(struct bench *bench, const char *expected)
{
    char text[200];

    snprintf(text, sizeof text, "%s%s", bench->path, expected);
    assert_false(resume_open(&bench->resume, bench->path, &bench->origin, bench->error));
    assert_string_equal(bench->error, text);
}

static void what_is_done_with_is_there_the_next_time(void **state)
{
    struct bench *bench = *state;
    const struct explore_result passed = {.points = 5, .boots = 6, .operations = 7, .checked = 8};
    const struct explore_result failed = {
        .verdict = EXPLORE_FAILED,
        .points_failed = 3,
        .failure_count = 1,
        .failures = {{.point = "17t", .claim = CLAIM_TIME, .text = "too late"}}};
    struct explore_result again;

    open_it(bench);
    assert_int_equal(resume_add(&bench->resume, &bench->scenario, 2, &passed), 0);
    resume_close(&bench->resume);
    open_it(bench);
    assert_int_equal(resume_add(&bench->resume, &bench->scenario, 0, &failed), 0);
    resume_close(&bench->resume);

    open_it(bench);
    assert_null(resume_find(&bench->resume, 1));
    assert_null(resume_find(&bench->resume, 3));
    assert_true(report_read(resume_find(&bench->resume, 2), &again));
    assert_memory_equal(&again, &passed, sizeof again);
    assert_true(report_read(resume_find(&bench->resume, 0), &again));
    assert_memory_equal(&again, &failed, sizeof again);
    resume_close(&bench->resume);
}

static void what_is_not_done_with_is_run_again(void **state)
{
    struct bench *bench = *state;
    const struct explore_result cut = {.verdict = EXPLORE_SHORT, .is_short = true};
    const struct explore_result half = {.verdict = EXPLORE_FAILED, .is_short = true};
    const struct explore_result fault = {.verdict = EXPLORE_FAULT, .fault = "no"};

    open_it(bench);
    assert_int_equal(resume_add(&bench->resume, &bench->scenario, 0, &cut), 0);
    assert_int_equal(resume_add(&bench->resume, &bench->scenario, 1, &half), 0);
    assert_int_equal(resume_add(&bench->resume, &bench->scenario, 2, &fault), 0);
    for (uint32_t i = 0; i < 4; i++)
        assert_null(resume_find(&bench->resume, i));
    resume_close(&bench->resume);
}

static void file_of_another_run_is_refused(void **state)
{
    struct bench *bench = *state;
    const struct explore_result passed = {0};

    open_it(bench);
    assert_int_equal(resume_add(&bench->resume, &bench->scenario, 2, &passed), 0);
    resume_close(&bench->resume);
    bench->origin.shards = 2;
    assert_refused(bench, ": of a run with another number of shares");
    bench->origin.shards = 1;
    strcpy(bench->origin.version, "2.0");
    assert_refused(bench, ": of a run with another version of brownout");
    origin_init(&bench->origin, "1.0");
    origin_add(&bench->origin, "name", "digest");
    assert_refused(bench, ": of a run with another set of scenarios");
}

static void file_that_is_no_report_is_refused(void **state)
{
    struct bench *bench = *state;
    FILE *file = fopen(bench->path, "w");

    fputs("no report\n", file);
    fclose(file);
    assert_refused(bench, ": not a report of 'brownout run --resume' of this version");
    assert_int_equal(remove(bench->path), 0);
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_refused(bench, ": Is a directory");
    strcat(bench->path, "/none/kept.json");
    assert_refused(bench, ": No such file or directory");
}

static void file_that_cannot_be_written_is_an_error(void **state)
{
    struct bench *bench = *state;
    const struct explore_result passed = {0};

    open_it(bench);
    assert_int_equal(rmdir(bench->folder), 0);
    assert_int_equal(resume_add(&bench->resume, &bench->scenario, 2, &passed), ENOENT);
    resume_close(&bench->resume);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_done_with_is_there_the_next_time), TEST(what_is_not_done_with_is_run_again),
        TEST(file_of_another_run_is_refused),           TEST(file_that_is_no_report_is_refused),
        TEST(file_that_cannot_be_written_is_an_error),
    };

    return cmocka_run_group_tests_name("resume", tests, NULL, NULL);
}
