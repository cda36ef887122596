#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"
#include "core/image.h"
#include "hal_posix/crypto_openssl.h"
#include "sim/image/keys.h"
#include "tests/golden_file.h"

/* Where things lie in p256_full.bin. */
#define CODE_SIZE      3072
#define PROTECTED_AT   (IMAGE_HEADER_PAGE + CODE_SIZE)
#define COUNTER_AT     (PROTECTED_AT + 4 + 4)
#define VENDOR_AT      (COUNTER_AT + 4 + 4)
#define CLASS_AT       (VENDOR_AT + 16 + 4)
#define CUSTOM_AT      (CLASS_AT + 16 + 4)
#define UNPROTECTED_AT (CUSTOM_AT + 4)
#define HASH_AT        (UNPROTECTED_AT + 4 + 4)
#define KEY_HASH_AT    (HASH_AT + 32 + 4)
#define SIGNATURE_AT   (KEY_HASH_AT + 32 + 4)
#define SIGNATURE_SIZE 71
#define FULL_SIZE      (SIGNATURE_AT + SIGNATURE_SIZE)

static const uint8_t vendor[] = {0x2B, 0x66, 0xAC, 0x11, 0x9E, 0x25, 0x5D, 0x24,
                                 0x93, 0x16, 0x13, 0x40, 0xBD, 0xBF, 0xD2, 0x41};
static const uint8_t class_id[] = {0x18, 0x11, 0x44, 0xE5, 0x4D, 0x85, 0x58, 0x0E,
                                   0xA5, 0xCC, 0x73, 0x0C, 0xA5, 0x91, 0xCE, 0x8C};

/* Fails the test when it is asked for a byte it does not have. */
struct strict_source {
    struct image_source source;
    const uint8_t *bytes;
    uint32_t reads_left; /* then the medium fails */
};

static enum ota_err read_strictly(struct image_source *source, uint32_t offset, void *data,
                                  uint32_t size)
{
    struct strict_source *strict = (struct strict_source *)source;

    assert_true(offset <= source->size && size <= source->size - offset);
    if (strict->reads_left-- == 0)
        return OTA_ERR_FLASH;
    memcpy(data, strict->bytes + offset, size);
    return OTA_OK;
}

static struct strict_source over(const uint8_t *bytes, uint32_t size)
{
    return (struct strict_source){{read_strictly, size}, bytes, UINT32_MAX};
}

static struct crypto_openssl crypto;
static struct image_policy policy;

static int set_up(void **state)
{
    const char *reason;
    char path[1024];

    (void)state;
    snprintf(path, sizeof path, "%s/p256.pub.pem", GOLDEN_DIR);
    EVP_PKEY *key = keys_load_public(path, &reason);
    if (!key || keys_public_der(key, policy.key))
        return -1;
    EVP_PKEY_free(key);
    memcpy(policy.vendor, vendor, sizeof vendor);
    memcpy(policy.class_id, class_id, sizeof class_id);
    policy.counter_floor = 5;
    policy.app_size = layout_mzw1.app_size;
    crypto_openssl_init(&crypto);
    return 0;
}

static enum ota_err check(const uint8_t *bytes, uint32_t size, struct image_info *ret_info)
{
    uint8_t buffer[IMAGE_BUFFER_SIZE];
    struct strict_source source = over(bytes, size);

    return image_check(&source.source, &policy, &crypto.crypto, buffer, ret_info);
}

static enum ota_err check_file(struct golden_file file)
{
    struct image_info info;
    return check(file.bytes, file.size, &info);
}

static struct image_info parse_golden(const char *name)
{
    struct golden_file file = golden_file_read(name);
    struct strict_source source = over(file.bytes, file.size);
    struct image_info info;

    assert_int_equal(image_parse(&source.source, &info), OTA_OK);
    assert_int_equal(info.total_size, file.size);
    free(file.bytes);
    return info;
}

