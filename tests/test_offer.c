#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/offer.h"
#include "core/store.h"

static bool is_late; /* time for another try of a damaged copy */

/* Entry and row of a version; letter stands for the digest. */
static void announce(struct manifest *manifest, uint32_t version, int letter)
{
    struct manifest_entry *entry = &manifest->entries[manifest->count++];

    *entry =
        (struct manifest_entry){.version = version, .is_erase = letter == 0, .url = "http://h"};
    memset(entry->digest, letter, sizeof entry->digest);
}

static void have(struct database *database, uint32_t version, int letter,
                 enum bootctl_status status)
{
    struct database_row row = {.name = "x", .status = status, .version = version};

    memset(row.digest, letter, sizeof row.digest);
    assert_int_equal(database_add(database, &row), OTA_OK);
}

static void assert_nothing(const struct manifest *manifest, struct database *database,
                           uint32_t running, uint32_t refused_expected)
{
    const struct manifest_entry *entry = NULL;
    uint32_t refused = 77;

    assert_int_equal(offer_choose(manifest, database, running, is_late, &entry, &refused),
                     OFFER_NOTHING);
    assert_null(entry);
    assert_int_equal(refused, refused_expected);
}

static void assert_chosen(const struct manifest *manifest, struct database *database,
                          uint32_t running, enum offer_verdict verdict, uint32_t version,
                          uint32_t refused_expected)
{
    const struct manifest_entry *entry = NULL;
    uint32_t refused = 77;

    assert_int_equal(offer_choose(manifest, database, running, is_late, &entry, &refused), verdict);
    assert_non_null(entry);
    assert_int_equal(entry->version, version);
    assert_int_equal(refused, refused_expected);
}

static void highest_version_wins_wherever_it_stands(void **state)
{
    static const uint32_t orders[][3] = {{2, 3, 4}, {4, 3, 2}, {3, 4, 2}, {2, 4, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct manifest manifest = {0};
        struct database database = {0};
        for (int j = 0; j < 3; j++)
            announce(&manifest, orders[i][j], 'a');
        assert_chosen(&manifest, &database, 1, OFFER_DOWNLOAD, 4, 0);
        assert_chosen(&manifest, &database, 3, OFFER_DOWNLOAD, 4, 0);
        assert_nothing(&manifest, &database, 4, 0);
        assert_nothing(&manifest, &database, UINT32_MAX, 0);
    }
}

static void empty_manifest_offers_nothing(void **state)
{
    struct manifest manifest = {0};
    struct database database = {0};

    (void)state;
    assert_nothing(&manifest, &database, 0, 0);
}

static void version_to_erase_is_no_offer(void **state)
{
    struct manifest manifest = {0};
    struct database database = {0};

    (void)state;
    announce(&manifest, 9, 0);
    assert_nothing(&manifest, &database, 1, 0);
    announce(&manifest, 2, 'a');
    assert_chosen(&manifest, &database, 1, OFFER_DOWNLOAD, 2, 0);
}

static void version_that_failed_is_passed_over_until_its_digest_changes(void **state)
{
    struct manifest manifest = {0};
    struct database database = {0};

    (void)state;
    announce(&manifest, 3, 'a');
    have(&database, 3, 'a', BOOTCTL_DISABLED);
    assert_nothing(&manifest, &database, 1, 3);
    assert_nothing(&manifest, &database, 3, 0);
    announce(&manifest, 2, 'b');
    assert_chosen(&manifest, &database, 1, OFFER_DOWNLOAD, 2, 3);
    memset(manifest.entries[0].digest, 'c', CRYPTO_SHA256_SIZE);
    assert_chosen(&manifest, &database, 1, OFFER_DOWNLOAD, 3, 0);
}

/* Its row has the announced file's name, and the digest of what was left of it. */
static void damaged_copy_is_passed_over_until_it_is_time(void **state)
{
    struct manifest manifest = {0};
    struct database database = {0};

    (void)state;
    announce(&manifest, 3, 'a');
    have(&database, 3, 'x', BOOTCTL_DISABLED);
    store_name(3, manifest.entries[0].digest, database.rows[0].name);
    assert_nothing(&manifest, &database, 1, 3);
    is_late = true;
    assert_chosen(&manifest, &database, 1, OFFER_DOWNLOAD, 3, 0);
    memset(database.rows[0].digest, 'a', CRYPTO_SHA256_SIZE);
    assert_nothing(&manifest, &database, 1, 3);
    is_late = false;
    memset(manifest.entries[0].digest, 'b', CRYPTO_SHA256_SIZE);
    assert_chosen(&manifest, &database, 1, OFFER_DOWNLOAD, 3, 0);
}

static void highest_of_the_failed_ones_is_told(void **state)
{
    struct manifest manifest = {0};
    struct database database = {0};

    (void)state;
    for (uint32_t version = 5; version >= 3; version--) {
        announce(&manifest, version, 'a');
        have(&database, version, 'a', BOOTCTL_DISABLED);
    }
    assert_nothing(&manifest, &database, 2, 5);
    assert_nothing(&manifest, &database, 4, 5);
}

static void image_that_is_there_already_is_not_fetched(void **state)
{
    static const enum bootctl_status statuses[] = {BOOTCTL_DOWNLOADED, BOOTCTL_VALID};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct manifest manifest = {0};
        struct database database = {0};
        announce(&manifest, 3, 'a');
        have(&database, 3, 'a', statuses[i]);
        assert_chosen(&manifest, &database, 2, OFFER_STORED, 3, 0);
        memset(manifest.entries[0].digest, 'b', CRYPTO_SHA256_SIZE);
        assert_chosen(&manifest, &database, 2, OFFER_DOWNLOAD, 3, 0);
    }
}

static void newer_download_goes_before_an_older_image_that_is_there(void **state)
{
    struct manifest manifest = {0};
    struct database database = {0};

    (void)state;
    announce(&manifest, 4, 'b');
    announce(&manifest, 3, 'a');
    have(&database, 3, 'a', BOOTCTL_DOWNLOADED);
    assert_chosen(&manifest, &database, 2, OFFER_DOWNLOAD, 4, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(highest_version_wins_wherever_it_stands),
        cmocka_unit_test(empty_manifest_offers_nothing),
        cmocka_unit_test(version_to_erase_is_no_offer),
        cmocka_unit_test(version_that_failed_is_passed_over_until_its_digest_changes),
        cmocka_unit_test(damaged_copy_is_passed_over_until_it_is_time),
        cmocka_unit_test(highest_of_the_failed_ones_is_told),
        cmocka_unit_test(image_that_is_there_already_is_not_fetched),
        cmocka_unit_test(newer_download_goes_before_an_older_image_that_is_there),
    };

    return cmocka_run_group_tests_name("offer", tests, NULL, NULL);
}
