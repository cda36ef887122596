#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/image/file.h"

static char directory[] = "/tmp/test_file.XXXXXX";

static const char *in_directory(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    return path;
}

static uint32_t count_files(void)
{
    DIR *files = opendir(directory);
    uint32_t count = 0;

    assert_non_null(files);
    while (readdir(files))
        count++;
    closedir(files);
    return count - 2;
}

static void assert_holds(const char *path, const void *bytes, uint32_t size)
{
    uint8_t *found;
    uint32_t found_size;

    assert_int_equal(file_read(path, 1 << 20, &found, &found_size), 0);
    assert_int_equal(found_size, size);
    assert_memory_equal(found, bytes, size);
    free(found);
}

static void what_is_written_is_read(void **state)
{
    static const uint32_t sizes[] = {0, 1, 65535, 65536, 65537, 300000};
    uint8_t *bytes = malloc(300000);

    (void)state;
    assert_non_null(bytes);
    for (uint32_t i = 0; i < 300000; i++)
        bytes[i] = (uint8_t)(i * 31 + (i >> 8));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(file_write(in_directory("a"), bytes, sizes[i]), 0);
        assert_holds(in_directory("a"), bytes, sizes[i]);
        assert_int_equal(count_files(), 1);
    }
    free(bytes);
    unlink(in_directory("a"));
}

static void the_mode_of_a_file_is_kept(void **state)
{
    struct stat status;

    (void)state;
    assert_int_equal(file_write(in_directory("a"), "1", 1), 0);
    assert_int_equal(chmod(in_directory("a"), 0640), 0);
    assert_int_equal(file_write(in_directory("a"), "2", 1), 0);
    assert_int_equal(stat(in_directory("a"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0640);
    unlink(in_directory("a"));
}

static void a_link_is_followed(void **state)
{
    struct stat status;

    (void)state;
    assert_int_equal(file_write(in_directory("a"), "1", 1), 0);
    assert_int_equal(symlink("a", in_directory("link")), 0);
    assert_int_equal(file_write(in_directory("link"), "new", 3), 0);
    assert_holds(in_directory("a"), "new", 3);
    assert_int_equal(lstat(in_directory("link"), &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    unlink(in_directory("a"));
    unlink(in_directory("link"));
}

static void a_device_is_written_directly(void **state)
{
    struct stat status;

    (void)state;
    assert_int_equal(file_write("/dev/null", "x", 1), 0);
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
    assert_int_equal(file_write("/dev/full", "x", 1), ENOSPC);
}

static void errors_say_why_and_leave_nothing(void **state)
{
    uint8_t *bytes;
    uint32_t size;

    (void)state;
    assert_int_equal(file_write(in_directory("no/a"), "x", 1), ENOENT);
    assert_int_equal(file_write(directory, "x", 1), EISDIR);
    assert_int_equal(file_write("", "x", 1), ENOENT);
    assert_int_equal(file_read(in_directory("a"), 10, &bytes, &size), ENOENT);
    assert_int_equal(file_read(directory, 10, &bytes, &size), EISDIR);
    assert_int_equal(file_write(in_directory("a"), "12345678901", 11), 0);
    assert_int_equal(file_read(in_directory("a"), 10, &bytes, &size), EFBIG);
    assert_int_equal(file_read(in_directory("a"), 11, &bytes, &size), 0);
    free(bytes);
    unlink(in_directory("a"));
    assert_int_equal(count_files(), 0);
}

static void what_could_not_be_written_is_known_before(void **state)
{
    (void)state;
    assert_int_equal(file_can_write("-"), 0);
    assert_int_equal(file_can_write("/dev/full"), 0);
    assert_int_equal(file_can_write(directory), EISDIR);
    assert_int_equal(file_can_write(in_directory("no/a")), ENOENT);
    assert_int_equal(file_can_write(""), ENOENT);
    assert_int_equal(file_can_write(in_directory("a")), 0);
    assert_int_equal(count_files(), 0);
    assert_int_equal(file_write(in_directory("a"), "x", 1), 0);
    assert_int_equal(file_can_write(in_directory("a")), 0);
    assert_int_equal(count_files(), 1);
    unlink(in_directory("a"));
}

static void two_names_of_a_file_are_known(void **state)
{
    char first[128];

    (void)state;
    snprintf(first, sizeof first, "%s", in_directory("a"));
    assert_int_equal(file_write(first, "x", 1), 0);
    assert_int_equal(symlink("a", in_directory("b")), 0);
    assert_true(file_is_same(first, in_directory("b")));
    assert_true(file_is_same(first, in_directory("./a")));
    assert_false(file_is_same(first, in_directory("c")));
    assert_false(file_is_same("/dev/null", "/dev/null"));
    unlink(in_directory("b"));
    unlink(first);
}

static void the_name_is_what_follows_the_last_slash(void **state)
{
    (void)state;
    assert_string_equal(file_name("a/b/c.bin"), "c.bin");
    assert_string_equal(file_name("c.bin"), "c.bin");
    assert_string_equal(file_name("a/"), "");
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(the_mode_of_a_file_is_kept),
        cmocka_unit_test(a_link_is_followed),
        cmocka_unit_test(a_device_is_written_directly),
        cmocka_unit_test(errors_say_why_and_leave_nothing),
        cmocka_unit_test(what_could_not_be_written_is_known_before),
        cmocka_unit_test(two_names_of_a_file_are_known),
        cmocka_unit_test(the_name_is_what_follows_the_last_slash),
    };

    return cmocka_run_group_tests_name("file", tests, set_up, tear_down);
}