static void golden_images_say_what_they_are(void **state)
{
    static const struct {
        const char *name;
        uint32_t version, counter, protected_size, signature_size;
        uint8_t major;
    } images[] = {
        {"p256.bin", 7, 0, 0, 72, 3},      {"p256_full.bin", 7, 5, 60, 71, 3},
        {"p256_dep.bin", 7, 5, 28, 72, 3}, {"p256_older.bin", 0, 4, 12, 72, 2},
        {"ed25519.bin", 7, 5, 12, 0, 3},   {"rsa2048.bin", 7, 5, 12, 0, 3},
        {"unsigned.bin", 7, 0, 0, 0, 3},   {"p256_otherkey.bin", 7, 0, 0, 72, 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        struct image_info info = parse_golden(images[i].name);
        bool is_full = strcmp(images[i].name, "p256_full.bin") == 0;
        assert_int_equal(info.version, images[i].version);
        assert_int_equal(info.major, images[i].major);
        assert_int_equal(info.minor, 0);
        assert_int_equal(info.revision, 0);
        assert_int_equal(info.security_counter, images[i].counter);
        assert_int_equal(info.code_size, CODE_SIZE);
        assert_int_equal(info.signed_size, PROTECTED_AT + images[i].protected_size);
        assert_in_range(info.signature_size, images[i].signature_size ? 68 : 0,
                        images[i].signature_size);
        assert_true(info.has_hash);
        assert_int_equal(info.has_key_hash, strcmp(images[i].name, "unsigned.bin") != 0);
        assert_int_equal(info.has_vendor, is_full);
        assert_int_equal(info.has_class, is_full);
    }
    struct image_info full = parse_golden("p256_full.bin");
    assert_int_equal(full.total_size, FULL_SIZE);
    assert_memory_equal(full.vendor, vendor, sizeof vendor);
    assert_memory_equal(full.class_id, class_id, sizeof class_id);
}

static void golden_signatures_are_judged_as_imgtool_does(void **state)
{
    static const struct {
        const char *name;
        enum ota_err err;
    } images[] = {
        {"p256.bin", OTA_OK},
        {"p256_full.bin", OTA_OK},
        {"p256_dep.bin", OTA_OK},
        {"p256_older.bin", OTA_OK},
        {"p256_otherkey.bin", OTA_ERR_KEY},
        {"ed25519.bin", OTA_ERR_SIGNATURE},
        {"rsa2048.bin", OTA_ERR_SIGNATURE},
        {"unsigned.bin", OTA_ERR_SIGNATURE},
    };
    uint8_t buffer[IMAGE_BUFFER_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
        struct golden_file file = golden_file_read(images[i].name);
        struct strict_source source = over(file.bytes, file.size);
        struct image_info info = parse_golden(images[i].name);
        assert_int_equal(image_check_signature(&info, policy.key, &crypto.crypto), images[i].err);
        assert_int_equal(image_check_hash(&source.source, &info, &crypto.crypto, buffer), OTA_OK);
        free(file.bytes);
    }
}

static void only_the_image_for_this_product_is_taken(void **state)
{
    static const char *const others[] = {"p256.bin",          "p256_dep.bin", "p256_older.bin",
                                         "p256_otherkey.bin", "ed25519.bin",  "rsa2048.bin",
                                         "unsigned.bin"};

    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct golden_file file = golden_file_read(others[i]);
        assert_int_equal(check_file(file), OTA_ERR_PRODUCT);
        free(file.bytes);
    }
    struct golden_file full = golden_file_read("p256_full.bin");
    assert_int_equal(check_file(full), OTA_OK);
    free(full.bytes);

    struct image_info info = parse_golden("p256_full.bin");
    assert_int_equal(image_check_policy(&info, &policy), OTA_OK);
    info.vendor[15] ^= 1;
    assert_int_equal(image_check_policy(&info, &policy), OTA_ERR_PRODUCT);
    info.vendor[15] ^= 1;
    info.class_id[0] ^= 0x80;
    assert_int_equal(image_check_policy(&info, &policy), OTA_ERR_PRODUCT);
    info.class_id[0] ^= 0x80;
    info.has_class = false;
    assert_int_equal(image_check_policy(&info, &policy), OTA_ERR_PRODUCT);
    info.has_class = true;
    info.has_vendor = false;
    assert_int_equal(image_check_policy(&info, &policy), OTA_ERR_PRODUCT);
}

