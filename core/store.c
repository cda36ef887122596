#include "core/store.h"

#include <string.h>

#include "core/bytes.h"

#define DATABASE_FILE   "image_database.csv"
#define BLOCK_CYCLES    500 /* littlefs moves a metadata block after so many erases */
#define READ_SIZE       16
#define LFS2_BLOCK_NULL ((lfs2_block_t)-1) /* as in lfs2.c, which does not show it */
#define PROGRAM_SIZE    256                /* a page of the SST26 */

/* The file of a store call that opens and closes it itself. */
struct own_file {
    lfs2_file_t file;
    struct lfs2_file_config config;
};

enum ota_err store_error(int lfs_error)
{
    if (lfs_error >= 0)
        return OTA_OK;
    if (lfs_error == LFS2_ERR_NOENT)
        return OTA_ERR_NOT_FOUND;
    if (lfs_error == LFS2_ERR_NOSPC)
        return OTA_ERR_FULL;
    if (lfs_error == LFS2_ERR_IO)
        return OTA_ERR_FLASH;
    return OTA_ERR_CORRUPT;
}

/* littlefs notes what its cache holds before it reads it there, also when the read then fails, and
 * would take the garbage for data the next time. */
static void forget_cache(struct store *store, const void *buffer)
{
    if (store->lfs.rcache.buffer == buffer)
        store->lfs.rcache.block = LFS2_BLOCK_NULL;
    for (struct lfs2_mlist *at = store->lfs.mlist; at; at = at->next) {
        lfs2_file_t *file = (lfs2_file_t *)at;
        if (at->type == LFS2_TYPE_REG && file->cache.buffer == buffer)
            file->cache.block = LFS2_BLOCK_NULL;
    }
}

static int block_read(const struct lfs2_config *config, lfs2_block_t block, lfs2_off_t offset,
                      void *data, lfs2_size_t size)
{
    struct store *store = config->context;
    enum ota_err err =
        flash_read_agreed(store->flash, block * config->block_size + offset, data, size);

    if (err)
        forget_cache(store, data);
    return err == OTA_OK ? 0 : err == OTA_ERR_ECC ? LFS2_ERR_CORRUPT : LFS2_ERR_IO;
}

static int block_program(const struct lfs2_config *config, lfs2_block_t block, lfs2_off_t offset,
                         const void *data, lfs2_size_t size)
{
    struct store *store = config->context;

    return flash_program(store->flash, block * config->block_size + offset, data, size)
               ? LFS2_ERR_IO
               : 0;
}

static int block_erase(const struct lfs2_config *config, lfs2_block_t block)
{
    struct store *store = config->context;

    return flash_erase(store->flash, block * config->block_size) ? LFS2_ERR_IO : 0;
}

static int block_sync(const struct lfs2_config *config)
{
    (void)config;
    return 0;
}

static void configure(struct store *store)
{
    store->config = (struct lfs2_config){
        .context = store,
        .read = block_read,
        .prog = block_program,
        .erase = block_erase,
        .sync = block_sync,
        .read_size = READ_SIZE,
        .prog_size = PROGRAM_SIZE,
        .block_size = store->flash->erase_size,
        .block_count = store->flash->size / store->flash->erase_size,
        .block_cycles = BLOCK_CYCLES,
        .cache_size = STORE_CACHE_SIZE,
        .lookahead_size = sizeof store->lookahead_buffer,
        .read_buffer = store->read_buffer,
        .prog_buffer = store->program_buffer,
        .lookahead_buffer = store->lookahead_buffer,
    };
}

enum ota_err store_mount(struct store *store, struct flash *flash, struct log *log)
{
    store->flash = flash;
    store->log = log;
    store->is_mounted = false;
    store->database.count = 0;
    configure(store);
    enum ota_err err = flash_unlock(flash);
    if (err)
        return err;
    err = store_error(lfs2_mount(&store->lfs, &store->config));
    store->is_mounted = err == OTA_OK;
    return err == OTA_ERR_NOT_FOUND ? OTA_ERR_CORRUPT : err;
}

enum ota_err store_format(struct store *store)
{
    store->is_mounted = false;
    store->database.count = 0;
    int err = lfs2_format(&store->lfs, &store->config);
    if (!err)
        err = lfs2_mount(&store->lfs, &store->config);
    if (!err)
        err = lfs2_mkdir(&store->lfs, STORE_DIRECTORY);
    store->is_mounted = err == 0;
    return store_error(err);
}

