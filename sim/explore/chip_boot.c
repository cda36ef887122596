#include "sim/explore/chip_boot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/product.h"
#include "hal_posix/log_text.h"
#include "sim/explore/flash_places.h"
#include "sim/image/file.h"
#include "sim/image/firmware.h"

#define SEED        1     /* of what RAM holds: the same in each start, as in device.c */
#define TIME_MAX_MS 60000 /* of one start; an install of the largest image takes some ten s */
#define STAY_MS     1000  /* hal_pic32/main_bootloader.c */
#define BANNER      "brownout bootloader "

static struct chip_boot *from(struct device_bootloader *bootloader)
{
    return (struct chip_boot *)bootloader;
}

/* --- what it says ---------------------------------------------------------------------------- */

/* The model cannot go on, or the firmware does what no manual allows. */
static void complain(struct chip_boot *boot, const char *text)
{
    struct device *device = &boot->world->device;

    if (device->observer.violation)
        device->observer.violation(device->observer.context, text, &device->nvm_nor.flash, 0, 0);
}

static void on_complaint(void *context, const char *text)
{
    complain(context, text);
}

/* The firmware then waits a second and tries again, as the bootloader of the PC does. */
static void stay(struct chip_boot *boot)
{
    struct device *device = &boot->world->device;

    system_idle(&device->system, STAY_MS);
    if (++boot->stays < DEVICE_STAYS_MAX)
        return;
    (void)boot_twin_end(&boot->twin, DEVICE_STUCK);
    device_leave(device, DEVICE_STUCK);
}

static void on_line(struct chip_boot *boot)
{
    struct device *device = &boot->world->device;
    enum log_event event;
    uint32_t args[3];

    if (strncmp(boot->line, BANNER, strlen(BANNER)) == 0)
        return;
    if (!log_text_parse(boot->line, &event, args)) {
        complain(boot, "the firmware says what no event says");
        return;
    }
    if (!boot_twin_event(&boot->twin, boot->line))
        device_leave(device, DEVICE_CUT);
    log_event(&device->log, event, args[0], args[1], args[2]);
    if (event == LOG_BOOT_STAY)
        stay(boot);
}

static void on_console(void *context, uint8_t byte)
{
    struct chip_boot *boot = context;

    if (byte == '\r')
        return;
    if (byte != '\n') {
        boot->line_size += boot->line_size + 1 < CHIP_BOOT_LINE_MAX;
        boot->line[boot->line_size - 1] = (char)byte;
        return;
    }
    boot->line[boot->line_size] = '\0';
    boot->line_size = 0;
    on_line(boot);
}

/* --- a start --------------------------------------------------------------------------------- */

static uint32_t cause_bits(enum system_cause cause)
{
    switch (cause) {
    case SYSTEM_SOFTWARE:
        return SYSTEM_CTL_SWR;
    case SYSTEM_WATCHDOG:
        return SYSTEM_CTL_WDTO;
    case SYSTEM_EXTERNAL:
        return SYSTEM_CTL_EXTR;
    case SYSTEM_POWER_ON:
    case SYSTEM_CAUSE_COUNT:
        break;
    }
    return SYSTEM_CTL_POR | SYSTEM_CTL_BOR;
}

/* What is decoded of program flash stays as long as nobody changed it. */
static void look_at_code(struct chip_boot *boot)
{
    const uint8_t *now = boot->world->nvm.cells.bytes;
    uint32_t size = layout_mzw1.product_offset;

    if (memcmp(boot->code, now, size) == 0)
        return;
    memcpy(boot->code, now, size);
    bus_forget_flash(&boot->chip.bus, 0, size);
}

/* It is about to start the application. */
static void jump(struct chip_boot *boot)
{
    struct device *device = &boot->world->device;

    if (!boot_twin_end(&boot->twin, DEVICE_JUMP))
        device_leave(device, DEVICE_CUT);
    if (boot->chip.state.wdt.is_on)
        system_watchdog_start(&device->system, device->config.boot.watchdog_ms);
    system_jump(&device->system, layout_mzw1.boot_address);
}

