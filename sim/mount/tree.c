#include "sim/mount/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/device/console_log.h"
#include "sim/device/slots.h"
#include "sim/image/file.h"
#include "sim/mount/store_files.h"

#define STORED  "/spi/fs"
#define RECORDS "/nvm/boot_control/records"
#define IMAGES  "/images"

/* --- texts ----------------------------------------------------------------------------------- */

static void print_json(struct json_object *object, FILE *out)
{
    fprintf(out, "%s\n",
            json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
                                                       JSON_C_TO_STRING_NOSLASHESCAPE));
}

static bool print_status(struct insides *insides, const char *name, FILE *out)
{
    (void)name;
    print_json(insides_survey(insides), out);
    return true;
}

static bool print_application(struct insides *insides, const char *name, FILE *out)
{
    (void)name;
    print_json(json_object_object_get(insides_survey(insides), "program_flash"), out);
    return true;
}

/* Exactly two digits, as the list of the folder shows it. */
static bool print_record(struct insides *insides, const char *name, FILE *out)
{
    struct flash *nvm = &insides->folder.nvm.cells.flash;
    char expected[16];
    uint32_t slot = (uint32_t)strtoul(name, NULL, 10);

    snprintf(expected, sizeof expected, "%02u.json", slot % 100);
    if (strcmp(name, expected) != 0 || slot >= slots_count(nvm))
        return false;
    struct json_object *object = slots_describe(nvm, insides->folder.layout->bootctl_offset, slot);
    if (!object)
        return false;
    print_json(object, out);
    json_object_put(object);
    return true;
}

static struct json_object *store_array(struct insides *insides, const char *key)
{
    struct json_object *store = json_object_object_get(insides_survey(insides), "store");

    return strcmp(key, "rows") == 0
               ? json_object_object_get(json_object_object_get(store, "database"), "rows")
               : json_object_object_get(store, key);
}

static struct json_object *find_named(struct json_object *array, const char *name)
{
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        struct json_object *object = json_object_array_get_idx(array, i);
        if (strcmp(json_object_get_string(json_object_object_get(object, "name")), name) == 0)
            return object;
    }
    return NULL;
}

/* name: with ".json" where the file has ".bin". */
static bool print_image(struct insides *insides, const char *name, FILE *out)
{
    size_t length = strlen(name);
    char file[LFS2_NAME_MAX + 8];

    if (length < 5 || length > LFS2_NAME_MAX || strcmp(name + length - 5, ".json") != 0)
        return false;
    snprintf(file, sizeof file, "%.*s.bin", (int)(length - 5), name);
    struct json_object *image = find_named(store_array(insides, "files"), file);
    if (!image)
        return false;
    struct json_object *object = json_object_new_object();
    json_object_object_foreach(image, key, value)
        json_object_object_add(object, key, json_object_get(value));
    json_object_object_add(object, "row",
                           json_object_get(find_named(store_array(insides, "rows"), file)));
    print_json(object, out);
    json_object_put(object);
    return true;
}

static bool print_wear(struct insides *insides, const char *name, FILE *out)
{
    const struct folder *folder = &insides->folder;
    const struct cells *cells =
        strcmp(name, "nvm.csv") == 0 ? &folder->nvm.cells : &folder->spi.cells;
    uint32_t unit = cells->flash.erase_size;

    fputs("unit,offset,erases,weak\n", out);
    for (uint32_t i = 0; i < cells->flash.size / unit; i++)
        fprintf(out, "%u,0x%06X,%u,%d\n", i, i * unit, cells->units[i].erases,
                (cells->units[i].flags & CELLS_WEAK) != 0);
    return true;
}

static bool print_console(struct insides *insides, const char *name, FILE *out)
{
    char path[PATH_MAX + sizeof CONSOLE_LOG_FILE + 1];
    uint8_t *bytes;
    uint32_t size;

    (void)name;
    snprintf(path, sizeof path, "%s/" CONSOLE_LOG_FILE, insides->path);
    if (file_read(path, FILE_IMAGE_MAX, &bytes, &size) == 0) {
        fwrite(bytes, 1, size, out);
        free(bytes);
    }
    return true;
}

static int print_text(struct insides *insides, const struct tree_node *node, uint8_t **ret_bytes,
                      uint32_t *ret_size)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool is_there = out && node->print(insides, node->name, out);

    if (!out || fclose(out) != 0)
        return -ENOMEM;
    if (!is_there) {
        free(text);
        return -ENOENT;
    }
    *ret_bytes = (uint8_t *)text;
    *ret_size = (uint32_t)size;
    return 0;
}

/* --- paths ----------------------------------------------------------------------------------- */

static const char *const folders[] = {
    "/nvm", "/nvm/boot_control", RECORDS, "/spi", STORED, IMAGES, "/wear",
};

static const struct {
    const char *path;
    bool (*print)(struct insides *insides, const char *name, FILE *out);
} texts[] = {
    {"/nvm/application.json", print_application},
    {"/wear/nvm.csv", print_wear},
    {"/wear/spi.csv", print_wear},
    {"/status.json", print_status},
    {"/console.log", print_console},
};

#define RAW_COUNT 4

struct raw {
    const char *path;
    struct tree_node node;
};

static void list_raw(struct insides *insides, struct raw ret_raw[RAW_COUNT])
{
    const struct layout *layout = insides->folder.layout;
    struct cells *nvm = &insides->folder.nvm.cells, *spi = &insides->folder.spi.cells;
    const struct raw raw[RAW_COUNT] = {
        {"/nvm/bootloader.bin", {.cells = nvm, .size = layout->bootctl_offset}},
        {"/nvm/boot_control/page.bin",
         {.cells = nvm,
          .offset = layout->bootctl_offset,
          .size = nvm->flash.erase_size,
          .may_poke = true}},
        {"/nvm/application.bin",
         {.cells = nvm, .offset = layout->app_offset, .size = layout->app_size}},
        {"/spi/raw.bin", {.cells = spi, .size = spi->flash.size, .may_poke = true}},
    };

    memcpy(ret_raw, raw, sizeof raw);
}

