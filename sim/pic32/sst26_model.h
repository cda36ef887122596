#ifndef SIM_PIC32_SST26_MODEL_H
#define SIM_PIC32_SST26_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * An SST26VF032B at the level of its commands (facts: pic32.md 1, "SST26VF"). Programming and
 * erasing go to the flash below, through the supply that may go, when the chip select rises; the
 * device is then busy for the typical time. What a firmware should not do (write without WREN, ask
 * a busy device) has the effect it has on the device, and is complained of.
 */
struct chip;

/* How a command fares, once its address is there. */
enum sst26_answer {
    SST26_DOES,   /* as it should */
    SST26_STALLS, /* the bus stands still until the chip is deselected, and nothing is done */
    SST26_LIES,   /* of a read: one bit of the first byte is wrong */
};

#define SST26_MODEL_PAGE 256u

struct sst26_model {
    bool is_selected;
    bool is_ignored; /* the present command: the device is busy, or the bus stands still */
    bool is_stalled, is_lying;
    uint8_t command; /* of this selection */
    uint32_t count;  /* bytes of this selection */
    uint32_t address;
    bool is_write_enabled, is_reset_enabled;
    uint64_t busy_until;
    uint32_t polls;                 /* of the status, since it became busy */
    uint32_t data_count;            /* bytes of a page program; more than a page wrap */
    uint8_t data[SST26_MODEL_PAGE]; /* by place in the page */
};

/* The power came on. */
void sst26_model_power_on(struct sst26_model *sst26);

/* The chip select; what a rising edge starts happens here. */
void sst26_model_select(struct chip *chip, bool is_selected);

/* One byte each way. false: the command is not modelled, and the run stops. */
bool sst26_model_exchange(struct chip *chip, uint8_t out, uint8_t *ret_in);

#endif
