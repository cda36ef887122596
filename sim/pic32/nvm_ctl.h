#ifndef SIM_PIC32_NVM_CTL_H
#define SIM_PIC32_NVM_CTL_H

#include "sim/pic32/io.h"

/*
 * The program flash controller (facts: pic32.md 1, "NVM operations"). An operation is done on the
 * flash below at once, through the supply that may go, and takes its time: WR stays set. Times are
 * assumptions, as the facts give none.
 */
#define NVM_CTL_PAGE_US 20000u /* erase of a page */
#define NVM_CTL_ROW_US  1500u
#define NVM_CTL_WORD_US 60u

struct nvm_ctl {
    uint32_t control, address, source, data[8];
    uint32_t lower, upper, boot_lower, boot_upper; /* write protection */
    uint32_t keys; /* of the unlock sequence: how many were written, one behind the other */
    uint64_t busy_until;
    uint32_t polls;         /* of WR, since the operation began */
    bool is_completion_due; /* the interrupt is still to come */
    bool is_supply_low;     /* an operation now ends with LVDERR */
};

void nvm_ctl_reset(struct nvm_ctl *nvm);

bool nvm_ctl_read(struct chip *chip, uint32_t reg, uint32_t *ret_value);
bool nvm_ctl_write(struct chip *chip, const struct io_write *write);

/* Any store to a register, before it is done: another one breaks the unlock sequence. */
void nvm_ctl_note_store(struct chip *chip, uint32_t reg);

/* Raise the interrupt of an operation that is over by now. */
void nvm_ctl_service(struct chip *chip);

#endif
