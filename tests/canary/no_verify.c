/* Installs what lies in the store without verifying it first; what is wrong with it shows when the
 * old image is gone. */
#include "tests/canary/canary.h"
#include "tests/scene.h"

enum ota_err __real_image_check(struct image_source *source, const struct image_policy *policy,
                                struct crypto *crypto, uint8_t buffer[IMAGE_BUFFER_SIZE],
                                struct image_info *ret_info);
enum ota_err __wrap_image_check(struct image_source *source, const struct image_policy *policy,
                                struct crypto *crypto, uint8_t buffer[IMAGE_BUFFER_SIZE],
                                struct image_info *ret_info);

enum ota_err __wrap_image_check(struct image_source *source, const struct image_policy *policy,
                                struct crypto *crypto, uint8_t buffer[IMAGE_BUFFER_SIZE],
                                struct image_info *ret_info)
{
    bool is_program_flash = source->size == IMAGE_HEADER_PAGE + policy->app_size;

    if (canary_is_awake && !is_program_flash)
        return image_parse(source, ret_info);
    return __real_image_check(source, policy, crypto, buffer, ret_info);
}

/* A damaged update waits in the store, and the factory backup is damaged, too. */
static void make(struct scenario *scenario)
{
    scene_update(scenario);
    scenario->stages[0].offer_count = 0;
    scenario->downloaded[scenario->downloaded_count++] = 1;
    scenario->damages[scenario->damage_count++] = (struct scenario_damage){
        .target = DAMAGE_IMAGE, .how = DAMAGE_FLIP, .image = 1, .with = -1};
    scenario->damages[scenario->damage_count++] = (struct scenario_damage){
        .target = DAMAGE_FACTORY, .how = DAMAGE_FLIP, .image = -1, .with = -1};
    scenario->eventually_runs = 0;
}

const struct canary canary = {make, false, CLAIM_NEVER_BRICKED,
                              "never bricked (I1): the bootloader finds nothing to start"};
