#include "sim/device/chip_monitor.h"

#include <stdlib.h>
#include <string.h>

#include "sim/device/survey.h"

#define TRACE_DEFAULT 20

void chip_monitor_init(struct chip_monitor *monitor, struct folder *folder)
{
    memset(monitor, 0, sizeof *monitor);
    monitor->folder = folder;
}

/* --- what happens ---------------------------------------------------------------------------- */

static char *new_line(struct chip_monitor *monitor)
{
    return monitor->lines[monitor->count++ % CHIP_MONITOR_LINES];
}

void chip_monitor_operation(struct chip_monitor *monitor, uint64_t ms,
                            const struct power_operation *operation)
{
    snprintf(new_line(monitor), CHIP_MONITOR_LINE_MAX, "%9.3f  %5u  %-5s  %-7s  0x%06X  %5u",
             (double)ms / 1000, operation->number, operation->power->flash.name,
             operation->kind == POWER_ERASE ? "erase" : "program", operation->offset,
             operation->size);
}

void chip_monitor_console(struct chip_monitor *monitor, uint64_t ms, uint8_t byte)
{
    if (byte == '\n') {
        snprintf(new_line(monitor), CHIP_MONITOR_LINE_MAX, "%9.3f  %.*s", (double)ms / 1000,
                 (int)monitor->console_size, monitor->console);
        monitor->console_size = 0;
    } else if (byte >= ' ' && monitor->console_size < CHIP_MONITOR_LINE_MAX - 16) {
        monitor->console[monitor->console_size++] = (char)byte;
    }
}

/* --- answers --------------------------------------------------------------------------------- */

static void put_hex(const uint8_t *bytes, uint32_t size, FILE *out)
{
    for (uint32_t i = 0; i < size; i++)
        fprintf(out, "%02x", bytes[i]);
}

static void put_page(const struct cells *cells, uint32_t page, FILE *out)
{
    uint32_t size = cells->flash.erase_size, marks = size / cells->mark_size;

    fprintf(out,
            "{\"flash\":\"%s\",\"page\":%u,\"size\":%u,\"mark_size\":%u,\"erases\":%u,"
            "\"flags\":%u,\"bytes\":\"",
            cells->flash.name, page, size, cells->mark_size, cells->units[page].erases,
            cells->units[page].flags);
    put_hex(cells->bytes + (size_t)page * size, size, out);
    fputs("\",\"marks\":\"", out);
    put_hex(cells->marks + (size_t)page * marks, marks, out);
    fputs("\"}\n", out);
}

/* "nvm 33" or "nvm 0x21000": an address stands for its page. */
static void answer_flash(struct chip_monitor *monitor, const char *text, FILE *out)
{
    bool is_spi = strncmp(text, "spi ", 4) == 0;
    const struct cells *cells = is_spi ? &monitor->folder->spi.cells : &monitor->folder->nvm.cells;
    uint32_t count = cells->flash.size / cells->flash.erase_size;
    const char *number = text + 4;
    char *end;

    if (!is_spi && strncmp(text, "nvm ", 4) != 0) {
        fputs("usage: flash nvm|spi PAGE\n", out);
        return;
    }
    unsigned long page = strtoul(number, &end, 0);
    if (end == number || *end || *number == '-') {
        fprintf(out, "'%s' is no page\n", number);
        return;
    }
    if (strncmp(number, "0x", 2) == 0)
        page /= cells->flash.erase_size;
    if (page < count)
        put_page(cells, (uint32_t)page, out);
    else
        fprintf(out, "%s has pages 0 to %u\n", cells->flash.name, count - 1);
}

static void answer_store(struct chip_monitor *monitor, FILE *out)
{
    struct folder *folder = monitor->folder;
    struct json_object *survey =
        survey_running(&folder->nvm.cells, &folder->spi.cells, folder->layout, &folder->policy);
    struct json_object *store = json_object_object_get(survey, "store");

    if (survey)
        fprintf(out, "%s\n", json_object_to_json_string_ext(store, JSON_C_TO_STRING_NOSLASHESCAPE));
    else
        fputs("out of memory\n", out);
    json_object_put(survey);
}

static void answer_trace(const struct chip_monitor *monitor, const char *text, FILE *out)
{
    char *end;
    unsigned long wanted = *text ? strtoul(text, &end, 10) : TRACE_DEFAULT;

    if (*text && (*end || *text == '-')) {
        fputs("usage: trace [N]\n", out);
        return;
    }
    if (wanted > CHIP_MONITOR_LINES)
        wanted = CHIP_MONITOR_LINES;
    if (wanted > monitor->count)
        wanted = monitor->count;
    fputs("        s     op  flash  what     address    size\n", out);
    for (uint32_t i = monitor->count - (uint32_t)wanted; i < monitor->count; i++)
        fprintf(out, "%s\n", monitor->lines[i % CHIP_MONITOR_LINES]);
}

void chip_monitor_answer(struct chip_monitor *monitor, const char *command, FILE *out)
{
    const struct folder *folder = monitor->folder;

    if (strcmp(command, "boot") == 0)
        put_page(&folder->nvm.cells,
                 folder->layout->bootctl_offset / folder->nvm.cells.flash.erase_size, out);
    else if (strncmp(command, "flash ", 6) == 0)
        answer_flash(monitor, command + 6, out);
    else if (strcmp(command, "store") == 0)
        answer_store(monitor, out);
    else if (strcmp(command, "trace") == 0 || strncmp(command, "trace ", 6) == 0)
        answer_trace(monitor, command[5] ? command + 6 : "", out);
    else
        fputs("monitor boot | flash nvm|spi PAGE | store | trace [N]\n", out);
}
