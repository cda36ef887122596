#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/explore/forge.h"
#include "tests/scene.h"

static struct scenario scenario;
static struct world world;

static int setup(void **state)
{
    (void)state;
    memset(&scenario, 0, sizeof scenario);
    return scene_installed(&scenario, &world) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    world_free(&world);
    return 0;
}

/* The newest record, after this was made of it. */
static struct bootctl_record forge(enum damage_field field, uint32_t value)
{
    struct bootctl bootctl;

    assert_int_equal(forge_field(&world, field, value), OTA_OK);
    assert_int_equal(bootctl_open(&bootctl, &world.nvm.cells.flash, layout_mzw1.bootctl_offset),
                     OTA_OK);
    return bootctl.record;
}

/* It is that of version 2, and words behind it confirmed it: they hold for what is made of it. */
static void fields_of_the_newest_record_say_what_they_are_told(void **state)
{
    (void)state;
    struct bootctl_record record = forge(DAMAGE_FIELD_VERSION, 77);
    assert_int_equal(record.version, 77);
    assert_int_equal(record.status, BOOTCTL_VALID);
    assert_int_equal(forge(DAMAGE_FIELD_SIZE, 78).size, 78);
    assert_int_equal(forge(DAMAGE_FIELD_COUNTER, 79).security_counter, 79);
    assert_int_equal(forge(DAMAGE_FIELD_SEQUENCE, 80).sequence, 80);
    assert_int_equal(forge(DAMAGE_FIELD_TYPE, BOOTCTL_FACTORY).type, BOOTCTL_FACTORY);
    assert_int_equal(forge(DAMAGE_FIELD_TRIALS, 9).version, 77);
}

static void a_status_word_more_is_the_last_word(void **state)
{
    (void)state;
    struct bootctl_record record = forge(DAMAGE_FIELD_WORD, 0x10700 + BOOTCTL_DISABLED);
    assert_int_equal(record.status, BOOTCTL_DISABLED);
    assert_int_equal(record.trials, 7);
    assert_true(record.wants_factory);
}

static void no_word_is_written_behind_the_slot(void **state)
{
    (void)state;
    for (int i = 0; i < 18; i++)
        err_ignore(forge_field(&world, DAMAGE_FIELD_WORD, BOOTCTL_VALID));
    assert_int_equal(forge_field(&world, DAMAGE_FIELD_WORD, BOOTCTL_VALID), OTA_ERR_FULL);
    assert_int_equal(forge(DAMAGE_FIELD_VERSION, 5).version, 5);
}

static void what_no_device_writes_is_passed_over(void **state)
{
    static const enum damage_field fields[] = {DAMAGE_FIELD_STATUS, DAMAGE_FIELD_LAYOUT,
                                               DAMAGE_FIELD_MAGIC};

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        teardown(state);
        setup(state);
        assert_int_equal(forge(fields[i], 0x55).version, 1);
    }
}

static void first_bytes_of_the_page_are_what_is_said(void **state)
{
    (void)state;
    const uint8_t *page = world.nvm.cells.bytes + layout_mzw1.bootctl_offset;
    assert_int_equal(forge(DAMAGE_FIELD_PAGE, 0x04030201).version, 2);
    assert_memory_equal(page, "\1\2\3\4", 4);
}

static void without_a_record_there_is_nothing_to_forge(void **state)
{
    (void)state;
    memset(world.nvm.cells.bytes + layout_mzw1.bootctl_offset, 0, 4096);
    assert_int_equal(forge_field(&world, DAMAGE_FIELD_VERSION, 1), OTA_ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fields_of_the_newest_record_say_what_they_are_told),
        TEST(a_status_word_more_is_the_last_word),
        TEST(no_word_is_written_behind_the_slot),
        TEST(what_no_device_writes_is_passed_over),
        TEST(first_bytes_of_the_page_are_what_is_said),
        TEST(without_a_record_there_is_nothing_to_forge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
