/*
 * Method. A row is read by the same code as a file without a matrix: the node of each place is made
 * to be the node of the value in the list, and so is the value in json-c's tree. The node keeps its
 * key and its neighbours, so pointers stay those of the place, and positions are those of the list.
 */
#include "sim/scenario/matrix.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORD "matrix"

/* Words that say what the file is; they hold for every row. */
static const char *const fixed[] = {"/$schema", "/name", "/why", "/shows", "/matrix"};

static uint32_t count_values(const struct locate *locate, uint32_t list)
{
    uint32_t count = 0;

    for (uint32_t i = locate->nodes[list].first; i != LOCATE_NONE; i = locate->nodes[i].next)
        count++;
    return count;
}

/* Is place the same as outer, or a part of it? */
static bool is_within(const char *place, const char *outer)
{
    size_t length = strlen(outer);

    return strncmp(place, outer, length) == 0 && (place[length] == '\0' || place[length] == '/');
}

/* "'/device' is there" for a pointer that leads further. */
static void hint_nearest(struct value_reader *reader, const char *pointer)
{
    char nearest[sizeof((struct matrix_place *)0)->pointer];

    snprintf(nearest, sizeof nearest, "%s", pointer);
    for (char *slash; (slash = strrchr(nearest, '/')) && slash > nearest;) {
        *slash = '\0';
        if (locate_find(&reader->locate, nearest) != LOCATE_NONE) {
            complaint_hint(&reader->complaints, "'%s' is there; write one of the values into it",
                           nearest);
            return;
        }
    }
}

/* Has something been said already of the part of the file that a pointer leads to as far as there
 * is one? Then that may be why it leads nowhere: one mistake is said once. */
static bool is_explained(const struct value_reader *reader, uint32_t node, const char *pointer)
{
    const struct locate_node *matrix = &reader->locate.nodes[reader->locate.nodes[node].parent];
    uint32_t count = reader->complaints.count < COMPLAINT_MAX ? reader->complaints.count : 0;
    char nearest[sizeof((struct matrix_place *)0)->pointer];
    uint32_t part = LOCATE_NONE;

    snprintf(nearest, sizeof nearest, "%s", pointer);
    while (part == LOCATE_NONE && nearest[0]) {
        *strrchr(nearest, '/') = '\0';
        part = locate_find(&reader->locate, nearest);
    }
    for (uint32_t i = 0; i < count && part != LOCATE_NONE; i++) {
        uint32_t at = reader->complaints.complaints[i].at;
        if (at >= reader->locate.nodes[part].value_at &&
            at < reader->locate.nodes[part].value_end &&
            (at < matrix->value_at || at >= matrix->value_end))
            return true;
    }
    return false;
}

/* false: nothing can be put there; it was complained about, or what explains it was. */
static bool check_pointer(struct value_reader *reader, uint32_t node, struct matrix_place *place)
{
    char quote[COMPLAINT_QUOTE_MAX];
    const char *pointer = place->pointer;
    bool is_whole = locate_key(&reader->locate, node, place->pointer, sizeof place->pointer);

    complaint_quote(pointer, strlen(pointer), quote);
    place->target = locate_find(&reader->locate, pointer);
    if (!is_whole)
        value_complain_key(reader, node, "a pointer of less than %zu bytes is expected",
                           sizeof place->pointer);
    else if (pointer[0] != '/')
        value_complain_key(reader, node, "'%s' is not a JSON pointer, such as /device/ecc", quote);
    else if (place->target == LOCATE_NONE) {
        if (is_explained(reader, node, pointer))
            return false;
        value_complain_key(reader, node, "'%s' leads nowhere in this file", quote);
        hint_nearest(reader, pointer);
    } else {
        for (size_t i = 0; i < sizeof fixed / sizeof fixed[0]; i++) {
            if (!is_within(pointer, fixed[i]))
                continue;
            value_complain_key(reader, node, "'%s' is the same in all rows", quote);
            return false;
        }
        return true;
    }
    return false;
}

/* Two rows must not be the same scenario. */
static void check_values(struct value_reader *reader, const struct matrix_place *place)
{
    const struct locate *locate = &reader->locate;

    for (uint32_t i = locate->nodes[place->list].first; i != LOCATE_NONE;
         i = locate->nodes[i].next) {
        const struct locate_node *value = &locate->nodes[i];
        uint32_t size = value->value_end - value->value_at;
        for (uint32_t j = locate->nodes[place->list].first; j != i; j = locate->nodes[j].next) {
            const struct locate_node *other = &locate->nodes[j];
            if (other->value_end - other->value_at != size ||
                memcmp(locate->text + other->value_at, locate->text + value->value_at, size) != 0)
                continue;
            complaint_add(&reader->complaints, value->value_at, value->value_end,
                          "/" WORD ": a value of '%s' stands twice", place->pointer);
            break;
        }
    }
}

/* false, and a complaint. */
static bool check_list(struct value_reader *reader, uint32_t node, struct matrix_place *place)
{
    const struct locate *locate = &reader->locate;

    place->list = node;
    place->count = 0;
    if (locate->text[locate->nodes[node].value_at] != '[') {
        char quote[COMPLAINT_QUOTE_MAX];
        value_quote(reader, node, quote);
        value_complain_key(reader, node, "expected a list of values for '%s', not %s",
                           place->pointer, quote);
        complaint_hint(&reader->complaints, "put it in [ ]");
        return false;
    }
    place->count = count_values(locate, node);
    if (place->count == 0)
        value_complain_key(reader, node, "no value for '%s'; at least one", place->pointer);
    else if (place->count > MATRIX_ROWS_MAX)
        value_complain_key(reader, node, "%u values for '%s'; at most %d rows", place->count,
                           place->pointer, MATRIX_ROWS_MAX);
    return place->count > 0 && place->count <= MATRIX_ROWS_MAX;
}

