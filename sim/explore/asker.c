#include "sim/explore/asker.h"

#include "core/admit.h"

/* How it shows that a request took effect. */
static const enum log_event effects[OTA_REQUEST_COUNT] = {
    [OTA_REQUEST_CHECK] = LOG_OTA_CHECK,       [OTA_REQUEST_DOWNLOAD] = LOG_OTA_DOWNLOAD,
    [OTA_REQUEST_RESET] = LOG_OTA_RESET,       [OTA_REQUEST_ABORT] = LOG_OTA_ABORTED,
    [OTA_REQUEST_ROLLBACK] = LOG_OTA_ROLLBACK, [OTA_REQUEST_FACTORY_RESET] = LOG_OTA_FACTORY_RESET,
    [OTA_REQUEST_ERASE] = LOG_OTA_ERASED,
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

void asker_log(struct asker *asker, const struct scenario *scenario, enum log_event event)
{
    const struct scenario_request *request = current(asker, scenario);

    if (!request)
        return;
    if (asker->is_asked && event == effects[request->request])
        go_on(asker);
    else if (request->has_mark && event == request->mark)
        asker->is_due = true;
}

void asker_cut(struct asker *asker)
{
    asker->next = 0;
    asker->is_due = asker->is_asked = false;
    asker->was_cut = true;
}

void asker_rest(struct asker *asker)
{
    if (asker->was_cut)
        asker->is_due = true;
}

static void ask_in_vain(struct asker *asker, const struct scenario_request *request,
                        struct ota *ota, struct judge *judge)
{
    if (ota_ask(ota, request->request, request->version) == OTA_OK)
        judge_fail(judge, CLAIM_ALWAYS, "request %u was not refused", asker->next + 1);
    go_on(asker);
}

void asker_round(struct asker *asker, const struct scenario *scenario, struct ota *ota,
                 uint64_t now_ms, struct judge *judge)
{
    const struct scenario_request *request = current(asker, scenario);

    if (!request || asker->is_asked)
        return;
    if (!request->has_mark && now_ms >= (uint64_t)request->at_s * 1000)
        asker->is_due = true;
    if (!asker->is_due)
        return;
    if (request->is_refused) {
        ask_in_vain(asker, request, ota, judge);
        return;
    }
    uint32_t *version = &asker->versions[asker->next];
    if (!*version)
        *version = ota_version(ota);
    if (*version != ota_version(ota)) {
        go_on(asker);
        return;
    }
    if (admit_request(ota, request->request, request->version) == OTA_OK &&
        ota_ask(ota, request->request, request->version) == OTA_OK)
        asker->is_asked = true;
}

bool asker_is_waiting(const struct asker *asker, const struct scenario *scenario, struct ota *ota)
{
    const struct scenario_request *request = current(asker, scenario);

    if (!request)
        return false;
    if (asker->is_due)
        return admit_request(ota, request->request, request->version) == OTA_OK;
    return asker->is_asked || !request->has_mark;
}
