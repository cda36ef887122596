#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/matrix.h"

#include "tests/scenario_text.h"

#define HEAD                                                                                       \
    "{ 'name': 'full',\n"                                                                          \
    "  'why': 'What differs from row to row stands in lists.',\n"                                  \
    "  'matrix': "
#define TAIL                                                                                       \
    ",\n"                                                                                          \
    "  'images': { 'v1': { 'version': 1, 'size': '16K' }, 'v2': { 'version': 2, 'size': 1024 } "   \
    "},\n"                                                                                         \
    "  'device': { 'factory': 'v1', 'ecc': false, 'trials': 3 },\n"                                \
    "  'server': [{ 'offers': ['v2'] }], 'cuts': [{ 'at': 'every' }],\n"                           \
    "  'always': { 'runs': ['v1', 'v2'] }, 'eventually': { 'runs': 'v2' } }\n"

static void take(const char *matrix, struct load_rows *ret_rows)
{
    char text[4096], *quoted, *errors;
    size_t size;
    FILE *to = open_memstream(&errors, &size);

    snprintf(text, sizeof text, HEAD "%s" TAIL, matrix);
    quoted = scenario_text_quote(text);
    enum load_result result = load_text(SCENARIO_TEXT_PATH, quoted, strlen(quoted), to, ret_rows);
    fclose(to);
    if (result != LOAD_OK)
        fail_msg("%s", errors);
    free(errors);
    free(quoted);
}

/* One error, which begins with expected behind the path. */
static void refuse(const char *matrix, const char *expected)
{
    char text[4096];

    snprintf(text, sizeof text, HEAD "%s" TAIL, matrix);
    scenario_text_refuse(text, expected);
}

static void each_combination_is_a_row_and_the_last_place_changes_first(void **state)
{
    static const char *const names[] = {"full[0,0]", "full[0,1]", "full[1,0]",
                                        "full[1,1]", "full[2,0]", "full[2,1]"};
    struct load_rows rows;

    (void)state;
    take("{ '/images/v2/size': ['16K', '0x8000', 65536], '/device/ecc': [false, true] }", &rows);
    assert_int_equal(rows.count, 6);
    for (uint32_t i = 0; i < rows.count; i++) {
        assert_string_equal(rows.scenarios[i].name, names[i]);
        assert_string_equal(rows.scenarios[i].row, names[i] + 4);
        assert_int_equal(rows.scenarios[i].images[1].size, 16384u << i / 2);
        assert_int_equal(rows.scenarios[i].images[0].size, 16384);
        assert_int_equal(rows.scenarios[i].has_ecc, i % 2);
        assert_string_equal(rows.scenarios[i].theme, "theme");
        assert_int_equal(rows.scenarios[i].stage_count, 1);
    }
    assert_string_equal(rows.scenarios[3].setting, "/images/v2/size \"0x8000\", /device/ecc true");
    load_free(&rows);
}

static void without_a_matrix_there_is_one_row_without_a_number(void **state)
{
    char *quoted = scenario_text_quote(scenario_text_least);
    struct load_rows rows;

    (void)state;
    assert_int_equal(load_text("a/full.json", quoted, strlen(quoted), stderr, &rows), LOAD_OK);
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.scenarios[0].name, "full");
    assert_string_equal(rows.scenarios[0].row, "");
    assert_string_equal(rows.scenarios[0].setting, "");
    load_free(&rows);
    free(quoted);
}

static void whole_objects_and_elements_of_lists_vary_too(void **state)
{
    struct load_rows rows;

    (void)state;
    take("{ '/cuts/0': [{ 'at': 7 }, { 'at': 'every', 'flash': 'spi' }, { 'at': 9 }],\n"
         "  '/images/v1': [{ 'version': 1, 'size': '2K' }, { 'version': 1, 'size': '3K' }] }",
         &rows);
    assert_int_equal(rows.count, 6);
    assert_int_equal(rows.scenarios[0].cuts[0].number, 7);
    assert_false(rows.scenarios[0].cuts[0].is_every);
    assert_true(rows.scenarios[3].cuts[0].is_every);
    assert_false(rows.scenarios[3].cuts[0].on_nvm);
    assert_int_equal(rows.scenarios[3].images[0].size, 3072);
    assert_int_equal(rows.scenarios[4].cuts[0].number, 9);
    assert_true(rows.scenarios[4].cuts[0].on_nvm);
    assert_int_equal(rows.scenarios[4].images[0].size, 2048);
    load_free(&rows);
}

