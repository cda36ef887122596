#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/flash.h"

/* A driver that only notes what reaches it. */
struct fake {
    struct flash flash;
    const char *called;
    uint32_t calls;
    uint32_t offset;
    uint32_t size; /* for protect: the end */
    const void *data;
    enum ota_err answer;
};

static enum ota_err note(struct flash *flash, const char *called, uint32_t offset, uint32_t size)
{
    struct fake *fake = (struct fake *)flash;

    fake->called = called;
    fake->calls++;
    fake->offset = offset;
    fake->size = size;
    return fake->answer;
}

static enum ota_err fake_read(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    ((struct fake *)flash)->data = data;
    return note(flash, "read", offset, size);
}

static enum ota_err fake_program(struct flash *flash, uint32_t offset, const void *data,
                                 uint32_t size)
{
    ((struct fake *)flash)->data = data;
    return note(flash, "program", offset, size);
}

static enum ota_err fake_erase(struct flash *flash, uint32_t offset)
{
    return note(flash, "erase", offset, 0);
}

static enum ota_err fake_unlock(struct flash *flash)
{
    return note(flash, "unlock", 0, 0);
}

static void fake_protect(struct flash *flash, uint32_t from, uint32_t to)
{
    note(flash, "protect", from, to);
}

static const struct flash_ops fake_ops = {fake_read, fake_program, fake_erase, fake_unlock,
                                          fake_protect};

#define SIZE 16384u

/* Internal flash in small: 4096-byte pages, rows of 1024, double words. */
static struct fake nvm(void)
{
    return (struct fake){.flash = {.ops = &fake_ops,
                                   .name = "nvm",
                                   .size = SIZE,
                                   .erase_size = 4096,
                                   .row_size = 1024,
                                   .program_size = 8}};
}

/* SPI flash in small: 4096-byte sectors, pages of 256, single bytes. */
static struct fake spi(void)
{
    struct fake fake = nvm();

    fake.flash.name = "spi";
    fake.flash.row_size = 256;
    fake.flash.program_size = 1;
    return fake;
}

static uint8_t buffer[8];

static void calls_inside_reach_the_driver_unchanged(void **state)
{
    struct fake fake = nvm();

    (void)state;
    assert_int_equal(flash_read(&fake.flash, 13, buffer, 3), OTA_OK);
    assert_string_equal(fake.called, "read");
    assert_int_equal(fake.offset, 13);
    assert_int_equal(fake.size, 3);
    assert_ptr_equal(fake.data, buffer);
    assert_int_equal(flash_program(&fake.flash, 4104, buffer, 8), OTA_OK);
    assert_string_equal(fake.called, "program");
    assert_int_equal(fake.offset, 4104);
    assert_int_equal(fake.size, 8);
    assert_ptr_equal(fake.data, buffer);
    assert_int_equal(flash_erase(&fake.flash, 8192), OTA_OK);
    assert_string_equal(fake.called, "erase");
    assert_int_equal(fake.offset, 8192);
    assert_int_equal(flash_unlock(&fake.flash), OTA_OK);
    assert_string_equal(fake.called, "unlock");
    flash_protect(&fake.flash, 4096, 8192);
    assert_string_equal(fake.called, "protect");
    assert_int_equal(fake.offset, 4096);
    assert_int_equal(fake.size, 8192);
    assert_int_equal(fake.calls, 5);
}

static void error_of_the_driver_is_passed_on(void **state)
{
    struct fake fake = nvm();

    (void)state;
    fake.answer = OTA_ERR_ECC;
    assert_int_equal(flash_read(&fake.flash, 0, buffer, 8), OTA_ERR_ECC);
    fake.answer = OTA_ERR_FLASH;
    assert_int_equal(flash_program(&fake.flash, 0, buffer, 8), OTA_ERR_FLASH);
    assert_int_equal(flash_erase(&fake.flash, 0), OTA_ERR_FLASH);
    assert_int_equal(flash_unlock(&fake.flash), OTA_ERR_FLASH);
}

