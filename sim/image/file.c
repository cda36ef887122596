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

/* old: the file that is replaced, or NULL. */
static int write_and_rename(const char *path, const struct stat *old, const void *bytes,
                            uint32_t size)
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%.*s.tmp-%ld-%.200s",
                          (int)(file_name(path) - path), path, (long)getpid(), file_name(path));

    if (length < 0 || (size_t)length >= sizeof temporary)
        return ENAMETOOLONG;
    unlink(temporary); /* left by an earlier process of the same number */
    int fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return errno;

    int error = write_all(fd, bytes, size);
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

int file_write(const char *path, const void *bytes, uint32_t size)
{
    struct stat old;
    char target[PATH_MAX];

    if (strcmp(path, "-") == 0) {
        if (fflush(stdout))
            return errno;
        return write_all(STDOUT_FILENO, bytes, size);
    }
    if (stat(path, &old))
        return errno == ENOENT ? write_and_rename(path, NULL, bytes, size) : errno;
    if (S_ISDIR(old.st_mode))
        return EISDIR;
    if (!S_ISREG(old.st_mode))
        return write_directly(path, bytes, size);
    if (access(path, W_OK) || !realpath(path, target))
        return errno;
    return write_and_rename(target, &old, bytes, size);
}

const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}