static void places_whose_names_begin_alike_are_no_parts_of_each_other(void **state)
{
    char *text = scenario_text_change(scenario_text_least, "'images': {",
                                      "'matrix': { '/images/v1': [{ 'version': 1, 'size': 1024 }],"
                                      " '/images/v10/size': [1024, 2048] },\n"
                                      "'server': [{ 'offers': ['v10'] }],\n"
                                      "'images': { 'v10': { 'version': 10, 'size': '1K' },");
    struct scenario scenario;

    (void)state;
    scenario_text_take(text, &scenario);
    assert_string_equal(scenario.row, "[0,0]");
    free(text);
}

static void a_place_that_is_none_is_refused_where_it_stands(void **state)
{
    (void)state;
    refuse("{ '/device/eec': [true] }", "3:15: error: /matrix: '/device/eec' leads nowhere");
    refuse("{ '/cuts/1/at': [1] }", "3:15: error: /matrix: '/cuts/1/at' leads nowhere");
    refuse("{ '/images/v2/size/0': [1] }", "3:15: error: /matrix: '/images/v2/size/0' leads");
    refuse("{ 'device/ecc': [true] }", "3:15: error: /matrix: 'device/ecc' is not a JSON pointer");
    refuse("{ '': [true] }", "3:15: error: /matrix: '' is not a JSON pointer");
    refuse("{ '/name': ['a'] }", "3:15: error: /matrix: '/name' is the same in all rows");
    refuse("{ '/matrix': [{}] }", "3:15: error: /matrix: '/matrix' is the same in all rows");
    refuse("{ '/device/ecc': [true], '/device/ecc': [false] }",
           "3:38: error: /matrix: the key '/device/ecc' stands twice");
    refuse("{ '/device/ecc': [true], '/device': [{ 'factory': 'v1' }] }",
           "3:38: error: /matrix: '/device/ecc' and '/device' are parts of each other");
    refuse("{ '/device/0123456789012345678901234567890123456789012345678901234567890123456789"
           "01234567890123456789': [1] }",
           "3:15: error: /matrix: a pointer of less than 96 bytes is expected");
}

static void a_list_that_is_none_is_refused_where_it_stands(void **state)
{
    (void)state;
    refuse("{ '/device/ecc': [] }", "3:15: error: /matrix: no value for '/device/ecc'; at least");
    refuse("{ '/device/ecc': true }",
           "3:15: error: /matrix: expected a list of values for '/device/ecc', not true");
    refuse("{ '/device/ecc': [true, false, true] }",
           "3:44: error: /matrix: a value of '/device/ecc' stands twice");
    refuse("[]", "3:13: error: /matrix: expected an object {...} of lists by JSON pointer");
    refuse("{}", "3:13: error: /matrix: empty; at least one place");
}

static void a_wrong_value_is_refused_where_it_stands(void **state)
{
    (void)state;
    refuse("{ '/images/v2/size': ['16K', '64Q'] }",
           "3:42: error: /images/v2/size: expected a size from 1024 to");
    refuse("{ '/device/ecc': [true, 1] }",
           "3:37: error: /device/ecc: expected true or false, not 1");
    refuse("{ '/device/factory': ['v1', 'v9'] }",
           "3:41: error: /device/factory: no image 'v9'; there are: v1 v2");
    refuse("{ '/cuts/0': [{ 'at': 1 }, { 'at': 2, 'durng': 'boot' }] }",
           "3:51: error: /cuts/0: unknown key 'durng'");
}

/* Each is said once, although each is in several rows. */
static void all_wrong_values_are_said_at_once_and_once(void **state)
{
    char text[2000], *quoted, *errors;
    struct scenario scenario;
    uint32_t count = 0;

    (void)state;
    snprintf(
        text, sizeof text, HEAD "%s" TAIL,
        "{ '/images/v2/size': [1, 2, '4K'], '/device/ecc': [0, 1], '/device/trials': [1, 99] }");
    quoted = scenario_text_quote(text);
    assert_int_equal(scenario_text_load(quoted, strlen(quoted), &errors, &scenario), LOAD_REFUSED);
    for (const char *at = errors; (at = strstr(at, ": error: ")) != NULL; at++)
        count++;
    if (count != 5)
        fail_msg("%u errors:\n%s", count, errors);
    free(errors);
    free(quoted);
}

