#ifndef SIM_DEVICE_STATION_H
#define SIM_DEVICE_STATION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/link.h"

/*
 * The Wi-Fi station of the simulated device behind the link seam, and the access point it looks
 * for. It joins by itself: finds the name, shows the passphrase, gets an address, each of which
 * takes its time or does not work. Plain data: a copy is a snapshot.
 */
#define STATION_NAME_MAX  33 /* an SSID is at most 32 bytes */
#define STATION_DROPS_MAX 4

struct station_drop {
    uint32_t at_byte; /* of all bodies the device received since the start of the run; 0: at_ms */
    uint32_t at_ms;   /* since the start of the run */
    uint32_t for_ms;
};

/* What is in the air. */
struct station_air {
    char ssid[STATION_NAME_MAX];
    char passphrase[64];
    uint32_t absent_ms;     /* the access point is switched on this long after the start */
    uint32_t no_address_ms; /* and gives addresses this long after the start */
    uint32_t drop_count;
    struct station_drop drops[STATION_DROPS_MAX]; /* each happens once, in this order */
};

enum station_state {
    STATION_NO_ACCESS_POINT,
    STATION_WRONG_PASSPHRASE,
    STATION_NO_ADDRESS,
    STATION_UP,
};

struct station {
    struct link link;
    struct clock *clock;
    char ssid[STATION_NAME_MAX]; /* what the device was configured with */
    char passphrase[64];
    struct station_air air;
    uint64_t bytes;
    uint32_t drops_done;
    uint64_t away_until_ms; /* of the drop that happened last */
};

void station_init(struct station *station, struct clock *clock, const struct station_air *air,
                  const char *ssid, const char *passphrase);

enum station_state station_state(struct station *station);

/* The device received bytes of a body; a drop that is due happens. */
void station_received(struct station *station, uint32_t bytes);

/* "up", "no access point" and so on. */
const char *station_state_name(enum station_state state);

#endif
