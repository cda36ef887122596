#ifndef SIM_EXPLORE_TIMELINE_H
#define SIM_EXPLORE_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/device/device.h"
#include "sim/explore/point.h"

/*
 * What one run did, to be drawn: its boots, its flash operations in their order, what the device
 * said, where the power went. Functions that note something take NULL for a run that nobody draws.
 */
#define TIMELINE_TEXT_MAX 160

struct timeline_operation {
    enum device_phase phase;
    bool is_spi;
    enum power_kind kind;
    uint32_t offset, size;
};

/* Something between operations. */
enum timeline_mark_kind { TIMELINE_BOOT, TIMELINE_CUT, TIMELINE_TEXT };

struct timeline_mark {
    enum timeline_mark_kind kind;
    uint32_t at;                  /* operations before it; of a cut its own is one of them */
    uint64_t ms;                  /* of device time; not of a cut */
    struct point_step step;       /* of a cut */
    char text[TIMELINE_TEXT_MAX]; /* of a text */
};

struct timeline {
    struct timeline_operation *operations;
    uint32_t operation_count, operation_capacity;
    struct timeline_mark *marks;
    uint32_t mark_count, mark_capacity;
};

void timeline_free(struct timeline *timeline);

void timeline_boot(struct timeline *timeline, uint64_t ms);
void timeline_text(struct timeline *timeline, uint64_t ms, const char *text);
void timeline_operation(struct timeline *timeline, const struct timeline_operation *operation);

/* The power goes; the operation has been noted, as it has begun. */
void timeline_cut(struct timeline *timeline, const struct point_step *step);

#endif