static void the_counter_floor_holds(void **state)
{
    struct image_info older = parse_golden("p256_older.bin"); /* says nothing of its product */
    struct image_policy asked = policy;

    (void)state;
    older.has_vendor = older.has_class = true;
    memcpy(older.vendor, vendor, sizeof vendor);
    memcpy(older.class_id, class_id, sizeof class_id);
    assert_int_equal(image_check_policy(&older, &asked), OTA_ERR_COUNTER);
    asked.counter_floor = 4;
    assert_int_equal(image_check_policy(&older, &asked), OTA_OK);
    asked.counter_floor = UINT32_MAX;
    assert_int_equal(image_check_policy(&older, &asked), OTA_ERR_COUNTER);
    older.security_counter = UINT32_MAX;
    assert_int_equal(image_check_policy(&older, &asked), OTA_OK);
}

static void the_slot_is_the_limit(void **state)
{
    struct image_info info = parse_golden("p256_full.bin");
    struct image_policy asked = policy;

    (void)state;
    asked.app_size = FULL_SIZE - IMAGE_HEADER_PAGE;
    assert_int_equal(image_check_policy(&info, &asked), OTA_OK);
    asked.app_size--;
    assert_int_equal(image_check_policy(&info, &asked), OTA_ERR_SIZE);
    asked.app_size = 0;
    assert_int_equal(image_check_policy(&info, &asked), OTA_ERR_SIZE);
}

/* The exact error where the bytes have one meaning; OTA_ERR_UNKNOWN stands for any. */
static enum ota_err expected_of_bit_in(uint32_t at)
{
    if (at < 20)
        return OTA_ERR_FORMAT; /* magic, load address, sizes, flags */
    if (at < IMAGE_HEADER_SIZE)
        return OTA_ERR_HASH; /* version, padding */
    if (at < IMAGE_HEADER_PAGE)
        return OTA_ERR_FORMAT; /* no longer 0xFF */
    if (at < PROTECTED_AT)
        return OTA_ERR_HASH;
    if (at >= COUNTER_AT && at < COUNTER_AT + 4)
        return OTA_ERR_UNKNOWN; /* below the floor, or not what was signed */
    if ((at >= VENDOR_AT && at < VENDOR_AT + 16) || (at >= CLASS_AT && at < CLASS_AT + 16))
        return OTA_ERR_PRODUCT;
    if (at >= CUSTOM_AT && at < CUSTOM_AT + 4)
        return OTA_ERR_HASH;
    if (at >= HASH_AT && at < HASH_AT + 32)
        return OTA_ERR_SIGNATURE;
    if (at >= KEY_HASH_AT && at < KEY_HASH_AT + 32)
        return OTA_ERR_KEY;
    return at >= SIGNATURE_AT ? OTA_ERR_SIGNATURE : OTA_ERR_UNKNOWN;
}

/* 59,032 images: no bit of the file is without effect, TLVs outside the signed part included. */
static void every_flipped_bit_is_refused(void **state)
{
    struct golden_file full = golden_file_read("p256_full.bin");

    (void)state;
    assert_int_equal(full.size, FULL_SIZE);
    for (uint32_t bit = 0; bit < 8 * full.size; bit++) {
        uint8_t mask = (uint8_t)(1u << bit % 8);
        enum ota_err expected = expected_of_bit_in(bit / 8);
        full.bytes[bit / 8] ^= mask;
        enum ota_err err = check_file(full);
        full.bytes[bit / 8] ^= mask;
        if (err == OTA_OK || (expected != OTA_ERR_UNKNOWN && err != expected))
            fail_msg("bit %u of byte 0x%x: %s, not %s", bit % 8, bit / 8, err_name(err),
                     err_name(expected));
    }
    assert_int_equal(check_file(full), OTA_OK);
    free(full.bytes);
}

