#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <json-c/json.h>
#include <stdio.h>

#include "sim/report/report_runs.h"
#include "tests/scene.h"

static struct json_object *record(const struct scenario *scenario,
                                  const struct explore_result *result)
{
    static char text[400000];
    FILE *file = tmpfile();

    assert_non_null(file);
    report_runs(scenario, NULL, result, file);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    struct json_object *runs = json_tokener_parse(text);
    assert_non_null(runs);
    return runs;
}

static struct json_object *member(struct json_object *runs, size_t index, const char *name)
{
    return json_object_object_get(json_object_array_get_idx(runs, index), name);
}

static size_t length_of(struct json_object *runs, size_t index, const char *name)
{
    return json_object_array_length(member(runs, index, name));
}

static uint32_t count_marks(struct json_object *runs, size_t index, const char *kind)
{
    struct json_object *marks = member(runs, index, "marks");
    uint32_t count = 0;

    for (size_t i = 0; i < json_object_array_length(marks); i++) {
        struct json_object *mark = json_object_array_get_idx(marks, i);
        count += strcmp(json_object_get_string(json_object_array_get_idx(mark, 0)), kind) == 0;
    }
    return count;
}

static void control_run_and_each_failure_are_drawn(void **state)
{
    const struct explore_result result = {.failure_count = 2,
                                          .failures = {{.point = "0"}, {.point = "20t"}}};
    struct scenario scenario;

    (void)state;
    scene_update(&scenario);
    struct json_object *runs = record(&scenario, &result);
    assert_int_equal(json_object_array_length(runs), 3);
    assert_null(json_object_array_get_idx(runs, 0));
    assert_string_equal(json_object_get_string(member(runs, 1, "point")), "0");
    assert_string_equal(json_object_get_string(member(runs, 2, "point")), "20t");
    assert_int_equal(count_marks(runs, 1, "cut"), 0);
    assert_int_equal(count_marks(runs, 2, "cut"), 1);
    assert_int_equal(count_marks(runs, 1, "boot"), 2);
    assert_int_equal(count_marks(runs, 2, "boot"), 3);
    assert_true(count_marks(runs, 1, "text") > 5);
    json_object_put(runs);
}

static void operations_have_code_offset_and_size(void **state)
{
    const struct explore_result result = {0};
    struct scenario scenario;
    uint32_t erases = 0, worn = 0;

    (void)state;
    scene_update(&scenario);
    struct json_object *runs = record(&scenario, &result);
    struct json_object *operations = member(runs, 1, "operations");
    assert_int_equal(json_object_array_length(operations) % 3, 0);
    assert_true(json_object_array_length(operations) > 100);
    for (size_t i = 0; i < json_object_array_length(operations); i += 3)
        erases += json_object_get_int(json_object_array_get_idx(operations, i)) & 1;
    struct json_object *wear = member(runs, 1, "wear");
    json_object_object_foreach(wear, flash, units)
    {
        (void)flash;
        for (size_t i = 1; i < json_object_array_length(units); i += 2)
            worn += (uint32_t)json_object_get_int(json_object_array_get_idx(units, i));
    }
    assert_true(erases > 0);
    assert_int_equal(worn, erases);
    assert_int_equal(length_of(runs, 1, "units"), 2);
    json_object_put(runs);
}

static void scenario_that_cannot_begin_has_empty_runs(void **state)
{
    const struct explore_result result = {0};
    struct scenario scenario;

    (void)state;
    scene_update(&scenario);
    scenario.images[0].size = 0;
    struct json_object *runs = record(&scenario, &result);
    assert_int_equal(length_of(runs, 1, "operations"), 0);
    json_object_put(runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_run_and_each_failure_are_drawn),
        cmocka_unit_test(operations_have_code_offset_and_size),
        cmocka_unit_test(scenario_that_cannot_begin_has_empty_runs),
    };

    return cmocka_run_group_tests_name("report_runs", tests, NULL, NULL);
}
