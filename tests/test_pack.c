#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/rsa.h>

#include "core/bytes.h"
#include "core/layout.h"
#include "hal_posix/crypto_openssl.h"
#include "sim/image/keys.h"
#include "sim/image/memory_source.h"
#include "sim/image/pack.h"
#include "tests/golden_file.h"

#define SHA256_TLV_SIZE   36
#define KEY_HASH_TLV_SIZE 36

static const uint8_t microchip[] = {0x2B, 0x66, 0xAC, 0x11, 0x9E, 0x25, 0x5D, 0x24,
                                    0x93, 0x16, 0x13, 0x40, 0xBD, 0xBF, 0xD2, 0x41};
static const uint8_t pic32mzw1[] = {0x18, 0x11, 0x44, 0xE5, 0x4D, 0x85, 0x58, 0x0E,
                                    0xA5, 0xCC, 0x73, 0x0C, 0xA5, 0x91, 0xCE, 0x8C};

static EVP_PKEY *golden_key(const char *name)
{
    char path[1024];
    const char *reason;

    snprintf(path, sizeof path, "%s/%s", GOLDEN_DIR, name);
    EVP_PKEY *key = keys_load_private(path, &reason);
    assert_non_null(key);
    return key;
}

static struct golden_file pack_golden_app(const struct pack_options *options)
{
    struct golden_file app = golden_file_read("app.bin"), image;

    assert_int_equal(pack_unsigned(options, app.bytes, app.size, &image.bytes, &image.size),
                     OTA_OK);
    free(app.bytes);
    return image;
}

static struct golden_file sign(struct golden_file image, const char *key_name)
{
    EVP_PKEY *key = golden_key(key_name);
    struct golden_file copy;

    assert_int_equal(pack_sign(image.bytes, image.size, key, &copy.bytes, &copy.size), OTA_OK);
    EVP_PKEY_free(key);
    return copy;
}

static struct image_info parse(struct golden_file image)
{
    struct memory_source source;
    struct image_info info;

    memory_source_init(&source, image.bytes, image.size);
    assert_int_equal(image_parse(&source.source, &info), OTA_OK);
    return info;
}

/* The same but for the signature, which imgtool draws at random, and the sizes it changes. */
static void assert_same_but_signature(struct golden_file image, struct golden_file golden)
{
    struct image_info info = parse(golden);
    uint32_t tlvs = info.signed_size, hashes = SHA256_TLV_SIZE + KEY_HASH_TLV_SIZE;

    assert_memory_equal(image.bytes, golden.bytes, tlvs + 2);
    assert_memory_equal(image.bytes + tlvs + 4, golden.bytes + tlvs + 4, hashes + 2);
    assert_int_equal(bytes_get16(image.bytes + tlvs + 2), image.size - tlvs);
    assert_int_equal(bytes_get16(image.bytes + tlvs + 4 + hashes + 2),
                     image.size - tlvs - 4 - hashes - 4);
}

static void assert_good(struct golden_file image, const char *key_name)
{
    uint8_t buffer[IMAGE_BUFFER_SIZE], der[CRYPTO_KEY_SIZE];
    struct memory_source source;
    struct crypto_openssl crypto;
    struct image_info info = parse(image);
    EVP_PKEY *key = golden_key(key_name);

    crypto_openssl_init(&crypto);
    memory_source_init(&source, image.bytes, image.size);
    assert_int_equal(info.total_size, image.size);
    assert_int_equal(keys_public_der(key, der), OTA_OK);
    assert_int_equal(image_check_signature(&info, der, &crypto.crypto), OTA_OK);
    assert_int_equal(image_check_hash(&source.source, &info, &crypto.crypto, buffer), OTA_OK);
    EVP_PKEY_free(key);
}

static void unsigned_image_is_imgtools_byte_for_byte(void **state)
{
    struct golden_file golden = golden_file_read("unsigned.bin");
    struct golden_file image = pack_golden_app(&(struct pack_options){.version = 7, .major = 3});

    (void)state;
    assert_int_equal(image.size, golden.size);
    assert_memory_equal(image.bytes, golden.bytes, golden.size);
    free(image.bytes);
    free(golden.bytes);
}

