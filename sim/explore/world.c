#include "sim/explore/world.h"

#include <stdlib.h>
#include <string.h>

#include "sim/explore/flash_places.h"

/* Without the ghosts. */
static uint32_t unit_count(const struct cells *cells)
{
    return cells->flash.size / cells->flash.erase_size;
}

static enum ota_err init_flashes(struct world *world)
{
    struct cells cells;

    cells_init_nvm(&cells, world->scenario->has_ecc);
    enum ota_err err = flash_ram_init(&world->nvm, &cells);
    if (err)
        return err;
    cells_init_sst26(&cells);
    cells.flash.size >>= world->scenario->store_halvings;
    err = flash_ram_init(&world->spi, &cells);
    if (err)
        return err;
    uint32_t units = unit_count(&world->nvm.cells) + unit_count(&world->spi.cells);
    world->wear_base = calloc(units, sizeof *world->wear_base);
    return world->wear_base ? OTA_OK : OTA_ERR_FULL;
}

enum ota_err world_init(struct world *world, const struct scenario *scenario)
{
    memset(world, 0, sizeof *world);
    world->scenario = scenario;
    enum ota_err err = fixture_make(scenario, &world->fixture);
    if (!err)
        err = init_flashes(world);
    crypto_openssl_init(&world->openssl);
    if (!err)
        err = crypto_memo_init(&world->crypto, &world->openssl.crypto);
    world->ram = malloc(sizeof *world->ram);
    if (!err && !world->ram)
        err = OTA_ERR_FULL;
    if (err)
        world_free(world);
    return err;
}

void world_free(struct world *world)
{
    flash_ram_free(&world->nvm);
    flash_ram_free(&world->spi);
    crypto_memo_free(&world->crypto);
    fixture_free(&world->fixture);
    free(world->wear_base);
    free(world->ram);
    memset(world, 0, sizeof *world);
}

void world_begin(struct world *world, const struct server *server,
                 const struct device_observer *observer)
{
    const struct scenario *scenario = world->scenario;
    struct device_config config = {
        .layout = &layout_mzw1,
        .policy = world->fixture.policy,
        .ota = ota_config_default,
        .boot = boot_options_default,
        .time_max_ms = (uint64_t)scenario->time_max_s * 1000,
    };

    strcpy(config.ota.manifest_url, "http://server" SERVER_MANIFEST);
    config.ota.images_max = scenario->images_max;
    config.ota.interval_s = scenario->interval_s;
    config.ota.confirm_within_s = scenario->confirm_within_s;
    config.boot.trials_max = scenario->trials_max;
    transport_mem_init(&world->transport, server);
    transport_mem_use_clock(&world->transport, &world->device.clock);
    device_init(&world->device, &config, &world->nvm.cells, &world->spi.cells,
                &world->crypto.crypto, &world->transport.transport, world->ram);
    world->device.observer = *observer;
    judge_init(&world->judge, scenario, &world->fixture, &world->nvm.cells, &world->spi.cells,
               world->wear_base);
    if (!scenario->is_virgin)
        judge_note_confirmed(&world->judge, scenario->installed_count
                                                ? scenario->installed[scenario->installed_count - 1]
                                                : scenario->factory);
}

void world_use_scenario(struct world *world)
{
    const struct scenario *scenario = world->scenario;
    const struct scenario_network *network = &scenario->network;
    struct ota_config *config = &world->device.config.ota;

    config->is_periodic = scenario->app.is_periodic;
    config->is_auto_update = scenario->app.is_auto_update;
    config->is_auto_reset = scenario->app.is_auto_reset;
    world->device.config.habits = scenario->app.habits;
    world->device.is_factory_pin_held = scenario->is_factory_pin_held;
    world->asker = (struct asker){0};
    flash_places_use(world);
    if (!network->has_link)
        return;
    station_init(&world->station, &world->device.clock, &network->air, network->ssid,
                 network->passphrase);
    world->device.hal.link = &world->station.link;
    transport_link_init(&world->over_link, &world->transport.transport, &world->station);
    world->device.hal.transport = &world->over_link.transport;
}

void world_note_wear(struct world *world)
{
    const struct cells *both[] = {&world->nvm.cells, &world->spi.cells};
    uint32_t *base = world->wear_base;

    for (int f = 0; f < 2; f++)
        for (uint32_t i = 0; i < unit_count(both[f]); i++)
            *base++ = both[f]->units[i].erases;
}
