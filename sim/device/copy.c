#include "sim/device/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/device/console_log.h"
#include "sim/image/file.h"

/* The settings last: without them it is no device. */
static const char *const names[] = {"nvm.bin",   "nvm.cells",      "spi.bin",
                                    "spi.cells", CONSOLE_LOG_FILE, "device.json"};

#define NAME_COUNT (sizeof names / sizeof names[0])

static bool fail(char *ret_error, const char *path, int reason)
{
    snprintf(ret_error, FOLDER_ERROR_SIZE, "%s: %s", path, strerror(reason));
    return false;
}

static void discard(const char *path)
{
    char name[PATH_MAX + 20];

    for (size_t i = 0; i < NAME_COUNT; i++) {
        snprintf(name, sizeof name, "%s/%s", path, names[i]);
        unlink(name);
    }
    snprintf(name, sizeof name, "%s/holder", path);
    unlink(name);
    rmdir(path);
}

/* What may be missing is missing in the copy, too. */
static bool copy_file(const char *from, const char *to, const char *name, char *ret_error)
{
    char source[PATH_MAX + 20], target[PATH_MAX + 20];
    uint8_t *bytes;
    uint32_t size;

    snprintf(source, sizeof source, "%s/%s", from, name);
    snprintf(target, sizeof target, "%s/%s", to, name);
    int err = file_read(source, FILE_IMAGE_MAX, &bytes, &size);
    if (err == ENOENT)
        return true;
    if (err)
        return fail(ret_error, source, err);
    err = file_write(target, bytes, size);
    free(bytes);
    return err == 0 || fail(ret_error, target, err);
}

/* A copy under a temporary name beside to. */
static bool copy_beside(const char *from, const char *to, char temporary[PATH_MAX], char *ret_error)
{
    size_t length = strlen(to);
    bool is_fine = true;

    while (length > 1 && to[length - 1] == '/')
        length--;
    if (strlen(from) >= PATH_MAX ||
        snprintf(temporary, PATH_MAX, "%.*s.new-XXXXXX", (int)length, to) >= PATH_MAX)
        return fail(ret_error, to, ENAMETOOLONG);
    if (!mkdtemp(temporary) || chmod(temporary, 0755) < 0)
        return fail(ret_error, to, errno);
    for (size_t i = 0; is_fine && i < NAME_COUNT; i++)
        is_fine = copy_file(from, temporary, names[i], ret_error);
    if (!is_fine)
        discard(temporary);
    return is_fine;
}

bool copy_device(const char *from, const char *to, char ret_error[FOLDER_ERROR_SIZE])
{
    char temporary[PATH_MAX];
    struct folder folder;

    if (!folder_open(&folder, from, false, ret_error))
        return false;
    bool is_fine = copy_beside(from, to, temporary, ret_error);
    folder_close(&folder);
    if (!is_fine)
        return false;
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    fail(ret_error, to, errno);
    discard(temporary);
    return false;
}

bool copy_restore(const char *device, const char *snapshot, char ret_error[FOLDER_ERROR_SIZE])
{
    char temporary[PATH_MAX];
    struct folder folder, source;

    if (!folder_open(&folder, device, true, ret_error))
        return false;
    bool is_fine = folder_open(&source, snapshot, false, ret_error);
    if (is_fine) {
        is_fine = copy_beside(snapshot, device, temporary, ret_error);
        folder_close(&source);
    }
    if (is_fine) {
        if (renameat2(AT_FDCWD, temporary, AT_FDCWD, device, RENAME_EXCHANGE) < 0)
            is_fine = fail(ret_error, device, errno);
        discard(temporary); /* the old device, or the copy */
    }
    folder_close(&folder);
    return is_fine;
}
