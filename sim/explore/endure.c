#include "sim/explore/endure.h"

#include <stdlib.h>
#include <string.h>

#include "sim/explore/findings.h"
#include "sim/explore/run.h"
#include "sim/explore/survivor.h"

struct endure {
    struct run run;
    struct survivor start;
    struct explore_result *result;
    struct explore_failure *failure; /* the first cause; NULL: none yet */
};

/* From the start to the end; behind each operation of that number the power goes. 0: it stays on.
 */
static void run_once(struct endure *endure, uint32_t operation)
{
    const struct point_step step = {operation, POWER_AFTER};
    struct run *run = &endure->run;
    enum device_end end;

    survivor_give(&endure->start, &run->world);
    run->again = operation ? &step : NULL;
    run->sessions = 0;
    run_start_budget(run);
    while (!run_stage(run, &end)) {
        if (end != DEVICE_CUT)
            continue;
        endure->result->operations += run->world.judge.operations;
        if (run_next_session(run))
            break;
    }
    endure->result->operations += run->world.judge.operations;
    endure->result->boots += run->world.device.boots;
    run->again = NULL;
}

static void note_failure(struct endure *endure, uint32_t operation)
{
    const struct point point = {.count = 1, .steps = {{operation, POWER_AFTER}}, .is_again = true};
    const struct judge *judge = &endure->run.world.judge;
    struct explore_result *result = endure->result;
    char name[POINT_NAME_MAX];

    point_name(&point, name);
    if (!endure->failure) {
        uint32_t number = result->failure_count;
        findings_add(result, judge->claim, judge->text);
        if (number == result->failure_count)
            return;
        endure->failure = &result->failures[number];
        memcpy(endure->failure->point, name, sizeof name);
        endure->failure->phase = endure->run.world.device.phase;
        return;
    }
    result->points_failed++;
    endure->failure->points++;
    for (uint32_t i = 0; i < EXPLORE_LIKE_MAX; i++)
        if (!endure->failure->like[i][0]) {
            memcpy(endure->failure->like[i], name, sizeof name);
            return;
        }
}

/* As run_once(), in a world that is then as it was. Returns the operations of its last session. */
static uint32_t try(struct endure *endure, uint32_t operation)
{
    struct world *world = &endure->run.world;
    uint32_t nvm_mark = flash_ram_mark(&world->nvm), spi_mark = flash_ram_mark(&world->spi);

    run_once(endure, operation);
    uint32_t operations = world->device.supply.operations;
    if (world->judge.claim)
        note_failure(endure, operation);
    flash_ram_rollback(&world->nvm, nvm_mark);
    flash_ram_rollback(&world->spi, spi_mark);
    return operations;
}

static void try_all(struct endure *endure, const struct scenario *scenario)
{
    char text[JUDGE_TEXT_MAX];

    survivor_take(&endure->run.world, &endure->start);
    endure->run.choose.driver = CHOOSE_ORDINARY;
    uint32_t longest = try(endure, 0);
    if (longest < scenario->under_cuts) {
        snprintf(text, sizeof text, "under cuts: no power session has %u operations",
                 scenario->under_cuts);
        findings_add(endure->result, CLAIM_FIRED, text);
    }
    for (uint32_t operation = scenario->under_cuts; operation <= longest; operation++) {
        endure->result->points++;
        (void)try(endure, operation);
    }
}

void endure_run(const struct scenario *scenario, const struct chip_boot_file *firmware,
                struct explore_result *result)
{
    struct endure *endure = scenario->under_cuts ? calloc(1, sizeof *endure) : NULL;
    enum judge_claim claim = CLAIM_NONE;

    if (!scenario->under_cuts)
        return;
    if (endure)
        endure->result = result;
    else
        snprintf(result->fault, sizeof result->fault, "out of memory");
    if (endure && run_init_with(&endure->run, scenario, firmware, &claim, result->fault)) {
        try_all(endure, scenario);
        run_free(&endure->run);
    } else {
        findings_not_begun(result, claim);
    }
    free(endure);
}
