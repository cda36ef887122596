/*
 * W5: a file of 128 KiB on the file system is replaced as a whole, on the flash stack of the
 * simulator, and the power goes behind each operation; the device then mounts, must find the old
 * file or the new one whole, does what is left to do, and must find the new one. To the depth of
 * cuts that is asked for, each fork from the flash as it is there: no prefix is run twice, and
 * nothing is known of states that are alike. In one process.
 *
 * usage: files DEPTH SECONDS; stops after so many seconds. Prints points, operations and seconds of
 * processor time as JSON.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/store.h"
#include "hal_posix/flash_ram.h"
#include "sim/device/power.h"

#define FILE_SIZE (128 * 1024)
#define CHUNK     4096
#define PATH      STORE_DIRECTORY "/file"
#define TEMPORARY PATH ".tmp"
#define DEPTH_MAX 4

struct bench {
    struct flash_ram flash;
    struct log log;
    uint8_t contents[2][FILE_SIZE]; /* old, new */
    uint32_t depth_max;
    double seconds_max;
    uint64_t points, operations;
    bool is_over;
};

/* A power session. */
struct session {
    struct bench *bench;
    uint32_t depth; /* cuts before it */
    struct power_supply supply;
    struct flash_nor nor;
    struct power power;
    struct store store;
    struct lfs2_file_config config;
    lfs2_file_t file;
    uint8_t buffer[STORE_CACHE_SIZE], chunk[CHUNK];
};

static void die(const char *what)
{
    fprintf(stderr, "files: %s\n", what);
    exit(1);
}

static void on_log(struct log *log, enum log_event event, uint32_t a, uint32_t b, uint32_t c)
{
    (void)log;
    (void)event;
    (void)a;
    (void)b;
    (void)c;
}

static void on_violation(void *context, const char *rule, const struct flash *flash,
                         uint32_t offset, uint32_t size)
{
    (void)context;
    (void)flash;
    (void)offset;
    (void)size;
    die(rule);
}

static void open_file(struct session *session, const char *path, int flags)
{
    session->config = (struct lfs2_file_config){.buffer = session->buffer};
    if (lfs2_file_opencfg(&session->store.lfs, &session->file, path, flags, &session->config))
        die("cannot open the file");
}

/* Which of the contents the file has: 0 or 1; it must be one of them. */
static int look(struct session *session)
{
    bool is[2] = {true, true};

    open_file(session, PATH, LFS2_O_RDONLY);
    if (lfs2_file_size(&session->store.lfs, &session->file) != FILE_SIZE)
        die("the file has another size");
    for (uint32_t at = 0; at < FILE_SIZE; at += CHUNK) {
        if (lfs2_file_read(&session->store.lfs, &session->file, session->chunk, CHUNK) != CHUNK)
            die("cannot read the file");
        for (int i = 0; i < 2; i++)
            is[i] &= memcmp(session->chunk, session->bench->contents[i] + at, CHUNK) == 0;
    }
    lfs2_file_close(&session->store.lfs, &session->file);
    if (is[0] == is[1])
        die("the file is neither the old one nor the new one");
    return is[1];
}

static void replace(struct session *session, int content)
{
    lfs2_t *lfs = &session->store.lfs;

    open_file(session, TEMPORARY, LFS2_O_WRONLY | LFS2_O_CREAT | LFS2_O_TRUNC);
    for (uint32_t at = 0; at < FILE_SIZE; at += CHUNK)
        if (lfs2_file_write(lfs, &session->file, session->bench->contents[content] + at, CHUNK) !=
            CHUNK)
            die("cannot write the file");
    if (lfs2_file_close(lfs, &session->file) || lfs2_rename(lfs, TEMPORARY, PATH))
        die("cannot replace the file");
}

static bool on_moment(void *context, const struct power_operation *operation,
                      enum power_moment moment);

static void power_on(struct session *session, struct bench *bench, uint32_t depth)
{
    memset(session, 0, sizeof *session);
    session->bench = bench;
    session->depth = depth;
    session->supply = (struct power_supply){.goes = on_moment, .context = session};
    flash_nor_init(&session->nor, &bench->flash.cells, on_violation, NULL);
    flash_nor_reset(&session->nor, true);
    power_init(&session->power, &session->nor, &session->supply);
    cells_start(&bench->flash.cells);
}

static void replace_and_look(struct session *session)
{
    if (store_mount(&session->store, &session->power.flash, &session->bench->log))
        die("cannot mount");
    if (look(session) == 0)
        replace(session, 1);
    if (look(session) != 1)
        die("the file is the old one");
    session->bench->operations += session->supply.operations;
}

/* The power goes behind the operation; in another session the device does what is left. Then all
 * is as before, and this session goes on. */
static bool on_moment(void *context, const struct power_operation *operation,
                      enum power_moment moment)
{
    struct session *session = context;
    struct bench *bench = session->bench;

    (void)operation;
    if (moment != POWER_AFTER || session->depth == bench->depth_max || bench->is_over)
        return false;
    bench->is_over = (double)clock() / CLOCKS_PER_SEC > bench->seconds_max;
    if (bench->is_over)
        return false;
    struct session *next = malloc(sizeof *next);
    if (!next)
        die("out of memory");
    uint32_t mark = flash_ram_mark(&bench->flash);
    power_on(next, bench, session->depth + 1);
    replace_and_look(next);
    flash_ram_rollback(&bench->flash, mark);
    free(next);
    bench->points++;
    return false;
}

static void prepare(struct bench *bench)
{
    struct session *session = malloc(sizeof *session);
    uint32_t depth_max = bench->depth_max, noise = 1;

    if (!session)
        die("out of memory");
    for (uint32_t i = 0; i < 2 * FILE_SIZE; i++) {
        noise = noise * 1664525 + 1013904223;
        bench->contents[i / FILE_SIZE][i % FILE_SIZE] = (uint8_t)(noise >> 24);
    }
    bench->depth_max = 0;
    power_on(session, bench, 0);
    if (store_mount(&session->store, &session->power.flash, &bench->log) == OTA_OK ||
        store_format(&session->store))
        die("cannot format");
    replace(session, 0);
    bench->depth_max = depth_max;
    bench->is_over = false;
    free(session);
}

int main(int argc, char **argv)
{
    static const struct log_ops log_ops = {.event = on_log};
    static struct bench bench;
    static struct session first;
    struct cells cells;

    if (argc != 3 || atoi(argv[1]) < 1 || atoi(argv[1]) > DEPTH_MAX || atoi(argv[2]) < 1)
        die("usage: files DEPTH SECONDS");
    bench.log.ops = &log_ops;
    bench.depth_max = (uint32_t)atoi(argv[1]);
    cells_init_sst26(&cells);
    if (flash_ram_init(&bench.flash, &cells))
        die("out of memory");
    prepare(&bench);
    clock_t began = clock();
    bench.seconds_max = (double)began / CLOCKS_PER_SEC + atoi(argv[2]);
    power_on(&first, &bench, 0);
    replace_and_look(&first);
    printf("{\"points\": %llu, \"operations\": %llu, \"seconds\": %.3f, \"is_over\": %s}\n",
           (unsigned long long)bench.points, (unsigned long long)bench.operations,
           (double)(clock() - began) / CLOCKS_PER_SEC, bench.is_over ? "true" : "false");
    flash_ram_free(&bench.flash);
    return 0;
}
