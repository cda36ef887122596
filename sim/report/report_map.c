#include "sim/report/report_map.h"

#include <stdlib.h>
#include <string.h>

#include "sim/explore/run.h"
#include "sim/report/report_write.h"

#define NONE UINT32_MAX

struct map {
    const struct graph *graph;
    FILE *to;
    uint32_t *result_of, *row_of; /* by node; NONE: not known yet */
    struct key_map results, rows; /* numbers by content */
    FILE *result_texts, *row_texts;
};

/* The number of a text, which is printed where it is new. */
static uint32_t number_of(struct key_map *numbers, FILE *texts, const char *text)
{
    struct key key = key_of(text, strlen(text), 0);
    uint32_t number = key_map_find(numbers, key);

    if (number != KEY_MAP_NONE)
        return number;
    number = numbers->count;
    key_map_add(numbers, key, number);
    fprintf(texts, "%s%s", number ? "," : "", text);
    return number;
}

static char *result_text(const struct graph *graph, uint32_t node)
{
    const struct scenario *scenario = graph->scenario;
    struct fate fate;
    char *text = NULL;
    size_t size;
    FILE *out = report_write_open(&text, &size);

    graph_fate(graph, node, &fate);
    const struct node *end = &graph->nodes[fate.end];
    if (!end->is_run) {
        fputs("{\"run\":false}", out);
    } else {
        fprintf(out, "{\"boots\":%u,\"runs\":", fate.boots + 1 - end->is_reset);
        if (end->running < 0)
            fputs("null", out);
        else
            report_write_text(out, scenario->images[end->running].name);
        if (fate.claim) {
            fputs(",\"claim\":", out);
            report_write_text(out, judge_claim_name(fate.claim));
            fputs(",\"text\":", out);
            report_write_text(out, fate.text);
        }
        fputc('}', out);
    }
    fclose(out);
    return text;
}

static uint32_t result_of(struct map *map, uint32_t node)
{
    uint32_t *result = &map->result_of[node];

    if (*result == NONE) {
        char *text = result_text(map->graph, node);
        *result = number_of(&map->results, map->result_texts, text);
        free(text);
    }
    return *result;
}

/* --- a row ----------------------------------------------------------------------------------- */

/* Operations in a row whose moments have the same results. */
struct stretch {
    uint32_t first, count;
    char pattern[16 * POWER_MOMENT_COUNT]; /* "tm",0,"a",1 */
};

static void put_stretch(FILE *out, const struct stretch *stretch, bool is_first)
{
    if (stretch->count)
        fprintf(out, "%s[%u,%u%s]", is_first ? "" : ",", stretch->first, stretch->count,
                stretch->pattern);
}

/* Moments that come to the same stand together. */
static void find_pattern(struct map *map, const struct graph_operation *operation,
                         char *ret_pattern, size_t size)
{
    const struct graph_target *targets = &map->graph->targets[operation->first];
    size_t used = 0;
    uint32_t last = NONE;

    *ret_pattern = '\0';
    for (uint32_t i = 0; i < operation->count; i++) {
        uint32_t result = result_of(map, targets[i].node);
        if (i && result != last)
            used += (size_t)snprintf(ret_pattern + used, size - used, "\",%u", last);
        if (!i || result != last)
            used += (size_t)snprintf(ret_pattern + used, size - used, ",\"");
        used += (size_t)snprintf(ret_pattern + used, size - used, "%c",
                                 POWER_LETTERS[targets[i].moment]);
        last = result;
    }
    if (operation->count)
        snprintf(ret_pattern + used, size - used, "\",%u", last);
}

static void add_look(struct map *map, const struct graph_look *look, FILE *out,
                     struct stretch *stretch, bool *is_first)
{
    struct stretch next = {.first = look->number, .count = 1};

    find_pattern(map, &map->graph->kept[look->operation], next.pattern, sizeof next.pattern);
    if (!next.pattern[0])
        return;
    if (stretch->count && stretch->first + stretch->count == next.first &&
        strcmp(stretch->pattern, next.pattern) == 0) {
        stretch->count++;
        return;
    }
    put_stretch(out, stretch, *is_first);
    *is_first &= !stretch->count;
    *stretch = next;
}

