#include "core/offer.h"

#include <string.h>

static bool is_same_image(const struct database_row *row, const struct manifest_entry *entry)
{
    return row && memcmp(row->digest, entry->digest, sizeof row->digest) == 0;
}

enum offer_verdict offer_choose(const struct manifest *manifest, struct database *database,
                                uint32_t running_version, const struct manifest_entry **ret_entry,
                                uint32_t *ret_refused)
{
    const struct manifest_entry *best = NULL;

    *ret_refused = 0;
    for (uint32_t i = 0; i < manifest->count; i++) {
        const struct manifest_entry *entry = &manifest->entries[i];
        const struct database_row *row = database_find(database, entry->version);

        if (entry->is_erase || entry->version <= running_version)
            continue;
        if (is_same_image(row, entry) && row->status == BOOTCTL_DISABLED) {
            if (entry->version > *ret_refused)
                *ret_refused = entry->version;
            continue;
        }
        if (!best || entry->version > best->version)
            best = entry;
    }
    if (!best)
        return OFFER_NOTHING;
    *ret_entry = best;
    return is_same_image(database_find(database, best->version), best) ? OFFER_STORED
                                                                       : OFFER_DOWNLOAD;
}
