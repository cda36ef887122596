#include "sim/device/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/image/file.h"

#define PATH_SIZE    4096
#define SETTINGS     "device.json"
#define SETTINGS_MAX 65536

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

static bool get_hex(struct json_object *object, const char *key, uint8_t *bytes, size_t size)
{
    const char *text = json_object_get_string(json_object_object_get(object, key));
    unsigned value;

    if (!text || strlen(text) != 2 * size || strspn(text, "0123456789abcdef") != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (sscanf(text + 2 * i, "%2x", &value) != 1)
            return false;
        bytes[i] = (uint8_t)value;
    }
    return true;
}

static bool take_settings(struct folder *folder, struct json_object *object, const char *path,
                          char *ret_error)
{
    const char *profile = json_object_get_string(json_object_object_get(object, "profile"));
    int version = json_object_get_int(json_object_object_get(object, "schema_version"));

    if (version > FOLDER_VERSION)
        return fail(ret_error, "%s: made by a newer version (schema_version %d, this one knows %d)",
                    path, version, FOLDER_VERSION);
    if (version != FOLDER_VERSION)
        return fail(ret_error, "%s: schema_version is missing or no known one", path);
    if (!profile || strcmp(profile, layout_mzw1.name) != 0)
        return fail(ret_error, "%s: profile '%s' is not known", path, profile ? profile : "");
    folder->layout = &layout_mzw1;
    folder->policy.app_size = layout_mzw1.app_size;
    folder->has_ecc = json_object_get_boolean(json_object_object_get(object, "ecc"));
    if (!get_hex(object, "key", folder->policy.key, sizeof folder->policy.key))
        return fail(ret_error, "%s: key is not %d bytes in hex", path, CRYPTO_KEY_SIZE);
    if (!get_hex(object, "vendor", folder->policy.vendor, IMAGE_ID_SIZE) ||
        !get_hex(object, "class", folder->policy.class_id, IMAGE_ID_SIZE))
        return fail(ret_error, "%s: vendor or class is not %d bytes in hex", path, IMAGE_ID_SIZE);
    return true;
}

static bool read_settings(struct folder *folder, const char *path, char *ret_error)
{
    uint8_t *bytes;
    uint32_t size;
    int err = file_read(path, SETTINGS_MAX, &bytes, &size);

    if (err)
        return fail(ret_error, "%s: %s", path, strerror(err));
    struct json_tokener *tokener = json_tokener_new();
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    struct json_object *object = json_tokener_parse_ex(tokener, (const char *)bytes, (int)size);
    bool is_fine = json_object_is_type(object, json_type_object);
    if (is_fine)
        is_fine = take_settings(folder, object, path, ret_error);
    else if (object)
        fail(ret_error, "%s: not a JSON object", path);
    else
        fail(ret_error, "%s: not JSON: %s", path,
             json_tokener_error_desc(json_tokener_get_error(tokener)));
    json_object_put(object);
    json_tokener_free(tokener);
    free(bytes);
    return is_fine;
}

/* --- the flashes ----------------------------------------------------------------------------- */

static bool open_flashes(struct folder *folder, const char *path, bool create, char *ret_error)
{
    char name[PATH_SIZE];
    struct cells cells;

    cells_init_nvm(&cells, folder->has_ecc);
    if (!join(name, path, "nvm", ret_error) ||
        flash_file_open(&folder->nvm, &cells, name, create, ret_error))
        return false;
    cells_init_sst26(&cells);
    if (join(name, path, "spi", ret_error) &&
        !flash_file_open(&folder->spi, &cells, name, create, ret_error))
        return true;
    flash_file_close(&folder->nvm);
    return false;
}

static void program(struct cells *nvm, const uint8_t *image, uint32_t size)
{
    uint32_t offset = layout_mzw1.bootctl_offset;

    memcpy(nvm->bytes + offset, image, size);
    memset(nvm->marks + offset / nvm->mark_size, CELLS_PROGRAMMED,
           (size + nvm->mark_size - 1) / nvm->mark_size);
}

static void discard(const char *path)
{
    static const char *const names[] = {"nvm.bin", "nvm.cells", "spi.bin", "spi.cells", SETTINGS};
    char name[PATH_SIZE + 16];

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(name, sizeof name, "%s/%s", path, names[i]);
        unlink(name);
    }
    rmdir(path);
}

static bool fill(const char *path, const struct image_policy *policy, bool has_ecc,
                 const uint8_t *image, uint32_t image_size, char *ret_error)
{
    struct folder folder = {.has_ecc = has_ecc};
    char name[PATH_SIZE];

    if (!open_flashes(&folder, path, true, ret_error))
        return false;
    program(&folder.nvm.cells, image, image_size);
    flash_file_close(&folder.nvm);
    flash_file_close(&folder.spi);
    if (!join(name, path, SETTINGS, ret_error))
        return false;
    return write_settings(name, policy, has_ecc) ||
           fail(ret_error, "%s: %s", name, strerror(errno));
}

bool folder_create(const char *path, const struct image_policy *policy, bool has_ecc,
                   const uint8_t *image, uint32_t image_size, char ret_error[FOLDER_ERROR_SIZE])
{
    char temporary[PATH_SIZE];
    struct stat status;

    if (image_size > IMAGE_HEADER_PAGE + layout_mzw1.app_size)
        return fail(ret_error, "the image is larger than the slot");
    if (lstat(path, &status) == 0)
        return fail(ret_error, "%s: exists already", path);
    if ((size_t)snprintf(temporary, sizeof temporary, "%s.new-XXXXXX", path) >= sizeof temporary)
        return fail(ret_error, "%.60s...: the path is too long", path);
    if (!mkdtemp(temporary) || chmod(temporary, 0755) < 0)
        return fail(ret_error, "%s: %s", path, strerror(errno));
    bool is_fine = fill(temporary, policy, has_ecc, image, image_size, ret_error);
    if (is_fine && rename(temporary, path) < 0)
        is_fine = fail(ret_error, "%s: %s", path, strerror(errno));
    if (!is_fine)
        discard(temporary);
    return is_fine;
}

static bool lock(struct folder *folder, const char *path, bool to_change, char *ret_error)
{
    folder->lock = open(path, O_RDONLY | O_CLOEXEC);
    if (folder->lock < 0)
        return fail(ret_error, "%s: %s", path,
                    errno == ENOENT ? "not there; is this a device folder?" : strerror(errno));
    if (flock(folder->lock, (to_change ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
        return true;
    close(folder->lock);
    return fail(ret_error, "%s: this device is in use by another process", path);
}

bool folder_open(struct folder *folder, const char *path, bool to_change,
                 char ret_error[FOLDER_ERROR_SIZE])
{
    char name[PATH_SIZE];

    memset(folder, 0, sizeof *folder);
    if (!join(name, path, SETTINGS, ret_error) || !lock(folder, name, to_change, ret_error))
        return false;
    if (read_settings(folder, name, ret_error) && open_flashes(folder, path, false, ret_error))
        return true;
    close(folder->lock);
    return false;
}

void folder_close(struct folder *folder)
{
    flash_file_close(&folder->nvm);
    flash_file_close(&folder->spi);
    close(folder->lock);
}
