#include "sim/explore/choose.h"

static uint32_t choose_every(struct choose *choose, uint64_t site, uint32_t bound)
{
    for (uint32_t alternative = 1; alternative < bound; alternative++)
        choose->fork(choose->context, site, alternative);
    return 0;
}

/* splitmix64: every seed is a good one. */
static uint64_t random_next(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9E3779B97F4A7C15u);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint32_t choose_random(struct choose *choose, uint32_t bound)
{
    if (bound < 2 || random_next(&choose->seed) % choose->odds)
        return 0;
    return 1 + (uint32_t)(random_next(&choose->seed) % (bound - 1));
}

static uint32_t choose_replay(struct choose *choose, uint64_t site, uint32_t bound)
{
    for (uint32_t i = choose->step_next; i < choose->step_count; i++) {
        struct choose_step *step = &choose->steps[i];
        step->is_used |= step->site == site;
        if (step->site == site)
            return step->alternative < bound ? step->alternative : 0;
        if (step->is_cut)
            break;
    }
    return 0;
}

static uint32_t choose_bytes(struct choose *choose, uint32_t bound)
{
    if (!choose->byte_count)
        return 0;
    choose->byte_count--;
    return *choose->bytes++ % bound;
}

uint32_t choose(struct choose *choose, uint64_t site, uint32_t bound)
{
    switch (choose->driver) {
    case CHOOSE_EVERY:
        return choose_every(choose, site, bound);
    case CHOOSE_RANDOM:
        return choose_random(choose, bound);
    case CHOOSE_REPLAY:
        return choose_replay(choose, site, bound);
    case CHOOSE_BYTES:
        return choose_bytes(choose, bound);
    case CHOOSE_ORDINARY:
        break;
    }
    return 0;
}

void choose_next_session(struct choose *choose)
{
    while (choose->step_next < choose->step_count)
        if (choose->steps[choose->step_next++].is_cut)
            return;
}

bool choose_is_used_up(const struct choose *choose)
{
    for (uint32_t i = 0; i < choose->step_count; i++)
        if (!choose->steps[i].is_used)
            return false;
    return true;
}
