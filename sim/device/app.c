#include "sim/device/app.h"

#include <stdio.h>
#include <string.h>

#define HANG_AFTER_MS  50
#define CRASH_AFTER_MS 100
#define SLEEP_MAX_MS   1000 /* the watchdog wants to be kicked */

static const char *const names[APP_BEHAVIOUR_COUNT] = {
    "healthy", "crash-at-start", "hang", "never-confirm", "crash-later",
};

const char *app_behaviour_name(enum app_behaviour behaviour)
{
    return behaviour < APP_BEHAVIOUR_COUNT ? names[behaviour] : "unknown";
}

enum app_behaviour app_behaviour_of(const uint8_t *code, uint32_t size)
{
    size_t mark = strlen(APP_MARK);

    if (size < mark || memcmp(code, APP_MARK, mark) != 0)
        return APP_HEALTHY;
    for (int i = 0; i < APP_BEHAVIOUR_COUNT; i++) {
        size_t length = strlen(names[i]);
        if (mark + length < size && memcmp(code + mark, names[i], length) == 0 &&
            code[mark + length] == '\n')
            return (enum app_behaviour)i;
    }
    return APP_HEALTHY;
}

void app_start(struct app *app, const struct hal *hal, const struct ota_config *config,
               const struct app_habits *habits, ota_callback *callback, void *context)
{
    uint8_t code[64];

    app->habits = *habits;
    app->has_confirmed = false;
    app->due_ms = 0;
    app->behaviour = APP_HEALTHY;
    if (flash_read(hal->nvm, hal->layout->app_offset, code, sizeof code) == OTA_OK)
        app->behaviour = app_behaviour_of(code, sizeof code);
    app->started_ms = clock_now_ms(hal->clock);
    if (app->behaviour == APP_CRASH_AT_START)
        system_reset(hal->system);
    err_ignore(ota_init(&app->ota, hal, config, callback, context)); /* the application runs on */
}

static uint32_t sooner(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* It is well, and says so until it was heard. */
static void confirm(struct app *app)
{
    bool is_heard = app->habits.confirms_again ? app->has_confirmed : ota_is_confirmed(&app->ota);

    if (!is_heard)
        app->has_confirmed = ota_confirm(&app->ota) == OTA_OK;
}

/* Returns how long it may sleep. */
static uint32_t serve(struct app *app)
{
    struct clock *clock = app->ota.hal->clock;
    uint64_t now_ms = clock_now_ms(clock);

    if (app->habits.sleeps && now_ms < app->due_ms && !app->ota.request)
        return app->due_ms - now_ms < SLEEP_MAX_MS ? (uint32_t)(app->due_ms - now_ms)
                                                   : SLEEP_MAX_MS;
    uint32_t sleep_ms = ota_service_task(&app->ota);
    app->due_ms = clock_now_ms(clock) + sleep_ms;
    return sleep_ms;
}

uint32_t app_step(struct app *app)
{
    const struct hal *hal = app->ota.hal;
    uint64_t age_ms = clock_now_ms(hal->clock) - app->started_ms;
    uint32_t sleep_ms = SLEEP_MAX_MS;
    bool is_tested = age_ms >= APP_SELF_TEST_MS;

    if (app->behaviour == APP_CRASH_LATER && age_ms >= CRASH_AFTER_MS &&
        !ota_is_confirmed(&app->ota))
        system_reset(hal->system);
    if (app->behaviour != APP_HANG || age_ms < HANG_AFTER_MS)
        system_watchdog_kick(hal->system);
    if (app->behaviour == APP_HANG && age_ms >= HANG_AFTER_MS)
        return SLEEP_MAX_MS;
    if (app->behaviour == APP_HEALTHY && is_tested)
        confirm(app);
    if (!is_tested)
        sleep_ms = sooner(sleep_ms, APP_SELF_TEST_MS / 4);
    return sooner(sleep_ms, serve(app));
}
