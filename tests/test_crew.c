#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sim/explore/crew.h"

#define ITEMS_MAX 300
#define BIG_SIZE  (3 * 1024 * 1024)

/* What an item does, beside telling its records. */
enum deed { WELL, BIG, CRASH, CRASH_LATE, HANG, EXIT, EXIT_WELL, SLOW };

struct record {
    uint32_t item, number;
};

/* What arrived, as it has to: items in order, records of each in order, then its end. */
struct bench {
    enum deed deeds[ITEMS_MAX];
    uint32_t item, record; /* expected next */
    uint32_t ended, lost;
    char reasons[ITEMS_MAX][100];
    uint64_t bytes;
    uint32_t *at_work; /* shared: children now, and at most */
    pid_t process;     /* that told last, and how many did */
    uint32_t processes;
};

static uint32_t records_of(uint32_t item)
{
    return item % 4; /* none, too */
}

static void tell_records(uint32_t item, uint32_t count, FILE *to)
{
    for (uint32_t i = 0; i < count; i++) {
        struct record record = {item, i};
        const struct iovec parts[] = {{&record.item, 4}, {&record.number, 4}};
        crew_tell(to, item, parts, 2);
    }
}

static void tell_big(uint32_t item, FILE *to)
{
    uint8_t *bytes = malloc(BIG_SIZE);

    for (uint32_t i = 0; i < BIG_SIZE; i++)
        bytes[i] = (uint8_t)(i * 7 >> 3);
    crew_tell(to, item, &(struct iovec){bytes, BIG_SIZE}, 1);
    free(bytes);
}

