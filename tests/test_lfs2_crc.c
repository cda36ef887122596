#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <lfs2_util.h>

/* littlefs's own, from its own source, under another name. */
#define lfs2_crc lfs2_own_crc
uint32_t lfs2_own_crc(uint32_t crc, const void *buffer, size_t size);
#include <lfs2_util.c>
#undef lfs2_crc

#define SIZE 8192

static uint8_t data[SIZE];

static int setup(void **state)
{
    uint32_t seed = 5;

    (void)state;
    for (uint32_t i = 0; i < SIZE; i++) {
        seed = seed * 1664525u + 1013904223u;
        data[i] = (uint8_t)(seed >> 24);
    }
    return 0;
}

static void any_size_at_any_place_has_the_crc_of_littlefs(void **state)
{
    static const uint32_t starts[] = {0, 1, 0x80000000u, 0xFFFFFFFFu, 0xDEADBEEFu};

    (void)state;
    for (uint32_t size = 1; size < 600; size++)
        for (uint32_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
            const uint8_t *from = data + size * 7 % 1000;
            assert_int_equal(lfs2_crc(starts[i], from, size), lfs2_own_crc(starts[i], from, size));
        }
    assert_int_equal(lfs2_crc(0xFFFFFFFFu, data, SIZE), lfs2_own_crc(0xFFFFFFFFu, data, SIZE));
}

static void pieces_add_up_to_the_whole(void **state)
{
    uint32_t whole = lfs2_own_crc(0xFFFFFFFFu, data, SIZE), seed = 9;

    (void)state;
    for (int run = 0; run < 50; run++) {
        uint32_t crc = 0xFFFFFFFFu, at = 0;
        while (at < SIZE) {
            seed = seed * 1664525u + 1013904223u;
            uint32_t size = (seed >> 8) % 700; /* 0 too */
            if (size > SIZE - at)
                size = SIZE - at;
            crc = lfs2_crc(crc, data + at, size);
            at += size;
        }
        assert_int_equal(crc, whole);
    }
}

static void nothing_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(lfs2_crc(0x12345678u, NULL, 0), 0x12345678u);
    assert_int_equal(lfs2_crc(0x12345678u, data, 0), 0x12345678u);
    assert_int_equal(lfs2_own_crc(0x12345678u, NULL, 0), 0x12345678u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_size_at_any_place_has_the_crc_of_littlefs),
        cmocka_unit_test(pieces_add_up_to_the_whole),
        cmocka_unit_test(nothing_changes_nothing),
    };

    return cmocka_run_group_tests_name("lfs2_crc", tests, setup, NULL);
}
