#include "sim/explore/point.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = POWER_LETTERS "r";

uint64_t point_site(const struct point_step *step)
{
    return (uint64_t)step->operation << 8 | step->moment;
}

void point_name(const struct point *point, char ret_name[POINT_NAME_MAX])
{
    int used = snprintf(ret_name, POINT_NAME_MAX, point->count ? "" : "0");

    for (uint32_t i = 0; i < point->count; i++)
        used += snprintf(ret_name + used, POINT_NAME_MAX - (size_t)used, "%s%u%c", i ? "." : "",
                         point->steps[i].operation, letters[point->steps[i].moment]);
    if (point->is_again)
        strcpy(ret_name + used, "+");
}

/* "17t" at *name, which goes behind it. */
static bool parse_step(const char **name, struct point_step *ret_step)
{
    char *end;
    unsigned long number = **name >= '1' && **name <= '9' ? strtoul(*name, &end, 10) : 0;
    const char *letter = number && *end ? strchr(letters, *end) : NULL;

    if (!letter || number > UINT32_MAX)
        return false;
    *ret_step = (struct point_step){(uint32_t)number, (enum power_moment)(letter - letters)};
    *name = end + 1;
    return true;
}

bool point_parse(const char *name, struct point *ret_point)
{
    struct point point = {0};

    if (strcmp(name, "0") == 0) {
        *ret_point = point;
        return true;
    }
    while (point.count < POINT_STEPS_MAX && parse_step(&name, &point.steps[point.count])) {
        point.count++;
        point.is_again =
            strcmp(name, "+") == 0 && point.count == 1 && point.steps[0].moment != POINT_READ;
        name += point.is_again;
        if (!*name) {
            *ret_point = point;
            return true;
        }
        if (*name++ != '.')
            return false;
    }
    return false;
}

static int order(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static uint32_t count_cuts(const struct point *point)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < point->count; i++)
        count += point->steps[i].moment != POINT_READ;
    return count;
}

/* A cut between two operations is the simplest; then those that leave what data sheets speak of. */
static uint32_t complexity(enum power_moment moment)
{
    return moment == POWER_AFTER ? 0 : moment + 1;
}

int point_compare(const struct point *a, const struct point *b)
{
    int by = order(a->is_again, b->is_again);

    if (!by)
        by = order(count_cuts(a), count_cuts(b));
    if (!by)
        by = order(a->count, b->count);
    for (uint32_t i = 0; !by && i < a->count; i++)
        by = order(a->steps[i].operation, b->steps[i].operation);
    for (uint32_t i = 0; !by && i < a->count; i++)
        by = order(complexity(a->steps[i].moment), complexity(b->steps[i].moment));
    return by;
}
