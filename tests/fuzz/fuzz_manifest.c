/* The manifest on the device. What is taken is sound in itself. */
#include <string.h>

#include "core/manifest.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct manifest manifest;

    if (manifest_parse((const char *)data, (uint32_t)size, &manifest))
        return 0;
    FUZZ_CHECK(size <= MANIFEST_TEXT_MAX && manifest.count <= MANIFEST_ENTRIES_MAX);
    for (uint32_t i = 0; i < manifest.count; i++) {
        const struct manifest_entry *entry = &manifest.entries[i];
        FUZZ_CHECK(entry->version != 0);
        FUZZ_CHECK(strnlen(entry->url, MANIFEST_URL_MAX) < MANIFEST_URL_MAX);
        FUZZ_CHECK(entry->is_erase || entry->url[0]);
        for (uint32_t j = 0; j < i; j++)
            FUZZ_CHECK(manifest.entries[j].version != entry->version);
    }
    return 0;
}