static void check_signed_golden(const char *name, const char *key_name,
                                const struct pack_options *options)
{
    struct golden_file golden = golden_file_read(name);
    struct golden_file image = pack_golden_app(options);
    struct golden_file signed_image = sign(image, key_name);

    assert_same_but_signature(signed_image, golden);
    assert_good(signed_image, key_name);
    free(golden.bytes);
    free(image.bytes);
    free(signed_image.bytes);
}

static void signed_images_are_imgtools_up_to_the_signature(void **state)
{
    (void)state;
    check_signed_golden("p256.bin", "p256.pem", &(struct pack_options){.version = 7, .major = 3});
    check_signed_golden("p256_otherkey.bin", "other_p256.pem",
                        &(struct pack_options){.version = 7, .major = 3});
    check_signed_golden(
        "p256_older.bin", "p256.pem",
        &(struct pack_options){.major = 2, .has_security_counter = true, .security_counter = 4});
}

/* p256_full.bin carries a custom TLV behind these, which pack does not make. */
static void product_and_counter_are_imgtools(void **state)
{
    struct pack_options options = {.version = 7,
                                   .major = 3,
                                   .has_security_counter = true,
                                   .security_counter = 5,
                                   .has_vendor = true,
                                   .has_class = true};
    struct golden_file golden = golden_file_read("p256_full.bin");

    (void)state;
    assert_int_equal(pack_uuid("microchip", pack_dns, options.vendor), OTA_OK);
    assert_int_equal(pack_uuid("pic32mzw1", options.vendor, options.class_id), OTA_OK);
    struct golden_file image = pack_golden_app(&options);
    uint32_t tlvs = IMAGE_HEADER_PAGE + 3072;
    assert_int_equal(bytes_get16(image.bytes + 10), 52);
    assert_int_equal(bytes_get16(golden.bytes + 10), 52 + 8);
    assert_int_equal(bytes_get16(image.bytes + tlvs + 2), 52);
    bytes_put16(image.bytes + 10, 60);
    bytes_put16(image.bytes + tlvs + 2, 60);
    assert_memory_equal(image.bytes, golden.bytes, tlvs + 52);
    free(image.bytes);
    free(golden.bytes);
}

/* What imgtool made is signed again: its custom TLV and dependency stay, the old signature goes. */
static void signing_again_replaces_only_the_signature(void **state)
{
    static const char *const names[] = {"p256.bin", "p256_full.bin", "p256_dep.bin",
                                        "p256_older.bin"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct golden_file golden = golden_file_read(names[i]);
        struct golden_file once = sign(golden, "p256.pem"), twice = sign(once, "p256.pem");
        assert_same_but_signature(once, golden);
        assert_good(once, "p256.pem");
        assert_int_equal(once.size, twice.size);
        assert_memory_equal(once.bytes, twice.bytes, once.size);
        free(golden.bytes);
        free(once.bytes);
        free(twice.bytes);
    }
}

static void signing_takes_over_other_signatures(void **state)
{
    static const char *const names[] = {"unsigned.bin", "ed25519.bin", "rsa2048.bin",
                                        "p256_otherkey.bin"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct golden_file golden = golden_file_read(names[i]);
        struct golden_file image = sign(golden, "p256.pem");
        struct image_info info = parse(golden);
        assert_memory_equal(image.bytes, golden.bytes, info.signed_size);
        assert_good(image, "p256.pem");
        free(golden.bytes);
        free(image.bytes);
    }
}

static void bytes_behind_the_image_are_not_signed(void **state)
{
    struct golden_file golden = golden_file_read("unsigned.bin");
    struct golden_file longer = {calloc(1, golden.size + 1000), golden.size + 1000};

    (void)state;
    memcpy(longer.bytes, golden.bytes, golden.size);
    struct golden_file image = sign(golden, "p256.pem"), same = sign(longer, "p256.pem");
    assert_int_equal(same.size, image.size);
    assert_memory_equal(same.bytes, image.bytes, image.size);
    free(golden.bytes);
    free(longer.bytes);
    free(image.bytes);
    free(same.bytes);
}

