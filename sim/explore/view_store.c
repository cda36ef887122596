#include "sim/explore/view_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/part.h"
#include "core/store.h"

#define READ_SIZE    16
#define PROGRAM_SIZE 256

static struct view_store *from_config(const struct lfs2_config *config)
{
    return config->context;
}

static const uint8_t *bytes_of(const struct view_store *view, uint32_t unit)
{
    const struct cells *cells = &view->keys->ram->cells;

    if (unit == view->weak)
        unit = view->ghost;
    return cells->bytes + (size_t)unit * cells->flash.erase_size;
}

static int block_read(const struct lfs2_config *config, lfs2_block_t block, lfs2_off_t offset,
                      void *data, lfs2_size_t size)
{
    memcpy(data, bytes_of(from_config(config), block) + offset, size);
    return 0;
}

/* A look changes nothing. */
static int no_program(const struct lfs2_config *config, lfs2_block_t block, lfs2_off_t offset,
                      const void *data, lfs2_size_t size)
{
    (void)config;
    (void)block;
    (void)offset;
    (void)data;
    (void)size;
    return LFS2_ERR_IO;
}

static int no_erase(const struct lfs2_config *config, lfs2_block_t block)
{
    (void)config;
    (void)block;
    return LFS2_ERR_IO;
}

static int no_sync(const struct lfs2_config *config)
{
    (void)config;
    return 0;
}

enum ota_err view_store_init(struct view_store *view, struct flash_keys *keys)
{
    const struct flash *flash = &keys->ram->cells.flash;
    uint32_t count = cells_unit_count(&keys->ram->cells);

    memset(view, 0, sizeof *view);
    view->keys = keys;
    view->weak = view->ghost = UINT32_MAX;
    view->config = (struct lfs2_config){
        .context = view,
        .read = block_read,
        .prog = no_program,
        .erase = no_erase,
        .sync = no_sync,
        .read_size = READ_SIZE,
        .prog_size = PROGRAM_SIZE,
        .block_size = flash->erase_size,
        .block_count = flash->size / flash->erase_size,
        .block_cycles = -1,
        .cache_size = VIEW_STORE_CACHE,
        .lookahead_size = sizeof view->lookahead,
        .read_buffer = view->read_buffer,
        .prog_buffer = view->program_buffer,
        .lookahead_buffer = view->lookahead,
    };
    view->is_used = calloc(count, sizeof *view->is_used);
    view->content_of = calloc(count, sizeof *view->content_of);
    view->content = calloc(count, sizeof *view->content);
    view->used = calloc(count, sizeof *view->used);
    view->seen_files = calloc(VIEW_STORE_SEEN, sizeof *view->seen_files);
    if (view->used && view->seen_files && view->is_used && view->content_of && view->content)
        return OTA_OK;
    view_store_free(view);
    return OTA_ERR_FULL;
}

void view_store_free(struct view_store *view)
{
    free(view->is_used);
    free(view->content_of);
    free(view->content);
    free(view->used);
    free(view->seen_files);
    key_map_free(&view->seen);
    memset(view, 0, sizeof *view);
}

/* --- files ----------------------------------------------------------------------------------- */

/* A file is a list of blocks from its last one back: block number i > 0 begins with pointers to
 * the block before it and to others, one for each zero that i ends with, and one more. */
static uint32_t pointers_size(uint32_t index)
{
    return index ? 4 * ((uint32_t)__builtin_ctz(index) + 1) : 0;
}

/* Number of the last block of a file, and how many bytes of the file lie in it. */
static uint32_t last_block(uint32_t size, uint32_t block_size, uint32_t *ret_bytes)
{
    uint32_t index = 0, room = block_size;

    while (size > room) {
        size -= room;
        index++;
        room = block_size - pointers_size(index);
    }
    *ret_bytes = size;
    return index;
}

static struct key block_key(struct view_store *view, uint32_t unit, uint32_t index, uint32_t size)
{
    struct key raw = view->keys->units[unit == view->weak ? view->ghost : unit];

    raw.low ^= (uint64_t)index << 32 | size;
    if (!key_equals(view->content_of[unit], raw)) {
        view->content_of[unit] = raw;
        view->content[unit] = key_of(bytes_of(view, unit) + pointers_size(index), size, index);
    }
    return view->content[unit];
}

static struct key blocks_key(struct view_store *view, lfs2_block_t head, uint32_t size)
{
    uint32_t bytes, index = last_block(size, view->config.block_size, &bytes);
    struct key sum = {0, 0};

    for (;; index--) {
        sum = key_add(sum, block_key(view, head, index, bytes));
        if (!index)
            return sum;
        head = bytes_get32(bytes_of(view, head));
        bytes = view->config.block_size - pointers_size(index - 1);
        if (head >= view->config.block_count)
            return sum; /* not a file that can be read, either */
    }
}

static struct key inline_key(struct view_store *view, lfs2_file_t *file)
{
    uint8_t bytes[VIEW_STORE_CACHE];
    lfs2_ssize_t size = lfs2_file_read(&view->lfs, file, bytes, sizeof bytes);

    return key_of(bytes, size < 0 ? 0 : (size_t)size, 5);
}

static bool file_key(struct view_store *view, const char *path, const struct lfs2_info *info,
                     struct key *sum)
{
    struct {
        char path[STORE_PATH_MAX + 8];
        uint32_t size;
        int32_t attribute_size;
        uint8_t attribute[sizeof(struct part_label)];
        struct key content;
    } told;
    const struct lfs2_file_config config = {.buffer = view->file_buffer};
    lfs2_file_t file;

