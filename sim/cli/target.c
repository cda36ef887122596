#include "sim/cli/target.h"

#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"

/* Where FILE:POINT is split: the last colon. */
static bool split(char *text, struct point *ret_point)
{
    char *colon = strrchr(text, ':');

    if (!colon || colon == text || !point_parse(colon + 1, ret_point)) {
        cli_error(
            "'%s' is not a scenario and a point, such as update:17t, update:17t.3a or update:0",
            text);
        return false;
    }
    *colon = '\0';
    return true;
}

static bool find_file(char *path, struct gather *gather)
{
    if (!gather_scenarios(&path, 1, gather))
        return false;
    if (gather->count == 1)
        return true;
    cli_error("%s: %u scenarios; name one, such as '%s%s:0'", path, gather->count,
              gather->scenarios[0].file, gather->scenarios[0].row);
    gather_free(gather);
    return false;
}

/* The name of a scenario below scenarios/. */
static bool find_name(const char *name, struct gather *gather, uint32_t *ret_index)
{
    if (!gather_scenarios(NULL, 0, gather))
        return false;
    for (*ret_index = 0; *ret_index < gather->count; ++*ret_index) {
        const struct scenario *scenario = &gather->scenarios[*ret_index];
        if (strcmp(scenario->name, name) == 0)
            return true;
        if (scenario->row[0] && strlen(name) == strcspn(scenario->name, "[") &&
            strncmp(scenario->name, name, strlen(name)) == 0) {
            cli_error("'%s' has rows; name one, such as '%s:0'", name, scenario->name);
            gather_free(gather);
            return false;
        }
    }
    cli_error("'%s' is neither a file nor a scenario in scenarios/", name);
    gather_free(gather);
    return false;
}

bool target_find(char *text, struct target *ret_target)
{
    struct gather *gather = &ret_target->gather;
    uint32_t index = 0;

    if (!split(text, &ret_target->point))
        return false;
    bool is_file = access(text, F_OK) == 0 || strchr(text, '/') || strstr(text, ".json[");
    if (is_file ? !find_file(text, gather) : !find_name(text, gather, &index))
        return false;
    ret_target->scenario = &gather->scenarios[index];
    return true;
}

void target_free(struct target *target)
{
    gather_free(&target->gather);
}