static void rules_are_checked_in_each_row(void **state)
{
    (void)state;
    refuse("{ '/eventually/runs': ['v2', 'v1'], '/always/runs': [['v1', 'v2'], ['v1']] }",
           "3:36: error: /eventually/runs: ");
}

static void what_stands_at_a_place_is_checked_too(void **state)
{
    char *text = scenario_text_change(HEAD "{ '/device/trials': [1, 2] }" TAIL, "'trials': 3",
                                      "'trials': 300");

    (void)state;
    scenario_text_refuse(text, "5:56: error: /device/trials: expected a number from 1 to 10");
    free(text);
}

static void a_place_that_a_mistake_elsewhere_took_away_is_no_second_mistake(void **state)
{
    char *text = scenario_text_change(HEAD "{ '/device/trials': [1, 2] }" TAIL, "'trials': 3",
                                      "'trails': 3");
    char *quoted = scenario_text_quote(text), *errors;
    struct scenario scenario;

    (void)state;
    assert_int_equal(scenario_text_load(quoted, strlen(quoted), &errors, &scenario), LOAD_REFUSED);
    assert_non_null(strstr(errors, "unknown key 'trails'"));
    assert_null(strstr(errors, "leads nowhere"));
    free(errors);
    free(quoted);
    free(text);
    refuse("{ '/devce/ecc': [true], '/device/trails': [1] }",
           "3:15: error: /matrix: '/devce/ecc' leads nowhere");
    refuse("{ '/device/ecc': [true], '/device/trails': [1] }",
           "3:38: error: /matrix: '/device/trails' leads nowhere");
}

static void there_is_a_limit_to_rows_and_places(void **state)
{
    (void)state;
    refuse("{ '/images/v2/size': [1024, 1025, 1026, 1027, 1028, 1029, 1030, 1031, 1032],\n"
           "  '/device/trials': [1, 2, 3, 4, 5, 6, 7, 8] }",
           "3:3: error: the matrix has 72 rows; at most 64");
    refuse("{ '/images/v2/size': [1024], '/device/trials': [1], '/device/ecc': [true],\n"
           "  '/images/v1/size': [1024], '/images/v2/version': [2] }",
           "4:30: error: /matrix: one too many: at most 4 places");
}

static void a_list_of_many_values_takes_no_time(void **state)
{
    size_t size = 900000;
    char *text = malloc(size + 2000), *quoted, *errors;
    struct scenario scenario;
    int used = sprintf(text, HEAD "{ '/device/trials': [1");

    (void)state;
    while ((size_t)used < size)
        used += sprintf(text + used, ",1");
    sprintf(text + used, "] }" TAIL);
    quoted = scenario_text_quote(text);
    assert_int_equal(scenario_text_load(quoted, strlen(quoted), &errors, &scenario), LOAD_REFUSED);
    assert_non_null(strstr(errors, " values for '/device/trials'; at most 64 rows"));
    free(errors);
    free(quoted);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_combination_is_a_row_and_the_last_place_changes_first),
        cmocka_unit_test(without_a_matrix_there_is_one_row_without_a_number),
        cmocka_unit_test(whole_objects_and_elements_of_lists_vary_too),
        cmocka_unit_test(places_whose_names_begin_alike_are_no_parts_of_each_other),
        cmocka_unit_test(a_place_that_is_none_is_refused_where_it_stands),
        cmocka_unit_test(a_list_that_is_none_is_refused_where_it_stands),
        cmocka_unit_test(a_wrong_value_is_refused_where_it_stands),
        cmocka_unit_test(all_wrong_values_are_said_at_once_and_once),
        cmocka_unit_test(rules_are_checked_in_each_row),
        cmocka_unit_test(what_stands_at_a_place_is_checked_too),
        cmocka_unit_test(a_place_that_a_mistake_elsewhere_took_away_is_no_second_mistake),
        cmocka_unit_test(there_is_a_limit_to_rows_and_places),
        cmocka_unit_test(a_list_of_many_values_takes_no_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
