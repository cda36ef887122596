#include "sim/scenario/fixture.h"

#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/image/keys.h"
#include "sim/image/memory_source.h"
#include "sim/image/pack.h"

#define VENDOR          "microchip"
#define CLASS           "pic32mzw1"
#define OUR_SEED        "brownout: the device's key"
#define OTHER_SEED      "brownout: somebody else's key"
#define URL_BASE        "http://server/"
#define PLACE_OF_URL    "<url>"
#define PLACE_OF_DIGEST "<digest>"
#define MANIFEST        (&SERVER_MANIFEST[1]) /* its name in add_file() */

/* First line: how the application behaves. Then bytes that depend on version and place. */
static void fill_code(const struct scenario_image *image, uint8_t *code, uint32_t size)
{
    uint32_t state = image->version * 2654435761u + (uint32_t)image->signer;
    char line[64];
    int length = snprintf(line, sizeof line, APP_MARK "%s\nversion %u\n",
                          app_behaviour_name(image->app), image->version);

    for (uint32_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        code[i] = (uint8_t)(state >> 24);
    }
    memcpy(code, line, (uint32_t)length < size ? (uint32_t)length : size);
}

static enum ota_err sign(const struct scenario_image *image, uint8_t **bytes, uint32_t *size)
{
    const char *seed = image->signer == SIGNER_OURS ? OUR_SEED : OTHER_SEED;
    uint8_t *unsigned_bytes = *bytes;

    if (image->signer == SIGNER_NONE)
        return OTA_OK;
    EVP_PKEY *key = keys_from_seed(seed, (uint32_t)strlen(seed));
    if (!key)
        return OTA_ERR_FULL;
    enum ota_err err = pack_sign(unsigned_bytes, *size, key, bytes, size);
    EVP_PKEY_free(key);
    if (!err)
        free(unsigned_bytes);
    return err;
}

/* From the signed image the one with its flaw. */
static enum ota_err spoil(enum flaw flaw, uint8_t **bytes, uint32_t *size)
{
    EVP_PKEY *ours = keys_from_seed(OUR_SEED, (uint32_t)strlen(OUR_SEED));
    EVP_PKEY *other = keys_from_seed(OTHER_SEED, (uint32_t)strlen(OTHER_SEED));
    uint8_t *sound = *bytes;
    enum ota_err err =
        ours && other ? flaw_make(flaw, sound, *size, ours, other, bytes, size) : OTA_ERR_FULL;

    EVP_PKEY_free(ours);
    EVP_PKEY_free(other);
    if (!err)
        free(sound);
    return err;
}

static enum ota_err make_image(const struct scenario_image *image,
                               const struct image_policy *policy, struct fixture_image *made)
{
    struct pack_options options = {
        .version = image->version,
        .has_security_counter = image->security_counter != 0,
        .has_vendor = image->product != PRODUCT_NONE,
        .has_class = image->product != PRODUCT_NONE,
        .security_counter = image->security_counter,
    };
    struct memory_source source;
    struct image_info info;

    memcpy(options.vendor, policy->vendor, IMAGE_ID_SIZE);
    memcpy(options.class_id, policy->class_id, IMAGE_ID_SIZE);
    if (image->product == PRODUCT_OTHER)
        options.class_id[0] ^= 0xFF;
    uint32_t code_size = pack_code_max(&options, image->size);
    if (!code_size)
        return OTA_ERR_SIZE;
    uint8_t *code = malloc(code_size);
    if (!code)
        return OTA_ERR_FULL;
    fill_code(image, code, code_size);
    enum ota_err err = pack_unsigned(&options, code, code_size, &made->bytes, &made->size);
    free(code);
    if (!err)
        err = sign(image, &made->bytes, &made->size);
    if (err)
        return err;
    memory_source_init(&source, made->bytes, made->size);
    err = image_parse(&source.source, &info);
    if (!err && image->flaw)
        err = spoil(image->flaw, &made->bytes, &made->size);
    if (err)
        return err;
    memory_source_init(&source, made->bytes, made->size);
    if (image->flaw)
        err_ignore(image_parse(&source.source, &info)); /* what it is known by, if it parses */
    memcpy(made->hash, info.hash, sizeof made->hash);
    SHA256(made->bytes, made->size, made->digest);
    made->may_run = image->signer == SIGNER_OURS && image->product == PRODUCT_OURS &&
                    !image->flaw && image->size <= policy->app_size;
    return OTA_OK;
}

