#ifndef SIM_DEVICE_DEVICE_H
#define SIM_DEVICE_DEVICE_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>

#include "bootloader/boot.h"
#include "core/hal.h"
#include "core/ota.h"
#include "hal_posix/flash_nor.h"
#include "sim/device/app.h"
#include "sim/device/power.h"

/*
 * A simulated device: the real bootloader, the real OTA service and a simulated application on two
 * flashes, a clock, a watchdog and a supply that can fail.
 *
 * A boot is one start of the processor, up to the next reset: the bootloader's stage, and the
 * application's. Each stage begins with its RAM filled with 0xA5, as it has no right to find
 * anything there; so between two stages the flashes and a few registers are all there is. A reset
 * and a cut leave the firmware by longjmp, which is safe as it owns no memory but that RAM.
 */
enum device_end {
    DEVICE_RESET,    /* the firmware reset the processor */
    DEVICE_WATCHDOG, /* it hung */
    DEVICE_CUT,      /* the power went */
    DEVICE_DONE,     /* the observer has seen enough; the power goes */
    DEVICE_STUCK,    /* the bootloader found nothing to start, DEVICE_STAYS_MAX times */
    DEVICE_TIME,     /* the time limit */
    DEVICE_JUMP,     /* the bootloader has started the application; of a stage only */
};

#define DEVICE_STAYS_MAX 3

/* How far the firmware is, seen from its log. */
enum device_phase {
    PHASE_BOOT,       /* bootloader: deciding */
    PHASE_FIRST_BOOT, /* bootloader: making the factory backup */
    PHASE_INSTALL,    /* bootloader: from the first page to the record */
    PHASE_RUN,        /* application: nothing under way */
    PHASE_DOWNLOAD,   /* application: from the first byte to the last */
    PHASE_ENTER,      /* application: verified, and on the way into the store */
    PHASE_COUNT
};

/* Who watches. Each may be NULL. */
struct device_observer {
    void (*log)(void *context, enum log_event event, const uint32_t args[3]);
    void (*event)(void *context, enum ota_event event, const struct ota_event_data *data);
    /* The bootloader is about to start what program flash holds. */
    void (*started)(void *context, uint32_t address, const struct bootctl_record *record);
    /* After each round of the application: enough seen? */
    bool (*is_done)(void *context);
    bool (*goes)(void *context, const struct power_operation *operation, enum power_moment moment);
    void (*operation)(void *context, const struct power_operation *operation);
    void (*violation)(void *context, const char *rule, const struct flash *flash, uint32_t offset,
                      uint32_t size);
    void *context;
};

struct device_config {
    const struct layout *layout;
    struct image_policy policy;
    struct ota_config ota;
    struct boot_options boot;
    struct app_habits habits;
    uint64_t time_max_ms; /* of device time, since device_init(); 0: no limit */
};

struct device;

/* Another bootloader in the place of boot_run(), such as the firmware's on the model of the chip.
 * It runs to an end of the stage: system_jump(), system_reset() or device_leave(). */
struct device_bootloader {
    void (*run)(struct device_bootloader *bootloader, struct device *device);
};

union device_ram {
    struct boot boot;
    struct app app;
};

struct device {
    struct device_config config;
    struct device_observer observer;
    struct hal hal;
    struct flash_nor nvm_nor, spi_nor;
    struct power nvm_power, spi_power;
    struct power_supply supply;
    struct clock clock;       /* virtual */
    struct clock *real_clock; /* NULL: time is virtual, and waiting costs nothing */
    struct system system;
    struct log log;
    struct device_bootloader *bootloader; /* NULL: boot_run() */
    /* Real time only: sleep up to ms, less when there is something to do; may be NULL. */
    void (*wait)(void *context, uint32_t ms);
    void *wait_context;

    union device_ram *ram;
    jmp_buf *exit;

    uint64_t now_ms; /* virtual */
    enum system_cause cause;
    bool is_factory_pin_held;
    bool has_watchdog;
    uint32_t watchdog_ms;
    uint64_t watchdog_at_ms;
    uint32_t random; /* in virtual time the same at each start of a stage */
    uint32_t boots;  /* since device_init() */
    uint64_t operations;
    enum device_phase phase;
    bool is_jumping; /* the application's stage comes next */
    bool is_app;     /* the application has the processor */
};

/*
 * Put a device together on these cells. ram: work space that must stay; transport: of the
 * application. All times start at 0, the power is off.
 */
void device_init(struct device *device, const struct device_config *config, struct cells *nvm,
                 struct cells *spi, struct crypto *crypto, struct transport *transport,
                 union device_ram *ram);

/* Power on. */
void device_power_on(struct device *device);

/* One stage, to its end. After DEVICE_JUMP, DEVICE_RESET and DEVICE_WATCHDOG there is a next one;
 * after the others the power is off. */
enum device_end device_run_stage(struct device *device);

/* One boot, to its end. After DEVICE_RESET and DEVICE_WATCHDOG call it again; after the others the
 * power is off. */
enum device_end device_boot(struct device *device);

/* For who runs in it: the stage has come to this end. */
__attribute__((noreturn)) void device_leave(struct device *device, enum device_end end);

/* Milliseconds of device time. */
uint64_t device_now_ms(struct device *device);

/* "reset", "watchdog" and so on; "download", "install" and so on. */
const char *device_end_name(enum device_end end);
const char *device_phase_name(enum device_phase phase);

/* The running application's service; NULL in the bootloader. */
struct ota *device_ota(struct device *device);

#endif
