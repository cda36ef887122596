#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "sim/image/inspect.h"
#include "sim/image/memory_source.h"
#include "tests/golden_file.h"

#define SLOT_SIZE 0x2000

static void make_slot(uint8_t slot[SLOT_SIZE], uint8_t status)
{
    memset(slot, 0, SLOT_SIZE);
    slot[0] = status;
    slot[1] = slot[2] = 0xFF;
    slot[3] = 3;
    bytes_put32(slot + 8, 1);
    bytes_put32(slot + 12, 0xB0021000);
}

static void raw_slots_of_the_original_are_told(void **state)
{
    uint8_t slot[SLOT_SIZE];
    uint32_t count = 0;

    (void)state;
    for (uint32_t status = 0; status <= 0xFF; status++) {
        make_slot(slot, (uint8_t)status);
        count += inspect_is_harmony(slot, sizeof slot);
    }
    assert_int_equal(count, 5);
    make_slot(slot, 0xF8);
    assert_true(inspect_is_harmony(slot, IMAGE_HEADER_PAGE));
    assert_false(inspect_is_harmony(slot, IMAGE_HEADER_PAGE - 1));
    assert_false(inspect_is_harmony(slot, 0));
    slot[12] = 4;
    assert_false(inspect_is_harmony(slot, sizeof slot));
    memset(slot, 0xFF, sizeof slot);
    assert_false(inspect_is_harmony(slot, sizeof slot));
}

static void assert_reason(const uint8_t *bytes, uint32_t size, const char *word)
{
    const char *reason = inspect_reason(bytes, size);

    if (!strstr(reason, word))
        fail_msg("'%s' does not say '%s'", reason, word);
}

static void what_is_no_image_is_named(void **state)
{
    static const uint8_t elf[] = {0x7F, 'E', 'L', 'F', 1, 1};
    static const uint8_t hex[] = ":020000040000FA";
    static const uint8_t erased[] = {0xFF, 0xFF}, zeros[] = {0, 0, 0}, text[] = "<html>";
    uint8_t slot[SLOT_SIZE];

    (void)state;
    make_slot(slot, 0xFE);
    assert_reason(NULL, 0, "empty");
    assert_reason(elf, sizeof elf, "ELF");
    assert_reason(hex, sizeof hex, "Intel HEX");
    assert_reason(hex, 5, "not an MCUboot image");
    assert_reason(erased, sizeof erased, "0xFF");
    assert_reason(zeros, sizeof zeros, "zeros");
    assert_reason(text, sizeof text, "not an MCUboot image");
    assert_reason(slot, sizeof slot, "original");
}

static void what_a_header_has_wrong_is_named(void **state)
{
    static const struct {
        uint32_t at, value;
        const char *word;
    } changes[] = {
        {8, 0x20, "header size"},  {16, 4, "encrypted"},      {16, 8, "encrypted"},
        {16, 0x200, "compressed"}, {16, 0x400, "compressed"}, {16, 0x20, "flags"},
        {4, 1, "load address"},    {12, 0, "no code"},        {12, UINT32_MAX, "truncated"},
        {12, 3000, "TLVs"},
    };
    struct golden_file image = golden_file_read("unsigned.bin");

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        uint32_t old = bytes_get32(image.bytes + changes[i].at);
        bytes_put32(image.bytes + changes[i].at, changes[i].value);
        assert_reason(image.bytes, image.size, changes[i].word);
        bytes_put32(image.bytes + changes[i].at, old);
    }
    assert_reason(image.bytes, 4, "truncated");
    assert_reason(image.bytes, 5000, "truncated");
    assert_reason(image.bytes, image.size - 1, "truncated");
    free(image.bytes);
}

/* image_parse() takes both; what reads the whole file does not. */
static void what_only_the_whole_file_shows_is_named(void **state)
{
    struct golden_file image = golden_file_read("p256.bin");
    struct memory_source source;
    struct image_info info;

    (void)state;
    image.bytes[IMAGE_HEADER_SIZE] = 0;
    assert_reason(image.bytes, image.size, "header page");
    image.bytes[IMAGE_HEADER_SIZE] = 0xFF;
    memory_source_init(&source, image.bytes, image.size);
    assert_int_equal(image_parse(&source.source, &info), OTA_OK);
    bytes_put16(image.bytes + info.signed_size + 4, 0x20); /* the hash's type */
    assert_reason(image.bytes, image.size, "nobody has signed");
    free(image.bytes);
}

static void tlvs_come_in_their_order(void **state)
{
    static const uint16_t types[] = {0x50, 0x74, 0x75, 0xA0, 0x10, 0x01, 0x22};
    struct golden_file image = golden_file_read("p256_full.bin");
    struct memory_source source;
    struct image_info info;
    struct inspect_tlv tlv;
    uint32_t offset = 0, count = 0;

    (void)state;
    memory_source_init(&source, image.bytes, image.size);
    assert_int_equal(image_parse(&source.source, &info), OTA_OK);
    for (; inspect_next_tlv(image.bytes, &info, &offset, &tlv); count++) {
        assert_true(count < sizeof types / sizeof *types);
        assert_int_equal(tlv.type, types[count]);
        assert_int_equal(tlv.is_protected, count < 4);
    }
    assert_int_equal(count, sizeof types / sizeof *types);
    assert_int_equal(offset, image.size);
    assert_int_equal(tlv.size, info.signature_size);
    assert_memory_equal(tlv.value, info.signature, info.signature_size);
    free(image.bytes);
}

