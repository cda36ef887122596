#include "tests/scene.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>

#include "sim/explore/prepare.h"

void scene_init(struct scenario *scenario)
{
    scenario_init(scenario);
    strcpy(scenario->name, "by-hand");
    strcpy(scenario->theme, "tests");
    strcpy(scenario->why, "Made by a test.");
    strcpy(scenario->file, "tests/by-hand.json");
    scenario->factory = 0;
}

int scene_image(struct scenario *scenario, uint32_t version)
{
    int index = (int)scenario->image_count++;
    struct scenario_image *image = &scenario->images[index];

    memset(image, 0, sizeof *image);
    snprintf(image->name, sizeof image->name, "image%d", index);
    image->version = version;
    image->size = SCENE_SIZE;
    return index;
}

void scene_stage(struct scenario *scenario, int when_runs)
{
    scenario->stages[scenario->stage_count++] = (struct scenario_stage){.when_runs = when_runs};
}

struct scenario_offer *scene_offer(struct scenario *scenario, int image)
{
    struct scenario_stage *stage = &scenario->stages[scenario->stage_count - 1];
    struct scenario_offer *offer = &stage->offers[stage->offer_count++];

    *offer = (struct scenario_offer){.image = image, .bytes_of = -1};
    return offer;
}

struct scenario_cut *scene_cut(struct scenario *scenario, uint32_t phases)
{
    struct scenario_cut *cut = &scenario->cuts[scenario->cut_count++];

    *cut = (struct scenario_cut){
        .is_every = true,
        .times = 1,
        .phases = phases,
        .kinds = 1u << POWER_PROGRAM | 1u << POWER_ERASE,
        .moments = (1u << POWER_MOMENT_COUNT) - 1,
        .on_nvm = true,
        .on_spi = true,
    };
    return cut;
}

void scene_update(struct scenario *scenario)
{
    scene_init(scenario);
    scene_image(scenario, 1);
    scenario->eventually_runs = scene_image(scenario, 2);
    scene_stage(scenario, -1);
    scene_offer(scenario, scenario->eventually_runs);
}

bool scene_installed(struct scenario *scenario, struct world *ret_world)
{
    const struct device_observer nobody = {0};
    char reason[JUDGE_TEXT_MAX];

    scene_update(scenario);
    scenario->installed[scenario->installed_count++] = 1;
    if (world_init(ret_world, scenario))
        return false;
    if (!prepare_world(ret_world, reason)) {
        world_free(ret_world);
        return false;
    }
    world_begin(ret_world, &ret_world->fixture.servers[0], &nobody);
    return true;
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
    (void)status;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void scene_remove(const char *folder)
{
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}
