#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/device/slots.h"
#include "tests/desk.h"

static int setup(void **state)
{
    struct desk *desk = calloc(1, sizeof *desk);

    desk_init(desk, true);
    assert_true(folder_open(&desk->folder, desk->path, false, desk->error));
    *state = desk;
    return 0;
}

static int teardown(void **state)
{
    struct desk *desk = *state;

    folder_close(&desk->folder);
    desk_free(desk);
    free(desk);
    return 0;
}

static void each_slot_is_read_by_itself(void **state)
{
    struct desk *desk = *state;
    struct cells *nvm = &desk->folder.nvm.cells;
    uint32_t offset = layout_mzw1.bootctl_offset, words;
    struct bootctl_record record, second;
    struct bootctl bootctl;

    assert_int_equal(slots_count(&nvm->flash), 16);
    assert_int_equal(slots_read(&nvm->flash, offset, 0, &record, &words), SLOTS_RECORD);
    assert_int_equal(record.type, BOOTCTL_FACTORY);
    assert_int_equal(bootctl_open(&bootctl, &nvm->flash, offset), OTA_OK);
    record.version = 7;
    assert_int_equal(bootctl_append(&bootctl, &record), OTA_OK);
    assert_int_equal(bootctl_set(&bootctl, BOOTCTL_DISABLED, 2), OTA_OK);
    assert_int_equal(slots_read(&nvm->flash, offset, 0, &record, &words), SLOTS_RECORD);
    assert_int_equal(record.version, 1);
    assert_int_equal(slots_read(&nvm->flash, offset, 1, &second, &words), SLOTS_RECORD);
    assert_int_equal(second.version, 7);
    assert_int_equal(second.status, BOOTCTL_DISABLED);
    assert_int_equal(words, 1);
    assert_int_equal(slots_read(&nvm->flash, offset, 2, &second, &words), SLOTS_BLANK);
    nvm->bytes[offset + 2 * BOOTCTL_SLOT_SIZE] = 0;
    assert_int_equal(slots_read(&nvm->flash, offset, 2, &second, &words), SLOTS_DAMAGED);
}

static void slot_is_described(void **state)
{
    struct desk *desk = *state;
    struct flash *nvm = &desk->folder.nvm.cells.flash;
    struct json_object *object = slots_describe(nvm, layout_mzw1.bootctl_offset, 0);

    assert_string_equal(json_object_get_string(json_object_object_get(object, "status")), "valid");
    assert_int_equal(json_object_get_int(json_object_object_get(object, "version")), 1);
    json_object_put(object);
    assert_null(slots_describe(nvm, layout_mzw1.bootctl_offset, 1));
}

static void statuses_have_names(void **state)
{
    (void)state;
    assert_string_equal(slots_status_name(BOOTCTL_UNBOOTED), "unbooted");
    assert_string_equal(slots_status_name((enum bootctl_status)1), "unknown");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_slot_is_read_by_itself),
        TEST(slot_is_described),
        cmocka_unit_test(statuses_have_names),
    };

    return cmocka_run_group_tests_name("slots", tests, NULL, NULL);
}