/* It was reset: by itself, or by the watchdog. */
static void leave_with_reset(struct chip_boot *boot, enum chip_end end)
{
    struct device *device = &boot->world->device;
    bool is_watchdog = end == CHIP_WATCHDOG;

    if (!boot_twin_end(&boot->twin, is_watchdog ? DEVICE_WATCHDOG : DEVICE_RESET))
        device_leave(device, DEVICE_CUT);
    if (!is_watchdog)
        system_reset(&device->system);
    device->cause = SYSTEM_WATCHDOG;
    device_leave(device, DEVICE_WATCHDOG);
}

static void stop(struct chip_boot *boot, enum chip_end end)
{
    char text[200];

    snprintf(text, sizeof text, "at 0x%08X: %s", boot->chip.state.cpu.pc,
             end == CHIP_TIME ? "it does not come to an end" : chip_reason(&boot->chip));
    complain(boot, text);
    device_leave(&boot->world->device, DEVICE_STUCK);
}

static bool is_at(const struct chip_boot *boot, uint32_t address)
{
    return ((boot->chip.state.cpu.pc ^ address) & 0x1FFFFFFF) == 0;
}

static void take_end(struct chip_boot *boot, enum chip_end end)
{
    if (end == CHIP_BREAKPOINT && chip_memo_is_at(&boot->memo, &boot->chip))
        end = chip_memo_call(&boot->memo, &boot->chip);
    if (end == CHIP_RESET || end == CHIP_WATCHDOG)
        leave_with_reset(boot, end);
    if (end == CHIP_BREAKPOINT && is_at(boot, layout_mzw1.boot_address))
        jump(boot);
    if (end == CHIP_STOPPED || end == CHIP_TIME)
        stop(boot, end);
}

static enum sst26_answer on_spi_command(void *context, bool is_write, uint32_t address)
{
    struct flash_fault_bus *spi = &((struct chip_boot *)context)->spi;
    uint32_t offset = address % spi->flash.size;

    if (is_write)
        return flash_fault_bus_fails(spi, FLASH_FAULT_REFUSE, offset) ? SST26_STALLS : SST26_DOES;
    bool is_lie = flash_fault_bus_fails(spi, FLASH_FAULT_LIE, offset);
    if (flash_fault_bus_fails(spi, FLASH_FAULT_UNREADABLE, offset))
        return SST26_STALLS;
    return is_lie ? SST26_LIES : SST26_DOES;
}

static void connect_flashes(struct chip_boot *boot)
{
    struct chip *chip = &boot->chip;

    chip->nvm_flash = boot->world->device.hal.nvm;
    chip->spi_flash = boot->world->device.hal.spi;
    if (!boot->world->scenario->flash_fault_count)
        return;
    flash_fault_bus_init(&boot->spi, &boot->world->spi_fault);
    chip->spi_flash = &boot->spi.flash;
    chip->observer.spi = on_spi_command;
}

static void start(struct device_bootloader *bootloader, struct device *device)
{
    struct chip_boot *boot = from(bootloader);
    struct chip *chip = &boot->chip;

    boot_twin_run(&boot->twin);
    boot->line_size = boot->stays = 0;
    connect_flashes(boot);
    look_at_code(boot);
    chip_start(chip, cause_bits(device->cause), SEED);
    chip->time_max = (uint64_t)TIME_MAX_MS * 1000 * CPU_MHZ;
    for (;;)
        take_end(boot, chip_run(chip));
}

/* --- putting it together --------------------------------------------------------------------- */

bool chip_boot_read(const char *path, struct chip_boot_file *ret_file,
                    char ret_error[CHIP_BOOT_ERROR_MAX])
{
    char reason[FIRMWARE_ERROR_SIZE];
    uint8_t *bytes;
    uint32_t size;
    int err = file_read(path, FILE_IMAGE_MAX, &bytes, &size);

    if (err) {
        snprintf(ret_error, CHIP_BOOT_ERROR_MAX, "%s", strerror(err));
        return false;
    }
    bool is_good = firmware_read(bytes, size, &ret_file->blocks, reason);
    chip_memo_find(bytes, size, &ret_file->functions);
    free(bytes);
    if (is_good && firmware_is_bootloader(&ret_file->blocks, &layout_mzw1, reason))
        return true;
    if (is_good)
        blocks_free(&ret_file->blocks);
    snprintf(ret_error, CHIP_BOOT_ERROR_MAX, "%s", reason);
    return false;
}

