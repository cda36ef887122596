#ifndef SIM_IMAGE_FILE_H
#define SIM_IMAGE_FILE_H

#include <stdbool.h>
#include <stdint.h>

/* Small files as a whole. Functions return 0 or an errno value, for strerror(). */

#define FILE_IMAGE_MAX (16 * 1024 * 1024) /* more than any device's flash */

/* Read a file into memory the caller frees; ret_bytes is never NULL on success. EFBIG: it is larger
 * than size_max; EISDIR: it is a directory. */
int file_read(const char *path, uint32_t size_max, uint8_t **ret_bytes, uint32_t *ret_size);

/* Write a file so that, whenever it is interrupted, path holds the old bytes or all of the new:
 * a temporary file beside it, synced, renamed. The mode of a file that was there is kept; a link is
 * followed; "-" is stdout, and what is no regular file (a pipe, a device) is written directly. */
int file_write(const char *path, const void *bytes, uint32_t size);

/* What file_write() would fail with before its first byte; changes nothing. A full disk shows up
 * only in the writing. */
int file_can_write(const char *path);

/* Do both names lead to the same regular file? */
bool file_is_same(const char *path, const char *other);

/* The part behind the last '/'. */
const char *file_name(const char *path);

#endif
