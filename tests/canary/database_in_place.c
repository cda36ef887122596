/* Writes the image database over the old one: it is emptied, then written. What a cut leaves of it
 * is no database, and what no image file tells is lost: which version failed before. */
#include "tests/canary/canary.h"

#include "tests/scene.h"

enum ota_err __real_store_enter(struct store *store, const struct database_row *row);
enum ota_err __wrap_store_enter(struct store *store, const struct database_row *row);

enum ota_err __wrap_store_enter(struct store *store, const struct database_row *row)
{
    struct lfs2_file_config config = {.buffer = store->file_buffer};
    lfs2_file_t file;

    if (canary_is_awake) {
        if (lfs2_file_opencfg(&store->lfs, &file, STORE_DIRECTORY "/image_database.csv",
                              LFS2_O_WRONLY | LFS2_O_CREAT | LFS2_O_TRUNC, &config) ||
            lfs2_file_close(&store->lfs, &file))
            return OTA_ERR_FLASH;
    }
    return __real_store_enter(store, row);
}

/* Version 3 was given up, and there is no file of it any more: only its row remembers that. */
static void make(struct scenario *scenario)
{
    int given_up;

    scene_update(scenario);
    given_up = scene_image(scenario, 3);
    scene_offer(scenario, given_up);
    scenario->downloaded[scenario->downloaded_count++] = given_up;
    scenario->damages[scenario->damage_count++] =
        (struct scenario_damage){DAMAGE_IMAGE, DAMAGE_REMOVE, .image = given_up};
    scenario->damages[scenario->damage_count++] =
        (struct scenario_damage){DAMAGE_DATABASE, DAMAGE_DISABLE, .image = -1};
    scenario->always_runs = 1u | 1u << 1;
    scene_cut(scenario, 1u << PHASE_ENTER)->on_nvm = false;
}

const struct canary canary = {make, true, CLAIM_ALWAYS, "image2 runs"};
