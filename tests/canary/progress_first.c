/* Notes how far a download is before the bytes are there. */
#include "tests/canary/canary.h"

#include "tests/scene.h"

enum ota_err __real_part_write(struct part *part, const void *data, uint32_t size);
enum ota_err __wrap_part_write(struct part *part, const void *data, uint32_t size);

enum ota_err __wrap_part_write(struct part *part, const void *data, uint32_t size)
{
    lfs2_t *lfs = &part->file.store->lfs;

    if (canary_is_awake && (lfs2_file_truncate(lfs, &part->file.file, part->size + size) ||
                            lfs2_file_sync(lfs, &part->file.file)))
        return OTA_ERR_FLASH;
    return __real_part_write(part, data, size);
}

/* A cut costs bytes, and nothing else: no download comes to a bad end. */
static void make(struct scenario *scenario)
{
    scene_update(scenario);
    scenario_mark_parse("ota.download-failed", &scenario->never[scenario->never_count++]);
    scene_cut(scenario, 1u << PHASE_DOWNLOAD);
}

const struct canary canary = {make, true, CLAIM_ALWAYS, "ota.download-failed happened"};