void store_path(const char *name, char ret_path[STORE_PATH_MAX])
{
    size_t size = strnlen(name, DATABASE_NAME_MAX - 1);

    memcpy(ret_path, STORE_DIRECTORY "/", sizeof STORE_DIRECTORY);
    memcpy(ret_path + sizeof STORE_DIRECTORY, name, size);
    ret_path[sizeof STORE_DIRECTORY + size] = '\0';
}

static void replace_suffix(char path[STORE_PATH_MAX], const char *suffix)
{
    char *dot = strrchr(path, '.');

    memcpy(dot ? dot : path + strlen(path), suffix, strlen(suffix) + 1);
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t size = strlen(name), suffix_size = strlen(suffix);

    return size >= suffix_size && memcmp(name + size - suffix_size, suffix, suffix_size) == 0;
}

void store_name(uint32_t version, const uint8_t digest[CRYPTO_SHA256_SIZE],
                char ret_name[DATABASE_NAME_MAX])
{
    char digits[10], *to = ret_name;
    int count = 0;

    *to++ = 'v';
    do
        digits[count++] = (char)('0' + version % 10);
    while (version /= 10);
    while (count)
        *to++ = digits[--count];
    *to++ = '-';
    for (int i = 0; i < 4; i++) {
        *to++ = "0123456789abcdef"[digest[i] >> 4];
        *to++ = "0123456789abcdef"[digest[i] & 15];
    }
    memcpy(to, ".bin", sizeof ".bin");
}

static int open_own(struct store *store, struct own_file *own, const char *path, int flags)
{
    *own = (struct own_file){.config = {.buffer = store->file_buffer}};
    return lfs2_file_opencfg(&store->lfs, &own->file, path, flags, &own->config);
}

static enum ota_err finish_own(struct store *store, struct own_file *own, enum ota_err err)
{
    enum ota_err closed = store_error(lfs2_file_close(&store->lfs, &own->file));

    return err ? err : closed;
}

static enum ota_err remove_file(struct store *store, const char *name)
{
    char path[STORE_PATH_MAX];

    store_path(name, path);
    enum ota_err err = store_error(lfs2_remove(&store->lfs, path));
    return err == OTA_ERR_NOT_FOUND ? OTA_OK : err;
}

/* Move a finished temporary file to its name; on error it lies there until store_load(). */
static enum ota_err settle(struct store *store, const char *temporary, const char *path,
                           enum ota_err err)
{
    return err ? err : store_error(lfs2_rename(&store->lfs, temporary, path));
}

enum ota_err store_save(struct store *store)
{
    char path[STORE_PATH_MAX], temporary[STORE_PATH_MAX];
    struct own_file own;

    if (!store->is_mounted)
        return OTA_ERR_STATE;
    store_path(DATABASE_FILE, path);
    memcpy(temporary, path, sizeof path);
    replace_suffix(temporary, ".tmp");

    uint32_t size = database_format(&store->database, store->text);
    enum ota_err err =
        store_error(open_own(store, &own, temporary, LFS2_O_WRONLY | LFS2_O_CREAT | LFS2_O_TRUNC));
    if (err)
        return err;
    err = store_error(lfs2_file_write(&store->lfs, &own.file, store->text, size));
    err = finish_own(store, &own, err);
    return settle(store, temporary, path, err);
}

enum ota_err store_write(struct store *store, const char *name, struct image_source *source,
                         uint32_t size, uint8_t buffer[IMAGE_BUFFER_SIZE])
{
    char path[STORE_PATH_MAX], temporary[STORE_PATH_MAX];
    struct own_file own;

    if (!store->is_mounted)
        return OTA_ERR_STATE;
    store_path(name, path);
    memcpy(temporary, path, sizeof path);
    replace_suffix(temporary, ".tmp");

    enum ota_err err =
        store_error(open_own(store, &own, temporary, LFS2_O_WRONLY | LFS2_O_CREAT | LFS2_O_TRUNC));
    if (err)
        return err;
    for (uint32_t offset = 0; !err && offset < size; offset += IMAGE_BUFFER_SIZE) {
        uint32_t part = bytes_min(IMAGE_BUFFER_SIZE, size - offset);
        err = source->read(source, offset, buffer, part);
        if (!err)
            err = store_error(lfs2_file_write(&store->lfs, &own.file, buffer, part));
    }
    err = finish_own(store, &own, err);
    return settle(store, temporary, path, err);
}

static enum ota_err read_database(struct store *store)
{
    char path[STORE_PATH_MAX];
    struct own_file own;

