#ifndef TESTS_GOLDEN_FILE_H
#define TESTS_GOLDEN_FILE_H

/* Reads tests/golden; include <cmocka.h> before. The build gives GOLDEN_DIR. */

#include <stdint.h>
#include <string.h>

#include "sim/image/file.h"

struct golden_file {
    uint8_t *bytes; /* exactly size bytes from malloc(): a sanitizer sees any overrun */
    uint32_t size;
};

static inline struct golden_file golden_file_read(const char *name)
{
    struct golden_file file;
    char path[1024];
    uint8_t *bytes;

    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
    assert_int_equal(file_read(path, FILE_IMAGE_MAX, &bytes, &file.size), 0);
    file.bytes = malloc(file.size ? file.size : 1);
    assert_non_null(file.bytes);
    memcpy(file.bytes, bytes, file.size);
    free(bytes);
    return file;
}

#endif
