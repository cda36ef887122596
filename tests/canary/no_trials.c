/* Forgets to count trial boots. */
#include "tests/canary/canary.h"
#include "tests/scene.h"

enum ota_err __real_bootctl_set(struct bootctl *bootctl, enum bootctl_status status,
                                uint32_t trials);
enum ota_err __wrap_bootctl_set(struct bootctl *bootctl, enum bootctl_status status,
                                uint32_t trials);

enum ota_err __wrap_bootctl_set(struct bootctl *bootctl, enum bootctl_status status,
                                uint32_t trials)
{
    if (canary_is_awake && status == BOOTCTL_UNBOOTED)
        return OTA_OK;
    return __real_bootctl_set(bootctl, status, trials);
}

static void make(struct scenario *scenario)
{
    scene_update(scenario);
    scenario->images[1].app = APP_CRASH_AT_START;
    scenario->eventually_runs = 0;
}

const struct canary canary = {make, false, CLAIM_EVENTUALLY,
                              "eventually: not settled after 8 boots, with image1 running"};
