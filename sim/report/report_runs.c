#include "sim/report/report_runs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/explore/replay.h"
#include "sim/report/report_write.h"

#define HANG_S 60 /* of processor time */

static void put_operations(const struct timeline *timeline, FILE *to)
{
    for (uint32_t i = 0; i < timeline->operation_count; i++) {
        const struct timeline_operation *operation = &timeline->operations[i];
        uint32_t code =
            4u * operation->phase + 2u * operation->is_spi + (operation->kind == POWER_ERASE);
        fprintf(to, "%s%u,%u,%u", i ? "," : "", code, operation->offset, operation->size);
    }
}

static void put_mark(const struct timeline_mark *mark, FILE *to)
{
    const struct point cut = {.count = 1, .steps = {mark->step}};
    char name[POINT_NAME_MAX];

    switch (mark->kind) {
    case TIMELINE_BOOT:
        fprintf(to, "[\"boot\",%u,%llu]", mark->at, (unsigned long long)mark->ms);
        break;
    case TIMELINE_CUT:
        point_name(&cut, name);
        fprintf(to, "[\"cut\",%u,\"%s\"]", mark->at, name);
        break;
    case TIMELINE_TEXT:
        fprintf(to, "[\"text\",%u,%llu,", mark->at, (unsigned long long)mark->ms);
        report_write_text(to, mark->text);
        fputc(']', to);
        break;
    }
}

static void put_wear(const char *name, const uint32_t *erases, uint32_t count, FILE *to)
{
    bool is_first = true;

    fprintf(to, "\"%s\":[", name);
    for (uint32_t i = 0; i < count; i++) {
        if (!erases[i])
            continue;
        fprintf(to, "%s%u,%u", is_first ? "" : ",", i, erases[i]);
        is_first = false;
    }
    fputc(']', to);
}

static void put_run(const struct scenario *scenario, const struct chip_boot_file *firmware,
                    const char *name, FILE *to)
{
    struct replay_wear *wear = report_write_need(calloc(1, sizeof *wear));
    struct replay *replay = report_write_need(malloc(sizeof *replay));
    struct timeline timeline = {0};
    const struct replay_options options = {
        .timeline = &timeline, .wear = wear, .firmware = firmware};
    struct point point;

    if (point_parse(name, &point))
        replay_point(scenario, &point, &options, replay);
    fprintf(to, ",{\"point\":\"%s\",\"operations\":[", name);
    put_operations(&timeline, to);
    fputs("],\"marks\":[", to);
    for (uint32_t i = 0; i < timeline.mark_count; i++) {
        fputs(i ? "," : "", to);
        put_mark(&timeline.marks[i], to);
    }
    fprintf(to, "],\"units\":[%u,%u],\"wear\":{", wear->nvm_count, wear->spi_count);
    put_wear("nvm", wear->erases, wear->nvm_count, to);
    fputc(',', to);
    put_wear("spi", wear->erases + wear->nvm_count, wear->spi_count, to);
    fputs("}}", to);
    timeline_free(&timeline);
    free(wear);
    free(replay);
}

/* In a process of its own; what one that is lost has written is taken back. */
static void put_run_apart(const struct scenario *scenario, const struct chip_boot_file *firmware,
                          const char *name, FILE *to)
{
    const struct itimerval shield = {.it_value = {HANG_S, 0}};
    int status;

    fflush(NULL);
    long before = ftell(to);
    pid_t child = fork();
    if (child < 0)
        return;
    if (child == 0) {
        setitimer(ITIMER_PROF, &shield, NULL);
        put_run(scenario, firmware, name, to);
        _exit(fflush(to) == 0 ? 0 : 1);
    }
    bool is_whole =
        waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!is_whole && ftruncate(fileno(to), before) != 0)
        abort();
    fseek(to, 0, SEEK_END);
}

void report_runs(const struct scenario *scenario, const struct chip_boot_file *firmware,
                 const struct explore_result *result, FILE *to)
{
    fputs("[null", to);
    put_run_apart(scenario, firmware, "0", to);
    for (uint32_t i = 0; i < result->failure_count; i++)
        if (strcmp(result->failures[i].point, "0") != 0)
            put_run_apart(scenario, firmware, result->failures[i].point, to);
    fputc(']', to);
}
