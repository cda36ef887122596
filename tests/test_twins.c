/*
 * The same flashes twice: once under the device code built for this machine, once under the
 * firmware that would be flashed, on the model of the chip. Both must do the same operations on the
 * same bytes, and end in the same state; also when the power goes, at the same operation, in the
 * same way.
 *
 * usage: test_twins BOOTLOADER.hex APP.hex, as ./dev firmware makes them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/crc32.h"
#include "core/product.h"
#include "core/store.h"
#include "hal_posix/crypto_openssl.h"
#include "hal_posix/flash_ram.h"
#include "hal_posix/log_none.h"
#include "sim/device/device.h"
#include "sim/device/flash_fault.h"
#include "sim/image/file.h"
#include "sim/image/firmware.h"
#include "sim/image/keys.h"
#include "sim/image/memory_source.h"
#include "sim/image/pack.h"
#include "sim/pic32/chip.h"
#include "sim/server/transport_mem.h"

#define RUN_MS         3000 /* enough for a first start; then both only wait */
#define OPERATIONS_MAX 2000
#define SKIPPED        77

struct seen {
    bool is_spi;
    enum power_kind kind;
    uint32_t offset, size;
    uint32_t crc; /* of what is programmed */
};

/* One of the two. */
struct twin {
    struct flash_ram nvm, spi;
    struct seen seen[OPERATIONS_MAX];
    uint32_t count;
    uint32_t cut_number; /* 0: the power stays on */
    enum power_moment cut_moment;
    uint32_t version; /* of the application that started last */
    bool is_dark;
    struct flash_fault fault; /* above the internal flash */
};

static const char *paths[2];
static struct blocks bootloader;
static uint8_t *code;
static uint32_t code_size;
static struct image_policy policy;
static EVP_PKEY *key;
static struct twin pc, chip, template;
static struct flash_fault_rule broken; /* for both; without a unit: nothing goes wrong */
static uint32_t fired;

static void note(struct twin *twin, const struct power_operation *operation)
{
    struct seen *seen = &twin->seen[twin->count++];

    assert_true(twin->count < OPERATIONS_MAX);
    *seen = (struct seen){
        .is_spi = operation->power->flash.name[0] == 's',
        .kind = operation->kind,
        .offset = operation->offset,
        .size = operation->size,
        .crc = operation->data ? crc32_update(0, operation->data, operation->size) : 0,
    };
}

static bool goes_now(struct twin *twin, const struct power_operation *operation,
                     enum power_moment moment)
{
    twin->is_dark = operation->number == twin->cut_number && moment == twin->cut_moment;
    return twin->is_dark;
}

/* --- the device code on this machine --------------------------------------------------------- */

static void pc_operation(void *context, const struct power_operation *operation)
{
    note(context, operation);
}

static bool pc_goes(void *context, const struct power_operation *operation,
                    enum power_moment moment)
{
    return goes_now(context, operation, moment);
}

static void pc_started(void *context, uint32_t address, const struct bootctl_record *record)
{
    assert_int_equal(address, layout_mzw1.boot_address);
    ((struct twin *)context)->version = record->version;
}

static bool no_network(struct link *link)
{
    (void)link;
    return false;
}

static void run_pc(struct twin *twin)
{
    static struct device device;
    static union device_ram ram;
    static const struct link_ops link_ops = {.is_up = no_network};
    static const struct server server = {0};
    struct device_config config = {.layout = &layout_mzw1,
                                   .policy = policy,
                                   .ota = ota_config_default,
                                   .boot = boot_options_default,
                                   .time_max_ms = RUN_MS};
    struct link link = {.ops = &link_ops};
    struct crypto_openssl crypto;
    struct transport_mem transport;
    enum device_end end;

    crypto_openssl_init(&crypto);
    transport_mem_init(&transport, &server);
    device_init(&device, &config, &twin->nvm.cells, &twin->spi.cells, &crypto.crypto,
                &transport.transport, &ram);
    device.hal.link = &link;
    flash_fault_init(&twin->fault, device.hal.nvm, &broken, 1, &fired);
    device.hal.nvm = &twin->fault.flash;
    device.observer = (struct device_observer){
        .operation = pc_operation, .goes = pc_goes, .started = pc_started, .context = twin};
    device_power_on(&device);
    do
        end = device_boot(&device);
    while (end == DEVICE_RESET);
    assert_int_equal(end, twin->cut_number ? DEVICE_CUT : DEVICE_TIME);
}