    memset(&told, 0, sizeof told);
    snprintf(told.path, sizeof told.path, "%s", path);
    told.size = info->size;
    told.attribute_size =
        lfs2_getattr(&view->lfs, path, PART_ATTRIBUTE, told.attribute, sizeof told.attribute);
    if (lfs2_file_opencfg(&view->lfs, &file, path, LFS2_O_RDONLY, &config))
        return false;
    told.content = file.flags & LFS2_F_INLINE ? inline_key(view, &file)
                                              : blocks_key(view, file.ctz.head, info->size);
    bool is_closed = lfs2_file_close(&view->lfs, &file) == 0;
    *sum = key_add(*sum, key_of(&told, sizeof told, 4));
    return is_closed;
}

static bool folder_key(struct view_store *view, const char *folder, struct key *sum)
{
    struct lfs2_info info;
    lfs2_dir_t dir;
    char path[STORE_PATH_MAX + 8];
    bool is_fine = true;
    int more = 1;

    if (lfs2_dir_open(&view->lfs, &dir, folder))
        return false;
    while (is_fine && (more = lfs2_dir_read(&view->lfs, &dir, &info)) > 0) {
        if (info.name[0] == '.')
            continue;
        if ((size_t)snprintf(path, sizeof path, "%s/%s", folder, info.name) >= sizeof path)
            is_fine = false;
        else if (info.type == LFS2_TYPE_REG)
            is_fine = file_key(view, path, &info, sum);
        else
            *sum = key_add(*sum, key_of(path, strlen(path), 6));
    }
    return lfs2_dir_close(&view->lfs, &dir) == 0 && is_fine && more >= 0;
}

/* --- the whole ------------------------------------------------------------------------------- */

static int note_block(void *context, lfs2_block_t block)
{
    struct view_store *view = context;

    if (block < view->config.block_count)
        view->is_used[block] = true;
    return 0;
}

/* All files, and what is pending. false: it does not mount. */
static bool look_once(struct view_store *view, struct key *ret_key)
{
    struct key sum = {0, 0};

    if (lfs2_mount(&view->lfs, &view->config))
        return false;
    bool is_fine = folder_key(view, "", &sum) &&
                   (folder_key(view, STORE_DIRECTORY, &sum) || true) &&
                   lfs2_fs_traverse(&view->lfs, note_block, view) == 0;
    struct key pending = key_of(&view->lfs.gdisk, sizeof view->lfs.gdisk, 7);
    (void)lfs2_unmount(&view->lfs);
    *ret_key = key_add(sum, pending);
    return is_fine;
}

/* A weak unit that is in use counts by what would be seen if it read the other way. It is the spare
 * half of a folder's pair as a rule: then that is the same, and littlefs erases it before it writes
 * there. Returns what is to be added to the view. */
static struct key look_otherwise(struct view_store *view, uint32_t unit, uint32_t ghost)
{
    struct key other;

    view->weak = unit;
    view->ghost = ghost;
    bool is_same = look_once(view, &other) && key_equals(other, view->files);
    view->weak = view->ghost = UINT32_MAX;
    return is_same ? (struct key){0, 0} : key_of(&other, sizeof other, 8);
}

static bool look(struct view_store *view)
{
    const struct cells *cells = &view->keys->ram->cells;
    uint32_t count = cells_unit_count(cells);
    struct key others = {0, 0};

    memset(view->is_used, 0, count * sizeof *view->is_used);
    if (!look_once(view, &view->files))
        return false;
    for (uint32_t ghost = count - cells->ghosts; ghost < count; ghost++) {
        uint32_t unit = cells->units[ghost].flags >> CELLS_GHOST_OF;
        if (!(cells->units[ghost].flags & CELLS_GHOST) || !view->is_used[unit])
            continue;
        view->is_used[ghost] = true;
        others = key_add(others, look_otherwise(view, unit, ghost));
    }
    view->files = key_add(view->files, others);
    return true;
}

static struct key sum_used(const struct view_store *view)
{
    struct key sum = {0, 0};

    for (uint32_t i = 0; i < view->used_count; i++)
        sum = key_add(sum, view->keys->units[view->used[i]]);
    return sum;
}

static void remember(struct view_store *view, struct key raw, bool has_view)
{
    if (view->seen_count == VIEW_STORE_SEEN) {
        key_map_clear(&view->seen);
        view->seen_count = 0;
    }
    view->seen_files[view->seen_count] = has_view ? view->files : (struct key){0, 0};
    key_map_add(&view->seen, raw, view->seen_count++);
}

/* As long as what is in use stays the same, so does the view, whatever free blocks hold. */
bool view_store_look(struct view_store *view, struct key *ret_files)
{
    struct key raw = flash_keys_sum(view->keys);
    uint32_t seen;

    if (view->used_count && key_equals(sum_used(view), view->used_sum)) {
        *ret_files = view->files;
        return true;
    }
    seen = key_map_find(&view->seen, raw);
    if (seen == KEY_MAP_NONE) {
        bool has_view = look(view);
        seen = view->seen_count == VIEW_STORE_SEEN ? 0 : view->seen_count;
        remember(view, raw, has_view);
        view->used_count = 0;
        uint32_t count = cells_unit_count(&view->keys->ram->cells);
        for (uint32_t unit = 0; has_view && unit < count; unit++)
            if (view->is_used[unit])
                view->used[view->used_count++] = unit;
        view->used_sum = sum_used(view);
    }
    *ret_files = view->seen_files[seen]; /* all zero: there is none */
    return ret_files->low || ret_files->high;
}
