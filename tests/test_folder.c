#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/product.h"
#include "hal_posix/flash_ram.h"
#include "sim/device/folder.h"
#include "sim/image/firmware.h"
#include "sim/scenario/fixture.h"
#include "tests/scene.h"

struct bench {
    char root[64], path[80];
    struct scenario scenario;
    struct fixture fixture;
    struct folder folder;
    char error[FOLDER_ERROR_SIZE];
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    strcpy(bench->root, "/tmp/test_folder.XXXXXX");
    assert_non_null(mkdtemp(bench->root));
    snprintf(bench->path, sizeof bench->path, "%s/device", bench->root);
    scene_update(&bench->scenario);
    assert_int_equal(fixture_make(&bench->scenario, &bench->fixture), OTA_OK);
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    scene_remove(bench->root);
    fixture_free(&bench->fixture);
    free(bench);
    return 0;
}

static struct folder_content content_of(const struct bench *bench)
{
    return (struct folder_content){.policy = bench->fixture.policy,
                                   .image = bench->fixture.images[0].bytes,
                                   .image_size = bench->fixture.images[0].size};
}

static bool create(struct bench *bench)
{
    const struct folder_content content = content_of(bench);

    return folder_create(bench->path, &content, bench->error);
}

static bool open_folder(struct bench *bench, bool to_change)
{
    memset(bench->error, 0, sizeof bench->error);
    return folder_open(&bench->folder, bench->path, to_change, bench->error);
}

/* The error begins with the path of a file of the folder, and goes on so; "2:5: ..." is a place in
 * it. */
static void assert_says(const struct bench *bench, const char *file, const char *reason)
{
    char expected[FOLDER_ERROR_SIZE];

    bool is_placed = reason[strspn(reason, "0123456789")] == ':';
    snprintf(expected, sizeof expected, "%s%s:%s%s", bench->path, file, is_placed ? "" : " ",
             reason);
    assert_string_equal(bench->error, expected);
}

static const char *in_folder(const struct bench *bench, const char *name)
{
    static char path[160];

    snprintf(path, sizeof path, "%s/%s", bench->path, name);
    return path;
}

static uint32_t count_entries(const char *path)
{
    DIR *directory = opendir(path);
    uint32_t count = 0;

    assert_non_null(directory);
    while (readdir(directory))
        count++;
    closedir(directory);
    return count - 2;
}

