#include "sim/scenario/ruling.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *ruling_image(const struct ruling *ruling, int image)
{
    return ruling->scenario->images[image].name;
}

bool ruling_has(const struct ruling *ruling, const char *pointer)
{
    return locate_find(ruling->locate, pointer) != LOCATE_NONE;
}

bool ruling_is_sound(const struct ruling *ruling, const char *pointer)
{
    uint32_t node = locate_find(ruling->locate, pointer);

    if (node == LOCATE_NONE)
        return true;
    const struct locate_node *place = &ruling->locate->nodes[node];
    uint32_t start = place->key_end ? place->key_at : place->value_at;
    return !complaint_is_within(ruling->complaints, start, place->value_end);
}

void ruling_object(struct ruling *ruling, const char *pointer, const char *format, ...)
{
    uint32_t node = locate_find(ruling->locate, pointer);
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const struct locate_node *place = &ruling->locate->nodes[node == LOCATE_NONE ? 0 : node];
    bool is_container = strchr("{[", ruling->locate->text[place->value_at]);
    complaint_add(ruling->complaints, place->value_at,
                  is_container ? place->value_at + 1 : place->value_end, "%s: %s", pointer, text);
}
