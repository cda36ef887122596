#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/installed.h"
#include "tests/rig.h"

#define CODE 20000

static int set_up(void **state)
{
    if (rig_setup(state))
        return -1;
    rig_format(*state);
    return 0;
}

static struct store_file file;

static enum ota_err find(struct rig *rig, struct bootctl_record *ret_record)
{
    assert_int_equal(rig_load(rig), OTA_OK);
    return installed_find(&rig->hal, &rig->store, &file, ret_record);
}

/* Same size, so that only the hash behind the code tells them apart. */
static void image_is_known_by_its_hash(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *first = rig_image(rig, 1, CODE), *second = rig_image(rig, 2, CODE);
    struct bootctl_record record;

    rig_store(rig, first, BOOTCTL_VALID);
    rig_store(rig, second, BOOTCTL_DOWNLOADED);
    rig_install(rig, second, BOOTCTL_PRODUCTION, BOOTCTL_UNBOOTED);
    assert_int_equal(find(rig, &record), OTA_OK);
    assert_int_equal(record.version, 2);
    assert_int_equal(record.status, BOOTCTL_UNBOOTED);
    assert_int_equal(record.type, BOOTCTL_PRODUCTION);
    assert_true(installed_is(&rig->hal, &record));
    assert_memory_equal(record.hash, second->hash, sizeof record.hash);
    rig_install(rig, first, BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    assert_false(installed_is(&rig->hal, &record));
    assert_int_equal(find(rig, &record), OTA_OK);
    assert_int_equal(record.version, 1);
    assert_int_equal(record.status, BOOTCTL_VALID);
}

/* Its header is that of the record, and neither says what the code is. */
static void image_without_a_hash_is_none(void **state)
{
    struct rig *rig = *state;
    struct bootctl_record record;

    rig_install(rig, rig_image(rig, 1, CODE), BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    assert_int_equal(rig_load(rig), OTA_OK);
    struct bootctl bootctl;
    assert_int_equal(bootctl_open(&bootctl, rig->hal.nvm, layout_mzw1.bootctl_offset), OTA_OK);
    record = bootctl.record;
    assert_true(installed_is(&rig->hal, &record));
    memset(record.hash, 0, sizeof record.hash);
    uint8_t *code = rig->nvm_ram.cells.bytes + layout_mzw1.app_offset;
    uint8_t *end = code + layout_mzw1.app_size - 2;
    for (uint8_t *at = code; at < end; at++) /* the TLV of the hash is of another type now */
        if (at[0] == 0x10 && at[1] == 0x00 && at[2] == 0x20 && at[3] == 0x00)
            at[0] = 0xA0;
    assert_false(installed_is(&rig->hal, &record));
}

static void factory_image_is_found_last(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *first = rig_image(rig, 1, CODE), *second = rig_image(rig, 2, CODE);
    struct bootctl_record record;

    rig_store_file(rig, STORE_FACTORY, first->bytes, first->size);
    rig_store(rig, second, BOOTCTL_VALID);
    rig_install(rig, first, BOOTCTL_FACTORY, BOOTCTL_VALID);
    assert_int_equal(find(rig, &record), OTA_OK);
    assert_int_equal(record.version, 1);
    assert_int_equal(record.type, BOOTCTL_FACTORY);
    assert_int_equal(record.status, BOOTCTL_VALID);
}

static void image_that_is_not_in_the_store_is_not_found(void **state)
{
    struct rig *rig = *state;
    struct bootctl_record record;

    rig_store(rig, rig_image(rig, 1, CODE), BOOTCTL_VALID);
    rig_install(rig, rig_image(rig, 2, CODE), BOOTCTL_PRODUCTION, BOOTCTL_VALID);
    assert_int_equal(find(rig, &record), OTA_ERR_NOT_FOUND);
}

static const struct rig_image *make(struct rig *rig, uint32_t version, uint32_t counter)
{
    const struct rig_recipe recipe = {.version = version, .code_size = CODE, .counter = counter};

    return rig_make(rig, &recipe);
}

static uint32_t get_floor(struct rig *rig)
{
    assert_int_equal(rig_load(rig), OTA_OK);
    return installed_floor(&rig->hal, &rig->store, &file, &rig->policy, rig->buffer);
}

static void floor_is_of_confirmed_and_whole_images(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *third = make(rig, 3, 7);

    assert_int_equal(get_floor(rig), 0);
    rig_store(rig, make(rig, 1, 4), BOOTCTL_VALID);
    rig_store(rig, make(rig, 2, 9), BOOTCTL_DOWNLOADED);
    rig_store(rig, third, BOOTCTL_VALID);
    assert_int_equal(get_floor(rig), 7);
    rig_spoil(rig, third, 0x1100);
    assert_int_equal(get_floor(rig), 4);
}

static void record_that_is_right_is_left_alone(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *first = rig_image(rig, 1, CODE);

    rig_store(rig, first, BOOTCTL_VALID);
    rig_install(rig, first, BOOTCTL_PRODUCTION, BOOTCTL_UNBOOTED);
    assert_int_equal(rig_load(rig), OTA_OK);
    installed_assume(&rig->hal, &rig->store, &file, &rig->policy, rig->buffer, &rig->bootctl);
    assert_int_equal(rig->bootctl.record.status, BOOTCTL_UNBOOTED);
}

static void stale_record_gives_way_to_what_is_there(void **state)
{
    struct rig *rig = *state;
    const struct rig_image *first = make(rig, 1, 5), *second = make(rig, 2, 6);

    rig_store(rig, first, BOOTCTL_VALID);
    rig_store(rig, second, BOOTCTL_DOWNLOADED);
    rig_install(rig, second, BOOTCTL_PRODUCTION, BOOTCTL_UNBOOTED);
    assert_int_equal(rig_load(rig), OTA_OK);
    memset(&rig->bootctl.record, 0, sizeof rig->bootctl.record);
    rig->bootctl.record.version = 1;
    installed_assume(&rig->hal, &rig->store, &file, &rig->policy, rig->buffer, &rig->bootctl);
    assert_int_equal(rig->bootctl.record.version, 2);
    assert_int_equal(rig->bootctl.record.status, BOOTCTL_UNBOOTED);
    assert_int_equal(bootctl_counter_floor(&rig->bootctl), 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(image_is_known_by_its_hash),
        TEST(image_without_a_hash_is_none),
        TEST(factory_image_is_found_last),
        TEST(image_that_is_not_in_the_store_is_not_found),
        TEST(floor_is_of_confirmed_and_whole_images),
        TEST(record_that_is_right_is_left_alone),
        TEST(stale_record_gives_way_to_what_is_there),
    };

    return cmocka_run_group_tests_name("installed", tests, NULL, NULL);
}
