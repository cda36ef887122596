#include "sim/device/survey.h"

#include <stdlib.h>
#include <string.h>

#include "core/bootctl.h"
#include "core/bytes.h"
#include "core/store.h"
#include "hal_posix/crypto_openssl.h"
#include "hal_posix/log_none.h"
#include "sim/device/slots.h"

#define DATABASE_FILE "image_database.csv"

struct survey {
    struct cells *nvm, *spi;
    const struct layout *layout;
    const struct image_policy *policy;
    struct crypto_openssl crypto;
    struct bootctl bootctl;
    struct store store;
    struct store_file file;
    uint8_t buffer[IMAGE_BUFFER_SIZE];
};

static void put_text(struct json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, json_object_new_string(text));
}

static void put_number(struct json_object *object, const char *key, uint64_t number)
{
    json_object_object_add(object, key, json_object_new_uint64(number));
}

static void put_hash(struct json_object *object, const char *key, const uint8_t hash[32])
{
    char text[65];

    for (int i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    put_text(object, key, text);
}

static bool is_factory_fresh(struct survey *survey)
{
    return bytes_get32(survey->nvm->bytes + survey->layout->bootctl_offset) == IMAGE_MAGIC;
}

static struct json_object *survey_boot_control(struct survey *survey)
{
    struct json_object *object = json_object_new_object();
    struct bootctl *bootctl = &survey->bootctl;
    enum ota_err err = bootctl_open(bootctl, &survey->nvm->flash, survey->layout->bootctl_offset);

    if (err) {
        put_text(object, "state",
                 is_factory_fresh(survey)   ? "factory-programmed, never started"
                 : err == OTA_ERR_NOT_FOUND ? "blank"
                                            : "corrupt");
        return object;
    }
    const struct bootctl_record *record = &bootctl->record;
    put_text(object, "state", "ok");
    put_number(object, "version", record->version);
    put_text(object, "status", slots_status_name(record->status));
    put_number(object, "trials", record->trials);
    put_text(object, "type", record->type == BOOTCTL_FACTORY ? "factory" : "production");
    put_number(object, "size", record->size);
    put_number(object, "sequence", record->sequence);
    put_number(object, "slot", bootctl->slot);
    put_number(object, "security_counter", record->security_counter);
    put_number(object, "security_floor", bootctl_counter_floor(bootctl));
    put_hash(object, "hash", record->hash);
    return object;
}

static struct json_object *survey_program_flash(struct survey *survey)
{
    struct json_object *object = json_object_new_object();
    const uint8_t *page = survey->nvm->bytes + survey->layout->bootctl_offset;
    const uint8_t *header = survey->bootctl.has_record ? survey->bootctl.record.image_header
                            : is_factory_fresh(survey) ? page
                                                       : NULL;
    struct image_flash image;
    struct image_info info;

    if (!header) {
        put_text(object, "state", "not known: there is no boot control record");
        return object;
    }
    image_flash_init(&image, &survey->nvm->flash, survey->layout, header);
    enum ota_err err =
        image_check(&image.source, survey->policy, &survey->crypto.crypto, survey->buffer, &info);
    put_text(object, "state", err ? err_text(err) : "verified");
    if (!err)
        put_number(object, "version", info.version);
    return object;
}

static struct json_object *survey_file(struct survey *survey, const char *name, uint32_t size)
{
    struct json_object *object = json_object_new_object();
    struct image_info info;
    uint8_t digest[CRYPTO_SHA256_SIZE];
    size_t length = strlen(name);

    put_text(object, "name", name);
    put_number(object, "size", size);
    if (store_open(&survey->store, name, &survey->file))
        return object;
    if (!store_digest(&survey->file, &survey->crypto.crypto, survey->buffer, digest))
        put_hash(object, "sha256", digest);
    if (length > 4 && strcmp(name + length - 4, ".bin") == 0) {
        enum ota_err err = image_check(&survey->file.source, survey->policy, &survey->crypto.crypto,
                                       survey->buffer, &info);
        put_text(object, "image", err ? err_text(err) : "verified");
        if (!err)
            put_number(object, "version", info.version);
    }
    store_close(&survey->file);
    return object;
}

static struct json_object *survey_files(struct survey *survey)
{
    struct json_object *array = json_object_new_array();
    lfs2_dir_t directory;
    struct lfs2_info info;

    if (lfs2_dir_open(&survey->store.lfs, &directory, STORE_DIRECTORY))
        return array;
    while (lfs2_dir_read(&survey->store.lfs, &directory, &info) > 0)
        if (info.type == LFS2_TYPE_REG)
            json_object_array_add(array, survey_file(survey, info.name, info.size));
    (void)lfs2_dir_close(&survey->store.lfs, &directory);
    return array;
}

static enum ota_err read_database(struct survey *survey, struct database *database)
{
    enum ota_err err = store_open(&survey->store, DATABASE_FILE, &survey->file);
    uint32_t size = survey->file.source.size;

    if (err)
        return err;
    if (size > sizeof survey->store.text)
        err = OTA_ERR_LIMIT;
    else
        err = survey->file.source.read(&survey->file.source, 0, survey->store.text, size);
    store_close(&survey->file);
    return err ? err : database_parse(survey->store.text, size, database);
}

static struct json_object *survey_database(struct survey *survey)
{
    struct json_object *object = json_object_new_object();
    struct json_object *rows = json_object_new_array();
    struct database database = {0};
    enum ota_err err = read_database(survey, &database);

    put_text(object, "state", !err ? "ok" : err == OTA_ERR_NOT_FOUND ? "none" : err_text(err));
    for (uint32_t i = 0; i < database.count; i++) {
        struct json_object *row = json_object_new_object();
        put_text(row, "name", database.rows[i].name);
        put_number(row, "version", database.rows[i].version);
        put_text(row, "status", slots_status_name(database.rows[i].status));
        put_hash(row, "digest", database.rows[i].digest);
        json_object_array_add(rows, row);
    }
    json_object_object_add(object, "rows", rows);
    return object;
}

static struct json_object *survey_store(struct survey *survey)
{
    struct json_object *object = json_object_new_object();
    struct log silent = {&log_none_ops};
    uint32_t free_size = 0;
    enum ota_err err = store_mount(&survey->store, &survey->spi->flash, &silent);

    put_text(object, "state", err ? "does not mount" : "ok");
    if (err)
        return object;
    err_ignore(store_free_size(&survey->store, &free_size)); /* 0 then */
    put_number(object, "free", free_size);
    json_object_object_add(object, "database", survey_database(survey));
    json_object_object_add(object, "files", survey_files(survey));
    return object;
}

static struct json_object *survey_wear(const struct cells *cells)
{
    struct json_object *object = json_object_new_object();
    uint32_t count = cells->flash.size / cells->flash.erase_size;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < count; i++)
        sum += cells->units[i].erases;
    put_number(object, "units", count);
    put_number(object, "erases", sum);
    put_number(object, "erases_busiest", cells_wear_max(cells));
    put_number(object, "erases_promised", cells->flash.erase_max);
    return object;
}

