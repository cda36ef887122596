#include "sim/report/counts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "sim/image/file.h"

#define FILE_MAX (4 * 1024 * 1024)

static uint64_t get(struct json_object *entry, const char *key)
{
    return json_object_get_uint64(json_object_object_get(entry, key));
}

static bool is_count(struct json_object *entry, const char *key)
{
    struct json_object *number = json_object_object_get(entry, key);

    return json_object_is_type(number, json_type_int) && json_object_get_int64(number) >= 0;
}

static bool is_record(struct json_object *root)
{
    if (!json_object_is_type(root, json_type_object))
        return false;
    json_object_object_foreach(root, name, entry)
    {
        (void)name;
        if (!json_object_is_type(entry, json_type_object) || !is_count(entry, "points") ||
            !is_count(entry, "operations"))
            return false;
    }
    return true;
}

static struct json_object *parse(const uint8_t *bytes, uint32_t size)
{
    struct json_tokener *tokener = json_tokener_new();
    struct json_object *root =
        tokener ? json_tokener_parse_ex(tokener, (const char *)bytes, (int)size) : NULL;

    json_tokener_free(tokener);
    if (is_record(root))
        return root;
    json_object_put(root);
    return NULL;
}

bool counts_open(struct counts *counts, const char *path, bool is_new,
                 char ret_reason[COUNTS_REASON_SIZE])
{
    uint8_t *bytes;
    uint32_t size;
    int err = file_read(path, FILE_MAX, &bytes, &size);

    *counts = (struct counts){0};
    if (err && !(err == ENOENT && is_new)) {
        snprintf(ret_reason, COUNTS_REASON_SIZE, "%s: %s", path, strerror(err));
        return false;
    }
    counts->recorded = err ? json_object_new_object() : parse(bytes, size);
    if (!err)
        free(bytes);
    if (!counts->recorded) {
        snprintf(ret_reason, COUNTS_REASON_SIZE, "%s: not a record of points and operations", path);
        return false;
    }
    counts->now = json_object_new_object();
    return true;
}

void counts_close(struct counts *counts)
{
    json_object_put(counts->recorded);
    json_object_put(counts->now);
    *counts = (struct counts){0};
}

void counts_add(struct counts *counts, const char *name, const struct explore_result *result)
{
    if (result->verdict != EXPLORE_PASSED)
        return;
    struct json_object *entry = json_object_new_object();
    json_object_object_add(entry, "points", json_object_new_uint64(result->points));
    json_object_object_add(entry, "operations", json_object_new_uint64(result->operations));
    json_object_object_add(counts->now, name, entry);
}

uint32_t counts_compare(const struct counts *counts, FILE *out)
{
    uint32_t different = 0;

    json_object_object_foreach(counts->now, name, entry)
    {
        struct json_object *old = json_object_object_get(counts->recorded, name);
        if (old && json_object_equal(old, entry))
            continue;
        different++;
        fprintf(out, "  note   %-30s %llu points, %llu operations; recorded: ", name,
                (unsigned long long)get(entry, "points"),
                (unsigned long long)get(entry, "operations"));
        if (old)
            fprintf(out, "%llu and %llu\n", (unsigned long long)get(old, "points"),
                    (unsigned long long)get(old, "operations"));
        else
            fputs("nothing\n", out);
    }
    return different;
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, so that who records does not matter. */
static void print(struct json_object *all, FILE *out)
{
    int count = json_object_object_length(all), at = 0;
    const char **names = calloc((size_t)count + 1, sizeof *names);

    if (!names)
        return;
    json_object_object_foreach(all, name, unused)
    {
        (void)unused;
        names[at++] = name;
    }
    qsort(names, (size_t)count, sizeof *names, compare_keys);
    fputs("{\n", out);
    for (int i = 0; i < count; i++) {
        struct json_object *entry = json_object_object_get(all, names[i]);
        fprintf(out, "  \"%s\": {\"points\": %llu, \"operations\": %llu}%s\n", names[i],
                (unsigned long long)get(entry, "points"),
                (unsigned long long)get(entry, "operations"), i + 1 < count ? "," : "");
    }
    fputs("}\n", out);
    free(names);
}

int counts_write(const struct counts *counts, const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return ENOMEM;
    json_object_object_foreach(counts->now, name, entry)
        json_object_object_add(counts->recorded, name, json_object_get(entry));
    print(counts->recorded, out);
    fclose(out);
    int err = file_write(path, text, (uint32_t)size);
    free(text);
    return err;
}
