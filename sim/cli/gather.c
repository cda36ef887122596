#include "sim/cli/gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/crc32.h"
#include "sim/cli/cli.h"
#include "sim/scenario/find.h"
#include "sim/scenario/load.h"

static bool has_name(const struct gather *gather, const struct scenario *scenario)
{
    for (uint32_t i = 0; i < gather->count; i++)
        if (strcmp(gather->scenarios[i].name, scenario->name) == 0) {
            cli_error("%s: a second scenario named '%s'; the first is %s", scenario->file,
                      scenario->name, gather->scenarios[i].file);
            return true;
        }
    return false;
}

static bool load_all(const struct find_list *list, struct gather *gather)
{
    bool is_fine = true;

    gather->scenarios = calloc(list->count + 1, sizeof *gather->scenarios);
    if (!gather->scenarios) {
        cli_error("out of memory");
        return false;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        struct scenario *scenario = &gather->scenarios[gather->count];
        if (load_scenario(list->paths[i], stderr, scenario) != LOAD_OK ||
            has_name(gather, scenario))
            is_fine = false;
        else
            gather->count++;
    }
    return is_fine;
}

bool gather_scenarios(char **paths, int count, struct gather *ret_gather)
{
    static char default_path[] = "scenarios";
    char *defaults[] = {default_path};
    struct find_list list;

    memset(ret_gather, 0, sizeof *ret_gather);
    bool is_fine = count ? find_scenarios(paths, count, stderr, &list)
                         : find_scenarios(defaults, 1, stderr, &list);
    if (is_fine)
        is_fine = load_all(&list, ret_gather);
    find_free(&list);
    if (!is_fine)
        gather_free(ret_gather);
    return is_fine;
}

void gather_free(struct gather *gather)
{
    free(gather->scenarios);
    memset(gather, 0, sizeof *gather);
}

void gather_shard(struct gather *gather, uint32_t index, uint32_t count)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < gather->count; i++) {
        const char *name = gather->scenarios[i].name;
        if (crc32_update(0, name, (uint32_t)strlen(name)) % count == index - 1)
            gather->scenarios[kept++] = gather->scenarios[i];
    }
    gather->count = kept;
}