struct json_object *survey_device(struct cells *nvm, struct cells *spi, const struct layout *layout,
                                  const struct image_policy *policy)
{
    struct json_object *object = json_object_new_object();
    struct json_object *wear = json_object_new_object();
    struct survey *survey = calloc(1, sizeof *survey);

    if (!survey)
        return object;
    *survey = (struct survey){.nvm = nvm, .spi = spi, .layout = layout, .policy = policy};
    crypto_openssl_init(&survey->crypto);
    put_number(object, "schema_version", 1);
    json_object_object_add(object, "boot_control", survey_boot_control(survey));
    json_object_object_add(object, "program_flash", survey_program_flash(survey));
    json_object_object_add(object, "store", survey_store(survey));
    json_object_object_add(wear, "nvm", survey_wear(nvm));
    json_object_object_add(wear, "spi", survey_wear(spi));
    json_object_object_add(object, "wear", wear);
    free(survey);
    return object;
}

/* --- a device that runs ---------------------------------------------------------------------- */

/* A weak unit that is read settles, so who looks has cells of its own, in which none is weak. */
static bool copy(const struct cells *from, struct cells *ret_copy)
{
    uint32_t units = from->flash.size / from->flash.erase_size;
    uint32_t marks = from->flash.size / from->mark_size;

    *ret_copy = *from;
    ret_copy->ghosts = 0;
    ret_copy->before_change = NULL;
    ret_copy->reads_otherwise = NULL;
    ret_copy->bytes = malloc(from->flash.size);
    ret_copy->marks = malloc(marks);
    ret_copy->units = calloc(units, sizeof *ret_copy->units);
    if (!ret_copy->bytes || !ret_copy->marks || !ret_copy->units)
        return false;
    memcpy(ret_copy->bytes, from->bytes, from->flash.size);
    memcpy(ret_copy->marks, from->marks, marks);
    for (uint32_t i = 0; i < units; i++)
        ret_copy->units[i].erases = from->units[i].erases;
    return true;
}

