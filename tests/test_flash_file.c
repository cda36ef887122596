#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal_posix/flash_file.h"
#include "tests/scene.h"

#define UNIT      4096u
#define SIDE_SIZE (256 * 8 + 0x100000 / 8)

struct folder {
    char root[64];
    char path[80];
    struct cells cells;
    struct flash_file file;
    char error[256];
};

static int setup(void **state)
{
    struct folder *folder = calloc(1, sizeof *folder);

    strcpy(folder->root, "/tmp/test_flash_file.XXXXXX");
    assert_non_null(mkdtemp(folder->root));
    snprintf(folder->path, sizeof folder->path, "%s/nvm", folder->root);
    cells_init_nvm(&folder->cells, true);
    *state = folder;
    return 0;
}

static int teardown(void **state)
{
    struct folder *folder = *state;

    flash_file_close(&folder->file);
    scene_remove(folder->root);
    free(folder);
    return 0;
}

static const char *named(const struct folder *folder, const char *suffix)
{
    static char path[128];

    snprintf(path, sizeof path, "%s%s", folder->path, suffix);
    return path;
}

static void write_size(const struct folder *folder, const char *suffix, off_t size)
{
    FILE *file = fopen(named(folder, suffix), "wb");

    assert_non_null(file);
    assert_int_equal(ftruncate(fileno(file), size), 0);
    fclose(file);
}

static void assert_size(const struct folder *folder, const char *suffix, off_t size)
{
    struct stat status;

    assert_int_equal(stat(named(folder, suffix), &status), 0);
    assert_int_equal(status.st_size, size);
}

static enum ota_err open_file(struct folder *folder, bool create)
{
    memset(folder->error, 0, sizeof folder->error);
    return flash_file_open(&folder->file, &folder->cells, folder->path,
                           create ? FLASH_FILE_CREATE : FLASH_FILE_USE, folder->error);
}

static void assert_says(const struct folder *folder, const char *suffix, const char *reason)
{
    char expected[256];

    snprintf(expected, sizeof expected, "%s%s: %s", folder->path, suffix, reason);
    assert_string_equal(folder->error, expected);
}

static void missing_file_is_not_made_unless_asked(void **state)
{
    struct folder *folder = *state;

    assert_int_equal(open_file(folder, false), OTA_ERR_NOT_FOUND);
    assert_says(folder, ".bin", "No such file or directory");
    assert_int_not_equal(access(named(folder, ".bin"), F_OK), 0);
    assert_int_not_equal(access(named(folder, ".cells"), F_OK), 0);
}

static void new_flash_is_erased_and_unworn(void **state)
{
    struct folder *folder = *state;
    uint8_t byte;

    assert_int_equal(open_file(folder, true), OTA_OK);
    assert_size(folder, ".bin", 0x100000);
    assert_size(folder, ".cells", SIDE_SIZE);
    for (uint32_t at = 0; at < 0x100000; at++)
        assert_int_equal(folder->file.cells.bytes[at], 0xFF);
    for (uint32_t at = 0; at < 0x100000 / 8; at++)
        assert_int_equal(folder->file.cells.marks[at], 0);
    assert_int_equal(cells_wear_max(&folder->file.cells), 0);
    assert_int_equal(flash_read(&folder->file.cells.flash, 0xFFFFF, &byte, 1), OTA_OK);
}

static void content_wear_and_torn_words_are_there_again(void **state)
{
    struct folder *folder = *state;
    uint8_t data[8] = "content", back[8];

    assert_int_equal(open_file(folder, true), OTA_OK);
    assert_int_equal(flash_erase(&folder->file.cells.flash, 3 * UNIT), OTA_OK);
    assert_int_equal(flash_program(&folder->file.cells.flash, 3 * UNIT, data, 8), OTA_OK);
    cells_tear_program(&folder->file.cells, 4 * UNIT, data, 8, TEAR_PREFIX);
    cells_tear_erase(&folder->file.cells, 5 * UNIT, TEAR_WEAK);
    flash_file_close(&folder->file);
    assert_null(folder->file.cells.bytes);

    assert_int_equal(open_file(folder, false), OTA_OK);
    struct cells *cells = &folder->file.cells;
    assert_int_equal(flash_read(&cells->flash, 3 * UNIT, back, 8), OTA_OK);
    assert_memory_equal(back, data, 8);
    assert_int_equal(flash_read(&cells->flash, 4 * UNIT, back, 8), OTA_ERR_ECC);
    assert_int_equal(cells->units[3].erases, 1);
    assert_int_equal(cells->units[5].flags, CELLS_WEAK);
    assert_int_equal(cells->marks[3 * UNIT / 8], CELLS_PROGRAMMED);
}

