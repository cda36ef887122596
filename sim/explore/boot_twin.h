#ifndef SIM_EXPLORE_BOOT_TWIN_H
#define SIM_EXPLORE_BOOT_TWIN_H

#include "sim/explore/key.h"
#include "sim/explore/world.h"

/*
 * One start of a device, done by the bootloader of this PC where nobody sees it, and then compared
 * with what another bootloader does from the same flashes: the same operations with the same
 * content, the same events with the same arguments, in the same order, to the same end. So the
 * flashes are the same in the end, too. The first difference fails the run.
 */
#define BOOT_TWIN_TEXT_MAX 120

/* An operation, or an event. */
struct boot_twin_act {
    bool is_operation, is_spi;
    enum power_kind kind;
    uint32_t offset, size;
    struct key content;            /* of a program */
    char text[BOOT_TWIN_TEXT_MAX]; /* of an event */
};

struct boot_twin {
    struct world *world;
    /* What a weak unit reads as, as in the run that is compared (struct cells). */
    bool (*reads_otherwise)(void *context, struct cells *cells, uint32_t unit);
    struct boot_twin_act *acts;
    uint32_t count, capacity;
    uint32_t next; /* the one that must come next */
    enum device_end end;
};

void boot_twin_init(struct boot_twin *twin, struct world *world);
void boot_twin_free(struct boot_twin *twin);

/* Do it, and go back to where the world was. */
void boot_twin_run(struct boot_twin *twin);

/* The other one does this / says this / ends so. Where it differs the judge's claim fails; false
 * then. */
bool boot_twin_operation(struct boot_twin *twin, const struct power_operation *operation);
bool boot_twin_event(struct boot_twin *twin, const char *text);
bool boot_twin_end(struct boot_twin *twin, enum device_end end);

#endif
