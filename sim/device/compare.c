#include "sim/device/compare.h"

#include <stdlib.h>
#include <string.h>

#include "sim/device/owners.h"
#include "sim/device/slots.h"
#include "sim/device/survey.h"

struct compare {
    FILE *out;
    uint32_t differences;
};

static const char *text_of(struct json_object *object, const char *key)
{
    const char *text = json_object_get_string(json_object_object_get(object, key));

    return text ? text : "-";
}

/* --- records --------------------------------------------------------------------------------- */

static void print_slot(struct json_object *slot, FILE *out)
{
    if (!slot)
        fprintf(out, "blank");
    else if (strcmp(text_of(slot, "state"), "ok") != 0)
        fprintf(out, "damaged");
    else
        fprintf(out, "v%s %s %s, %s trials, %s words", text_of(slot, "version"),
                text_of(slot, "type"), text_of(slot, "status"), text_of(slot, "trials"),
                text_of(slot, "words_used"));
}

static void compare_slots(struct compare *compare, struct folder *a, struct folder *b)
{
    struct flash *nvm_a = &a->nvm.cells.flash, *nvm_b = &b->nvm.cells.flash;

    for (uint32_t slot = 0; slot < slots_count(nvm_a); slot++) {
        struct json_object *in_a = slots_describe(nvm_a, a->layout->bootctl_offset, slot);
        struct json_object *in_b = slots_describe(nvm_b, b->layout->bootctl_offset, slot);
        if (!json_object_equal(in_a, in_b)) {
            compare->differences++;
            fprintf(compare->out, "record %02u      ", slot);
            print_slot(in_a, compare->out);
            fprintf(compare->out, "  ->  ");
            print_slot(in_b, compare->out);
            fputc('\n', compare->out);
        }
        json_object_put(in_a);
        json_object_put(in_b);
    }
}

/* --- rows and files -------------------------------------------------------------------------- */

static struct json_object *find_named(struct json_object *array, const char *name)
{
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        struct json_object *object = json_object_array_get_idx(array, i);
        if (strcmp(text_of(object, "name"), name) == 0)
            return object;
    }
    return NULL;
}

static void print_entry(struct json_object *entry, FILE *out)
{
    if (!entry)
        fprintf(out, "none");
    else if (json_object_object_get(entry, "digest"))
        fprintf(out, "v%s %s", text_of(entry, "version"), text_of(entry, "status"));
    else
        fprintf(out, "%s bytes, %s, digest %.8s", text_of(entry, "size"), text_of(entry, "image"),
                text_of(entry, "sha256"));
}

/* Those of a that b has otherwise or not; or only_missing, the other way round. */
static void compare_named(struct compare *compare, const char *what, struct json_object *a,
                          struct json_object *b, bool is_backwards)
{
    for (size_t i = 0; a && i < json_object_array_length(a); i++) {
        struct json_object *entry = json_object_array_get_idx(a, i);
        struct json_object *other = find_named(b, text_of(entry, "name"));
        if (is_backwards ? other != NULL : json_object_equal(entry, other))
            continue;
        compare->differences++;
        fprintf(compare->out, "%-14s %s: ", what, text_of(entry, "name"));
        print_entry(is_backwards ? other : entry, compare->out);
        fprintf(compare->out, "  ->  ");
        print_entry(is_backwards ? entry : other, compare->out);
        fputc('\n', compare->out);
    }
}

static void compare_stores(struct compare *compare, struct folder *a, struct folder *b)
{
    struct json_object *in_a = survey_device(&a->nvm.cells, &a->spi.cells, a->layout, &a->policy);
    struct json_object *in_b = survey_device(&b->nvm.cells, &b->spi.cells, b->layout, &b->policy);
    struct json_object *store_a = json_object_object_get(in_a, "store");
    struct json_object *store_b = json_object_object_get(in_b, "store");
    struct json_object *rows_a =
        json_object_object_get(json_object_object_get(store_a, "database"), "rows");
    struct json_object *rows_b =
        json_object_object_get(json_object_object_get(store_b, "database"), "rows");

    if (strcmp(text_of(store_a, "state"), text_of(store_b, "state")) != 0) {
        compare->differences++;
        fprintf(compare->out, "store          %s  ->  %s\n", text_of(store_a, "state"),
                text_of(store_b, "state"));
    }
    compare_named(compare, "row", rows_a, rows_b, false);
    compare_named(compare, "row", rows_b, rows_a, true);
    struct json_object *files_a = json_object_object_get(store_a, "files");
    struct json_object *files_b = json_object_object_get(store_b, "files");
    compare_named(compare, "file", files_a, files_b, false);
    compare_named(compare, "file", files_b, files_a, true);
    json_object_put(in_a);
    json_object_put(in_b);
}

/* --- pages ----------------------------------------------------------------------------------- */

static bool is_same_unit(const struct cells *a, const struct cells *b, uint32_t unit)
{
    uint32_t size = a->flash.erase_size;

    return memcmp(a->bytes + (size_t)unit * size, b->bytes + (size_t)unit * size, size) == 0;
}

/* Neighbours with the same owners in both are one line. */
static void compare_pages(struct compare *compare, const struct cells *a, const struct cells *b,
                          const struct owners *in_a, const uint8_t *map_a,
                          const struct owners *in_b, const uint8_t *map_b)
{
    uint32_t size = a->flash.erase_size, count = a->flash.size / size, end;

    for (uint32_t unit = 0; unit < count; unit = end) {
        end = unit + 1;
        if (is_same_unit(a, b, unit))
            continue;
        while (end < count && !is_same_unit(a, b, end) && map_a[end] == map_a[unit] &&
               map_b[end] == map_b[unit])
            end++;
        compare->differences++;
        fprintf(compare->out, "%s 0x%06X  %4u KiB: %s  ->  %s\n", a->flash.name, unit * size,
                (end - unit) * size / 1024, owners_name(in_a, map_a[unit]),
                owners_name(in_b, map_b[unit]));
    }
}

bool compare_devices(struct folder *a, struct folder *b, FILE *out)
{
    struct compare compare = {.out = out};
    struct owners in_a, in_b;

    owners_find(&in_a, &a->nvm.cells, &a->spi.cells, a->layout);
    owners_find(&in_b, &b->nvm.cells, &b->spi.cells, b->layout);
    compare_slots(&compare, a, b);
    compare_stores(&compare, a, b);
    compare_pages(&compare, &a->nvm.cells, &b->nvm.cells, &in_a, in_a.nvm, &in_b, in_b.nvm);
    compare_pages(&compare, &a->spi.cells, &b->spi.cells, &in_a, in_a.spi, &in_b, in_b.spi);
    return compare.differences == 0;
}