    store_path(DATABASE_FILE, path);
    enum ota_err err = store_error(open_own(store, &own, path, LFS2_O_RDONLY));
    if (err)
        return err;
    int size = lfs2_file_read(&store->lfs, &own.file, store->text, sizeof store->text);
    err = store_error(size);
    if (!err) /* a text that does not fit has more rows than a table does */
        err = database_parse(store->text, (uint32_t)size, &store->database);
    (void)lfs2_file_close(&store->lfs, &own.file);
    return err;
}

static enum ota_err find_file(struct store *store, const char *name)
{
    char path[STORE_PATH_MAX];
    struct lfs2_info info;

    if (!store->is_mounted)
        return OTA_ERR_STATE;
    store_path(name, path);
    return store_error(lfs2_stat(&store->lfs, path, &info));
}

static bool is_stray(struct store *store, const char *name)
{
    if (ends_with(name, ".tmp"))
        return true;
    return ends_with(name, ".bin") && strcmp(name, STORE_FACTORY) != 0 &&
           !database_find_name(&store->database, name);
}

/* The first file that nothing accounts for; OTA_ERR_NOT_FOUND when there is none. */
static enum ota_err find_stray(struct store *store, char ret_name[DATABASE_NAME_MAX])
{
    lfs2_dir_t directory;
    struct lfs2_info info;
    enum ota_err err = store_error(lfs2_dir_open(&store->lfs, &directory, STORE_DIRECTORY));
    if (err)
        return err;

    int found;
    while ((found = lfs2_dir_read(&store->lfs, &directory, &info)) > 0)
        if (info.type == LFS2_TYPE_REG && is_stray(store, info.name) &&
            strlen(info.name) < DATABASE_NAME_MAX)
            break;
    (void)lfs2_dir_close(&store->lfs, &directory);
    if (found > 0)
        memcpy(ret_name, info.name, strlen(info.name) + 1);
    return found > 0 ? OTA_OK : found == 0 ? OTA_ERR_NOT_FOUND : store_error(found);
}

/* A row that only remembers a failed image gives way to a good one of its version. */
static bool is_taken(struct store *store, uint32_t version)
{
    const struct database_row *row = database_find(&store->database, version);

    return row && (row->status != BOOTCTL_DISABLED || store_has(store, row->name));
}

/* Describe an image that has no row; a verdict when it may not have one. */
static enum ota_err judge_stray(struct store *store, const struct store_judge *judge,
                                struct database_row *row)
{
    struct store_file file;
    struct image_info info;
    enum ota_err err = store_open(store, row->name, &file);
    if (err)
        return err;

    err = store_check(&file, judge->policy, judge->crypto, judge->buffer, &info);
    if (!err && (info.version == 0 || is_taken(store, info.version)))
        err = OTA_ERR_VERSION;
    if (!err)
        err = store_digest(&file, judge->crypto, judge->buffer, row->digest);
    store_close(&file);
    if (err)
        return err;
    row->version = info.version;
    row->status = bootctl_status_of(judge->bootctl, info.hash);
    if (row->status != BOOTCTL_VALID && row->status != BOOTCTL_DISABLED)
        row->status = BOOTCTL_DOWNLOADED;
    return OTA_OK;
}

enum ota_err store_clear(struct store *store, uint32_t *ret_count)
{
    struct database *database = &store->database;

    *ret_count = 0;
    if (!store->is_mounted)
        return OTA_ERR_STATE;
    for (uint32_t i = 0; i < database->count; i++) {
        enum ota_err err = remove_file(store, database->rows[i].name);
        if (err)
            return err;
    }
    if (!database->count)
        return OTA_OK;
    *ret_count = database->count;
    database->count = 0;
    return store_save(store);
}

/* The lowest disabled row that is only a memory. */
static struct database_row *find_forgettable(struct store *store)
{
    struct database_row *lowest = NULL;

    for (uint32_t i = 0; i < store->database.count; i++) {
        struct database_row *row = &store->database.rows[i];
        if (row->status == BOOTCTL_DISABLED && !store_has(store, row->name) &&
            (!lowest || row->version < lowest->version))
            lowest = row;
    }
    return lowest;
}

/* In place of the row of its version, else a new one, else in place of a memory. */
static enum ota_err add_row(struct store *store, const struct database_row *row)
{
    struct database_row *old = database_find(&store->database, row->version);

    if (!old && database_add(&store->database, row) == OTA_OK)
        return OTA_OK;
    if (!old)
        old = find_forgettable(store);
    if (!old)
        return OTA_ERR_FULL;
    *old = *row;
    return OTA_OK;
}

