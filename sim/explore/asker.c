#include "sim/explore/asker.h"

#include "core/admit.h"

/* How it shows that a request took effect. */
static const enum log_event effects[OTA_REQUEST_COUNT + 1] = {
    [OTA_REQUEST_CHECK] = LOG_OTA_CHECK,       [OTA_REQUEST_DOWNLOAD] = LOG_OTA_DOWNLOAD,
    [OTA_REQUEST_RESET] = LOG_OTA_RESET,       [OTA_REQUEST_ABORT] = LOG_OTA_ABORTED,
    [OTA_REQUEST_ROLLBACK] = LOG_OTA_ROLLBACK, [OTA_REQUEST_FACTORY_RESET] = LOG_OTA_FACTORY_RESET,
    [OTA_REQUEST_ERASE] = LOG_OTA_ERASED,      [SCENARIO_CONFIGURE] = LOG_EVENT_COUNT,
};

static const struct scenario_request *current(const struct asker *asker,
                                              const struct scenario *scenario)
{
    return asker->next < scenario->app.request_count ? &scenario->app.requests[asker->next] : NULL;
}

static void go_on(struct asker *asker)
{
    asker->next++;
    asker->is_due = asker->is_asked = false;
}

static bool is_refusal(enum log_event event)
{
    return event == LOG_OTA_REQUEST_REFUSED || event == LOG_OTA_ERASE_FAILED;
}

/* What was asked for has come to something: it took effect, or was refused. */
static void note_outcome(struct asker *asker, const struct scenario_request *request,
                         enum log_event event)
{
    if (event == effects[request->request]) {
        asker->is_granted |= request->is_refused;
        go_on(asker);
    } else if (is_refusal(event)) {
        asker->is_asked = false;
        if (request->is_refused)
            go_on(asker);
    }
}

void asker_log(struct asker *asker, const struct scenario *scenario, enum log_event event)
{
    const struct scenario_request *request = current(asker, scenario);

    if (asker->is_second)
        return;
    if (request && asker->is_asked)
        note_outcome(asker, request, event);
    request = current(asker, scenario);
    if (request && request->has_mark && event == request->mark)
        asker->is_due = true;
}

void asker_cut(struct asker *asker)
{
    asker->next = 0;
    asker->is_due = asker->is_asked = false;
    asker->was_cut = true;
}

/* Will it be made, as things are? */
static bool is_possible(const struct scenario_request *request, struct ota *ota)
{
    return request->request == SCENARIO_CONFIGURE || request->is_refused ||
           admit_request(ota, request->request, request->version) == OTA_OK;
}

void asker_rest(struct asker *asker, const struct scenario *scenario, struct ota *ota)
{
    const struct scenario_request *request;

    while (asker->was_cut && !asker->is_asked && (request = current(asker, scenario)) != NULL) {
        if (request->has_mark && !request->is_refused)
            asker->is_due = true;
        if (request->is_in_callback) {
            go_on(asker); /* nobody knows which callback it would have been */
            continue;
        }
        if (asker->is_due ? is_possible(request, ota) : !request->has_mark)
            return;
        go_on(asker);
    }
}

static void configure(struct ota *ota, const struct scenario_settings *settings)
{
    struct ota_config config = ota->config;

    if (settings->changed & 1u << SETTING_PERIODIC)
        config.is_periodic = settings->is_periodic;
    if (settings->changed & 1u << SETTING_AUTO_UPDATE)
        config.is_auto_update = settings->is_auto_update;
    if (settings->changed & 1u << SETTING_AUTO_RESET)
        config.is_auto_reset = settings->is_auto_reset;
    if (settings->changed & 1u << SETTING_INTERVAL)
        config.interval_s = settings->interval_s;
    ota_configure(ota, &config);
}

static void ask(struct asker *asker, const struct scenario_request *request, struct ota *ota)
{
    if (request->request == SCENARIO_CONFIGURE) {
        configure(ota, &request->settings);
        go_on(asker);
        return;
    }
    if (!request->is_refused && admit_request(ota, request->request, request->version))
        return;
    asker->is_asked = true;
    if (ota_ask(ota, request->request, request->version) || !request->meanwhile)
        return; /* the log says so */
    asker->is_second = true;
    asker->is_granted |= ota_ask(ota, request->meanwhile, request->version) == OTA_OK;
    asker->is_second = false;
}

/* A person asks one image; the other one has its own mind. */
static void ask_same(struct asker *asker, const struct scenario_request *request, struct ota *ota)
{
    uint32_t *version = &asker->versions[asker->next];

    if (!*version)
        *version = ota_version(ota);
    if (*version == ota_version(ota))
        ask(asker, request, ota);
    else
        go_on(asker);
}

void asker_callback(struct asker *asker, const struct scenario *scenario, struct ota *ota)
{
    const struct scenario_request *request = current(asker, scenario);

    if (request && request->is_in_callback && asker->is_due && !asker->is_asked)
        ask_same(asker, request, ota);
}

void asker_round(struct asker *asker, const struct scenario *scenario, struct ota *ota,
                 uint64_t now_ms, struct judge *judge)
{
    const struct scenario_request *request = current(asker, scenario);

    if (asker->is_granted)
        judge_fail(judge, CLAIM_ALWAYS, "request %u was not refused", asker->next);
    if (!request || asker->is_asked)
        return;
    if (!request->has_mark && now_ms >= (uint64_t)request->at_s * 1000)
        asker->is_due = true;
    if (asker->is_due && !request->is_in_callback)
        ask_same(asker, request, ota);
}

bool asker_is_waiting(const struct asker *asker, const struct scenario *scenario, struct ota *ota)
{
    const struct scenario_request *request = current(asker, scenario);

    if (!request)
        return false;
    if (asker->is_due && !asker->is_asked)
        return is_possible(request, ota);
    return asker->is_asked || !request->has_mark;
}