/* --- the firmware on the model --------------------------------------------------------------- */

static jmp_buf dark;
static char line[200];
static size_t line_size;

static void chip_seen(void *context, const struct power_operation *operation)
{
    note(context, operation);
}

static void chip_gone(void *context)
{
    (void)context;
    longjmp(dark, 1);
}

static void chip_console(void *context, uint8_t byte)
{
    if (byte != '\n') {
        line_size += line_size + 1 < sizeof line;
        line[line_size - 1] = (char)byte;
        return;
    }
    line[line_size] = '\0';
    line_size = 0;
    sscanf(line, "boot: starting version %u", &((struct twin *)context)->version);
}

static void chip_complains(void *context, const char *text)
{
    (void)context;
    fail_msg("the model complains: %s", text);
}

static void chip_violates(void *context, const char *rule, const struct flash *flash,
                          uint32_t offset, uint32_t size)
{
    (void)context;
    fail_msg("%s: %s at 0x%X, %u bytes", flash->name, rule, offset, size);
}

static void run_to_time(struct chip *model)
{
    enum chip_end end;

    do
        end = chip_run(model);
    while (end == CHIP_RESET);
    if (end == CHIP_STOPPED)
        fail_msg("the model cannot go on: %s", chip_reason(model));
    assert_int_equal(end, CHIP_TIME);
}

static void run_chip(struct twin *twin)
{
    static struct chip model;
    struct power_supply supply = {
        .seen = chip_seen, .goes = pc_goes, .gone = chip_gone, .context = twin};
    struct flash_nor nvm_nor, spi_nor;
    struct power nvm, spi;

    flash_nor_init(&nvm_nor, &twin->nvm.cells, chip_violates, NULL);
    flash_nor_init(&spi_nor, &twin->spi.cells, chip_violates, NULL);
    power_init(&nvm, &nvm_nor, &supply);
    power_init(&spi, &spi_nor, &supply);
    assert_int_equal(chip_init(&model, &nvm, &spi), OTA_OK);
    flash_fault_init(&twin->fault, &nvm.flash, &broken, 1, &fired);
    model.nvm_flash = &twin->fault.flash;
    model.observer = (struct chip_observer){
        .console = chip_console, .complaint = chip_complains, .context = twin};
    for (uint32_t i = 0; i < bootloader.count; i++)
        assert_true(chip_load(&model, bootloader.list[i].address, bootloader.list[i].bytes,
                              bootloader.list[i].size));
    line_size = 0;
    chip_power_on(&model, 1);
    model.time_max = (uint64_t)RUN_MS * 1000 * CPU_MHZ;
    if (!setjmp(dark))
        run_to_time(&model);
    assert_true(twin->is_dark == (twin->cut_number != 0));
    chip_free(&model);
}

/* --- both ------------------------------------------------------------------------------------ */

static void make_flashes(struct twin *twin)
{
    struct cells cells;

    cells_init_nvm(&cells, false);
    assert_int_equal(flash_ram_init(&twin->nvm, &cells), OTA_OK);
    cells_init_sst26(&cells);
    assert_int_equal(flash_ram_init(&twin->spi, &cells), OTA_OK);
}

static void program(uint32_t offset, const void *bytes, uint32_t size)
{
    struct cells *nvm = &template.nvm.cells;

    memcpy(nvm->bytes + offset, bytes, size);
    memset(nvm->marks + offset / nvm->mark_size, CELLS_PROGRAMMED,
           (size + nvm->mark_size - 1) / nvm->mark_size);
}

static void make_image(uint32_t version, uint8_t **ret_bytes, uint32_t *ret_size)
{
    struct pack_options options = {.version = version, .has_vendor = true, .has_class = true};
    uint8_t *bytes, *changed = malloc(code_size + 4);
    uint32_t size;

    memcpy(options.vendor, policy.vendor, IMAGE_ID_SIZE);
    memcpy(options.class_id, policy.class_id, IMAGE_ID_SIZE);
    memcpy(changed, code, code_size);
    memcpy(changed + code_size, &version, 4); /* so that a page differs */
    assert_int_equal(pack_unsigned(&options, changed, code_size + 4, &bytes, &size), OTA_OK);
    assert_int_equal(pack_sign(bytes, size, key, ret_bytes, ret_size), OTA_OK);
    free(changed);
    free(bytes);
}