static enum ota_err settle_strays(struct store *store, const struct store_judge *judge,
                                  bool *ret_is_changed)
{
    struct database_row row = {0};
    enum ota_err err;

    while ((err = find_stray(store, row.name)) == OTA_OK) {
        err = ends_with(row.name, ".tmp") ? OTA_ERR_FORMAT : judge_stray(store, judge, &row);
        if (!err)
            err = add_row(store, &row);
        if (!err) {
            log_event(store->log, LOG_STORE_ADOPTED, row.version, 0, 0);
            *ret_is_changed = true;
            continue;
        }
        if (!err_is_verdict(err) && err != OTA_ERR_FULL)
            return err;
        err = remove_file(store, row.name);
        if (err)
            return err;
    }
    return err == OTA_ERR_NOT_FOUND ? OTA_OK : err;
}

static enum ota_err drop_rows_without_file(struct store *store, bool *ret_is_changed)
{
    struct database *database = &store->database;

    for (uint32_t i = database->count; i-- > 0;) {
        struct database_row *row = &database->rows[i];
        if (row->status == BOOTCTL_DISABLED)
            continue;
        enum ota_err err = find_file(store, row->name);
        if (!err)
            continue;
        if (err != OTA_ERR_NOT_FOUND)
            return err;
        log_event(store->log, LOG_STORE_DROPPED, row->version, 0, 0);
        database_remove(database, row);
        *ret_is_changed = true;
    }
    return OTA_OK;
}

enum ota_err store_load(struct store *store, const struct store_judge *judge)
{
    if (!store->is_mounted)
        return OTA_ERR_STATE;
    int made = lfs2_mkdir(&store->lfs, STORE_DIRECTORY);
    if (made && made != LFS2_ERR_EXIST)
        return store_error(made);

    store->database.count = 0;
    enum ota_err read_err = read_database(store);
    if (read_err == OTA_ERR_FLASH)
        return read_err; /* it may be there at the next start: nothing is judged without it */
    bool is_changed = false;
    enum ota_err err = drop_rows_without_file(store, &is_changed);
    if (!err)
        err = settle_strays(store, judge, &is_changed);
    if (read_err && (store->database.count || read_err != OTA_ERR_NOT_FOUND)) {
        log_event(store->log, LOG_STORE_REBUILT, read_err, store->database.count, 0);
        is_changed = true;
    }
    if (!err && is_changed)
        err = store_save(store);
    return err;
}

enum ota_err store_set_status(struct store *store, struct database_row *row,
                              enum bootctl_status status)
{
    enum bootctl_status before = row->status;

    if (before == status)
        return OTA_OK;
    row->status = status;
    enum ota_err err = store_save(store);
    if (err)
        row->status = before;
    return err;
}

enum ota_err store_remove(struct store *store, struct database_row *row, bool keep_row)
{
    if (!store->is_mounted)
        return OTA_ERR_STATE;
    enum ota_err err = remove_file(store, row->name);
    if (err || keep_row)
        return err;
    database_remove(&store->database, row);
    return store_save(store);
}

/* What could not be saved is not there. A memory that had to go for it is lost. */
static void take_back(struct store *store, uint32_t version, const struct database_row *before)
{
    struct database_row *row = database_find(&store->database, version);

    if (before->version)
        *row = *before;
    else
        database_remove(&store->database, row);
}

enum ota_err store_enter(struct store *store, const struct database_row *row)
{
    struct database_row *old = database_find(&store->database, row->version), before = {0};
    enum ota_err err = OTA_OK;

    if (old)
        before = *old;
    if (old && strcmp(old->name, row->name) != 0) /* first: without its row it would be new again */
        err = remove_file(store, old->name);
    if (!err)
        err = add_row(store, row);
    if (err)
        return err;
    err = store_save(store);
    if (err)
        take_back(store, row->version, &before);
    return err;
}

static bool is_good(const struct database_row *row)
{
    return row->status == BOOTCTL_DOWNLOADED || row->status == BOOTCTL_VALID;
}

/* Lower goes first: disabled ones, then by version. */
static bool goes_before(const struct database_row *a, const struct database_row *b)
{
    if (is_good(a) != is_good(b))
        return !is_good(a);
    return a->version < b->version;
}

static uint32_t newest_confirmed(const struct database *database)
{
    uint32_t newest = 0;

    for (uint32_t i = 0; i < database->count; i++)
        if (database->rows[i].status == BOOTCTL_VALID && database->rows[i].version > newest)
            newest = database->rows[i].version;
    return newest;
}

enum ota_err store_evict(struct store *store, uint32_t images_max, uint32_t running_version)
{
    struct database *database = &store->database;