static enum ota_err sign_error(const uint8_t *bytes, uint32_t size, const EVP_PKEY *key)
{
    uint8_t *copy = NULL;
    uint32_t copy_size;
    enum ota_err err = pack_sign(bytes, size, key, &copy, &copy_size);

    assert_null(copy);
    return err;
}

static void what_is_no_good_image_is_not_signed(void **state)
{
    EVP_PKEY *key = golden_key("p256.pem"), *rsa = EVP_RSA_gen(1024);
    struct golden_file app = golden_file_read("app.bin"), image = golden_file_read("unsigned.bin");

    (void)state;
    assert_int_equal(sign_error(NULL, 0, key), OTA_ERR_FORMAT);
    assert_int_equal(sign_error(app.bytes, app.size, key), OTA_ERR_FORMAT);
    assert_int_equal(sign_error(image.bytes, image.size - 1, key), OTA_ERR_FORMAT);
    assert_int_equal(sign_error(image.bytes, image.size, rsa), OTA_ERR_FORMAT);
    image.bytes[0x1234] ^= 1;
    assert_int_equal(sign_error(image.bytes, image.size, key), OTA_ERR_HASH);
    image.bytes[0x1234] ^= 1;
    image.bytes[100] = 0;
    assert_int_equal(sign_error(image.bytes, image.size, key), OTA_ERR_FORMAT);
    EVP_PKEY_free(key);
    EVP_PKEY_free(rsa);
    free(app.bytes);
    free(image.bytes);
}

/* The largest code fits the slot exactly with a 72-byte signature; a byte more could not. */
static void the_largest_code_fits_when_signed(void **state)
{
    struct pack_options options = {.version = 1, .has_vendor = true, .has_class = true};
    uint32_t limit = pack_code_max(&options, layout_mzw1.app_size);
    uint8_t *code = calloc(1, limit);
    EVP_PKEY *key = golden_key("p256.pem");
    uint32_t largest = 0;

    (void)state;
    assert_non_null(code);
    assert_int_equal(limit, 0xDE000 - (4 + 20 + 20) - (4 + 36 + 36 + 4 + 72));
    for (options.version = 1; options.version <= 40; options.version++) {
        struct golden_file image, signed_image;
        assert_int_equal(pack_unsigned(&options, code, limit, &image.bytes, &image.size), OTA_OK);
        assert_int_equal(
            pack_sign(image.bytes, image.size, key, &signed_image.bytes, &signed_image.size),
            OTA_OK);
        largest = signed_image.size > largest ? signed_image.size : largest;
        free(image.bytes);
        free(signed_image.bytes);
    }
    assert_int_equal(largest, IMAGE_HEADER_PAGE + layout_mzw1.app_size);
    assert_int_equal(pack_code_max(&options, 100), 0);
    options.has_security_counter = true;
    assert_int_equal(pack_code_max(&options, layout_mzw1.app_size), limit - 8);
    free(code);
    EVP_PKEY_free(key);
}

static void sizes_beyond_the_format_are_refused(void **state)
{
    struct pack_options options = {.version = 1};
    uint8_t *bytes;
    uint32_t size;

    (void)state;
    assert_int_equal(pack_unsigned(&options, "", 0, &bytes, &size), OTA_ERR_SIZE);
    assert_int_equal(pack_unsigned(&options, "", UINT32_MAX, &bytes, &size), OTA_ERR_SIZE);
    assert_int_equal(pack_unsigned(&options, "", UINT32_MAX - 0x1000, &bytes, &size), OTA_ERR_SIZE);
    assert_int_equal(pack_unsigned(&options, "x", 1, &bytes, &size), OTA_OK);
    assert_int_equal(size, IMAGE_HEADER_PAGE + 1 + 4 + SHA256_TLV_SIZE);
    free(bytes);
}

