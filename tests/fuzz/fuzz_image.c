/*
 * An image file, as the device and the tools see it. The seeds are imgtool's golden images; the
 * device takes nothing but what their key has signed.
 */
#include <string.h>

#include "hal_posix/crypto_openssl.h"
#include "sim/image/file.h"
#include "sim/image/inspect.h"
#include "sim/image/keys.h"
#include "sim/image/memory_source.h"
#include "sim/image/pack.h"
#include "tests/fuzz/fuzz.h"

#define SIGNED_MAX 3

static struct crypto_openssl crypto;
static struct image_policy policy = {.app_size = 0xDE000};
static EVP_PKEY *key;

/* The hashes of what the golden key has signed. */
static uint8_t is_signed[SIGNED_MAX][CRYPTO_SHA256_SIZE];

static void read_golden(const char *name, uint8_t ret_hash[CRYPTO_SHA256_SIZE])
{
    struct memory_source source;
    struct image_info info;
    uint8_t *bytes;
    uint32_t size;

    FUZZ_CHECK(file_read(name, FILE_IMAGE_MAX, &bytes, &size) == 0);
    memory_source_init(&source, bytes, size);
    FUZZ_CHECK(image_parse(&source.source, &info) == OTA_OK);
    memcpy(ret_hash, info.hash, CRYPTO_SHA256_SIZE);
    free(bytes);
}

static void set_up(void)
{
    const char *reason;

    if (key)
        return;
    crypto_openssl_init(&crypto);
    key = keys_load_private(GOLDEN_DIR "/p256.pem", &reason);
    FUZZ_CHECK(key && keys_public_der(key, policy.key) == OTA_OK);
    read_golden(GOLDEN_DIR "/p256.bin", is_signed[0]);
    read_golden(GOLDEN_DIR "/p256_full.bin", is_signed[1]);
    read_golden(GOLDEN_DIR "/p256_older.bin", is_signed[2]);
}

/* Whatever product it says to be for is right. */
static void check_on_device(struct image_source *source)
{
    uint8_t buffer[IMAGE_BUFFER_SIZE];
    struct image_policy asked = policy;
    struct image_info info;

    if (image_parse(source, &info))
        return;
    FUZZ_CHECK(info.total_size <= source->size && info.signed_size < info.total_size);
    FUZZ_CHECK(info.signature_size <= CRYPTO_SIG_MAX);
    memcpy(asked.vendor, info.vendor, sizeof asked.vendor);
    memcpy(asked.class_id, info.class_id, sizeof asked.class_id);
    enum ota_err err = image_check(source, &asked, &crypto.crypto, buffer, &info);
    if (err)
        return;
    for (int i = 0; i < SIGNED_MAX; i++)
        if (memcmp(info.hash, is_signed[i], sizeof info.hash) == 0)
            return;
    fuzz_fail(__FILE__, __LINE__, "what is taken was signed");
}

static void describe(const uint8_t *bytes, uint32_t size)
{
    struct json_object *json;
    char *text;
    size_t length;
    FILE *to = open_memstream(&text, &length);

    FUZZ_CHECK(to);
    enum ota_err err = inspect_text(to, "x.bin", bytes, size);
    fclose(to);
    FUZZ_CHECK(err == OTA_OK || length == 0);
    free(text);
    FUZZ_CHECK(inspect_json("x.bin", bytes, size, &json) == err);
    if (!err)
        json_object_put(json);
    FUZZ_CHECK(inspect_reason(bytes, size)[0]);
}

/* What is signed is an image, with no byte of the signed part changed. */
static void sign(const uint8_t *bytes, uint32_t size)
{
    struct memory_source source;
    struct image_info info;
    uint8_t *signed_bytes;
    uint32_t signed_size;

    if (pack_sign(bytes, size, key, &signed_bytes, &signed_size))
        return;
    memory_source_init(&source, signed_bytes, signed_size);
    FUZZ_CHECK(image_parse(&source.source, &info) == OTA_OK && info.total_size == signed_size);
    FUZZ_CHECK(memcmp(signed_bytes, bytes, info.signed_size) == 0);
    FUZZ_CHECK(image_check_signature(&info, policy.key, &crypto.crypto) == OTA_OK);
    free(signed_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct memory_source source;

    set_up();
    memory_source_init(&source, data, (uint32_t)size);
    check_on_device(&source.source);
    describe(data, (uint32_t)size);
    sign(data, (uint32_t)size);
    return 0;
}
