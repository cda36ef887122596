#include "sim/image/manifest_json.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>
#include <openssl/sha.h>

#include "core/image.h"
#include "hal_posix/crypto_openssl.h"
#include "sim/image/file.h"
#include "sim/image/inspect.h"
#include "sim/image/memory_source.h"

#define ENTRY_NAME_MAX (sizeof(((struct manifest_json_entry *)0)->name) - 1)

static bool is_url(const char *url)
{
    const char *host = strncasecmp(url, "https://", 8) == 0  ? url + 8
                       : strncasecmp(url, "http://", 7) == 0 ? url + 7
                                                             : "";

    if (*host == '\0' || *host == '/')
        return false;
    for (; *url; url++)
        if (*url <= ' ' || *url > '~' || strchr("?#\"\\<>", *url))
            return false;
    return true;
}

/* base/name with every byte of name outside RFC 3986's unreserved set as %XX; NULL: no memory. */
static char *make_url(const char *base, const char *name)
{
    size_t base_size = strlen(base);
    char *url = malloc(base_size + 3 * strlen(name) + 2);

    if (!url)
        return NULL;
    memcpy(url, base, base_size);
    char *at = url + base_size;
    if (at[-1] != '/')
        *at++ = '/';
    for (; *name; name++) {
        unsigned char byte = (unsigned char)*name;
        if (byte < 0x80 && (isalnum(byte) || strchr("-._~", byte)))
            *at++ = *name;
        else
            at += sprintf(at, "%%%02X", byte);
    }
    *at = '\0';
    return url;
}

static bool add(struct json_object *object, const char *key, struct json_object *value)
{
    return value && json_object_object_add(object, key, value) == 0;
}

static bool add_file(struct json_object *object, const struct manifest_json_entry *entry,
                     const char *url_base)
{
    char digest[2 * CRYPTO_SHA256_SIZE + 1];
    char *url = make_url(url_base, entry->name);

    for (uint32_t i = 0; i < CRYPTO_SHA256_SIZE; i++)
        sprintf(digest + (size_t)2 * i, "%02x", entry->digest[i]);
    bool is_ok = url && add(object, "URL", json_object_new_string(url)) &&
                 add(object, "Digest", json_object_new_string(digest));
    free(url);
    return is_ok;
}

static bool add_entry(struct json_object *list, const struct manifest_json_entry *entry,
                      const char *url_base)
{
    struct json_object *object = json_object_new_object();

    if (!object || json_object_array_add(list, object)) {
        json_object_put(object);
        return false;
    }
    return add(object, "Version", json_object_new_int64(entry->version)) &&
           (entry->is_erase || add_file(object, entry, url_base)) &&
           add(object, "EraseVer", json_object_new_boolean(entry->is_erase));
}

static int compare(const void *left, const void *right)
{
    const struct manifest_json_entry *a = left, *b = right;

    if (a->version != b->version)
        return a->version < b->version ? -1 : 1;
    return strcmp(a->name, b->name);
}

static enum ota_err check(const struct manifest_json_entry *entries, uint32_t count,
                          const char *url_base)
{
    bool has_url = url_base && is_url(url_base);

    if (url_base && !has_url)
        return OTA_ERR_FORMAT;
    for (uint32_t i = 0; i < count; i++) {
        if (!entries[i].is_erase && !has_url)
            return OTA_ERR_FORMAT;
        if (entries[i].version == 0 || (i && entries[i].version == entries[i - 1].version))
            return OTA_ERR_VERSION;
    }
    return OTA_OK;
}

static char *print(const struct manifest_json_entry *entries, uint32_t count, const char *url_base)
{
    struct json_object *root = json_object_new_object();
    struct json_object *list = json_object_new_array();
    char *text = NULL;
    bool is_ok = root && list;

    for (uint32_t i = 0; is_ok && i < count; i++)
        is_ok = add_entry(list, &entries[i], url_base);
    if (!root || !add(root, "ota", list))
        json_object_put(list);
    else if (is_ok && asprintf(&text, "%s\n",
                               json_object_to_json_string_ext(
                                   root, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                                             JSON_C_TO_STRING_NOSLASHESCAPE)) < 0)
        text = NULL;
    json_object_put(root);
    return text;
}