static void every_truncation_is_refused(void **state)
{
    struct golden_file full = golden_file_read("p256_full.bin");
    struct image_info info;

    (void)state;
    for (uint32_t size = 0; size < full.size; size++)
        assert_int_equal(check(full.bytes, size, &info), OTA_ERR_FORMAT);
    free(full.bytes);
}

static void bytes_behind_the_image_are_left_out(void **state)
{
    struct golden_file full = golden_file_read("p256_full.bin");
    uint8_t *longer = malloc(full.size + 3000);
    struct image_info info;

    (void)state;
    assert_non_null(longer);
    memcpy(longer, full.bytes, full.size);
    memset(longer + full.size, 0x5A, 3000);
    assert_int_equal(check(longer, full.size + 3000, &info), OTA_OK);
    assert_int_equal(info.total_size, full.size);
    free(longer);
    free(full.bytes);
}

static void every_failing_read_is_passed_on(void **state)
{
    struct golden_file full = golden_file_read("p256_full.bin");
    uint8_t buffer[IMAGE_BUFFER_SIZE];
    enum ota_err err = OTA_ERR_FLASH;
    uint32_t reads;

    (void)state;
    for (reads = 0; err == OTA_ERR_FLASH; reads++) {
        struct strict_source source = over(full.bytes, full.size);
        struct image_info info;
        source.reads_left = reads;
        err = image_check(&source.source, &policy, &crypto.crypto, buffer, &info);
    }
    assert_int_equal(err, OTA_OK);
    assert_in_range(reads, 10, 30);
    free(full.bytes);
}

/* A signed image of the wrong kind must not count, whatever its other parts are. */
static void header_features_this_device_lacks_are_refused(void **state)
{
    static const struct {
        uint32_t at, value;
    } changes[] = {
        {16, 0x01},       {16, 0x04},        {16, 0x08},          {16, 0x10},
        {16, 0x20},       {16, 0x100},       {16, 0x200},         {16, 0x400},
        {16, 0x800},      {16, 0x80000000u}, {4, 0x90021000u},    {4, 1},
        {12, 0},          {12, 1},           {12, CODE_SIZE - 1}, {12, UINT32_MAX},
        {12, 0xDF000},    {12, 0xFFFFEFFFu}, {12, 0xFFFFF000u},   {12, 0x7FFFFFFFu},
        {8, 0},           {8, 32},           {8, 0x200},          {8, 0xFFFF},
        {8, 0xFFFF1000u}, {8, 0x00011000},   {0, 0x96F3B83C},     {0, 0},
        {0, UINT32_MAX},
    };
    struct golden_file full = golden_file_read("p256_full.bin");

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        uint32_t old = bytes_get32(full.bytes + changes[i].at);
        bytes_put32(full.bytes + changes[i].at, changes[i].value);
        assert_int_equal(check_file(full), OTA_ERR_FORMAT);
        bytes_put32(full.bytes + changes[i].at, old);
    }
    assert_int_equal(check_file(full), OTA_OK);
    free(full.bytes);
}

/* An image of 16 bytes of code with the TLVs a test wants. */
static uint32_t build(uint8_t *image, const uint8_t *protected_tlvs, uint32_t protected_size,
                      const uint8_t *tlvs, uint32_t size)
{
    uint32_t at = IMAGE_HEADER_PAGE + 16;

    memset(image, 0xFF, at);
    memset(image, 0, IMAGE_HEADER_SIZE);
    bytes_put32(image, IMAGE_MAGIC);
    bytes_put16(image + 8, IMAGE_HEADER_PAGE);
    bytes_put16(image + 10, (uint16_t)protected_size);
    bytes_put32(image + 12, 16);
    memcpy(image + at, protected_tlvs, protected_size);
    memcpy(image + at + protected_size, tlvs, size);
    return at + protected_size + size;
}

