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

/* When the power goes, seen from an operation. Each is a letter in a point's name. */
enum power_moment {
    POWER_INSIDE,    /* t: a program, with a prefix done; an erase, with some bits set */
    POWER_SUFFIX,    /* s: a program, with the last part done */
    POWER_ONE_BIT,   /* o: a program, with one bit cleared */
    POWER_MOST_BITS, /* m: a program, with all but one bit cleared */
    POWER_SOME_BITS, /* x: a program, with some bits cleared */
    POWER_NOTHING,   /* n: an erase that shows nothing yet */
    POWER_LOW_HALF,  /* l: an erase, with the first half done */
    POWER_HIGH_HALF, /* h: an erase, with the second half done */
    POWER_WEAK,      /* w: an erase that looks done or not, at each boot anew */
    POWER_AFTER,     /* a: behind it */
    POWER_MOMENT_COUNT
};

#define POWER_LETTERS "tsomxnlhwa"

/* What a scenario explores when it does not say. An erase works on all cells of its unit at once,
 * so halves are for who asks for them. */
#define POWER_USUAL                                                                                \
    (1u << POWER_INSIDE | 1u << POWER_MOST_BITS | 1u << POWER_WEAK | 1u << POWER_AFTER)

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
    /* Does the power go at this moment? Called for each that the kind has, before the operation is
     * done; for POWER_AFTER behind it. NULL: never. */
    bool (*goes)(void *context, const struct power_operation *operation, enum power_moment moment);
    /* The power is gone; must not return. */
    void (*gone)(void *context);
    /* An operation is about to be done; NULL: nobody looks. */
    void (*seen)(void *context, const struct power_operation *operation);
    void *context;
};

/* What the firmware used of a flash; a bit for each unit. */
#define POWER_USE_UNITS 1152 /* of the largest flash, and some */
#define POWER_USE_WORDS (POWER_USE_UNITS / 64)

struct power_use {
    uint64_t looked[POWER_USE_WORDS];  /* read or programmed before it was erased, if ever */
    uint64_t touched[POWER_USE_WORDS]; /* programmed or erased */
};

struct power {
    struct flash flash;
    struct flash_nor *below;
    struct power_supply *supply;
    struct power_use *use; /* noted there; NULL: nobody wants to know */
};

void power_init(struct power *power, struct flash_nor *below, struct power_supply *supply);

/* A read of this part of the flash that does not go by a struct power; use may be NULL. */
void power_note_look(struct power_use *use, const struct flash *flash, uint32_t offset,
                     uint32_t size);

/* Does an operation of this kind have this moment? */
bool power_has_moment(enum power_kind kind, enum power_moment moment);

/* Do to the cells what a cut at this moment does; nothing for POWER_AFTER. The damage follows from
 * the place, the moment and the bytes, and is the same in every run. */
void power_tear(const struct power_operation *operation, enum power_moment moment);

#endif
