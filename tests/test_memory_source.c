#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sim/image/memory_source.h"

static const uint8_t bytes[] = {1, 2, 3, 4, 5};

static enum ota_err read_at(uint32_t offset, uint32_t size, uint8_t *data)
{
    struct memory_source source;

    memory_source_init(&source, bytes, sizeof bytes);
    assert_int_equal(source.source.size, sizeof bytes);
    return source.source.read(&source.source, offset, data, size);
}

static void what_lies_inside_is_read(void **state)
{
    uint8_t data[sizeof bytes];

    (void)state;
    for (uint32_t offset = 0; offset <= sizeof bytes; offset++) {
        for (uint32_t size = 0; size <= sizeof bytes - offset; size++) {
            assert_int_equal(read_at(offset, size, data), OTA_OK);
            assert_memory_equal(data, bytes + offset, size);
        }
    }
}

static void what_lies_outside_is_refused(void **state)
{
    uint8_t data[sizeof bytes];

    (void)state;
    assert_int_equal(read_at(0, 6, data), OTA_ERR_FORMAT);
    assert_int_equal(read_at(5, 1, data), OTA_ERR_FORMAT);
    assert_int_equal(read_at(6, 0, data), OTA_ERR_FORMAT);
    assert_int_equal(read_at(UINT32_MAX, 1, data), OTA_ERR_FORMAT);
    assert_int_equal(read_at(1, UINT32_MAX, data), OTA_ERR_FORMAT);
    assert_int_equal(read_at(UINT32_MAX, UINT32_MAX, data), OTA_ERR_FORMAT);
}

static void no_bytes_are_a_source_too(void **state)
{
    struct memory_source source;
    uint8_t data;

    (void)state;
    memory_source_init(&source, NULL, 0);
    assert_int_equal(source.source.read(&source.source, 0, &data, 0), OTA_OK);
    assert_int_equal(source.source.read(&source.source, 0, &data, 1), OTA_ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_lies_inside_is_read),
        cmocka_unit_test(what_lies_outside_is_refused),
        cmocka_unit_test(no_bytes_are_a_source_too),
    };

    return cmocka_run_group_tests_name("memory_source", tests, NULL, NULL);
}
