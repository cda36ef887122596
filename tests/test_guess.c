#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/guess.h"

static const char *guess_of(const char *word)
{
    static const char *const candidates[] = {"boot",     "first-boot",   "install", "run",
                                             "download", "within-boots", "at",      "enter"};
    struct guess guess = {.word = word};

    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++)
        guess_offer(&guess, candidates[i]);
    return guess.best;
}

static void a_slip_of_the_finger_is_understood(void **state)
{
    (void)state;
    assert_string_equal(guess_of("instal"), "install");
    assert_string_equal(guess_of("insatll"), "install");
    assert_string_equal(guess_of("boott"), "boot");
    assert_string_equal(guess_of("dwonload"), "download");
    assert_string_equal(guess_of("donwlaod"), "download");
    assert_string_equal(guess_of("ta"), "at");
}

static void case_and_underscores_cost_nothing(void **state)
{
    (void)state;
    assert_string_equal(guess_of("within_boots"), "within-boots");
    assert_string_equal(guess_of("withinBoots"), "within-boots");
    assert_string_equal(guess_of("INSTALL"), "install");
    assert_string_equal(guess_of("First_Boot"), "first-boot");
}

static void what_is_far_off_is_not_guessed(void **state)
{
    (void)state;
    assert_null(guess_of("recover"));
    assert_null(guess_of("xx"));
    assert_null(guess_of(""));
    assert_null(
        guess_of("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
}

static void the_nearest_wins(void **state)
{
    struct guess guess = {.word = "v12"};

    (void)state;
    guess_offer(&guess, "v1");
    guess_offer(&guess, "v22");
    guess_offer(&guess, "v12");
    assert_string_equal(guess.best, "v12");
    assert_int_equal(guess.distance, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_slip_of_the_finger_is_understood),
        cmocka_unit_test(case_and_underscores_cost_nothing),
        cmocka_unit_test(what_is_far_off_is_not_guessed),
        cmocka_unit_test(the_nearest_wins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
