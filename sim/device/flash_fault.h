#ifndef SIM_DEVICE_FLASH_FAULT_H
#define SIM_DEVICE_FLASH_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/flash.h"
#include "sim/device/device.h"

/*
 * A flash filter that does not do what it is told: an operation that reports an error (WRERR), a
 * unit that is worn, a word that cannot be read, a bus that spoils a bit. Plain data.
 */
enum flash_fault_kind {
    FLASH_FAULT_REFUSE,     /* programs and erases report an error; nothing is done */
    FLASH_FAULT_LOSE,       /* programs report success, and not all bits hold */
    FLASH_FAULT_UNREADABLE, /* reads report an error */
    FLASH_FAULT_LIE,        /* reads come with one wrong bit, in their first byte */
    FLASH_FAULT_KIND_COUNT
};

#define FLASH_FAULT_UNITS_MAX 1024
#define FLASH_FAULT_RULES_MAX 4

/* Which operations of the hardware and which reads go wrong: those that touch one of these erase
 * units. A record of boot control is several programs, of a double word each. */
struct flash_fault_rule {
    enum flash_fault_kind kind;
    uint32_t skip;   /* such that go well first */
    uint32_t times;  /* such that go wrong then; 0: all */
    uint32_t phases; /* bit set of enum device_phase: only then; 0: always */
    uint32_t units[FLASH_FAULT_UNITS_MAX / 32];
};

struct flash_fault {
    struct flash flash;
    struct flash *below;
    const struct flash_fault_rule *rules;
    uint32_t rule_count;
    uint32_t seen[FLASH_FAULT_RULES_MAX]; /* of those that a rule is about */
    uint32_t *fired;                      /* bit set of rules that took effect; for who watches */
    const enum device_phase *phase;       /* what the firmware is doing */
};

void flash_fault_init(struct flash_fault *fault, struct flash *below,
                      const struct flash_fault_rule *rules, uint32_t rule_count, uint32_t *fired);

/*
 * The same flash for a model of the bus: there an operation or a read fails when its command comes,
 * before anybody knows how long it is. Bits are still lost by the flash itself.
 */
struct flash_fault_bus {
    struct flash flash;
    struct flash_fault *fault;
};

void flash_fault_bus_init(struct flash_fault_bus *bus, struct flash_fault *fault);

/* Does this command fail, or lie? It counts as one operation or read, of the unit it begins in. */
bool flash_fault_bus_fails(struct flash_fault_bus *bus, enum flash_fault_kind kind,
                           uint32_t offset);

/* The rule is about this unit, too. */
void flash_fault_add_unit(struct flash_fault_rule *rule, uint32_t unit);

#endif