/* What follows the folder in the path, without '/'; NULL: it is not in there. */
static const char *below(const char *path, const char *folder)
{
    size_t length = strlen(folder);

    return strncmp(path, folder, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

static bool find_fixed(struct insides *insides, const char *path, struct tree_node *ret_node)
{
    struct raw raw[RAW_COUNT];

    if (strcmp(path, "/") == 0) {
        ret_node->is_folder = true;
        return true;
    }
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        if (strcmp(path, folders[i]) == 0)
            ret_node->is_folder = true;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(path, texts[i].path) == 0)
            ret_node->print = texts[i].print;
    list_raw(insides, raw);
    for (size_t i = 0; i < RAW_COUNT; i++)
        if (strcmp(path, raw[i].path) == 0)
            *ret_node = raw[i].node;
    return ret_node->is_folder || ret_node->print || ret_node->cells;
}

static int measure(struct insides *insides, struct tree_node *node)
{
    uint8_t *bytes;
    int err = print_text(insides, node, &bytes, &node->size);

    if (!err)
        free(bytes);
    return err;
}

static int find_stored(struct insides *insides, struct tree_node *node)
{
    struct lfs2_info info;
    int err = store_files_stat(insides, node->stored, &info);

    if (err)
        return err;
    node->is_folder = info.type == LFS2_TYPE_DIR;
    node->size = node->is_folder ? 0 : info.size;
    return 0;
}

int tree_find(struct insides *insides, const char *path, struct tree_node *ret_node)
{
    struct tree_node node = {.name = strrchr(path, '/') + 1};

    if (strcmp(path, STORED) == 0)
        node.stored = "/";
    else if (below(path, STORED))
        node.stored = below(path, STORED) - 1;
    *ret_node = node;
    if (find_fixed(insides, path, &node)) {
        node.name = ret_node->name;
        node.stored = ret_node->stored;
        *ret_node = node;
        return node.print ? measure(insides, ret_node) : 0;
    }
    if (node.stored)
        return find_stored(insides, ret_node);
    if (below(path, RECORDS))
        ret_node->print = print_record;
    else if (below(path, IMAGES))
        ret_node->print = print_image;
    return ret_node->print && !strchr(ret_node->name, '/') ? measure(insides, ret_node) : -ENOENT;
}

/* --- folders --------------------------------------------------------------------------------- */

static void list_records(struct insides *insides, void (*take)(void *context, const char *name),
                         void *context)
{
    struct flash *nvm = &insides->folder.nvm.cells.flash;
    struct bootctl_record record;
    uint32_t words;
    char name[16];

    for (uint32_t slot = 0; slot < slots_count(nvm); slot++) {
        if (slots_read(nvm, insides->folder.layout->bootctl_offset, slot, &record, &words) ==
            SLOTS_BLANK)
            continue;
        snprintf(name, sizeof name, "%02u.json", slot);
        take(context, name);
    }
}

static void list_images(struct insides *insides, void (*take)(void *context, const char *name),
                        void *context)
{
    struct json_object *files = store_array(insides, "files");
    char text[LFS2_NAME_MAX + 8];

    for (size_t i = 0; files && i < json_object_array_length(files); i++) {
        struct json_object *file = json_object_array_get_idx(files, i);
        const char *name = json_object_get_string(json_object_object_get(file, "name"));
        size_t length = strlen(name);
        if (length < 4 || strcmp(name + length - 4, ".bin") != 0)
            continue;
        snprintf(text, sizeof text, "%.*s.json", (int)(length - 4), name);
        take(context, text);
    }
}

static void take_child(const char *path, const char *folder,
                       void (*take)(void *context, const char *name), void *context)
{
    const char *name = below(path, strcmp(folder, "/") == 0 ? "" : folder);

    if (name && !strchr(name, '/'))
        take(context, name);
}

int tree_list(struct insides *insides, const char *path,
              void (*take)(void *context, const char *name), void *context)
{
    struct raw raw[RAW_COUNT];
    struct tree_node node;
    int err = tree_find(insides, path, &node);

    if (err)
        return err;
    if (!node.is_folder)
        return -ENOTDIR;
    if (node.stored)
        return store_files_list(insides, node.stored, take, context);
    if (strcmp(path, RECORDS) == 0)
        list_records(insides, take, context);
    if (strcmp(path, IMAGES) == 0)
        list_images(insides, take, context);
    list_raw(insides, raw);
    for (size_t i = 0; i < RAW_COUNT; i++)
        take_child(raw[i].path, path, take, context);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
        take_child(folders[i], path, take, context);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        take_child(texts[i].path, path, take, context);
    return 0;
}

int tree_read(struct insides *insides, const struct tree_node *node, uint8_t **ret_bytes,
              uint32_t *ret_size)
{
    if (node->is_folder)
        return -EISDIR;
    if (node->print)
        return print_text(insides, node, ret_bytes, ret_size);
    if (node->stored)
        return store_files_read(insides, node->stored, ret_bytes, ret_size);
    *ret_bytes = malloc(node->size + 1);
    if (!*ret_bytes)
        return -ENOMEM;
    memcpy(*ret_bytes, node->cells->bytes + node->offset, node->size);
    *ret_size = node->size;
    return 0;
}
