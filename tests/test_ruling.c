#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/scenario/ruling.h"

static const char text[] = "{\"a\": {\"b\": 17}, \"c\": 1}";
static const struct scenario scenario = {.images = {{.name = "v1"}, {.name = "v2"}}};
static struct locate locate;
static struct complaint_list complaints;
static struct ruling ruling = {&scenario, &locate, &complaints};

static int setup(void **state)
{
    struct locate_fault fault;

    (void)state;
    complaint_init(&complaints, "a.json", text, sizeof text - 1);
    return locate_scan(text, sizeof text - 1, &locate, &fault) == LOCATE_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    locate_free(&locate);
    return 0;
}

static void images_and_places_are_found(void **state)
{
    (void)state;
    assert_string_equal(ruling_image(&ruling, 1), "v2");
    assert_true(ruling_has(&ruling, "/a/b"));
    assert_false(ruling_has(&ruling, "/a/c"));
}

/* Of an object the first brace is marked, of a value all of it. */
static void an_objection_marks_the_value_and_makes_what_holds_it_unsound(void **state)
{
    (void)state;
    assert_true(ruling_is_sound(&ruling, "/a"));
    ruling_object(&ruling, "/a/b", "%d is too much", 17);
    assert_int_equal(complaints.complaints[0].at, 12);
    assert_int_equal(complaints.complaints[0].end, 14);
    assert_string_equal(complaints.complaints[0].text, "/a/b: 17 is too much");
    assert_false(ruling_is_sound(&ruling, "/a"));
    assert_true(ruling_is_sound(&ruling, "/c"));
    assert_true(ruling_is_sound(&ruling, "/d"));
    ruling_object(&ruling, "/a", "no");
    assert_int_equal(complaints.complaints[1].at, 6);
    assert_int_equal(complaints.complaints[1].end, 7);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(images_and_places_are_found),
        TEST(an_objection_marks_the_value_and_makes_what_holds_it_unsound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
