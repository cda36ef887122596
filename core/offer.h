#ifndef CORE_OFFER_H
#define CORE_OFFER_H

#include "core/database.h"
#include "core/manifest.h"

/* What to do about a manifest. The order of its entries means nothing. */
enum offer_verdict {
    OFFER_NOTHING,  /* nothing newer that is eligible */
    OFFER_DOWNLOAD, /* fetch the entry */
    OFFER_STORED,   /* the entry's image is in the store already: it only has to be started */
};

/*
 * The highest eligible version above running. Not eligible is one that failed before with the same
 * digest; nor one whose copy was damaged in the store, unless it is time for another try of it: its
 * row has the name of the announced file, and the digest of what was left of it. ret_entry points
 * into manifest; ret_refused is the highest version passed over for having failed, 0 when none was.
 */
enum offer_verdict offer_choose(const struct manifest *manifest, struct database *database,
                                uint32_t running_version, bool is_time_for_another,
                                const struct manifest_entry **ret_entry, uint32_t *ret_refused);

#endif
