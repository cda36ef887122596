#include "sim/image/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_READ (64 * 1024)

static int read_all(int fd, uint32_t size_max, uint8_t **bytes, uint32_t *ret_size)
{
    uint32_t room = FIRST_READ, size = 0;

    for (;;) {
        uint8_t *larger = realloc(*bytes, room);
        if (!larger)
            return ENOMEM;
        *bytes = larger;
        ssize_t got = read(fd, *bytes + size, room - size);
        if (got < 0 && errno != EINTR)
            return errno;
        if (got == 0)
            break;
        if (got > 0)
            size += (uint32_t)got;
        if (size > size_max)
            return EFBIG;
        if (size == room)
            room *= 2;
    }
    *ret_size = size;
    return 0;
}

int file_read(const char *path, uint32_t size_max, uint8_t **ret_bytes, uint32_t *ret_size)
{
    uint8_t *bytes = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    int error = read_all(fd, size_max, &bytes, ret_size);
    close(fd);
    if (error) {
        free(bytes);
        return error;
    }
    *ret_bytes = bytes;
    return 0;
}

static int write_all(int fd, const uint8_t *bytes, uint32_t size)
{
    while (size) {
        ssize_t done = write(fd, bytes, size);
        if (done < 0 && errno != EINTR)
            return errno;
        if (done > 0) {
            bytes += done;
            size -= (uint32_t)done;
        }
    }
    return 0;
}

static int write_directly(const char *path, const void *bytes, uint32_t size)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0)
        return errno;
    int error = write_all(fd, bytes, size);
    if (close(fd) && !error)
        error = errno;
    return error;
}

static void sync_directory_of(const char *path)
{
    char directory[PATH_MAX];
    int length = (int)(file_name(path) - path);

    snprintf(directory, sizeof directory, "%.*s", length ? length : 1, length ? path : ".");
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* Beside path, open for writing; 0 or an errno value. */
static int make_temporary(const char *path, char ret_temporary[PATH_MAX], int *ret_fd)
{
    int length = snprintf(ret_temporary, PATH_MAX, "%.*s.tmp-%ld-%.200s",
                          (int)(file_name(path) - path), path, (long)getpid(), file_name(path));

    if (length < 0 || length >= PATH_MAX)
        return ENAMETOOLONG;
    unlink(ret_temporary); /* left by an earlier process of the same number */
    *ret_fd = open(ret_temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    return *ret_fd < 0 ? errno : 0;
}

/* old: the file that is replaced, or NULL. */
static int write_and_rename(const char *path, const struct stat *old, const void *bytes,
                            uint32_t size)
{
    char temporary[PATH_MAX];
    int fd, error = make_temporary(path, temporary, &fd);

    if (error)
        return error;
    error = write_all(fd, bytes, size);
    if (!error && ((old && fchmod(fd, old->st_mode & 07777)) || fsync(fd)))
        error = errno;
    if (close(fd) && !error)
        error = errno;
    if (!error && rename(temporary, path))
        error = errno;
    if (error)
        unlink(temporary);
    else
        sync_directory_of(path);
    return error;
}

/* What path is, before it is written: *ret_is_new, or *ret_old. 0 or an errno value. */
static int look_at(const char *path, struct stat *ret_old, bool *ret_is_new)
{
    *ret_is_new = stat(path, ret_old) != 0;
    if (*ret_is_new)
        return errno == ENOENT && path[0] ? 0 : errno;
    if (S_ISDIR(ret_old->st_mode))
        return EISDIR;
    return access(path, W_OK) ? errno : 0;
}

int file_write(const char *path, const void *bytes, uint32_t size)
{
    struct stat old;
    char target[PATH_MAX];
    bool is_new;

    if (strcmp(path, "-") == 0) {
        if (fflush(stdout))
            return errno;
        return write_all(STDOUT_FILENO, bytes, size);
    }
    int error = look_at(path, &old, &is_new);
    if (error)
        return error;
    if (is_new)
        return write_and_rename(path, NULL, bytes, size);
    if (!S_ISREG(old.st_mode))
        return write_directly(path, bytes, size);
    return realpath(path, target) ? write_and_rename(target, &old, bytes, size) : errno;
}

int file_can_write(const char *path)
{
    struct stat old;
    char target[PATH_MAX], temporary[PATH_MAX];
    bool is_new;
    int fd, error = strcmp(path, "-") == 0 ? 0 : look_at(path, &old, &is_new);

    if (error || strcmp(path, "-") == 0 || (!is_new && !S_ISREG(old.st_mode)))
        return error;
    if (!is_new && !realpath(path, target))
        return errno;
    error = make_temporary(is_new ? path : target, temporary, &fd);
    if (error)
        return error;
    close(fd);
    unlink(temporary);
    return 0;
}

bool file_is_same(const char *path, const char *other)
{
    struct stat a, b;

    return stat(path, &a) == 0 && stat(other, &b) == 0 && S_ISREG(a.st_mode) &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
