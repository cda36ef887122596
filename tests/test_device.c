#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/prepare.h"
#include "tests/scene.h"

#define NOTES_MAX 32

/* A device and what it showed. */
struct bench {
    struct scenario scenario;
    struct world world;
    struct device *device;
    uint32_t causes[NOTES_MAX], cause_count; /* as the bootloader says them */
    uint32_t starts, last_version, last_address;
    uint64_t started_ms;
    bool is_ram_lost; /* of each stage so far */
    bool is_app_checked, is_done;
    uint32_t rounds;
    uint32_t cut_at; /* operation; 0: none */
    enum power_moment cut_moment;
    uint32_t operations, last_number;
    char violation[80];
    enum device_phase phases[NOTES_MAX]; /* each change of the phase */
    uint32_t phase_count;
};

static bool is_garbage(const void *from, size_t size)
{
    const uint8_t *at = from;

    for (size_t i = 0; i < size; i++)
        if (at[i] != 0xA5)
            return false;
    return true;
}

static void note_phase(struct bench *bench)
{
    enum device_phase phase = bench->device->phase;

    if (!bench->phase_count || bench->phases[bench->phase_count - 1] != phase)
        if (bench->phase_count < NOTES_MAX)
            bench->phases[bench->phase_count++] = phase;
}

/* BOOT_START is the bootloader's first word: what it will write later is still garbage. */
static void on_log(void *context, enum log_event event, const uint32_t args[3])
{
    struct bench *bench = context;
    const struct boot *boot = &bench->device->ram->boot;

    note_phase(bench);
    if (event != LOG_BOOT_START)
        return;
    bench->causes[bench->cause_count++ % NOTES_MAX] = args[0];
    bench->is_ram_lost &= is_garbage(&boot->bootctl, sizeof boot->bootctl) &&
                          is_garbage(&boot->store, sizeof boot->store) &&
                          is_garbage(&boot->file, sizeof boot->file) &&
                          is_garbage(boot->buffer, sizeof boot->buffer);
}

static void on_started(void *context, uint32_t address, const struct bootctl_record *record)
{
    struct bench *bench = context;

    bench->starts++;
    bench->last_address = address;
    bench->last_version = record->version;
    bench->started_ms = device_now_ms(bench->device);
    memset(bench->device->ram, 0x42,
           sizeof *bench->device->ram); /* the bootloader needs it no more */
    bench->is_app_checked = false;
}

/* ota_init() clears what is its own; behind that the application finds garbage, not the 0x42. */
static bool on_round(void *context)
{
    struct bench *bench = context;
    const uint8_t *ram = (const uint8_t *)bench->device->ram;

    bench->rounds++;
    if (!bench->is_app_checked) {
        bench->is_app_checked = true;
        bench->is_ram_lost &=
            is_garbage(ram + sizeof(struct app), sizeof(union device_ram) - sizeof(struct app));
    }
    assert_ptr_equal(device_ota(bench->device), &bench->device->ram->app.ota);
    return bench->is_done;
}

static bool on_goes(void *context, const struct power_operation *operation,
                    enum power_moment moment)
{
    const struct bench *bench = context;

    return operation->number == bench->cut_at && moment == bench->cut_moment;
}

static void on_operation(void *context, const struct power_operation *operation)
{
    struct bench *bench = context;

    bench->operations++;
    bench->last_number = operation->number;
    note_phase(bench);
}

static void on_violation(void *context, const char *rule, const struct flash *flash,
                         uint32_t offset, uint32_t size)
{
    struct bench *bench = context;

    snprintf(bench->violation, sizeof bench->violation, "%s 0x%X+%u: %s", flash->name, offset, size,
             rule);
}

static struct bench *make(void)
{
    struct bench *bench = calloc(1, sizeof *bench);

    scene_update(&bench->scenario);
    bench->is_ram_lost = true;
    return bench;
}

static void begin(struct bench *bench)
{
    const struct device_observer observer = {.log = on_log,
                                             .started = on_started,
                                             .is_done = on_round,
                                             .goes = on_goes,
                                             .operation = on_operation,
                                             .violation = on_violation,
                                             .context = bench};
    char reason[JUDGE_TEXT_MAX];

    assert_int_equal(world_init(&bench->world, &bench->scenario), OTA_OK);
    bench->device = &bench->world.device;
    assert_true(prepare_world(&bench->world, reason));
    world_begin(&bench->world, &bench->world.fixture.servers[0], &observer);
    device_power_on(bench->device);
}

static int setup(void **state)
{
    struct bench *bench = make();

    begin(bench);
    *state = bench;
    return 0;
}

static int setup_hanging(void **state)
{
    struct bench *bench = make();

    bench->scenario.images[1].app = APP_HANG;
    begin(bench);
    *state = bench;
    return 0;
}

/* Never programmed: nothing that could start. */
static int setup_blank(void **state)
{
    struct bench *bench = make();

    bench->scenario.is_virgin = true;
    begin(bench);
    memset(bench->world.nvm.cells.bytes, 0xFF, bench->world.nvm.cells.flash.size);
    *state = bench;
    return 0;
}

