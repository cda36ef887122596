#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/check.h"
#include "tests/rig.h"

static struct check check;

static enum check_state run(struct rig *rig, const struct rig_answer *answer)
{
    enum check_state state = CHECK_WAITING;

    rig_answers(rig, answer, 1);
    assert_int_equal(check_start(&check, &rig->server.transport, RIG_MANIFEST_URL), OTA_OK);
    for (int i = 0; i < 10000 && (state == CHECK_WAITING || state == CHECK_GOING); i++)
        state = check_step(&check);
    return state;
}

static void text_arrives_whole_in_pieces(void **state)
{
    struct rig *rig = *state;
    const struct rig_answer answer = {
        .status = 200, .body = "{\"ota\":[]}", .body_size = 10, .waits = 3};

    rig->server.segment = 3;
    assert_int_equal(run(rig, &answer), CHECK_DONE);
    assert_int_equal(check.size, 10);
    assert_memory_equal(check.text, "{\"ota\":[]}", 10);
    assert_false(rig->server.is_open);
}

static void text_of_the_largest_size_is_taken_and_one_byte_more_is_not(void **state)
{
    static char text[MANIFEST_TEXT_MAX + 1];
    struct rig *rig = *state;
    struct rig_answer answer = {.status = 200, .body = text, .body_size = MANIFEST_TEXT_MAX};

    assert_int_equal(run(rig, &answer), CHECK_DONE);
    answer.body_size++;
    assert_int_equal(run(rig, &answer), CHECK_FAILED);
    assert_int_equal(check.error, OTA_ERR_LIMIT);
    assert_false(rig->server.is_open);
}

/* The pieces do not end where the room does. */
static void no_more_is_taken_than_there_is_room_for(void **state)
{
    static char text[MANIFEST_TEXT_MAX + 700];
    struct rig *rig = *state;
    const struct rig_answer answer = {.status = 200, .body = text, .body_size = sizeof text};

    rig->server.segment = 1000;
    assert_int_equal(run(rig, &answer), CHECK_FAILED);
    assert_int_equal(check.error, OTA_ERR_LIMIT);
    assert_int_equal(check.size, MANIFEST_TEXT_MAX);
}

static void other_status_is_a_failure_with_the_servers_wish(void **state)
{
    struct rig *rig = *state;
    const struct rig_answer answer = {.status = 503, .retry_after_s = 77};

    assert_int_equal(run(rig, &answer), CHECK_FAILED);
    assert_int_equal(check.error, OTA_ERR_HTTP);
    assert_int_equal(check.retry_after_s, 77);
}

static void broken_transfer_is_a_failure(void **state)
{
    struct rig *rig = *state;
    const struct rig_answer answer = {
        .status = 200, .body = "{", .body_size = 1, .end = OTA_ERR_NET};

    assert_int_equal(run(rig, &answer), CHECK_FAILED);
    assert_int_equal(check.error, OTA_ERR_NET);
    assert_false(rig->server.is_open);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_arrives_whole_in_pieces),
        TEST(text_of_the_largest_size_is_taken_and_one_byte_more_is_not),
        TEST(no_more_is_taken_than_there_is_room_for),
        TEST(other_status_is_a_failure_with_the_servers_wish),
        TEST(broken_transfer_is_a_failure),
    };

    return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
