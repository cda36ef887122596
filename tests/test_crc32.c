#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/crc32.h"

static uint32_t of_text(const char *text)
{
    return crc32_update(0, text, (uint32_t)strlen(text));
}

static void known_values_match(void **state)
{
    uint8_t raw[32];

    (void)state;
    assert_int_equal(of_text("123456789"), 0xCBF43926u);
    assert_int_equal(of_text(""), 0);
    assert_int_equal(of_text("a"), 0xE8B7BE43u);
    assert_int_equal(of_text("The quick brown fox jumps over the lazy dog"), 0x414FA339u);
    memset(raw, 0x00, sizeof raw);
    assert_int_equal(crc32_update(0, raw, sizeof raw), 0x190A55ADu);
    memset(raw, 0xFF, sizeof raw);
    assert_int_equal(crc32_update(0, raw, sizeof raw), 0xFF6CAB0Bu);
}

/* The definition, bit by bit. */
static uint32_t slow(const uint8_t *data, uint32_t size)
{
    uint32_t crc = UINT32_MAX;

    for (uint32_t i = 0; i < size; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
    return ~crc;
}

static void table_matches_the_definition(void **state)
{
    uint8_t raw[256];

    (void)state;
    for (uint32_t i = 0; i < sizeof raw; i++)
        raw[i] = (uint8_t)(i * 167 + 13);
    for (uint32_t size = 0; size <= sizeof raw; size++)
        assert_int_equal(crc32_update(0, raw, size), slow(raw, size));
}

static void pieces_give_the_same_as_the_whole(void **state)
{
    static const char text[] = "power goes at the worst moment";
    uint32_t size = sizeof text - 1;

    (void)state;
    for (uint32_t cut = 0; cut <= size; cut++) {
        uint32_t crc = crc32_update(0, text, cut);
        assert_int_equal(crc32_update(crc, text + cut, size - cut), of_text(text));
    }
}

static void every_single_bit_matters(void **state)
{
    uint8_t raw[112] = {0};
    uint32_t crc = crc32_update(0, raw, sizeof raw);

    (void)state;
    for (unsigned bit = 0; bit < 8 * sizeof raw; bit++) {
        raw[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(crc32_update(0, raw, sizeof raw), crc);
        raw[bit / 8] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values_match),
        cmocka_unit_test(table_matches_the_definition),
        cmocka_unit_test(pieces_give_the_same_as_the_whole),
        cmocka_unit_test(every_single_bit_matters),
    };

    return cmocka_run_group_tests_name("crc32", tests, NULL, NULL);
}