static void add_file(struct server *server, const char *name, const void *bytes, size_t size,
                     const char *tag)
{
    if (server->count == SERVER_FILES_MAX)
        return;
    struct server_file *file = &server->files[server->count++];
    snprintf(file->path, sizeof file->path, "/%s", name);
    snprintf(file->validator, sizeof file->validator, "\"%.36s\"", tag);
    file->bytes = bytes;
    file->size = size;
}

static void add_image(struct server *server, const char *name, const struct fixture_image *image)
{
    char tag[20];

    snprintf(tag, sizeof tag, "%02x%02x%02x%02x", image->digest[0], image->digest[1],
             image->digest[2], image->digest[3]);
    add_file(server, name, image->bytes, image->size, tag);
}

static void print_hex(FILE *out, const uint8_t digest[CRYPTO_SHA256_SIZE])
{
    for (int i = 0; i < CRYPTO_SHA256_SIZE; i++)
        fprintf(out, "%02x", digest[i]);
}

static void print_entry(FILE *out, uint32_t version, const char *name,
                        const uint8_t digest[CRYPTO_SHA256_SIZE])
{
    fprintf(out, "{\"Version\": %u, \"URL\": \"" URL_BASE "%s\", \"Digest\": \"", version, name);
    print_hex(out, digest);
    fputs("\"}", out);
}

/* An offer of an image, as a server has it. */
struct offered {
    uint32_t version;
    const struct fixture_image *file;
    char name[2 * SCENARIO_NAME_MAX + 16];
    uint8_t digest[CRYPTO_SHA256_SIZE];
};

static struct offered offer_made(const struct scenario *scenario, const struct fixture *fixture,
                                 const struct scenario_offer *offer)
{
    const struct scenario_image *image = &scenario->images[offer->image];
    int bytes_of = offer->bytes_of >= 0 ? offer->bytes_of : offer->image;
    struct offered made = {.version = offer->version ? offer->version : image->version,
                           .file = &fixture->images[bytes_of]};

    memcpy(made.digest, fixture->images[offer->image].digest, sizeof made.digest);
    if (offer->has_wrong_digest)
        made.digest[0] ^= 1;
    if (offer->file[0])
        snprintf(made.name, sizeof made.name, "%s.bin", offer->file);
    else if (bytes_of == offer->image)
        snprintf(made.name, sizeof made.name, "%s.bin", image->name);
    else
        snprintf(made.name, sizeof made.name, "%.47s-as-%.47s.bin", scenario->images[bytes_of].name,
                 image->name);
    return made;
}

static void print_offer(const struct scenario *scenario, const struct fixture *fixture,
                        const struct scenario_offer *offer, FILE *out)
{
    if (offer->image < 0) {
        fprintf(out, "{\"Version\": %u, \"EraseVer\": true}", offer->version);
        return;
    }
    const struct offered made = offer_made(scenario, fixture, offer);
    print_entry(out, made.version, made.name, made.digest);
}

/* A manifest that the scenario says word for word, about its first offer. */
static void print_text(const char *text, const struct offered *first, FILE *out)
{
    while (*text) {
        if (strncmp(text, PLACE_OF_URL, strlen(PLACE_OF_URL)) == 0) {
            fprintf(out, URL_BASE "%s", first->name);
            text += strlen(PLACE_OF_URL);
        } else if (strncmp(text, PLACE_OF_DIGEST, strlen(PLACE_OF_DIGEST)) == 0) {
            print_hex(out, first->digest);
            text += strlen(PLACE_OF_DIGEST);
        } else {
            fputc(*text == '\'' ? '"' : *text, out);
            text++;
        }
    }
}