/* A device as the factory leaves it, in template. */
static void make_new_device(void)
{
    uint8_t record[PRODUCT_SIZE], *image;
    uint32_t size;

    for (uint32_t i = 0; i < bootloader.count; i++)
        if (bootloader.list[i].address - FIRMWARE_FLASH < FIRMWARE_FLASH_SIZE)
            program(bootloader.list[i].address - FIRMWARE_FLASH, bootloader.list[i].bytes,
                    bootloader.list[i].size);
    product_encode(&policy, record);
    program(layout_mzw1.product_offset, record, sizeof record);
    make_image(1, &image, &size);
    program(layout_mzw1.bootctl_offset, image, size);
    free(image);
}

/* What the service leaves when a download is complete. */
static void enter_update(struct twin *twin)
{
    static struct store store;
    struct log log = {.ops = &log_none_ops};
    struct database_row row = {.status = BOOTCTL_DOWNLOADED, .version = 2};
    uint8_t buffer[IMAGE_BUFFER_SIZE], *image;
    struct crypto_openssl crypto;
    struct crypto_sha256 hash;
    struct memory_source source;
    uint32_t size;

    make_image(2, &image, &size);
    crypto_openssl_init(&crypto);
    crypto_sha256_start(&crypto.crypto, &hash);
    crypto_sha256_update(&crypto.crypto, &hash, image, size);
    crypto_sha256_finish(&crypto.crypto, &hash, row.digest);
    store_name(row.version, row.digest, row.name);
    memory_source_init(&source, image, size);
    assert_int_equal(store_mount(&store, &twin->spi.cells.flash, &log), OTA_OK);
    assert_int_equal(store_write(&store, row.name, &source.source, size, buffer), OTA_OK);
    assert_int_equal(store_enter(&store, &row), OTA_OK);
    free(image);
}

static void copy_device(struct twin *to, const struct twin *from)
{
    flash_ram_copy_from(&to->nvm, &from->nvm);
    flash_ram_copy_from(&to->spi, &from->spi);
}

static void begin(struct twin *twin, uint32_t cut_number, enum power_moment moment)
{
    twin->count = 0;
    twin->version = 0;
    twin->is_dark = false;
    twin->cut_number = cut_number;
    twin->cut_moment = moment;
}

static bool are_same(const struct seen *a, const struct seen *b)
{
    return a->is_spi == b->is_spi && a->kind == b->kind && a->offset == b->offset &&
           a->size == b->size && a->crc == b->crc;
}

static void expect_same(void)
{
    for (uint32_t i = 0; i < pc.count && i < chip.count; i++)
        if (!are_same(&pc.seen[i], &chip.seen[i]))
            fail_msg("operation %u: 0x%X, %u bytes on the PC; 0x%X, %u bytes on the chip", i + 1,
                     pc.seen[i].offset, pc.seen[i].size, chip.seen[i].offset, chip.seen[i].size);
    assert_int_equal(pc.count, chip.count);
    assert_int_equal(pc.version, chip.version);
    assert_memory_equal(pc.nvm.cells.bytes, chip.nvm.cells.bytes, pc.nvm.cells.flash.size);
    assert_memory_equal(pc.spi.cells.bytes, chip.spi.cells.bytes, pc.spi.cells.flash.size);
}

static void run_both(uint32_t cut_number, enum power_moment moment)
{
    begin(&pc, cut_number, moment);
    begin(&chip, cut_number, moment);
    run_pc(&pc);
    run_chip(&chip);
    expect_same();
}

static int setup(void **state)
{
    (void)state;
    memset(&broken, 0, sizeof broken);
    make_flashes(&pc);
    make_flashes(&chip);
    make_flashes(&template);
    make_new_device();
    return 0;
}

