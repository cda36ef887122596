#include "sim/cli/cmd_check.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/find.h"
#include "sim/scenario/load.h"

/* The name and path of each scenario that was loaded. */
struct entry {
    char name[SCENARIO_NAME_MAX];
    const char *path;
};

static int compare(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order ? order : strcmp(a->path, b->path);
}

/* Results and replays name a scenario, so no two may share a name; returns how many do. */
static uint32_t check_names(struct entry *entries, uint32_t count)
{
    uint32_t twins = 0;

    if (count)
        qsort(entries, count, sizeof *entries, compare);
    for (uint32_t i = 1; i < count; i++) {
        if (strcmp(entries[i - 1].name, entries[i].name) != 0)
            continue;
        fprintf(stderr, "%s: error: the name '%s' is taken by %s\n", entries[i].path,
                entries[i].name, entries[i - 1].path);
        twins++;
    }
    return twins;
}

static int check(const struct find_list *list, struct entry *entries, bool is_all_found)
{
    struct load_rows rows;
    uint32_t wrong = 0, good = 0, row_count = 0;

    for (uint32_t i = 0; i < list->count; i++) {
        enum load_result result = load_file(list->paths[i], stderr, &rows);
        if (result == LOAD_NO_MEMORY)
            return CLI_FAULT;
        if (result != LOAD_OK) {
            wrong++;
            continue;
        }
        const char *name = rows.scenarios[0].name;
        snprintf(entries[good].name, sizeof entries[good].name, "%.*s", (int)strcspn(name, "["),
                 name);
        entries[good++].path = list->paths[i];
        row_count += rows.count;
        load_free(&rows);
    }
    wrong += check_names(entries, good);
    if (list->count == 0)
        return is_all_found ? CLI_PASS : CLI_USAGE;
    printf("%u scenario%s, ", list->count, list->count == 1 ? "" : "s");
    if (row_count > good)
        printf("%u rows, ", row_count);
    if (wrong)
        printf("%u with errors\n", wrong);
    else
        puts("no errors");
    return wrong || !is_all_found ? CLI_USAGE : CLI_PASS;
}

static int run(int argc, char **argv)
{
    static const struct option long_options[] = {{"help", no_argument, NULL, 'h'}, {0}};
    struct find_list list;
    int option;

    optind = 0; /* glibc: start over */
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1)
        return option == 'h' ? cli_help(&cmd_check) : cli_bad_option(&cmd_check);
    if (optind == argc) {
        cli_error("check: name scenario files or folders");
        return CLI_USAGE;
    }
    bool is_all_found = find_scenarios(argv + optind, argc - optind, stderr, &list);
    struct entry *entries = calloc(list.count + 1, sizeof *entries);
    int status = CLI_FAULT;
    if (entries)
        status = check(&list, entries, is_all_found);
    else
        cli_error("check: out of memory");
    free(entries);
    find_free(&list);
    return status;
}

const struct cli_command cmd_check = {
    .name = "check",
    .summary = "check scenario files without running them",
    .help = "Usage: brownout check FILE|FOLDER...\n"
            "\n"
            "Read scenario files, of a folder all *.json below it but schema.json, and print all "
            "that is\n"
            "wrong with them as 'file:line:column: error: ...', which editors and CI understand. "
            "Besides\n"
            "words and types it finds what cannot be meant: an image that nothing brings to the "
            "device,\n"
            "claims that contradict each other, a name that two scenarios share.\n"
            "\n"
            "  -h, --help  this text\n"
            "\n"
            "The words are listed by 'brownout words'; 'brownout schema' makes editors know "
            "them.\n"
            "\n"
            "Exit status: 0 no errors, 2 errors or bad usage.",
    .run = run,
};
