#ifndef SIM_EXPLORE_WORLD_H
#define SIM_EXPLORE_WORLD_H

#include "hal_posix/crypto_openssl.h"
#include "hal_posix/flash_ram.h"
#include "sim/device/crypto_memo.h"
#include "sim/device/device.h"
#include "sim/device/station.h"
#include "sim/device/transport_link.h"
#include "sim/explore/asker.h"
#include "sim/explore/judge.h"
#include "sim/scenario/fixture.h"
#include "sim/server/transport_mem.h"

/* One device with all that is around it: its flashes, the server, the judge. */
struct world {
    const struct scenario *scenario;
    struct fixture fixture;
    struct flash_ram nvm, spi;
    struct crypto_openssl openssl;
    struct crypto_memo crypto;
    struct transport_mem transport;
    struct device device;
    struct transport_link over_link;
    struct station station;
    struct asker asker;
    struct judge judge;
    struct flash_fault nvm_fault, spi_fault; /* in use when the scenario has flash faults */
    struct flash_fault_rule nvm_rules[SCENARIO_FLASH_FAULTS_MAX];
    struct flash_fault_rule spi_rules[SCENARIO_FLASH_FAULTS_MAX];
    uint32_t session_boots; /* since the power came on */
    uint32_t place_seen;    /* operations since then at the place of the next cut */
    uint32_t *wear_base;
    union device_ram *ram;
};

/* The images made, the flashes erased, the device never programmed. OTA_ERR_FULL: no memory;
 * OTA_ERR_SIZE: an image does not fit its size. Nothing to free then. */
OTA_MUST_USE enum ota_err world_init(struct world *world, const struct scenario *scenario);
void world_free(struct world *world);

/* A device as the scenario has it, at time 0, power off, watched by observer; server: what it
 * talks to. Its network is up, and its application does everything by itself. */
void world_begin(struct world *world, const struct server *server,
                 const struct device_observer *observer);

/* The network and the application as the scenario has them; after world_begin(). */
void world_use_scenario(struct world *world);

/* What the flashes are worn now is the base that wear is judged from. */
void world_note_wear(struct world *world);

#endif
