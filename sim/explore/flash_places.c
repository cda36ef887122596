#include "sim/explore/flash_places.h"

#include <string.h>

#include "core/layout.h"

#define WINDOW 256 /* bytes of a file that are looked for */

static void add_range(struct flash_fault_rule *rule, const struct cells *cells, uint32_t offset,
                      uint32_t size)
{
    for (uint32_t at = 0; at < size; at += cells->flash.erase_size)
        flash_fault_add_unit(rule, (offset + at) / cells->flash.erase_size);
}

/* A file is where its bytes are: no two images have a piece in common that is not blank. */
static void add_file(struct flash_fault_rule *rule, const struct cells *spi,
                     const struct fixture_image *image)
{
    for (uint32_t at = IMAGE_HEADER_PAGE; at + WINDOW <= image->size; at += WINDOW) {
        const uint8_t *piece = image->bytes + at;
        const uint8_t *from = spi->bytes, *end = spi->bytes + spi->flash.size;
        if (piece[0] == piece[1] && memcmp(piece, piece + 1, WINDOW - 1) == 0)
            continue;
        while ((from = memmem(from, (size_t)(end - from), piece, WINDOW))) {
            flash_fault_add_unit(rule, (uint32_t)(from - spi->bytes) / spi->flash.erase_size);
            from++;
        }
    }
}

bool flash_places_is_internal(enum flash_place place)
{
    return place == FLASH_PLACE_BOOT_CONTROL || place == FLASH_PLACE_PROGRAM_FLASH;
}

static void make_rule(const struct world *world, const struct scenario_flash_fault *fault,
                      struct flash_fault_rule *rule)
{
    const struct cells *nvm = &world->nvm.cells, *spi = &world->spi.cells;

    *rule = (struct flash_fault_rule){
        .kind = fault->kind, .skip = fault->skip, .times = fault->times, .phases = fault->phases};
    switch (fault->place) {
    case FLASH_PLACE_BOOT_CONTROL:
        add_range(rule, nvm, layout_mzw1.bootctl_offset, nvm->flash.erase_size);
        break;
    case FLASH_PLACE_PROGRAM_FLASH:
        add_range(rule, nvm, layout_mzw1.app_offset, layout_mzw1.app_size);
        break;
    case FLASH_PLACE_STORE:
        add_range(rule, spi, 0, spi->flash.size);
        break;
    case FLASH_PLACE_IMAGE:
        add_file(rule, spi, &world->fixture.images[fault->image]);
        break;
    case FLASH_PLACE_COUNT:
        break;
    }
}

/* Both flashes know all rules, so that a rule has one number; the other flash's are about nothing
 * there. */
void flash_places_use(struct world *world)
{
    const struct scenario *scenario = world->scenario;
    uint32_t count = scenario->flash_fault_count;

    for (uint32_t i = 0; i < count; i++)
        for (int is_nvm = 0; is_nvm < 2; is_nvm++) {
            const struct scenario_flash_fault *fault = &scenario->flash_faults[i];
            struct flash_fault_rule *rule = is_nvm ? &world->nvm_rules[i] : &world->spi_rules[i];
            *rule = (struct flash_fault_rule){.kind = fault->kind};
            if (flash_places_is_internal(fault->place) == (is_nvm == 1))
                make_rule(world, fault, rule);
        }
    if (!count)
        return;
    flash_fault_init(&world->nvm_fault, world->device.hal.nvm, world->nvm_rules, count,
                     &world->judge.flash_fired);
    flash_fault_init(&world->spi_fault, world->device.hal.spi, world->spi_rules, count,
                     &world->judge.flash_fired);
    world->nvm_fault.phase = world->spi_fault.phase = &world->device.phase;
    world->device.hal.nvm = &world->nvm_fault.flash;
    world->device.hal.spi = &world->spi_fault.flash;
}
