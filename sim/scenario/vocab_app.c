#include "sim/scenario/vocab_app.h"

#include "sim/scenario/vocab_table.h"

#define DAY_S 86400

/* From OTA_REQUEST_CHECK on, in the order of enum ota_request; then SCENARIO_CONFIGURE. */
static const struct vocab_choice ask_choices[] = {
    {"check", "ask the server for the manifest now"},
    {"download", "fetch what is on offer"},
    {"reset", "restart to start what is ready"},
    {"abort", "stop what is under way"},
    {"rollback", "give up the running image"},
    {"factory-reset", "go back to the factory image, and remove all others"},
    {"erase", "remove a version from the store"},
    {"configure", "change the settings, until the next start"},
    {NULL, NULL},
};

static const char *const setting_words[] = {
    [SETTING_PERIODIC] = "periodic",
    [SETTING_AUTO_UPDATE] = "auto-update",
    [SETTING_AUTO_RESET] = "auto-reset",
    [SETTING_INTERVAL] = "interval-s",
};

static void set_ask(void *to, uint32_t value)
{
    struct scenario_request *request = to;

    request->request = (enum ota_request)(OTA_REQUEST_CHECK + value);
}

static void set_meanwhile(void *to, uint32_t value)
{
    struct scenario_request *request = to;

    request->meanwhile = (enum ota_request)(OTA_REQUEST_CHECK + value);
}

static void set_when(void *to, uint32_t value)
{
    struct scenario_request *request = to;

    request->has_mark = true;
    request->mark = (enum log_event)value;
}

static void set_periodic(void *to, uint32_t value)
{
    struct scenario_settings *settings = &((struct scenario_request *)to)->settings;

    settings->changed |= 1u << SETTING_PERIODIC;
    settings->is_periodic = value;
}

static void set_auto_update(void *to, uint32_t value)
{
    struct scenario_settings *settings = &((struct scenario_request *)to)->settings;

    settings->changed |= 1u << SETTING_AUTO_UPDATE;
    settings->is_auto_update = value;
}

static void set_auto_reset(void *to, uint32_t value)
{
    struct scenario_settings *settings = &((struct scenario_request *)to)->settings;

    settings->changed |= 1u << SETTING_AUTO_RESET;
    settings->is_auto_reset = value;
}

static void set_interval(void *to, uint32_t value)
{
    struct scenario_settings *settings = &((struct scenario_request *)to)->settings;

    settings->changed |= 1u << SETTING_INTERVAL;
    settings->interval_s = value;
}

static const struct vocab_word request_words[] = {
    {.name = "ask",
     .text = "What it is asked for.",
     .type = VOCAB_CHOICE,
     .is_required = true,
     .noun = "request",
     .choices = ask_choices,
     .set = set_ask},
    {.name = "version",
     .text = "Which version: erase.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = UINT32_WORD_MAX,
     FIELD(scenario_request, version)},
    {.name = "when",
     .text = "Once this has happened, since the request before it.",
     .type = VOCAB_MARK,
     .set = set_when},
    {.name = "at-s",
     .text = "So many seconds after the start, and after the request before it; 0: at once.",
     .type = VOCAB_NUMBER,
     .max = 365 * DAY_S,
     FIELD(scenario_request, at_s)},
    {.name = "refused",
     .text = "The service must refuse it.",
     .type = VOCAB_BOOL,
     .fallback = "false",
     FIELD(scenario_request, is_refused)},
    {.name = "in-callback",
     .text = "It is asked in the service's next callback then, in the middle of what it does.",
     .type = VOCAB_BOOL,
     .fallback = "false",
     FIELD(scenario_request, is_in_callback)},
    {.name = "meanwhile",
     .text = "It is asked for this, too, before it does the other; it must refuse: one at a time.",
     .type = VOCAB_CHOICE,
     .noun = "request",
     .choices = ask_choices,
     .set = set_meanwhile},
    {.name = "periodic",
     .text = "Whether it checks by itself from then on: configure.",
     .type = VOCAB_BOOL,
     .set = set_periodic},
    {.name = "auto-update",
     .text = "Whether it downloads by itself from then on: configure.",
     .type = VOCAB_BOOL,
     .set = set_auto_update},
    {.name = "auto-reset",
     .text = "Whether it resets by itself from then on: configure.",
     .type = VOCAB_BOOL,
     .set = set_auto_reset},
    {.name = "interval-s",
     .text = "Seconds between update checks from then on: configure.",
     .type = VOCAB_NUMBER,
     .min = 1,
     .max = 7200,
     .set = set_interval},
    WHY,
    {0},
};

const struct vocab_object vocab_app_request_object = {
    .name = "request",
    .text = "Somebody asks the service for something; after a cut again, if it had no effect.",
    .words = request_words,
    .either = {"when", "at-s"},
};

static const struct vocab_word app_words[] = {
    {.name = "periodic",
     .text = "It checks for updates at its start and at each interval.",
     .type = VOCAB_BOOL,
     .fallback = "true",
     FIELD(scenario, app.is_periodic)},
    {.name = "auto-update",
     .text = "It downloads what is offered at once.",
     .type = VOCAB_BOOL,
     .fallback = "true",
     FIELD(scenario, app.is_auto_update)},
    {.name = "auto-reset",
     .text = "It resets at once when a new image is ready.",
     .type = VOCAB_BOOL,
     .fallback = "true",
     FIELD(scenario, app.is_auto_reset)},
    {.name = "sleeps",
     .text = "It calls the service when the service said, or was asked for something, not before.",
     .type = VOCAB_BOOL,
     .fallback = "false",
     FIELD(scenario, app.habits.sleeps)},
    {.name = "confirms-again",
     .text = "It says after each start that it is well, also when it was confirmed before.",
     .type = VOCAB_BOOL,
     .fallback = "false",
     FIELD(scenario, app.habits.confirms_again)},
    {.name = "requests",
     .text = "What it is asked for, one after the other.",
     .type = VOCAB_LIST,
     .max = SCENARIO_REQUESTS_MAX,
     .object = &vocab_app_request_object,
     ARRAY(scenario, app.requests, app.request_count)},
    WHY,
    {0},
};

const struct vocab_object vocab_app_object = {
    .name = "app",
    .text = "How the application uses the service.",
    .words = app_words,
};

const char *vocab_app_ask(enum ota_request request)
{
    return ask_choices[request - OTA_REQUEST_CHECK].name;
}

const char *vocab_app_setting(uint32_t index)
{
    return index < sizeof setting_words / sizeof setting_words[0] ? setting_words[index] : NULL;
}
