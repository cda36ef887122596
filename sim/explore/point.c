#include "sim/explore/point.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char letters[POWER_MOMENT_COUNT] = {'t', 'w', 'a'};

void point_name(const struct point *point, char ret_name[POINT_NAME_MAX])
{
    int used = snprintf(ret_name, POINT_NAME_MAX, point->count ? "" : "0");

    for (uint32_t i = 0; i < point->count; i++)
        used += snprintf(ret_name + used, POINT_NAME_MAX - (size_t)used, "%s%u%c", i ? "." : "",
                         point->cuts[i].operation, letters[point->cuts[i].moment]);
}

bool point_parse(const char *name, struct point *ret_point)
{
    struct point point = {0};

    if (strcmp(name, "0") == 0) {
        *ret_point = point;
        return true;
    }
    while (*name >= '1' && *name <= '9' && point.count < SCENARIO_CUTS_MAX) {
        char *end;
        unsigned long number = strtoul(name, &end, 10);
        const char *letter = *end ? memchr(letters, *end, sizeof letters) : NULL;
        if (!letter || number > UINT32_MAX)
            return false;
        point.cuts[point.count++] =
            (struct point_cut){(uint32_t)number, (enum power_moment)(letter - letters)};
        name = end + 1;
        if (!*name) {
            *ret_point = point;
            return true;
        }
        if (*name++ != '.')
            return false;
    }
    return false;
}