static void read_place(struct value_reader *reader, struct matrix *matrix, uint32_t node)
{
    struct matrix_place *place = &matrix->places[matrix->place_count];

    if (!check_pointer(reader, node, place) || !check_list(reader, node, place))
        return;
    for (uint32_t i = 0; i < matrix->place_count; i++) {
        const char *other = matrix->places[i].pointer;
        if (!is_within(place->pointer, other) && !is_within(other, place->pointer))
            continue;
        value_complain_key(reader, node, "'%s' and '%s' are parts of each other", other,
                           place->pointer);
        return;
    }
    check_values(reader, place);
    matrix->place_count++;
}

static void check_rows(struct value_reader *reader, struct matrix *matrix, uint32_t node)
{
    uint32_t rows = 1; /* MATRIX_ROWS_MAX to the power of MATRIX_PLACES_MAX fits */

    for (uint32_t i = 0; i < matrix->place_count; i++)
        rows = rows * matrix->places[i].count;
    if (rows > MATRIX_ROWS_MAX)
        value_complain_key(reader, node, "the matrix has %u rows; at most %d", rows,
                           MATRIX_ROWS_MAX);
    matrix->row_count = rows;
}

bool matrix_read(struct value_reader *reader, struct matrix *ret_matrix)
{
    const struct locate *locate = &reader->locate;
    uint32_t said = reader->complaints.said;
    uint32_t node = locate_member(locate, 0, WORD);

    *ret_matrix = (struct matrix){.row_count = 1};
    if (node == LOCATE_NONE)
        return true;
    if (locate->text[locate->nodes[node].value_at] != '{')
        return false; /* said where its type is checked */
    if (locate->nodes[node].first == LOCATE_NONE)
        value_complain(reader, node, "empty; at least one place");
    for (uint32_t i = locate->nodes[node].first; i != LOCATE_NONE; i = locate->nodes[i].next) {
        if (ret_matrix->place_count == MATRIX_PLACES_MAX) {
            value_complain_key(reader, i, "one too many: at most %d places", MATRIX_PLACES_MAX);
            break;
        }
        if (locate->nodes[i].twin == LOCATE_NONE)
            read_place(reader, ret_matrix, i);
    }
    check_rows(reader, ret_matrix, node);
    return reader->complaints.said == said;
}

/* Which of its values a place has in a row. */
static uint32_t value_index(const struct matrix *matrix, uint32_t row, uint32_t place)
{
    for (uint32_t i = matrix->place_count - 1; i > place; i--)
        row /= matrix->places[i].count;
    return row % matrix->places[place].count;
}

static void move_node(struct locate *locate, uint32_t target, uint32_t value)
{
    struct locate_node *to = &locate->nodes[target];
    const struct locate_node *from = &locate->nodes[value];

    to->value_at = from->value_at;
    to->value_end = from->value_end;
    to->first = from->first;
    for (uint32_t i = from->first; i != LOCATE_NONE; i = locate->nodes[i].next)
        locate->nodes[i].parent = target;
}

bool matrix_apply(const struct matrix *matrix, uint32_t row, struct value_reader *reader,
                  struct json_object *root)
{
    struct json_object *lists = json_object_object_get(root, WORD);

    for (uint32_t i = 0; i < matrix->place_count; i++) {
        const struct matrix_place *place = &matrix->places[i];
        uint32_t index = value_index(matrix, row, i);
        struct json_object *list = json_object_object_get(lists, place->pointer);
        struct json_object *value = json_object_array_get_idx(list, index);

        move_node(&reader->locate, place->target,
                  locate_element(&reader->locate, place->list, index));
        if (json_pointer_set(&root, place->pointer, json_object_get(value))) {
            json_object_put(value);
            return false;
        }
    }
    return true;
}

void matrix_label(const struct matrix *matrix, uint32_t row, const struct value_reader *reader,
                  struct scenario *scenario)
{
    const struct locate *locate = &reader->locate;
    size_t used = 0, said = 0;

    if (matrix->place_count == 0)
        return;
    for (uint32_t i = 0; i < matrix->place_count; i++) {
        const struct locate_node *value = &locate->nodes[matrix->places[i].target];
        char quote[COMPLAINT_QUOTE_MAX];

        complaint_quote(locate->text + value->value_at, value->value_end - value->value_at, quote);
        used += (size_t)snprintf(scenario->row + used, sizeof scenario->row - used, "%c%u",
                                 i ? ',' : '[', value_index(matrix, row, i));
        if (said < sizeof scenario->setting)
            said += (size_t)snprintf(scenario->setting + said, sizeof scenario->setting - said,
                                     "%s%s %s", i ? ", " : "", matrix->places[i].pointer, quote);
    }
    snprintf(scenario->row + used, sizeof scenario->row - used, "]");
    snprintf(scenario->name + strlen(scenario->name), SCENARIO_ROW_MAX, "%s", scenario->row);
}