static void last_unit_can_be_reached(void **state)
{
    struct fake fake = nvm();

    (void)state;
    assert_int_equal(flash_read(&fake.flash, SIZE - 1, buffer, 1), OTA_OK);
    assert_int_equal(flash_read(&fake.flash, SIZE, buffer, 0), OTA_OK);
    assert_int_equal(flash_read(&fake.flash, 0, buffer, SIZE), OTA_OK);
    assert_int_equal(flash_program(&fake.flash, SIZE - 8, buffer, 8), OTA_OK);
    assert_int_equal(flash_erase(&fake.flash, SIZE - 4096), OTA_OK);
}

static void ranges_outside_never_reach_the_driver(void **state)
{
    static const struct {
        uint32_t offset, size;
    } outside[] = {{SIZE, 8},           {SIZE - 8, 16},      {SIZE + 8, 0}, {0, SIZE + 8},
                   {UINT32_MAX - 7, 8}, {8, UINT32_MAX - 7}, {8, 0u - 8u},  {UINT32_MAX - 7, 16}};
    struct fake fake = nvm();

    (void)state;
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        uint32_t offset = outside[i].offset, size = outside[i].size;
        assert_int_equal(flash_read(&fake.flash, offset, buffer, size), OTA_ERR_BOUNDS);
        assert_int_equal(flash_program(&fake.flash, offset, buffer, size), OTA_ERR_BOUNDS);
    }
    assert_int_equal(flash_erase(&fake.flash, SIZE), OTA_ERR_BOUNDS);
    assert_int_equal(flash_erase(&fake.flash, 0u - 4096u), OTA_ERR_BOUNDS);
    assert_int_equal(fake.calls, 0);
}

static void unaligned_changes_never_reach_the_driver(void **state)
{
    struct fake fake = nvm();

    (void)state;
    for (uint32_t off = 1; off < 8; off++) {
        assert_int_equal(flash_program(&fake.flash, off, buffer, 8), OTA_ERR_BOUNDS);
        assert_int_equal(flash_program(&fake.flash, 8, buffer, off), OTA_ERR_BOUNDS);
    }
    for (uint32_t off = 1; off < 4096; off *= 2)
        assert_int_equal(flash_erase(&fake.flash, 4096 + off), OTA_ERR_BOUNDS);
    assert_int_equal(fake.calls, 0);
}

static void bytewise_flash_programs_at_any_offset(void **state)
{
    struct fake fake = spi();

    (void)state;
    assert_int_equal(flash_program(&fake.flash, 3, buffer, 5), OTA_OK);
    assert_int_equal(fake.offset, 3);
    assert_int_equal(fake.size, 5);
}

static void operation_is_a_row_only_where_a_whole_one_fits(void **state)
{
    struct fake fake = nvm();

    (void)state;
    assert_int_equal(flash_operation_size(&fake.flash, 0, 1024), 1024);
    assert_int_equal(flash_operation_size(&fake.flash, 3072, 5000), 1024);
    assert_int_equal(flash_operation_size(&fake.flash, 0, 1016), 8);
    assert_int_equal(flash_operation_size(&fake.flash, 8, 1024), 8);
    assert_int_equal(flash_operation_size(&fake.flash, 1016, 2048), 8);
    assert_int_equal(flash_operation_size(&fake.flash, 0, 8), 8);
}

static void bytewise_operation_ends_with_the_page(void **state)
{
    struct fake fake = spi();

    (void)state;
    assert_int_equal(flash_operation_size(&fake.flash, 0, 256), 256);
    assert_int_equal(flash_operation_size(&fake.flash, 0, 1000), 256);
    assert_int_equal(flash_operation_size(&fake.flash, 0, 255), 255);
    assert_int_equal(flash_operation_size(&fake.flash, 255, 100), 1);
    assert_int_equal(flash_operation_size(&fake.flash, 250, 100), 6);
    assert_int_equal(flash_operation_size(&fake.flash, 250, 6), 6);
    assert_int_equal(flash_operation_size(&fake.flash, 250, 3), 3);
}

