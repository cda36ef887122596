#ifndef SIM_SCENARIO_FIXTURE_H
#define SIM_SCENARIO_FIXTURE_H

#include "core/image.h"
#include "sim/scenario/scenario.h"
#include "sim/server/transport_mem.h"

/* What a scenario talks about, made real: its images from seeded bytes, its keys, what its server
 * holds in each stage. The same scenario gives the same bytes everywhere. */
struct fixture_image {
    uint8_t *bytes; /* the image file */
    uint32_t size;
    uint8_t hash[CRYPTO_SHA256_SIZE];   /* the image's own */
    uint8_t digest[CRYPTO_SHA256_SIZE]; /* of the file */
    bool may_run;                       /* signed by the right key, for this product */
};

struct fixture {
    struct image_policy policy;
    struct fixture_image images[SCENARIO_IMAGES_MAX];
    struct server servers[SCENARIO_STAGES_MAX];
    char *manifests[SCENARIO_STAGES_MAX];
    uint32_t image_count, stage_count;
};

/* OTA_ERR_SIZE: an image has no room for its code; OTA_ERR_FULL: out of memory. Nothing to free
 * then. */
OTA_MUST_USE enum ota_err fixture_make(const struct scenario *scenario,
                                       struct fixture *ret_fixture);
void fixture_free(struct fixture *fixture);

/* A server that offers just this image; for preparing a device. text: work space that must stay.
 * OTA_ERR_FULL: out of memory. */
#define FIXTURE_TEXT_MAX 512
OTA_MUST_USE enum ota_err fixture_offer_one(const struct scenario *scenario,
                                            const struct fixture *fixture, int image,
                                            struct server *ret_server, char text[FIXTURE_TEXT_MAX]);

#endif
