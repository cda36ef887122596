#ifndef SIM_DEVICE_APP_H
#define SIM_DEVICE_APP_H

#include "core/hal.h"
#include "core/ota.h"

/*
 * The simulated application: what a customer's firmware would be. Its code in program flash says
 * how it behaves, by a first line "brownout-app: <behaviour>"; anything else is a healthy
 * application.
 */
enum app_behaviour {
    APP_HEALTHY,        /* confirms itself after APP_SELF_TEST_MS */
    APP_CRASH_AT_START, /* resets at once */
    APP_HANG,           /* stops kicking the watchdog after a moment */
    APP_NEVER_CONFIRM,  /* runs, but never says that it is well */
    APP_CRASH_LATER,    /* resets before its self test ends */
    APP_BEHAVIOUR_COUNT
};

/* How its main loop uses the service. All false: it calls the service in each round. */
struct app_habits {
    bool sleeps;         /* calls it no sooner than the service said, or than it has a request */
    bool confirms_again; /* says once after each start that it is well, confirmed or not */
};

#define APP_SELF_TEST_MS 200
#define APP_MARK         "brownout-app: "

struct app {
    struct ota ota;
    enum app_behaviour behaviour;
    struct app_habits habits;
    uint64_t started_ms;
    uint64_t due_ms; /* when the service wants to be called */
    bool has_confirmed;
};

/* "healthy", "crash-at-start" and so on. */
const char *app_behaviour_name(enum app_behaviour behaviour);

/* What the code says; APP_HEALTHY when it says nothing. */
enum app_behaviour app_behaviour_of(const uint8_t *code, uint32_t size);

/* main() of the application up to its loop. */
void app_start(struct app *app, const struct hal *hal, const struct ota_config *config,
               const struct app_habits *habits, ota_callback *callback, void *context);

/* One round of its main loop; returns for how many milliseconds it sleeps then. */
uint32_t app_step(struct app *app);

#endif
