#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "sim/mount/tree.h"
#include "tests/desk.h"

struct bench {
    struct desk desk;
    struct insides insides;
};

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);

    desk_init(&bench->desk, true);
    assert_true(insides_open(&bench->insides, bench->desk.path, bench->desk.error));
    *state = bench;
    return 0;
}

static int teardown(void **state)
{
    struct bench *bench = *state;

    insides_close(&bench->insides);
    desk_free(&bench->desk);
    free(bench);
    return 0;
}

static void add_name(void *context, const char *name)
{
    strcat(strcat(context, name), " ");
}

static void assert_lists(struct bench *bench, const char *path, const char *expected)
{
    char names[1000] = "";

    assert_int_equal(tree_list(&bench->insides, path, add_name, names), 0);
    assert_string_equal(names, expected);
}

/* The file as a string. */
static char *text_of(struct bench *bench, const char *path)
{
    struct tree_node node;
    uint8_t *bytes;
    uint32_t size;

    assert_int_equal(tree_find(&bench->insides, path, &node), 0);
    assert_int_equal(tree_read(&bench->insides, &node, &bytes, &size), 0);
    assert_int_equal(size, node.size);
    bytes = realloc(bytes, size + 1);
    bytes[size] = '\0';
    return (char *)bytes;
}

static void assert_says(struct bench *bench, const char *path, const char *part)
{
    char *text = text_of(bench, path);

    if (!strstr(text, part))
        fail_msg("%s does not say %s: %s", path, part, text);
    free(text);
}

static void folders_list_what_is_there(void **state)
{
    assert_lists(*state, "/", "nvm spi images wear status.json console.log ");
    assert_lists(*state, "/nvm", "bootloader.bin application.bin boot_control application.json ");
    assert_lists(*state, "/nvm/boot_control", "page.bin records ");
    assert_lists(*state, "/nvm/boot_control/records", "00.json ");
    assert_lists(*state, "/spi", "raw.bin fs ");
    assert_lists(*state, "/spi/fs", "ota ");
    assert_lists(*state, "/spi/fs/ota", "factory_reset.bin ");
    assert_lists(*state, "/images", "factory_reset.json ");
    assert_lists(*state, "/wear", "nvm.csv spi.csv ");
}

static void texts_tell_of_the_device(void **state)
{
    assert_says(*state, "/nvm/application.json", "\"state\":\"verified\"");
    assert_says(*state, "/nvm/boot_control/records/00.json", "\"type\":\"factory\"");
    assert_says(*state, "/images/factory_reset.json", "\"version\":1");
    assert_says(*state, "/status.json", "\"boot_control\"");
    assert_says(*state, "/wear/nvm.csv", "\n32,0x020000,1,0\n");
    assert_says(*state, "/console.log", "");
}

static void raw_files_are_pieces_of_the_flashes(void **state)
{
    struct bench *bench = *state;
    const struct cells *nvm = &bench->insides.folder.nvm.cells;
    char *page = text_of(bench, "/nvm/boot_control/page.bin");
    char *code = text_of(bench, "/nvm/application.bin");

    assert_memory_equal(page, nvm->bytes + 0x20000, 0x1000);
    assert_memory_equal(code, nvm->bytes + 0x21000, 0xDE000);
    free(page);
    free(code);
}

static void what_is_not_there_is_not_found(void **state)
{
    static const char *const paths[] = {"/x",
                                        "/nvm/x",
                                        "/nvm/boot_control/records/01.json",
                                        "/nvm/boot_control/records/0.json",
                                        "/nvm/boot_control/records/99.json",
                                        "/images/x.json",
                                        "/images/factory_reset.bin",
                                        "/images/.json",
                                        "/images/a/b.json",
                                        "/spi/fs/x",
                                        "/status.json/x",
                                        "/spi/fsx"};
    struct bench *bench = *state;
    struct tree_node node;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (tree_find(&bench->insides, paths[i], &node) != -ENOENT)
            fail_msg("%s is found", paths[i]);
    assert_int_equal(tree_list(&bench->insides, "/status.json", add_name, NULL), -ENOTDIR);
    assert_int_equal(tree_find(&bench->insides, "/nvm", &node), 0);
    assert_int_equal(tree_read(&bench->insides, &node, NULL, NULL), -EISDIR);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(folders_list_what_is_there),
        TEST(texts_tell_of_the_device),
        TEST(raw_files_are_pieces_of_the_flashes),
        TEST(what_is_not_there_is_not_found),
    };

    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