static void print_manifest(const struct scenario *scenario, const struct fixture *fixture,
                           const struct scenario_stage *stage, FILE *out)
{
    if (stage->manifest[0]) {
        const struct offered first = offer_made(scenario, fixture, &stage->offers[0]);
        print_text(stage->manifest, &first, out);
        return;
    }
    fputs("{\"ota\": [", out);
    for (uint32_t i = 0; i < stage->offer_count; i++) {
        fputs(i ? ",\n" : "", out);
        print_offer(scenario, fixture, &stage->offers[i], out);
    }
    fputs("]}\n", out);
}

static enum ota_err make_stage(const struct scenario *scenario, struct fixture *fixture,
                               uint32_t index)
{
    const struct scenario_stage *stage = &scenario->stages[index];
    char *text = NULL;
    size_t size;
    char tag[24];
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return OTA_ERR_FULL;
    print_manifest(scenario, fixture, stage, out);
    for (uint32_t i = 0; i < stage->offer_count; i++)
        if (stage->offers[i].image >= 0) {
            const struct offered made = offer_made(scenario, fixture, &stage->offers[i]);
            add_image(&fixture->servers[index], made.name, made.file);
        }
    if (fclose(out)) {
        free(text);
        return OTA_ERR_FULL;
    }
    snprintf(tag, sizeof tag, "stage-%u", index);
    add_file(&fixture->servers[index], MANIFEST, text, size, tag);
    fixture->manifests[index] = text;
    fixture->servers[index].fault_count = stage->fault_count;
    memcpy(fixture->servers[index].faults, stage->faults, sizeof stage->faults);
    return OTA_OK;
}

static enum ota_err make_policy(bool is_nil, struct image_policy *policy)
{
    EVP_PKEY *key = keys_from_seed(OUR_SEED, (uint32_t)strlen(OUR_SEED));
    enum ota_err err = key ? keys_public_der(key, policy->key) : OTA_ERR_FULL;

    EVP_PKEY_free(key);
    if (!err)
        err = pack_uuid(VENDOR, pack_dns, policy->vendor);
    if (!err)
        err = pack_uuid(CLASS, policy->vendor, policy->class_id);
    if (is_nil) {
        memset(policy->vendor, 0, sizeof policy->vendor);
        memset(policy->class_id, 0, sizeof policy->class_id);
    }
    policy->app_size = layout_mzw1.app_size;
    return err;
}

enum ota_err fixture_make(const struct scenario *scenario, struct fixture *ret_fixture)
{
    struct fixture *fixture = ret_fixture;

    memset(fixture, 0, sizeof *fixture);
    fixture->image_count = scenario->image_count;
    fixture->stage_count = scenario->stage_count;
    enum ota_err err = make_policy(scenario->has_nil_product, &fixture->policy);
    for (uint32_t i = 0; !err && i < scenario->image_count; i++)
        err = make_image(&scenario->images[i], &fixture->policy, &fixture->images[i]);
    for (uint32_t i = 0; !err && i < scenario->stage_count; i++)
        err = make_stage(scenario, fixture, i);
    if (err)
        fixture_free(fixture);
    return err;
}

void fixture_free(struct fixture *fixture)
{
    for (uint32_t i = 0; i < SCENARIO_IMAGES_MAX; i++)
        free(fixture->images[i].bytes);
    for (uint32_t i = 0; i < SCENARIO_STAGES_MAX; i++)
        free(fixture->manifests[i]);
    memset(fixture, 0, sizeof *fixture);
}

enum ota_err fixture_offer_one(const struct scenario *scenario, const struct fixture *fixture,
                               int image, struct server *ret_server, char text[FIXTURE_TEXT_MAX])
{
    char name[SCENARIO_NAME_MAX + 8];
    FILE *out = fmemopen(text, FIXTURE_TEXT_MAX, "w");

    if (!out)
        return OTA_ERR_FULL;
    memset(ret_server, 0, sizeof *ret_server);
    snprintf(name, sizeof name, "%s.bin", scenario->images[image].name);
    add_image(ret_server, name, &fixture->images[image]);
    fputs("{\"ota\": [", out);
    print_entry(out, scenario->images[image].version, name, fixture->images[image].digest);
    fputs("]}", out);
    long size = ftell(out);
    fclose(out);
    add_file(ret_server, MANIFEST, text, (size_t)size, "prepare");
    return OTA_OK;
}
