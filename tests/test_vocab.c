#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/vocab.h"

#include "tests/scenario_text.h"

static const struct vocab_word *find(const char *object, const char *word)
{
    for (uint32_t i = 0; vocab_object(i); i++)
        if (strcmp(vocab_object(i)->name, object) == 0)
            return vocab_word(vocab_object(i), word);
    return NULL;
}

static uint32_t count_choices(const struct vocab_word *word)
{
    uint32_t count = 0;

    while (word->choices[count].name)
        count++;
    return count;
}

static void every_word_is_explained_and_goes_somewhere(void **state)
{
    (void)state;
    for (uint32_t i = 0; vocab_object(i); i++) {
        assert_non_null(vocab_object(i)->text);
        for (const struct vocab_word *word = vocab_object(i)->words; word->name; word++) {
            bool is_object = word->type == VOCAB_OBJECT;
            assert_true(strlen(word->text) > 10);
            assert_int_equal(word->text[strlen(word->text) - 1], '.');
            bool is_elsewhere = word->type == VOCAB_TEXT || word->type == VOCAB_MATRIX;
            if (word->size == 0 && !word->set && !is_object && !is_elsewhere)
                fail_msg("%s goes nowhere", word->name);
            if (word->choices && word->type != VOCAB_NUMBER)
                assert_non_null(word->noun);
        }
    }
}

static void words_that_are_referred_to_exist(void **state)
{
    (void)state;
    for (uint32_t i = 0; vocab_object(i); i++) {
        const struct vocab_object *object = vocab_object(i);
        if (object->short_word)
            assert_non_null(vocab_word(object, object->short_word));
        for (int side = 0; side < 2; side++)
            if (object->either[side])
                assert_non_null(vocab_word(object, object->either[side]));
        for (const struct vocab_word *word = object->words; word->name; word++)
            if (word->beside)
                assert_non_null(vocab_word(object, word->beside));
    }
    assert_null(vocab_word(&vocab_scenario, "nothing"));
}

/* Enums are stored as the index of their choice. */
static void choices_are_the_enums_of_the_device(void **state)
{
    const struct vocab_word *app = find("image", "app"), *during = find("cut", "during");

    (void)state;
    assert_int_equal(count_choices(app), APP_BEHAVIOUR_COUNT);
    for (int i = 0; i < APP_BEHAVIOUR_COUNT; i++)
        assert_string_equal(app->choices[i].name, app_behaviour_name((enum app_behaviour)i));
    assert_int_equal(count_choices(during), PHASE_COUNT + 1);
    for (int i = 0; i < PHASE_COUNT; i++)
        assert_string_equal(during->choices[i].name, device_phase_name((enum device_phase)i));
    assert_string_equal(during->choices[PHASE_COUNT].name, VOCAB_ANY);
    const struct vocab_word *moments = find("cut", "moments");
    assert_int_equal(count_choices(moments), POWER_MOMENT_COUNT + 1);
    for (int i = 0; i < POWER_MOMENT_COUNT; i++)
        assert_string_equal(moments->choices[i].name, scenario_moment_name((enum power_moment)i));
    assert_string_equal(moments->choices[POWER_MOMENT_COUNT].name, VOCAB_ANY);
    assert_int_equal(count_choices(find("damage", "of")), DAMAGE_TARGET_COUNT);
    assert_int_equal(count_choices(find("damage", "how")), DAMAGE_HOW_COUNT);
}

/* Padding may differ, so no memcmp(). */
static void assert_same_settings(const struct scenario *a, const struct scenario *b)
{
    assert_int_equal(a->is_virgin, b->is_virgin);
    assert_int_equal(a->installed_count, b->installed_count);
    assert_int_equal(a->downloaded_count, b->downloaded_count);
    assert_int_equal(a->has_ecc, b->has_ecc);
    assert_int_equal(a->images_max, b->images_max);
    assert_int_equal(a->interval_s, b->interval_s);
    assert_int_equal(a->trials_max, b->trials_max);
    assert_int_equal(a->within_boots, b->within_boots);
    assert_int_equal(a->time_max_s, b->time_max_s);
    assert_int_equal(a->wear_max, b->wear_max);
    assert_int_equal(a->operations_max, b->operations_max);
}

static void what_is_left_out_is_what_its_fallback_says(void **state)
{
    struct scenario least, said;

    (void)state;
    scenario_text_take(scenario_text_least, &least);
    for (uint32_t i = 0; vocab_object(i); i++) {
        for (const struct vocab_word *word = vocab_object(i)->words; word->name; word++) {
            char from[64], to[128], *text;
            if (!word->fallback || !strstr("device eventually", vocab_object(i)->name))
                continue;
            snprintf(from, sizeof from, "'%s': {", vocab_object(i)->name);
            snprintf(to, sizeof to, "%s '%s': %s,", from, word->name, word->fallback);
            text = scenario_text_change(scenario_text_least, from, to);
            scenario_text_take(text, &said);
            assert_same_settings(&said, &least);
            free(text);
        }
    }
}

static void budgets_fall_back_to_those_of_scenario_init(void **state)
{
    char *text = scenario_text_change(scenario_text_least, "'device'", "'budget': {}, 'device'");
    struct scenario least, said;

    (void)state;
    scenario_text_take(scenario_text_least, &least);
    scenario_text_take(text, &said);
    assert_same_settings(&said, &least);
    free(text);
}

static void every_mark_stands_once_and_is_known(void **state)
{
    struct scenario_mark mark, other;
    char name[64], again[64];
    uint32_t count = 0;

    (void)state;
    for (; vocab_mark(count, &mark); count++) {
        scenario_mark_name(&mark, name);
        assert_true(scenario_mark_parse(name, &other));
        scenario_mark_name(&other, again);
        assert_string_equal(name, again);
        assert_string_not_equal(name, "cut.program.weak");
    }
    assert_int_equal(count, LOG_EVENT_COUNT + 1 + 6 + 6);
}

static void what_is_expected_is_said_in_words(void **state)
{
    char text[240];

    (void)state;
    vocab_expected(find("device", "trials"), text, sizeof text);
    assert_string_equal(text, "a number from 1 to 10");
    vocab_expected(find("image", "version"), text, sizeof text);
    assert_string_equal(text, "a number from 1");
    vocab_expected(find("cut", "at"), text, sizeof text);
    assert_string_equal(text, "\"every\", a number from 1, or an address, as \"0x21400\"");
    vocab_expected(find("image", "signed-by"), text, sizeof text);
    assert_string_equal(text, "one of: us other nobody");
    vocab_expected(find("cut", "operations"), text, sizeof text);
    assert_string_equal(text, "one or a list of: program erase");
    vocab_expected(find("image", "size"), text, sizeof text);
    assert_string_equal(text, "a size from 1024 to 1024K, as 65536, \"64K\" or \"0x10000\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_explained_and_goes_somewhere),
        cmocka_unit_test(words_that_are_referred_to_exist),
        cmocka_unit_test(choices_are_the_enums_of_the_device),
        cmocka_unit_test(what_is_left_out_is_what_its_fallback_says),
        cmocka_unit_test(budgets_fall_back_to_those_of_scenario_init),
        cmocka_unit_test(every_mark_stands_once_and_is_known),
        cmocka_unit_test(what_is_expected_is_said_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
