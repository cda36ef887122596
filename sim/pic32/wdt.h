#ifndef SIM_PIC32_WDT_H
#define SIM_PIC32_WDT_H

#include "sim/pic32/io.h"

/*
 * The watchdog: 2^RUNDIV milliseconds; RUNDIV comes from the configuration words, whose layout is
 * not known here, and is a parameter of the model. Windowed mode is not modelled.
 */
#define WDT_RUNDIV_DEFAULT 14u /* 16.4 s */

struct wdt {
    uint32_t rundiv;
    bool is_on;
    uint64_t bites_at; /* cycles */
};

/* Off; the period stays. */
void wdt_reset(struct wdt *wdt);

bool wdt_read(struct chip *chip, uint32_t reg, uint32_t *ret_value);
bool wdt_write(struct chip *chip, const struct io_write *write);

#endif
