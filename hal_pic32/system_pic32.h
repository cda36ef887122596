#ifndef HAL_PIC32_SYSTEM_PIC32_H
#define HAL_PIC32_SYSTEM_PIC32_H

#include "core/system.h"

/*
 * The system seam. The watchdog's period is what the configuration words say, whatever is asked
 * for: the chip has no register for it. There is no factory reset pin.
 */
struct system_pic32 {
    struct system system;
    enum system_cause cause;
    uint32_t random;
};

/* In the bootloader: the cause is read from RCON, which is cleared for the next reset. */
void system_pic32_init(struct system_pic32 *pic32);

/* In the application: the bootloader handed the cause over. */
void system_pic32_init_with(struct system_pic32 *pic32, enum system_cause cause);

__attribute__((noreturn)) void system_pic32_reset(void);

#endif
