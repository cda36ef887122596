#include "hal_pic32/system_pic32.h"

#include "hal_pic32/board.h"
#include "hal_pic32/cp0.h"
#include "hal_pic32/mmio.h"
#include "hal_pic32/regs.h"
#include "hal_pic32/start.h"
#include "hal_pic32/uart.h"

#define TICKS_MAX (UINT32_MAX / 2) /* that a difference of two Counts can still tell */

static struct system_pic32 *from(struct system *system)
{
    return (struct system_pic32 *)system;
}

static enum system_cause get_cause(struct system *system)
{
    return from(system)->cause;
}

void system_pic32_reset(void)
{
    uart_flush();
    cp0_interrupts_off();
    mmio_put(SYSKEY, 0);
    mmio_put(SYSKEY, UNLOCK_KEY1);
    mmio_put(SYSKEY, UNLOCK_KEY2);
    mmio_set(RSWRST, RSWRST_NOW);
    for (;;)
        (void)mmio_get(RSWRST); /* the read resets */
}

__attribute__((noreturn)) static void reset(struct system *system)
{
    (void)system;
    system_pic32_reset();
}

/* The application's start-up finds the caches as they are, and empties them. */
__attribute__((noreturn)) static void jump(struct system *system, uint32_t address)
{
    void (*entry)(enum system_cause cause) = (void (*)(enum system_cause))address;

    uart_flush();
    cp0_interrupts_off();
    entry(from(system)->cause);
    system_pic32_reset();
}

static void watchdog_kick(struct system *system)
{
    (void)system;
    mmio_put16(WDTCLRKEY, WDT_KICK);
}

static void watchdog_start(struct system *system, uint32_t timeout_ms)
{
    (void)timeout_ms;
    watchdog_kick(system);
    mmio_set(WDTCON, WDTCON_ON);
}

static bool is_factory_pin_held(struct system *system)
{
    (void)system;
    return false;
}

/* Numerical Recipes' generator, stirred with the moment of the call. */
static uint32_t get_random(struct system *system)
{
    struct system_pic32 *pic32 = from(system);

    pic32->random = (pic32->random ^ cp0_count()) * 1664525u + 1013904223u;
    return pic32->random >> 8;
}

/* Count passes Compare once; a moment that is over before WAIT has left its interrupt pending, so
 * it is not missed. A byte for the console ends it early. */
static void idle(struct system *system, uint32_t ms)
{
    uint32_t ticks_per_ms = BOARD_COUNT_HZ / 1000;
    uint32_t ticks = ms < TICKS_MAX / ticks_per_ms ? ms * ticks_per_ms : TICKS_MAX;

    (void)system;
    if (!ticks)
        return;
    cp0_set_compare(cp0_count() + ticks);
    mmio_clear(IFS0, IRQ0_TIMER);
    mmio_clear(IFS1, IRQ1_UART_RX);
    mmio_set(IEC0, IRQ0_TIMER);
    mmio_set(IEC1, IRQ1_UART_RX);
    start_wait();
    mmio_clear(IEC0, IRQ0_TIMER);
    mmio_clear(IEC1, IRQ1_UART_RX);
}

static const struct system_ops ops = {
    .cause = get_cause,
    .reset = reset,
    .jump = jump,
    .watchdog_start = watchdog_start,
    .watchdog_kick = watchdog_kick,
    .is_factory_pin_held = is_factory_pin_held,
    .random = get_random,
    .idle = idle,
};

/* After a power-on the other bits mean nothing. */
static enum system_cause cause_of(uint32_t rcon)
{
    if (rcon & (RCON_POR | RCON_BOR))
        return SYSTEM_POWER_ON;
    if (rcon & (RCON_WDTO | RCON_DMTO))
        return SYSTEM_WATCHDOG;
    if (rcon & RCON_SWR)
        return SYSTEM_SOFTWARE;
    return SYSTEM_EXTERNAL;
}

void system_pic32_init_with(struct system_pic32 *pic32, enum system_cause cause)
{
    *pic32 = (struct system_pic32){.system = {.ops = &ops}, .cause = cause};
    mmio_set(IPC0, IPC0_TIMER);
    mmio_set(IPC9, IPC9_UART_RX);
}

void system_pic32_init(struct system_pic32 *pic32)
{
    uint32_t rcon = mmio_get(RCON);

    mmio_clear(RCON, rcon);
    system_pic32_init_with(pic32, cause_of(rcon));
}