static void what_was_written_stays_when_the_process_is_killed(void **state)
{
    struct folder *folder = *state;
    const uint8_t data[8] = "killed!";
    int status;

    assert_int_equal(open_file(folder, true), OTA_OK);
    flash_file_close(&folder->file);
    pid_t child = fork();
    if (child == 0) {
        if (open_file(folder, false) || flash_program(&folder->file.cells.flash, 0, data, 8))
            _exit(1);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(open_file(folder, false), OTA_OK);
    assert_memory_equal(folder->file.cells.bytes, data, 8);
    assert_int_equal(folder->file.cells.marks[0], CELLS_PROGRAMMED);
}

static void file_of_another_size_is_refused_with_both_sizes(void **state)
{
    static const struct {
        off_t size;
        const char *reason;
    } wrong[] = {
        {0, "0 bytes, and the flash has 1048576"},
        {1, "1 bytes, and the flash has 1048576"},
        {0xFFFFF, "1048575 bytes, and the flash has 1048576"},
        {0x100001, "1048577 bytes, and the flash has 1048576"},
        {0x400000, "4194304 bytes, and the flash has 1048576"},
    };
    struct folder *folder = *state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        write_size(folder, ".bin", wrong[i].size);
        assert_int_equal(open_file(folder, false), OTA_ERR_SIZE);
        assert_says(folder, ".bin", wrong[i].reason);
        assert_size(folder, ".bin", wrong[i].size);
        if (wrong[i].size) { /* an empty one is as good as none, for somebody who makes them */
            assert_int_equal(open_file(folder, true), OTA_ERR_SIZE);
            assert_says(folder, ".bin", wrong[i].reason);
        }
        assert_null(folder->file.cells.bytes);
    }
}

static void cells_file_of_another_size_is_refused(void **state)
{
    struct folder *folder = *state;

    write_size(folder, ".bin", 0x100000);
    write_size(folder, ".cells", SIDE_SIZE - 1);
    assert_int_equal(open_file(folder, false), OTA_ERR_SIZE);
    assert_says(folder, ".cells", "133119 bytes, and the flash has 133120");
    assert_null(folder->file.cells.bytes);
    assert_null(folder->file.side);
}

static void what_is_no_file_is_refused(void **state)
{
    struct folder *folder = *state;

    assert_int_equal(mkdir(named(folder, ".bin"), 0700), 0);
    assert_int_equal(open_file(folder, false), OTA_ERR_FLASH);
    assert_says(folder, ".bin", "Is a directory");
    assert_int_equal(rmdir(named(folder, ".bin")), 0);
    assert_int_equal(mkfifo(named(folder, ".bin"), 0700), 0);
    assert_int_equal(open_file(folder, false), OTA_ERR_FLASH);
    assert_says(folder, ".bin", "not a file");
}

/* A running program: not even root may write it. */
static void file_that_may_not_be_written_is_refused(void **state)
{
    struct folder *folder = *state;

    assert_int_equal(symlink("/proc/self/exe", named(folder, ".bin")), 0);
    assert_int_equal(open_file(folder, false), OTA_ERR_FLASH);
    assert_says(folder, ".bin", "Text file busy");
}

