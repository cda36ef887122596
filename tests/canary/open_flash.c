/* Leaves program flash open to the application. */
#include "tests/canary/canary.h"
#include "tests/scene.h"

void __real_flash_protect(struct flash *flash, uint32_t from, uint32_t to);
void __wrap_flash_protect(struct flash *flash, uint32_t from, uint32_t to);

void __wrap_flash_protect(struct flash *flash, uint32_t from, uint32_t to)
{
    if (!canary_is_awake || to != layout_mzw1.app_offset)
        __real_flash_protect(flash, from, to);
}

static void make(struct scenario *scenario)
{
    scene_update(scenario);
    scenario->is_virgin = true;
}

const struct canary canary = {make, false, CLAIM_DATASHEET,
                              "no data sheet violation (I6): nvm 0x020000+913408: program flash is "
                              "open to the application"};