enum ota_err manifest_json_text(struct manifest_json_entry *entries, uint32_t count,
                                const char *url_base, char **ret_text)
{
    if (count)
        qsort(entries, count, sizeof *entries, compare);
    enum ota_err err = check(entries, count, url_base);
    if (err)
        return err;
    char *text = print(entries, count, url_base);
    if (!text)
        return OTA_ERR_FULL;
    *ret_text = text;
    return OTA_OK;
}

static const char *read_image(const uint8_t *bytes, uint32_t size, uint32_t *ret_version)
{
    uint8_t buffer[IMAGE_BUFFER_SIZE];
    struct crypto_openssl crypto;
    struct memory_source source;
    struct image_info info;

    memory_source_init(&source, bytes, size);
    crypto_openssl_init(&crypto);
    if (image_parse(&source.source, &info))
        return inspect_reason(bytes, size);
    enum ota_err err = image_check_hash(&source.source, &info, &crypto.crypto, buffer);
    if (err)
        return err_text(err);
    if (info.version == 0)
        return "its version is 0, which a device takes for none";
    *ret_version = info.version;
    return NULL;
}

const char *manifest_json_read(const char *path, struct manifest_json_entry *ret_entry)
{
    struct manifest_json_entry entry = {0};
    const char *name = file_name(path);
    struct stat status;
    uint8_t *bytes;
    uint32_t size;

    if (strlen(name) > ENTRY_NAME_MAX)
        return "its name is too long";
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return "not a regular file";
    int error = file_read(path, FILE_IMAGE_MAX, &bytes, &size);
    if (error)
        return strerror(error);
    const char *reason = read_image(bytes, size, &entry.version);
    if (!reason) {
        strcpy(entry.name, name);
        SHA256(bytes, size, entry.digest);
        *ret_entry = entry;
    }
    free(bytes);
    return reason;
}

static int is_bin(const struct dirent *file)
{
    size_t size = strlen(file->d_name);
    return file->d_name[0] != '.' && size > 4 && strcmp(file->d_name + size - 4, ".bin") == 0;
}

/* Not alphasort(), whose order hangs on the locale. */
static int by_name(const struct dirent **left, const struct dirent **right)
{
    return strcmp((*left)->d_name, (*right)->d_name);
}

static bool has_version(const struct manifest_json_entry *entries, uint32_t count, uint32_t version)
{
    for (uint32_t i = 0; i < count; i++)
        if (entries[i].version == version)
            return true;
    return false;
}

/* Fills entries from the sorted names; returns how many. */
static uint32_t read_files(const char *directory, struct dirent **files, int file_count,
                           manifest_json_warn *warn, void *context,
                           struct manifest_json_entry *entries)
{
    char path[PATH_MAX];
    uint32_t count = 0;

    for (int i = 0; i < file_count; i++) {
        const char *name = files[i]->d_name;
        const char *reason = "its path is too long";
        int length = snprintf(path, sizeof path, "%s/%s", directory, name);
        if (length > 0 && (size_t)length < sizeof path)
            reason = manifest_json_read(path, &entries[count]);
        if (!reason && has_version(entries, count, entries[count].version))
            reason = "an image before it has the same version";
        if (!reason)
            count++;
        else if (warn)
            warn(context, name, reason);
    }
    return count;
}

enum ota_err manifest_json_directory(const char *directory, const char *url_base,
                                     manifest_json_warn *warn, void *context, char **ret_text)
{
    struct dirent **files;
    int file_count = scandir(directory, &files, is_bin, by_name);

    if (file_count < 0)
        return OTA_ERR_NOT_FOUND;
    struct manifest_json_entry *entries = calloc((size_t)file_count + 1, sizeof *entries);
    enum ota_err err = OTA_ERR_FULL;
    if (entries) {
        uint32_t count = read_files(directory, files, file_count, warn, context, entries);
        err = manifest_json_text(entries, count, url_base, ret_text);
    }
    free(entries);
    for (int i = 0; i < file_count; i++)
        free(files[i]);
    free(files);
    return err;
}
