#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/explore.h"

static struct scenario scenario;
static struct explore_result result;

static int set_up(void **state)
{
    (void)state;
    scenario_init(&scenario);
    strcpy(scenario.name, "asked");
    scenario.image_count = 2;
    for (uint32_t i = 0; i < 2; i++) {
        scenario.images[i].name[0] = 'v';
        scenario.images[i].name[1] = (char)('1' + i);
        scenario.images[i].version = i + 1;
        scenario.images[i].size = 0x4000;
    }
    scenario.factory = 0;
    scenario.stage_count = 1;
    scenario.stages[0].when_runs = -1;
    scenario.stages[0].offer_count = 1;
    scenario.stages[0].offers[0] = (struct scenario_offer){.image = 1, .bytes_of = -1};
    scenario.eventually_runs = 1;
    scenario.cut_count = 1;
    scenario.cuts[0] = (struct scenario_cut){.is_every = true,
                                             .times = 1,
                                             .phases = ~0u,
                                             .kinds = ~0u,
                                             .moments = ~0u,
                                             .on_nvm = true,
                                             .on_spi = true};
    return 0;
}

static void ask(enum ota_request request, enum log_event mark, bool is_refused)
{
    scenario.app.requests[scenario.app.request_count++] = (struct scenario_request){
        .request = request, .has_mark = true, .mark = mark, .is_refused = is_refused};
}

static void assert_passes(void)
{
    const struct explore_options options = {0};

    explore_run(&scenario, &options, &result);
    assert_string_equal(result.failure_count ? result.failures[0].text : "", "");
    assert_int_equal(result.verdict, EXPLORE_PASSED);
    assert_true(result.points > 50);
}