static enum ota_err parse_tlvs(const uint8_t *protected_tlvs, uint32_t protected_size,
                               const uint8_t *tlvs, uint32_t size, struct image_info *ret_info)
{
    static uint8_t image[IMAGE_HEADER_PAGE + 4096];
    struct strict_source source =
        over(image, build(image, protected_tlvs, protected_size, tlvs, size));
    return image_parse(&source.source, ret_info);
}

static void meaning_is_taken_from_the_signed_part_alone(void **state)
{
    uint8_t tlvs[4 + 8 + 20 + 20] = {0x07, 0x69, sizeof tlvs, 0, 0x50, 0, 4, 0, 9, 0, 0, 0};
    struct image_info info;

    (void)state;
    bytes_put32(tlvs + 12, 0x00100074);
    memcpy(tlvs + 16, vendor, sizeof vendor);
    bytes_put32(tlvs + 32, 0x00100075);
    memcpy(tlvs + 36, class_id, sizeof class_id);
    assert_int_equal(parse_tlvs(tlvs, 0, tlvs, sizeof tlvs, &info), OTA_OK);
    assert_false(info.has_vendor);
    assert_false(info.has_class);
    assert_int_equal(info.security_counter, 0);

    /* And the other way round: a hash or signature among the protected ones is none. */
    uint8_t protected_tlvs[4 + 36] = {0x08, 0x69, sizeof protected_tlvs, 0, 0x10, 0, 32, 0};
    assert_int_equal(parse_tlvs(protected_tlvs, sizeof protected_tlvs, tlvs, sizeof tlvs, &info),
                     OTA_OK);
    assert_false(info.has_hash);
    assert_int_equal(image_check_policy(&info, &policy), OTA_ERR_PRODUCT);
}