static int setup_virgin(void **state)
{
    struct bench *bench = make();

    bench->scenario.is_virgin = true;
    begin(bench);
    *state = bench;
    return 0;
}

static int setup_short_time(void **state)
{
    struct bench *bench = make();

    bench->scenario.time_max_s = 90;
    bench->scenario.stages[0].offer_count = 0;
    begin(bench);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    world_free(&bench->world);
    free(bench);
    return 0;
}

static void ram_is_lost_before_each_stage(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(device_boot(bench->device), DEVICE_RESET); /* downloaded */
    bench->is_done = true;
    assert_int_equal(device_boot(bench->device), DEVICE_DONE);
    assert_int_equal(bench->starts, 2);
    assert_int_equal(bench->cause_count, 2);
    assert_true(bench->rounds > 2);
    assert_true(bench->is_ram_lost);
}

static void bootloader_starts_the_linked_address(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(device_boot(bench->device), DEVICE_RESET);
    assert_int_equal(bench->last_address, 0xB0021000);
    assert_int_equal(bench->last_version, 1);
    bench->is_done = true;
    assert_int_equal(device_boot(bench->device), DEVICE_DONE);
    assert_int_equal(bench->last_version, 2);
    assert_int_equal(bench->device->boots, 2);
}

static void reset_cause_tells_what_happened(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(device_boot(bench->device), DEVICE_RESET);
    assert_int_equal(device_boot(bench->device), DEVICE_WATCHDOG);
    assert_int_equal(device_boot(bench->device), DEVICE_WATCHDOG);
    bench->is_done = true;
    assert_int_equal(device_boot(bench->device), DEVICE_DONE);
    device_power_on(bench->device);
    assert_int_equal(device_boot(bench->device), DEVICE_DONE);
    assert_int_equal(bench->cause_count, 5);
    assert_int_equal(bench->causes[0], SYSTEM_POWER_ON);
    assert_int_equal(bench->causes[1], SYSTEM_SOFTWARE);
    assert_int_equal(bench->causes[2], SYSTEM_WATCHDOG);
    assert_int_equal(bench->causes[3], SYSTEM_WATCHDOG);
    assert_int_equal(bench->causes[4], SYSTEM_POWER_ON);
}

/* It kicks the watchdog for the last time when it starts; 10 s later the watchdog has waited long
 * enough, however long the hanging application meant to sleep. */
static void watchdog_resets_a_hanging_application_on_time(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(device_boot(bench->device), DEVICE_RESET);
    assert_int_equal(device_boot(bench->device), DEVICE_WATCHDOG);
    assert_int_equal(bench->device->watchdog_at_ms - bench->started_ms,
                     boot_options_default.watchdog_ms);
    assert_int_equal(device_now_ms(bench->device) - bench->started_ms,
                     boot_options_default.watchdog_ms);
}

static void time_limit_ends_a_run_that_does_not(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(device_boot(bench->device), DEVICE_TIME);
    assert_in_range(device_now_ms(bench->device), 90000, 90000 + 1000);
    assert_null(device_ota(bench->device));
}

static void blank_device_is_stuck_after_three_looks(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(device_boot(bench->device), DEVICE_STUCK);
    assert_int_equal(bench->cause_count, DEVICE_STAYS_MAX);
    assert_int_equal(device_now_ms(bench->device), DEVICE_STAYS_MAX * 1000);
    assert_int_equal(bench->starts, 0);
    assert_int_equal(bench->rounds, 0);
    assert_true(bench->is_ram_lost);
}

static void cut_ends_the_boot_and_the_next_session_counts_anew(void **state)
{
    struct bench *bench = *state;

    bench->cut_at = 5;
    bench->cut_moment = POWER_AFTER;
    assert_int_equal(device_boot(bench->device), DEVICE_CUT);
    assert_int_equal(bench->operations, 5);
    assert_int_equal(bench->device->supply.operations, 5);
    assert_null(device_ota(bench->device));
    bench->cut_at = 0;
    device_power_on(bench->device);
    assert_int_equal(bench->device->supply.operations, 0);
    assert_int_equal(device_boot(bench->device), DEVICE_RESET);
    assert_int_equal(bench->last_number + 5, bench->operations);
    assert_int_equal(bench->device->operations, bench->operations);
    assert_int_equal(bench->causes[1], SYSTEM_POWER_ON);
}

static void reset_does_not_begin_a_new_count(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(device_boot(bench->device), DEVICE_RESET);
    uint32_t before = bench->last_number;
    assert_int_equal(device_boot(bench->device), DEVICE_WATCHDOG);
    assert_true(bench->last_number > before);
    assert_int_equal(bench->last_number, bench->operations);
}