static void assert_fails(enum judge_claim claim, const char *text)
{
    const struct explore_options options = {0};

    explore_run(&scenario, &options, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_int_equal(result.failures[0].claim, claim);
    assert_non_null(strstr(result.failures[0].text, text));
}

static void update_goes_step_by_step_when_asked_for_through_every_cut(void **state)
{
    (void)state;
    scenario.app.is_auto_update = scenario.app.is_auto_reset = false;
    ask(OTA_REQUEST_DOWNLOAD, LOG_OTA_OFFER, false);
    ask(OTA_REQUEST_RESET, LOG_OTA_READY, false);
    assert_passes();
}

static void rollback_is_asked_for_until_it_took_effect(void **state)
{
    (void)state;
    scenario.installed_count = 1;
    scenario.installed[0] = 1;
    scenario.stages[0].offer_count = 0;
    scenario.eventually_runs = 0;
    ask(OTA_REQUEST_ROLLBACK, LOG_OTA_NOTHING_NEW, false);
    assert_passes();
}

static void factory_reset_is_asked_for_until_it_took_effect(void **state)
{
    (void)state;
    scenario.installed_count = 1;
    scenario.installed[0] = 1;
    scenario.stages[0].offer_count = 0;
    scenario.eventually_runs = 0;
    ask(OTA_REQUEST_FACTORY_RESET, LOG_OTA_NOTHING_NEW, false);
    assert_passes();
}

static void request_at_a_time_is_made_then(void **state)
{
    (void)state;
    scenario.app.is_periodic = false;
    scenario.app.requests[0] =
        (struct scenario_request){.request = OTA_REQUEST_CHECK, .at_s = 3600};
    scenario.app.request_count = 1;
    assert_passes();
}

static void refused_request_must_be_refused(void **state)
{
    (void)state;
    ask(OTA_REQUEST_RESET, LOG_OTA_CHECK, true);
    assert_passes();
    ask(OTA_REQUEST_CHECK, LOG_OTA_NOTHING_NEW, true);
    assert_fails(CLAIM_CONTROL, "request 2 was not refused");
}

static void request_that_is_never_made_fails(void **state)
{
    (void)state;
    ask(OTA_REQUEST_CHECK, LOG_OTA_ERASED, false);
    assert_fails(CLAIM_FIRED, "request 1 was never made");
}

static void installed_with_nothing_on_offer(int goal)
{
    scenario.installed_count = 1;
    scenario.installed[0] = 1;
    scenario.stages[0].offer_count = 0;
    scenario.eventually_runs = goal;
}

static void refusal_may_come_later(void **state)
{
    (void)state;
    installed_with_nothing_on_offer(1);
    scenario.cut_count = 0;
    scenario.damages[0] = (struct scenario_damage){
        .target = DAMAGE_FACTORY, .how = DAMAGE_FLIP, .image = -1, .with = -1};
    scenario.damage_count = 1;
    ask(OTA_REQUEST_FACTORY_RESET, LOG_OTA_NOTHING_NEW, true);
    ask(OTA_REQUEST_ABORT, LOG_OTA_REQUEST_REFUSED, true);
    explore_run(&scenario, &(struct explore_options){0}, &result);
    assert_int_equal(result.verdict, EXPLORE_PASSED);
}

static void refused_request_that_a_cut_hid_is_not_asked_for(void **state)
{
    (void)state;
    ask(OTA_REQUEST_CHECK, LOG_OTA_DOWNLOAD, true);
    assert_passes();
}

static void what_a_cut_request_did_is_not_waited_for(void **state)
{
    (void)state;
    installed_with_nothing_on_offer(2);
    scenario.images[2] = (struct scenario_image){.name = "v3", .version = 3, .size = 0x4000};
    scenario.image_count = 3;
    scenario.installed[scenario.installed_count++] = 2;
    scenario.eventually_runs = 0;
    ask(OTA_REQUEST_ERASE, LOG_OTA_NOTHING_NEW, false);
    scenario.app.requests[0].version = 2;
    ask(OTA_REQUEST_ROLLBACK, LOG_OTA_ERASED, false);
    assert_passes();
}

static void settings_change_while_it_runs(void **state)
{
    (void)state;
    scenario.app.is_periodic = false;
    scenario.app.requests[0] = (struct scenario_request){
        .request = SCENARIO_CONFIGURE,
        .at_s = 60,
        .settings = {.changed = 1u << SETTING_PERIODIC | 1u << SETTING_AUTO_RESET,
                     .is_periodic = true}};
    scenario.app.request_count = 1;
    ask(OTA_REQUEST_RESET, LOG_OTA_READY, false);
    assert_passes();
}

static void settings_that_are_not_named_stay(void **state)
{
    (void)state;
    scenario.app.is_auto_update = false;
    scenario.cut_count = 0;
    scenario.eventually_runs = 0;
    scenario.app.requests[0] = (struct scenario_request){
        .request = SCENARIO_CONFIGURE,
        .at_s = 60,
        .settings = {.changed = 1u << SETTING_INTERVAL, .is_auto_update = true, .interval_s = 5}};
    scenario.app.request_count = 1;
    explore_run(&scenario, &(struct explore_options){0}, &result);
    assert_int_equal(result.verdict, EXPLORE_PASSED);
}

static void second_request_of_a_moment_is_refused(void **state)
{
    (void)state;
    installed_with_nothing_on_offer(0);
    ask(OTA_REQUEST_ROLLBACK, LOG_OTA_NOTHING_NEW, false);
    scenario.app.requests[0].meanwhile = OTA_REQUEST_CHECK;
    assert_passes();
}

/* Between the log line and the round after it the image has become ready. */
static void callback_is_where_the_service_still_is(void **state)
{
    (void)state;
    scenario.installed_count = 1;
    scenario.installed[0] = 1;
    scenario.images[2] = (struct scenario_image){.name = "v3", .version = 3, .size = 0x4000};
    scenario.image_count = 3;
    scenario.stages[0].offers[0].image = scenario.eventually_runs = 2;
    ask(OTA_REQUEST_ROLLBACK, LOG_OTA_VERIFIED, true);
    scenario.app.requests[0].is_in_callback = true;
    scenario.sometimes[scenario.sometimes_count++].event = LOG_OTA_REQUEST;
    assert_passes();
    scenario.app.requests[0].is_in_callback = false;
    explore_run(&scenario, &(struct explore_options){0}, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(update_goes_step_by_step_when_asked_for_through_every_cut, set_up),
        cmocka_unit_test_setup(rollback_is_asked_for_until_it_took_effect, set_up),
        cmocka_unit_test_setup(factory_reset_is_asked_for_until_it_took_effect, set_up),
        cmocka_unit_test_setup(request_at_a_time_is_made_then, set_up),
        cmocka_unit_test_setup(refused_request_must_be_refused, set_up),
        cmocka_unit_test_setup(request_that_is_never_made_fails, set_up),
        cmocka_unit_test_setup(refusal_may_come_later, set_up),
        cmocka_unit_test_setup(refused_request_that_a_cut_hid_is_not_asked_for, set_up),
        cmocka_unit_test_setup(what_a_cut_request_did_is_not_waited_for, set_up),
        cmocka_unit_test_setup(settings_change_while_it_runs, set_up),
        cmocka_unit_test_setup(settings_that_are_not_named_stay, set_up),
        cmocka_unit_test_setup(second_request_of_a_moment_is_refused, set_up),
        cmocka_unit_test_setup(callback_is_where_the_service_still_is, set_up),
    };

    return cmocka_run_group_tests_name("asker", tests, NULL, NULL);
}
