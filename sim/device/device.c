#include "sim/device/device.h"

#include <stddef.h>
#include <string.h>

#define STAY_MS                     1000
#define RAM_GARBAGE                 0xA5
#define CONTAINER(at, type, member) ((type *)(void *)((char *)(at)-offsetof(type, member)))

static const char *const end_names[] = {"reset", "watchdog", "cut", "done",
                                        "stuck", "time",     "jump"};
static const char *const phase_names[] = {"boot", "first-boot", "install",
                                          "run",  "download",   "enter"};

const char *device_end_name(enum device_end end)
{
    return end_names[end];
}

const char *device_phase_name(enum device_phase phase)
{
    return phase_names[phase];
}

void device_leave(struct device *device, enum device_end end)
{
    longjmp(*device->exit, (int)end + 1);
}

uint64_t device_now_ms(struct device *device)
{
    return device->real_clock ? clock_now_ms(device->real_clock) : device->now_ms;
}

static uint64_t device_clock_now(struct clock *clock)
{
    return device_now_ms(CONTAINER(clock, struct device, clock));
}

static const struct clock_ops clock_ops = {.now_ms = device_clock_now};

static struct device *from_system(struct system *system)
{
    return CONTAINER(system, struct device, system);
}

static enum system_cause device_cause(struct system *system)
{
    return from_system(system)->cause;
}

__attribute__((noreturn)) static void device_reset(struct system *system)
{
    struct device *device = from_system(system);

    device->cause = SYSTEM_SOFTWARE;
    device_leave(device, DEVICE_RESET);
}

static void device_violation(void *context, const char *rule, const struct flash *flash,
                             uint32_t offset, uint32_t size)
{
    const struct device_observer *observer = &((struct device *)context)->observer;

    if (observer->violation)
        observer->violation(observer->context, rule, flash, offset, size);
}

/* What may be written from now on to the next reset lies within [from, to)? */
static void check_open(struct device *device, uint32_t from, uint32_t to, const char *rule)
{
    const struct flash_nor *nor = &device->nvm_nor;

    if (nor->open_from < from || nor->open_to > to)
        device_violation(device, rule, &nor->flash, nor->open_from, nor->open_to - nor->open_from);
}

__attribute__((noreturn)) static void device_jump(struct system *system, uint32_t address)
{
    struct device *device = from_system(system);
    const struct layout *layout = device->config.layout;

    check_open(device, layout->bootctl_offset, layout->app_offset,
               "program flash is open to the application");
    if (device->observer.started)
        device->observer.started(device->observer.context, address,
                                 &device->ram->boot.bootctl.record);
    device_leave(device, DEVICE_JUMP);
}

static void device_watchdog_start(struct system *system, uint32_t timeout_ms)
{
    struct device *device = from_system(system);

    device->has_watchdog = true;
    device->watchdog_ms = timeout_ms;
    device->watchdog_at_ms = device_now_ms(device) + timeout_ms;
}

static void device_watchdog_kick(struct system *system)
{
    struct device *device = from_system(system);

    device->watchdog_at_ms = device_now_ms(device) + device->watchdog_ms;
}

static bool device_factory_pin(struct system *system)
{
    return from_system(system)->is_factory_pin_held;
}

static uint32_t device_random(struct system *system)
{
    struct device *device = from_system(system);

    device->random = device->random * 1664525u + 1013904223u;
    return device->random >> 8;
}

static void check_deadlines(struct device *device)
{
    uint64_t now = device_now_ms(device);

    if (device->has_watchdog && now >= device->watchdog_at_ms) {
        device->cause = SYSTEM_WATCHDOG;
        device_leave(device, DEVICE_WATCHDOG);
    }
    if (device->config.time_max_ms && now >= device->config.time_max_ms)
        device_leave(device, DEVICE_TIME);
}

/* It bites in the middle of a sleep, too. */
static uint64_t until_watchdog(const struct device *device, uint64_t ms)
{
    uint64_t left = device->watchdog_at_ms - device->now_ms;

    return device->has_watchdog && left < ms ? left : ms;
}

static void device_idle(struct system *system, uint32_t ms)
{
    struct device *device = from_system(system);

    if (device->real_clock && device->wait)
        device->wait(device->wait_context, ms);
    else
        device->now_ms += until_watchdog(device, ms);
    check_deadlines(device);
}

static const struct system_ops system_ops = {
    .cause = device_cause,
    .reset = device_reset,
    .jump = device_jump,
    .watchdog_start = device_watchdog_start,
    .watchdog_kick = device_watchdog_kick,
    .is_factory_pin_held = device_factory_pin,
    .random = device_random,
    .idle = device_idle,
};

static void note_phase(struct device *device, enum log_event event)
{
    switch ((int)event) {
    case LOG_BOOT_START:
        device->phase = PHASE_BOOT;
        break;
    case LOG_BOOT_FIRST:
        device->phase = PHASE_FIRST_BOOT;
        break;
    case LOG_BOOT_INSTALL:
        device->phase = PHASE_INSTALL;
        break;
    case LOG_BOOT_TRIAL:
    case LOG_BOOT_JUMP:
    case LOG_OTA_DOWNLOAD_FAILED:
    case LOG_OTA_REFUSED:
    case LOG_OTA_ENTERED:
        device->phase = PHASE_RUN;
        break;
    case LOG_OTA_DOWNLOAD:
        device->phase = PHASE_DOWNLOAD;
        break;
    case LOG_OTA_VERIFIED:
        device->phase = PHASE_ENTER;
        break;
    default:
        break;
    }
}

