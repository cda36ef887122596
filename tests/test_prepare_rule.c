/* A firmware that breaks a data sheet rule before its scenario begins: the linker puts the function
 * below in place of the firmware's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/explore.h"
#include "sim/explore/prepare.h"
#include "tests/scene.h"

#define RULE "nvm 0x020170+8: programmed twice since its erase"

enum ota_err __real_bootctl_set(struct bootctl *bootctl, enum bootctl_status status,
                                uint32_t trials);
enum ota_err __wrap_bootctl_set(struct bootctl *bootctl, enum bootctl_status status,
                                uint32_t trials);

/* The first status word of the second record is programmed twice. */
enum ota_err __wrap_bootctl_set(struct bootctl *bootctl, enum bootctl_status status,
                                uint32_t trials)
{
    enum ota_err err = __real_bootctl_set(bootctl, status, trials);
    static const uint8_t zero[8];

    if (!err && bootctl->slot == 1)
        err_ignore(flash_program(bootctl->flash, bootctl->offset + 0x170, zero, sizeof zero));
    return err;
}

static void update_before_the_scenario(struct scenario *scenario)
{
    scene_update(scenario);
    scenario->installed_count = 1;
    scenario->installed[0] = 1;
}

static void broken_rule_is_said_by_the_judge(void **state)
{
    static struct scenario scenario;
    static struct world world;
    char reason[JUDGE_TEXT_MAX];

    (void)state;
    update_before_the_scenario(&scenario);
    assert_int_equal(world_init(&world, &scenario), OTA_OK);
    assert_false(prepare_world(&world, reason));
    assert_int_equal(world.judge.claim, CLAIM_DATASHEET);
    assert_string_equal(world.judge.text, RULE);
    world_free(&world);
}

static void broken_rule_is_the_verdict_of_the_scenario(void **state)
{
    static struct scenario scenario;
    static struct explore_result result;
    const struct explore_options options = {0};

    (void)state;
    update_before_the_scenario(&scenario);
    explore_run(&scenario, &options, &result);
    assert_int_equal(result.verdict, EXPLORE_FAILED);
    assert_int_equal(result.failure_count, 1);
    assert_int_equal(result.failures[0].claim, CLAIM_DATASHEET);
    assert_string_equal(result.failures[0].text, RULE);
    assert_string_equal(result.failures[0].point, "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_rule_is_said_by_the_judge),
        cmocka_unit_test(broken_rule_is_the_verdict_of_the_scenario),
    };

    return cmocka_run_group_tests_name("prepare_rule", tests, NULL, NULL);
}