static void tlvs_that_do_not_fit_are_refused(void **state)
{
    static const uint8_t good[] = {0x07, 0x69, 4, 0};
    static const struct {
        uint8_t protected_size, size;
        uint8_t protected_tlvs[16], tlvs[16];
    } bad[] = {
        {0, 4, {0}, {0x07, 0x69, 3, 0}}, /* smaller than itself */
        {0, 4, {0}, {0x07, 0x69, 0, 0}},
        {0, 4, {0}, {0x07, 0x69, 5, 0}}, /* beyond the file */
        {0, 4, {0}, {0x07, 0x69, 0xFF, 0xFF}},
        {0, 4, {0}, {0x08, 0x69, 4, 0}},                   /* the other area's magic */
        {0, 7, {0}, {0x07, 0x69, 7, 0, 0x10, 0, 0}},       /* half a TLV header */
        {0, 8, {0}, {0x07, 0x69, 8, 0, 0xA0, 0, 1, 0}},    /* value beyond the area */
        {0, 9, {0}, {0x07, 0x69, 8, 0, 0xA0, 0, 1, 0, 0}}, /* ... though in the file */
        {0, 8, {0}, {0x07, 0x69, 8, 0, 0xA0, 0, 0xFF, 0xFF}},
        {0, 8, {0}, {0x07, 0x69, 8, 0, 0x10, 0, 0, 0}},    /* hash of no bytes */
        {0, 9, {0}, {0x07, 0x69, 9, 0, 0x01, 0, 1, 0, 0}}, /* key hash of one */
        {0, 8, {0}, {0x07, 0x69, 8, 0, 0x22, 0, 0, 0}},    /* signature of none */
        {1, 4, {0x08}, {0x07, 0x69, 4, 0}},                /* protected, too short */
        {3, 4, {0x08, 0x69, 3}, {0x07, 0x69, 4, 0}},
        {4, 4, {0x07, 0x69, 4, 0}, {0x07, 0x69, 4, 0}}, /* wrong magic */
        {5, 4, {0x08, 0x69, 4, 0}, {0x07, 0x69, 4, 0}}, /* not as the header says */
        {4, 4, {0x08, 0x69, 5, 0}, {0x07, 0x69, 4, 0}},
        {8, 4, {0x08, 0x69, 8, 0, 0xA0, 0, 1, 0}, {0x07, 0x69, 4, 0}},
        {8, 4, {0x08, 0x69, 8, 0, 0x50, 0, 0, 0}, {0x07, 0x69, 4, 0}}, /* counter of no bytes */
        {13, 4, {0x08, 0x69, 13, 0, 0x50, 0, 5, 0}, {0x07, 0x69, 4, 0}},
        {12, 4, {0x08, 0x69, 12, 0, 0x74, 0, 4, 0}, {0x07, 0x69, 4, 0}}, /* vendor of four */
        {12, 4, {0x08, 0x69, 12, 0, 0x75, 0, 4, 0}, {0x07, 0x69, 4, 0}},
    };
    struct image_info info;

    (void)state;
    assert_int_equal(parse_tlvs(good, 0, good, sizeof good, &info), OTA_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(parse_tlvs(bad[i].protected_tlvs, bad[i].protected_size, bad[i].tlvs,
                                    bad[i].size, &info),
                         OTA_ERR_FORMAT);

    uint8_t long_signature[4 + 4 + CRYPTO_SIG_MAX + 1] = {0x07, 0x69, sizeof long_signature, 0,
                                                          0x22, 0,    CRYPTO_SIG_MAX + 1,    0};
    assert_int_equal(parse_tlvs(good, 0, long_signature, sizeof long_signature, &info),
                     OTA_ERR_FORMAT);
}

static uint32_t next_random(uint32_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return *random;
}

/* TLV areas of noise, of noise with plausible headers, and of a real one with bytes changed. */
static void noise_is_refused_without_overrun(void **state)
{
    struct golden_file full = golden_file_read("p256_full.bin");
    uint32_t random = 0x1234567, parsed = 0;
    static uint8_t image[FULL_SIZE];
    struct image_info info;

    (void)state;
    for (uint32_t run = 0; run < 200000; run++) {
        uint32_t from = run % 3 == 2 ? 0 : PROTECTED_AT;
        uint32_t changes = run % 3 == 1 ? FULL_SIZE - from : 1 + next_random(&random) % 8;
        memcpy(image + (from ? PROTECTED_AT : 0), full.bytes + (from ? PROTECTED_AT : 0),
               from ? FULL_SIZE - PROTECTED_AT : FULL_SIZE);
        if (from)
            memcpy(image, full.bytes, IMAGE_HEADER_SIZE);
        for (uint32_t i = 0; i < changes; i++) {
            uint32_t span = from ? FULL_SIZE - from : IMAGE_HEADER_SIZE;
            image[from + next_random(&random) % span] = (uint8_t)next_random(&random);
        }
        if (run % 3 == 1) {
            bytes_put16(image + PROTECTED_AT, IMAGE_TLV_PROTECTED);
            bytes_put16(image + PROTECTED_AT + 2, 60);
            bytes_put16(image + UNPROTECTED_AT, IMAGE_TLV_MAGIC);
            bytes_put16(image + UNPROTECTED_AT + 2, (uint16_t)(next_random(&random) % 160));
        }
        uint32_t size = run % 5 ? FULL_SIZE : next_random(&random) % FULL_SIZE;
        struct strict_source source = over(image, size);
        if (image_parse(&source.source, &info) == OTA_OK) {
            parsed++;
            assert_true(info.total_size <= size && info.signed_size < info.total_size);
            assert_true(info.signature_size <= CRYPTO_SIG_MAX);
            if (memcmp(image + PROTECTED_AT, full.bytes + PROTECTED_AT, FULL_SIZE - PROTECTED_AT) !=
                0)
                assert_int_not_equal(check(image, size, &info), OTA_OK);
        }
    }
    assert_true(parsed > 1000);
    free(full.bytes);
}

static void put_integer(uint8_t **at, const uint8_t *value, uint32_t size)
{
    *(*at)++ = 0x02;
    *(*at)++ = (uint8_t)size;
    memcpy(*at, value, size);
    *at += size;
}

static void set_signature(struct image_info *info, const uint8_t *r, uint32_t r_size,
                          const uint8_t *s, uint32_t s_size)
{
    uint8_t *at = info->signature + 2;

    put_integer(&at, r, r_size);
    put_integer(&at, s, s_size);
    info->signature[0] = 0x30;
    info->signature[1] = (uint8_t)(r_size + s_size + 4);
    info->signature_size = (uint32_t)(at - info->signature);
}

static enum ota_err judge(const struct image_info *info)
{
    return image_check_signature(info, policy.key, &crypto.crypto);
}

static void malformed_signatures_are_refused(void **state)
{
    static const uint8_t zero[] = {0}, one[] = {1}, minus_one[] = {0xFF}, two_bytes[] = {0, 1};
    static const uint8_t order[] = {0,    0xFF, 0xFF, 0xFF, 0xFF, 0,    0,    0,    0,
                                    0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC,
                                    0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9,
                                    0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};
    const struct {
        const uint8_t *value;
        uint32_t size;
    } values[] = {{zero, 1}, {one, 1}, {minus_one, 1}, {two_bytes, 2}, {order, 33}, {one, 0}};
    const struct image_info good = parse_golden("p256.bin");
    const uint8_t *r = good.signature + 4, *s = r + good.signature[3] + 2;
    uint32_t r_size = good.signature[3], s_size = s[-1];
    struct image_info info = good;

    (void)state;
    assert_int_equal(judge(&info), OTA_OK);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        set_signature(&info, values[i].value, values[i].size, s, s_size);
        assert_int_equal(judge(&info), OTA_ERR_SIGNATURE);
        set_signature(&info, r, r_size, values[i].value, values[i].size);
        assert_int_equal(judge(&info), OTA_ERR_SIGNATURE);
        for (size_t j = 0; j < sizeof values / sizeof *values; j++) {
            set_signature(&info, values[i].value, values[i].size, values[j].value, values[j].size);
            assert_int_equal(judge(&info), OTA_ERR_SIGNATURE);
        }
    }
    set_signature(&info, r, r_size, s, s_size);
    assert_int_equal(judge(&info), OTA_OK);
    for (uint32_t size = 0; size < good.signature_size; size++) {
        info = good;
        info.signature_size = size;
        assert_int_equal(judge(&info), OTA_ERR_SIGNATURE);
    }
    info = parse_golden("p256_full.bin"); /* 71 bytes: there is room for one more */
    info.signature[info.signature_size++] = 0;
    assert_int_equal(judge(&info), OTA_ERR_SIGNATURE);
    info.signature[1]++;
    assert_int_equal(judge(&info), OTA_ERR_SIGNATURE);
}

