#include "sim/explore/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/explore/shield.h"

#define CHILDREN_MAX 64
#define LOOK_MS      50
#define PIPE_SIZE    (1 << 20)
#define READ_SIZE    (1 << 16)
#define NO_ITEM      UINT32_MAX

struct crew_slots {
    atomic_int free;
};

/* What children and parent share. */
struct board {
    atomic_uint next;                  /* item that nobody has taken */
    atomic_uint current[CHILDREN_MAX]; /* item that a child is at; NO_ITEM */
};

struct header {
    uint32_t item, size; /* size 0: the item has ended */
};

/* A child, or what one has left: records that it is not their turn for. */
struct child {
    pid_t pid; /* 0: it has ended */
    int from;
    uint8_t *bytes;
    size_t start, end, capacity;
    bool has_slot;
};

struct crew {
    const struct crew_work *work;
    struct crew_slots *slots;
    struct board *board;
    uint32_t count; /* of items that are done: all, unless the time is up */
    uint32_t turn;  /* item whose records are told next */
    struct child children[CHILDREN_MAX];
    uint32_t child_count;
    bool *is_lost;
    char (*reasons)[SHIELD_REASON_MAX];
};

/* --- slots ----------------------------------------------------------------------------------- */

struct crew_slots *crew_slots_new(uint32_t count)
{
    struct crew_slots *slots =
        mmap(NULL, sizeof *slots, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (slots == MAP_FAILED)
        return NULL;
    atomic_init(&slots->free, (int)count - 1);
    return slots;
}

void crew_slots_free(struct crew_slots *slots)
{
    if (slots)
        munmap(slots, sizeof *slots);
}

bool crew_slots_take(struct crew_slots *slots)
{
    int free = atomic_load(&slots->free);

    while (free > 0)
        if (atomic_compare_exchange_weak(&slots->free, &free, free - 1))
            return true;
    return false;
}

void crew_slots_give(struct crew_slots *slots)
{
    atomic_fetch_add(&slots->free, 1);
}

/* --- a child --------------------------------------------------------------------------------- */

uint64_t crew_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void crew_tell(FILE *to, uint32_t item, const struct iovec *parts, uint32_t count)
{
    struct header header = {item, 0};

    for (uint32_t i = 0; i < count; i++)
        header.size += (uint32_t)parts[i].iov_len;
    fwrite(&header, sizeof header, 1, to);
    for (uint32_t i = 0; i < count; i++)
        fwrite(parts[i].iov_base, 1, parts[i].iov_len, to);
}

__attribute__((noreturn)) static void be_child(const struct crew *crew, uint32_t number, int fd)
{
    const struct crew_work *work = crew->work;
    struct board *board = crew->board;
    FILE *to = fdopen(fd, "w");

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!to)
        _exit(1);
    setvbuf(to, NULL, _IOFBF, READ_SIZE);
    for (;;) {
        uint32_t item = atomic_fetch_add(&board->next, 1);
        if (item >= work->count)
            break;
        atomic_store(&board->current[number], item);
        shield_raise(work->hang_s);
        work->work(work->context, item, to);
        shield_raise(0);
        crew_tell(to, item, NULL, 0); /* the item has ended */
        if (fflush(to))
            _exit(1);
        atomic_store(&board->current[number], NO_ITEM);
        if (work->is_isolated)
            break;
    }
    _exit(0);
}

/* The place of one that has ended, and of which all is told; or a new one. */
static uint32_t free_place(struct crew *crew)
{
    uint32_t number = 0;

    while (
        number < crew->child_count &&
        (crew->children[number].pid || crew->children[number].start < crew->children[number].end))
        number++;
    if (number == crew->child_count && number < CHILDREN_MAX)
        crew->child_count++;
    return number;
}

static bool start_child(struct crew *crew, bool has_slot)
{
    uint32_t number = free_place(crew);
    struct child *child = &crew->children[number];
    int ends[2];

    if (number == CHILDREN_MAX || pipe2(ends, O_CLOEXEC) < 0)
        return false;
    (void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_SIZE);
    fflush(NULL);
    atomic_store(&crew->board->current[number], NO_ITEM);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        be_child(crew, number, ends[1]);
    }
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return false;
    }
    child->pid = pid;
    child->from = ends[0];
    child->has_slot = has_slot;
    return true;
}

/* --- what children tell ---------------------------------------------------------------------- */

static void make_room(struct child *child)
{
    if (child->start == child->end)
        child->start = child->end = 0;
    if (child->start > child->capacity / 2) {
        memmove(child->bytes, child->bytes + child->start, child->end - child->start);
        child->end -= child->start;
        child->start = 0;
    }
    if (child->capacity - child->end >= READ_SIZE)
        return;
    child->capacity = 2 * child->capacity + READ_SIZE;
    child->bytes = realloc(child->bytes, child->capacity);
    if (!child->bytes) {
        fputs("brownout: out of memory\n", stderr);
        abort();
    }
}

/* The next record of a child, if it has arrived whole. */
static bool peek(const struct child *child, struct header *ret_header)
{
    size_t size = child->end - child->start;

    if (size < sizeof *ret_header)
        return false;
    memcpy(ret_header, child->bytes + child->start, sizeof *ret_header);
    return size - sizeof *ret_header >= ret_header->size;
}

