#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/choose.h"

#define FORKS_MAX 16

static struct {
    uint32_t count;
    struct choose_step forks[FORKS_MAX];
} lived;

static void note_fork(void *context, uint64_t site, uint32_t alternative)
{
    assert_ptr_equal(context, &lived);
    lived.forks[lived.count++] = (struct choose_step){.site = site, .alternative = alternative};
}

static void ordinary_run_never_strays(void **state)
{
    struct choose all = {.driver = CHOOSE_ORDINARY};

    (void)state;
    for (uint32_t bound = 1; bound < 100; bound++)
        assert_int_equal(choose(&all, bound, bound), 0);
}

static void sweep_lives_through_each_other_alternative_once(void **state)
{
    struct choose all = {.driver = CHOOSE_EVERY, .fork = note_fork, .context = &lived};

    (void)state;
    memset(&lived, 0, sizeof lived);
    assert_int_equal(choose(&all, 10, 1), 0);
    assert_int_equal(lived.count, 0);
    assert_int_equal(choose(&all, 11, 2), 0);
    assert_int_equal(choose(&all, 1ull << 40, 4), 0);
    assert_int_equal(lived.count, 4);
    assert_int_equal(lived.forks[0].site, 11);
    assert_int_equal(lived.forks[0].alternative, 1);
    for (uint32_t i = 1; i < 4; i++) {
        assert_true(lived.forks[i].site == 1ull << 40);
        assert_int_equal(lived.forks[i].alternative, i);
    }
}

static void seed_decides_a_random_run(void **state)
{
    struct choose one = {.driver = CHOOSE_RANDOM, .seed = 1, .odds = 10};
    struct choose same = one, other = {.driver = CHOOSE_RANDOM, .seed = 2, .odds = 10};
    uint32_t counts[5] = {0}, different = 0;

    (void)state;
    for (uint32_t i = 0; i < 100000; i++) {
        uint32_t alternative = choose(&one, i, 5);
        assert_in_range(alternative, 0, 4);
        assert_int_equal(choose(&same, i, 5), alternative);
        different += choose(&other, i, 5) != alternative;
        counts[alternative]++;
    }
    assert_in_range(counts[0], 89500, 90500); /* once in odds */
    for (uint32_t i = 1; i < 5; i++)
        assert_in_range(counts[i], 2300, 2700);
    assert_true(different > 10000);
}

static void random_run_with_nothing_to_choose_stays_ordinary(void **state)
{
    struct choose one = {.driver = CHOOSE_RANDOM, .seed = 1, .odds = 1};

    (void)state;
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(choose(&one, i, 1), 0);
        assert_int_equal(choose(&one, i, 2), 1);
    }
}

static void replay_strays_where_the_list_says_each_in_its_session(void **state)
{
    struct choose list = {.driver = CHOOSE_REPLAY,
                          .steps = {{7, 1, true, false}, {7, 2, true, false}, {3, 1, true, false}},
                          .step_count = 3};

    (void)state;
    assert_int_equal(choose(&list, 3, 3), 0);
    assert_int_equal(choose(&list, 7, 3), 1);
    choose_next_session(&list);
    assert_int_equal(choose(&list, 3, 3), 0);
    assert_int_equal(choose(&list, 7, 3), 2);
    choose_next_session(&list);
    assert_int_equal(choose(&list, 7, 3), 0);
    assert_int_equal(choose(&list, 3, 3), 1);
    choose_next_session(&list);
    assert_int_equal(choose(&list, 3, 3), 0);
    assert_int_equal(list.step_next, 3);
    choose_next_session(&list);
    assert_int_equal(list.step_next, 3);
}

static void replay_of_an_alternative_that_is_not_there_is_ordinary(void **state)
{
    struct choose list = {.driver = CHOOSE_REPLAY, .steps = {{7, 2, true, false}}, .step_count = 1};

    (void)state;
    assert_int_equal(choose(&list, 7, 2), 0);
    assert_int_equal(choose(&list, 7, 3), 2);
}

