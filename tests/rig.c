#include "tests/rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/sha.h>

#include "core/bytes.h"
#include "hal_posix/log_text.h"
#include "sim/image/keys.h"
#include "sim/image/memory_source.h"
#include "sim/image/pack.h"
#include "tests/rig_parts.h"

static struct rig_step *next_step(struct rig *rig)
{
    static struct rig_step lost;
    struct rig_step *step = rig->step_count < RIG_STEPS_MAX ? &rig->steps[rig->step_count] : &lost;

    rig->step_count++;
    *step = (struct rig_step){0};
    return step;
}

static void on_log(struct log *log, enum log_event event, uint32_t a, uint32_t b, uint32_t c)
{
    struct rig *rig = RIG_OF(log, log);
    struct rig_step *step = next_step(rig);

    step->kind = RIG_LOG;
    step->event = event;
    step->args[0] = a;
    step->args[1] = b;
    step->args[2] = c;
    if (getenv("RIG_LOG")) { /* for whoever looks for the reason of a failure */
        char text[128];
        log_text_format(event, step->args, text, sizeof text);
        print_message("# %s\n", text);
    }
}

static const struct log_ops log_ops = {on_log};

static void on_operation(void *context, const struct power_operation *operation)
{
    struct rig *rig = context;
    struct rig_step *step = next_step(rig);

    step->kind = operation->kind == POWER_ERASE ? RIG_ERASE : RIG_PROGRAM;
    step->is_nvm = operation->power == &rig->nvm_power;
    step->offset = operation->offset;
    step->size = operation->size;
}

static bool on_moment(void *context, const struct power_operation *operation,
                      enum power_moment moment)
{
    const struct rig *rig = context;

    return operation->number == rig->cut_at && moment == rig->cut_moment;
}

static void on_gone(void *context)
{
    longjmp(((struct rig *)context)->out, RIG_CUT);
}

static void on_violation(void *context, const char *rule, const struct flash *flash,
                         uint32_t offset, uint32_t size)
{
    print_error("%s at 0x%X, %u bytes: %s\n", flash->name, offset, size, rule);
    ((struct rig *)context)->violations++;
}

static struct crypto *below(struct crypto *crypto)
{
    return &RIG_OF(crypto, crypto)->openssl.crypto;
}

static void start_hash(struct crypto *crypto, struct crypto_sha256 *hash)
{
    crypto_sha256_start(below(crypto), hash);
}

static void update_hash(struct crypto *crypto, struct crypto_sha256 *hash, const void *data,
                        uint32_t size)
{
    crypto_sha256_update(below(crypto), hash, data, size);
}

static void finish_hash(struct crypto *crypto, struct crypto_sha256 *hash,
                        uint8_t ret_digest[CRYPTO_SHA256_SIZE])
{
    crypto_sha256_finish(below(crypto), hash, ret_digest);
}

static enum ota_err verify(struct crypto *crypto, const uint8_t key[CRYPTO_KEY_SIZE],
                           const uint8_t digest[CRYPTO_SHA256_SIZE], const uint8_t *signature,
                           uint32_t signature_size)
{
    struct rig_step *step = next_step(RIG_OF(crypto, crypto));

    step->kind = RIG_VERIFY;
    step->args[0] = crypto_p256_verify(below(crypto), key, digest, signature, signature_size);
    return (enum ota_err)step->args[0];
}

static const struct crypto_ops crypto_ops = {start_hash, update_hash, finish_hash, verify};

static uint64_t now_ms(struct clock *clock)
{
    return RIG_OF(clock, clock)->now_ms;
}

static const struct clock_ops clock_ops = {now_ms};

static enum system_cause cause(struct system *system)
{
    return RIG_OF(system, system)->cause;
}

__attribute__((noreturn)) static void reset(struct system *system)
{
    struct rig *rig = RIG_OF(system, system);

    rig->cause = SYSTEM_SOFTWARE;
    longjmp(rig->out, RIG_RESET);
}

__attribute__((noreturn)) static void jump(struct system *system, uint32_t address)
{
    (void)system;
    fail_msg("jump to 0x%X", address);
    abort();
}

