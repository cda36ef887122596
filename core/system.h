#ifndef CORE_SYSTEM_H
#define CORE_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

/* The system seam: the chip around the code. */

/* Why the processor started; on the chip read from RCON. */
enum system_cause {
    SYSTEM_POWER_ON,
    SYSTEM_SOFTWARE,
    SYSTEM_WATCHDOG,
    SYSTEM_EXTERNAL,
    SYSTEM_CAUSE_COUNT
};

struct system;

struct system_ops {
    enum system_cause (*cause)(struct system *system);

    /* Reset the processor; RAM is lost. */
    void (*reset)(struct system *system) __attribute__((noreturn));

    /* Start the application whose entry is at address (as linked); RAM is lost. */
    void (*jump)(struct system *system, uint32_t address) __attribute__((noreturn));

    /* Arm the watchdog, once after each reset: it resets the processor when it is not kicked for
     * timeout_ms. It cannot be stopped. */
    void (*watchdog_start)(struct system *system, uint32_t timeout_ms);
    void (*watchdog_kick)(struct system *system);

    /* The factory reset pin is held: checked by the bootloader at each start. */
    bool (*is_factory_pin_held)(struct system *system);

    /* A number for jitter; not for keys. */
    uint32_t (*random)(struct system *system);

    /* Nothing to do for ms milliseconds: sleep, at most that long. */
    void (*idle)(struct system *system, uint32_t ms);
};

struct system {
    const struct system_ops *ops;
};

static inline enum system_cause system_cause(struct system *system)
{
    return system->ops->cause(system);
}

__attribute__((noreturn)) static inline void system_reset(struct system *system)
{
    system->ops->reset(system);
}

__attribute__((noreturn)) static inline void system_jump(struct system *system, uint32_t address)
{
    system->ops->jump(system, address);
}

static inline void system_watchdog_start(struct system *system, uint32_t timeout_ms)
{
    system->ops->watchdog_start(system, timeout_ms);
}

static inline void system_watchdog_kick(struct system *system)
{
    system->ops->watchdog_kick(system);
}

static inline bool system_is_factory_pin_held(struct system *system)
{
    return system->ops->is_factory_pin_held(system);
}

static inline uint32_t system_random(struct system *system)
{
    return system->ops->random(system);
}

static inline void system_idle(struct system *system, uint32_t ms)
{
    system->ops->idle(system, ms);
}

#endif
