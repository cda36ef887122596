#include "sim/device/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/product.h"
#include "sim/image/file.h"
#include "sim/image/firmware.h"
#include "sim/image/hex.h"
#include "sim/image/keys.h"
#include "sim/scenario/locate.h"

#define PATH_SIZE    4096
#define SETTINGS     "device.json"
#define SETTINGS_MAX 65536
#define BOOT         "boot.hex"
#define HOLDER       "holder"
#define HOLDER_MAX   (PATH_SIZE + 100)

static bool fail(char *ret_error, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(char *ret_error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(ret_error, FOLDER_ERROR_SIZE, format, args);
    va_end(args);
    return false;
}

static bool join(char *to, const char *folder, const char *name, char *ret_error)
{
    if ((size_t)snprintf(to, PATH_SIZE, "%s/%s", folder, name) < PATH_SIZE)
        return true;
    return fail(ret_error, "%.60s...: the path is too long", folder);
}

/* --- device.json ----------------------------------------------------------------------------- */

static void put_hex(struct json_object *object, const char *key, const uint8_t *bytes, size_t size)
{
    char text[2 * CRYPTO_KEY_SIZE + 1];

    for (size_t i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    json_object_object_add(object, key, json_object_new_string(text));
}

static bool write_settings(const char *path, const struct image_policy *policy, bool has_ecc)
{
    struct json_object *object = json_object_new_object();

    json_object_object_add(object, "schema_version", json_object_new_int(FOLDER_VERSION));
    json_object_object_add(object, "profile", json_object_new_string(layout_mzw1.name));
    json_object_object_add(object, "ecc", json_object_new_boolean(has_ecc));
    put_hex(object, "key", policy->key, sizeof policy->key);
    put_hex(object, "vendor", policy->vendor, sizeof policy->vendor);
    put_hex(object, "class", policy->class_id, sizeof policy->class_id);
    const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY);
    int err = file_write(path, text, (uint32_t)strlen(text));
    json_object_put(object);
    return err == 0;
}

/* A device.json that is read. */
struct settings {
    const char *path;
    struct locate locate;
    struct json_object *object;
    char *error;
};

/* Always false: what is wrong with the value of a key, or that it is missing, and where. */
static bool fail_at(const struct settings *settings, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool fail_at(const struct settings *settings, const char *key, const char *format, ...)
{
    const struct locate *locate = &settings->locate;
    uint32_t node = locate_member(locate, 0, key), line, column;
    char reason[200];
    va_list args;

    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    if (node == LOCATE_NONE)
        return fail(settings->error, "%s: \"%s\" is missing", settings->path, key);
    locate_position(locate->text, locate->size, locate->nodes[node].value_at, &line, &column);
    return fail(settings->error, "%s:%u:%u: %s", settings->path, line, column, reason);
}

static struct json_object *get(const struct settings *settings, const char *key, json_type type)
{
    struct json_object *value = json_object_object_get(settings->object, key);

    return json_object_is_type(value, type) ? value : NULL;
}

static bool get_hex(const struct settings *settings, const char *key, uint8_t *bytes, size_t size)
{
    const char *text = json_object_get_string(get(settings, key, json_type_string));
    unsigned value;

    if (!text || strlen(text) != 2 * size || strspn(text, "0123456789abcdef") != 2 * size)
        return fail_at(settings, key, "%s is not %zu bytes in hex", key, size);
    for (size_t i = 0; i < size; i++) {
        if (sscanf(text + 2 * i, "%2x", &value) != 1)
            return false;
        bytes[i] = (uint8_t)value;
    }
    return true;
}

static bool check_version(const struct settings *settings)
{
    struct json_object *number = get(settings, "schema_version", json_type_int);
    int version = json_object_get_int(number);

    if (number && version > FOLDER_VERSION)
        return fail_at(settings, "schema_version",
                       "made by a newer version (schema_version %d, this one knows %d)", version,
                       FOLDER_VERSION);
    return version == FOLDER_VERSION ||
           fail_at(settings, "schema_version", "schema_version is no known one");
}

static bool take_settings(struct folder *folder, const struct settings *settings)
{
    const char *profile = json_object_get_string(get(settings, "profile", json_type_string));
    struct json_object *ecc = get(settings, "ecc", json_type_boolean);

    if (!check_version(settings))
        return false;
    if (!profile || strcmp(profile, layout_mzw1.name) != 0)
        return fail_at(settings, "profile", "profile is not \"%s\", the one that is known",
                       layout_mzw1.name);
    if (!get_hex(settings, "key", folder->policy.key, sizeof folder->policy.key) ||
        !get_hex(settings, "vendor", folder->policy.vendor, IMAGE_ID_SIZE) ||
        !get_hex(settings, "class", folder->policy.class_id, IMAGE_ID_SIZE))
        return false;
    if (!keys_is_public_der(folder->policy.key))
        return fail_at(settings, "key", "key is not a P-256 public key");
    if (!ecc)
        return fail_at(settings, "ecc", "ecc is not true or false");
    folder->layout = &layout_mzw1;
    folder->policy.app_size = layout_mzw1.app_size;
    folder->has_ecc = json_object_get_boolean(ecc);
    return true;
}

/* The text is JSON: an object, and no key stands twice. */
static bool parse_settings(struct folder *folder, struct settings *settings)
{
    const struct locate *locate = &settings->locate;
    const struct locate_node *root = &locate->nodes[0];
    uint32_t line, column;

    if (locate->text[root->value_at] != '{')
        return fail(settings->error, "%s: not a JSON object", settings->path);
    for (uint32_t i = 0; i < locate->count; i++) {
        if (locate->nodes[i].twin == LOCATE_NONE)
            continue;
        locate_position(locate->text, locate->size, locate->nodes[i].key_at, &line, &column);
        return fail(settings->error, "%s:%u:%u: this key stands twice", settings->path, line,
                    column);
    }
    struct json_tokener *tokener = json_tokener_new();
    settings->object = json_tokener_parse_ex(tokener, locate->text + root->value_at,
                                             (int)(root->value_end - root->value_at));
    json_tokener_free(tokener);
    bool is_fine = settings->object
                       ? take_settings(folder, settings)
                       : fail(settings->error, "%s: cannot be read as JSON", settings->path);
    json_object_put(settings->object);
    return is_fine;
}

static bool read_settings(struct folder *folder, const char *path, char *ret_error)
{
    struct settings settings = {.path = path, .error = ret_error};
    struct locate_fault fault;
    uint32_t size, line, column;
    uint8_t *bytes;
    int err = file_read(path, SETTINGS_MAX, &bytes, &size);
    bool is_fine = false;

    if (err)
        return fail(ret_error, "%s: %s", path, strerror(err));
    switch (locate_scan((const char *)bytes, size, &settings.locate, &fault)) {
    case LOCATE_OK:
        is_fine = parse_settings(folder, &settings);
        locate_free(&settings.locate);
        break;
    case LOCATE_SYNTAX:
        locate_position((const char *)bytes, size, fault.at, &line, &column);
        fail(ret_error, "%s:%u:%u: not JSON: %s", path, line, column, fault.message);
        break;
    case LOCATE_NO_MEMORY:
        fail(ret_error, "%s: out of memory", path);
        break;
    }
    free(bytes);
    return is_fine;
}

/* --- the flashes ----------------------------------------------------------------------------- */

static bool open_flashes(struct folder *folder, const char *path, enum flash_file_mode mode,
                         char *ret_error)
{
    char name[PATH_SIZE];
    struct cells cells;

    cells_init_nvm(&cells, folder->has_ecc);
    if (!join(name, path, "nvm", ret_error) ||
        flash_file_open(&folder->nvm, &cells, name, mode, ret_error))
        return false;
    cells_init_sst26(&cells);
    if (join(name, path, "spi", ret_error) &&
        !flash_file_open(&folder->spi, &cells, name, mode, ret_error))
        return true;
    flash_file_close(&folder->nvm);
    return false;
}

/* What a new device holds: what the factory puts there, or all that these cells do. */
struct content {
    struct folder_content factory;
    const struct cells *nvm, *spi; /* NULL: as the factory makes them */
};

static void program(struct cells *nvm, uint32_t offset, const uint8_t *bytes, uint32_t size)
{
    uint32_t first = offset / nvm->mark_size, last = (offset + size - 1) / nvm->mark_size;

    memcpy(nvm->bytes + offset, bytes, size);
    memset(nvm->marks + first, CELLS_PROGRAMMED, last - first + 1);
}

static bool is_in_program_flash(const struct block *block)
{
    return block->address - FIRMWARE_FLASH < FIRMWARE_FLASH_SIZE;
}

static void program_bootloader(struct cells *nvm, const struct blocks *bootloader)
{
    for (uint32_t i = 0; i < bootloader->count; i++) {
        const struct block *block = &bootloader->list[i];
        if (is_in_program_flash(block))
            program(nvm, block->address - FIRMWARE_FLASH, block->bytes, block->size);
    }
}

/* What is not in program flash. */
static bool take_boot(const struct blocks *bootloader, struct blocks *ret_boot)
{
    uint32_t taken;

    blocks_init(ret_boot);
    for (uint32_t i = 0; i < bootloader->count; i++) {
        const struct block *block = &bootloader->list[i];
        if (!is_in_program_flash(block) &&
            blocks_add(ret_boot, block->address, block->bytes, block->size, &taken))
            return false;
    }
    return true;
}

static bool write_boot(const char *path, const struct blocks *bootloader, char *ret_error)
{
    struct blocks boot;
    char name[PATH_SIZE];

    if (!join(name, path, BOOT, ret_error))
        return false;
    bool is_fine = take_boot(bootloader, &boot);
    FILE *file = is_fine ? fopen(name, "wb") : NULL;
    if (file) {
        hex_write(file, &boot);
        is_fine = !ferror(file);
        is_fine = fclose(file) == 0 && is_fine;
    }
    blocks_free(&boot);
    return (file && is_fine) || fail(ret_error, "%s: %s", name, strerror(errno));
}

/* A weak unit reads as it does now: what it might have read as otherwise is not in the folder. */
static void copy(struct cells *to, const struct cells *from)
{
    uint32_t size = from->flash.size, units = size / from->flash.erase_size;

    memcpy(to->bytes, from->bytes, size);
    memcpy(to->marks, from->marks, size / from->mark_size);
    for (uint32_t i = 0; i < units; i++)
        to->units[i] =
            (struct cells_unit){from->units[i].erases, from->units[i].flags & CELLS_WEAK};
}

static void discard(const char *path)
{
    static const char *const names[] = {"nvm.bin",   "nvm.cells", "spi.bin",
                                        "spi.cells", BOOT,        SETTINGS};
    char name[PATH_SIZE + 16];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(name, sizeof name, "%s/%s", path, names[i]);
        unlink(name);
    }
    rmdir(path);
}

static void program_factory(struct cells *nvm, const struct folder_content *content)
{
    uint8_t record[PRODUCT_SIZE];

    product_encode(&content->policy, record);
    if (content->bootloader)
        program_bootloader(nvm, content->bootloader);
    program(nvm, layout_mzw1.product_offset, record, sizeof record);
    program(nvm, layout_mzw1.bootctl_offset, content->image, content->image_size);
}

static bool fill(const char *path, const struct content *content, char *ret_error)
{
    const struct blocks *bootloader = content->factory.bootloader;
    struct folder folder = {.has_ecc = content->factory.has_ecc};
    char name[PATH_SIZE];

    if (!open_flashes(&folder, path, FLASH_FILE_CREATE, ret_error))
        return false;
    if (content->nvm) {
        copy(&folder.nvm.cells, content->nvm);
        copy(&folder.spi.cells, content->spi);
    } else {
        program_factory(&folder.nvm.cells, &content->factory);
    }
    flash_file_close(&folder.nvm);
    flash_file_close(&folder.spi);
    if (bootloader && !write_boot(path, bootloader, ret_error))
        return false;
    if (!join(name, path, SETTINGS, ret_error))
        return false;
    return write_settings(name, &content->factory.policy, content->factory.has_ecc) ||
           fail(ret_error, "%s: %s", name, strerror(errno));
}

/* Slashes at the end are what a shell's completion leaves there. */
static bool trim(const char *path, char ret_path[PATH_SIZE], char *ret_error)
{
    size_t length = strlen(path);

    while (length > 1 && path[length - 1] == '/')
        length--;
    if (length == 0)
        return fail(ret_error, "the name of the folder is empty");
    if (length >= PATH_SIZE)
        return fail(ret_error, "%.60s...: the path is too long", path);
    memcpy(ret_path, path, length);
    ret_path[length] = '\0';
    return true;
}

/* The folder appears whole or not at all. */
static bool create(const char *name, const struct content *content, char *ret_error)
{
    char path[PATH_SIZE], temporary[PATH_SIZE];
    struct stat status;

    if (!trim(name, path, ret_error))
        return false;
    if (lstat(path, &status) == 0)
        return fail(ret_error, "%s: exists already", path);
    if ((size_t)snprintf(temporary, sizeof temporary, "%s.new-XXXXXX", path) >= sizeof temporary)
        return fail(ret_error, "%.60s...: the path is too long", path);
    if (!mkdtemp(temporary) || chmod(temporary, 0755) < 0)
        return fail(ret_error, "%s: %s", path, strerror(errno));
    bool is_fine = fill(temporary, content, ret_error);
    if (is_fine && rename(temporary, path) < 0)
        is_fine = fail(ret_error, "%s: %s", path, strerror(errno));
    if (!is_fine)
        discard(temporary);
    return is_fine;
}

bool folder_create(const char *name, const struct folder_content *content,
                   char ret_error[FOLDER_ERROR_SIZE])
{
    const struct content all = {.factory = *content};

    if (content->image_size > IMAGE_HEADER_PAGE + layout_mzw1.app_size)
        return fail(ret_error, "the image is larger than the slot");
    return create(name, &all, ret_error);
}

bool folder_save(const char *name, const struct image_policy *policy, const struct cells *nvm,
                 const struct cells *spi, char ret_error[FOLDER_ERROR_SIZE])
{
    const struct content all = {
        .factory = {.policy = *policy, .has_ecc = nvm->has_ecc}, .nvm = nvm, .spi = spi};
    struct cells board;

    cells_init_sst26(&board);
    if (spi->flash.size != board.flash.size)
        return fail(ret_error, "%s: a device folder has an external flash of %u bytes, not of %u",
                    name, board.flash.size, spi->flash.size);
    return create(name, &all, ret_error);
}

static bool holder_name(char *to, const char *settings)
{
    const char *slash = strrchr(settings, '/');

    return (size_t)snprintf(to, PATH_SIZE, "%.*s" HOLDER, (int)(slash + 1 - settings), settings) <
           PATH_SIZE;
}

/* Who has it open, by the file that he left beside the settings; a dead one had it before. */
static bool fail_busy(const char *path, char *ret_error)
{
    char name[PATH_SIZE], who[HOLDER_MAX] = "";
    uint8_t *bytes = NULL;
    uint32_t size = 0;
    long pid = 0;

    if (holder_name(name, path) && file_read(name, HOLDER_MAX - 1, &bytes, &size) == 0 && size > 1)
        memcpy(who, bytes, size - 1);
    free(bytes);
    const char *process = strrchr(who, ' ');
    if (!process || sscanf(process, "%ld", &pid) != 1 || pid <= 0 ||
        (kill((pid_t)pid, 0) < 0 && errno == ESRCH))
        return fail(ret_error, "%s: this device is in use by another process", path);
    return fail(ret_error, "%s: this device is in use by another process: %s", path, who);
}

void folder_tell_holder(struct folder *folder, const char *path, const char *what)
{
    char name[PATH_SIZE], text[HOLDER_MAX];

    if (!join(name, path, HOLDER, text))
        return;
    int size = snprintf(text, sizeof text, "%.4000s, by process %ld\n", what, (long)getpid());
    if (file_write(name, text, (uint32_t)size) == 0)
        folder->holder = strdup(name);
}

static bool lock(struct folder *folder, const char *path, bool to_change, char *ret_error)
{
    struct stat status;

    folder->lock = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a FIFO would not come back */
    if (folder->lock < 0)
        return fail(ret_error, "%s: %s", path,
                    errno == ENOENT ? "not there; is this a device folder?" : strerror(errno));
    if (fstat(folder->lock, &status) < 0 || !S_ISREG(status.st_mode)) {
        close(folder->lock);
        return fail(ret_error, "%s: not a file", path);
    }
    if (flock(folder->lock, (to_change ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
        return true;
    close(folder->lock);
    return fail_busy(path, ret_error);
}

bool folder_open(struct folder *folder, const char *path, bool to_change,
                 char ret_error[FOLDER_ERROR_SIZE])
{
    char name[PATH_SIZE], stale[PATH_SIZE];

    memset(folder, 0, sizeof *folder);
    if (!join(name, path, SETTINGS, ret_error) || !lock(folder, name, to_change, ret_error))
        return false;
    if (read_settings(folder, name, ret_error) &&
        open_flashes(folder, path, to_change ? FLASH_FILE_USE : FLASH_FILE_LOOK, ret_error)) {
        if (to_change && holder_name(stale, name))
            unlink(stale); /* who left it has lost the lock: it was killed */
        return true;
    }
    close(folder->lock);
    return false;
}

void folder_close(struct folder *folder)
{
    flash_file_close(&folder->nvm);
    flash_file_close(&folder->spi);
    if (folder->holder)
        unlink(folder->holder);
    free(folder->holder);
    close(folder->lock);
}

static bool is_in_boot_area(const struct block *block)
{
    uint32_t in_boot = block->address - FIRMWARE_BOOT, in_config = block->address - FIRMWARE_CONFIG;

    return (in_boot < FIRMWARE_BOOT_SIZE && block->size <= FIRMWARE_BOOT_SIZE - in_boot) ||
           (in_config < FIRMWARE_CONFIG_SIZE && block->size <= FIRMWARE_CONFIG_SIZE - in_config);
}

static bool check_boot(const char *name, const struct blocks *blocks, char *ret_error)
{
    for (uint32_t i = 0; i < blocks->count; i++)
        if (!is_in_boot_area(&blocks->list[i]))
            return fail(
                ret_error,
                "%s: the %u bytes from 0x%08X on are not all in boot flash or configuration words",
                name, blocks->list[i].size, blocks->list[i].address);
    return true;
}

bool folder_read_boot(const char *path, struct blocks *ret_blocks,
                      char ret_error[FOLDER_ERROR_SIZE])
{
    char name[PATH_SIZE], reason[HEX_ERROR_SIZE];
    uint8_t *bytes;
    uint32_t size;

    blocks_init(ret_blocks);
    if (!join(name, path, BOOT, ret_error))
        return false;
    int err = file_read(name, FILE_IMAGE_MAX, &bytes, &size);
    if (err == ENOENT)
        return fail(ret_error, "%s: not there; a device has it from 'device new --bootloader'",
                    name);
    if (err)
        return fail(ret_error, "%s: %s", name, strerror(err));
    bool is_fine = hex_read((const char *)bytes, size, ret_blocks, reason);
    free(bytes);
    if (!is_fine)
        return fail(ret_error, "%s: %s", name, reason);
    if (check_boot(name, ret_blocks, ret_error))
        return true;
    blocks_free(ret_blocks);
    return false;
}
