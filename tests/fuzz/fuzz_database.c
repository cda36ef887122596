/* The image database. What is taken survives being written and read again, and names only files of
 * the store's own folder. */
#include <string.h>

#include "core/database.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct database database, again;
    char text[DATABASE_TEXT_MAX];

    if (database_parse((const char *)data, (uint32_t)size, &database))
        return 0;
    FUZZ_CHECK(database.count <= DATABASE_ROWS_MAX);
    uint32_t length = database_format(&database, text);
    FUZZ_CHECK(length <= sizeof text);
    FUZZ_CHECK(database_parse(text, length, &again) == OTA_OK);
    FUZZ_CHECK(again.count == database.count);
    for (uint32_t i = 0; i < database.count; i++) {
        const struct database_row *row = &database.rows[i], *other = &again.rows[i];
        FUZZ_CHECK(row->name[0] && !strchr(row->name, '/'));
        FUZZ_CHECK(strcmp(row->name, ".") != 0 && strcmp(row->name, "..") != 0);
        FUZZ_CHECK(strcmp(row->name, other->name) == 0 && row->version == other->version);
        FUZZ_CHECK(row->status == other->status);
        FUZZ_CHECK(memcmp(row->digest, other->digest, sizeof row->digest) == 0);
    }
    return 0;
}
