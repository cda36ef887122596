#include "sim/explore/trace.h"

#include <stdarg.h>
#include <string.h>

static const char *const cut_texts[] = {
    [POWER_INSIDE] = "inside it: a part is done",
    [POWER_SUFFIX] = "inside it: the last part is done",
    [POWER_ONE_BIT] = "inside it: one bit is done",
    [POWER_MOST_BITS] = "inside it: all but one bit is done",
    [POWER_SOME_BITS] = "inside it: some bits are done",
    [POWER_NOTHING] = "inside it: nothing shows yet",
    [POWER_LOW_HALF] = "inside it: the first half is done",
    [POWER_HIGH_HALF] = "inside it: the second half is done",
    [POWER_WEAK] = "inside it: it is weak, and reads as done or not",
    [POWER_AFTER] = "after it",
};

static const char *kind_name(const struct power_operation *operation)
{
    return operation->kind == POWER_ERASE ? "erase" : "program";
}

static double now_s(const struct device *device)
{
    return (double)device->now_ms / 1000;
}

static char *last_line(struct trace *trace)
{
    return trace->lines[(trace->count - 1) % TRACE_LINES];
}

/* Room for one more; it stays open until the next one or trace_flush(). */
static char *new_line(struct trace *trace)
{
    trace_flush(trace);
    trace->count++;
    trace->is_open = true;
    return last_line(trace);
}

void trace_flush(struct trace *trace)
{
    if (trace->is_open && trace->out && trace->is_table)
        fprintf(trace->out, "%s\n", last_line(trace));
    trace->is_open = false;
    if (trace->out)
        fflush(trace->out); /* a debugger or a crash may come next */
}

void trace_begin(struct trace *trace)
{
    if (trace->out && trace->is_table)
        fprintf(trace->out, "%4s %9s  %5s  %-5s  %-7s  %-8s  %5s  %-10s  %s\n", "boot", "s", "op",
                "flash", "what", "address", "size", "phase", "note");
    else if (trace->out)
        fputs("boot         s\n", trace->out);
}

void trace_say(struct trace *trace, const struct device *device, const char *format, ...)
{
    char text[160], *line = new_line(trace);
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    snprintf(line, TRACE_LINE_MAX, "%4u %9.3f  %5s  %-5s  %-7s  %-8s  %5s  %-10s  %s",
             device->boots, now_s(device), "", "", "", "", "", device_phase_name(device->phase),
             text);
    if (trace->out && !trace->is_table)
        fprintf(trace->out, "%4u %9.3f  %s\n", device->boots, now_s(device), text);
}

void trace_operation(struct trace *trace, const struct device *device,
                     const struct power_operation *operation)
{
    snprintf(new_line(trace), TRACE_LINE_MAX, "%4u %9.3f  %5u  %-5s  %-7s  0x%06X  %5u  %s",
             device->boots, now_s(device), operation->number, operation->power->flash.name,
             kind_name(operation), operation->offset, operation->size,
             device_phase_name(device->phase));
}

void trace_mark(struct trace *trace, const struct device *device,
                const struct power_operation *operation, const char *text)
{
    const char *phase = device_phase_name(device->phase);
    char *line = last_line(trace);
    size_t used = strlen(line);

    snprintf(line + used, TRACE_LINE_MAX - used, "%*s  %s", 10 - (int)strlen(phase), "", text);
    if (!trace->out || trace->is_table)
        return;
    fprintf(trace->out, "%4u %9.3f    op %-5u %s %-7s 0x%06X %5u  %s\n", device->boots,
            now_s(device), operation->number, operation->power->flash.name, kind_name(operation),
            operation->offset, operation->size, phase);
    fprintf(trace->out, "%4u %9.3f    %s\n", device->boots, now_s(device), text);
}

void trace_cut(struct trace *trace, const struct device *device,
               const struct power_operation *operation, enum power_moment moment)
{
    char text[80];

    snprintf(text, sizeof text, "POWER CUT %s", cut_texts[moment]);
    trace_mark(trace, device, operation, text);
}
