#include "sim/device/live.h"

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hal_posix/clock_posix.h"
#include "hal_posix/crypto_openssl.h"
#include "hal_posix/log_text.h"
#include "hal_posix/transport_curl.h"
#include "sim/device/console_log.h"
#include "sim/device/device.h"
#include "sim/device/panel.h"

#define CONNECT_TIMEOUT_MS 30000
#define LOW_SPEED_BYTES    64 /* below this for LOW_SPEED_S a transfer has stalled */
#define LOW_SPEED_S        60
#define BAR_WIDTH          40
#define KEY_WAIT_MS        50 /* how late a key may be noticed */
#define HOUR_MS            3600000

struct live {
    const struct live_options *options;
    struct device device;
    union device_ram ram;
    struct crypto_openssl crypto;
    struct transport_curl curl;
    struct clock clock; /* the PC's */
    struct clock shifted;
    uint64_t ahead_ms; /* of the PC's clock */
    struct panel panel;
    FILE *console; /* what is kept of it; may be NULL */
    uint64_t started_ms;
    bool has_bar; /* a progress bar stands on the last line */
    bool is_terminal;
    bool is_reached;
};

/* The one thing a signal handler may touch. */
static volatile sig_atomic_t is_interrupted;

static void on_signal(int number)
{
    (void)number;
    is_interrupted = 1;
}

static void clear_bar(struct live *live)
{
    if (live->has_bar)
        fputs("\r\033[K", stdout);
    live->has_bar = false;
}

static void draw_bar(struct live *live, uint32_t bytes, uint32_t total)
{
    uint32_t filled = total ? (uint32_t)((uint64_t)bytes * BAR_WIDTH / total) : 0;

    printf("\r\033[K           [%.*s%.*s] %3u %%  %u of %u KiB", (int)filled,
           "########################################", (int)(BAR_WIDTH - filled),
           "                                        ",
           total ? (uint32_t)((uint64_t)bytes * 100 / total) : 0, bytes / 1024, total / 1024);
    fflush(stdout);
    live->has_bar = true;
}

static void on_log(void *context, enum log_event event, const uint32_t args[3])
{
    struct live *live = context;
    char text[160];

    if (event == LOG_OTA_PROGRESS && live->is_terminal && args[1]) {
        draw_bar(live, args[0], args[1]);
        return;
    }
    clear_bar(live);
    log_text_format(event, args, text, sizeof text);
    console_log_print(live->console, text);
    printf("%10.3f  %s\n", (double)(clock_now_ms(&live->clock) - live->started_ms) / 1000, text);
    fflush(stdout);
}

static void on_violation(void *context, const char *rule, const struct flash *flash,
                         uint32_t offset, uint32_t size)
{
    clear_bar(context);
    printf("            DATA SHEET VIOLATION: %s 0x%06X+%u: %s\n", flash->name, offset, size, rule);
}

static uint64_t shifted_now(struct clock *clock)
{
    struct live *live = (struct live *)(void *)((char *)clock - offsetof(struct live, shifted));

    return clock_now_ms(&live->clock) + live->ahead_ms;
}

static const struct clock_ops shifted_ops = {.now_ms = shifted_now};

static void say(struct live *live, const char *text)
{
    char line[200];

    clear_bar(live);
    snprintf(line, sizeof line, "by hand: %s", text);
    printf("            %s\n", line);
    fflush(stdout);
    console_log_print(live->console, line);
}

/* --- keys ------------------------------------------------------------------------------------ */

static void ask(struct live *live, const char *what, enum ota_err err)
{
    char text[160];

    snprintf(text, sizeof text, "%s%s%s", what, err ? ": refused: " : "", err ? err_text(err) : "");
    say(live, text);
}

static void hold_button(struct live *live)
{
    live->device.is_factory_pin_held = !live->device.is_factory_pin_held;
    say(live, live->device.is_factory_pin_held ? "the factory reset button is held"
                                               : "the factory reset button is let go");
}

