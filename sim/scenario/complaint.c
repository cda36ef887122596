#include "sim/scenario/complaint.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/strict.h"

#define LINE_MAX_SHOWN 100 /* bytes of a source line */
#define BEFORE_SHOWN   60  /* of them left of the mark in a longer line */

void complaint_init(struct complaint_list *list, const char *path, const char *text, uint32_t size)
{
    list->path = path;
    list->text = text;
    list->size = size;
    list->count = list->said = 0;
    list->is_repeat = false;
}

static bool is_said(const struct complaint_list *list, const struct complaint *complaint)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct complaint *other = &list->complaints[i];
        if (other->at == complaint->at && other->end == complaint->end &&
            strcmp(other->text, complaint->text) == 0)
            return true;
    }
    return false;
}

void complaint_add(struct complaint_list *list, uint32_t at, uint32_t end, const char *format, ...)
{
    struct complaint complaint = {.at = at, .end = end, .note_at = LOCATE_NONE};
    va_list args;

    list->said++;
    list->is_repeat = false;
    if (list->count >= COMPLAINT_MAX) {
        list->count++;
        return;
    }
    va_start(args, format);
    vsnprintf(complaint.text, sizeof complaint.text, format, args);
    va_end(args);
    list->is_repeat = is_said(list, &complaint);
    if (!list->is_repeat)
        list->complaints[list->count++] = complaint;
}

/* The complaint just added; NULL: it is only counted, or was said before. */
static struct complaint *last_added(struct complaint_list *list)
{
    if (list->count == 0 || list->count > COMPLAINT_MAX || list->is_repeat)
        return NULL;
    return &list->complaints[list->count - 1];
}

void complaint_hint(struct complaint_list *list, const char *format, ...)
{
    struct complaint *complaint = last_added(list);
    va_list args;

    if (!complaint)
        return;
    va_start(args, format);
    vsnprintf(complaint->hint, sizeof complaint->hint, format, args);
    va_end(args);
}

void complaint_note(struct complaint_list *list, uint32_t at, const char *text)
{
    struct complaint *complaint = last_added(list);

    if (!complaint)
        return;
    complaint->note_at = at;
    snprintf(complaint->note, sizeof complaint->note, "%s", text);
}

bool complaint_is_within(const struct complaint_list *list, uint32_t at, uint32_t end)
{
    for (uint32_t i = 0; i < list->count && i < COMPLAINT_MAX; i++)
        if (list->complaints[i].at >= at && list->complaints[i].at < end)
            return true;
    return list->count > COMPLAINT_MAX;
}

/* Bytes of the character here, if a terminal can be given it; 0: it cannot. */
static uint32_t printable(const char *text, size_t size)
{
    uint32_t length = strict_utf8(text, size);
    bool is_control = length == 1 ? (unsigned char)*text < ' ' || *text == 0x7F
                                  : length == 2 && (unsigned char)text[0] == 0xC2 &&
                                        (unsigned char)text[1] < 0xA0;

    return is_control ? 0 : length;
}

void complaint_quote(const char *text, size_t size, char ret_quote[COMPLAINT_QUOTE_MAX])
{
    const size_t room = COMPLAINT_QUOTE_MAX - 4;
    size_t used = 0;

    for (size_t at = 0; at < size;) {
        uint32_t length = printable(text + at, size - at);
        if (used + (length ? length : 1) > room) {
            strcpy(ret_quote + used, "...");
            return;
        }
        if (length)
            memcpy(ret_quote + used, text + at, length);
        else
            ret_quote[used] = '?';
        used += length ? length : 1;
        at += length ? length : 1;
    }
    ret_quote[used] = '\0';
}

static bool is_inside_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* A column for each character, tabs as they are. */
static void put_text(const char *text, uint32_t from, uint32_t to, FILE *file)
{
    while (from < to) {
        uint32_t length = printable(text + from, to - from);
        if (length)
            fwrite(text + from, 1, length, file);
        else
            fputc(text[from] == '\t' ? '\t' : '?', file);
        from += length ? length : 1;
    }
}

/* What stands below put_text() of the same. */
static void put_below(const char *text, uint32_t from, uint32_t to, char first, char other,
                      FILE *file)
{
    char mark = first;

    while (from < to) {
        uint32_t length = printable(text + from, to - from);
        fputc(text[from] == '\t' ? '\t' : mark, file);
        mark = other;
        from += length ? length : 1;
    }
}

static void print_source(const struct complaint_list *list, uint32_t at, uint32_t end, FILE *to)
{
    const char *text = list->text;
    uint32_t start = at, stop = at;

    while (start > 0 && text[start - 1] != '\n')
        start--;
    while (stop < list->size && text[stop] != '\n' && text[stop] != '\r')
        stop++;
    bool is_cut_left = at - start > BEFORE_SHOWN && stop - start > LINE_MAX_SHOWN;
    if (is_cut_left) {
        start = at - BEFORE_SHOWN;
        while (start < at && is_inside_character(text[start]))
            start++;
    }
    bool is_cut_right = stop - start > LINE_MAX_SHOWN;
    if (is_cut_right) {
        stop = start + LINE_MAX_SHOWN;
        while (stop > at && is_inside_character(text[stop]))
            stop--;
    }
    fputs(is_cut_left ? "    ..." : "    ", to);
    put_text(text, start, stop, to);
    fputs(is_cut_right ? "...\n    " : "\n    ", to);
    fputs(is_cut_left ? "   " : "", to);
    put_below(text, start, at, ' ', ' ', to);
    if (end > stop)
        end = stop;
    if (end > at)
        put_below(text, at, end, '^', '~', to);
    else
        fputc('^', to);
    fputc('\n', to);
}

static void print_place(const struct complaint_list *list, uint32_t at, const char *kind,
                        const char *text, FILE *to)
{
    uint32_t line, column;

    if (!list->text) {
        fprintf(to, "%s: %s: %s\n", list->path, kind, text);
        return;
    }
    locate_position(list->text, list->size, at, &line, &column);
    fprintf(to, "%s:%u:%u: %s: %s\n", list->path, line, column, kind, text);
}

static int compare(const void *left, const void *right)
{
    const struct complaint *a = left, *b = right;

    if (a->at != b->at)
        return a->at < b->at ? -1 : 1;
    return strcmp(a->text, b->text);
}

void complaint_print(struct complaint_list *list, FILE *to)
{
    uint32_t shown = list->count < COMPLAINT_MAX ? list->count : COMPLAINT_MAX;

    qsort(list->complaints, shown, sizeof list->complaints[0], compare);
    for (uint32_t i = 0; i < shown; i++) {
        const struct complaint *complaint = &list->complaints[i];
        print_place(list, complaint->at, "error", complaint->text, to);
        if (list->text)
            print_source(list, complaint->at, complaint->end, to);
        if (complaint->hint[0])
            fprintf(to, "  hint: %s\n", complaint->hint);
        if (complaint->note_at == LOCATE_NONE || !list->text)
            continue;
        print_place(list, complaint->note_at, "note", complaint->note, to);
        print_source(list, complaint->note_at, complaint->note_at, to);
    }
    if (list->count > shown)
        fprintf(to, "%s: %u more errors\n", list->path, list->count - shown);
}
