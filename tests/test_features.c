#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/features.h"
#include "sim/scenario/value.h"

#include "tests/scenario_text.h"

static int find(const char *id)
{
    for (uint32_t i = 0; features_get(i); i++)
        if (strcmp(features_get(i)->id, id) == 0)
            return (int)i;
    fail_msg("no feature %s", id);
    return -1;
}

/* To be freed. */
static char *print(const struct scenario *scenarios, uint32_t count, uint32_t *ret_unproved)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    assert_non_null(to);
    *ret_unproved = features_print(scenarios, count, to);
    fclose(to);
    return text;
}

static void every_feature_has_a_name_of_its_own_and_a_sentence(void **state)
{
    (void)state;
    for (uint32_t i = 0; features_get(i); i++) {
        const struct feature *feature = features_get(i);
        assert_true(value_is_name(feature->id));
        assert_int_equal(find(feature->id), i);
        assert_int_equal(feature->text[strlen(feature->text) - 1], '.');
        assert_true(strlen(feature->source) > 0);
        assert_null(strchr(feature->text, '|'));
    }
}

static void every_mark_of_a_feature_exists(void **state)
{
    struct scenario_mark mark;

    (void)state;
    for (uint32_t i = 0; features_get(i); i++)
        if (features_get(i)->mark && !scenario_mark_parse(features_get(i)->mark, &mark))
            fail_msg("%s: no mark %s", features_get(i)->id, features_get(i)->mark);
}

static void what_a_scenario_shows_is_read(void **state)
{
    struct scenario scenario;

    (void)state;
    scenario_text_take(scenario_text_full, &scenario);
    assert_int_equal(scenario.shows_count, 2);
    assert_int_equal(scenario.shows[0], find("trial-boots"));
    assert_int_equal(scenario.shows[1], find("status-query"));
}

static void what_is_not_a_feature_is_refused(void **state)
{
    (void)state;
    scenario_text_refuse_change("'status-query'", "'satus-query'",
                                "42:28: error: /shows/1: unknown feature 'satus-query'");
    scenario_text_refuse_change("'status-query'", "'trial-boots'",
                                "42:28: error: /shows/1: 'trial-boots' stands twice");
    scenario_text_refuse_change("'status-query'", "7",
                                "42:28: error: /shows/1: expected the name of a feature, not 7");
    scenario_text_refuse_change("['trial-boots', 'status-query']", "'trial-boots'",
                                "42:12: error: /shows: expected a list of features, not");
}

static void a_feature_is_not_shown_where_its_mark_is_not_asked_for(void **state)
{
    (void)state;
    scenario_text_refuse_change(
        "'status-query'", "'rollback'",
        "42:28: error: /shows/1: 'rollback' is not shown without 'ota.rollback' in \"sometimes\"");
}

static void the_table_links_the_scenarios_of_a_feature(void **state)
{
    struct scenario scenarios[4] = {0};
    uint32_t unproved, all = 0;
    int rollback = find("rollback");

    (void)state;
    while (features_get(all))
        all++;
    for (int i = 0; i < 4; i++) {
        strcpy(scenarios[i].theme, "update");
        scenarios[i].shows_count = i < 3;
        scenarios[i].shows[0] = rollback;
    }
    strcpy(scenarios[0].name, "one[0]");
    strcpy(scenarios[1].name, "one[1]");
    strcpy(scenarios[2].name, "two");
    strcpy(scenarios[3].name, "three");
    char *text = print(scenarios, 4, &unproved);
    assert_int_equal(unproved, all - 1);
    assert_non_null(strstr(text, "| rollback | The application can go back to the image before. | "
                                 "harmony.md 4.1 | [one](../scenarios/update/one.json), "
                                 "[two](../scenarios/update/two.json) |\n"));
    assert_non_null(strstr(text, "| factory-reset | The application can go back to the factory "
                                 "image. | harmony.md 4.1 | **unproved** |\n"));
    assert_null(strstr(text, "three"));
    free(text);
}

static void nothing_is_unproved_when_all_is_shown(void **state)
{
    struct scenario scenarios[16] = {0};
    uint32_t unproved;

    (void)state;
    for (int i = 0; i < 16; i++) {
        snprintf(scenarios[i].name, sizeof scenarios[i].name, "name%d", i);
        scenarios[i].shows_count = SCENARIO_SHOWS_MAX;
        for (int j = 0; j < SCENARIO_SHOWS_MAX; j++)
            scenarios[i].shows[j] = i * SCENARIO_SHOWS_MAX + j;
    }
    char *text = print(scenarios, 16, &unproved);
    assert_int_equal(unproved, 0);
    assert_non_null(strstr(text, " features, 0 unproved.\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_feature_has_a_name_of_its_own_and_a_sentence),
        cmocka_unit_test(every_mark_of_a_feature_exists),
        cmocka_unit_test(what_a_scenario_shows_is_read),
        cmocka_unit_test(what_is_not_a_feature_is_refused),
        cmocka_unit_test(a_feature_is_not_shown_where_its_mark_is_not_asked_for),
        cmocka_unit_test(the_table_links_the_scenarios_of_a_feature),
        cmocka_unit_test(nothing_is_unproved_when_all_is_shown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
