#ifndef SIM_EXPLORE_CREW_H
#define SIM_EXPLORE_CREW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/uio.h>

/*
 * Work for forked children. The items are numbered; whichever child is free takes the next one, and
 * says what it found in records, which arrive here in the order of the items, whoever did them. A
 * child starts as a copy of this process and ends with the work, so an item that crashes or hangs
 * costs that item and nothing else.
 */
struct crew_slots; /* of processors, shared by all processes of a run */

struct crew_work {
    uint32_t count;
    uint32_t hang_s;   /* of processor time; an item that takes more hangs; 0: none does */
    uint64_t until_ms; /* no item is begun after this time, by crew_now_ms(); 0: no such limit */
    bool is_isolated;  /* a child of its own for each item */
    /* In a child: do the item, and tell what came of it by crew_tell(). */
    void (*work)(void *context, uint32_t item, FILE *to);
    /* Here, in order: a record of the item; it has ended; it was lost, for this reason. */
    void (*told)(void *context, uint32_t item, const uint8_t *record, uint32_t size);
    void (*ended)(void *context, uint32_t item);
    void (*lost)(void *context, uint32_t item, const char *reason);
    void *context;
};

/* One record of the item that the child works on, in parts; not all of them are empty. */
void crew_tell(FILE *to, uint32_t item, const struct iovec *parts, uint32_t count);

/* All items, by one child and as many more as slots has free, now or later; slots may be NULL.
 * *ret_done of them, from the first on: fewer than all when the time was up. false: no child could
 * be started. */
bool crew_run(const struct crew_work *work, struct crew_slots *slots, uint32_t *ret_done);

/* Of this machine, since some moment. */
uint64_t crew_now_ms(void);

/* For so many processors; NULL: no memory. The caller uses one without asking. */
struct crew_slots *crew_slots_new(uint32_t count);
void crew_slots_free(struct crew_slots *slots);

/* Take one, if it is free / give it back. */
bool crew_slots_take(struct crew_slots *slots);
void crew_slots_give(struct crew_slots *slots);

#endif
