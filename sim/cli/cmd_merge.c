#include "sim/cli/cmd_merge.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/image/file.h"
#include "sim/report/merge.h"
#include "sim/report/report_json.h"

#define REPORT_SIZE_MAX (1u << 30)

struct merging {
    struct json_object **reports;
    uint32_t count;
    const char *json_path;
};

static struct json_object *read_report(const char *path)
{
    struct json_tokener *tokener = json_tokener_new();
    struct json_object *report = NULL;
    uint8_t *bytes;
    uint32_t size;
    int err = file_read(path, REPORT_SIZE_MAX, &bytes, &size);

    if (err) {
        cli_error("%s: %s", path, strerror(err));
    } else {
        report = json_tokener_parse_ex(tokener, (char *)bytes, (int)size);
        if (!report)
            cli_error("%s: not JSON, or not all of it", path);
        free(bytes);
    }
    json_tokener_free(tokener);
    return report;
}

static bool read_reports(struct merging *merging, char **paths)
{
    for (uint32_t i = 0; i < merging->count; i++) {
        merging->reports[i] = read_report(paths[i]);
        if (!merging->reports[i])
            return false;
    }
    return true;
}

static int put_together(struct merging *merging, char **paths)
{
    static const int exits[] = {CLI_PASS, CLI_SHORT, CLI_FAIL, CLI_FAULT};
    char error[MERGE_ERROR_MAX];

    if (!read_reports(merging, paths))
        return CLI_USAGE;
    struct json_object *whole =
        merge_reports(merging->reports, (const char *const *)paths, merging->count, error);
    if (!whole) {
        cli_error("%s", error);
        return CLI_USAGE;
    }
    const char *text = report_json_text(whole);
    int err = file_write(merging->json_path, text, (uint32_t)strlen(text));
    if (err)
        cli_error("%s: %s", strcmp(merging->json_path, "-") ? merging->json_path : "stdout",
                  strerror(err));
    int status = err ? CLI_USAGE : exits[merge_verdict(whole)];
    json_object_put(whole);
    return status;
}

static int merge(int argc, char **argv)
{
    static const struct option known[] = {
        {"json", required_argument, NULL, 'J'}, {"help", no_argument, NULL, 'h'}, {0}};
    struct merging merging = {.json_path = "-"};
    int option;

    while ((option = getopt_long(argc, argv, "h", known, NULL)) != -1) {
        if (option == 'J')
            merging.json_path = optarg;
        else
            return option == 'h' ? cli_help(&cmd_merge) : cli_bad_option(&cmd_merge);
    }
    merging.count = (uint32_t)(argc - optind);
    if (!merging.count) {
        cli_error("merge: give the reports of all shares");
        return cli_bad_option(&cmd_merge);
    }
    merging.reports = calloc(merging.count, sizeof(struct json_object *));
    if (!merging.reports) {
        cli_error("out of memory");
        return CLI_FAULT;
    }
    int status = put_together(&merging, argv + optind);
    for (uint32_t i = 0; i < merging.count; i++)
        json_object_put(merging.reports[i]);
    free(merging.reports);
    return status;
}

const struct cli_command cmd_merge = {
    .name = "merge",
    .summary = "the JSON reports of all shares, put together to one",
    .help =
        "usage: brownout merge FILE... [--json FILE]\n"
        "\n"
        "Takes what 'brownout run --shard I/N --json FILE' has written, of each share once, and\n"
        "writes the report of a run of all scenarios: the same bytes, but for the times, which\n"
        "are summed up. With reports of 'run --no-times' it is the same to the last byte.\n"
        "All reports must be of one build of brownout and of the same scenario files; a share\n"
        "or a scenario that is missing or there twice is an error.\n"
        "\n"
        "  --json FILE   where to; default: '-', stdout\n"
        "\n"
        "Exit status: as if all had been run here: 0 all passed; 1 a verdict failed; 3 the\n"
        "simulator could not run one; 4 nothing failed, but not all was run. 2: they do not\n"
        "belong together, or FILE cannot be written.",
    .run = merge,
};