static void the_key_hash_is_needed_and_compared(void **state)
{
    struct image_info info = parse_golden("p256_full.bin");
    uint8_t other_key[CRYPTO_KEY_SIZE];

    (void)state;
    memcpy(other_key, policy.key, sizeof other_key);
    other_key[90] ^= 1;
    assert_int_equal(image_check_signature(&info, other_key, &crypto.crypto), OTA_ERR_KEY);
    struct image_info without = info;
    memset(without.key_hash, 0, sizeof without.key_hash);
    assert_int_equal(judge(&without), OTA_ERR_KEY);

    /* A key hash is a hint: with the right one and another key's signature nothing is won. */
    struct image_info other = parse_golden("p256_otherkey.bin");
    memcpy(other.key_hash, info.key_hash, sizeof other.key_hash);
    assert_int_equal(judge(&other), OTA_ERR_SIGNATURE);
}

/* Program flash that holds an image behind its header page, and can be read. */
struct fake_flash {
    struct flash flash;
    uint8_t bytes[0x24000];
};

static enum ota_err read_fake(struct flash *flash, uint32_t offset, void *data, uint32_t size)
{
    memcpy(data, ((struct fake_flash *)flash)->bytes + offset, size);
    return OTA_OK;
}

static const struct flash_ops fake_ops = {.read = read_fake};

