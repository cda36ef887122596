/* Believes the database: what has a row is taken to be in the store. */
#include "tests/canary/canary.h"

#include <string.h>

#include "lfs2.h"
#include "tests/scene.h"

int __real_lfs2_stat(lfs2_t *lfs, const char *path, struct lfs2_info *info);
int __wrap_lfs2_stat(lfs2_t *lfs, const char *path, struct lfs2_info *info);

int __wrap_lfs2_stat(lfs2_t *lfs, const char *path, struct lfs2_info *info)
{
    int err = __real_lfs2_stat(lfs, path, info);

    if (!canary_is_awake || err != LFS2_ERR_NOENT || strstr(path, STORE_FACTORY))
        return err;
    info->type = LFS2_TYPE_REG;
    return 0;
}

/* The newest image has a row and no file any more; the server still has it. */
static void make(struct scenario *scenario)
{
    scene_update(scenario);
    scenario->downloaded[scenario->downloaded_count++] = 1;
    scenario->damages[scenario->damage_count++] =
        (struct scenario_damage){DAMAGE_IMAGE, DAMAGE_REMOVE, .image = 1};
}

const struct canary canary = {make, false, CLAIM_EVENTUALLY, "eventually: image0 runs, not image1"};