static int teardown(void **state)
{
    struct twin *const all[] = {&pc, &chip, &template};

    (void)state;
    for (int i = 0; i < 3; i++) {
        flash_ram_free(&all[i]->nvm);
        flash_ram_free(&all[i]->spi);
    }
    return 0;
}

static void a_first_start_is_the_same(void **state)
{
    (void)state;
    copy_device(&pc, &template);
    copy_device(&chip, &template);
    run_both(0, POWER_AFTER);
    assert_int_equal(chip.version, 1);
    assert_true(chip.count > 100);
    run_both(0, POWER_AFTER);
    assert_int_equal(chip.count, 0);
}

/* The state in which the bootloader finds a new image in the store. */
static void make_due_update(void)
{
    copy_device(&pc, &template);
    begin(&pc, 0, POWER_AFTER);
    run_pc(&pc);
    enter_update(&pc);
    copy_device(&template, &pc);
}

static void an_update_is_the_same(void **state)
{
    (void)state;
    make_due_update();
    copy_device(&chip, &template);
    run_both(0, POWER_AFTER);
    assert_int_equal(chip.version, 2);
}

static void an_update_that_is_cut_is_the_same_at_each_operation(void **state)
{
    (void)state;
    make_due_update();
    begin(&pc, 0, POWER_AFTER);
    run_pc(&pc);
    uint32_t total = pc.count;
    assert_true(total > 10);
    for (uint32_t number = 1; number <= total; number++) {
        for (int moment = 0; moment < POWER_MOMENT_COUNT; moment++) {
            if (!power_has_moment(pc.seen[number - 1].kind, (enum power_moment)moment))
                continue;
            copy_device(&pc, &template);
            copy_device(&chip, &template);
            run_both(number, (enum power_moment)moment);
            run_both(0, POWER_AFTER);
            assert_int_equal(chip.version, 2);
        }
    }
}

/* The page that the update changes: the last one of the code. */
static void break_page(uint32_t times)
{
    uint32_t offset = layout_mzw1.app_offset + code_size;

    broken = (struct flash_fault_rule){.kind = FLASH_FAULT_REFUSE, .times = times};
    flash_fault_add_unit(&broken, offset / template.nvm.cells.flash.erase_size);
    fired = 0;
}

static void an_erase_that_fails_once_is_the_same(void **state)
{
    (void)state;
    make_due_update();
    copy_device(&chip, &template);
    break_page(1);
    run_both(0, POWER_AFTER);
    assert_int_equal(fired, 1);
    assert_int_equal(chip.version, 2);
}

static void a_page_that_takes_nothing_more_is_the_same(void **state)
{
    (void)state;
    make_due_update();
    copy_device(&chip, &template);
    break_page(0);
    run_both(0, POWER_AFTER);
    assert_int_equal(fired, 1);
}

static bool read_blocks(const char *path, struct blocks *ret_blocks)
{
    char error[FIRMWARE_ERROR_SIZE];
    uint8_t *bytes;
    uint32_t size;

    if (file_read(path, FILE_IMAGE_MAX, &bytes, &size))
        return false;
    bool is_good = firmware_read(bytes, size, ret_blocks, error);
    free(bytes);
    return is_good;
}

static bool read_firmware(void)
{
    char error[FIRMWARE_ERROR_SIZE];
    struct blocks app;

    if (!read_blocks(paths[0], &bootloader) || !read_blocks(paths[1], &app))
        return false;
    bool is_good = firmware_code(&app, &layout_mzw1, &code, &code_size, error);
    blocks_free(&app);
    return is_good;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_first_start_is_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(an_update_is_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(an_erase_that_fails_once_is_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_page_that_takes_nothing_more_is_the_same, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_update_that_is_cut_is_the_same_at_each_operation, setup,
                                        teardown),
    };

    if (argc != 3)
        return 2;
    paths[0] = argv[1];
    paths[1] = argv[2];
    if (!read_firmware()) {
        puts("1..0 # SKIP the firmware is not built: ./dev firmware");
        return SKIPPED;
    }
    key = keys_from_seed("twins", 5);
    policy.app_size = layout_mzw1.app_size;
    if (!key || keys_public_der(key, policy.key))
        return 3;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    EVP_PKEY_free(key);
    blocks_free(&bootloader);
    free(code);
    return failed;
}