static void drop(struct cells *cells)
{
    free(cells->bytes);
    free(cells->marks);
    free(cells->units);
}

struct json_object *survey_running(const struct cells *nvm, const struct cells *spi,
                                   const struct layout *layout, const struct image_policy *policy)
{
    struct cells nvm_copy = {0}, spi_copy = {0};
    struct json_object *survey = NULL;

    if (copy(nvm, &nvm_copy) && copy(spi, &spi_copy))
        survey = survey_device(&nvm_copy, &spi_copy, layout, policy);
    drop(&nvm_copy);
    drop(&spi_copy);
    return survey;
}

/* --- for people ------------------------------------------------------------------------------ */

static const char *text_of(struct json_object *object, const char *key)
{
    const char *text = json_object_get_string(json_object_object_get(object, key));

    return text ? text : "-";
}

static void print_record(struct json_object *object, FILE *out)
{
    if (strcmp(text_of(object, "state"), "ok") != 0) {
        fprintf(out, "boot control   %s\n", text_of(object, "state"));
        return;
    }
    fprintf(out, "boot control   version %s, %s, %s, %s trial boots, %s bytes\n",
            text_of(object, "version"), text_of(object, "type"), text_of(object, "status"),
            text_of(object, "trials"), text_of(object, "size"));
    fprintf(out, "               record %s in slot %s, security counter %s, floor %s\n",
            text_of(object, "sequence"), text_of(object, "slot"),
            text_of(object, "security_counter"), text_of(object, "security_floor"));
}

static void print_rows(struct json_object *database, FILE *out)
{
    struct json_object *rows = json_object_object_get(database, "rows");

    fprintf(out, "database       %s\n", text_of(database, "state"));
    for (size_t i = 0; i < json_object_array_length(rows); i++) {
        struct json_object *row = json_object_array_get_idx(rows, i);
        fprintf(out, "               version %-5s %-10s  %s\n", text_of(row, "version"),
                text_of(row, "status"), text_of(row, "name"));
    }
}

static void print_files(struct json_object *files, FILE *out)
{
    for (size_t i = 0; i < json_object_array_length(files); i++) {
        struct json_object *file = json_object_array_get_idx(files, i);
        bool is_image = json_object_object_get(file, "image") != NULL;
        fprintf(out, "%-15s%-24s %8s bytes", i ? "" : "files", text_of(file, "name"),
                text_of(file, "size"));
        if (is_image)
            fprintf(out, "  version %-5s %s", text_of(file, "version"), text_of(file, "image"));
        fputc('\n', out);
    }
}

static void print_wear(struct json_object *wear, const char *name, FILE *out)
{
    struct json_object *object = json_object_object_get(wear, name);

    fprintf(out, "wear %s       %s erases, %s of the busiest of %s units\n", name,
            text_of(object, "erases"), text_of(object, "erases_busiest"), text_of(object, "units"));
}

void survey_print(struct json_object *survey, FILE *out)
{
    struct json_object *flash = json_object_object_get(survey, "program_flash");
    struct json_object *store = json_object_object_get(survey, "store");
    struct json_object *wear = json_object_object_get(survey, "wear");

    print_record(json_object_object_get(survey, "boot_control"), out);
    if (json_object_object_get(flash, "version"))
        fprintf(out, "program flash  version %s, %s\n", text_of(flash, "version"),
                text_of(flash, "state"));
    else
        fprintf(out, "program flash  %s\n", text_of(flash, "state"));
    if (json_object_object_get(store, "database")) {
        print_rows(json_object_object_get(store, "database"), out);
        print_files(json_object_object_get(store, "files"), out);
        fprintf(out, "%-15s%s bytes free\n", "store", text_of(store, "free"));
    } else {
        fprintf(out, "store          %s\n", text_of(store, "state"));
    }
    print_wear(wear, "nvm", out);
    print_wear(wear, "spi", out);
}
