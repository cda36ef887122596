#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "core/bytes.h"
#include "sim/device/live_chip.h"
#include "sim/image/firmware.h"
#include "sim/scenario/fixture.h"
#include "tests/mips.h"
#include "tests/scene.h"

#define UART_HIGH   0xBF84 /* upper half of the UART's registers */
#define U1MODE      0x0600
#define U1STA       0x0610
#define U1TXREG     0x0620
#define U1RXREG     0x0630
#define SYSTEM_HIGH 0xBF80
#define SYSKEY      0x0080
#define RSWRST      0x1270
#define UART_ON                                                                                    \
    LUI(8, UART_HIGH), ORI(9, 0, 0x8008), SW(9, U1MODE, 8), ORI(9, 0, 0x1400), SW(9, U1STA, 8)
#define SAY(c)   ORI(9, 0, c), SW(9, U1TXREG, 8)
#define FOR_EVER BEQ(0, 0, -1), NOP

/* A device folder, and a program for boot flash. */
struct bench {
    char root[64], device[80];
    struct scenario scenario;
    struct fixture fixture;
    struct folder folder;
    struct blocks boot;
    char error[FOLDER_ERROR_SIZE];
    char console[4096]; /* what the last run printed */
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    strcpy(bench->root, "/tmp/test_live_chip.XXXXXX");
    assert_non_null(mkdtemp(bench->root));
    snprintf(bench->device, sizeof bench->device, "%s/device", bench->root);
    scene_update(&bench->scenario);
    assert_int_equal(fixture_make(&bench->scenario, &bench->fixture), OTA_OK);
    const struct folder_content content = {.policy = bench->fixture.policy,
                                           .image = bench->fixture.images[0].bytes,
                                           .image_size = bench->fixture.images[0].size};
    assert_true(folder_create(bench->device, &content, bench->error));
    assert_true(folder_open(&bench->folder, bench->device, true, bench->error));
    blocks_init(&bench->boot);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    blocks_free(&bench->boot);
    folder_close(&bench->folder);
    fixture_free(&bench->fixture);
    scene_remove(bench->root);
    free(bench);
    return 0;
}

static void load(struct bench *bench, const uint32_t *words, uint32_t count)
{
    uint8_t bytes[256];
    uint32_t taken;

    assert_true(4 * count <= sizeof bytes);
    for (uint32_t i = 0; i < count; i++)
        bytes_put32(bytes + 4 * i, words[i]);
    assert_int_equal(blocks_add(&bench->boot, FIRMWARE_BOOT, bytes, 4 * count, &taken), OTA_OK);
}

#define LOAD(bench, ...)                                                                           \
    load(bench, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

/* With the console in a file beside the device. */
static enum live_end run(struct bench *bench, const struct live_chip_options *options)
{
    char path[80];

    snprintf(path, sizeof path, "%s/console", bench->root);
    fflush(stdout);
    int console = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), before = dup(STDOUT_FILENO);
    dup2(console, STDOUT_FILENO);
    enum live_end end = live_chip_run(&bench->folder, &bench->boot, options, bench->error);
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    ssize_t size = pread(console, bench->console, sizeof bench->console - 1, 0);
    bench->console[size > 0 ? size : 0] = '\0';
    close(console);
    return end;
}

static void what_it_says_is_printed_in_lines_with_the_time(void **state)
{
    struct bench *bench = *state;
    const struct live_chip_options options = {.timeout_s = 1};

    LOAD(bench, UART_ON, SAY('o'), SAY('k'), SAY('\r'), SAY('\n'), SAY('+'), FOR_EVER);
    assert_int_equal(run(bench, &options), LIVE_NOT_REACHED);
    assert_string_equal(bench->error, "not there within the time limit");
    assert_string_equal(bench->console, "     0.000  ok\n     0.000  +\n");
}

static void what_the_model_does_not_know_stops_it(void **state)
{
    struct bench *bench = *state;
    const struct live_chip_options options = {.timeout_s = 1};

    LOAD(bench, LUI(8, 0xBF8F), LW(9, 0, 8), FOR_EVER);
    assert_int_equal(run(bench, &options), LIVE_STOPPED);
    assert_string_equal(bench->error, "the model stopped at 0xBFC00004: load of 4 bytes of the "
                                      "register at 0xBF8F0000, which is not modelled");
}

static void what_the_manuals_forbid_is_told_and_no_success(void **state)
{
    struct bench *bench = *state;
    const struct live_chip_options options = {.timeout_s = 1};

    LOAD(bench, LUI(8, UART_HIGH), SAY('o'), FOR_EVER);
    raise(SIGTERM);
    assert_int_equal(run(bench, &options), LIVE_NOT_REACHED);
    assert_string_equal(bench->error, "the firmware did what the manuals forbid");
    assert_non_null(strstr(bench->console, "COMPLAINT: U1TXREG is written while UART 1 is off"));
}

static void signal_switches_it_off(void **state)
{
    struct bench *bench = *state;
    const struct live_chip_options options = {0};

    LOAD(bench, FOR_EVER);
    raise(SIGINT);
    assert_int_equal(run(bench, &options), LIVE_INTERRUPTED);
}

/* An echo of what is typed. */
static void what_stdin_has_is_typed(void **state)
{
    struct bench *bench = *state;
    const struct live_chip_options options = {.has_console = true, .timeout_s = 1};
    int ends[2], before = dup(STDIN_FILENO);

    LOAD(bench, UART_ON, LW(9, U1STA, 8), MIPS_I(0x0C, 9, 9, 1), BEQ(9, 0, -3), NOP,
         LW(9, U1RXREG, 8), SW(9, U1TXREG, 8), BEQ(0, 0, -7), NOP);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "status\n", 7), 7);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    assert_int_equal(run(bench, &options), LIVE_NOT_REACHED);
    dup2(before, STDIN_FILENO);
    close(before);
    assert_non_null(strstr(bench->console, "  status\n"));
}

/* A program that waits a little, and resets the chip. */
static void reset_is_followed_or_is_the_end(void **state)
{
    struct bench *bench = *state;
    const struct live_chip_options once = {.until_reset = true, .timeout_s = 1};
    const struct live_chip_options on = {.timeout_s = 1};

    LOAD(bench, UART_ON, SAY('.'), LUI(10, 0x40), ADDIU(10, 10, -1), BNE(10, 0, -2), NOP,
         LUI(8, SYSTEM_HIGH), SW(0, SYSKEY, 8), LI(9, 0xAA996655), SW(9, SYSKEY, 8),
         LI(9, 0x556699AA), SW(9, SYSKEY, 8), ORI(9, 0, 1), SW(9, RSWRST, 8), LW(9, RSWRST, 8),
         FOR_EVER);
    assert_int_equal(run(bench, &once), LIVE_REACHED);
    assert_string_equal(bench->console, "     0.000  .\n");
    assert_int_equal(run(bench, &on), LIVE_NOT_REACHED);
    assert_non_null(strstr(bench->console, ".."));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_it_says_is_printed_in_lines_with_the_time),
        TEST(what_the_model_does_not_know_stops_it),
        TEST(what_the_manuals_forbid_is_told_and_no_success),
        TEST(signal_switches_it_off),
        TEST(what_stdin_has_is_typed),
        TEST(reset_is_followed_or_is_the_end),
    };
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL); /* what is raised waits for the run */
    return cmocka_run_group_tests_name("live_chip", tests, NULL, NULL);
}