    for (;;) {
        uint32_t images = 0, confirmed_version = newest_confirmed(database);
        struct database_row *victim = NULL;

        for (uint32_t i = 0; i < database->count; i++) {
            struct database_row *row = &database->rows[i];
            if (!store_has(store, row->name))
                continue;
            images++;
            bool is_kept = images_max > 1 &&
                           (row->version == running_version || row->version == confirmed_version);
            if (!is_kept && (!victim || goes_before(row, victim)))
                victim = row;
        }
        if (images < images_max)
            return OTA_OK;
        if (!victim)
            return OTA_ERR_FULL;
        log_event(store->log, LOG_STORE_EVICTED, victim->version, 0, 0);
        enum ota_err err = store_remove(store, victim, !is_good(victim));
        if (err)
            return err;
    }
}

struct used_blocks {
    uint32_t count;
    uint8_t seen[STORE_BLOCKS_MAX / 8];
};

static int note_block(void *context, lfs2_block_t block)
{
    struct used_blocks *used = context;
    uint8_t bit = (uint8_t)(1u << block % 8);

    if (block < STORE_BLOCKS_MAX && !(used->seen[block / 8] & bit)) {
        used->seen[block / 8] |= bit;
        used->count++;
    }
    return 0;
}

/* lfs2_fs_size() counts the blocks of a file twice that is open for writing. */
enum ota_err store_free_size(struct store *store, uint32_t *ret_size)
{
    struct used_blocks used = {0};

    if (!store->is_mounted)
        return OTA_ERR_STATE;
    enum ota_err err = store_error(lfs2_fs_traverse(&store->lfs, note_block, &used));
    if (err)
        return err;
    *ret_size = (store->config.block_count - used.count) * store->config.block_size;
    return OTA_OK;
}

bool store_has(struct store *store, const char *name)
{
    return find_file(store, name) == OTA_OK;
}

static enum ota_err read_store_file(struct image_source *source, uint32_t offset, void *data,
                                    uint32_t size)
{
    struct store_file *file = (struct store_file *)source;
    lfs2_t *lfs = &file->store->lfs;

    if (lfs2_file_tell(lfs, &file->file) != (lfs2_soff_t)offset) {
        lfs2_soff_t at = lfs2_file_seek(lfs, &file->file, (lfs2_soff_t)offset, LFS2_SEEK_SET);
        if (at < 0)
            return store_error(at);
    }
    lfs2_ssize_t taken = lfs2_file_read(lfs, &file->file, data, size);
    if (taken < 0)
        return store_error(taken);
    return (uint32_t)taken == size ? OTA_OK : OTA_ERR_FORMAT;
}

enum ota_err store_open(struct store *store, const char *name, struct store_file *ret_file)
{
    char path[STORE_PATH_MAX];

    if (!store->is_mounted)
        return OTA_ERR_STATE;
    store_path(name, path);
    ret_file->store = store;
    ret_file->config = (struct lfs2_file_config){.buffer = ret_file->buffer};
    int err =
        lfs2_file_opencfg(&store->lfs, &ret_file->file, path, LFS2_O_RDONLY, &ret_file->config);
    if (err)
        return store_error(err);
    ret_file->source = (struct image_source){
        read_store_file, (uint32_t)lfs2_file_size(&store->lfs, &ret_file->file)};
    return OTA_OK;
}

enum ota_err store_check(struct store_file *file, const struct image_policy *policy,
                         struct crypto *crypto, uint8_t buffer[IMAGE_BUFFER_SIZE],
                         struct image_info *ret_info)
{
    if (image_check(&file->source, policy, crypto, buffer, ret_info) == OTA_OK)
        return OTA_OK;
    return image_check(&file->source, policy, crypto, buffer, ret_info);
}

void store_close(struct store_file *file)
{
    (void)lfs2_file_close(&file->store->lfs, &file->file);
}

enum ota_err store_digest(struct store_file *file, struct crypto *crypto,
                          uint8_t buffer[IMAGE_BUFFER_SIZE], uint8_t ret_digest[CRYPTO_SHA256_SIZE])
{
    struct crypto_sha256 hash;

    crypto_sha256_start(crypto, &hash);
    for (uint32_t offset = 0; offset < file->source.size; offset += IMAGE_BUFFER_SIZE) {
        uint32_t size = bytes_min(IMAGE_BUFFER_SIZE, file->source.size - offset);
        enum ota_err err = file->source.read(&file->source, offset, buffer, size);
        if (err)
            return err;
        crypto_sha256_update(crypto, &hash, buffer, size);
    }
    crypto_sha256_finish(crypto, &hash, ret_digest);
    return OTA_OK;
}