static void watchdog_start(struct system *system, uint32_t timeout_ms)
{
    struct rig_step *step = next_step(RIG_OF(system, system));

    step->kind = RIG_WATCHDOG;
    step->args[0] = timeout_ms;
}

static void watchdog_kick(struct system *system)
{
    (void)system;
}

static uint32_t next_random(struct system *system)
{
    return RIG_OF(system, system)->random;
}

static void idle(struct system *system, uint32_t ms)
{
    RIG_OF(system, system)->now_ms += ms;
}

static bool is_factory_pin_held(struct system *system)
{
    return RIG_OF(system, system)->is_factory_pin_held;
}

static const struct system_ops system_ops = {
    .cause = cause,
    .reset = reset,
    .jump = jump,
    .watchdog_start = watchdog_start,
    .watchdog_kick = watchdog_kick,
    .is_factory_pin_held = is_factory_pin_held,
    .random = next_random,
    .idle = idle,
};

void rig_note_protect(struct rig *rig, uint32_t from, uint32_t to)
{
    struct rig_step *step = next_step(rig);

    step->kind = RIG_PROTECT;
    step->offset = from;
    step->size = to;
}

static int set_policy(struct rig *rig)
{
    EVP_PKEY *key = keys_from_seed("rig", 3);
    enum ota_err err = key ? keys_public_der(key, rig->policy.key) : OTA_ERR_FULL;

    EVP_PKEY_free(key);
    memset(rig->policy.vendor, 0x56, IMAGE_ID_SIZE);
    memset(rig->policy.class_id, 0x43, IMAGE_ID_SIZE);
    rig->policy.app_size = layout_mzw1.app_size;
    return err ? -1 : 0;
}

static int set_up(void **state, bool has_ecc)
{
    struct rig *rig = calloc(1, sizeof *rig);
    struct cells nvm, spi;

    *state = rig;
    cells_init_nvm(&nvm, has_ecc);
    cells_init_sst26(&spi);
    if (!rig || flash_ram_init(&rig->nvm_ram, &nvm) || flash_ram_init(&rig->spi_ram, &spi))
        return -1;
    rig->supply = (struct power_supply){
        .goes = on_moment, .gone = on_gone, .seen = on_operation, .context = rig};
    flash_nor_init(&rig->nvm_nor, &rig->nvm_ram.cells, on_violation, rig);
    flash_nor_init(&rig->spi_nor, &rig->spi_ram.cells, on_violation, rig);
    power_init(&rig->nvm_power, &rig->nvm_nor, &rig->supply);
    power_init(&rig->spi_power, &rig->spi_nor, &rig->supply);
    rig_flash_init(&rig->nvm, &rig->nvm_power.flash, rig);
    rig_flash_init(&rig->spi, &rig->spi_power.flash, rig);
    crypto_openssl_init(&rig->openssl);
    rig->crypto.ops = &crypto_ops;
    rig_server_init(&rig->server);
    rig->clock.ops = &clock_ops;
    rig->system.ops = &system_ops;
    rig->log.ops = &log_ops;
    rig->hal = (struct hal){
        .nvm = &rig->nvm.flash,
        .spi = &rig->spi.flash,
        .crypto = &rig->crypto,
        .clock = &rig->clock,
        .system = &rig->system,
        .log = &rig->log,
        .transport = &rig->server.transport,
        .layout = &layout_mzw1,
        .policy = &rig->policy,
    };
    rig_power_on(rig);
    return set_policy(rig);
}

int rig_setup(void **state)
{
    return set_up(state, false);
}

int rig_setup_ecc(void **state)
{
    return set_up(state, true);
}

int rig_teardown(void **state)
{
    struct rig *rig = *state;
    uint32_t violations = rig->violations;

    for (uint32_t i = 0; i < rig->image_count; i++)
        free(rig->images[i].bytes);
    flash_ram_free(&rig->nvm_ram);
    flash_ram_free(&rig->spi_ram);
    free(rig);
    return violations ? -1 : 0;
}

void rig_power_on(struct rig *rig)
{
    flash_nor_reset(&rig->nvm_nor, true);
    flash_nor_reset(&rig->spi_nor, true);
    rig->supply.operations = 0;
    rig->step_count = 0;
    rig->event_count = 0;
    rig->server.is_open = false;
    memset(&rig->ota, 0xA5, sizeof rig->ota);
    memset(&rig->boot, 0xA5, sizeof rig->boot);
    memset(&rig->bootctl, 0xA5, sizeof rig->bootctl);
}