static void operations_cover_a_range_without_crossing_a_row(void **state)
{
    struct fake fakes[] = {nvm(), spi()};

    (void)state;
    for (size_t i = 0; i < sizeof fakes / sizeof fakes[0]; i++) {
        const struct flash *flash = &fakes[i].flash;
        for (uint32_t start = 0; start < 2048; start += 8) {
            uint32_t at = start, end = start + 4096;
            while (at < end) {
                uint32_t size = flash_operation_size(flash, at, end - at);
                assert_in_range(size, flash->program_size, flash->row_size);
                assert_int_equal(at / flash->row_size, (at + size - 1) / flash->row_size);
                at += size;
            }
            assert_int_equal(at, end);
        }
    }
}

/* A flash whose reads go as told: 'a' and 'b' fill with that letter, '!' fails. */
struct told {
    struct flash flash;
    const char *next;
};

static enum ota_err told_read(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    struct told *told = (struct told *)flash;

    (void)offset;
    assert_int_not_equal(*told->next, '\0');
    memset(data, *told->next, size);
    return *told->next++ == '!' ? OTA_ERR_FLASH : OTA_OK;
}

static void read_twice_is_what_two_reads_in_a_row_agree_on(void **state)
{
    static const struct flash_ops ops = {.read = told_read};
    static const struct {
        const char *reads;
        enum ota_err err;
        char byte;
    } cases[] = {
        {"aa", OTA_OK, 'a'},         {"baa", OTA_OK, 'a'},        {"abaa", OTA_OK, 'a'},
        {"!aa", OTA_OK, 'a'},        {"a!!aa", OTA_OK, 'a'},      {"b!aa", OTA_OK, 'a'},
        {"!!!aa", OTA_OK, 'a'},      {"ababa", OTA_ERR_FLASH, 0}, {"!!!!!", OTA_ERR_FLASH, 0},
        {"!!!!a", OTA_ERR_FLASH, 0}, {"a!a!a", OTA_ERR_FLASH, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct told told = {.flash = {.ops = &ops, .size = SIZE}, .next = cases[i].reads};
        uint8_t data[8] = {0};
        assert_int_equal(flash_read_agreed(&told.flash, 0, data, sizeof data), cases[i].err);
        assert_int_equal(*told.next, '\0');
        if (!cases[i].err)
            assert_int_equal(data[7], cases[i].byte);
    }
}

static void read_twice_goes_page_by_page(void **state)
{
    static const struct flash_ops ops = {.read = told_read};
    struct told told = {.flash = {.ops = &ops, .size = SIZE}, .next = "aabbcdccee"};
    uint8_t data[1024];

    (void)state;
    assert_int_equal(flash_read_agreed(&told.flash, 0, data, 900), OTA_OK);
    assert_int_equal(data[255], 'a');
    assert_int_equal(data[256], 'b');
    assert_int_equal(data[512], 'c');
    assert_int_equal(data[899], 'e');
    assert_int_equal(flash_read_agreed(&told.flash, SIZE - 4, data, 8), OTA_ERR_BOUNDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_inside_reach_the_driver_unchanged),
        cmocka_unit_test(error_of_the_driver_is_passed_on),
        cmocka_unit_test(last_unit_can_be_reached),
        cmocka_unit_test(ranges_outside_never_reach_the_driver),
        cmocka_unit_test(unaligned_changes_never_reach_the_driver),
        cmocka_unit_test(bytewise_flash_programs_at_any_offset),
        cmocka_unit_test(operation_is_a_row_only_where_a_whole_one_fits),
        cmocka_unit_test(bytewise_operation_ends_with_the_page),
        cmocka_unit_test(operations_cover_a_range_without_crossing_a_row),
        cmocka_unit_test(read_twice_is_what_two_reads_in_a_row_agree_on),
        cmocka_unit_test(read_twice_goes_page_by_page),
    };

    return cmocka_run_group_tests_name("flash", tests, NULL, NULL);
}
