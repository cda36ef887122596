#include "core/offer.h"

#include <string.h>

#include "core/store.h"

static bool is_same_image(const struct database_row *row, const struct manifest_entry *entry)
{
    return row && memcmp(row->digest, entry->digest, sizeof row->digest) == 0;
}

static bool is_copy_of(const struct database_row *row, const struct manifest_entry *entry)
{
    char name[DATABASE_NAME_MAX];

    store_name(entry->version, entry->digest, name);
    return strcmp(row->name, name) == 0;
}

/* Given up: this image, or a copy of it that was damaged. */
static bool is_given_up(const struct database_row *row, const struct manifest_entry *entry,
                        bool is_time_for_another)
{
    if (!row || row->status != BOOTCTL_DISABLED)
        return false;
    return is_same_image(row, entry) || (!is_time_for_another && is_copy_of(row, entry));
}

enum offer_verdict offer_choose(const struct manifest *manifest, struct database *database,
                                uint32_t running_version, bool is_time_for_another,
                                const struct manifest_entry **ret_entry, uint32_t *ret_refused)
{
    const struct manifest_entry *best = NULL;

    *ret_refused = 0;
    for (uint32_t i = 0; i < manifest->count; i++) {
        const struct manifest_entry *entry = &manifest->entries[i];
        const struct database_row *row = database_find(database, entry->version);

        if (entry->is_erase || entry->version <= running_version)
            continue;
        if (is_given_up(row, entry, is_time_for_another)) {
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
