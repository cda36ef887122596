#include "sim/device/station.h"

#include <string.h>

static const char *const names[] = {"no access point", "wrong passphrase", "no address", "up"};

static bool station_is_up(struct link *link)
{
    return station_state((struct station *)link) == STATION_UP;
}

static const struct link_ops ops = {.is_up = station_is_up};

static void copy_text(char *to, size_t size, const char *from)
{
    size_t length = strnlen(from, size - 1);

    memcpy(to, from, length);
    to[length] = '\0';
}

void station_init(struct station *station, struct clock *clock, const struct station_air *air,
                  const char *ssid, const char *passphrase)
{
    *station = (struct station){.link = {&ops}, .clock = clock, .air = *air};
    copy_text(station->ssid, sizeof station->ssid, ssid);
    copy_text(station->passphrase, sizeof station->passphrase, passphrase);
}

/* The next drop, if it is due. */
static void drop(struct station *station)
{
    uint64_t now_ms = clock_now_ms(station->clock);
    const struct station_drop *next = &station->air.drops[station->drops_done];

    if (station->drops_done == station->air.drop_count)
        return;
    if (next->at_byte ? station->bytes < next->at_byte : now_ms < next->at_ms)
        return;
    station->drops_done++;
    station->away_until_ms = (next->at_byte ? now_ms : next->at_ms) + next->for_ms;
}

enum station_state station_state(struct station *station)
{
    uint64_t now_ms = clock_now_ms(station->clock);
    const struct station_air *air = &station->air;

    drop(station);
    if (now_ms < air->absent_ms || now_ms < station->away_until_ms ||
        strcmp(station->ssid, air->ssid) != 0)
        return STATION_NO_ACCESS_POINT;
    if (strcmp(station->passphrase, air->passphrase) != 0)
        return STATION_WRONG_PASSPHRASE;
    return now_ms < air->no_address_ms ? STATION_NO_ADDRESS : STATION_UP;
}

void station_received(struct station *station, uint32_t bytes)
{
    station->bytes += bytes;
    drop(station);
}

const char *station_state_name(enum station_state state)
{
    return names[state];
}