static void application_may_write_boot_control_and_nothing_else_inside(void **state)
{
    struct bench *bench = *state;
    struct flash *nvm = bench->device->hal.nvm;
    const uint8_t zero[8] = {0};

    bench->is_done = true;
    assert_int_equal(device_boot(bench->device), DEVICE_DONE);
    assert_int_equal(bench->device->nvm_nor.open_from, 0x20000);
    assert_int_equal(bench->device->nvm_nor.open_to, 0x21000);
    bench->device->observer.goes = NULL;
    assert_int_equal(flash_program(nvm, 0x1FFF8, zero, 8), OTA_ERR_FLASH);
    assert_string_equal(bench->violation, "nvm 0x1FFF8+8: written where the running code may not");
    assert_int_equal(flash_erase(nvm, 0x21000), OTA_ERR_FLASH);
    assert_string_equal(bench->violation,
                        "nvm 0x21000+4096: written where the running code may not");
}

static void bootloader_may_write_boot_control_and_application(void **state)
{
    struct bench *bench = *state;

    bench->cut_at = 1;
    bench->cut_moment = POWER_INSIDE;
    assert_int_equal(device_boot(bench->device), DEVICE_CUT);
    assert_int_equal(bench->starts, 0);
    assert_int_equal(bench->device->nvm_nor.open_from, 0x20000);
    assert_int_equal(bench->device->nvm_nor.open_to, 0xFF000);
}

static void phases_follow_the_update(void **state)
{
    static const enum device_phase expected[] = {PHASE_BOOT,    PHASE_RUN, PHASE_DOWNLOAD,
                                                 PHASE_ENTER,   PHASE_RUN, PHASE_BOOT,
                                                 PHASE_INSTALL, PHASE_RUN};
    struct bench *bench = *state;

    assert_int_equal(device_boot(bench->device), DEVICE_RESET);
    bench->is_done = true;
    assert_int_equal(device_boot(bench->device), DEVICE_DONE);
    assert_int_equal(bench->phase_count, sizeof expected / sizeof expected[0]);
    for (uint32_t i = 0; i < bench->phase_count; i++)
        assert_string_equal(device_phase_name(bench->phases[i]), device_phase_name(expected[i]));
}

static void first_start_makes_the_backup_in_its_own_phase(void **state)
{
    struct bench *bench = *state;

    bench->is_done = true;
    assert_int_equal(device_boot(bench->device), DEVICE_DONE);
    assert_int_equal(bench->phases[0], PHASE_BOOT);
    assert_int_equal(bench->phases[1], PHASE_FIRST_BOOT);
    assert_int_equal(bench->phases[2], PHASE_RUN);
    assert_int_equal(bench->violation[0], '\0');
}

static void ends_and_phases_have_names(void **state)
{
    static const char *const ends[] = {"reset", "watchdog", "cut", "done", "stuck", "time"};
    static const char *const phases[] = {"boot", "first-boot", "install",
                                         "run",  "download",   "enter"};

    (void)state;
    for (int i = DEVICE_RESET; i <= DEVICE_TIME; i++)
        assert_string_equal(device_end_name((enum device_end)i), ends[i]);
    for (int i = 0; i < PHASE_COUNT; i++)
        assert_string_equal(device_phase_name((enum device_phase)i), phases[i]);
}

static uint64_t real_now;

static uint64_t real_now_ms(struct clock *clock)
{
    (void)clock;
    return real_now;
}

static void wait_longer(void *context, uint32_t ms)
{
    (void)context;
    real_now += ms / 2 + 1; /* something came in before */
}

static void real_clock_is_waited_for_not_invented(void **state)
{
    static const struct clock_ops ops = {.now_ms = real_now_ms};
    struct clock clock = {&ops};
    struct bench *bench = *state;

    real_now = 5000;
    bench->device->real_clock = &clock;
    bench->device->wait = wait_longer;
    assert_int_equal(device_boot(bench->device), DEVICE_TIME);
    assert_int_equal(device_now_ms(bench->device), real_now);
    assert_in_range(real_now, 90000, 91000);
    assert_int_equal(bench->device->now_ms, 0);
}

#define TEST(name, setup) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ram_is_lost_before_each_stage, setup),
        TEST(bootloader_starts_the_linked_address, setup),
        TEST(reset_cause_tells_what_happened, setup_hanging),
        TEST(watchdog_resets_a_hanging_application_on_time, setup_hanging),
        TEST(time_limit_ends_a_run_that_does_not, setup_short_time),
        TEST(blank_device_is_stuck_after_three_looks, setup_blank),
        TEST(cut_ends_the_boot_and_the_next_session_counts_anew, setup),
        TEST(reset_does_not_begin_a_new_count, setup_hanging),
        TEST(application_may_write_boot_control_and_nothing_else_inside, setup),
        TEST(bootloader_may_write_boot_control_and_application, setup_virgin),
        TEST(phases_follow_the_update, setup),
        TEST(first_start_makes_the_backup_in_its_own_phase, setup_virgin),
        cmocka_unit_test(ends_and_phases_have_names),
        TEST(real_clock_is_waited_for_not_invented, setup_short_time),
    };

    return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}
