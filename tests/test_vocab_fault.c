#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/vocab_fault.h"

static uint32_t count_choices(const char *word)
{
    const struct vocab_choice *choices = vocab_word(&vocab_fault_object, word)->choices;
    uint32_t count = 0;

    while (choices[count].name)
        count++;
    return count;
}

/* Enums are stored as the index of their choice. */
static void every_fault_has_its_name_and_meaning(void **state)
{
    const struct vocab_word *kinds = vocab_word(&vocab_fault_object, "do");

    (void)state;
    assert_int_equal(count_choices("do"), FAULT_KIND_COUNT);
    assert_int_equal(count_choices("on"), FAULT_ON_ANY + 1);
    for (int kind = 0; kind < FAULT_KIND_COUNT; kind++) {
        assert_string_equal(vocab_fault_name((enum fault_kind)kind), kinds->choices[kind].name);
        assert_true(strlen(kinds->choices[kind].text) > 5);
    }
    assert_string_equal(vocab_fault_name(FAULT_RESET_AFTER), "reset-after");
    assert_string_equal(vocab_fault_name(FAULT_DEEP), "deep");
}

static void limited_words_are_words_of_the_fault(void **state)
{
    uint32_t count = 0;

    (void)state;
    for (; vocab_fault_word(count); count++) {
        bool is_taken = false;
        assert_non_null(vocab_word(&vocab_fault_object, vocab_fault_word(count)));
        for (int kind = 0; kind < FAULT_KIND_COUNT; kind++) {
            bool is_needed = vocab_fault_needs((enum fault_kind)kind, vocab_fault_word(count));
            bool takes = vocab_fault_takes((enum fault_kind)kind, vocab_fault_word(count));
            assert_true(takes || !is_needed);
            is_taken = is_taken || takes;
        }
        assert_true(is_taken);
    }
    assert_int_equal(count, 11);
}

/* All of these go into the same number: two of them in one fault would be one too many. */
static void no_fault_needs_two_numbers(void **state)
{
    (void)state;
    for (int kind = 0; kind < FAULT_KIND_COUNT; kind++) {
        uint32_t needed = 0;
        for (uint32_t i = 0; vocab_fault_word(i); i++)
            needed += vocab_fault_needs((enum fault_kind)kind, vocab_fault_word(i));
        assert_in_range(needed, 0, 1);
    }
}

static void words_of_all_faults_are_not_limited(void **state)
{
    static const char *const words[] = {"do", "on", "skip", "times", "why"};

    (void)state;
    for (uint32_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        assert_true(vocab_fault_takes(FAULT_DOWN, words[i]));
        assert_false(vocab_fault_needs(FAULT_DOWN, words[i]));
    }
    assert_true(vocab_fault_needs(FAULT_STALL, "for-ms"));
    assert_true(vocab_fault_takes(FAULT_STALL, "at"));
    assert_false(vocab_fault_needs(FAULT_STALL, "at"));
    assert_false(vocab_fault_takes(FAULT_RATE, "for-ms"));
    assert_true(vocab_fault_takes(FAULT_STATUS, "retry-after-s"));
    assert_false(vocab_fault_needs(FAULT_STATUS, "retry-after-s"));
}

static void takers_of_a_word_are_listed(void **state)
{
    char text[VOCAB_LIST_MAX], small[12];

    (void)state;
    vocab_fault_takers("at", text, sizeof text);
    assert_string_equal(text, "truncate reset-after stall flip-bit");
    vocab_fault_takers("redirects", text, sizeof text);
    assert_string_equal(text, "redirect");
    vocab_fault_takers("at", small, sizeof small);
    assert_string_equal(small, "truncate re");
}

static void a_list_of_all_fits(void **state)
{
    char text[VOCAB_LIST_MAX];

    (void)state;
    vocab_choices(vocab_word(&vocab_fault_object, "do")->choices, text, sizeof text);
    assert_string_equal(text + strlen(text) - strlen(" endless deep"), " endless deep");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_fault_has_its_name_and_meaning),
        cmocka_unit_test(limited_words_are_words_of_the_fault),
        cmocka_unit_test(no_fault_needs_two_numbers),
        cmocka_unit_test(words_of_all_faults_are_not_limited),
        cmocka_unit_test(takers_of_a_word_are_listed),
        cmocka_unit_test(a_list_of_all_fits),
    };

    return cmocka_run_group_tests_name("vocab_fault", tests, NULL, NULL);
}
