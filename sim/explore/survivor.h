#ifndef SIM_EXPLORE_SURVIVOR_H
#define SIM_EXPLORE_SURVIVOR_H

#include "sim/explore/key.h"
#include "sim/explore/world.h"

/*
 * What there is beside the flashes when no firmware runs: between two stages of a boot, at a reset,
 * when the power has gone. A few registers of the device; what the server, the station and whoever
 * asks remember; what the judge has seen. RAM is not part of it. Plain data.
 */
struct survivor_flash {
    bool is_unlocked;
    uint32_t open_from, open_to;
};

struct survivor {
    /* Of the device. */
    bool is_jumping;
    enum system_cause cause;
    bool has_watchdog;
    uint32_t watchdog_ms, watchdog_left_ms;
    struct survivor_flash nvm, spi;
    enum device_phase phase;
    /* Around it. */
    struct server_memory memory;
    uint64_t station_bytes, away_until_ms;
    uint32_t drops_done;
    struct asker asker;
    struct judge judge;
    uint32_t place_seen;
    uint32_t nvm_fault_calls[FLASH_FAULT_RULES_MAX], spi_fault_calls[FLASH_FAULT_RULES_MAX];
    /* How it came here: tells runs apart that go on alike. */
    uint64_t now_ms;
    uint64_t operations;
    uint32_t session_operations;
    uint32_t session_boots;
    uint32_t boots, requests;
};

/* Take it out of the world, whatever the firmware is doing / put it back, for the next stage. */
void survivor_take(const struct world *world, struct survivor *ret_survivor);
void survivor_give(const struct survivor *survivor, struct world *world);

/* The power goes at this moment of an operation. */
void survivor_cut(struct survivor *survivor, const struct world *world,
                  const struct power_operation *operation, enum power_moment moment);

/*
 * The same for two survivors that any firmware, server and judge would go on from alike: times
 * count only while something waits for one, a fault's requests only up to its last one, operations
 * of the session only where a cut has a number.
 */
struct key survivor_key(const struct survivor *survivor, const struct world *world);

#endif
