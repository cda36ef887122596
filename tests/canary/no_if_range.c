/* Goes on with a download without asking whether it is still the same file. */
#include "tests/canary/canary.h"

#include <string.h>

#include "core/fetch.h"
#include "tests/scene.h"

enum ota_err __real_fetch_start(struct fetch *fetch, const struct hal *hal, struct store *store,
                                const char *url, const uint8_t digest[CRYPTO_SHA256_SIZE],
                                uint32_t size_max, uint8_t *buffer);
enum ota_err __wrap_fetch_start(struct fetch *fetch, const struct hal *hal, struct store *store,
                                const char *url, const uint8_t digest[CRYPTO_SHA256_SIZE],
                                uint32_t size_max, uint8_t *buffer);

/* A transport that neither asks for nor shows validators; all files look the same. */
static struct {
    struct transport transport;
    struct transport *below;
    struct transport_response response;
} blind;

static enum ota_err blind_open(struct transport *transport, const struct transport_request *request)
{
    struct transport_request asked = *request;

    (void)transport;
    asked.validator = NULL;
    return transport_open(blind.below, &asked);
}

static enum transport_state blind_poll(struct transport *transport)
{
    (void)transport;
    return transport_poll(blind.below);
}

static const struct transport_response *blind_response(struct transport *transport)
{
    (void)transport;
    blind.response = *transport_response(blind.below);
    strcpy(blind.response.validator, "any");
    return &blind.response;
}

static uint32_t blind_read(struct transport *transport, void *data, uint32_t size)
{
    (void)transport;
    return transport_read(blind.below, data, size);
}

static enum ota_err blind_failure(struct transport *transport)
{
    (void)transport;
    return transport_failure(blind.below);
}

static void blind_close(struct transport *transport)
{
    (void)transport;
    transport_close(blind.below);
}

static const struct transport_ops ops = {
    .open = blind_open,
    .poll = blind_poll,
    .response = blind_response,
    .read = blind_read,
    .failure = blind_failure,
    .close = blind_close,
};

enum ota_err __wrap_fetch_start(struct fetch *fetch, const struct hal *hal, struct store *store,
                                const char *url, const uint8_t digest[CRYPTO_SHA256_SIZE],
                                uint32_t size_max, uint8_t *buffer)
{
    static struct hal with_blind;

    with_blind = *hal;
    if (canary_is_awake) {
        blind.below = hal->transport;
        blind.transport.ops = &ops;
        with_blind.transport = &blind.transport;
        hal = &with_blind;
    }
    return __real_fetch_start(fetch, hal, store, url, digest, size_max, buffer);
}

/* Half of another file came, then the right one is there: what is put together of both has to be
 * fetched once more, which the budget does not give. */
static void make(struct scenario *scenario)
{
    struct scenario_stage *stage = &scenario->stages[0];

    scene_update(scenario);
    scenario->images[1].size = 4 * SCENE_SIZE;
    stage->faults[stage->fault_count++] =
        (struct scenario_fault){.kind = FAULT_CHANGED, .on = FAULT_ON_IMAGES, .times = 1};
    stage->faults[stage->fault_count++] = (struct scenario_fault){.kind = FAULT_RESET_AFTER,
                                                                  .on = FAULT_ON_IMAGES,
                                                                  .at = 50,
                                                                  .at_is_percent = true,
                                                                  .times = 1};
    scenario->operations_max = 600;
}

const struct canary canary = {make, false, CLAIM_TIME,
                              "bounded time (I8): more than 600 operations"};
