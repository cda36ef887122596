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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/bootctl.h"
#include "sim/device/live.h"
#include "sim/image/manifest_json.h"
#include "sim/scenario/fixture.h"
#include "sim/server/http_server.h"
#include "tests/scene.h"

/* A device folder, a server's folder, and a real server on it. */
struct bench {
    char root[64], device[80], www[80], url[80];
    struct scenario scenario;
    struct fixture fixture;
    struct folder folder;
    struct http_server *server;
    char error[FOLDER_ERROR_SIZE];
    char console[32768]; /* what the last run printed */
};

static enum ota_err make_manifest(void *context, const char *url_base, char **ret_text)
{
    return manifest_json_directory(((struct bench *)context)->www, url_base, NULL, NULL, ret_text);
}

static void publish(const struct bench *bench, int image)
{
    char path[128];

    snprintf(path, sizeof path, "%s/%s.bin", bench->www, bench->scenario.images[image].name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(
        fwrite(bench->fixture.images[image].bytes, 1, bench->fixture.images[image].size, file),
        bench->fixture.images[image].size);
    fclose(file);
}

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    strcpy(bench->root, "/tmp/test_live.XXXXXX");
    assert_non_null(mkdtemp(bench->root));
    snprintf(bench->device, sizeof bench->device, "%s/device", bench->root);
    snprintf(bench->www, sizeof bench->www, "%s/www", bench->root);
    assert_int_equal(mkdir(bench->www, 0700), 0);
    scene_update(&bench->scenario);
    bench->scenario.images[scene_image(&bench->scenario, 3)].app = APP_CRASH_AT_START;
    assert_int_equal(fixture_make(&bench->scenario, &bench->fixture), OTA_OK);
    const struct folder_content content = {.policy = bench->fixture.policy,
                                           .image = bench->fixture.images[0].bytes,
                                           .image_size = bench->fixture.images[0].size};
    assert_true(folder_create(bench->device, &content, bench->error));
    assert_true(folder_open(&bench->folder, bench->device, true, bench->error));
    const struct http_server_options options = {
        .directory = bench->www, .manifest = make_manifest, .context = bench};
    assert_int_equal(http_server_start(&options, &bench->server), OTA_OK);
    snprintf(bench->url, sizeof bench->url, "http://127.0.0.1:%u/ota.json",
             http_server_port(bench->server));
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    http_server_stop(bench->server);
    folder_close(&bench->folder);
    fixture_free(&bench->fixture);
    scene_remove(bench->root);
    free(bench);
    return 0;
}

/* Run with the console in a file beside the device. */
static enum live_end run(struct bench *bench, const struct live_options *options)
{
    char path[80];

    snprintf(path, sizeof path, "%s/console", bench->root);
    fflush(stdout);
    int console = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600), before = dup(STDOUT_FILENO);
    dup2(console, STDOUT_FILENO);
    enum live_end end = live_run(&bench->folder, options, bench->error);
    fflush(stdout);
    dup2(before, STDOUT_FILENO);
    close(before);
    ssize_t size = pread(console, bench->console, sizeof bench->console - 1, 0);
    bench->console[size > 0 ? size : 0] = '\0';
    close(console);
    return end;
}

static void assert_console(const struct bench *bench, const char *text)
{
    if (!strstr(bench->console, text))
        fail_msg("'%s' is not on the console:\n%s", text, bench->console);
}

static struct bootctl_record record(struct bench *bench)
{
    struct bootctl bootctl;

    assert_int_equal(bootctl_open(&bootctl, &bench->folder.nvm.cells.flash, 0x20000), OTA_OK);
    return bootctl.record;
}

static void update_comes_over_a_real_server(void **state)
{
    struct bench *bench = *state;
    const struct live_options options = {
        .manifest_url = bench->url, .until_version = 2, .interval_s = 1, .timeout_s = 30};

    publish(bench, 1);
    assert_int_equal(run(bench, &options), LIVE_REACHED);
    assert_console(bench, "boot: first start of factory version 1\n");
    assert_console(bench, "ota: version 2 is available\n");
    assert_console(bench, "ota: version 2 verified\n");
    assert_console(bench, "ota: reset to start version 2\n");
    assert_console(bench, "app: version 2 confirmed\n");
    assert_null(strstr(bench->console, "VIOLATION"));
    assert_null(strchr(bench->console, '\033')); /* no bar, no colours: it is no terminal */
    assert_int_equal(record(bench).version, 2);
    assert_int_equal(record(bench).status, BOOTCTL_VALID);
    assert_memory_equal(bench->folder.nvm.cells.bytes + layout_mzw1.app_offset,
                        bench->fixture.images[1].bytes + IMAGE_HEADER_PAGE,
                        bench->fixture.images[1].size - IMAGE_HEADER_PAGE);
}

