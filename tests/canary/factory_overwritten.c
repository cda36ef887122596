/* Keeps the factory backup "up to date" with whatever is confirmed. */
#include "tests/canary/canary.h"
#include "tests/scene.h"

void __real_factory_back_up(const struct hal *hal, const struct bootctl *bootctl,
                            struct store *store, uint8_t buffer[IMAGE_BUFFER_SIZE]);
void __wrap_factory_back_up(const struct hal *hal, const struct bootctl *bootctl,
                            struct store *store, uint8_t buffer[IMAGE_BUFFER_SIZE]);

void __wrap_factory_back_up(const struct hal *hal, const struct bootctl *bootctl,
                            struct store *store, uint8_t buffer[IMAGE_BUFFER_SIZE])
{
    const struct bootctl_record *record = &bootctl->record;
    struct image_flash image;

    if (!canary_is_awake) {
        __real_factory_back_up(hal, bootctl, store, buffer);
        return;
    }
    if (!bootctl->has_record || record->status != BOOTCTL_VALID || !store->is_mounted)
        return;
    image_flash_init(&image, hal->nvm, hal->layout, record->image_header);
    err_ignore(store_write(store, STORE_FACTORY, &image.source, record->size, buffer));
}

/* Two updates, so that the first one started again while it was confirmed; then the pin is held. */
static void make(struct scenario *scenario)
{
    scene_update(scenario);
    scenario->stages[0].offer_count = 0;
    scenario->installed[scenario->installed_count++] = 1;
    scenario->installed[scenario->installed_count++] = scene_image(scenario, 3);
    scenario->is_factory_pin_held = true;
    scenario->eventually_runs = 0;
    scenario->always_runs = 1;
}

const struct canary canary = {make, false, CLAIM_ALWAYS, "always: image1 runs"};
