#include "sim/cli/gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"
#include "sim/scenario/find.h"
#include "sim/scenario/load.h"

/* What the command line says, with the rows split from the files. */
struct wish {
    char **paths;
    const char **rows; /* "1,0]"; NULL: all of them */
    int count;
};

static bool has_namesake(const struct gather *gather, const struct scenario *scenario)
{
    for (uint32_t i = 0; i < gather->count; i++)
        if (scenario_is_namesake(&gather->scenarios[i], scenario)) {
            cli_error("%s: a second scenario named '%.*s'; the first is %s", scenario->file,
                      (int)strcspn(scenario->name, "["), scenario->name, gather->scenarios[i].file);
            return true;
        }
    return false;
}

static bool add_rows(const struct load_rows *rows, struct gather *gather)
{
    if (gather->count + rows->count > gather->room) {
        uint32_t room = 2 * (gather->room + rows->count);
        struct scenario *larger = realloc(gather->scenarios, room * sizeof *larger);
        if (!larger) {
            cli_error("out of memory");
            return false;
        }
        gather->scenarios = larger;
        gather->room = room;
    }
    memcpy(gather->scenarios + gather->count, rows->scenarios,
           rows->count * sizeof *rows->scenarios);
    gather->count += rows->count;
    return true;
}

static bool load_all(const struct find_list *list, struct gather *gather)
{
    struct load_rows rows;
    bool is_fine = true;

    for (uint32_t i = 0; i < list->count; i++) {
        if (load_file(list->paths[i], stderr, &rows) != LOAD_OK) {
            is_fine = false;
            continue;
        }
        if (has_namesake(gather, &rows.scenarios[0]) || !add_rows(&rows, gather))
            is_fine = false;
        load_free(&rows);
    }
    return is_fine;
}

/* Was this scenario asked for? Its file was, and if rows of it were, then only they. */
static bool is_wished(const struct wish *wish, const struct scenario *scenario, bool *is_met)
{
    bool is_whole = true, is_found = false;

    for (int i = 0; i < wish->count; i++) {
        if (!wish->rows[i] || strcmp(wish->paths[i], scenario->file) != 0)
            continue;
        is_whole = false;
        if (scenario->row[0] && strcmp(wish->rows[i], scenario->row + 1) == 0)
            is_found = is_met[i] = true;
    }
    return is_whole || is_found;
}

/* false: a row that was asked for is not there. */
static bool keep_wished(const struct wish *wish, struct gather *gather)
{
    bool *is_met = calloc((size_t)wish->count + 1, sizeof *is_met), is_fine = is_met != NULL;
    uint32_t kept = 0;

    if (!is_met)
        cli_error("out of memory");
    for (uint32_t i = 0; is_fine && i < gather->count; i++)
        if (is_wished(wish, &gather->scenarios[i], is_met))
            gather->scenarios[kept++] = gather->scenarios[i];
    gather->count = kept;
    for (int i = 0; is_met && i < wish->count; i++) {
        if (!wish->rows[i] || is_met[i])
            continue;
        cli_error("%s: there is no row [%s; 'brownout list %s' shows the rows", wish->paths[i],
                  wish->rows[i], wish->paths[i]);
        is_fine = false;
    }
    free(is_met);
    return is_fine;
}

/* "update.json[1,0]" is a row, unless a file has that name. */
static void split_rows(struct wish *wish)
{
    for (int i = 0; i < wish->count; i++) {
        char *path = wish->paths[i], *bracket = strrchr(path, '[');
        size_t length = strlen(path);
        if (!bracket || bracket == path || path[length - 1] != ']' || access(path, F_OK) == 0)
            continue;
        *bracket = '\0';
        wish->rows[i] = bracket + 1;
    }
}

bool gather_scenarios(char **paths, int count, struct gather *ret_gather)
{
    static char default_path[] = "scenarios";
    char *defaults[] = {default_path};
    struct wish wish = {count ? paths : defaults, NULL, count ? count : 1};
    struct find_list list = {0};

    memset(ret_gather, 0, sizeof *ret_gather);
    wish.rows = calloc((size_t)wish.count, sizeof *wish.rows);
    if (!wish.rows) {
        cli_error("out of memory");
        return false;
    }
    split_rows(&wish);
    bool is_fine = find_scenarios(wish.paths, wish.count, stderr, &list) &&
                   load_all(&list, ret_gather) && keep_wished(&wish, ret_gather);
    free(wish.rows);
    find_free(&list);
    if (!is_fine)
        gather_free(ret_gather);
    return is_fine;
}

void gather_free(struct gather *gather)
{
    free(gather->scenarios);
    free(gather->numbers);
    memset(gather, 0, sizeof *gather);
}

bool gather_shard(struct gather *gather, struct origin *origin)
{
    uint32_t kept = 0;

    gather->numbers = calloc((size_t)gather->count + 1, sizeof *gather->numbers);
    if (!gather->numbers) {
        cli_error("out of memory");
        return false;
    }
    for (uint32_t i = 0; i < gather->count; i++) {
        const struct scenario *scenario = &gather->scenarios[i];
        origin_add(origin, scenario->name, scenario->digest);
        if (origin_shard_of(scenario->name, origin->shards) != origin->shard)
            continue;
        gather->numbers[kept] = i;
        gather->scenarios[kept++] = *scenario;
    }
    gather->count = kept;
    return true;
}
