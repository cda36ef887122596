#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/crc32.h"
#include "core/product.h"
#include "hal_posix/flash_ram.h"

static struct flash_ram nvm;

static int setup(void **state)
{
    struct cells cells;

    (void)state;
    cells_init_nvm(&cells, false);
    return flash_ram_init(&nvm, &cells) != OTA_OK;
}

static int teardown(void **state)
{
    (void)state;
    flash_ram_free(&nvm);
    return 0;
}

static struct image_policy a_policy(void)
{
    struct image_policy policy = {.counter_floor = 77, .app_size = 5};

    for (uint32_t i = 0; i < sizeof policy.key; i++)
        policy.key[i] = (uint8_t)(i + 1);
    memset(policy.vendor, 0xAB, sizeof policy.vendor);
    memset(policy.class_id, 0xCD, sizeof policy.class_id);
    return policy;
}

static uint8_t *record(void)
{
    return nvm.cells.bytes + layout_mzw1.product_offset;
}

static void renew_crc(void)
{
    bytes_put32(record() + PRODUCT_SIZE - 4, crc32_update(0, record(), PRODUCT_SIZE - 4));
}

static enum ota_err read_it(struct image_policy *ret_policy)
{
    return product_read(&nvm.cells.flash, &layout_mzw1, ret_policy);
}

static void what_was_written_is_read(void **state)
{
    struct image_policy policy = a_policy(), read;

    (void)state;
    product_encode(&policy, record());
    memset(&read, 0x5A, sizeof read);
    assert_int_equal(read_it(&read), OTA_OK);
    assert_memory_equal(read.key, policy.key, sizeof read.key);
    assert_memory_equal(read.vendor, policy.vendor, sizeof read.vendor);
    assert_memory_equal(read.class_id, policy.class_id, sizeof read.class_id);
    assert_int_equal(read.counter_floor, 0);
    assert_int_equal(read.app_size, layout_mzw1.app_size);
}

static void the_record_lies_in_the_bootloaders_area(void **state)
{
    (void)state;
    assert_true(layout_mzw1.product_offset + PRODUCT_SIZE <= layout_mzw1.bootctl_offset);
    assert_int_equal(layout_mzw1.product_offset % nvm.cells.flash.erase_size, 0);
}

static void a_blank_record_is_not_found(void **state)
{
    struct image_policy read;

    (void)state;
    assert_int_equal(read_it(&read), OTA_ERR_NOT_FOUND);
}

static void any_flipped_bit_is_corrupt_and_gives_nothing(void **state)
{
    struct image_policy policy = a_policy(), read, before;

    (void)state;
    product_encode(&policy, record());
    memset(&before, 0x5A, sizeof before);
    for (uint32_t bit = 0; bit < 8 * PRODUCT_SIZE; bit++) {
        read = before;
        record()[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(read_it(&read), OTA_ERR_CORRUPT);
        assert_memory_equal(&read, &before, sizeof read);
        record()[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void a_later_version_is_refused(void **state)
{
    struct image_policy policy = a_policy(), read;

    (void)state;
    product_encode(&policy, record());
    record()[4] = 2;
    renew_crc();
    assert_int_equal(read_it(&read), OTA_ERR_FORMAT);
}

static void a_word_that_cannot_be_read_is_told(void **state)
{
    struct image_policy policy = a_policy(), read;

    (void)state;
    nvm.cells.has_ecc = true;
    product_encode(&policy, record());
    nvm.cells.marks[layout_mzw1.product_offset / nvm.cells.mark_size] |= CELLS_TORN;
    assert_int_equal(read_it(&read), OTA_ERR_ECC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_was_written_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(the_record_lies_in_the_bootloaders_area, setup, teardown),
        cmocka_unit_test_setup_teardown(a_blank_record_is_not_found, setup, teardown),
        cmocka_unit_test_setup_teardown(any_flipped_bit_is_corrupt_and_gives_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_later_version_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_word_that_cannot_be_read_is_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
