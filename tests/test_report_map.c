#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/*
 * Method: a real update is searched for the drawing, and the map is read back as JSON. What it says
 * of some cuts is compared with the replay of the points that it names.
 */
#include <json-c/json.h>

#include "sim/explore/replay.h"
#include "sim/report/report_map.h"
#include "tests/scene.h"

struct drawing {
    char *text;
    size_t size;
    struct json_object *map;
    struct json_object *first, *rows, *results;
};

static void on_visited(void *context, const struct graph *graph, struct states *states,
                       uint32_t node)
{
    struct drawing *drawing = context;

    (void)states;
    if (node != NODE_NONE)
        return;
    FILE *out = open_memstream(&drawing->text, &drawing->size);
    report_map(graph, out);
    fclose(out);
}

static void draw(const struct scenario *scenario, struct drawing *ret_drawing)
{
    const struct explore_options options = {
        .visited = on_visited, .keeps_cuts = true, .context = ret_drawing};
    struct explore_result result;

    memset(ret_drawing, 0, sizeof *ret_drawing);
    explore_run(scenario, &options, &result);
    assert_non_null(ret_drawing->text);
    ret_drawing->map = json_tokener_parse(ret_drawing->text);
    assert_non_null(ret_drawing->map);
    ret_drawing->first = json_object_object_get(ret_drawing->map, "first");
    ret_drawing->rows = json_object_object_get(ret_drawing->map, "rows");
    ret_drawing->results = json_object_object_get(ret_drawing->map, "results");
}

static void erase_drawing(struct drawing *drawing)
{
    json_object_put(drawing->map);
    free(drawing->text);
}

static int number_at(struct json_object *array, size_t index)
{
    return json_object_get_int(json_object_array_get_idx(array, index));
}

static bool is_failure(const struct drawing *drawing, int result)
{
    struct json_object *object = json_object_array_get_idx(drawing->results, (size_t)result);

    return json_object_object_get(object, "claim") != NULL;
}

/* The replay of a point comes to what the map says. Returns whether it fails. */
static bool assert_replay(const struct scenario *scenario, const struct drawing *drawing,
                          const char *name, int result)
{
    const struct replay_options options = {0};
    struct replay replayed;
    struct point point;

    assert_true(point_parse(name, &point));
    replay_point(scenario, &point, &options, &replayed);
    bool fails = replayed.result.verdict == EXPLORE_FAILED;
    if (fails != is_failure(drawing, result))
        fail_msg("%s: %s, the map says %s", name, fails ? replayed.result.failures[0].text : "ok",
                 json_object_to_json_string(
                     json_object_array_get_idx(drawing->results, (size_t)result)));
    return fails;
}

static void each_first_cut_comes_to_what_its_replay_shows(void **state)
{
    struct scenario scenario;
    struct drawing drawing;
    uint32_t failed = 0, passed = 0;
    char name[32];

    (void)state;
    scene_update(&scenario);
    scene_cut(&scenario, 1u << PHASE_INSTALL | 1u << PHASE_RUN);
    scenario.trials_max = 0;
    draw(&scenario, &drawing);
    size_t count = json_object_array_length(drawing.first);
    assert_true(count > 10);
    for (size_t i = 0; i < count; i++) {
        struct json_object *first = json_object_array_get_idx(drawing.first, i);
        const char *letters = json_object_get_string(json_object_array_get_idx(first, 1));
        for (size_t j = 0; letters[j]; j++) {
            int result = number_at(json_object_array_get_idx(first, 2), j);
            snprintf(name, sizeof name, "%d%c", number_at(first, 0), letters[j]);
            if (assert_replay(&scenario, &drawing, name, result))
                failed++;
            else
                passed++;
            assert_int_equal(number_at(json_object_array_get_idx(first, 3), j), -1);
        }
    }
    assert_true(failed > 0);
    assert_true(passed > 0);
    assert_int_equal(json_object_array_length(drawing.rows), 0);
    erase_drawing(&drawing);
}

/* Of a row's stretches, some cuts. */
static uint32_t assert_row(const struct scenario *scenario, const struct drawing *drawing,
                           const char *first, struct json_object *row)
{
    uint32_t compared = 0;
    char name[64];

    for (size_t i = 0; i < json_object_array_length(row); i++) {
        struct json_object *stretch = json_object_array_get_idx(row, i);
        int last = number_at(stretch, 0) + number_at(stretch, 1) - 1;
        for (size_t j = 2; j + 1 < json_object_array_length(stretch); j += 2) {
            const char *letters = json_object_get_string(json_object_array_get_idx(stretch, j));
            assert_string_equal(letters, "a"); /* what the second cut asks for */
            snprintf(name, sizeof name, "%s.%d%c", first, last, letters[0]);
            (void)assert_replay(scenario, drawing, name, number_at(stretch, j + 1));
            compared++;
        }
    }
    return compared;
}

static void each_row_has_the_second_cuts_behind_a_first_one(void **state)
{
    struct scenario scenario;
    struct drawing drawing;
    uint32_t compared = 0;
    char name[32];

    (void)state;
    scene_update(&scenario);
    scene_cut(&scenario, 1u << PHASE_INSTALL);
    scene_cut(&scenario, 1u << PHASE_INSTALL)->moments = 1u << POWER_AFTER;
    draw(&scenario, &drawing);
    assert_true(json_object_array_length(drawing.rows) > 1);
    for (size_t i = 0; i < json_object_array_length(drawing.first); i++) {
        struct json_object *first = json_object_array_get_idx(drawing.first, i);
        const char *letters = json_object_get_string(json_object_array_get_idx(first, 1));
        int row = number_at(json_object_array_get_idx(first, 3), 0);
        snprintf(name, sizeof name, "%d%c", number_at(first, 0), letters[0]);
        if (row >= 0)
            compared += assert_row(&scenario, &drawing, name,
                                   json_object_array_get_idx(drawing.rows, (size_t)row));
    }
    assert_true(compared > 20);
    erase_drawing(&drawing);
}

static void what_the_search_did_not_come_to_is_not_told_as_a_result(void **state)
{
    struct scenario scenario;
    struct drawing drawing;

    (void)state;
    scene_update(&scenario);
    scene_cut(&scenario, 1u << PHASE_INSTALL | 1u << PHASE_RUN);
    scene_cut(&scenario, 1u << PHASE_INSTALL);
    scenario.trials_max = 0;
    draw(&scenario, &drawing);
    assert_non_null(strstr(drawing.text, "{\"run\":false}"));
    erase_drawing(&drawing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_first_cut_comes_to_what_its_replay_shows),
        cmocka_unit_test(each_row_has_the_second_cuts_behind_a_first_one),
        cmocka_unit_test(what_the_search_did_not_come_to_is_not_told_as_a_result),
    };

    return cmocka_run_group_tests_name("report_map", tests, NULL, NULL);
}