/* A device that is asleep for an hour kicks its watchdog in it. */
static void pass_hour(struct live *live)
{
    live->ahead_ms += HOUR_MS;
    live->device.watchdog_at_ms += HOUR_MS;
    if (live->device.config.time_max_ms)
        live->device.config.time_max_ms += HOUR_MS;
    say(live, "an hour passes");
}

static void tell_status(struct live *live, const struct ota *ota)
{
    char text[100];

    snprintf(text, sizeof text, "version %u runs, %s", ota_version(ota),
             ota_is_confirmed(ota) ? "confirmed" : "on trial");
    say(live, text);
}

/* A key while the application runs; true: the application ends. */
static bool press(struct live *live, struct ota *ota)
{
    enum panel_key key = panel_look(&live->panel, 0);

    if (key == PANEL_RESET || key == PANEL_PLUG || key == PANEL_QUIT)
        return true; /* run_by_hand() takes it */
    panel_take(&live->panel);
    if (key == PANEL_BUTTON)
        hold_button(live);
    else if (key == PANEL_CLOCK)
        pass_hour(live);
    else if (key == PANEL_CHECK)
        ask(live, "update check", ota_ask(ota, OTA_REQUEST_CHECK, 0));
    else if (key == PANEL_CONFIRM)
        ask(live, "confirm", ota_confirm(ota));
    else if (key == PANEL_ROLLBACK)
        ask(live, "roll back", ota_ask(ota, OTA_REQUEST_ROLLBACK, 0));
    else if (key == PANEL_FACTORY)
        ask(live, "factory reset", ota_ask(ota, OTA_REQUEST_FACTORY_RESET, 0));
    else if (key == PANEL_STATUS)
        tell_status(live, ota);
    else if (key == PANEL_HELP)
        panel_help(stdout);
    return false;
}

/* The plug is pulled in the middle of a flash operation, when the key comes during one. */
static bool on_moment(void *context, const struct power_operation *operation,
                      enum power_moment moment)
{
    struct live *live = context;

    (void)operation;
    return moment == POWER_INSIDE && live->options->is_interactive &&
           panel_look(&live->panel, 0) == PANEL_PLUG;
}

/* The device is off: until the plug is in again. false: it stays off. */
static bool wait_for_plug(struct live *live)
{
    say(live, "the power is off; p puts the plug in again, q leaves");
    while (!is_interrupted) {
        enum panel_key key = panel_look(&live->panel, KEY_WAIT_MS);
        if (key == PANEL_QUIT)
            return false;
        panel_take(&live->panel);
        if (key == PANEL_PLUG)
            return true;
        if (key == PANEL_BUTTON)
            hold_button(live);
        else if (key == PANEL_HELP)
            panel_help(stdout);
    }
    return false;
}

static bool on_round(void *context)
{
    struct live *live = context;
    struct ota *ota = device_ota(&live->device);

    live->is_reached = live->options->until_version &&
                       ota_version(ota) == live->options->until_version && ota_is_confirmed(ota);
    return live->is_reached || is_interrupted ||
           (live->options->is_interactive && press(live, ota));
}

