#include "sim/device/forecast.h"

#include <stdlib.h>

#include "hal_posix/crypto_openssl.h"
#include "hal_posix/log_text.h"

#define BOOTS_MAX 8 /* a bootloader that resets itself more often does nothing else */

struct forecast {
    struct device device;
    union device_ram ram;
    struct crypto_openssl crypto;
    struct transport no_network;
    struct forecast_cut cut;
    void (*line)(void *context, const char *text);
    void *context;
    uint32_t version;
};

static void close_nothing(struct transport *transport)
{
    (void)transport;
}

/* The bootloader has no network, and the device closes it at each reset. */
static const struct transport_ops no_network_ops = {.close = close_nothing};

static void on_log(void *context, enum log_event event, const uint32_t args[3])
{
    struct forecast *forecast = context;
    char text[160];

    log_text_format(event, args, text, sizeof text);
    if (forecast->line)
        forecast->line(forecast->context, text);
}

static void on_start(void *context, uint32_t address, const struct bootctl_record *record)
{
    (void)address;
    ((struct forecast *)context)->version = record->version;
}

static bool goes(void *context, const struct power_operation *operation, enum power_moment moment)
{
    const struct forecast_cut *cut = &((struct forecast *)context)->cut;

    return operation->number == cut->operation && moment == cut->moment;
}

enum device_end forecast_run(struct folder *folder, const struct forecast_cut *cut,
                             void (*line)(void *context, const char *text), void *context,
                             uint32_t *ret_version)
{
    struct forecast *forecast = calloc(1, sizeof *forecast);
    struct device_config config = {.layout = folder->layout,
                                   .policy = folder->policy,
                                   .ota = ota_config_default,
                                   .boot = boot_options_default};
    enum device_end end = DEVICE_STUCK;

    if (!forecast)
        return end;
    forecast->no_network.ops = &no_network_ops;
    forecast->line = line;
    forecast->context = context;
    if (cut)
        forecast->cut = *cut;
    crypto_openssl_init(&forecast->crypto);
    device_init(&forecast->device, &config, &folder->nvm.cells, &folder->spi.cells,
                &forecast->crypto.crypto, &forecast->no_network, &forecast->ram);
    forecast->device.observer = (struct device_observer){
        .log = on_log, .started = on_start, .goes = goes, .context = forecast};
    device_power_on(&forecast->device);
    for (int i = 0; i < BOOTS_MAX; i++) {
        end = device_run_stage(&forecast->device);
        if (end != DEVICE_RESET)
            break;
    }
    *ret_version = forecast->version;
    free(forecast);
    return end;
}
