#include "sim/cli/cmd_list.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <json-c/json.h>

#include "sim/cli/gather.h"
#include "sim/scenario/features.h"

#define COLUMNS 100

/* How many files, and how many scenarios in them. */
struct counts {
    uint32_t files, scenarios;
};

/* Is this scenario a further row of the file before? */
static bool is_next_row(const struct gather *gather, uint32_t index)
{
    return index && scenario_is_namesake(&gather->scenarios[index - 1], &gather->scenarios[index]);
}

static bool is_in_theme(const struct gather *gather, uint32_t index, const char *theme)
{
    return strcmp(gather->scenarios[index].theme, theme) == 0;
}

static bool is_new_theme(const struct gather *gather, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++)
        if (is_in_theme(gather, i, gather->scenarios[index].theme))
            return false;
    return true;
}

/* theme: NULL for all of them. */
static struct counts count(const struct gather *gather, const char *theme)
{
    struct counts counts = {0};

    for (uint32_t i = 0; i < gather->count; i++) {
        if (theme && !is_in_theme(gather, i, theme))
            continue;
        counts.scenarios++;
        counts.files += !is_next_row(gather, i);
    }
    return counts;
}

static int name_length(const struct scenario *scenario)
{
    return (int)strcspn(scenario->name, "[");
}

static int name_width(const struct gather *gather, const char *theme)
{
    int width = 0;

    for (uint32_t i = 0; i < gather->count; i++)
        if (is_in_theme(gather, i, theme) && name_length(&gather->scenarios[i]) > width)
            width = name_length(&gather->scenarios[i]);
    return width;
}

/* A text behind what stands on the line up to a column, its further lines below its first. */
static void print_wrapped(const char *text, int column)
{
    int at = column;

    while (*text) {
        int length = (int)strcspn(text, " ");
        if (at > column && at + 1 + length > COLUMNS) {
            printf("\n%*s", column, "");
            at = column;
        } else if (at > column) {
            putchar(' ');
            at++;
        }
        printf("%.*s", length, text);
        at += length;
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_counts(struct counts counts)
{
    printf("%u scenario%s", counts.files, counts.files == 1 ? "" : "s");
    if (counts.scenarios > counts.files)
        printf(", %u rows", counts.scenarios);
}

static void print_theme(const struct gather *gather, const char *theme)
{
    int width = name_width(gather, theme);

    printf("%s: ", theme);
    print_counts(count(gather, theme));
    putchar('\n');
    for (uint32_t i = 0; i < gather->count; i++) {
        const struct scenario *scenario = &gather->scenarios[i];
        if (!is_in_theme(gather, i, theme))
            continue;
        if (!is_next_row(gather, i)) {
            printf("  %-*.*s  ", width, name_length(scenario), scenario->name);
            print_wrapped(scenario->why, width + 4);
        }
        if (scenario->row[0])
            printf("  %*s  %s %s\n", width, "", scenario->row, scenario->setting);
    }
    putchar('\n');
}

static void print_text(const struct gather *gather)
{
    uint32_t themes = 0;

    for (uint32_t i = 0; i < gather->count; i++) {
        if (!is_new_theme(gather, i))
            continue;
        print_theme(gather, gather->scenarios[i].theme);
        themes++;
    }
    printf("%u theme%s, ", themes, themes == 1 ? "" : "s");
    print_counts(count(gather, NULL));
    putchar('\n');
}

static void put_text(struct json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, json_object_new_string(text));
}

static void put_counts(struct json_object *object, struct counts counts)
{
    json_object_object_add(object, "scenarios", json_object_new_int64(counts.files));
    json_object_object_add(object, "rows", json_object_new_int64(counts.scenarios));
}

static struct json_object *scenario_object(const struct scenario *scenario)
{
    struct json_object *object = json_object_new_object();
    struct json_object *shows = json_object_new_array();

    put_text(object, "name", scenario->name);
    put_text(object, "theme", scenario->theme);
    put_text(object, "file", scenario->file);
    put_text(object, "why", scenario->why);
    if (scenario->row[0]) {
        put_text(object, "row", scenario->row);
        put_text(object, "setting", scenario->setting);
    }
    for (uint32_t i = 0; i < scenario->shows_count; i++)
        json_object_array_add(
            shows, json_object_new_string(features_get((uint32_t)scenario->shows[i])->id));
    json_object_object_add(object, "shows", shows);
    return object;
}

static void print_json(const struct gather *gather)
{
    struct json_object *root = json_object_new_object(), *totals = json_object_new_object();
    struct json_object *themes = json_object_new_array(), *scenarios = json_object_new_array();

    for (uint32_t i = 0; i < gather->count; i++) {
        const struct scenario *scenario = &gather->scenarios[i];
        json_object_array_add(scenarios, scenario_object(scenario));
        if (!is_new_theme(gather, i))
            continue;
        struct json_object *theme = json_object_new_object();
        put_text(theme, "name", scenario->theme);
        put_counts(theme, count(gather, scenario->theme));
        json_object_array_add(themes, theme);
    }
    json_object_object_add(root, "schema_version", json_object_new_int(1));
    put_counts(totals, count(gather, NULL));
    json_object_object_add(root, "totals", totals);
    json_object_object_add(root, "themes", themes);
    json_object_object_add(root, "scenarios", scenarios);
    puts(json_object_to_json_string_ext(root,
                                        JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
    json_object_put(root);
}

static int list(int argc, char **argv)
{
    static const struct option known[] = {
        {"json", no_argument, NULL, 'J'}, {"help", no_argument, NULL, 'h'}, {0}};
    struct gather gather;
    bool is_json = false;
    int option;

    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option != 'J')
            return option == 'h' ? cli_help(&cmd_list) : cli_bad_option(&cmd_list);
        is_json = true;
    }
    if (!gather_scenarios(argv + optind, argc - optind, &gather))
        return CLI_USAGE;
    if (is_json)
        print_json(&gather);
    else
        print_text(&gather);
    gather_free(&gather);
    return CLI_PASS;
}

const struct cli_command cmd_list = {
    .name = "list",
    .summary = "the scenarios by theme, and why each is there",
    .help = "usage: brownout list [FILE|DIR...] [--json]\n"
            "\n"
            "Lists scenarios by theme without running them, the rows of a matrix below their\n"
            "file; without arguments those in scenarios/. 'FILE[1,0]' is one row.\n"
            "\n"
            "  --json   as JSON: totals, themes, and each row with its file and what it shows\n"
            "\n"
            "Exit status: 0; 2 a scenario has errors.",
    .run = list,
};
