#include "sim/pic32/system_ctl.h"

#include "sim/pic32/chip.h"

enum {
    CFGCON0 = 0x1F800000,
    CFGCON2 = 0x1F800020,
    SYSKEY = 0x1F800080,
    SPLLCON = 0x1F801220,
    UPLLCON = 0x1F801230,
    RCON = 0x1F801260,
    RSWRST = 0x1F801270,
    PRECON = 0x1F812400,
};

#define KEY1      0xAA996655u
#define KEY2      0x556699AAu
#define UNLOCKED  2
#define SWRST     1u
#define PLL_LOCK  0x20000000u
#define RCON_BITS 0xCF0007FFu

void system_ctl_reset(struct system_ctl *system, uint32_t cause)
{
    uint32_t rcon = system->rcon | cause;

    if (cause & SYSTEM_CTL_POR)
        rcon = cause;
    *system = (struct system_ctl){.rcon = rcon};
}

static void write_key(struct system_ctl *system, uint32_t value)
{
    if (value == KEY2 && system->keys == 1)
        system->keys = UNLOCKED;
    else
        system->keys = value == KEY1;
}

static bool arm_reset(struct chip *chip, const struct io_write *write)
{
    struct system_ctl *system = &chip->state.system;

    if (system->keys != UNLOCKED)
        chip_complain(chip, "RSWRST is written without the system key");
    else
        system->is_reset_armed = io_merge(write, system->is_reset_armed) & SWRST;
    return true;
}

/* The read is what resets. */
static bool read_reset(struct chip *chip, uint32_t *ret_value)
{
    *ret_value = chip->state.system.is_reset_armed;
    if (!chip->state.system.is_reset_armed)
        return true;
    chip_end_with(chip, CHIP_RESET);
    return false;
}

bool system_ctl_read(struct chip *chip, uint32_t reg, uint32_t *ret_value)
{
    const struct system_ctl *system = &chip->state.system;

    if (reg >= CFGCON0 && reg <= CFGCON2 && reg % 16 == 0)
        *ret_value = system->configuration[(reg - CFGCON0) / 16];
    else if (reg == SYSKEY)
        *ret_value = system->keys == UNLOCKED;
    else if (reg == SPLLCON || reg == UPLLCON)
        *ret_value = PLL_LOCK;
    else if (reg == RCON)
        *ret_value = system->rcon;
    else if (reg == PRECON)
        *ret_value = system->prefetch;
    else if (reg == RSWRST)
        return read_reset(chip, ret_value);
    else
        return false;
    return true;
}

static bool write_configuration(struct chip *chip, const struct io_write *write)
{
    struct system_ctl *system = &chip->state.system;
    uint32_t *content = &system->configuration[(write->reg - CFGCON0) / 16];

    if (system->keys != UNLOCKED)
        chip_complain(chip, "CFGCON is written without the system key");
    else
        *content = io_merge(write, *content);
    return true;
}

bool system_ctl_write(struct chip *chip, const struct io_write *write)
{
    struct system_ctl *system = &chip->state.system;
    uint32_t reg = write->reg;

    if (reg != SYSKEY && system->keys == 1)
        system->keys = 0;
    if (reg >= CFGCON0 && reg <= CFGCON2)
        return write_configuration(chip, write);
    if (reg == SYSKEY && write->how == IO_WRITE)
        write_key(system, write->value);
    else if (reg == RCON)
        system->rcon = io_merge(write, system->rcon) & RCON_BITS;
    else if (reg == PRECON)
        system->prefetch = io_merge(write, system->prefetch);
    else if (reg == RSWRST)
        return arm_reset(chip, write);
    else
        return false;
    return true;
}