static void version_that_is_there_already_is_reached_at_once(void **state)
{
    struct bench *bench = *state;
    const struct live_options options = {.until_version = 1, .interval_s = 1, .timeout_s = 30};

    assert_int_equal(run(bench, &options), LIVE_REACHED);
    assert_null(strstr(bench->console, "ota: asking"));
}

static void version_that_never_comes_is_not_reached(void **state)
{
    struct bench *bench = *state;
    const struct live_options options = {
        .manifest_url = bench->url, .until_version = 2, .interval_s = 1, .timeout_s = 1};

    assert_int_equal(run(bench, &options), LIVE_NOT_REACHED);
    assert_string_equal(bench->error, "not there within the time limit");
    assert_console(bench, "ota: nothing newer than version 1\n");
    assert_int_equal(record(bench).version, 1);
}

/* Nobody listens: the device goes on, and goes on trying. */
static void device_without_a_server_goes_on(void **state)
{
    struct bench *bench = *state;
    const struct live_options options = {
        .manifest_url = bench->url, .until_version = 2, .interval_s = 1, .timeout_s = 3};

    http_server_stop(bench->server);
    bench->server = NULL;
    assert_int_equal(run(bench, &options), LIVE_NOT_REACHED);
    assert_console(bench, "ota: update check failed: the network failed; next in ");
    assert_non_null(strstr(strstr(bench->console, "check failed") + 1, "check failed"));
}

static void image_that_crashes_is_given_up_for_the_one_before(void **state)
{
    struct bench *bench = *state;
    const struct live_options options = {
        .manifest_url = bench->url, .until_version = 3, .interval_s = 1, .timeout_s = 2};

    publish(bench, 2);
    assert_int_equal(run(bench, &options), LIVE_NOT_REACHED);
    assert_console(bench, "boot: version 3 was not confirmed in 3 trial boots; disabled\n");
    assert_int_equal(record(bench).version, 1);
}

static void blank_device_finds_nothing_to_start(void **state)
{
    struct bench *bench = *state;
    const struct live_options options = {.until_version = 1, .interval_s = 1, .timeout_s = 60};

    memset(bench->folder.nvm.cells.bytes + 0x20000, 0xFF, 0x8000);
    assert_int_equal(run(bench, &options), LIVE_NOT_REACHED);
    assert_string_equal(bench->error, "the bootloader finds nothing to start");
    assert_console(bench, "boot: nothing that may run: waiting for a factory image\n");
}

static void certificate_file_that_is_missing_is_a_fault(void **state)
{
    struct bench *bench = *state;
    const struct live_options options = {
        .manifest_url = bench->url, .ca_file = "/nowhere/ca.pem", .interval_s = 1};

    assert_int_equal(run(bench, &options), LIVE_FAULT);
    assert_string_equal(bench->error, "/nowhere/ca.pem: not found");
}

/* In a process of its own, as a signal is remembered for good. It is sent when the console shows
 * that the application runs: the handler stands long before. */
static void signal_switches_the_device_off(void **state)
{
    struct bench *bench = *state;
    const struct live_options options = {
        .manifest_url = bench->url, .interval_s = 60, .timeout_s = 30};
    char path[80], text[4096] = "";
    int status;

    snprintf(path, sizeof path, "%s/console", bench->root);
    pid_t child = fork();
    if (child == 0)
        _exit(run(bench, &options) == LIVE_INTERRUPTED ? 0 : 1);
    for (int i = 0; i < 1000 && !strstr(text, "ota: nothing newer"); i++) {
        usleep(10000);
        int console = open(path, O_RDONLY);
        ssize_t size = console < 0 ? 0 : read(console, text, sizeof text - 1);
        text[size > 0 ? size : 0] = '\0';
        if (console >= 0)
            close(console);
    }
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(update_comes_over_a_real_server),
        TEST(version_that_is_there_already_is_reached_at_once),
        TEST(version_that_never_comes_is_not_reached),
        TEST(device_without_a_server_goes_on),
        TEST(image_that_crashes_is_given_up_for_the_one_before),
        TEST(blank_device_finds_nothing_to_start),
        TEST(certificate_file_that_is_missing_is_a_fault),
        TEST(signal_switches_the_device_off),
    };

    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