enum rig_end rig_run(struct rig *rig, void (*act)(struct rig *rig))
{
    int how = setjmp(rig->out);

    if (how == 0)
        act(rig);
    rig->cut_at = 0;
    return (enum rig_end)how;
}

void rig_mark(struct rig *rig)
{
    rig->nvm_mark = flash_ram_mark(&rig->nvm_ram);
    rig->spi_mark = flash_ram_mark(&rig->spi_ram);
}

void rig_rollback(struct rig *rig)
{
    flash_ram_rollback(&rig->nvm_ram, rig->nvm_mark);
    flash_ram_rollback(&rig->spi_ram, rig->spi_mark);
}

static uint8_t *make_code(const struct rig_recipe *recipe)
{
    uint32_t seed = recipe->version * 7919 + recipe->seed;
    uint8_t *code = malloc(recipe->code_size);

    assert_non_null(code);
    for (uint32_t i = 0; i < recipe->code_size; i++) {
        seed = seed * 1664525u + 1013904223u;
        code[i] = (uint8_t)(seed >> 24);
    }
    if (recipe->erased_to)
        memset(code + recipe->erased_from, 0xFF, recipe->erased_to - recipe->erased_from);
    return code;
}

static void sign(const struct rig_recipe *recipe, uint8_t **bytes, uint32_t *size)
{
    EVP_PKEY *key = keys_from_seed(recipe->has_other_key ? "oth" : "rig", 3);
    uint8_t *is_signed;

    assert_int_equal(pack_sign(*bytes, *size, key, &is_signed, size), OTA_OK);
    free(*bytes);
    EVP_PKEY_free(key);
    *bytes = is_signed;
}

const struct rig_image *rig_make(struct rig *rig, const struct rig_recipe *recipe)
{
    struct rig_image *image = &rig->images[rig->image_count];
    struct pack_options options = {.version = recipe->version,
                                   .major = 1,
                                   .has_security_counter = true,
                                   .has_vendor = true,
                                   .has_class = true,
                                   .security_counter = recipe->counter};
    uint8_t *code = make_code(recipe);
    struct memory_source source;
    struct image_info info;

    assert_true(rig->image_count < RIG_IMAGES_MAX);
    memset(options.vendor, recipe->has_other_product ? 0x57 : 0x56, IMAGE_ID_SIZE);
    memset(options.class_id, 0x43, IMAGE_ID_SIZE);
    assert_int_equal(pack_unsigned(&options, code, recipe->code_size, &image->bytes, &image->size),
                     OTA_OK);
    free(code);
    if (!recipe->is_unsigned)
        sign(recipe, &image->bytes, &image->size);
    memory_source_init(&source, image->bytes, image->size);
    assert_int_equal(image_parse(&source.source, &info), OTA_OK);
    memcpy(image->hash, info.hash, sizeof image->hash);
    SHA256(image->bytes, image->size, image->digest);
    image->version = recipe->version;
    store_name(image->version, image->digest, image->name);
    rig->image_count++;
    return image;
}

const struct rig_image *rig_image(struct rig *rig, uint32_t version, uint32_t code_size)
{
    struct rig_recipe recipe = {.version = version, .code_size = code_size};

    return rig_make(rig, &recipe);
}

static void put_raw(struct cells *cells, uint32_t offset, const void *bytes, uint32_t size)
{
    uint32_t end = bytes_align(offset + size, cells->mark_size);

    cells->before_change = NULL;
    memcpy(cells->bytes + offset, bytes, size);
    memset(cells->marks + offset / cells->mark_size, CELLS_PROGRAMMED,
           (end - offset) / cells->mark_size);
}

static void erase_app(struct rig *rig)
{
    struct cells *cells = &rig->nvm_ram.cells;
    const struct layout *layout = &layout_mzw1;
    uint32_t size = layout->app_offset - layout->bootctl_offset + layout->app_size;

    memset(cells->bytes + layout->bootctl_offset, 0xFF, size);
    memset(cells->marks + layout->bootctl_offset / cells->mark_size, 0, size / cells->mark_size);
}

