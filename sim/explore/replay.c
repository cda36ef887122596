#include "sim/explore/replay.h"

#include <string.h>

#include "sim/explore/findings.h"
#include "sim/explore/run.h"

static void load_steps(struct choose *choose, const struct point *point)
{
    choose->driver = CHOOSE_REPLAY;
    choose->step_count = point->count;
    for (uint32_t i = 0; i < point->count; i++)
        choose->steps[i] = (struct choose_step){.site = point_site(&point->steps[i]),
                                                .alternative = 1,
                                                .is_cut = point->steps[i].moment != POINT_READ};
}

/* From power on to the end, through all the point's cuts. */
static void run_through(struct run *run, struct explore_result *result)
{
    struct device *device = &run->world.device;
    enum device_end end;

    run_start_budget(run);
    while (!run_stage(run, &end)) {
        if (end != DEVICE_CUT)
            continue;
        result->operations += run->world.judge.operations;
        choose_next_session(&run->choose);
        device_power_on(device);
        run->world.session_boots = 0;
        run_start_budget(run);
    }
    result->operations += run->world.judge.operations;
    result->boots = device->boots;
}

void replay_point(const struct scenario *scenario, const struct point *point, FILE *out,
                  bool is_verbose, struct explore_result *ret_result)
{
    struct run run;
    enum judge_claim claim;

    memset(ret_result, 0, sizeof *ret_result);
    if (!run_init(&run, scenario, &claim, ret_result->fault)) {
        findings_not_begun(ret_result, claim);
        return;
    }
    run.out = out;
    run.is_verbose = is_verbose;
    load_steps(&run.choose, point);
    run_through(&run, ret_result);
    if (run.world.judge.claim)
        findings_add(ret_result, run.world.judge.claim, run.world.judge.text);
    else if (!choose_is_used_up(&run.choose))
        findings_add(ret_result, CLAIM_FIRED, "the point's cut never happened");
    if (ret_result->failure_count)
        point_name(point, ret_result->failures[0].point);
    run_free(&run);
}
