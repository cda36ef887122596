#include "sim/pic32/gpio.h"

#include <string.h>

#include "sim/pic32/chip.h"

#define BASE         0x1F820000u
#define FLASH_SELECT 0x0002u /* of port A */

enum { ANSEL = 0x00, TRIS = 0x10, PORT = 0x20, LAT = 0x30 };

void gpio_reset(struct gpio *gpio)
{
    memset(gpio->analog, 0xFF, sizeof gpio->analog);
    memset(gpio->input, 0xFF, sizeof gpio->input);
    memset(gpio->latch, 0, sizeof gpio->latch);
}

static uint32_t levels(const struct gpio *gpio, uint32_t port)
{
    uint32_t input = gpio->input[port];

    return (gpio->latch[port] & ~input) | (gpio->pins[port] & input & ~gpio->analog[port]);
}

/* An input does not drive the select line, which a resistor then keeps high. */
static bool is_flash_selected(const struct gpio *gpio)
{
    return !((gpio->input[0] | gpio->latch[0]) & FLASH_SELECT);
}

bool gpio_read(struct chip *chip, uint32_t reg, uint32_t *ret_value)
{
    const struct gpio *gpio = &chip->state.gpio;
    uint32_t port = (reg - BASE) / 0x100;

    switch (reg & 0xFF) {
    case ANSEL:
        *ret_value = gpio->analog[port];
        return true;
    case TRIS:
        *ret_value = gpio->input[port];
        return true;
    case PORT:
        *ret_value = levels(gpio, port);
        return true;
    case LAT:
        *ret_value = gpio->latch[port];
        return true;
    default:
        return false;
    }
}

bool gpio_write(struct chip *chip, const struct io_write *write)
{
    struct gpio *gpio = &chip->state.gpio;
    uint32_t port = (write->reg - BASE) / 0x100;

    switch (write->reg & 0xFF) {
    case ANSEL:
        gpio->analog[port] = io_merge(write, gpio->analog[port]);
        return true;
    case TRIS:
        gpio->input[port] = io_merge(write, gpio->input[port]);
        break;
    case PORT:
    case LAT:
        gpio->latch[port] = io_merge(write, gpio->latch[port]);
        break;
    default:
        return false;
    }
    sst26_model_select(chip, is_flash_selected(gpio));
    return true;
}