/* What is no cut does not end its session, so the list may have more for it, in any order. */
static void steps_of_one_session_are_all_taken_in_it(void **state)
{
    struct choose list = {.driver = CHOOSE_REPLAY,
                          .steps = {{5, 1, false, false},
                                    {7, 2, false, false},
                                    {9, 1, true, false},
                                    {5, 2, false, false}},
                          .step_count = 4};

    (void)state;
    assert_int_equal(choose(&list, 7, 3), 2);
    assert_int_equal(choose(&list, 8, 3), 0);
    assert_int_equal(choose(&list, 5, 3), 1);
    assert_int_equal(choose(&list, 9, 3), 1);
    choose_next_session(&list);
    assert_int_equal(choose(&list, 7, 3), 0);
    assert_int_equal(choose(&list, 9, 3), 0);
    assert_int_equal(choose(&list, 5, 3), 2);
}

static void list_is_used_up_when_each_step_has_come_up(void **state)
{
    struct choose list = {.driver = CHOOSE_REPLAY,
                          .steps = {{5, 1, false, false}, {9, 1, true, false}, {5, 1, true, false}},
                          .step_count = 3};
    const struct choose none = {.driver = CHOOSE_REPLAY};

    (void)state;
    assert_true(choose_is_used_up(&none));
    (void)choose(&list, 9, 2);
    choose_next_session(&list);
    (void)choose(&list, 5, 2); /* of its own session: the first one has never come */
    assert_false(choose_is_used_up(&list));
    list.step_next = 0;
    (void)choose(&list, 5, 2);
    assert_true(choose_is_used_up(&list));
}

static void full_list_is_replayed_to_its_end(void **state)
{
    struct choose list = {.driver = CHOOSE_REPLAY, .step_count = CHOOSE_STEPS_MAX};

    (void)state;
    for (uint32_t i = 0; i < CHOOSE_STEPS_MAX; i++)
        list.steps[i] = (struct choose_step){.site = i, .alternative = 1, .is_cut = true};
    for (uint32_t i = 0; i < CHOOSE_STEPS_MAX; i++) {
        assert_int_equal(choose(&list, i, 2), 1);
        choose_next_session(&list);
    }
    assert_int_equal(choose(&list, 0, 2), 0);
}

static void fuzzers_bytes_decide_until_they_are_used_up(void **state)
{
    const uint8_t bytes[] = {0, 1, 5, 255};
    struct choose fuzz = {.driver = CHOOSE_BYTES, .bytes = bytes, .byte_count = sizeof bytes};

    (void)state;
    assert_int_equal(choose(&fuzz, 0, 3), 0);
    assert_int_equal(choose(&fuzz, 0, 3), 1);
    assert_int_equal(choose(&fuzz, 0, 3), 2);
    assert_int_equal(choose(&fuzz, 0, 200), 55);
    assert_int_equal(choose(&fuzz, 0, 3), 0);
    assert_int_equal(choose(&fuzz, 0, 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_run_never_strays),
        cmocka_unit_test(sweep_lives_through_each_other_alternative_once),
        cmocka_unit_test(seed_decides_a_random_run),
        cmocka_unit_test(random_run_with_nothing_to_choose_stays_ordinary),
        cmocka_unit_test(replay_strays_where_the_list_says_each_in_its_session),
        cmocka_unit_test(replay_of_an_alternative_that_is_not_there_is_ordinary),
        cmocka_unit_test(steps_of_one_session_are_all_taken_in_it),
        cmocka_unit_test(list_is_used_up_when_each_step_has_come_up),
        cmocka_unit_test(full_list_is_replayed_to_its_end),
        cmocka_unit_test(fuzzers_bytes_decide_until_they_are_used_up),
    };

    return cmocka_run_group_tests_name("choose", tests, NULL, NULL);
}
