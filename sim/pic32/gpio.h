#ifndef SIM_PIC32_GPIO_H
#define SIM_PIC32_GPIO_H

#include "sim/pic32/io.h"

/* Ports A to K as plain pins: ANSEL, TRIS, PORT and LAT. RA1 selects the SPI flash (low). */
#define GPIO_PORTS 10

struct gpio {
    uint32_t analog[GPIO_PORTS], input[GPIO_PORTS], latch[GPIO_PORTS];
    uint32_t pins[GPIO_PORTS]; /* what is outside, seen on inputs */
};

/* All pins become inputs; what is outside stays. */
void gpio_reset(struct gpio *gpio);

bool gpio_read(struct chip *chip, uint32_t reg, uint32_t *ret_value);
bool gpio_write(struct chip *chip, const struct io_write *write);

#endif
