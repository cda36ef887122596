/*
 * Method: install_image() of the product is wrapped (--wrap, see tests/meson.build). What is in its
 * place crashes or hangs when it goes on with an install whose first page is there already: so the
 * run without a cut passes, and some of the points do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/resource.h>

#include "bootloader/install.h"
#include "sim/explore/batch.h"
#include "tests/scene.h"

static enum deed { WELL, CRASH, HANG, CRASH_AT_ONCE } deed;

enum ota_err __real_install_image(const struct hal *hal, struct image_source *source,
                                  const struct image_info *info, uint8_t buffer[IMAGE_BUFFER_SIZE]);
enum ota_err __wrap_install_image(const struct hal *hal, struct image_source *source,
                                  const struct image_info *info, uint8_t buffer[IMAGE_BUFFER_SIZE]);

static void crash(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    signal(SIGABRT, SIG_DFL);
    abort();
}

enum ota_err __wrap_install_image(const struct hal *hal, struct image_source *source,
                                  const struct image_info *info, uint8_t buffer[IMAGE_BUFFER_SIZE])
{
    uint8_t there[IMAGE_BUFFER_SIZE];
    bool goes_on = source->read(source, IMAGE_HEADER_PAGE, buffer, IMAGE_BUFFER_SIZE) == OTA_OK &&
                   flash_read(hal->nvm, hal->layout->app_offset, there, sizeof there) == OTA_OK &&
                   memcmp(there, buffer, sizeof there) == 0;

    if (deed == CRASH_AT_ONCE || (deed == CRASH && goes_on))
        crash();
    while (deed == HANG && goes_on)
        __asm__ volatile("");
    return __real_install_image(hal, source, info, buffer);
}

static void on_finished(void *context, uint32_t index, const struct explore_result *result)
{
    ((struct explore_result *)context)[index] = *result;
}

/* Two scenarios, of which only the first has cuts. */
static void run(enum deed what, struct explore_result results[2])
{
    static struct scenario scenarios[2];
    const struct batch_options options = {
        .jobs = 2, .hang_s = 1, .finished = on_finished, .context = results};

    scene_update(&scenarios[0]);
    struct scenario_cut *cut = scene_cut(&scenarios[0], 1u << PHASE_INSTALL);
    cut->on_spi = false;
    cut->kinds = 1u << POWER_ERASE;
    cut->moments = 1u << POWER_AFTER;
    scene_update(&scenarios[1]);
    deed = what;
    (void)batch_run(scenarios, 2, &options);
    deed = WELL;
}

static void assert_fails_at_points(enum deed what, const char *text)
{
    static struct explore_result well[2], ill[2];

    run(WELL, well);
    assert_int_equal(well[0].verdict, EXPLORE_PASSED);
    run(what, ill);
    assert_int_equal(ill[0].verdict, EXPLORE_FAILED);
    assert_int_equal(ill[0].points, well[0].points); /* it went on behind the first */
    assert_in_range(ill[0].points_failed, 1, well[0].points - 1);
    assert_int_equal(ill[0].failure_count, 1);
    assert_int_equal(ill[0].failures[0].points, ill[0].points_failed);
    assert_int_equal(ill[0].failures[0].claim, CLAIM_NEVER_BRICKED);
    assert_string_equal(ill[0].failures[0].text, text);
    assert_string_not_equal(ill[0].failures[0].point, "0");
    assert_int_equal(ill[1].verdict, EXPLORE_PASSED);
}

static void crash_of_the_firmware_is_a_failing_point_and_not_the_end(void **state)
{
    (void)state;
    assert_fails_at_points(CRASH, "the firmware crashed: Aborted");
}

static void hang_of_the_firmware_is_a_failing_point_and_not_the_end(void **state)
{
    (void)state;
    assert_fails_at_points(HANG, "the firmware hangs: no end in 1 s of processor time");
}

static void crash_without_a_cut_fails_point_0(void **state)
{
    struct explore_result results[2];

    (void)state;
    run(CRASH_AT_ONCE, results);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(results[i].verdict, EXPLORE_FAILED);
        assert_string_equal(results[i].failures[0].point, "0");
        assert_string_equal(results[i].failures[0].text, "the firmware crashed: Aborted");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crash_of_the_firmware_is_a_failing_point_and_not_the_end),
        cmocka_unit_test(hang_of_the_firmware_is_a_failing_point_and_not_the_end),
        cmocka_unit_test(crash_without_a_cut_fails_point_0),
    };

    return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
