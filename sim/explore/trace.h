#ifndef SIM_EXPLORE_TRACE_H
#define SIM_EXPLORE_TRACE_H

#include <stdio.h>

#include "sim/device/device.h"

/*
 * What a replay shows: an aligned line an event. Either what the device says of itself, and the
 * operation at each cut, or a table with every operation. The last lines of the table are kept for
 * a debugger to look at (sim/gdb/brownout-gdb.py), whether they were printed or not.
 */
#define TRACE_LINES    64
#define TRACE_LINE_MAX 240

struct trace {
    FILE *out;     /* NULL: nothing is printed */
    bool is_table; /* every operation, too */
    bool is_open;  /* the last line is not printed yet: a note may come to it */
    uint32_t count;
    char lines[TRACE_LINES][TRACE_LINE_MAX]; /* line i is at i % TRACE_LINES */
};

/* The head of the table, or of the story. */
void trace_begin(struct trace *trace);

/* Something happens that is no operation. */
void trace_say(struct trace *trace, const struct device *device, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* An operation begins. */
void trace_operation(struct trace *trace, const struct device *device,
                     const struct power_operation *operation);

/* A note to the operation that began last. */
void trace_mark(struct trace *trace, const struct device *device,
                const struct power_operation *operation, const char *text);

/* The power goes at this moment of the operation that began last. */
void trace_cut(struct trace *trace, const struct device *device,
               const struct power_operation *operation, enum power_moment moment);

/* All lines so far are printed. */
void trace_flush(struct trace *trace);

#endif