static void device_log_event(struct log *log, enum log_event event, uint32_t a, uint32_t b,
                             uint32_t c)
{
    struct device *device = CONTAINER(log, struct device, log);
    const uint32_t args[3] = {a, b, c};

    note_phase(device, event);
    if (device->observer.log)
        device->observer.log(device->observer.context, event, args);
}

static const struct log_ops log_ops = {.event = device_log_event};

static bool device_goes(void *context, const struct power_operation *operation,
                        enum power_moment moment)
{
    const struct device_observer *observer = &((struct device *)context)->observer;

    return observer->goes && observer->goes(observer->context, operation, moment);
}

static void device_gone(void *context)
{
    device_leave(context, DEVICE_CUT);
}

static void device_seen(void *context, const struct power_operation *operation)
{
    struct device *device = context;
    const struct layout *layout = device->config.layout;

    if (!device->is_app)
        check_open(device, layout->bootctl_offset, layout->app_offset + layout->app_size,
                   "written before the bootloader protected itself");
    device->operations++;
    if (device->observer.operation)
        device->observer.operation(device->observer.context, operation);
}

void device_init(struct device *device, const struct device_config *config, struct cells *nvm,
                 struct cells *spi, struct crypto *crypto, struct transport *transport,
                 union device_ram *ram)
{
    memset(device, 0, sizeof *device);
    device->config = *config;
    device->ram = ram;
    device->clock.ops = &clock_ops;
    device->system.ops = &system_ops;
    device->log.ops = &log_ops;
    device->supply = (struct power_supply){
        .goes = device_goes, .gone = device_gone, .seen = device_seen, .context = device};
    flash_nor_init(&device->nvm_nor, nvm, device_violation, device);
    flash_nor_init(&device->spi_nor, spi, device_violation, device);
    power_init(&device->nvm_power, &device->nvm_nor, &device->supply);
    power_init(&device->spi_power, &device->spi_nor, &device->supply);
    device->hal = (struct hal){
        .nvm = &device->nvm_power.flash,
        .spi = &device->spi_power.flash,
        .crypto = crypto,
        .clock = &device->clock,
        .system = &device->system,
        .log = &device->log,
        .transport = transport,
        .layout = config->layout,
        .policy = &device->config.policy,
    };
}

void device_power_on(struct device *device)
{
    device->cause = SYSTEM_POWER_ON;
    device->is_jumping = false;
    device->supply.operations = 0;
    flash_nor_reset(&device->nvm_nor, true);
    flash_nor_reset(&device->spi_nor, true);
}

static void device_event(void *context, enum ota_event event, const struct ota_event_data *data)
{
    const struct device_observer *observer = &((struct device *)context)->observer;

    if (observer->event)
        observer->event(observer->context, event, data);
}

static void run_bootloader(struct device *device)
{
    struct boot *boot = &device->ram->boot;

    if (device->bootloader)
        device->bootloader->run(device->bootloader, device);
    for (int i = 0; i < DEVICE_STAYS_MAX; i++) {
        memset(device->ram, RAM_GARBAGE, sizeof *device->ram);
        if (boot_run(boot, &device->hal, &device->config.boot) == BOOT_START)
            system_jump(&device->system, boot->bootctl.record.boot_address);
        system_idle(&device->system, STAY_MS);
    }
    device_leave(device, DEVICE_STUCK);
}

static void run_application(struct device *device)
{
    struct app *app = &device->ram->app;

    memset(device->ram, RAM_GARBAGE, sizeof *device->ram);
    app_start(app, &device->hal, &device->config.ota, &device->config.habits, device_event, device);
    device->is_app = true;
    for (;;) {
        uint32_t sleep_ms = app_step(app);
        if (device->observer.is_done && device->observer.is_done(device->observer.context))
            device_leave(device, DEVICE_DONE);
        if (sleep_ms)
            system_idle(&device->system, sleep_ms);
        else
            check_deadlines(device);
    }
}

static void begin_boot(struct device *device)
{
    device->boots++;
    device->has_watchdog = false;
    flash_nor_reset(&device->nvm_nor, false);
    flash_nor_reset(&device->spi_nor, false);
}

/* What a weak unit reads as is open between two boots; here, not when the next one begins, as what
 * decides about it may do so before that. */
static void end_boot(struct device *device)
{
    cells_start(device->nvm_nor.below);
    cells_start(device->spi_nor.below);
}

enum device_end device_run_stage(struct device *device)
{
    jmp_buf here;
    jmp_buf *outer = device->exit;

    if (!device->is_jumping)
        begin_boot(device);
    if (!device->real_clock)
        device->random = 1; /* or the past would live on in it */
    device->is_app = false;
    device->exit = &here;
    int how = setjmp(here);
    if (how == 0 && device->is_jumping)
        run_application(device);
    else if (how == 0)
        run_bootloader(device);

    device->exit = outer;
    device->is_app = false;
    device->is_jumping = how - 1 == DEVICE_JUMP;
    if (!device->is_jumping)
        end_boot(device);
    transport_close(device->hal.transport);
    return (enum device_end)(how - 1);
}

enum device_end device_boot(struct device *device)
{
    enum device_end end = device_run_stage(device);

    return end == DEVICE_JUMP ? device_run_stage(device) : end;
}

struct ota *device_ota(struct device *device)
{
    return device->is_app ? &device->ram->app.ota : NULL;
}