static void tell_one(struct crew *crew, struct child *child, const struct header *header)
{
    const struct crew_work *work = crew->work;
    const uint8_t *record = child->bytes + child->start + sizeof *header;

    if (header->size) {
        work->told(work->context, header->item, record, header->size);
    } else {
        work->ended(work->context, header->item);
        crew->turn++;
    }
    child->start += sizeof *header + header->size;
}

/* A record that broke off when its child died. */
static void drop_halves(struct crew *crew)
{
    struct header header;

    for (uint32_t i = 0; i < crew->child_count; i++)
        if (!crew->children[i].pid && !peek(&crew->children[i], &header))
            crew->children[i].start = crew->children[i].end = 0;
}

/* Tell what it is the turn of; false: nothing was. */
static bool tell_some(struct crew *crew)
{
    struct header header;
    bool has_told = false;

    for (uint32_t i = 0; i < crew->child_count; i++)
        while (peek(&crew->children[i], &header) && header.item == crew->turn) {
            tell_one(crew, &crew->children[i], &header);
            has_told = true;
        }
    if (has_told || crew->turn == crew->count || !crew->is_lost[crew->turn])
        return has_told;
    drop_halves(crew);
    crew->work->lost(crew->work->context, crew->turn, crew->reasons[crew->turn]);
    crew->turn++;
    return true;
}

/* What is left of the item that a child died at is told before it is lost. */
static void note_death(struct crew *crew, uint32_t number, int status)
{
    uint32_t item = atomic_load(&crew->board->current[number]);

    if (item == NO_ITEM)
        return;
    crew->is_lost[item] = true;
    shield_reason(status, crew->work->hang_s, crew->reasons[item]);
}

static void listen_to(struct crew *crew, uint32_t number)
{
    struct child *child = &crew->children[number];
    int status = 0;

    make_room(child);
    ssize_t size = read(child->from, child->bytes + child->end, child->capacity - child->end);
    if (size > 0) {
        child->end += (size_t)size;
        return;
    }
    if (size < 0 && errno == EINTR)
        return;
    close(child->from);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    child->pid = 0;
    if (child->has_slot)
        crew_slots_give(crew->slots);
    note_death(crew, number, status);
}

static uint32_t living(const struct crew *crew)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < crew->child_count; i++)
        count += crew->children[i].pid != 0;
    return count;
}

static void listen_all(struct crew *crew)
{
    struct pollfd fds[CHILDREN_MAX];
    uint32_t numbers[CHILDREN_MAX], count = 0;

    for (uint32_t i = 0; i < crew->child_count; i++)
        if (crew->children[i].pid) {
            fds[count] = (struct pollfd){.fd = crew->children[i].from, .events = POLLIN};
            numbers[count++] = i;
        }
    if (poll(fds, count, LOOK_MS) <= 0)
        return;
    for (uint32_t i = 0; i < count; i++)
        if (fds[i].revents)
            listen_to(crew, numbers[i]);
}

/* There is one child at least while there is work, and one more for each free slot. */
static bool keep_busy(struct crew *crew)
{
    uint32_t next = atomic_load(&crew->board->next);

    if (next >= crew->count)
        return true;
    if (!living(crew) && !start_child(crew, false))
        return false;
    if (crew->slots && next + 1 < crew->count && living(crew) < CHILDREN_MAX &&
        crew_slots_take(crew->slots) && !start_child(crew, true))
        crew_slots_give(crew->slots);
    return true;
}

/* The time is up: what nobody has taken is taken from all. */
static void stop_in_time(struct crew *crew)
{
    const struct crew_work *work = crew->work;

    if (!work->until_ms || crew->count < work->count || crew_now_ms() < work->until_ms)
        return;
    uint32_t taken = atomic_exchange(&crew->board->next, work->count);
    if (taken < work->count)
        crew->count = taken;
}

static bool run_all(struct crew *crew)
{
    while (crew->turn < crew->count) {
        stop_in_time(crew);
        if (!keep_busy(crew))
            return false;
        if (living(crew))
            listen_all(crew);
        while (tell_some(crew))
            ;
    }
    while (living(crew))
        listen_all(crew);
    return true;
}

bool crew_run(const struct crew_work *work, struct crew_slots *slots, uint32_t *ret_done)
{
    struct crew crew = {.work = work, .slots = slots, .count = work->count};
    bool is_done = false;

    *ret_done = 0;
    if (!work->count)
        return true;
    crew.board =
        mmap(NULL, sizeof *crew.board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    crew.is_lost = calloc(work->count, sizeof *crew.is_lost);
    crew.reasons = calloc(work->count, sizeof *crew.reasons);
    if (crew.board != MAP_FAILED && crew.is_lost && crew.reasons)
        is_done = run_all(&crew);
    if (crew.board != MAP_FAILED)
        munmap(crew.board, sizeof *crew.board);
    for (uint32_t i = 0; i < crew.child_count; i++)
        free(crew.children[i].bytes);
    free(crew.is_lost);
    free(crew.reasons);
    *ret_done = crew.turn;
    return is_done;
}
