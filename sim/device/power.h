#ifndef SIM_DEVICE_POWER_H
#define SIM_DEVICE_POWER_H

#include <stdbool.h>
#include <stdint.h>

#include "hal_posix/flash_nor.h"

/*
 * The supply as a flash filter: it splits what the firmware asks for into operations as the
 * hardware does them (one erase unit, one row or program unit), counts them over all flashes of the
 * device, and asks at each moment whether the power goes now.
 */
enum power_kind { POWER_PROGRAM, POWER_ERASE };

enum power_moment {
    POWER_INSIDE, /* in the middle of the operation: 't' in a point's name */
    POWER_WEAK,   /* in the middle of an erase that looks done and is not: 'w' */
    POWER_AFTER,  /* 'a' */
    POWER_MOMENT_COUNT
};

struct power_operation {
    uint32_t number; /* from 1, since the power came on */
    enum power_kind kind;
    struct power *power;
    uint32_t offset;
    uint32_t size;
    const void *data; /* of a program */
};

struct power_supply {
    uint32_t operations; /* since the power came on */
    /* Does the power go at this moment? Called for POWER_INSIDE (and POWER_WEAK of an erase) before
     * the operation is done, for POWER_AFTER behind it. NULL: never. */
    bool (*goes)(void *context, const struct power_operation *operation, enum power_moment moment);
    /* The power is gone; must not return. */
    void (*gone)(void *context);
    /* An operation is about to be done; NULL: nobody looks. */
    void (*seen)(void *context, const struct power_operation *operation);
    void *context;
};

struct power {
    struct flash flash;
    struct flash_nor *below;
    struct power_supply *supply;
};

void power_init(struct power *power, struct flash_nor *below, struct power_supply *supply);

/* Do to the cells what a cut at this moment does; nothing for POWER_AFTER. The damage follows from
 * the operation and salt, and is the same in every run. */
void power_tear(const struct power_operation *operation, enum power_moment moment, uint32_t salt);

#endif
