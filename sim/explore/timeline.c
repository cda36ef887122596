#include "sim/explore/timeline.h"

#include <stdio.h>
#include <stdlib.h>

static void *grow(void *list, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity ? 2 * *capacity : 64;
    void *larger = realloc(list, *capacity * size);
    if (!larger) {
        fputs("brownout: out of memory\n", stderr);
        abort();
    }
    return larger;
}

static struct timeline_mark *add_mark(struct timeline *timeline, enum timeline_mark_kind kind,
                                      uint64_t ms)
{
    timeline->marks = grow(timeline->marks, timeline->mark_count, &timeline->mark_capacity,
                           sizeof *timeline->marks);
    struct timeline_mark *mark = &timeline->marks[timeline->mark_count++];
    *mark = (struct timeline_mark){.kind = kind, .at = timeline->operation_count, .ms = ms};
    return mark;
}

void timeline_free(struct timeline *timeline)
{
    free(timeline->operations);
    free(timeline->marks);
    *timeline = (struct timeline){0};
}

void timeline_boot(struct timeline *timeline, uint64_t ms)
{
    if (timeline)
        (void)add_mark(timeline, TIMELINE_BOOT, ms);
}

void timeline_text(struct timeline *timeline, uint64_t ms, const char *text)
{
    if (!timeline)
        return;
    struct timeline_mark *mark = add_mark(timeline, TIMELINE_TEXT, ms);
    snprintf(mark->text, sizeof mark->text, "%s", text);
}

void timeline_operation(struct timeline *timeline, const struct timeline_operation *operation)
{
    if (!timeline)
        return;
    timeline->operations = grow(timeline->operations, timeline->operation_count,
                                &timeline->operation_capacity, sizeof *timeline->operations);
    timeline->operations[timeline->operation_count++] = *operation;
}

void timeline_cut(struct timeline *timeline, const struct point_step *step)
{
    if (timeline)
        add_mark(timeline, TIMELINE_CUT, 0)->step = *step;
}