static void an_image_without_tlvs_has_none(void **state)
{
    struct golden_file image = golden_file_read("unsigned.bin");
    struct memory_source source;
    struct image_info info;
    struct inspect_tlv tlv;
    uint32_t offset = 0;

    (void)state;
    bytes_put16(image.bytes + 0x1C02, 4);
    memory_source_init(&source, image.bytes, image.size);
    assert_int_equal(image_parse(&source.source, &info), OTA_OK);
    assert_false(inspect_next_tlv(image.bytes, &info, &offset, &tlv));
    free(image.bytes);
}

static void assert_field(struct json_object *object, const char *key, const char *text)
{
    struct json_object *value;

    assert_true(json_object_object_get_ex(object, key, &value));
    assert_string_equal(json_object_get_string(value), text);
}

static void json_tells_everything(void **state)
{
    struct golden_file image = golden_file_read("p256_full.bin");
    struct json_object *object;

    (void)state;
    assert_int_equal(inspect_json("a.bin", image.bytes, image.size, &object), OTA_OK);
    assert_field(object, "file", "a.bin");
    assert_field(object, "size", "7379");
    assert_field(object, "version", "7");
    assert_field(object, "semantic_version", "3.0.0+7");
    assert_field(object, "security_counter", "5");
    assert_field(object, "hash", "matches the content");
    assert_field(object, "signature", "ECDSA P-256");
    assert_field(object, "code_size", "3072");
    assert_field(object, "trailing_size", "0");
    struct json_object *tlvs = json_object_object_get(object, "tlvs");
    assert_int_equal(json_object_array_length(tlvs), 7);
    assert_field(json_object_array_get_idx(tlvs, 0), "value", "5");
    assert_field(json_object_array_get_idx(tlvs, 1), "value", "2b66ac119e255d2493161340bdbfd241");
    assert_field(json_object_array_get_idx(tlvs, 3), "name", "vendor-specific");
    assert_field(json_object_array_get_idx(tlvs, 3), "value", "01020304");
    json_object_put(object);

    image.bytes[0x1800] ^= 1;
    assert_int_equal(inspect_json("a.bin", image.bytes, image.size, &object), OTA_OK);
    assert_field(object, "hash", "content does not match its hash");
    json_object_put(object);
    image.bytes[0x0800] ^= 1;
    assert_int_equal(inspect_json("a.bin", image.bytes, image.size, &object), OTA_OK);
    assert_field(object, "hash", "the header page is not 0xFF behind the header");
    json_object_put(object);
    assert_int_equal(inspect_json("a.bin", image.bytes, 100, &object), OTA_ERR_FORMAT);
    free(image.bytes);
}

static void a_raw_slot_is_described(void **state)
{
    uint8_t slot[SLOT_SIZE];
    struct json_object *object;

    (void)state;
    make_slot(slot, 0xFF);
    assert_int_equal(inspect_json("old.bin", slot, sizeof slot, &object), OTA_OK);
    assert_field(object, "format", "raw slot of the original OTA service");
    assert_field(object, "boot_address", "0xb0021000");
    assert_field(object, "linked_version", "1");
    assert_field(object, "code_size", "4096");
    json_object_put(object);
}

static void text_tells_the_same(void **state)
{
    struct golden_file image = golden_file_read("p256_full.bin");
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    assert_int_equal(inspect_text(out, "a.bin", image.bytes, 100), OTA_ERR_FORMAT);
    assert_int_equal(inspect_text(out, "a.bin", image.bytes, image.size), OTA_OK);
    fclose(out);
    assert_ptr_equal(strstr(text, "file                a.bin\n"), text);
    assert_non_null(strstr(text, "\nsemantic version    3.0.0+7\n"));
    assert_non_null(strstr(text, "\nprotected    0x0050  security counter       4  5\n"));
    assert_non_null(strstr(text, "\nunprotected  0x0022  ECDSA signature       71  3045"));
    free(text);
    free(image.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_slots_of_the_original_are_told),
        cmocka_unit_test(what_is_no_image_is_named),
        cmocka_unit_test(what_a_header_has_wrong_is_named),
        cmocka_unit_test(what_only_the_whole_file_shows_is_named),
        cmocka_unit_test(tlvs_come_in_their_order),
        cmocka_unit_test(an_image_without_tlvs_has_none),
        cmocka_unit_test(json_tells_everything),
        cmocka_unit_test(a_raw_slot_is_described),
        cmocka_unit_test(text_tells_the_same),
    };

    return cmocka_run_group_tests_name("inspect", tests, NULL, NULL);
}