static void an_installed_image_is_checked_as_its_file(void **state)
{
    static struct fake_flash fake = {
        .flash = {&fake_ops, "nvm", sizeof fake.bytes, 4096, 1024, 8, 0, true}};
    struct layout layout = {"small", 0x1F000, 0x20000, 0x21000, 0x3000, 0xB0021000};
    struct golden_file full = golden_file_read("p256_full.bin");
    uint8_t buffer[IMAGE_BUFFER_SIZE], piece[100];
    struct image_flash installed;
    struct image_info info;

    (void)state;
    memset(fake.bytes, 0xFF, sizeof fake.bytes);
    memcpy(fake.bytes + 0x21000, full.bytes + IMAGE_HEADER_PAGE, full.size - IMAGE_HEADER_PAGE);
    image_flash_init(&installed, &fake.flash, &layout, full.bytes);
    struct image_source *source = &installed.source;
    assert_int_equal(source->size, IMAGE_HEADER_PAGE + layout.app_size);
    for (uint32_t offset = 0; offset + sizeof piece <= full.size; offset += 7) {
        assert_int_equal(source->read(source, offset, piece, sizeof piece), OTA_OK);
        assert_memory_equal(piece, full.bytes + offset, sizeof piece);
    }
    assert_int_equal(source->read(source, source->size, piece, 1), OTA_ERR_FORMAT);
    assert_int_equal(source->read(source, source->size - 1, piece, 2), OTA_ERR_FORMAT);
    assert_int_equal(source->read(source, 0, buffer, 0), OTA_OK);
    assert_int_equal(image_check(source, &policy, &crypto.crypto, buffer, &info), OTA_OK);
    assert_int_equal(info.total_size, full.size);
    fake.bytes[0x21000 + 100] ^= 4;
    assert_int_equal(image_check(source, &policy, &crypto.crypto, buffer, &info), OTA_ERR_HASH);
    free(full.bytes);
}

static void the_boot_control_record_describes_the_image(void **state)
{
    struct image_info info = parse_golden("p256_full.bin");
    struct bootctl_record record;

    (void)state;
    memset(&record, 0xA5, sizeof record);
    image_describe(&info, &layout_mzw1, BOOTCTL_PRODUCTION, &record);
    assert_int_equal(record.version, 7);
    assert_int_equal(record.size, FULL_SIZE);
    assert_int_equal(record.security_counter, 5);
    assert_int_equal(record.boot_address, 0xB0021000);
    assert_int_equal(record.type, BOOTCTL_PRODUCTION);
    assert_int_equal(record.status, 0);
    assert_int_equal(record.trials, 0);
    assert_int_equal(record.sequence, 0);
    assert_memory_equal(record.hash, info.hash, sizeof record.hash);
    assert_memory_equal(record.image_header, info.header, sizeof record.image_header);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_images_say_what_they_are),
        cmocka_unit_test(golden_signatures_are_judged_as_imgtool_does),
        cmocka_unit_test(only_the_image_for_this_product_is_taken),
        cmocka_unit_test(the_counter_floor_holds),
        cmocka_unit_test(the_slot_is_the_limit),
        cmocka_unit_test(every_flipped_bit_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(bytes_behind_the_image_are_left_out),
        cmocka_unit_test(every_failing_read_is_passed_on),
        cmocka_unit_test(header_features_this_device_lacks_are_refused),
        cmocka_unit_test(meaning_is_taken_from_the_signed_part_alone),
        cmocka_unit_test(tlvs_that_do_not_fit_are_refused),
        cmocka_unit_test(noise_is_refused_without_overrun),
        cmocka_unit_test(malformed_signatures_are_refused),
        cmocka_unit_test(the_key_hash_is_needed_and_compared),
        cmocka_unit_test(an_installed_image_is_checked_as_its_file),
        cmocka_unit_test(the_boot_control_record_describes_the_image),
    };

    return cmocka_run_group_tests_name("image", tests, set_up, NULL);
}