static void every_option_comes_back(void **state)
{
    struct pack_options options = {.version = UINT32_MAX,
                                   .major = 255,
                                   .minor = 254,
                                   .revision = 65535,
                                   .has_security_counter = true,
                                   .has_class = true,
                                   .security_counter = 0x80000001u};
    (void)state;
    memcpy(options.class_id, pic32mzw1, sizeof pic32mzw1);
    struct golden_file image = pack_golden_app(&options);
    struct image_info info = parse(image);
    assert_int_equal(info.version, options.version);
    assert_int_equal(info.major, options.major);
    assert_int_equal(info.minor, options.minor);
    assert_int_equal(info.revision, options.revision);
    assert_int_equal(info.security_counter, options.security_counter);
    assert_false(info.has_vendor);
    assert_true(info.has_class);
    assert_memory_equal(info.class_id, pic32mzw1, sizeof pic32mzw1);
    assert_true(info.has_hash);
    assert_false(info.has_key_hash);
    assert_int_equal(info.signature_size, 0);
    free(image.bytes);
}

static void uuids_are_spelt_or_named(void **state)
{
    uint8_t uuid[IMAGE_ID_SIZE], python[IMAGE_ID_SIZE];

    (void)state;
    assert_int_equal(pack_uuid("microchip", pack_dns, uuid), OTA_OK);
    assert_memory_equal(uuid, microchip, sizeof uuid);
    assert_int_equal(pack_uuid("pic32mzw1", microchip, uuid), OTA_OK);
    assert_memory_equal(uuid, pic32mzw1, sizeof uuid);
    assert_int_equal(pack_uuid("2b66ac11-9e25-5d24-9316-1340bdbfd241", pack_dns, uuid), OTA_OK);
    assert_memory_equal(uuid, microchip, sizeof uuid);
    assert_int_equal(pack_uuid("2B66AC119E255D2493161340BDBFD241", pack_dns, uuid), OTA_OK);
    assert_memory_equal(uuid, microchip, sizeof uuid);
    /* RFC 9562 A.4 */
    assert_int_equal(pack_uuid("www.example.com", pack_dns, uuid), OTA_OK);
    assert_int_equal(pack_uuid("2ed6657d-e927-568b-95e1-2665a8aea6a2", pack_dns, python), OTA_OK);
    assert_memory_equal(uuid, python, sizeof uuid);
    assert_int_equal(pack_uuid("", pack_dns, uuid), OTA_ERR_FORMAT);
}

/* A text that is nearly a UUID is a name: its UUID is of version 5. */
static void what_is_nearly_a_uuid_is_a_name(void **state)
{
    static const char *const texts[] = {
        "2b66ac119e255d2493161340bdbfd24",       "2b66ac119e255d2493161340bdbfd2411",
        "2b66ac119e255d2493161340bdbfd24g",      "2b66ac11-9e255d2493161340bdbfd241",
        "2b66ac119-e25-5d24-9316-1340bdbfd241",  "2b66ac11--9e25-5d24-93161340bdbfd241",
        "-2b66ac11-9e25-5d24-9316-1340bdbfd241", "2b66ac11-9e25-5d24-9316-1340bdbfd241-"};
    uint8_t uuid[IMAGE_ID_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_int_equal(pack_uuid(texts[i], pack_dns, uuid), OTA_OK);
        assert_memory_not_equal(uuid, microchip, sizeof uuid);
        assert_int_equal(uuid[6] >> 4, 5);
        assert_int_equal(uuid[8] >> 6, 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unsigned_image_is_imgtools_byte_for_byte),
        cmocka_unit_test(signed_images_are_imgtools_up_to_the_signature),
        cmocka_unit_test(product_and_counter_are_imgtools),
        cmocka_unit_test(signing_again_replaces_only_the_signature),
        cmocka_unit_test(signing_takes_over_other_signatures),
        cmocka_unit_test(bytes_behind_the_image_are_not_signed),
        cmocka_unit_test(what_is_no_good_image_is_not_signed),
        cmocka_unit_test(the_largest_code_fits_when_signed),
        cmocka_unit_test(sizes_beyond_the_format_are_refused),
        cmocka_unit_test(every_option_comes_back),
        cmocka_unit_test(uuids_are_spelt_or_named),
        cmocka_unit_test(what_is_nearly_a_uuid_is_a_name),
    };

    return cmocka_run_group_tests_name("pack", tests, NULL, NULL);
}