static void write_settings(const struct bench *bench, const char *text)
{
    FILE *file = fopen(in_folder(bench, "device.json"), "wb");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void new_device_is_programmed_and_provisioned(void **state)
{
    struct bench *bench = *state;
    const struct fixture_image *image = &bench->fixture.images[0];
    const char *const names[] = {"nvm.bin", "nvm.cells", "spi.bin", "spi.cells", "device.json"};

    assert_true(create(bench));
    assert_int_equal(count_entries(bench->root), 1);
    assert_int_equal(count_entries(bench->path), 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(access(in_folder(bench, names[i]), R_OK), 0);
    assert_true(open_folder(bench, true));
    const struct cells *nvm = &bench->folder.nvm.cells;
    assert_ptr_equal(bench->folder.layout, &layout_mzw1);
    assert_false(bench->folder.has_ecc);
    assert_memory_equal(&bench->folder.policy, &bench->fixture.policy, sizeof bench->folder.policy);
    assert_memory_equal(nvm->bytes + 0x20000, image->bytes, image->size);
    assert_int_equal(nvm->bytes[0x1FFFF], 0xFF);
    assert_int_equal(nvm->bytes[0x20000 + image->size], 0xFF);
    assert_int_equal(nvm->marks[0x20000 / 8], CELLS_PROGRAMMED);
    assert_int_equal(nvm->marks[(0x20000 + image->size) / 8 + 1], 0);
    folder_close(&bench->folder);
}

static void the_chips_firmware_finds_the_product_too(void **state)
{
    struct bench *bench = *state;
    struct image_policy policy = {0};

    assert_true(create(bench));
    assert_true(open_folder(bench, true));
    struct cells *nvm = &bench->folder.nvm.cells;
    assert_int_equal(product_read(&nvm->flash, &layout_mzw1, &policy), OTA_OK);
    assert_memory_equal(&policy, &bench->fixture.policy, sizeof policy);
    assert_int_equal(nvm->marks[layout_mzw1.product_offset / 8], CELLS_PROGRAMMED);
    assert_int_equal(nvm->bytes[layout_mzw1.product_offset - 1], 0xFF);
    folder_close(&bench->folder);
}

static void ecc_is_fixed_at_the_factory(void **state)
{
    struct bench *bench = *state;
    struct folder_content content = content_of(bench);

    content.has_ecc = true;
    assert_true(folder_create(bench->path, &content, bench->error));
    assert_true(open_folder(bench, false));
    assert_true(bench->folder.has_ecc);
    assert_true(bench->folder.nvm.cells.has_ecc);
    assert_false(bench->folder.spi.cells.has_ecc);
    folder_close(&bench->folder);
}

static void existing_path_is_left_alone(void **state)
{
    struct bench *bench = *state;

    assert_true(create(bench));
    assert_true(open_folder(bench, true));
    bench->folder.nvm.cells.bytes[0] = 0x42;
    folder_close(&bench->folder);
    assert_false(create(bench));
    assert_says(bench, "", "exists already");
    assert_true(open_folder(bench, true));
    assert_int_equal(bench->folder.nvm.cells.bytes[0], 0x42);
    folder_close(&bench->folder);
    assert_int_equal(count_entries(bench->root), 1);
}

static void dangling_link_counts_as_existing(void **state)
{
    struct bench *bench = *state;

    assert_int_equal(symlink("nowhere", bench->path), 0);
    assert_false(create(bench));
    assert_says(bench, "", "exists already");
}

static void creation_that_fails_leaves_nothing(void **state)
{
    struct bench *bench = *state;

    snprintf(bench->path, sizeof bench->path, "%s/no/device", bench->root);
    assert_false(create(bench));
    assert_says(bench, "", "No such file or directory");
    assert_int_equal(count_entries(bench->root), 0);
}

/* Files of 1 MiB at most: nvm.bin can be made, spi.bin cannot. */
static void full_disk_leaves_nothing(void **state)
{
    struct bench *bench = *state;
    int status;

    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {0x100000, 0x100000};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
        bool is_made = create(bench);
        _exit(is_made ? 1 : strstr(bench->error, "/spi.bin: File too large") ? 0 : 2);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_int_equal(count_entries(bench->root), 0);
}

static void image_larger_than_the_slot_is_refused(void **state)
{
    struct bench *bench = *state;
    uint32_t size = IMAGE_HEADER_PAGE + layout_mzw1.app_size;
    uint8_t *bytes = calloc(1, size + 1);
    struct folder_content content = content_of(bench);

    content.image = bytes;
    content.image_size = size + 1;
    assert_false(folder_create(bench->path, &content, bench->error));
    assert_string_equal(bench->error, "the image is larger than the slot");
    assert_int_equal(count_entries(bench->root), 0);
    content.image_size = size;
    assert_true(folder_create(bench->path, &content, bench->error));
    free(bytes);
}

static void what_is_no_device_says_so(void **state)
{
    struct bench *bench = *state;

    assert_false(open_folder(bench, true));
    assert_says(bench, "/device.json", "not there; is this a device folder?");
    assert_int_equal(mkdir(bench->path, 0700), 0);
    assert_false(open_folder(bench, false));
    assert_says(bench, "/device.json", "not there; is this a device folder?");
}

static void settings_of_a_newer_version_are_refused(void **state)
{
    struct bench *bench = *state;

    assert_true(create(bench));
    write_settings(bench, "{\"schema_version\": 2, \"profile\": 7}");
    assert_false(open_folder(bench, true));
    assert_says(bench, "/device.json",
                "1:20: made by a newer version (schema_version 2, this one knows 1)");
    write_settings(bench, "{\"schema_version\": 99999999999999999999}");
    assert_false(open_folder(bench, true));
    assert_non_null(strstr(bench->error, "made by a newer version"));
}

static void damaged_settings_are_refused_with_the_reason(void **state)
{
    static const struct {
        const char *text, *reason;
    } wrong[] = {
        {"", "1:1: not JSON: the file is empty"},
        {"{", "1:2: not JSON: the file ends, but '}' is missing"},
        {"[]", "not a JSON object"},
        {"{}\nx", "2:1: not JSON: the end of the file is expected, not 'x'"},
        {"\xFF\xFE{", "1:1: not JSON: not UTF-8: this looks like UTF-16"},
        {"{\"a\": 1,\n \"a\": 2}", "2:2: this key stands twice"},
        {"{}", "\"schema_version\" is missing"},
        {"{\"schema_version\": 0}", "1:20: schema_version is no known one"},
        {"{\"schema_version\": -1}", "1:20: schema_version is no known one"},
        {"{\"schema_version\": null}", "1:20: schema_version is no known one"},
        {"{\"schema_version\": \"1\"}", "1:20: schema_version is no known one"},
        {"{\"schema_version\": 1.5}", "1:20: schema_version is no known one"},
        {"{\"schema_version\": 1}", "\"profile\" is missing"},
        {"{\"schema_version\": 1, \"profile\": \"esp32\"}",
         "1:34: profile is not \"mzw1\", the one that is known"},
        {"{\"schema_version\": 1, \"profile\": \"mzw1\"}", "\"key\" is missing"},
        {"{\"schema_version\": 1, \"profile\": \"mzw1\",\n\"key\": \"00\"}",
         "2:8: key is not 91 bytes in hex"},
        {"{\"schema_version\": 1, \"profile\": \"mzw1\",\n\"key\": 5}",
         "2:8: key is not 91 bytes in hex"},
    };
    struct bench *bench = *state;

    assert_true(create(bench));
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        write_settings(bench, wrong[i].text);
        assert_false(open_folder(bench, true));
        assert_says(bench, "/device.json", wrong[i].reason);
    }
}

/* One character of each long value is no hex digit, or missing. */
static void damaged_numbers_are_refused(void **state)
{
    static const char *const keys[] = {"\"key\"", "\"vendor\"", "\"class\""};
    static const char *const reasons[] = {"5:9: key is not 91 bytes in hex",
                                          "6:12: vendor is not 16 bytes in hex",
                                          "7:11: class is not 16 bytes in hex"};
    struct bench *bench = *state;
    char text[4096] = "", changed[4096];

    assert_true(create(bench));
    FILE *file = fopen(in_folder(bench, "device.json"), "rb");
    assert_true(fread(text, 1, sizeof text - 1, file) > 100);
    fclose(file);
    for (int i = 0; i < 3; i++) {
        strcpy(changed, text);
        char *value = strchr(strstr(changed, keys[i]) + strlen(keys[i]), '"') + 1;
        value[3] = 'g';
        write_settings(bench, changed);
        assert_false(open_folder(bench, true));
        assert_says(bench, "/device.json", reasons[i]);
        memmove(value, value + 1, strlen(value));
        write_settings(bench, changed);
        assert_false(open_folder(bench, true));
        assert_says(bench, "/device.json", reasons[i]);
    }
    strcpy(changed, text);
    memcpy(strstr(changed, "\"key\"") + 40, "0000", 4);
    write_settings(bench, changed);
    assert_false(open_folder(bench, true));
    assert_says(bench, "/device.json", "5:9: key is not a P-256 public key");
    strcpy(changed, text);
    memcpy(strstr(changed, "false"), "12345", 5);
    write_settings(bench, changed);
    assert_false(open_folder(bench, true));
    assert_says(bench, "/device.json", "4:9: ecc is not true or false");
    write_settings(bench, text);
    assert_true(open_folder(bench, true));
    folder_close(&bench->folder);
}

static void settings_that_are_no_file_do_not_hang(void **state)
{
    struct bench *bench = *state;

    assert_true(create(bench));
    assert_int_equal(unlink(in_folder(bench, "device.json")), 0);
    assert_int_equal(mkfifo(in_folder(bench, "device.json"), 0600), 0);
    assert_false(open_folder(bench, true));
    assert_says(bench, "/device.json", "not a file");
    assert_int_equal(unlink(in_folder(bench, "device.json")), 0);
    assert_int_equal(mkdir(in_folder(bench, "device.json"), 0700), 0);
    assert_false(open_folder(bench, false));
    assert_says(bench, "/device.json", "not a file");
}

/* A look at the device writes nothing, whatever is done to the flashes in memory. */
static void device_that_is_looked_at_stays_as_it_is(void **state)
{
    struct bench *bench = *state;

    assert_true(create(bench));
    assert_int_equal(unlink(in_folder(bench, "nvm.cells")), 0);
    assert_true(open_folder(bench, false));
    assert_int_equal(bench->folder.nvm.cells.marks[0x20000 / 8], CELLS_PROGRAMMED);
    bench->folder.nvm.cells.bytes[0] = 0x42;
    folder_close(&bench->folder);
    assert_int_equal(access(in_folder(bench, "nvm.cells"), F_OK), -1);
    assert_true(open_folder(bench, true));
    assert_int_equal(bench->folder.nvm.cells.bytes[0], 0xFF);
    folder_close(&bench->folder);
}

static void slashes_behind_the_name_do_not_matter(void **state)
{
    struct bench *bench = *state;
    char path[sizeof bench->path];

    strcpy(path, bench->path);
    strcat(bench->path, "//");
    assert_true(create(bench));
    assert_false(create(bench));
    strcpy(bench->path, path);
    assert_true(open_folder(bench, true));
    folder_close(&bench->folder);
    bench->path[0] = '\0';
    assert_false(create(bench));
    assert_string_equal(bench->error, "the name of the folder is empty");
}

/* Another process holds the device in this way; may we open it in that way? */
static bool open_beside(struct bench *bench, bool other_changes, bool to_change)
{
    int ready[2], done[2], status;
    char byte;

    assert_int_equal(pipe(ready) + pipe(done), 0);
    pid_t child = fork();
    if (child == 0) {
        bool is_fine = open_folder(bench, other_changes);
        (void)!write(ready[1], "x", 1);
        (void)!read(done[0], &byte, 1);
        _exit(!is_fine);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    bool is_open = open_folder(bench, to_change);
    if (is_open)
        folder_close(&bench->folder);
    assert_int_equal(write(done[1], "x", 1), 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(ready[0]);
    close(ready[1]);
    close(done[0]);
    close(done[1]);
    return is_open;
}

static void device_in_use_is_not_changed_by_another_process(void **state)
{
    struct bench *bench = *state;

    assert_true(create(bench));
    assert_false(open_beside(bench, true, true));
    assert_says(bench, "/device.json", "this device is in use by another process");
    assert_false(open_beside(bench, true, false));
    assert_false(open_beside(bench, false, true));
    assert_true(open_beside(bench, false, false)); /* two may look */
    assert_true(open_folder(bench, true));         /* and it is free again */
    folder_close(&bench->folder);
}

static void failed_open_lets_go_of_the_device(void **state)
{
    struct bench *bench = *state;

    assert_true(create(bench));
    assert_int_equal(truncate(in_folder(bench, "spi.bin"), 100), 0);
    for (int i = 0; i < 3; i++) {
        assert_false(open_folder(bench, true));
        assert_says(bench, "/spi.bin", "100 bytes, and the flash has 4194304");
    }
    assert_int_equal(truncate(in_folder(bench, "spi.bin"), 0x400000), 0);
    assert_true(open_folder(bench, true));
    folder_close(&bench->folder);
}

static void missing_short_and_long_flash_files_are_named(void **state)
{
    struct bench *bench = *state;

    assert_true(create(bench));
    assert_int_equal(truncate(in_folder(bench, "nvm.bin"), 0x100000 - 1), 0);
    assert_false(open_folder(bench, true));
    assert_says(bench, "/nvm.bin", "1048575 bytes, and the flash has 1048576");
    assert_int_equal(truncate(in_folder(bench, "nvm.bin"), 0x100000 + 1), 0);
    assert_false(open_folder(bench, true));
    assert_says(bench, "/nvm.bin", "1048577 bytes, and the flash has 1048576");
    assert_int_equal(remove(in_folder(bench, "nvm.bin")), 0);
    assert_false(open_folder(bench, true));
    assert_says(bench, "/nvm.bin", "No such file or directory");
    assert_int_not_equal(access(in_folder(bench, "nvm.bin"), F_OK), 0); /* not made up */
}

static void short_cells_file_is_named(void **state)
{
    struct bench *bench = *state;

    assert_true(create(bench));
    assert_int_equal(truncate(in_folder(bench, "spi.cells"), 5), 0);
    assert_false(open_folder(bench, true));
    assert_says(bench, "/spi.cells", "5 bytes, and the flash has 24576");
}

/* A device from elsewhere is what it was: bytes, what was programmed, torn and weak, and the wear.
 */
static void saved_device_is_the_same(void **state)
{
    struct bench *bench = *state;
    struct flash_ram nvm, spi;
    struct cells cells;
    uint32_t word = 0x12345678;

    cells_init_nvm(&cells, true);
    assert_int_equal(flash_ram_init(&nvm, &cells), OTA_OK);
    cells_init_sst26(&cells);
    assert_int_equal(flash_ram_init(&spi, &cells), OTA_OK);
    memcpy(nvm.cells.bytes + 0x21000, &word, sizeof word);
    nvm.cells.marks[0x21000 / nvm.cells.mark_size] = CELLS_PROGRAMMED | CELLS_TORN;
    nvm.cells.units[33].erases = 7;
    spi.cells.units[5] = (struct cells_unit){9, CELLS_WEAK | CELLS_SETTLED};
    assert_true(
        folder_save(bench->path, &bench->fixture.policy, &nvm.cells, &spi.cells, bench->error));
    assert_true(open_folder(bench, false));
    assert_true(bench->folder.has_ecc);
    assert_memory_equal(bench->folder.nvm.cells.bytes, nvm.cells.bytes, nvm.cells.flash.size);
    assert_memory_equal(bench->folder.nvm.cells.marks, nvm.cells.marks,
                        nvm.cells.flash.size / nvm.cells.mark_size);
    assert_int_equal(bench->folder.nvm.cells.units[33].erases, 7);
    assert_int_equal(bench->folder.spi.cells.units[5].erases, 9);
    assert_int_equal(bench->folder.spi.cells.units[5].flags, CELLS_WEAK);
    folder_close(&bench->folder);
    assert_false(
        folder_save(bench->path, &bench->fixture.policy, &nvm.cells, &spi.cells, bench->error));
    flash_ram_free(&nvm);
    flash_ram_free(&spi);
}

static void add(struct blocks *blocks, uint32_t address, const char *text)
{
    uint32_t taken;

    assert_int_equal(blocks_add(blocks, address, text, (uint32_t)strlen(text), &taken), OTA_OK);
}

static void bootloader_goes_to_program_flash_and_boot_hex(void **state)
{
    struct bench *bench = *state;
    struct folder_content content = content_of(bench);
    struct blocks given, boot;

    blocks_init(&given);
    add(&given, FIRMWARE_FLASH + 4, "program flash");
    add(&given, FIRMWARE_BOOT, "boot flash");
    add(&given, FIRMWARE_CONFIG, "word");
    content.bootloader = &given;
    assert_true(folder_create(bench->path, &content, bench->error));
    assert_true(open_folder(bench, false));
    assert_memory_equal(bench->folder.nvm.cells.bytes + 4, "program flash", 13);
    assert_int_equal(bench->folder.nvm.cells.marks[0], CELLS_PROGRAMMED);
    assert_int_equal(bench->folder.nvm.cells.marks[2], CELLS_PROGRAMMED);
    folder_close(&bench->folder);
    assert_true(folder_read_boot(bench->path, &boot, bench->error));
    assert_int_equal(boot.count, 2);
    assert_memory_equal(blocks_at(&boot, FIRMWARE_BOOT), "boot flash", 10);
    assert_memory_equal(blocks_at(&boot, FIRMWARE_CONFIG), "word", 4);
    blocks_free(&boot);
    blocks_free(&given);
}

static void write_boot(const struct bench *bench, const char *text)
{
    FILE *file = fopen(in_folder(bench, "boot.hex"), "wb");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void boot_hex_that_cannot_be_is_refused(void **state)
{
    struct bench *bench = *state;
    struct blocks boot;

    assert_true(create(bench));
    assert_false(folder_read_boot(bench->path, &boot, bench->error));
    assert_says(bench, "/boot.hex", "not there; a device has it from 'device new --bootloader'");
    write_boot(bench, "not hex\n");
    assert_false(folder_read_boot(bench->path, &boot, bench->error));
    assert_non_null(strstr(bench->error, "/boot.hex: line 1: "));
    write_boot(bench, ":020000041000EA\n:0100000042BD\n:00000001FF\n");
    assert_false(folder_read_boot(bench->path, &boot, bench->error));
    assert_says(bench, "/boot.hex",
                "the 1 bytes from 0x10000000 on are not all in boot flash or configuration words");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new_device_is_programmed_and_provisioned),
        TEST(the_chips_firmware_finds_the_product_too),
        TEST(ecc_is_fixed_at_the_factory),
        TEST(existing_path_is_left_alone),
        TEST(dangling_link_counts_as_existing),
        TEST(creation_that_fails_leaves_nothing),
        TEST(full_disk_leaves_nothing),
        TEST(image_larger_than_the_slot_is_refused),
        TEST(what_is_no_device_says_so),
        TEST(settings_of_a_newer_version_are_refused),
        TEST(damaged_settings_are_refused_with_the_reason),
        TEST(damaged_numbers_are_refused),
        TEST(settings_that_are_no_file_do_not_hang),
        TEST(device_that_is_looked_at_stays_as_it_is),
        TEST(saved_device_is_the_same),
        TEST(slashes_behind_the_name_do_not_matter),
        TEST(device_in_use_is_not_changed_by_another_process),
        TEST(failed_open_lets_go_of_the_device),
        TEST(missing_short_and_long_flash_files_are_named),
        TEST(short_cells_file_is_named),
        TEST(bootloader_goes_to_program_flash_and_boot_hex),
        TEST(boot_hex_that_cannot_be_is_refused),
    };

    return cmocka_run_group_tests_name("folder", tests, NULL, NULL);
}