static void put_nvm(struct rig *rig, uint32_t offset, const void *bytes, uint32_t size)
{
    void (*before_change)(struct cells * cells, uint32_t unit) = rig->nvm_ram.cells.before_change;

    assert_int_equal(rig->nvm_ram.marks, 0); /* a rollback would not take it back */
    put_raw(&rig->nvm_ram.cells, offset, bytes, size);
    rig->nvm_ram.cells.before_change = before_change;
}

void rig_program_factory(struct rig *rig, const struct rig_image *image)
{
    erase_app(rig);
    put_nvm(rig, layout_mzw1.bootctl_offset, image->bytes, image->size);
}

void rig_install(struct rig *rig, const struct rig_image *image, enum bootctl_type type,
                 enum bootctl_status status)
{
    struct memory_source source;
    struct image_info info;
    struct bootctl_record record;

    rig_power_on(rig);
    assert_int_equal(flash_unlock(rig->hal.nvm), OTA_OK);
    memory_source_init(&source, image->bytes, image->size);
    assert_int_equal(image_parse(&source.source, &info), OTA_OK);
    image_describe(&info, &layout_mzw1, type, &record);
    record.status = status;
    err_ignore(bootctl_open(&rig->bootctl, rig->hal.nvm, layout_mzw1.bootctl_offset));
    assert_int_equal(bootctl_append(&rig->bootctl, &record), OTA_OK);
    memset(rig->nvm_ram.cells.bytes + layout_mzw1.app_offset, 0xFF, layout_mzw1.app_size);
    memset(rig->nvm_ram.cells.marks + layout_mzw1.app_offset / 8, 0, layout_mzw1.app_size / 8);
    put_nvm(rig, layout_mzw1.app_offset, image->bytes + IMAGE_HEADER_PAGE,
            image->size - IMAGE_HEADER_PAGE);
}

void rig_format(struct rig *rig)
{
    rig_power_on(rig);
    err_ignore(store_mount(&rig->store, rig->hal.spi, rig->hal.log)); /* there is none yet */
    assert_int_equal(store_format(&rig->store), OTA_OK);
}

enum ota_err rig_load(struct rig *rig)
{
    struct store_judge judge = {&rig->policy, rig->hal.crypto, &rig->bootctl, rig->buffer};

    rig_power_on(rig);
    err_ignore(bootctl_open(&rig->bootctl, rig->hal.nvm, layout_mzw1.bootctl_offset));
    enum ota_err err = store_mount(&rig->store, rig->hal.spi, rig->hal.log);
    return err ? err : store_load(&rig->store, &judge);
}

void rig_store_file(struct rig *rig, const char *name, const void *bytes, uint32_t size)
{
    struct memory_source source;

    rig_power_on(rig);
    memory_source_init(&source, bytes, size);
    assert_int_equal(store_mount(&rig->store, rig->hal.spi, rig->hal.log), OTA_OK);
    assert_int_equal(store_write(&rig->store, name, &source.source, size, rig->buffer), OTA_OK);
}

void rig_store(struct rig *rig, const struct rig_image *image, enum bootctl_status status)
{
    struct database_row row = {.status = BOOTCTL_DOWNLOADED, .version = image->version};

    rig_store_file(rig, image->name, image->bytes, image->size);
    assert_int_equal(rig_load(rig), OTA_OK);
    row.status = status;
    memcpy(row.name, image->name, sizeof row.name);
    memcpy(row.digest, image->digest, sizeof row.digest);
    assert_int_equal(store_enter(&rig->store, &row), OTA_OK);
}

void rig_spoil(struct rig *rig, const struct rig_image *image, uint32_t offset)
{
    struct cells *cells = &rig->spi_ram.cells;
    uint8_t *found = memmem(cells->bytes, cells->flash.size, image->bytes + offset, 32);

    assert_non_null(found);
    *found ^= 0x10;
}