static void on_wait(void *context, uint32_t ms)
{
    struct live *live = context;

    if (live->options->is_interactive && ms > KEY_WAIT_MS)
        ms = KEY_WAIT_MS;
    if (live->options->manifest_url)
        transport_curl_wait(&live->curl, ms);
    else
        usleep(ms * 1000);
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void build(struct live *live, struct folder *folder)
{
    const struct live_options *options = live->options;
    struct device_config config = {
        .layout = folder->layout,
        .policy = folder->policy,
        .ota = ota_config_default,
        .boot = boot_options_default,
    };

    config.ota.interval_s = options->interval_s;
    config.ota.backoff_s = 1;
    config.ota.is_periodic = options->manifest_url != NULL;
    if (options->manifest_url)
        strcpy(config.ota.manifest_url, options->manifest_url);
    if (options->timeout_s)
        config.time_max_ms = clock_now_ms(&live->clock) + options->timeout_s * 1000ull;
    live->shifted.ops = &shifted_ops;
    device_init(&live->device, &config, &folder->nvm.cells, &folder->spi.cells,
                &live->crypto.crypto, &live->curl.transport, &live->ram);
    live->device.real_clock = &live->shifted;
    live->device.random = (uint32_t)clock_now_ms(&live->clock);
    live->device.wait = on_wait;
    live->device.wait_context = live;
    live->device.observer = (struct device_observer){.log = on_log,
                                                     .is_done = on_round,
                                                     .goes = on_moment,
                                                     .violation = on_violation,
                                                     .context = live};
}

/* A boot has ended by a key, or because nothing else is left; is there another one? */
static bool goes_on_by_hand(struct live *live, enum device_end end)
{
    enum panel_key key = panel_look(&live->panel, 0);

    if (end == DEVICE_STUCK)
        say(live, "the bootloader finds nothing to start");
    else if (end != DEVICE_CUT && end != DEVICE_DONE)
        return false;
    else if (key == PANEL_QUIT)
        return false;
    else
        panel_take(&live->panel);
    if (end == DEVICE_DONE && key == PANEL_RESET) {
        say(live, "reset");
        live->device.cause = SYSTEM_EXTERNAL;
        return true;
    }
    if (!wait_for_plug(live))
        return false;
    device_power_on(&live->device);
    return true;
}

/* Boot after boot, as long as the device resets itself, or a hand does. */
static enum live_end run(struct live *live, char *ret_error)
{
    device_power_on(&live->device);
    for (;;) {
        enum device_end end = device_boot(&live->device);
        clear_bar(live);
        if (end == DEVICE_WATCHDOG)
            printf("            watchdog\n");
        if (live->is_reached || (end == DEVICE_RESET && live->options->until_reset))
            return LIVE_REACHED;
        if (is_interrupted)
            return LIVE_INTERRUPTED;
        if (end == DEVICE_RESET || end == DEVICE_WATCHDOG)
            continue;
        if (live->options->is_interactive && goes_on_by_hand(live, end))
            continue;
        if (live->options->is_interactive && end != DEVICE_TIME)
            return LIVE_INTERRUPTED;
        snprintf(ret_error, FOLDER_ERROR_SIZE, "%s",
                 end == DEVICE_STUCK ? "the bootloader finds nothing to start"
                                     : "not there within the time limit");
        return LIVE_NOT_REACHED;
    }
}

enum live_end live_run(struct folder *folder, const struct live_options *options,
                       char ret_error[FOLDER_ERROR_SIZE])
{
    struct live *live = calloc(1, sizeof *live);
    struct transport_curl_options curl_options = {
        .ca_file = options->ca_file,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .low_speed_bytes = LOW_SPEED_BYTES,
        .low_speed_s = LOW_SPEED_S,
    };
    enum ota_err err = live ? transport_curl_init(&live->curl, &curl_options) : OTA_ERR_FULL;

    if (err) {
        snprintf(ret_error, FOLDER_ERROR_SIZE, "%s: %s",
                 err == OTA_ERR_NOT_FOUND ? options->ca_file : "the network", err_text(err));
        free(live);
        return LIVE_FAULT;
    }
    live->options = options;
    live->is_terminal = isatty(STDOUT_FILENO);
    crypto_openssl_init(&live->crypto);
    clock_posix_init(&live->clock);
    live->started_ms = clock_now_ms(&live->clock);
    live->console = options->folder ? console_log_open(options->folder) : NULL;
    catch_signals();
    build(live, folder);
    if (options->is_interactive) {
        panel_open(&live->panel, STDIN_FILENO);
        panel_help(stdout);
    }
    enum live_end end = run(live, ret_error);
    if (options->is_interactive)
        panel_close(&live->panel);
    transport_curl_deinit(&live->curl);
    console_log_close(live->console);
    free(live);
    return end;
}