static void missing_cells_file_is_derived_from_the_bytes(void **state)
{
    struct folder *folder = *state;
    const uint8_t data[8] = {0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF};

    assert_int_equal(open_file(folder, true), OTA_OK);
    assert_int_equal(flash_erase(&folder->file.cells.flash, 0), OTA_OK);
    assert_int_equal(flash_program(&folder->file.cells.flash, 64, data, 8), OTA_OK);
    cells_tear_program(&folder->file.cells, 0xFFFF8, "torn-it", 8, TEAR_PREFIX);
    flash_file_close(&folder->file);
    assert_int_equal(remove(named(folder, ".cells")), 0);

    assert_int_equal(open_file(folder, false), OTA_OK);
    struct cells *cells = &folder->file.cells;
    assert_size(folder, ".cells", SIDE_SIZE);
    for (uint32_t i = 0; i < 0x100000 / 8; i++)
        assert_int_equal(cells->marks[i], i == 8 || i == 0x1FFFF ? CELLS_PROGRAMMED : 0);
    assert_int_equal(cells_wear_max(cells), 0);
}

static enum ota_err look(struct folder *folder)
{
    return flash_file_open(&folder->file, &folder->cells, folder->path, FLASH_FILE_LOOK,
                           folder->error);
}

static void looking_makes_and_changes_no_file(void **state)
{
    struct folder *folder = *state;
    const uint8_t data[8] = {0};

    assert_int_equal(look(folder), OTA_ERR_NOT_FOUND);
    assert_says(folder, ".bin", "No such file or directory");
    assert_int_equal(open_file(folder, true), OTA_OK);
    assert_int_equal(flash_program(&folder->file.cells.flash, 64, data, 8), OTA_OK);
    flash_file_close(&folder->file);
    assert_int_equal(remove(named(folder, ".cells")), 0);
    assert_int_equal(chmod(named(folder, ".bin"), 0400), 0);

    for (int i = 0; i < 2; i++) {
        assert_int_equal(look(folder), OTA_OK);
        struct cells *cells = &folder->file.cells;
        assert_int_equal(cells->marks[8], CELLS_PROGRAMMED);
        assert_int_equal(cells->bytes[128], 0xFF);
        assert_int_equal(cells->marks[16], 0);
        assert_int_equal(flash_program(&cells->flash, 128, data, 8), OTA_OK);
        assert_int_equal(cells->bytes[128], 0);
        flash_file_close(&folder->file);
        assert_int_not_equal(access(named(folder, ".cells"), F_OK), 0);
    }
    write_size(folder, ".cells", 0);
    assert_int_equal(look(folder), OTA_OK);
    flash_file_close(&folder->file);
    assert_size(folder, ".cells", 0);
}

/* A file with holes has its room on the disk once it is open: see the number of its blocks. */
static void room_on_the_disk_is_taken_at_once(void **state)
{
    struct folder *folder = *state;
    struct stat status;

    write_size(folder, ".bin", 0x100000);
    assert_int_equal(open_file(folder, false), OTA_OK);
    assert_int_equal(stat(named(folder, ".bin"), &status), 0);
    assert_true(status.st_blocks >= 0x100000 / 512);
    flash_file_close(&folder->file);
}

static void very_long_path_is_still_told_with_its_reason(void **state)
{
    struct folder *folder = *state;
    char path[300];

    memset(path, 'p', sizeof path);
    path[0] = '/';
    memcpy(path + 296, "/x", 3);
    assert_int_equal(
        flash_file_open(&folder->file, &folder->cells, path, FLASH_FILE_USE, folder->error),
        OTA_ERR_FLASH);
    assert_memory_equal(folder->error, "...ppp", 6);
    assert_non_null(strstr(folder->error, "p/x.bin: File name too long"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(missing_file_is_not_made_unless_asked),
        TEST(new_flash_is_erased_and_unworn),
        TEST(content_wear_and_torn_words_are_there_again),
        TEST(what_was_written_stays_when_the_process_is_killed),
        TEST(file_of_another_size_is_refused_with_both_sizes),
        TEST(cells_file_of_another_size_is_refused),
        TEST(what_is_no_file_is_refused),
        TEST(file_that_may_not_be_written_is_refused),
        TEST(missing_cells_file_is_derived_from_the_bytes),
        TEST(looking_makes_and_changes_no_file),
        TEST(room_on_the_disk_is_taken_at_once),
        TEST(very_long_path_is_still_told_with_its_reason),
    };

    return cmocka_run_group_tests_name("flash_file", tests, NULL, NULL);
}
