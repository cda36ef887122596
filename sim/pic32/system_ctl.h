#ifndef SIM_PIC32_SYSTEM_CTL_H
#define SIM_PIC32_SYSTEM_CTL_H

#include "sim/pic32/io.h"

/*
 * What concerns the chip as a whole: the system key, the reset controller, and the configuration
 * registers that only hold what is written (clocks and flash ECC are not changed by them).
 */
#define SYSTEM_CTL_POR  0x01u /* bits of RCON */
#define SYSTEM_CTL_BOR  0x02u
#define SYSTEM_CTL_WDTO 0x10u
#define SYSTEM_CTL_SWR  0x40u
#define SYSTEM_CTL_EXTR 0x80u

struct system_ctl {
    uint32_t rcon; /* the only one that a reset leaves alone */
    uint32_t keys; /* of the unlock sequence: how many were written; 2: unlocked */
    bool is_reset_armed;
    uint32_t configuration[3], prefetch;
};

/* cause: the bit of RCON that tells of this reset; SYSTEM_CTL_POR | SYSTEM_CTL_BOR: power-on. */
void system_ctl_reset(struct system_ctl *system, uint32_t cause);

bool system_ctl_read(struct chip *chip, uint32_t reg, uint32_t *ret_value);
bool system_ctl_write(struct chip *chip, const struct io_write *write);

#endif
