#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/boot_twin.h"
#include "sim/explore/run.h"
#include "sim/explore/survivor.h"
#include "tests/scene.h"

/* A device that is about to make its first start. */
struct bench {
    struct scenario scenario;
    struct run run;
    struct boot_twin twin;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    enum judge_claim claim;
    char reason[JUDGE_TEXT_MAX];

    scene_update(&bench->scenario);
    bench->scenario.is_virgin = true;
    assert_true(run_init(&bench->run, &bench->scenario, &claim, reason));
    boot_twin_init(&bench->twin, &bench->run.world);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    boot_twin_free(&bench->twin);
    run_free(&bench->run);
    free(bench);
    return 0;
}

static const struct judge *judge(const struct bench *bench)
{
    return &bench->run.world.judge;
}

/* All that the one did, done by the other one as well, up to count. */
static bool follow(struct bench *bench, uint32_t count)
{
    struct boot_twin *twin = &bench->twin;
    struct device *device = &bench->run.world.device;

    while (twin->next < count) {
        const struct boot_twin_act *act = &twin->acts[twin->next];
        struct power_operation operation = {.power = act->is_spi ? &device->spi_power
                                                                 : &device->nvm_power,
                                            .kind = act->kind,
                                            .offset = act->offset,
                                            .size = act->size};
        if (act->is_operation && act->kind == POWER_PROGRAM)
            return true; /* its content is not at hand */
        if (!(act->is_operation ? boot_twin_operation(twin, &operation)
                                : boot_twin_event(twin, act->text)))
            return false;
    }
    return true;
}

static void nobody_sees_the_start_of_the_one(void **state)
{
    struct bench *bench = *state;
    struct flash_ram *nvm = &bench->run.world.nvm, *spi = &bench->run.world.spi;
    struct survivor before, after;
    uint32_t size = nvm->cells.flash.size;
    uint8_t *bytes = malloc(size);

    memcpy(bytes, nvm->cells.bytes, size);
    survivor_take(&bench->run.world, &before);
    uint32_t marks = nvm->marks;
    boot_twin_run(&bench->twin);
    assert_true(bench->twin.count > 100); /* the factory backup is made */
    assert_int_equal(bench->twin.end, DEVICE_JUMP);
    survivor_take(&bench->run.world, &after);
    assert_true(key_equals(survivor_key(&after, &bench->run.world),
                           survivor_key(&before, &bench->run.world)));
    assert_int_equal(after.boots, before.boots);
    assert_int_equal(after.operations, before.operations);
    assert_int_equal(after.session_operations, before.session_operations);
    assert_memory_equal(nvm->cells.bytes, bytes, size);
    assert_int_equal(nvm->marks, marks);
    assert_int_equal(spi->count, 0);
    assert_int_equal(judge(bench)->claim, CLAIM_NONE);
    free(bytes);
}

static void two_starts_from_the_same_flashes_are_the_same(void **state)
{
    struct bench *bench = *state;
    struct boot_twin again;

    boot_twin_init(&again, &bench->run.world);
    boot_twin_run(&bench->twin);
    boot_twin_run(&again);
    assert_int_equal(again.count, bench->twin.count);
    assert_memory_equal(again.acts, bench->twin.acts, again.count * sizeof *again.acts);
    boot_twin_free(&again);
}

static void what_is_the_same_passes(void **state)
{
    struct bench *bench = *state;

    boot_twin_run(&bench->twin);
    assert_true(follow(bench, bench->twin.count));
    assert_true(bench->twin.next > 1);
    assert_int_equal(judge(bench)->claim, CLAIM_NONE);
}

static void first_difference_is_told(void **state)
{
    struct bench *bench = *state;

    boot_twin_run(&bench->twin);
    assert_true(boot_twin_event(&bench->twin, "boot: started by power-on"));
    assert_false(boot_twin_event(&bench->twin, "boot: starting version 9"));
    assert_int_equal(judge(bench)->claim, CLAIM_EQUIVALENCE);
    assert_non_null(strstr(judge(bench)->text, "the firmware: 'boot: starting version 9'; the PC"));
}

static void operation_of_another_kind_or_place_is_a_difference(void **state)
{
    struct bench *bench = *state;
    const struct power_operation operation = {.power = &bench->run.world.device.nvm_power,
                                              .kind = POWER_ERASE,
                                              .offset = 0,
                                              .size = 4096};

    boot_twin_run(&bench->twin);
    assert_false(boot_twin_operation(&bench->twin, &operation));
    assert_non_null(strstr(judge(bench)->text, "the firmware: erase nvm 0x000000+4096; the PC: "));
}

static void other_content_is_a_difference(void **state)
{
    struct bench *bench = *state;
    const uint8_t wrong[4096] = {0};

    boot_twin_run(&bench->twin);
    assert_true(follow(bench, bench->twin.count));
    const struct boot_twin_act *act = &bench->twin.acts[bench->twin.next];
    struct device *device = &bench->run.world.device;
    const struct power_operation operation = {.power = act->is_spi ? &device->spi_power
                                                                   : &device->nvm_power,
                                              .kind = act->kind,
                                              .offset = act->offset,
                                              .size = act->size,
                                              .data = wrong};
    assert_false(boot_twin_operation(&bench->twin, &operation));
    assert_non_null(strstr(judge(bench)->text, ", other content; the PC: program"));
}

static void an_end_too_early_is_a_difference(void **state)
{
    struct bench *bench = *state;

    boot_twin_run(&bench->twin);
    assert_false(boot_twin_end(&bench->twin, DEVICE_JUMP));
    assert_non_null(strstr(judge(bench)->text, "the firmware: nothing more; the PC: "));
}

static void another_end_is_a_difference(void **state)
{
    struct bench *bench = *state;

    boot_twin_run(&bench->twin);
    bench->twin.next = bench->twin.count;
    assert_true(boot_twin_end(&bench->twin, DEVICE_JUMP));
    assert_false(boot_twin_end(&bench->twin, DEVICE_STUCK));
    assert_string_equal(judge(bench)->text, "the firmware ends with stuck; the PC: jump");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_sees_the_start_of_the_one),
        TEST(two_starts_from_the_same_flashes_are_the_same),
        TEST(what_is_the_same_passes),
        TEST(first_difference_is_told),
        TEST(operation_of_another_kind_or_place_is_a_difference),
        TEST(other_content_is_a_difference),
        TEST(an_end_too_early_is_a_difference),
        TEST(another_end_is_a_difference),
    };

    return cmocka_run_group_tests_name("boot_twin", tests, NULL, NULL);
}