static void die(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static void work(void *context, uint32_t item, FILE *to)
{
    struct bench *bench = context;
    uint32_t now = __atomic_add_fetch(&bench->at_work[0], 1, __ATOMIC_SEQ_CST);

    if (now > bench->at_work[1])
        bench->at_work[1] = now;
    if (bench->deeds[item] == CRASH)
        die();
    tell_records(item, records_of(item), to);
    if (bench->deeds[item] == BIG)
        tell_big(item, to);
    if (bench->deeds[item] == CRASH_LATE) {
        fflush(to);
        die();
    }
    while (bench->deeds[item] == HANG)
        __asm__ volatile("");
    if (bench->deeds[item] == EXIT)
        _exit(3);
    if (bench->deeds[item] == EXIT_WELL)
        _exit(0);
    if (bench->deeds[item] == SLOW)
        usleep(100000);
    __atomic_sub_fetch(&bench->at_work[0], 1, __ATOMIC_SEQ_CST);
}

static void told(void *context, uint32_t item, const uint8_t *bytes, uint32_t size)
{
    struct bench *bench = context;
    struct record record;

    assert_int_equal(item, bench->item);
    if (size == BIG_SIZE) {
        for (uint32_t i = 0; i < size; i++)
            if (bytes[i] != (uint8_t)(i * 7 >> 3))
                fail_msg("byte %u is wrong", i);
        bench->bytes += size;
        return;
    }
    assert_int_equal(size, sizeof record);
    memcpy(&record, bytes, sizeof record);
    assert_int_equal(record.item, item);
    assert_int_equal(record.number, bench->record++);
}

static void ended(void *context, uint32_t item)
{
    struct bench *bench = context;

    assert_int_equal(item, bench->item++);
    assert_int_equal(bench->record, records_of(item));
    bench->record = 0;
    bench->ended++;
}

static void lost(void *context, uint32_t item, const char *reason)
{
    struct bench *bench = context;

    assert_int_equal(item, bench->item++);
    bench->record = 0;
    snprintf(bench->reasons[item], sizeof bench->reasons[item], "%s", reason);
    bench->lost++;
}

static void tell_process(void *context, uint32_t item, FILE *to)
{
    pid_t pid = getpid();

    (void)context;
    crew_tell(to, item, &(struct iovec){&pid, sizeof pid}, 1);
}

/* One more, if it is another one than the last. */
static void note_process(void *context, uint32_t item, const uint8_t *bytes, uint32_t size)
{
    struct bench *bench = context;
    pid_t pid;

    (void)item;
    assert_int_equal(size, sizeof pid);
    memcpy(&pid, bytes, sizeof pid);
    bench->processes += pid != bench->process;
    bench->process = pid;
}

static void ignore(void *context, uint32_t item)
{
    (void)context;
    (void)item;
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    bench->at_work = mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(bench->at_work, MAP_FAILED);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    munmap(bench->at_work, 8);
    free(bench);
    return 0;
}

static void run(struct bench *bench, uint32_t count, struct crew_slots *slots)
{
    const struct crew_work crew = {.count = count,
                                   .hang_s = 1,
                                   .work = work,
                                   .told = told,
                                   .ended = ended,
                                   .lost = lost,
                                   .context = bench};

    bench->item = bench->record = bench->ended = bench->lost = 0;
    bench->bytes = 0;
    uint32_t done;
    assert_true(crew_run(&crew, slots, &done));
    assert_int_equal(done, count);
    assert_int_equal(bench->item, count);
    assert_int_equal(bench->ended + bench->lost, count);
}

static void no_work_is_done_at_once(void **state)
{
    run(*state, 0, NULL);
}

static void records_arrive_in_order_whatever_the_number_of_children(void **state)
{
    struct bench *bench = *state;

    for (uint32_t i = 0; i < ITEMS_MAX; i += 37)
        bench->deeds[i] = SLOW; /* others get ahead of it */
    for (uint32_t count = 1; count <= 9; count += 4) {
        struct crew_slots *slots = crew_slots_new(count);
        assert_non_null(slots);
        memset(bench->at_work, 0, 8);
        run(bench, ITEMS_MAX, slots);
        assert_int_equal(bench->ended, ITEMS_MAX);
        assert_in_range(bench->at_work[1], count > 1 ? 2 : 1, count);
        crew_slots_free(slots);
    }
    run(bench, ITEMS_MAX, NULL);
    assert_int_equal(bench->ended, ITEMS_MAX);
}

static void slots_are_given_back(void **state)
{
    struct bench *bench = *state;
    struct crew_slots *slots = crew_slots_new(3);

    bench->deeds[5] = CRASH;
    bench->deeds[17] = CRASH_LATE;
    run(bench, 40, slots);
    assert_true(crew_slots_take(slots));
    assert_true(crew_slots_take(slots));
    assert_false(crew_slots_take(slots)); /* the third is the caller's own */
    crew_slots_give(slots);
    assert_true(crew_slots_take(slots));
    crew_slots_free(slots);
    crew_slots_free(NULL);
}

static void crash_costs_its_item_and_no_other(void **state)
{
    struct bench *bench = *state;
    struct crew_slots *slots = crew_slots_new(4);

    bench->deeds[0] = bench->deeds[7] = bench->deeds[39] = CRASH;
    bench->deeds[11] = CRASH_LATE; /* with records that have arrived */
    for (int round = 0; round < 2; round++) {
        run(bench, 40, round ? slots : NULL);
        assert_int_equal(bench->lost, 4);
        assert_string_equal(bench->reasons[7], "the firmware crashed: Segmentation fault");
        assert_string_equal(bench->reasons[11], "the firmware crashed: Segmentation fault");
    }
    crew_slots_free(slots);
}

/* More than there are places for children. */
static void many_crashes_in_a_row_are_outlived(void **state)
{
    struct bench *bench = *state;
    struct crew_slots *slots = crew_slots_new(3);

    for (uint32_t i = 10; i < 200; i++)
        bench->deeds[i] = i % 2 ? CRASH : CRASH_LATE;
    bench->deeds[9] = SLOW;
    for (int round = 0; round < 2; round++) {
        run(bench, 220, round ? slots : NULL);
        assert_int_equal(bench->lost, 190);
    }
    crew_slots_free(slots);
}

static void hang_costs_its_item_and_no_other(void **state)
{
    struct bench *bench = *state;

    bench->deeds[3] = HANG;
    run(bench, 10, NULL);
    assert_int_equal(bench->lost, 1);
    assert_string_equal(bench->reasons[3], "the firmware hangs: no end in 1 s of processor time");
}

static void firmware_that_ends_the_process_costs_its_item(void **state)
{
    struct bench *bench = *state;

    bench->deeds[3] = EXIT;
    bench->deeds[6] = EXIT_WELL;
    run(bench, 10, NULL);
    assert_int_equal(bench->lost, 2);
    assert_string_equal(bench->reasons[3], "the firmware ended the process: 3");
    assert_string_equal(bench->reasons[6], "the firmware ended the process: 0");
}

static void item_with_megabytes_of_records_arrives_whole(void **state)
{
    struct bench *bench = *state;
    struct crew_slots *slots = crew_slots_new(3);

    bench->deeds[0] = SLOW; /* the others wait for their turn */
    for (uint32_t i = 1; i < 8; i++)
        bench->deeds[i] = BIG;
    run(bench, 8, slots);
    assert_int_equal(bench->bytes, 7 * BIG_SIZE);
    crew_slots_free(slots);
}

static void when_the_time_is_up_the_first_items_are_done(void **state)
{
    struct bench *bench = *state;
    struct crew_slots *slots = crew_slots_new(3);
    struct crew_work crew = {.count = 100,
                             .until_ms = crew_now_ms() + 350,
                             .work = work,
                             .told = told,
                             .ended = ended,
                             .lost = lost,
                             .context = bench};
    uint32_t done;

    for (uint32_t i = 0; i < 100; i++)
        bench->deeds[i] = SLOW;
    assert_true(crew_run(&crew, slots, &done));
    assert_in_range(done, 2, 40);
    assert_int_equal(bench->ended, done);
    assert_int_equal(bench->at_work[0], 0); /* what was begun was not broken off */
    crew.until_ms = crew_now_ms();
    bench->item = 0;
    assert_true(crew_run(&crew, slots, &done));
    assert_int_equal(done, 0);
    crew_slots_free(slots);
}

static void isolated_items_have_a_process_each(void **state)
{
    struct bench *bench = *state;
    struct crew_work crew = {.count = 5,
                             .is_isolated = true,
                             .work = tell_process,
                             .told = note_process,
                             .ended = ignore,
                             .lost = lost,
                             .context = bench};
    uint32_t done;

    assert_true(crew_run(&crew, NULL, &done));
    assert_int_equal(done, 5);
    assert_int_equal(bench->processes, 5);
    bench->processes = 0;
    crew.is_isolated = false;
    assert_true(crew_run(&crew, NULL, &done));
    assert_int_equal(bench->processes, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_work_is_done_at_once),
        TEST(records_arrive_in_order_whatever_the_number_of_children),
        TEST(slots_are_given_back),
        TEST(crash_costs_its_item_and_no_other),
        TEST(many_crashes_in_a_row_are_outlived),
        TEST(hang_costs_its_item_and_no_other),
        TEST(firmware_that_ends_the_process_costs_its_item),
        TEST(item_with_megabytes_of_records_arrives_whole),
        TEST(when_the_time_is_up_the_first_items_are_done),
        TEST(isolated_items_have_a_process_each),
    };

    return cmocka_run_group_tests_name("crew", tests, NULL, NULL);
}
