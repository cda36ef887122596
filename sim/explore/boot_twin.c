#include "sim/explore/boot_twin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hal_posix/log_text.h"
#include "sim/explore/shelf.h"
#include "sim/explore/survivor.h"

void boot_twin_init(struct boot_twin *twin, struct world *world)
{
    *twin = (struct boot_twin){.world = world};
}

void boot_twin_free(struct boot_twin *twin)
{
    free(twin->acts);
    *twin = (struct boot_twin){0};
}

/* --- what the one does ----------------------------------------------------------------------- */

static struct boot_twin_act *add(struct boot_twin *twin)
{
    if (twin->count == twin->capacity) {
        twin->capacity = twin->capacity ? 2 * twin->capacity : 256;
        twin->acts = shelf_need(realloc(twin->acts, twin->capacity * sizeof *twin->acts));
    }
    return memset(&twin->acts[twin->count++], 0, sizeof *twin->acts);
}

static void put_operation(const struct power_operation *operation, struct boot_twin_act *ret_act)
{
    ret_act->is_operation = true;
    ret_act->is_spi = operation->power->flash.name[0] == 's';
    ret_act->kind = operation->kind;
    ret_act->offset = operation->offset;
    ret_act->size = operation->size;
    if (operation->data)
        ret_act->content = key_of(operation->data, operation->size, 0);
}

static void on_operation(void *context, const struct power_operation *operation)
{
    put_operation(operation, add(context));
}

static void on_log(void *context, enum log_event event, const uint32_t args[3])
{
    log_text_format(event, args, add(context)->text, BOOT_TWIN_TEXT_MAX);
}

void boot_twin_run(struct boot_twin *twin)
{
    struct world *world = twin->world;
    struct device *device = &world->device;
    const struct device_observer observer = device->observer;
    struct device_bootloader *bootloader = device->bootloader;
    bool (*const reads)(void *context, struct cells *cells, uint32_t unit) =
        world->nvm.cells.reads_otherwise; /* of both flashes */
    struct power_use *use = device->spi_power.use;
    struct survivor survivor;

    twin->count = twin->next = 0;
    survivor_take(world, &survivor);
    uint32_t nvm_mark = flash_ram_mark(&world->nvm), spi_mark = flash_ram_mark(&world->spi);
    device->observer =
        (struct device_observer){.operation = on_operation, .log = on_log, .context = twin};
    device->bootloader = NULL;
    device->spi_power.use = NULL;
    world->nvm.cells.reads_otherwise = world->spi.cells.reads_otherwise = twin->reads_otherwise;
    twin->end = device_run_stage(device);
    world->nvm.cells.reads_otherwise = world->spi.cells.reads_otherwise = reads;
    device->spi_power.use = use;
    device->bootloader = bootloader;
    device->observer = observer;
    flash_ram_rollback(&world->nvm, nvm_mark);
    flash_ram_rollback(&world->spi, spi_mark);
    survivor_give(&survivor, world);
}

/* --- what the other one does ----------------------------------------------------------------- */

static void tell(const struct boot_twin_act *act, char *ret_text, size_t size)
{
    if (act->is_operation)
        snprintf(ret_text, size, "%s %s 0x%06X+%u", act->kind == POWER_ERASE ? "erase" : "program",
                 act->is_spi ? "spi" : "nvm", act->offset, act->size);
    else
        snprintf(ret_text, size, "'%s'", act->text);
}

static bool are_same(const struct boot_twin_act *a, const struct boot_twin_act *b)
{
    return a->is_operation == b->is_operation && a->is_spi == b->is_spi && a->kind == b->kind &&
           a->offset == b->offset && a->size == b->size && key_equals(a->content, b->content) &&
           strcmp(a->text, b->text) == 0;
}

/* other: what the firmware does here; NULL: it has come to its end. */
static bool expect(struct boot_twin *twin, const struct boot_twin_act *other)
{
    const struct boot_twin_act *one = twin->next < twin->count ? &twin->acts[twin->next] : NULL;
    char expected[BOOT_TWIN_TEXT_MAX + 8] = "nothing more", found[BOOT_TWIN_TEXT_MAX + 8] = "";

    if (!one && !other)
        return true;
    if (one && other && are_same(one, other)) {
        twin->next++;
        return true;
    }
    if (one)
        tell(one, expected, sizeof expected);
    if (other)
        tell(other, found, sizeof found);
    if (one && other && one->is_operation && strcmp(expected, found) == 0)
        strcat(found, ", other content");
    judge_fail(&twin->world->judge, CLAIM_EQUIVALENCE, "the firmware: %s; the PC: %s",
               other ? found : "nothing more", expected);
    return false;
}

bool boot_twin_operation(struct boot_twin *twin, const struct power_operation *operation)
{
    struct boot_twin_act act = {0};

    put_operation(operation, &act);
    return expect(twin, &act);
}

bool boot_twin_event(struct boot_twin *twin, const char *text)
{
    struct boot_twin_act act = {0};

    snprintf(act.text, sizeof act.text, "%s", text);
    return expect(twin, &act);
}

bool boot_twin_end(struct boot_twin *twin, enum device_end end)
{
    if (!expect(twin, NULL))
        return false;
    if (end == twin->end)
        return true;
    judge_fail(&twin->world->judge, CLAIM_EQUIVALENCE, "the firmware ends with %s; the PC: %s",
               device_end_name(end), device_end_name(twin->end));
    return false;
}
