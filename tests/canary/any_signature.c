/* Checks everything about an image but who signed it. */
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
    if (!canary_is_awake)
        return __real_image_check(source, policy, crypto, buffer, ret_info);
    enum ota_err err = image_parse(source, ret_info);
    if (!err)
        err = image_check_policy(ret_info, policy);
    if (!err)
        err = image_check_hash(source, ret_info, crypto, buffer);
    return err;
}

static void make(struct scenario *scenario)
{
    scene_update(scenario);
    scenario->images[1].signer = SIGNER_OTHER;
    scenario->eventually_runs = 0;
}

const struct canary canary = {make, false, CLAIM_AUTHORISED,
                              "only authorised images (I5): image1 runs, and must not"};