void chip_boot_file_free(struct chip_boot_file *file)
{
    blocks_free(&file->blocks);
    *file = (struct chip_boot_file){0};
}

/* An error that program flash reports comes in NVMCON, and one of the external flash is a bus that
 * stands still. What is read of program flash passes no controller that could fail. */
static bool is_modelled(const struct scenario_flash_fault *fault)
{
    const uint32_t of_bootloader = 1u << PHASE_BOOT | 1u << PHASE_FIRST_BOOT | 1u << PHASE_INSTALL;
    bool is_elsewhere = fault->phases && !(fault->phases & of_bootloader);

    return is_elsewhere || !flash_places_is_internal(fault->place) ||
           fault->kind == FLASH_FAULT_REFUSE || fault->kind == FLASH_FAULT_LOSE;
}

const char *chip_boot_obstacle(const struct scenario *scenario)
{
    if (scenario->is_factory_pin_held)
        return "its board has no factory reset button";
    if (scenario->trials_max != boot_options_default.trials_max)
        return "it was built with another number of trial boots";
    if (scenario->store_halvings)
        return "its board has an external flash of 4 MiB";
    for (uint32_t i = 0; i < scenario->flash_fault_count; i++)
        if (!is_modelled(&scenario->flash_faults[i]))
            return "the model of the chip has no such flash fault";
    return NULL;
}

/* As the factory does it, without rules. */
static void program(struct cells *nvm, uint32_t offset, const void *bytes, uint32_t size)
{
    for (uint32_t unit = offset / nvm->flash.erase_size;
         unit <= (offset + size - 1) / nvm->flash.erase_size; unit++)
        nvm->before_change(nvm, unit);
    memcpy(nvm->bytes + offset, bytes, size);
    memset(nvm->marks + offset / nvm->mark_size, CELLS_PROGRAMMED,
           (size + nvm->mark_size - 1) / nvm->mark_size);
}

static void program_blocks(struct chip_boot *boot)
{
    const struct blocks *blocks = &boot->file->blocks;
    struct cells *nvm = &boot->world->nvm.cells;
    uint8_t record[PRODUCT_SIZE];

    for (uint32_t i = 0; i < blocks->count; i++) {
        const struct block *block = &blocks->list[i];
        if (block->address - FIRMWARE_FLASH < FIRMWARE_FLASH_SIZE)
            program(nvm, block->address - FIRMWARE_FLASH, block->bytes, block->size);
        else
            (void)chip_load(&boot->chip, block->address, block->bytes, block->size);
    }
    product_encode(&boot->world->fixture.policy, record);
    program(nvm, layout_mzw1.product_offset, record, sizeof record);
}

enum ota_err chip_boot_init(struct chip_boot *boot, struct world *world,
                            const struct chip_boot_file *file)
{
    struct device *device = &world->device;

    *boot = (struct chip_boot){.bootloader = {start}, .world = world, .file = file};
    boot->code = calloc(1, layout_mzw1.product_offset);
    if (!boot->code)
        return OTA_ERR_FULL;
    enum ota_err err = chip_init(&boot->chip, &device->nvm_power, &device->spi_power);
    if (!err) {
        err = chip_memo_init(&boot->memo, &boot->chip, &file->functions);
        if (err)
            chip_free(&boot->chip);
    }
    if (err) {
        free(boot->code);
        return err;
    }
    boot->chip.observer =
        (struct chip_observer){.console = on_console, .complaint = on_complaint, .context = boot};
    boot_twin_init(&boot->twin, world);
    program_blocks(boot);
    code_set_breakpoint(&boot->chip.bus.code, layout_mzw1.boot_address);
    device->bootloader = &boot->bootloader;
    return OTA_OK;
}

void chip_boot_free(struct chip_boot *boot)
{
    chip_free(&boot->chip);
    boot_twin_free(&boot->twin);
    chip_memo_free(&boot->memo);
    free(boot->code);
}