/* A circle of states has been walked through when it has been walked so often. */
static uint32_t stages_max(const struct graph *graph)
{
    return 2 * (graph->scenario->within_boots + 1);
}

static char *row_text(struct map *map, uint32_t node)
{
    struct stretch stretch = {0};
    bool is_first = true;
    char *text = NULL;
    size_t size;
    FILE *out = report_write_open(&text, &size);

    fputc('[', out);
    for (uint32_t stage = 0; node != NODE_NONE && stage < stages_max(map->graph); stage++) {
        const struct graph_look *looks;
        uint32_t count = graph_looks(map->graph, node, &looks);
        for (uint32_t i = 0; i < count; i++)
            add_look(map, &looks[i], out, &stretch, &is_first);
        node = map->graph->nodes[node].next;
    }
    put_stretch(out, &stretch, is_first);
    fputc(']', out);
    fclose(out);
    return text;
}

/* -1: no second cut is asked for there. Where none is at all, what follows a first cut may be a
 * state of the control run, with its first cuts. */
static int row_of(struct map *map, uint32_t node)
{
    uint32_t *row = &map->row_of[node];

    if (!run_next_cut(map->graph->scenario, 1))
        return -1;
    if (*row == NONE) {
        char *text = row_text(map, node);
        *row = strcmp(text, "[]") == 0 ? NONE - 1 : number_of(&map->rows, map->row_texts, text);
        free(text);
    }
    return *row == NONE - 1 ? -1 : (int)*row;
}

/* --- the map --------------------------------------------------------------------------------- */

static void put_first(struct map *map, const struct graph_look *look, bool is_first)
{
    const struct graph_operation *operation = &map->graph->kept[look->operation];
    const struct graph_target *targets = &map->graph->targets[operation->first];

    fprintf(map->to, "%s[%u,\"", is_first ? "" : ",", look->number);
    for (uint32_t i = 0; i < operation->count; i++)
        fputc(POWER_LETTERS[targets[i].moment], map->to);
    fputs("\",[", map->to);
    for (uint32_t i = 0; i < operation->count; i++)
        fprintf(map->to, "%s%u", i ? "," : "", result_of(map, targets[i].node));
    fputs("],[", map->to);
    for (uint32_t i = 0; i < operation->count; i++)
        fprintf(map->to, "%s%d", i ? "," : "", row_of(map, targets[i].node));
    fputs("]]", map->to);
}

static void put_all(struct map *map)
{
    bool is_first = true;
    uint32_t node = 0;

    fputs("{\"first\":[", map->to);
    for (uint32_t stage = 0; node != NODE_NONE && stage < stages_max(map->graph); stage++) {
        const struct graph_look *looks;
        uint32_t count = graph_looks(map->graph, node, &looks);
        for (uint32_t i = 0; i < count; i++, is_first = false)
            put_first(map, &looks[i], is_first);
        node = map->graph->nodes[node].next;
    }
    fputc(']', map->to);
}

static uint32_t *new_numbers(uint32_t count)
{
    uint32_t *numbers = report_write_need(malloc((count + 1) * sizeof *numbers));

    for (uint32_t i = 0; i < count; i++)
        numbers[i] = NONE;
    return numbers;
}

void report_map(const struct graph *graph, FILE *to)
{
    struct map map = {.graph = graph,
                      .to = to,
                      .result_of = new_numbers(graph->count),
                      .row_of = new_numbers(graph->count)};
    char *results = NULL, *rows = NULL;
    size_t results_size, rows_size;

    map.result_texts = report_write_open(&results, &results_size);
    map.row_texts = report_write_open(&rows, &rows_size);
    put_all(&map);
    fclose(map.result_texts);
    fclose(map.row_texts);
    fprintf(to, ",\"results\":[%s],\"rows\":[%s]}", results, rows);
    free(results);
    free(rows);
    free(map.result_of);
    free(map.row_of);
    key_map_free(&map.results);
    key_map_free(&map.rows);
}
