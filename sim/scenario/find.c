#include "sim/scenario/find.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/image/file.h"

struct finder {
    struct find_list *list;
    FILE *errors;
    bool is_fine;
};

static void complain(struct finder *finder, const char *path, const char *reason)
{
    fprintf(finder->errors, "%s: error: %s\n", path, reason);
    finder->is_fine = false;
}

static void add(struct finder *finder, const char *path)
{
    struct find_list *list = finder->list;
    char *copy = strdup(path);

    if (copy && list->count == list->room) {
        uint32_t room = list->room ? 2 * list->room : 64;
        char **larger = realloc(list->paths, room * sizeof *larger);
        if (larger) {
            list->paths = larger;
            list->room = room;
        }
    }
    if (!copy || list->count == list->room) {
        free(copy);
        complain(finder, path, "out of memory");
        return;
    }
    list->paths[list->count++] = copy;
}

/* What lies beside scenarios: their language, and their counts. */
static bool is_about_scenarios(const char *name)
{
    return strcmp(name, "schema.json") == 0 || strcmp(name, "counts.json") == 0;
}

static bool is_scenario_name(const char *name)
{
    size_t length = strlen(name);

    return length > 5 && strcmp(name + length - 5, ".json") == 0 && !is_about_scenarios(name);
}

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void search(struct finder *finder, const char *folder, int depth);

/* An entry of a folder. */
static void visit(struct finder *finder, const char *folder, const char *name, int depth)
{
    char path[PATH_MAX];
    struct stat status;
    int length = snprintf(path, sizeof path, "%s/%s", folder, name);

    if (length < 0 || (size_t)length >= sizeof path) {
        complain(finder, folder, "a path below it is too long");
        return;
    }
    if (lstat(path, &status)) {
        complain(finder, path, strerror(errno));
        return;
    }
    if (S_ISDIR(status.st_mode) && depth == FIND_DEPTH_MAX)
        complain(finder, path, "too many folders inside each other");
    else if (S_ISDIR(status.st_mode))
        search(finder, path, depth + 1);
    else if (is_scenario_name(name))
        add(finder, path);
}

static void search(struct finder *finder, const char *folder, int depth)
{
    struct dirent **entries;
    int count = scandir(folder, &entries, is_shown, NULL);

    if (count < 0) {
        complain(finder, folder, strerror(errno));
        return;
    }
    for (int i = 0; i < count; i++) {
        visit(finder, folder, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
}

static void start(struct finder *finder, const char *path)
{
    char folder[PATH_MAX];
    struct stat status;
    size_t length = strlen(path);
    uint32_t before = finder->list->count;

    if (stat(path, &status)) {
        complain(finder, path[0] ? path : "''", strerror(errno));
        return;
    }
    if (!S_ISDIR(status.st_mode)) {
        if (!is_about_scenarios(file_name(path)))
            add(finder, path);
        return;
    }
    while (length > 1 && path[length - 1] == '/')
        length--;
    snprintf(folder, sizeof folder, "%.*s", (int)length, path);
    bool was_fine = finder->is_fine;
    finder->is_fine = true;
    search(finder, folder, 1);
    if (finder->is_fine && finder->list->count == before)
        complain(finder, folder, "no scenarios (*.json) in this folder");
    finder->is_fine = finder->is_fine && was_fine;
}

static int compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void drop_twins(struct find_list *list)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < list->count; i++) {
        if (kept && strcmp(list->paths[kept - 1], list->paths[i]) == 0)
            free(list->paths[i]);
        else
            list->paths[kept++] = list->paths[i];
    }
    list->count = kept;
}

bool find_scenarios(char *const *paths, int count, FILE *errors, struct find_list *ret_list)
{
    struct finder finder = {.list = ret_list, .errors = errors, .is_fine = true};

    *ret_list = (struct find_list){0};
    for (int i = 0; i < count; i++)
        start(&finder, paths[i]);
    if (ret_list->count)
        qsort(ret_list->paths, ret_list->count, sizeof ret_list->paths[0], compare);
    drop_twins(ret_list);
    return finder.is_fine;
}

void find_free(struct find_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    *list = (struct find_list){0};
}
