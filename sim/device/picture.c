#include "sim/device/picture.h"

#include <string.h>

#include "bootloader/boot.h"

#define OFFSET_COLUMNS 10 /* "  0x000000 " without the last blank */
#define ROW_MAX        128
#define KINDS          (OWNER_FILE + OWNERS_FILES_MAX)

/* --- the story ------------------------------------------------------------------------------- */

static const char *text_of(struct json_object *object, const char *key)
{
    const char *text = json_object_get_string(json_object_object_get(object, key));

    return text ? text : "-";
}

static void tell_record(struct json_object *control, FILE *out)
{
    const char *version = text_of(control, "version"), *status = text_of(control, "status");

    if (strcmp(text_of(control, "state"), "ok") != 0)
        fprintf(out, "No boot control record: the page is %s.\n", text_of(control, "state"));
    else if (strcmp(status, "valid") == 0)
        fprintf(out, "v%s installed and confirmed.\n", version);
    else if (strcmp(status, "unbooted") == 0)
        fprintf(out, "v%s installed, %s of %u trial boots used, not confirmed yet.\n", version,
                text_of(control, "trials"), boot_options_default.trials_max);
    else if (strcmp(status, "disabled") == 0)
        fprintf(out, "v%s was given up after %s trial boots; another image is to start.\n", version,
                text_of(control, "trials"));
    else
        fprintf(out, "v%s is recorded as %s.\n", version, status);
}

static void tell_flash(struct json_object *control, struct json_object *flash, FILE *out)
{
    const char *version = text_of(flash, "version");

    if (strcmp(text_of(flash, "state"), "verified") != 0)
        fprintf(out, "What program flash holds does not verify: %s.\n", text_of(flash, "state"));
    else if (strcmp(version, text_of(control, "version")) != 0)
        fprintf(out, "Program flash holds v%s, verified.\n", version);
}

/* What waits in the store and is newer. */
static void tell_waiting(struct json_object *control, struct json_object *rows, FILE *out)
{
    int64_t version = json_object_get_int64(json_object_object_get(control, "version"));

    for (size_t i = 0; rows && i < json_object_array_length(rows); i++) {
        struct json_object *row = json_object_array_get_idx(rows, i);
        if (json_object_get_int64(json_object_object_get(row, "version")) > version)
            fprintf(out, "v%s in the store is %s.\n", text_of(row, "version"),
                    text_of(row, "status"));
    }
}

void picture_story(struct json_object *survey, FILE *out)
{
    struct json_object *control = json_object_object_get(survey, "boot_control");
    struct json_object *store = json_object_object_get(survey, "store");
    struct json_object *database = json_object_object_get(store, "database");

    tell_record(control, out);
    tell_flash(control, json_object_object_get(survey, "program_flash"), out);
    tell_waiting(control, json_object_object_get(database, "rows"), out);
    if (!database)
        fprintf(out, "The image store does not mount.\n");
    else if (strcmp(text_of(database, "state"), "ok") != 0)
        fprintf(out, "The image database: %s.\n", text_of(database, "state"));
}

/* --- the maps -------------------------------------------------------------------------------- */

static const char *const ascii_signs[OWNER_FILE] = {".", "-", "B", "C", "A", "P", "d"};
static const char *const unicode_signs[OWNER_FILE] = {"·", "░", "▓", "◆", "█", "▒", "▪"};
static const int colours[OWNER_FILE] = {90, 90, 34, 33, 32, 35, 36};
static const int file_colours[] = {32, 36, 35, 34, 33, 31};

/* The digit or letter of a file. */
static void print_sign(uint8_t owner, const struct picture_style *style, FILE *out)
{
    static const char letters[] = "123456789abcdefg";
    uint32_t file = (uint32_t)owner - OWNER_FILE;
    int colour = owner < OWNER_FILE
                     ? colours[owner]
                     : file_colours[file % (sizeof file_colours / sizeof file_colours[0])];

    if (style->has_colour)
        fprintf(out, "\033[%dm", colour);
    if (owner < OWNER_FILE)
        fputs((style->is_unicode ? unicode_signs : ascii_signs)[owner], out);
    else
        fputc(letters[file], out);
    if (style->has_colour)
        fputs("\033[0m", out);
}

static bool is_torn(const struct cells *cells, uint32_t unit)
{
    uint32_t count = cells->flash.erase_size / cells->mark_size;

    for (uint32_t i = 0; i < count; i++)
        if (cells->marks[unit * count + i] & CELLS_TORN)
            return true;
    return (cells->units[unit].flags & CELLS_WEAK) != 0;
}

static void print_unit(const struct cells *cells, const uint8_t *map, uint32_t unit,
                       const struct picture_style *style, FILE *out)
{
    if (!is_torn(cells, unit)) {
        print_sign(map[unit], style, out);
        return;
    }
    fputs(style->has_colour ? "\033[1;31m" : "", out);
    fputs(style->is_unicode ? "✗" : "!", out);
    fputs(style->has_colour ? "\033[0m" : "", out);
}

static void print_legend(const struct owners *owners, const uint8_t *map, const struct cells *cells,
                         const struct picture_style *style, FILE *out)
{
    uint32_t size = cells->flash.erase_size, units = cells->flash.size / size, torn = 0;
    uint32_t counts[KINDS] = {0};

    for (uint32_t unit = 0; unit < units; unit++) {
        counts[map[unit]]++;
        torn += is_torn(cells, unit);
    }
    for (uint8_t owner = 0; owner < KINDS; owner++) {
        if (!counts[owner])
            continue;
        fputs("    ", out);
        print_sign(owner, style, out);
        fprintf(out, " %-24.40s %5u KiB\n", owners_name(owners, owner),
                counts[owner] * size / 1024);
    }
    if (torn)
        fprintf(out, "    %s %-24s %5u\n", style->is_unicode ? "✗" : "!", "torn or weak", torn);
}

void picture_map(const struct owners *owners, const uint8_t *map, const struct cells *cells,
                 const struct picture_style *style, FILE *out)
{
    uint32_t size = cells->flash.erase_size, units = cells->flash.size / size, row = 16;

    while (row < ROW_MAX && OFFSET_COLUMNS + 1 + 2 * row <= style->width)
        row *= 2;
    fprintf(out, "%s, %u KiB, a sign is %u KiB; at most %u erases", cells->flash.name,
            cells->flash.size / 1024, size / 1024, cells_wear_max(cells));
    if (cells->flash.erase_max)
        fprintf(out, " of %u", cells->flash.erase_max);
    fputc('\n', out);
    for (uint32_t unit = 0; unit < units; unit++) {
        if (unit % row == 0)
            fprintf(out, "  0x%06X ", unit * size);
        print_unit(cells, map, unit, style, out);
        if (unit % row == row - 1)
            fputc('\n', out);
    }
    print_legend(owners, map, cells, style, out);
}
