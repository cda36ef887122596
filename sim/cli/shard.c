#include "sim/cli/shard.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"

#define SHARDS_MAX 10000

/* Who says the number of shares where the engine does not. */
#define COUNT_NAME "BROWNOUT_SHARDS"

struct engine {
    const char *index, *count; /* names of variables; count NULL: it does not say */
    unsigned long first;       /* index of the first task */
    const char *first_name;    /* or the variable that says it */
};

static const struct engine engines[] = {
    {"TEST_SHARD_INDEX", "TEST_TOTAL_SHARDS", 0, NULL}, /* Bazel */
    {"GTEST_SHARD_INDEX", "GTEST_TOTAL_SHARDS", 0, NULL},
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", 0, "SLURM_ARRAY_TASK_MIN"},
    {"CI_NODE_INDEX", "CI_NODE_TOTAL", 1, NULL},               /* GitLab */
    {"JOB_COMPLETION_INDEX", NULL, 0, NULL},                   /* Kubernetes, an indexed job */
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", 0, NULL}, /* Open MPI */
    {"PMI_RANK", "PMI_SIZE", 0, NULL},                         /* MPICH */
    {"SLURM_PROCID", "SLURM_NTASKS", 0, NULL},                 /* srun */
    {"AWS_BATCH_JOB_ARRAY_INDEX", NULL, 0, NULL},
    {"BATCH_TASK_INDEX", "BATCH_TASK_COUNT", 0, NULL}, /* Google Batch */
    {"CLOUD_RUN_TASK_INDEX", "CLOUD_RUN_TASK_COUNT", 0, NULL},
    {"CIRCLE_NODE_INDEX", "CIRCLE_NODE_TOTAL", 0, NULL},
    {"BUILDKITE_PARALLEL_JOB", "BUILDKITE_PARALLEL_JOB_COUNT", 0, NULL},
    {"SGE_TASK_ID", "SGE_TASK_LAST", 1, NULL}, /* Grid Engine */
    {"PBS_ARRAY_INDEX", NULL, 1, NULL},
    {"NOMAD_ALLOC_INDEX", NULL, 0, NULL},
    {"PARALLEL_SEQ", NULL, 1, NULL}, /* GNU parallel */
};

static bool take_slash(const char *option, const char *text, unsigned long *ret_index,
                       unsigned long *ret_count)
{
    char index[16];
    const char *slash = strchr(text, '/');
    size_t length = slash ? (size_t)(slash - text) : 0;

    if (!length || length >= sizeof index) {
        cli_error("%s: '%s' is not I/N", option, text);
        return false;
    }
    memcpy(index, text, length);
    index[length] = '\0';
    return cli_number(option, slash + 1, 1, SHARDS_MAX, ret_count) &&
           cli_number(option, index, 1, *ret_count, ret_index);
}

/* Grid Engine says "undefined" where there is no array. */
static bool is_set(const char *name)
{
    const char *text = getenv(name);

    return text && *text && strcmp(text, "undefined") != 0;
}

static bool take_engine(const struct engine *engine, unsigned long *ret_index,
                        unsigned long *ret_count)
{
    const char *count = engine->count && is_set(engine->count) ? engine->count : COUNT_NAME;
    unsigned long first = engine->first, index;

    if (!is_set(count)) {
        cli_error("--shard auto: %s is set, but %s%s%s is not", engine->index,
                  engine->count ? engine->count : "", engine->count ? " or " : "", COUNT_NAME);
        return false;
    }
    if (engine->first_name && !is_set(engine->first_name)) {
        cli_error("--shard auto: %s is set, but %s is not", engine->index, engine->first_name);
        return false;
    }
    if (!cli_number(count, getenv(count), 1, SHARDS_MAX, ret_count) ||
        (engine->first_name &&
         !cli_number(engine->first_name, getenv(engine->first_name), 0, UINT32_MAX, &first)) ||
        !cli_number(engine->index, getenv(engine->index), first, first + *ret_count - 1, &index))
        return false;
    *ret_index = index - first + 1;
    return true;
}

/* Bazel takes a test that does not touch this file for one that cannot be shared out. */
static void touch_status_file(void)
{
    const char *path = getenv("TEST_SHARD_STATUS_FILE");
    int fd = path && *path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666) : -1;

    if (fd >= 0)
        close(fd);
}

static bool take_environment(unsigned long *ret_index, unsigned long *ret_count,
                             const char **ret_name)
{
    *ret_name = "BROWNOUT_SHARD";
    if (is_set(*ret_name))
        return take_slash(*ret_name, getenv(*ret_name), ret_index, ret_count);
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
        if (is_set(engines[i].index)) {
            *ret_name = engines[i].index;
            touch_status_file();
            return take_engine(&engines[i], ret_index, ret_count);
        }
    cli_error("--shard auto: the environment says nothing of shares; set BROWNOUT_SHARD=I/N");
    return false;
}

bool shard_parse(const char *text, uint32_t *ret_index, uint32_t *ret_count)
{
    unsigned long index, count;
    const char *name;

    if (strcmp(text, "auto") != 0) {
        if (!take_slash("--shard", text, &index, &count))
            return false;
    } else if (!take_environment(&index, &count, &name)) {
        return false;
    } else {
        fprintf(stderr, "brownout: share %lu/%lu, says %s\n", index, count, name);
    }
    *ret_index = (uint32_t)index;
    *ret_count = (uint32_t)count;
    return true;
}