void rig_describe(struct rig *rig, char ret_text[RIG_TEXT_MAX])
{
    uint32_t used = 0, version = 0;

    ret_text[0] = '\0';
    assert_int_equal(rig_load(rig), OTA_OK);
    for (uint32_t i = 0; i < rig->store.database.count; i++) {
        const struct database_row *next = NULL;
        for (uint32_t j = 0; j < rig->store.database.count; j++) {
            const struct database_row *row = &rig->store.database.rows[j];
            if (row->version > version && (!next || row->version < next->version))
                next = row;
        }
        assert_non_null(next);
        version = next->version;
        used += (uint32_t)snprintf(ret_text + used, RIG_TEXT_MAX - used, "%s%u:%02X%s",
                                   used ? " " : "", version, next->status,
                                   store_has(&rig->store, next->name) ? "" : "-");
    }
}

enum boot_outcome rig_boot(struct rig *rig)
{
    rig_power_on(rig);
    return boot_run(&rig->boot, &rig->hal, &boot_options_default);
}

bool rig_holds(const struct rig *rig, const struct rig_image *image)
{
    const uint8_t *app = rig->nvm_ram.cells.bytes + layout_mzw1.app_offset;
    uint32_t size = image->size - IMAGE_HEADER_PAGE;

    return memcmp(app, image->bytes + IMAGE_HEADER_PAGE, size) == 0 &&
           bytes_are_erased(app + size, layout_mzw1.app_size - size);
}

uint32_t rig_boot_version(struct rig *rig)
{
    if (rig_boot(rig) == BOOT_STAY)
        return 0;
    for (uint32_t i = 0; i < rig->image_count; i++)
        if (memcmp(rig->images[i].hash, rig->boot.bootctl.record.hash, BOOTCTL_HASH_SIZE) == 0) {
            assert_true(rig_holds(rig, &rig->images[i]));
            assert_int_equal(rig->boot.bootctl.record.boot_address, layout_mzw1.boot_address);
            return rig->images[i].version;
        }
    fail_msg("an image nobody made was started");
    return 0;
}

static uint32_t count_steps(const struct rig *rig, enum rig_kind kind, bool is_nvm)
{
    uint32_t count = 0;

    assert_true(rig->step_count <= RIG_STEPS_MAX);
    for (uint32_t i = 0; i < rig->step_count; i++)
        count += rig->steps[i].kind == kind && rig->steps[i].is_nvm == is_nvm;
    return count;
}

uint32_t rig_erases(const struct rig *rig, bool is_nvm)
{
    return count_steps(rig, RIG_ERASE, is_nvm);
}

uint32_t rig_operations(const struct rig *rig, bool is_nvm)
{
    return count_steps(rig, RIG_ERASE, is_nvm) + count_steps(rig, RIG_PROGRAM, is_nvm);
}

uint32_t rig_find(const struct rig *rig, enum rig_kind kind)
{
    for (uint32_t i = 0; i < rig->step_count && i < RIG_STEPS_MAX; i++)
        if (rig->steps[i].kind == kind)
            return i;
    return UINT32_MAX;
}

uint32_t rig_find_log(const struct rig *rig, enum log_event event)
{
    for (uint32_t i = 0; i < rig->step_count && i < RIG_STEPS_MAX; i++)
        if (rig->steps[i].kind == RIG_LOG && rig->steps[i].event == event)
            return i;
    return UINT32_MAX;
}

uint32_t rig_count_log(const struct rig *rig, enum log_event event)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < rig->step_count && i < RIG_STEPS_MAX; i++)
        count += rig->steps[i].kind == RIG_LOG && rig->steps[i].event == event;
    return count;
}

void rig_manifest(const struct rig_image *image, uint32_t version, char ret_text[512])
{
    int used = snprintf(ret_text, 512, "{\"ota\":[{\"Version\":%u,\"URL\":\"%s\",\"Digest\":\"",
                        version, RIG_URL);

    for (uint32_t i = 0; i < CRYPTO_SHA256_SIZE; i++)
        used += snprintf(ret_text + used, 512 - (size_t)used, "%02x", image->digest[i]);
    snprintf(ret_text + used, 512 - (size_t)used, "\"}]}");
}

void rig_on_event(void *context, enum ota_event event, const struct ota_event_data *data)
{
    struct rig *rig = context;

    assert_true(rig->event_count < RIG_EVENTS_MAX);
    rig->events[rig->event_count++] = (struct rig_event){event, data->version, data->error};
}
